"""A strict parser of the part of DCTL that we write, after Blackmagic's README for the language.

It knows what that text documents and refuses the rest: other macros, functions and types, a changed entry
signature, C's own mathematical functions, literals without ``f``, tables of a wrong length, names used before
they are defined. Resolve's compiler may refuse more; ``resolve.ValidateDCTL`` of 21.1 asks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gradewright.core.errors import BadInput
from numpy.typing import NDArray

SIGNATURE = (
    "__DEVICE__ float3 transform("
    "int p_Width, int p_Height, int p_X, int p_Y, float p_R, float p_G, float p_B)"
)  # name -> number of arguments; section 8 of the README
FUNCTIONS = {
    **dict.fromkeys(("_fabs", "_logf", "_log2f", "_log10f", "_expf", "_exp2f", "_sqrtf", "_saturatef"), 1),
    **dict.fromkeys(("_powf", "_fmaxf", "_fminf", "_copysignf", "_fmod", "_hypotf", "_atan2f"), 2),
    "_clampf": 3,
    "_mix": 3,
    "make_float3": 3,
    "APPLY_LUT": 4,
}
_NUMBER = r"(-?[\d.]+)"
_SLIDER = re.compile(
    rf"DEFINE_UI_PARAMS\((\w+), ([\w ]+), DCTLUI_SLIDER_FLOAT, {_NUMBER}, {_NUMBER}, {_NUMBER}, {_NUMBER}\)"
)
_CUBE = re.compile(r"DEFINE_CUBE_LUT\((\w+)\) \{")
_TOKEN = re.compile(r"\s*(?:(\d+\.\d*f|\.\d+f)|(\d[\w.]*)|([A-Za-z_]\w*)|([-+*/().,;={}]))")
MAX_SLIDERS = 64  # of one kind

Expression = tuple[
    Any, ...
]  # ("number", v) | ("name", n) | ("member", e, m) | ("call", f, args) | (op, a, b)


@dataclass
class Program:
    """A parsed DCTL.

    ``sliders`` : name -> (default, low, high, step). ``tables`` : name -> (N, N, N, 3) indexed [r, g, b].
    ``statements`` : (type, name, expression), the returned one last as ("return", "", expression)
    """

    sliders: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    tables: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    statements: list[tuple[str, str, Expression]] = field(default_factory=list)


def parse(source: str) -> Program:
    """The program of a DCTL source.

    Raises
    ------
    BadInput : with the line and what is wrong
    """
    program = Program()
    lines = source.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        if not line.isascii():
            raise _fault(number, "only ASCII is allowed")
        if not line.strip() or line.startswith("//"):
            number += 1
        elif line.startswith("DEFINE_UI_PARAMS"):
            _slider(program, line, number)
            number += 1
        elif line.startswith("DEFINE_CUBE_LUT"):
            number = _table(program, lines, number)
        elif line == SIGNATURE:
            _body(program, "\n".join(lines[number + 1 :]), number + 1)
            return program
        else:
            raise _fault(number, f"'{line[:60]}' is neither a documented macro nor the entry function")
    raise BadInput(f"DCTL: there is no entry function; it must read: {SIGNATURE}")


def _fault(number: int, what: str) -> BadInput:
    return BadInput(f"DCTL line {number + 1}: {what}")


def _slider(program: Program, line: str, number: int) -> None:
    found = _SLIDER.fullmatch(line)
    if not found:
        raise _fault(
            number, "a slider is DEFINE_UI_PARAMS(name, label, DCTLUI_SLIDER_FLOAT, default, min, max, step)"
        )
    default, low, high, step = (float(text) for text in found.groups()[2:])
    if not low <= default <= high or step <= 0 or found[1] in program.sliders:
        raise _fault(
            number, f"the slider '{found[1]}' has a default outside its range, no step, or is there twice"
        )
    program.sliders[found[1]] = (default, low, high, step)
    if len(program.sliders) > MAX_SLIDERS:
        raise _fault(number, f"more than {MAX_SLIDERS} sliders")


def _table(program: Program, lines: list[str], start: int) -> int:
    """The number of the line after the table."""
    found = _CUBE.fullmatch(lines[start])
    size = re.fullmatch(r"LUT_3D_SIZE (\d+)", lines[start + 1] if start + 1 < len(lines) else "")
    if not found or not size:
        raise _fault(start, "a table is DEFINE_CUBE_LUT(name) { and LUT_3D_SIZE on the next line")
    edge = int(size[1])
    end = start + 2 + edge**3
    rows = lines[start + 2 : end]
    if end >= len(lines) or lines[end] != "}" or len(rows) != edge**3:
        raise _fault(end, f"the table needs {edge**3} rows and then a closing brace")
    try:
        values = np.array([row.split(" ") for row in rows], np.float64)
    except ValueError:
        raise _fault(start, "a row of the table is not three numbers") from None
    if values.shape != (edge**3, 3) or not np.isfinite(values).all():
        raise _fault(start, "a row of the table is not three finite numbers")
    program.tables[found[1]] = values.reshape(edge, edge, edge, 3).transpose(2, 1, 0, 3)  # red runs fastest
    return end + 1


def _body(program: Program, text: str, number: int) -> None:
    parser = _Parser(program, list(_tokens(text, number)))
    parser.expect("{")
    while not parser.returned:
        program.statements.append(parser.statement())
    parser.expect("}")
    if parser.tokens:
        raise _fault(parser.tokens[0][2], "something follows the entry function")


Token = tuple[str, str, int]  # kind, text, line


def _tokens(text: str, first: int) -> Iterator[Token]:
    for offset, line in enumerate(text.split("\n")):
        place, code = 0, line.split("//")[0].rstrip()
        while place < len(code):
            found = _TOKEN.match(code, place)
            if not found:
                raise _fault(
                    first + offset, f"'{code[place:].strip()[:20]}' is not part of the language we use"
                )
            if found[2]:
                raise _fault(first + offset, f"the number {found[2]} needs a point and an 'f': 1.0f")
            kind = "number" if found[1] else "name" if found[3] else "sign"
            yield kind, found[found.lastindex or 0], first + offset
            place = found.end()


class _Parser:
    """Recursive descent over the statements of one function."""

    def __init__(self, program: Program, tokens: list[Token]) -> None:
        self.program, self.tokens, self.returned = program, tokens, False
        self.known = {"p_Width", "p_Height", "p_X", "p_Y", "p_R", "p_G", "p_B", *program.sliders}
        self.vectors: set[str] = set()

    def take(self) -> Token:
        if not self.tokens:
            raise BadInput("DCTL: the source ends in the middle of the entry function")
        return self.tokens.pop(0)

    def expect(self, text: str) -> None:
        kind, found, line = self.take()
        if found != text:
            raise _fault(line, f"'{text}' is expected, not '{found}' ({kind})")

    def at(self, *texts: str) -> bool:
        return bool(self.tokens) and self.tokens[0][1] in texts

    def statement(self) -> tuple[str, str, Expression]:
        _, word, line = self.take()
        if word == "return":
            self.returned = True
            value = self.sum()
            if value[0] != "call" or value[1] != "make_float3":
                raise _fault(line, "the entry function returns make_float3(...)")
            self.expect(";")
            return "return", "", value
        if word not in ("float", "float3"):
            raise _fault(line, f"'{word}': a statement declares a float or a float3, or returns")
        _, name, line = self.take()
        if name in self.known or name in FUNCTIONS or name in self.program.tables:
            raise _fault(line, f"'{name}' is defined twice")
        self.expect("=")
        value = self.sum()
        self.expect(";")
        if (word == "float3") != (value[0] == "call" and value[1] in ("APPLY_LUT", "make_float3")):
            raise _fault(line, f"'{name}' is declared {word} and given something else")
        self.known.add(name)
        if word == "float3":
            self.vectors.add(name)
        return word, name, value

    def sum(self) -> Expression:
        value = self.product()
        while self.at("+", "-"):
            value = (self.take()[1], value, self.product())
        return value

    def product(self) -> Expression:
        value = self.atom()
        while self.at("*", "/"):
            value = (self.take()[1], value, self.atom())
        return value

    def atom(self) -> Expression:
        kind, text, line = self.take()
        if text == "(":
            value = self.sum()
            self.expect(")")
            return value
        if text == "-":
            return ("-", ("number", 0.0), self.atom())
        if kind == "number":
            return ("number", float(text[:-1]))
        if kind != "name":
            raise _fault(line, f"'{text}' where a value is expected")
        return self.call(text, line) if self.at("(") else self.value(text, line)

    def call(self, name: str, line: int) -> Expression:
        if name not in FUNCTIONS:
            raise _fault(line, f"'{name}' is not a function that the README documents and we use")
        self.expect("(")
        arguments: list[Expression] = []
        while len(arguments) < FUNCTIONS[name]:
            last = name == "APPLY_LUT" and len(arguments) == 3
            arguments.append(self.table(line) if last else self.sum())
            self.expect(")" if len(arguments) == FUNCTIONS[name] else ",")
        return ("call", name, tuple(arguments))

    def table(self, line: int) -> Expression:
        _, name, line = self.take()
        if name not in self.program.tables:
            raise _fault(line, f"the table '{name}' must be defined before it is used")
        return ("table", name)

    def value(self, name: str, line: int) -> Expression:
        if name not in self.known:
            raise _fault(line, f"'{name}' is used before it is defined")
        if name not in self.vectors:
            return ("name", name)
        self.expect(".")
        _, member, line = self.take()
        if member not in ("x", "y", "z"):
            raise _fault(line, f"a float3 has x, y and z, not '{member}'")
        return ("member", name, "xyz".index(member))
