"""The DCTL export: parsed by the documented grammar, and run by an interpreter of the parsed program.

The interpreter knows nothing of how the file was written. It looks tables up by OpenColorIO (tetrahedral)
and, for
Resolve's other setting, by a trilinear formula written here, so that neither compiler nor Resolve is needed.
"""

from __future__ import annotations

import numpy as np
import PyOpenColorIO as ocio
import pytest
from gradewright import lutio
from gradewright.core import Lut, Recipe
from gradewright.core.bake import to_space
from gradewright.core.errors import BadInput
from gradewright.core.interp import tetrahedral
from gradewright.hosts.resolve import dctl
from gradewright.hosts.resolve.dctl_parser import SIGNATURE, Program, parse

LOOK = Recipe(temperature=30, contrast=20, saturation=-15).to_lut(17).titled("warm 🌅 look")
SOURCE = dctl.encode(LOOK, "sRGB")
POINTS = np.random.default_rng(0).uniform(0, 1, (4000, 3))
FUNCTIONS = {
    "_saturatef": lambda x: np.clip(x, 0, 1),
    "_fabs": np.abs,
    "_powf": np.power,
    "_fminf": np.minimum,
    "_fmaxf": np.maximum,
}


def by_ocio(table: np.ndarray, points: np.ndarray) -> np.ndarray:
    cube = ocio.Lut3DTransform(table.shape[0])
    cube.setInterpolation(ocio.INTERP_TETRAHEDRAL)
    cube.setData(np.ascontiguousarray(table, np.float32).reshape(-1))
    pixels = np.array(points, np.float32, order="C")
    described = ocio.PackedImageDesc(pixels, len(pixels), 1, 3)
    ocio.Config.CreateRaw().getProcessor(cube).getDefaultCPUProcessor().apply(described)
    return pixels.astype(np.float64)


def trilinear(table: np.ndarray, points: np.ndarray) -> np.ndarray:
    scaled = np.clip(points, 0, 1) * (table.shape[0] - 1)
    low = np.minimum(scaled.astype(int), table.shape[0] - 2)
    rest, total = scaled - low, 0.0
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, rest, 1 - rest), axis=1, keepdims=True)
        total = total + weight * table[tuple((low + corner).T)]
    return total


class Interpreter:
    """Runs a parsed program over (n, 3) colours."""

    def __init__(self, program: Program, lookup=by_ocio, **sliders: float) -> None:
        self.program, self.lookup = program, lookup
        self.sliders = {name: values[0] for name, values in program.sliders.items()} | sliders

    def run(self, points: np.ndarray) -> np.ndarray:
        names = dict(self.sliders, p_R=points[:, 0], p_G=points[:, 1], p_B=points[:, 2])
        for kind, name, expression in self.program.statements:
            value = self.value(expression, names)
            if kind == "return":
                return value
            names[name] = value
        raise AssertionError("no return")

    def value(self, node, names):
        kind = node[0]
        if kind == "number":
            return node[1]
        if kind == "name":
            return names[node[1]]
        if kind == "member":
            return names[node[1]][:, node[2]]
        if kind == "call":
            return self.call(node[1], node[2], names)
        a, b = (self.value(side, names) for side in node[1:])
        return {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[kind](a, b)

    def call(self, name, arguments, names):
        if name == "APPLY_LUT":
            *colour, (_, table) = arguments
            points = np.stack([self.value(part, names) for part in colour], axis=1)
            return self.lookup(self.program.tables[table], points)
        values = [self.value(part, names) for part in arguments]
        return np.stack(values, axis=1) if name == "make_float3" else FUNCTIONS[name](*values)


def test_full_strength_is_the_look_as_opencolorio_applies_it():
    found = Interpreter(parse(SOURCE)).run(POINTS)
    reference = LOOK.apply(POINTS.astype(np.float32))
    assert np.abs(found - reference).max() < 2e-6  # six decimals in the file
    exact = tetrahedral(LOOK.table.astype(np.float64), POINTS)
    assert np.abs(found - exact).max() < 2e-6


def test_trilinear_is_near():
    found = Interpreter(parse(SOURCE), trilinear).run(POINTS)
    assert np.abs(found - LOOK.apply(POINTS.astype(np.float32))).max() < 0.01


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0])
def test_strength_is_a_straight_mix_and_zero_is_exactly_nothing(strength):
    found = Interpreter(parse(SOURCE), strength=strength).run(POINTS)
    full = Interpreter(parse(SOURCE)).run(POINTS)
    assert np.abs(found - (POINTS + strength * (full - POINTS))).max() < 1e-12
    if strength == 0:
        assert (found == POINTS).all()


def test_luma_and_chroma_take_the_look_apart():
    weights = np.array([0.2126, 0.7152, 0.0722])
    full = Interpreter(parse(SOURCE)).run(POINTS) - POINTS
    tone = Interpreter(parse(SOURCE), chroma=0.0).run(POINTS) - POINTS
    colour = Interpreter(parse(SOURCE), luma=0.0).run(POINTS) - POINTS
    assert np.abs(tone - tone[:, :1]).max() < 1e-12
    assert np.abs(colour @ weights).max() < 1e-12
    assert np.abs(tone + colour - full).max() < 1e-12


