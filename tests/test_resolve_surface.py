"""What the adapter calls exists in Resolve's API: an audit of its source, a type check, and the double."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from gradewright.hosts.resolve.adapter import INSIDE
from resolve_double import (
    STUDIO_20_3,
    STUDIO_21_1,
    NotModelled,
    SurfaceViolation,
    World,
    cube_grammar,
    objects,
)
from resolve_double.overlay import METHODS, SIGNATURES
from resolve_double.strict import Strict
from resolve_double.surface import Surface, named, parse, stub_path, surface

ROOT = Path(__file__).resolve().parent.parent
COURIER = INSIDE.parent / "lua" / "gradewright.lua"
# What is no part of Resolve's own API: UIManager's objects and the script host's (see resolve_double/ui.py).
UI = {
    *("AddWindow", "UIDispatcher", "RunLoop", "ExitLoop", "StepLoop", "Show", "Hide", "GetItems", "AddItems"),
    *(
        "VGroup",
        "HGroup",
        "Label",
        "LineEdit",
        "TextEdit",
        "Button",
        "CheckBox",
        "ComboBox",
        "Slider",
        "Icon",
    ),
    *("RequestFile", "GetResolve"),
}
OWN = {"Struct", "Popen"}


def calls(source: str) -> list[tuple[str, int, bool, int]]:
    """(method, positional arguments, whether there are keywords, line) of calls that look like the API's."""
    found = []
    tree = ast.parse(source)
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr[0].isupper()
        ):
            owner = node.func.value
            module = isinstance(owner, ast.Name) and owner.id in OURS | imported
            if not module and node.func.attr not in UI | OWN:
                starred = any(isinstance(arg, ast.Starred) for arg in node.args)
                found.append((node.func.attr, len(node.args), bool(node.keywords) or starred, node.lineno))
    return found


OURS = {path.stem for path in INSIDE.glob("*.py")}


def lua_calls(source: str) -> list[tuple[str, int, bool, int]]:
    """The same of Lua: ``thing:Method(a, b)``."""
    found = []
    code = re.sub(r"--[^\n]*", "", source)
    for match in re.finditer(r":([A-Z]\w+)\(", code):
        depth, count, text, place = 1, 0, False, match.end()
        while depth:
            sign = code[place]
            depth += (sign in "([{") - (sign in ")]}")
            count += depth == 1 and sign == ","
            text |= depth >= 1 and not sign.isspace()
            place += 1
        if match[1] not in UI:
            found.append((match[1], count + text, False, code[: match.start()].count("\n") + 1))
    return found


def faults(found: list[tuple[str, int, bool, int]], known: Surface) -> list[str]:
    """What is wrong about some calls, against a surface."""
    wrong = []
    for name, count, keywords, line in found:
        ways = named(name, known)
        if not ways:
            wrong.append(f"line {line}: {name} does not exist")
        elif keywords:
            wrong.append(f"line {line}: {name} is called with keyword or starred arguments")
        elif not any(way.takes(count) for way in ways):
            wrong.append(f"line {line}: {name} does not take {count} arguments")
        elif all(way.deprecated for way in ways):
            wrong.append(f"line {line}: {name} is deprecated")
        elif all(way.studio for way in ways):
            wrong.append(f"line {line}: {name} is Studio's: it opens a modal in the free edition")
    return wrong


SOURCES = sorted(INSIDE.glob("*.py"))


