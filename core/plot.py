"""The inspection plot: what a LUT does, on one page a colourist can read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .canvas import Box, Canvas, Point, shorten, wrap
from .colour import oklab_to_srgb_in_gamut, srgb_to_lab
from .lut import Lut
from .safety import SafetyReport, Verdict, verdict
from .safety.measure import grey_curve
from .safety.probes import gradient, skin_colours

if TYPE_CHECKING:
    from PIL import Image

F64 = NDArray[np.float64]
WIDTH, HEIGHT = 1400, 900
_BACK, _PANEL, _GRID, _AXIS = "#15171b", "#1e2127", "#31363f", "#4b525e"
_TEXT, _FAINT = "#e8eaed", "#9aa3af"
_GOOD, _WARN, _BAD = "#3fb950", "#d9a520", "#f0524b"
_CHANNELS = (("R", "#ff6b62"), ("G", "#56d364"), ("B", "#5aa9ff"))
_CURVES: Box = (30, 104, 472, 546)
_DRIFT: Box = (490, 104, 932, 546)
_WORDS: Box = (950, 104, 1370, 546)
_STRIPS_TOP, _STRIP_HEIGHT, _STRIP_PITCH = 572, 25, 62
_STRIPS = (
    ("grey", "Grey ramp"),
    ("skin", "Skin ramp"),
    ("sky", "Sky"),
    ("sunset", "Sunset"),
    ("hues", "Hue circle"),
)
_AB_RANGE = 84.0  # a*, b* at the edge of the drift plot


def inspection_plot(lut: Lut, report: SafetyReport, asked: Collection[str] = frozenset()) -> Image.Image:
    """One page, 1400 x 900 sRGB: neutral curves, hue and chroma drift, verdict, gradients before and after.

    Parameters
    ----------
    lut : a display-referred sRGB LUT
    report : its figures, from :func:`gradewright.core.safety.measure`
    asked : limits the request wanted exceeded, as for :func:`gradewright.core.safety.verdict`
    """
    plain, judged = lut.flatten(), verdict(report, asked)
    canvas = Canvas(WIDTH, HEIGHT, _BACK)
    _header(canvas, lut, judged)
    _curves(canvas, plain)
    _drift(canvas, plain)
    _words(canvas, judged, report)
    _gradients(canvas, plain)
    return canvas.image()


def _status(judged: Verdict) -> str:
    if not judged.ok:
        return _BAD
    return _WARN if judged.broken else _GOOD


def _header(canvas: Canvas, lut: Lut, judged: Verdict) -> None:
    canvas.text((30, 20), shorten(lut.title or "Untitled LUT", 30, 1040), 30, _TEXT)
    canvas.dot((39, 77), 7, _status(judged))
    canvas.text((56, 77), shorten(judged.headline, 20, 1300), 20, _TEXT, "lm")
    canvas.text((1370, 28), f"{lut.size} x {lut.size} x {lut.size}, display-referred sRGB", 16, _FAINT, "ra")


def _frame(canvas: Canvas, box: Box, title: str) -> Box:
    canvas.panel(box, _PANEL)
    canvas.text((box[0] + 16, box[1] + 12), title, 16, _TEXT)
    return (box[0] + 44, box[1] + 46, box[2] - 18, box[3] - 40)


def _curves(canvas: Canvas, lut: Lut) -> None:
    """R, G, B against grey input in per cent, and L* against the input's L*."""
    inner = _frame(canvas, _CURVES, "Neutrals: output against grey input")
    left, top, right, bottom = inner

    def at(x: float, y: float) -> Point:
        return left + x * (right - left), bottom - y * (bottom - top)

    for k in range(5):
        v = k / 4
        canvas.line([at(v, 0), at(v, 1)], _GRID)
        canvas.line([at(0, v), at(1, v)], _GRID)
        canvas.text((left - 8, at(0, v)[1]), f"{v * 100:.0f}", 13, _FAINT, "rm")
        canvas.text((at(v, 0)[0], bottom + 8), f"{v * 100:.0f}", 13, _FAINT, "ma")
    canvas.dashes(at(0, 0), at(1, 1), _AXIS, 1.2)
    x = np.linspace(0, 1, 512)
    grey = np.repeat(x[:, None], 3, axis=1)
    out = np.clip(grey_curve(lut.table, x), 0, 1)
    light = srgb_to_lab(out)[:, 0] / 100, srgb_to_lab(grey)[:, 0] / 100
    canvas.line([at(p, q) for p, q in zip(light[1], light[0], strict=True)], "#d7dae0", 3)
    for c, (_, colour) in enumerate(_CHANNELS):  # ever thinner, so that curves that coincide all show
        canvas.line([at(p, q) for p, q in zip(x, out[:, c], strict=True)], colour, (4.0, 2.6, 1.3)[c])
    for k, (name, colour) in enumerate((*_CHANNELS, ("L*", "#d7dae0"))):
        where = left + 14 + 46 * k, top + 16
        canvas.line([where, (where[0] + 14, where[1])], colour, 3)
        canvas.text((where[0] + 19, where[1]), name, 13, _FAINT, "lm")
    canvas.text((right, bottom + 24), "input, %", 12, _FAINT, "ra")


