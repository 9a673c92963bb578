"""Sizes: proxies of a picture, and strips of rows that fit a memory budget."""

from __future__ import annotations

from collections.abc import Iterator

STRIP_PIXELS = 2 << 20  # rows of so many pixels are in memory at a time: 32 MiB as RGBA floats


def strips(height: int, width: int, pixels: int = STRIP_PIXELS) -> Iterator[tuple[int, int]]:
    """(top, rows) of strips that cover ``height`` rows, each of at most ``pixels`` pixels or one row."""
    rows = max(1, pixels // max(width, 1))
    for top in range(0, height, rows):
        yield top, min(rows, height - top)


def fitted(width: int, height: int, side: int) -> tuple[int, int, float]:
    """(width, height, scale) of a picture scaled down so that its longer side is at most ``side``."""
    scale = min(1.0, side / max(width, height))
    return max(1, int(width * scale)), max(1, int(height * scale)), scale


def opaque(pixels: bytes) -> bool:
    """Whether every pixel of RGBA float32 (little-endian) has an alpha of exactly 1."""
    one = b"\x00\x00\x80\x3f"
    count = len(pixels) // 16
    return all(pixels[12 + i :: 16].count(one[i : i + 1]) == count for i in (3, 2, 1, 0))