class TestAudit:
    """Every call against the stub, and against Blackmagic's own where a person has it."""

    @pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
    def test_python(self, path):
        assert not faults(calls(path.read_text()), surface())

    def test_lua(self):
        found = lua_calls(COURIER.read_text())
        assert {"SetLUT", "AddVersion", "RefreshLUTList", "AddMarker"} <= {name for name, *_ in found}
        assert not faults(found, surface())

    def test_the_audit_sees_the_whole_flow(self):
        seen = {name for path in SOURCES for name, *_ in calls(path.read_text())}
        assert len(seen) > 45
        assert {
            "SetLUT",
            "GetLUT",
            "SetCDL",
            "AddVersion",
            "ExportCurrentFrameAsStill",
            "GetNodeGraph",
        } <= seen

    @pytest.mark.skipif(not os.environ.get("GRADEWRIGHT_RESOLVE_PYI"), reason="needs Blackmagic's .pyi")
    @pytest.mark.parametrize("path", [*SOURCES, COURIER], ids=lambda path: path.name)
    def test_the_official_stub(self, path):
        official = parse(Path(os.environ["GRADEWRIGHT_RESOLVE_PYI"]).read_text(encoding="utf-8"))
        found = (lua_calls if path.suffix == ".lua" else calls)(path.read_text())
        assert not [fault for fault in faults(found, official) if "deprecated" not in fault]

    def test_stubs_of_other_styles(self):
        """Positional-only parameters, overloads, defaults: as Blackmagic's own stub may write them."""
        known = parse(
            "class Graph:\n"
            "    @overload\n"
            "    def SetLUT(self, index: int, path: str, /) -> bool: ...\n"
            "    @overload\n"
            "    def SetLUT(self, index: int, path: str, layer: int = 1, /) -> bool: ...\n"
        )
        assert [faults(calls(f"graph.SetLUT({args})"), known) != [] for args in ("1", "1, p", "1, p, 2")] == [
            True,
            False,
            False,
        ]

    @pytest.mark.parametrize(
        ("call", "fault"),
        [
            ("graph.SetNodeLabel(1, 'x')", "SetNodeLabel does not exist"),
            ("graph.AddNode()", "AddNode does not exist"),
            ("item.GetCDL(1)", "GetCDL does not exist"),
            ("graph.SetLUT(path)", "SetLUT does not take 1 arguments"),
            ("graph.SetLUT(1, path, True)", "SetLUT does not take 3 arguments"),
            ("item.AddVersion(versionName='x', versionType=0)", "AddVersion is called with keyword"),
            ("timeline.GetItemsInTrack('video', 1)", "GetItemsInTrack is deprecated"),
            ("album.GetAlbumName()", "GetAlbumName does not take 0 arguments"),
        ],
    )
    def test_it_finds_the_errors_of_published_tools(self, call, fault):
        (found,) = faults(calls(call), surface())
        assert fault in found
        if "=" not in call:
            (found,) = faults(lua_calls(call.replace(".", ":").replace("True", "true")), surface())
            assert fault in found


def typed_stub() -> str:
    """A stub that mypy takes seriously: the package's signatures, its defaults put right by the overlay."""
    lines = ["from typing import Any", "class FusionComp: ...", "class Fusion: ..."]
    extra = {(owner, name): (least, most) for owner, name, least, most in METHODS}
    for node in ast.parse(stub_path().read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef) or node.name not in surface():
            continue
        lines.append(f"class {node.name}:")
        lines += [
            f"    {name}: Any" for name in re.findall(r"^    (EXPORT_\w+): Final", ast.unparse(node), re.M)
        ]
        for name in surface()[node.name]:
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == name]
            if (node.name, name) in SIGNATURES:
                lines.append("    " + SIGNATURES[node.name, name])
            elif (node.name, name) in extra or len(methods) != 1:
                lines.append(f"    def {name}(self, *args: Any) -> Any: ...")
            else:
                lines.append("    " + _signature(methods[0]))
    return "\n".join([*lines, "class GalleryStill: ...", ""])


def _signature(method: ast.FunctionDef) -> str:
    arguments, defaulted = method.args.args[1:], len(method.args.defaults)
    shown = ["self"]
    for index, arg in enumerate(arguments):
        annotation = ast.unparse(arg.annotation) if arg.annotation else "Any"
        optional = "Optional" in annotation or index >= len(arguments) - defaulted
        shown.append(f"{arg.arg}: {_simple(annotation)}" + (" = ..." if optional else ""))
    result = ast.unparse(method.returns) if method.returns else "Any"
    return f"def {method.name}({', '.join(shown)}) -> {_simple(result)}: ..."


def _simple(annotation: str) -> str:
    """Objects and plain types stay; literals and dictionaries of the stub's own become plain."""
    inner = re.sub(r"Optional\[(.*)\]", r"\1", annotation)
    if inner in surface() or inner in ("int", "str", "bool", "None"):
        return inner
    listed = re.fullmatch(r"[Ll]ist\[(\w+)\]", inner)
    if listed and (listed[1] in surface() or listed[1] == "GalleryStill"):
        return f"list[{listed[1]}]"
    return "Any"


# One fault a line, so that it is known that the check sees them.
SEEDED = """\
import fusionscript


def wrong(project: fusionscript.Project, item: fusionscript.TimelineItem, graph: fusionscript.Graph) -> None:
    project.GetCurrentTimeline().GetName()
    graph.SetNodeLabel(1, "x")
    graph.SetLUT("a.cube", 1)
    item.SetLUT(1)
    item.GetNodeGraph().AddNode()
    item.GetNodeGraph().GetLUT(1)
"""


