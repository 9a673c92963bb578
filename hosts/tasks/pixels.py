"""Pictures that are not files: the ``.gwpx`` buffers that hosts exchange with the service.

16 bytes of header (:mod:`gradewright.hosts.client` writes it), then sRGB-encoded rows from the top.
They are mapped, and worked on a few rows at a time, so that a large picture costs little memory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from gradewright.core import photo as photos
from gradewright.core.errors import BadInput
from gradewright.core.files import atomic_output
from gradewright.core.lut import Lut
from gradewright.core.photo import Photo
from numpy.typing import NDArray

from .. import client
from .step import Step

_STRIP = 1 << 20  # pixels worked on at once
_MAX_PIXELS = 1 << 29
_SCALE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}


def is_buffer(path: Path) -> bool:
    """Its suffix says that it holds bare pixels."""
    return path.suffix.lower() == client.PIXELS_SUFFIX


def opened(path: Path) -> NDArray[np.generic]:
    """The picture, (H, W, 3) or (H, W, 4), uint8, uint16 or float32, mapped read-only.

    Raises
    ------
    BadInput : not such a file, a truncated one, or one of more than 2^29 pixels
    """
    try:
        width, height, channels, kind = client.read_pixels_header(str(path))
    except client.ClientError as error:
        raise BadInput(str(error)) from None
    if width * height > _MAX_PIXELS:
        raise BadInput(f"{path}: {width} x {height} pixels are too many: at most {_MAX_PIXELS}")
    dtype = np.dtype(kind).newbyteorder("<")
    return np.memmap(path, dtype, "r", client.PIXELS_OFFSET, (height, width, channels))


def proxy(path: Path, side: int) -> NDArray[np.float32]:
    """The picture averaged over whole blocks to at most twice ``side``, float32 (H, W, 3) 0..1.

    Transparent pixels have no say; blocks without any visible pixel get the picture's mean colour.
    """
    pixels = opened(path)
    block = max(1, max(pixels.shape[:2]) // side)
    block = min(block, *pixels.shape[:2])
    height, width = (length // block * block for length in pixels.shape[:2])
    rows = max(1, _STRIP // (width * block)) * block
    strips = [
        _averaged(pixels[top : min(top + rows, height), :width], block) for top in range(0, height, rows)
    ]
    colour, weight = (np.concatenate(parts) for parts in zip(*strips, strict=True))
    mean = colour.sum((0, 1)) / max(float(weight.sum()), 1e-9)
    shown = np.where(weight > 0, colour / np.maximum(weight, 1e-9), mean)
    return np.clip(shown, 0, 1).astype(np.float32)


def _averaged(strip: NDArray[np.generic], block: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Sums of colour times weight, and of weight, over blocks."""
    height, width, channels = strip.shape
    values = np.nan_to_num(strip.astype(np.float32) / _SCALE[strip.dtype.name])
    weight = np.clip(values[..., 3:], 0, 1) if channels == 4 else np.ones((height, width, 1), np.float32)
    split = (height // block, block, width // block, block, -1)
    coloured = (np.clip(values[..., :3], 0, 1) * weight).reshape(split)
    return coloured.sum((1, 3)), weight.reshape(split).sum((1, 3))


def graded(source: Path, lut: Lut, target: Path, overwrite: bool, step: Step) -> None:
    """Write the picture through a LUT to another buffer of the same shape and type."""
    pixels = opened(source)
    height, width, channels = pixels.shape
    rows = max(1, _STRIP // width)

    def strips() -> object:
        for top in range(0, height, rows):
            step(top / height, "applying")
            strip = np.ascontiguousarray(pixels[top : top + rows])
            yield photos.grade_pixels(Photo(source, "", strip), lut).pixels.tobytes()

    with atomic_output(target, overwrite) as temporary:
        client.write_pixels(str(temporary), width, height, channels, pixels.dtype.name, strips())  # type: ignore[arg-type]