def test_colours_outside_the_table_keep_their_excess():
    outside = np.array([[1.4, 0.5, -0.2], [2.0, 2.0, 2.0]])
    inside = np.clip(outside, 0, 1)
    found = Interpreter(parse(SOURCE)).run(outside)
    assert np.allclose(found - outside, Interpreter(parse(SOURCE)).run(inside) - inside)


def test_the_identity_changes_nothing():
    found = Interpreter(parse(dctl.encode(Lut.identity(17), "sRGB"))).run(POINTS)
    assert np.abs(found - POINTS).max() < 1e-6


def test_a_log_look():
    baked = to_space(LOOK, "ACEScct", 17).lut
    found = Interpreter(parse(dctl.encode(baked, "ACEScct"))).run(POINTS)
    assert np.abs(found - baked.apply(POINTS.astype(np.float32))).max() < 2e-6


def test_sliders_and_table():
    program = parse(SOURCE)
    assert program.sliders == dict.fromkeys(("strength", "luma", "chroma"), (1.0, 0.0, 1.0, 0.01))
    assert np.abs(program.tables["gradewright_look"] - LOOK.table).max() < 1e-6
    assert SOURCE.isascii()
    assert SIGNATURE in SOURCE


def test_what_a_dctl_cannot_hold():
    with pytest.raises(BadInput, match="has a shaper"):
        dctl.encode(to_space(LOOK, "ACEScg", 17).lut, "ACEScg")
    with pytest.raises(BadInput, match=r"9\^3 points is out of range: use 17, 33 or 65"):
        dctl.encode(LOOK.resample(9), "sRGB")


ROW = SOURCE.split("LUT_3D_SIZE 17\n")[1].split("\n")[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "DCTLUI_SLIDER_FLOAT, 1.0, 0.0, 1.0, 0.01)\n",
            "DCTLUI_SLIDER_FLOAT, 1.0, 0.0, 1.0)\n",
            "a slider is",
        ),
        (
            "DCTLUI_SLIDER_FLOAT, 1.0, 0.0, 1.0",
            "DCTLUI_SLIDER_FLOAT, 2.0, 0.0, 1.0",
            "default outside its range",
        ),
        ("DEFINE_UI_PARAMS(luma", "DEFINE_UI_PARAMS(strength", "is there twice"),
        ("DEFINE_CUBE_LUT(gradewright_look) {", "DEFINE_CUBE_LUT(gradewright_look)\n{", "a table is"),
        (ROW, "0.0 0.0", "not three"),
        (ROW + "\n", "", "needs 4913 rows"),
        (ROW, "nan 0.0 0.0", "three finite numbers"),
        ("float p_R,", "float red,", "neither a documented macro nor the entry function"),
        ("_saturatef(p_R)", "saturate(p_R)", "'saturate' is not a function"),
        ("_saturatef(p_R)", "pow(p_R, 2.0f)", "'pow' is not a function"),
        ("0.2126f", "0.2126", "needs a point and an 'f'"),
        ("0.2126f", "1", "needs a point and an 'f'"),
        ("look.x", "look.w", "a float3 has x, y and z"),
        ("look.x - r", "look - r", "'.' is expected"),
        ("float3 look", "float look", "is declared float and given something else"),
        (", gradewright_look);", ", other_look);", "must be defined before it is used"),
        ("float dr = ", "double dr = ", "declares a float or a float3"),
        ("float dg = look.y - g;", "float dr = look.y - g;", "'dr' is defined twice"),
        ("look.y - g;", "look.y - green;", "'green' is used before it is defined"),
        ("return make_float3(outR, outG, outB);", "return outR;", r"returns make_float3\(...\)"),
        ("make_float3(outR, outG, outB)", "make_float3(outR, outG)", "',' is expected"),
        ("outB);\n}", "outB);\n", "the source ends in the middle"),
        ("outB);\n}", "outB);\n}\nfloat x", "something follows"),
        ("// for", '#include "x.h"\n// for', "neither a documented macro"),
        ("// for", "// für", "only ASCII"),
        ("look.z - b;", "look.z ^ b;", "not part of the language"),
    ],
)
def test_the_parser_refuses(old, new, message):
    assert old in SOURCE
    with pytest.raises(BadInput, match=message):
        parse(SOURCE.replace(old, new, 1))


def test_no_entry_function():
    with pytest.raises(BadInput, match="there is no entry function"):
        parse("// nothing\n")


def test_the_command(cli, files):
    result = cli.ok("export", "dctl", "look.cube", "-o", "look.dctl")
    assert "wrote look.dctl (33^3, display-referred sRGB)" in result.err
    written = parse((files / "look.dctl").read_text())
    look = lutio.read(files / "look.cube").flatten(33)
    assert np.abs(written.tables["gradewright_look"] - look.table).max() < 1e-6
    assert cli.refused("export", "dctl", "look.cube", "-o", "look.txt") == (
        "look.txt: Resolve finds DCTLs by their suffix: name it look.dctl"
    )
    assert "already exists" in cli.refused("export", "dctl", "look.cube", "-o", "look.dctl")
    cli.ok("export", "dctl", "look.cube", "--space", "ACEScct", "--size", "17", "-o", "log.dctl")
    assert "for values of ACEScct" in (files / "log.dctl").read_text()