def _drift(canvas: Canvas, lut: Lut) -> None:
    """Arrows in the a*b* plane from colours to what becomes of them."""
    inner = _frame(canvas, _DRIFT, "Hue and chroma drift (a* b*)")
    centre = ((inner[0] + inner[2]) / 2 - 13, (inner[1] + inner[3]) / 2)
    scale = (inner[3] - inner[1]) / 2 / _AB_RANGE

    def at(ab: NDArray[np.floating]) -> Point:
        a, b = np.clip(ab, -_AB_RANGE, _AB_RANGE)
        return centre[0] + float(a) * scale, centre[1] - float(b) * scale

    for chroma in (20, 40, 60, 80):
        canvas.dot(centre, chroma * scale, None, _GRID)
        canvas.text((centre[0] + 4, centre[1] + chroma * scale - 2), str(chroma), 11, _FAINT, "ls")
    reach = np.array([_AB_RANGE, 0.0])
    canvas.line([at(-reach), at(reach)], _GRID)
    canvas.line([at(-reach[::-1]), at(reach[::-1])], _GRID)
    for name, ab, anchor in (("+a*", reach, "rb"), ("+b*", reach[::-1], "lt")):
        x, y = at(ab)
        canvas.text((x + 4 * (anchor == "lt"), y - 4 * (anchor == "rb")), name, 12, _FAINT, anchor)
    skin = skin_colours()
    skin_ab = srgb_to_lab(skin)[:, 1:].mean(axis=0)
    canvas.dashes(centre, at(skin_ab / np.hypot(*skin_ab) * 78), "#c89878", 1.4)
    _arrows(canvas, lut, _ring(), at, 1.6)
    _arrows(canvas, lut, skin, at, 1.2, "#f4d9c6")
    x, y = at(skin_ab / np.hypot(*skin_ab) * 80)
    canvas.text((x + 2, y - 2), "skin", 13, "#e8b997", "lb")
    canvas.dot(centre, 2.5, _FAINT)
    light = "circle: before, arrow head: after; three lightnesses"
    canvas.text((inner[0] - 26, inner[3] + 18), light, 12, _FAINT)


def _ring() -> F64:
    """(48, 3) sRGB: sixteen hues at three lightnesses."""
    hue = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    rings = [
        np.stack([np.full(16, light), chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
        for light, chroma in ((0.42, 0.06), (0.62, 0.10), (0.78, 0.14))
    ]
    return np.asarray(oklab_to_srgb_in_gamut(np.concatenate(rings)), np.float64)


def _arrows(
    canvas: Canvas,
    lut: Lut,
    colours: F64,
    at: Callable[[NDArray[np.floating]], Point],
    width: float,
    tone: str | None = None,
) -> None:
    after = np.clip(lut.sample(colours), 0, 1)
    for start, end, shown in zip(srgb_to_lab(colours), srgb_to_lab(after), colours, strict=True):
        red, green, blue = (int(v) for v in np.round(shown * 255))
        fill = (red, green, blue)
        canvas.arrow(at(start[1:]), at(end[1:]), tone or fill, width)
        canvas.dot(at(start[1:]), 3.2 if tone is None else 2.6, fill, tone or _PANEL)


def _words(canvas: Canvas, judged: Verdict, report: SafetyReport) -> None:
    canvas.panel(_WORDS, _PANEL)
    left, top, right, bottom = _WORDS
    canvas.text((left + 18, top + 12), "Verdict", 16, _TEXT)
    width, room = right - left - 36, bottom - 112 - (top + 44)
    size = next((s for s in (15, 14, 13, 12) if _height(judged.lines, s, width) <= room), 11)
    y = top + 44.0
    for line in judged.lines:
        y = canvas.paragraph((left + 18, y), line, size, _TEXT, width) + size / 2
    canvas.line([(left + 18, bottom - 112), (right - 18, bottom - 112)], _GRID)
    for k, (name, value) in enumerate(_numbers(report)):
        x = left + 18 + (k % 2) * 200
        row = bottom - 98 + (k // 2) * 23
        canvas.text((x, row), name, 13, _FAINT)
        canvas.text((x + 178, row), value, 13, _TEXT, "ra")


def _height(lines: Collection[str], size: int, width: float) -> float:
    return sum(len(wrap(line, size, width)) * size * 1.35 + size / 2 for line in lines)


def _numbers(report: SafetyReport) -> list[tuple[str, str]]:
    return [
        ("grey falls", f"{report.neutral_reversal_lstar:.2f} L*"),
        ("folded", f"{report.fold_share:.2%}"),
        ("grey gain", f"{report.neutral_gain_max_codes:.2f} codes"),
        ("steps", f"{report.gradient_kink_codes:.1f} codes"),
        ("skin hue", f"{report.skin_hue_mean_degrees:.1f} deg"),
        ("skin chroma", f"x{report.skin_chroma_ratio:.2f}"),
        ("black, white", f"{report.black_lstar:.0f}, {report.white_lstar:.0f} L*"),
        ("clipped", f"{report.clip_photo_share:.1%}"),
    ]


def _gradients(canvas: Canvas, lut: Lut) -> None:
    """Pairs of strips, each 8-bit as a screen shows it: before above, after below."""
    left, right = 190, 1370
    for k, (name, label) in enumerate(_STRIPS):
        top = _STRIPS_TOP + k * _STRIP_PITCH
        before = np.round(gradient(name, right - left) * 255) / 255
        after = np.clip(lut.sample(before), 0, 1)
        canvas.text((30, top + _STRIP_HEIGHT), label, 15, _TEXT, "lm")
        for row, strip in enumerate((before, after)):
            y = top + row * _STRIP_HEIGHT
            canvas.picture((left, y, right, y + _STRIP_HEIGHT), np.round(strip * 255).astype(np.uint8)[None])
            canvas.text((180, y + _STRIP_HEIGHT / 2), ("before", "after")[row], 11, _FAINT, "rm")
