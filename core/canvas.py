"""A small drawing surface for plots: anti-aliased shapes, crisp text, Pillow only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Colour = tuple[int, int, int] | str
_OVER = 3  # shapes are drawn this much larger and reduced


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so that a plot looks the same on every machine."""
    return ImageFont.load_default(size=size)


class Canvas:
    """Shapes go to an oversized layer; text and pictures are set on it once it has been reduced."""

    def __init__(self, width: int, height: int, background: Colour) -> None:
        self._size = (width, height)
        self._shapes = Image.new("RGB", (width * _OVER, height * _OVER), background)
        self._draw = ImageDraw.Draw(self._shapes)
        self._pictures: list[tuple[Image.Image, tuple[int, int]]] = []
        self._texts: list[tuple[Point, str, int, Colour, str]] = []

    def panel(self, box: Box, fill: Colour, radius: float = 8, outline: Colour | None = None) -> None:
        """A rounded rectangle."""
        self._draw.rounded_rectangle([v * _OVER for v in box], radius * _OVER, fill, outline, _OVER)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1) -> None:
        """A connected line."""
        scaled = [(x * _OVER, y * _OVER) for x, y in points]
        self._draw.line(scaled, colour, max(1, round(width * _OVER)), joint="curve")

    def dashes(self, start: Point, end: Point, colour: Colour, width: float = 1, dash: float = 5) -> None:
        """A dashed straight line."""
        a, b = np.asarray(start), np.asarray(end)
        count = max(2, int(np.hypot(*(b - a)) / dash))
        for k in range(0, count, 2):
            p, q = a + (b - a) * k / count, a + (b - a) * (k + 1) / count
            self.line([(p[0], p[1]), (q[0], q[1])], colour, width)

    def dot(self, centre: Point, radius: float, fill: Colour | None, outline: Colour | None = None) -> None:
        """A filled or outlined circle."""
        (x, y), r = centre, radius
        self._draw.ellipse(
            [(x - r) * _OVER, (y - r) * _OVER, (x + r) * _OVER, (y + r) * _OVER], fill, outline, _OVER
        )

    def arrow(self, start: Point, end: Point, colour: Colour, width: float = 1.6, head: float = 7) -> None:
        """A line with a solid head; too short a one is left out."""
        a, b = np.asarray(start), np.asarray(end)
        length = float(np.hypot(*(b - a)))
        if length < 1.5:
            return
        along = (b - a) / length
        across = np.array([-along[1], along[0]])
        head = min(head, length * 0.6)
        neck = b - along * head
        self.line([start, (neck[0], neck[1])], colour, width)
        tip = [b, neck + across * head * 0.45, neck - across * head * 0.45]
        self._draw.polygon([(p[0] * _OVER, p[1] * _OVER) for p in tip], fill=colour)

    def text(self, at: Point, text: str, size: int, colour: Colour, anchor: str = "la") -> None:
        """A line of text; ``anchor`` as in Pillow."""
        self._texts.append((at, text, size, colour, anchor))

    def paragraph(self, at: Point, text: str, size: int, colour: Colour, width: float) -> float:
        """Wrapped text; returns the y below it."""
        x, y = at
        for row in wrap(text, size, width):
            self.text((x, y), row, size, colour)
            y += size * 1.35
        return y

    def picture(self, box: tuple[int, int, int, int], pixels: NDArray[np.uint8]) -> None:
        """An array (H, W, 3) stretched to a box, its pixels kept hard."""
        left, top, right, bottom = box
        image = Image.fromarray(np.ascontiguousarray(pixels))
        size = (right - left, bottom - top)
        self._pictures.append((image.resize(size, Image.Resampling.NEAREST), (left, top)))

    def image(self) -> Image.Image:
        """The finished picture."""
        out = self._shapes.resize(self._size, Image.Resampling.BOX)
        for picture, corner in self._pictures:
            out.paste(picture, corner)
        draw = ImageDraw.Draw(out)
        for at, text, size, colour, anchor in self._texts:
            draw.text(at, text, fill=colour, font=font(size), anchor=anchor)
        return out


def wrap(text: str, size: int, width: float) -> list[str]:
    """Text broken between words so that each row is at most ``width`` pixels."""
    rows: list[str] = []
    for word in text.split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and font(size).getlength(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def shorten(text: str, size: int, width: float) -> str:
    """Text cut with an ellipsis to at most ``width`` pixels."""
    if font(size).getlength(text) <= width:
        return text
    while text and font(size).getlength(f"{text}...") > width:
        text = text[:-1]
    return f"{text.rstrip()}..."
