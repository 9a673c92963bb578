"""The API's surface: classes, methods and how many arguments each takes, parsed from a typed stub."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import files
from pathlib import Path

from . import overlay


@dataclass(frozen=True)
class Method:
    """One method: the numbers of positional arguments it takes, and whether it is deprecated."""

    owner: str
    name: str
    least: int
    most: int
    deprecated: bool = False
    studio: bool = False

    def takes(self, count: int) -> bool:
        return self.least <= count <= self.most


Surface = Mapping[str, Mapping[str, tuple[Method, ...]]]  # class -> method -> overloads


def stub_path() -> Path:
    """``fusionscript.pyi`` of the installed package."""
    found = next(f for f in files("fusionscript-stubs") or () if f.name == "fusionscript.pyi")
    return Path(str(found.locate()))


def parse(text: str) -> dict[str, dict[str, tuple[Method, ...]]]:
    """The classes of a stub that have methods."""
    found: dict[str, dict[str, list[Method]]] = defaultdict(lambda: defaultdict(list))
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            for method in _methods(node):
                found[method.owner][method.name].append(method)
    return {owner: {name: tuple(ways) for name, ways in methods.items()} for owner, methods in found.items()}


def _methods(owner: ast.ClassDef) -> Iterator[Method]:
    for node in owner.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        arguments = [*node.args.posonlyargs, *node.args.args][1:]
        defaulted = len(node.args.defaults)
        # The stub forgets the defaults of optional arguments (GetNodeGraph(), GetSetting(), AddMarker's
        # custom data).
        optional = [
            index >= len(arguments) - defaulted
            or "Optional" in ast.unparse(arg.annotation or ast.Constant(0))
            for index, arg in enumerate(arguments)
        ]
        least = len(arguments)
        while least and optional[least - 1]:
            least -= 1
        most = 99 if node.args.vararg else len(arguments)
        decorators = {ast.unparse(d).split("(")[0] for d in node.decorator_list}
        doc = ast.get_docstring(node) or ""
        studio = "Studio and AI Scripting APIs" in doc
        yield Method(owner.name, node.name, least, most, "deprecated" in decorators, studio)


@cache
def surface() -> Surface:
    """The stub's surface with the overlay laid over it."""
    found = parse(stub_path().read_text(encoding="utf-8"))
    for owner, name, least, most in overlay.METHODS:
        found.setdefault(owner, {})[name] = (Method(owner, name, least, most),)
    return found


def named(name: str, known: Surface) -> list[Method]:
    """Every method of a name, whichever class has it."""
    return [way for methods in known.values() for way in methods.get(name, ())]
