"""Pictures for the benchmarks: loading, rounding, JPEG, contact sheets."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import accumulate, chain
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def load(path: Path, side: int) -> np.ndarray:
    """Float32 (H, W, 3), longer side at most ``side``."""
    image = Image.open(path).convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32) / 255


def eight_bit(image: np.ndarray) -> np.ndarray:
    """The picture rounded to 8 bits, still float32 0..1."""
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8).astype(np.float32) / 255


def to_image(image: np.ndarray) -> Image.Image:
    """A Pillow image of a float picture (H, W, 3)."""
    return Image.fromarray((eight_bit(image) * 255).round().astype(np.uint8))


def jpeg(image: np.ndarray, quality: int = 90) -> np.ndarray:
    """The picture after one JPEG compression."""
    buffer = io.BytesIO()
    to_image(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer), np.float32) / 255


def contact_sheet(
    cases: Sequence[Sequence[np.ndarray]],
    path: Path,
    side: int = 240,
    heads: Sequence[str] = (),
    across: int = 1,
) -> None:
    """Pictures in a grid, ``across`` cases in a row, with column titles where ``heads`` are given."""
    rows = [
        [_thumbnail(picture, side - 6) for picture in chain(*cases[start : start + across])]
        for start in range(0, len(cases), across)
    ]
    tops = list(
        accumulate((max(image.height for image in row) + 6 for row in rows), initial=16 if heads else 0)
    )
    canvas = Image.new("RGB", (len(rows[0]) * side, tops[-1]), (64, 64, 64))
    for column, head in enumerate(heads * across):
        ImageDraw.Draw(canvas).text((column * side + 3, 2), head, fill=(255, 255, 255))
    for top, row in zip(tops, rows, strict=False):
        for column, image in enumerate(row):
            canvas.paste(image, (column * side + 3, top + 3))
    canvas.save(path, quality=92)


def _thumbnail(picture: np.ndarray, side: int) -> Image.Image:
    image = to_image(picture)
    image.thumbnail((side, side))
    return image
