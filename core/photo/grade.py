"""A look on a photo, in the photo's own colour profile and at its own depth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..lut import Lut
from . import profile
from .model import Photo


def grade_pixels(photo: Photo, lut: Lut, threads: int | None = None) -> Photo:
    """Apply a display-referred sRGB LUT.

    Pixels of another profile are graded as the sRGB colours they show: the LUT is baked into
    the profile's encoding (see :func:`gradewright.core.photo.profile.bake`), so profile and
    depth stay. Alpha passes through. An identity LUT returns the same pixels. Floating-point
    values outside 0..1 keep their excess.

    Parameters
    ----------
    threads : None uses every processor of this process

    Returns
    -------
    A photo with new pixels of the same shape and type.
    """
    if lut.is_identity():
        return photo
    if profile.inspect(photo.icc).kind == "matrix":
        lut = profile.bake(lut, photo.icc)
    if photo.pixels.dtype == np.float32:
        return photo.with_pixels(_float(photo.pixels, lut, threads))
    return photo.with_pixels(lut.apply(photo.pixels, threads=threads))


def _float(pixels: NDArray[np.generic], lut: Lut, threads: int | None) -> NDArray[np.generic]:
    low, high = np.float32(0), np.float32(1)
    inside = np.clip(pixels, low, high)  # type: ignore[type-var]
    excess = pixels - inside  # type: ignore[operator]
    if pixels.shape[2] == 4:
        inside[..., 3], excess[..., 3] = pixels[..., 3], 0
    graded = lut.apply(inside, out=inside, threads=threads)
    return np.add(graded, excess, out=graded)  # type: ignore[no-any-return, call-overload]
