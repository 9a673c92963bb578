"""The three pictures of docs/resolve.md: where a look sits in YRGB, RCM and ACES projects.

    python docs/resolve_pictures.py

Values of a node are shown as they are, without a view: log looks flat, as on a scope. The output
transform is the ACES 2.0 SDR view everywhere; Resolve's own for DaVinci Wide Gamut differs from it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gradewright.core import Recipe
from gradewright.core import photo as photos
from gradewright.core.bake import to_space
from gradewright.core.bake_grid import run, showing, unshowing
from gradewright.core.lut import Lut
from gradewright.core.space import find
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
PHOTO = HERE / "media" / "astronaut.jpg"
LOOK = Recipe(temperature=45, contrast=25, shadow_hue=205, shadow_amount=70, saturation=-10).to_lut()
PROJECTS = {
    "resolve-yrgb": (
        "DaVinci YRGB, Rec.709 Gamma 2.4 timeline",
        "Rec.709 Gamma 2.4",
        "no output transform",
    ),
    "resolve-rcm": (
        "Resolve Color Management, DaVinci Wide Gamut",
        "DaVinci Intermediate",
        "output transform of RCM",
    ),
    "resolve-aces": ("ACES (ACEScct project; node LUTs run in ACEScc)", "ACEScc", "ACES output transform"),
}
_SIDE, _GAP, _TOP, _FOOT = 300, 26, 74, 66
_INK, _FAINT, _GOOD, _BAD, _PAPER = "#e8eaed", "#9aa3af", "#3fb950", "#f0524b", "#15171b"

Picture = np.ndarray


def through(processor: object, pixels: Picture) -> Picture:
    """(H, W, 3) through a processor, 0..1."""
    flat = np.ascontiguousarray(pixels.reshape(-1, 3), np.float32)
    return np.clip(run(processor, flat), 0, 1).reshape(pixels.shape)  # type: ignore[arg-type]


def applied(lut: Lut, pixels: Picture) -> Picture:
    """(H, W, 3) through a LUT, 0..1."""
    return np.clip(np.asarray(lut.apply(pixels.astype(np.float32))), 0, 1)


def panels(space_name: str) -> list[tuple[Picture, str, str, str]]:
    """(picture, caption, second line, colour) from left to right."""
    home = find(space_name)
    seen = photos.load(PHOTO, max_side=_SIDE)
    values = through(unshowing(home), seen)
    shown = through(showing(home), values)
    right = through(showing(home), applied(to_space(LOOK, home).lut, values))
    wrong = through(showing(home), applied(LOOK, values))
    first = (values, "what the node sees", home.name, _FAINT)
    plain = (shown, "without a look", "on the display", _FAINT)
    good = (right, "the look, baked for the node", "what gradewright sets", _GOOD)
    if home.kind == "display":
        return [first, plain, good]
    return [first, plain, good, (wrong, "a display LUT on the node", "wrong: made for other values", _BAD)]


def drawn(title: str, space_name: str, output: str) -> Image.Image:
    """One picture: the panels, and the chain under the title."""
    row = panels(space_name)
    height = row[0][0].shape[0]
    width = _GAP + len(row) * (row[0][0].shape[1] + _GAP)
    page = Image.new("RGB", (width, _TOP + height + _FOOT), _PAPER)
    draw = ImageDraw.Draw(page)
    large, small = ImageFont.load_default(19), ImageFont.load_default(14)
    draw.text((_GAP, 14), title, _INK, large)
    draw.text(
        (_GAP, 44), f"footage  >  your nodes  >  LOOK (last node)  >  {output}  >  screen", _FAINT, small
    )
    for number, (picture, caption, more, colour) in enumerate(row):
        left = _GAP + number * (picture.shape[1] + _GAP)
        page.paste(Image.fromarray(np.rint(picture * 255).astype(np.uint8)), (left, _TOP))
        draw.rectangle(
            (left - 2, _TOP - 2, left + picture.shape[1] + 1, _TOP + height + 1), outline=colour, width=2
        )
        draw.text((left, _TOP + height + 10), caption, _INK, small)
        draw.text((left, _TOP + height + 32), more, colour, small)
    return page


def main() -> None:
    """Write the three pictures."""
    for name, project in PROJECTS.items():
        path = HERE / "media" / f"{name}.jpg"
        drawn(*project).save(path, quality=88)
        print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
