"""What a model is shown of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[Any]  # (H, W, 3), float 0..1 or uint8, sRGB
_LEAST = 28  # pixels along an edge that every tower can take


def shown(picture: Picture, side: int) -> Image.Image:
    """The picture at most ``side`` pixels along its longer side, and at least 28 along the shorter."""
    pixels = np.asarray(picture)
    if pixels.dtype != np.uint8:
        pixels = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    image = Image.fromarray(pixels, "RGB") if pixels.ndim == 3 else Image.fromarray(pixels).convert("RGB")
    scale = min(1.0, side / max(image.size))
    wide, high = (max(_LEAST, round(edge * scale)) for edge in image.size)
    size = (wide, high)
    return image if size == image.size else image.resize(size, Image.Resampling.BOX)
