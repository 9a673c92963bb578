"""A look as a DCTL: Resolve's own shader language, with live sliders for its strength.

Blackmagic's ``Developer/DaVinciCTL/README.txt`` describes the language. The table stands inline
(``DEFINE_CUBE_LUT``, since Resolve 17), so that one file holds everything; sliders need the DCTL effect
(Color page, ResolveFX Color, DCTL), as a node LUT the file works at full strength.
"""

from __future__ import annotations

from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut
from gradewright.lutio.cube_writer import digits

from . import dctl_parser

SIZES = (17, 33, 65)
_DECIMALS = 6
_SLIDERS = (("strength", "Strength"), ("luma", "Luma"), ("chroma", "Chroma"))

# Colours outside 0..1 keep their distance from the table's edge: nothing is clipped that the look does not
# clip.
_TRANSFORM = """\
__DEVICE__ float3 transform(int p_Width, int p_Height, int p_X, int p_Y, float p_R, float p_G, float p_B)
{
    float r = _saturatef(p_R);
    float g = _saturatef(p_G);
    float b = _saturatef(p_B);
    float3 look = APPLY_LUT(r, g, b, gradewright_look);
    float dr = look.x - r;
    float dg = look.y - g;
    float db = look.z - b;
    float tone = 0.2126f * dr + 0.7152f * dg + 0.0722f * db;
    float outR = p_R + strength * (luma * tone + chroma * (dr - tone));
    float outG = p_G + strength * (luma * tone + chroma * (dg - tone));
    float outB = p_B + strength * (luma * tone + chroma * (db - tone));
    return make_float3(outR, outG, outB);
}
"""


def encode(lut: Lut, space: str, notes: tuple[str, ...] = ()) -> str:
    """A look as DCTL source, checked by :mod:`.dctl_parser` before it is returned.

    Parameters
    ----------
    lut : takes and gives values of ``space``, plain (no shaper, input 0..1), 17^3, 33^3 or 65^3
    space : for the comment at the top
    notes : further lines of comment

    Raises
    ------
    BadInput : a LUT of another kind or size
    """
    if not lut.is_plain:
        raise BadInput(
            "a DCTL holds a plain cube: this look has a shaper (a scene-linear space); use a log space"
        )
    if lut.size not in SIZES:
        raise BadInput(f"a DCTL with {lut.size}^3 points is out of range: use 17, 33 or 65")
    title = " ".join(lut.title.split())
    head = [f"gradewright: {title}", f"for values of {space}", *notes]
    comments = "\n".join("// " + "".join(c if " " <= c <= "~" else "?" for c in line) for line in head)
    sliders = "\n".join(
        f"DEFINE_UI_PARAMS({name}, {label}, DCTLUI_SLIDER_FLOAT, 1.0, 0.0, 1.0, 0.01)"
        for name, label in _SLIDERS
    )
    rows = digits(lut.table.transpose(2, 1, 0, 3), _DECIMALS).decode()
    table = f"DEFINE_CUBE_LUT(gradewright_look) {{\nLUT_3D_SIZE {lut.size}\n{rows}}}"
    source = f"{comments}\n\n{sliders}\n\n{table}\n\n{_TRANSFORM}"
    dctl_parser.parse(source)
    return source
