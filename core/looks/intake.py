"""From any LUT to what the codec speaks about, and how far two looks are apart."""

from __future__ import annotations

from ..colour import delta_e_srgb
from ..lut import Lut
from ..recipe.points import photo_colours

_SEEN = 1024  # photo-like colours over which differences are averaged
_SLACK = 0.002  # values out of 0..1 by less are rounding


def plain_look(lut: Lut) -> tuple[Lut, list[str]]:
    """The LUT as one plain cube, and a line for everything that this does to it."""
    notes = []
    if lut.is_1d:
        notes.append("a 1D LUT: kept as a cube")
    elif not lut.is_plain:
        part = "shaper" if lut.shaper is not None else "input domain"
        notes.append(
            f"the LUT's {part} is baked into the cube; a look made for log or linear footage will not fit"
        )
    plain = lut.flatten()
    if plain.table.min() < -_SLACK or plain.table.max() > 1 + _SLACK:
        low, high = float(plain.table.min()), float(plain.table.max())
        notes.append(f"values {low:.2f}..{high:.2f} are clipped to 0..1: looks are display-referred")
    return plain, notes


def difference(one: Lut, other: Lut, count: int = _SEEN) -> float:
    """Mean CIEDE2000 between two display-referred looks over ``count`` photo-like colours."""
    colours = photo_colours(count)
    return float(delta_e_srgb(one.sample(colours), other.sample(colours)).mean())