def test_mypy_with_the_overlay(tmp_path):
    """The adapter under a stub whose results may be None and whose optional arguments are optional."""
    (tmp_path / "fusionscript").mkdir()
    (tmp_path / "fusionscript/__init__.pyi").write_text(typed_stub())
    package = tmp_path / "view/gradewright_resolve"
    package.mkdir(parents=True)
    for path in [*SOURCES, INSIDE.parent.parent / "client.py"]:
        text = path.read_text().replace("from gradewright.hosts.client", "from .client")
        (package / path.name).write_text(text)
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\nstrict = true\ndisallow_any_generics = false\nwarn_unused_ignores = false\n"
        "warn_return_any = false\n"
    )
    (tmp_path / "view/seeded.py").write_text(SEEDED)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            "mypy.ini",
            "-p",
            "gradewright_resolve",
            "-m",
            "seeded",
        ],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": f"{tmp_path}:{tmp_path / 'view'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    *errors, _ = done.stdout.splitlines()
    assert [line for line in errors if not line.startswith("view/seeded.py")] == []
    assert {int(line.split(":")[1]) for line in errors if ": error:" in line} == {5, 6, 7, 8, 9}, done.stdout


class TestDouble:
    """The double is no more lenient than its sources."""

    def test_it_models_nothing_that_the_surface_lacks(self):
        for thing in vars(objects).values():
            if isinstance(thing, type) and issubclass(thing, Strict) and thing.api:
                models = {n[1:] for n in vars(thing) if re.match(r"_[A-Z]", n)}
                assert models <= set(surface().get(thing.api, ())), thing

    def test_surface(self):
        assert sum(len(methods) for methods in surface().values()) >= 370
        assert len(METHODS) >= 12

    def test_unknown_names_read_as_none(self, tmp_path):
        resolve = World(tmp_path).resolve
        assert hasattr(resolve, "AddNode")
        assert resolve.AddNode is None
        with pytest.raises(TypeError, match="'NoneType' object is not callable"):
            resolve.AddNode()

    def test_known_but_not_modelled(self, tmp_path):
        with pytest.raises(NotModelled, match=r"Resolve\.Quit is in the API"):
            World(tmp_path).resolve.Quit()

    def test_arguments(self, tmp_path):
        resolve = World(tmp_path).resolve
        with pytest.raises(SurfaceViolation, match="OpenPage does not take 0 arguments"):
            resolve.OpenPage()
        with pytest.raises(SurfaceViolation, match="takes no keyword arguments"):
            resolve.OpenPage(pageName="color")

    def test_newer_methods_are_absent_in_older_versions(self, tmp_path):
        old, new = (World(tmp_path / p.name, p).resolve for p in (STUDIO_20_3, STUDIO_21_1))
        assert old.IsStudio is None
        assert "IsStudio" in dir(new)
        assert "GetSettings" not in dir(old.GetProjectManager().GetCurrentProject())
        assert new.GetProjectManager().GetCurrentProject().GetSettings()["colorScienceMode"] == "davinciYRGB"

    def test_only_discovered_luts_in_lut_folders_are_taken(self, tmp_path):
        world = World(tmp_path)
        clip = world.add("A")
        graph = objects.GraphObject(world, clip)
        rows = "LUT_3D_SIZE 2\n" + "0.5 0.5 0.5\n" * 8
        (world.master / "a.cube").write_text(rows)
        (world.user_luts / "b.cube").write_text(rows)
        assert not graph.SetLUT(1, "a.cube")
        world.resolve.GetProjectManager().GetCurrentProject().RefreshLUTList()
        assert graph.SetLUT(1, "a.cube")
        assert graph.SetLUT(1, str(world.master / "a.cube"))
        assert not graph.SetLUT(1, str(world.user_luts / "b.cube"))
        assert not graph.SetLUT(0, "a.cube")
        assert not graph.SetLUT(2, "a.cube")
        assert graph.GetLUT(1) == "a.cube"

    def test_versions_need_the_color_page(self, tmp_path):
        world = World(tmp_path)
        item = objects.ItemObject(world, world.add("A"))
        assert not item.AddVersion("x", 0)
        world.page = "color"
        assert item.AddVersion("x", 0)
        assert not item.AddVersion("x", 0)
        assert not item.DeleteVersionByName("x", 0), "the loaded version cannot be deleted"

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ('TITLE "x"\nLUT_3D_SIZE 2\n' + "0 0 0\n" * 8, ""),
            ("LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0.0 2.0\nLUT_3D_SIZE 2\n" + "0 1e-3 0\n" * 10, ""),
            ("LUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\n" + "0 0 0\n" * 8, "is no keyword of the specification"),
            ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 7, "7 rows of data, 8 announced"),
            ("LUT_3D_SIZE 2\n" + "0 0 nan\n" * 8, "is no keyword"),
            ("LUT_3D_SIZE 2\n" + "0,5 0 0\n" * 8, "is no keyword"),
            ("LUT_3D_SIZE 2\n0 0 0\nLUT_OUT_VIDEO_RANGE\n" + "0 0 0\n" * 7, "after the first row"),
            ("TITLE é\n", "not ASCII"),
            ("0 0 0\n", "no LUT_1D_SIZE"),
            ("LUT_1D_SIZE 65537\n", "more than 65536"),
        ],
    )
    def test_the_cube_grammar(self, text, fault, tmp_path):
        path = tmp_path / "a.cube"
        path.write_text(text, encoding="utf-8")
        assert fault in cube_grammar.fault(path)
        assert bool(cube_grammar.fault(path)) == bool(fault)
