"""Colour profiles of photos: told apart by LittleCMS, converted exactly where they are matrices."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..colour import RGB_TO_XYZ, WHITE_D65, srgb_decode, srgb_encode
from ..interp import lattice
from ..lut import Lut
from .depth import full_scale
from .icc import F64, MAX_BYTES, Curve, NotMatrixError, colour_space, parse_gray, parse_matrix

if TYPE_CHECKING:
    from PIL import Image

_SAME_AS_SRGB = 0.5 / 255  # profiles closer to sRGB than half an 8-bit code are taken as sRGB
# Lattices that keep a strong look within one 8-bit code of float64 (tests/test_photo_profile.py):
# in a very wide encoding sRGB fills only a corner of the cube, so it takes more of them.
_BAKE_SIZE, _BAKE_SIZE_WIDE = 65, 97
_WIDE = (
    1.5  # largest coefficient to linear sRGB: Display P3 1.22, Adobe RGB 1.40, Rec.2020 1.66, ProPhoto 2.03
)
# Bradford adaptation D65 -> D50 (ICC.1:2010 annex E); D50 is the profile connection space's white.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D50 = np.array([0.9642, 1.0, 0.8249])
_ADAPT = np.linalg.inv(_BRADFORD) @ np.diag((_BRADFORD @ _D50) / (_BRADFORD @ WHITE_D65)) @ _BRADFORD
_PCS_TO_LINEAR = np.linalg.inv(_ADAPT @ RGB_TO_XYZ)


@dataclass(frozen=True, eq=False)
class MatrixProfile:
    """An RGB profile of three curves and a matrix, against sRGB (relative colorimetric)."""

    to_linear: F64
    """Linear device RGB to linear sRGB, (3, 3)."""
    curves: tuple[Curve, Curve, Curve]

    def to_srgb(self, rgb: F64) -> F64:
        """(..., 3) in the profile, 0..1, to sRGB-encoded, not clipped, float64."""
        linear = np.stack([c.decode(rgb[..., i]) for i, c in enumerate(self.curves)], axis=-1)
        return srgb_encode(linear @ self.to_linear.T).astype(np.float64)

    def from_srgb(self, rgb: F64) -> F64:
        """(..., 3) sRGB-encoded to the profile, clipped to 0..1, float64."""
        linear = np.clip(srgb_decode(rgb) @ np.linalg.inv(self.to_linear).T, 0, 1)
        encoded = np.stack([c.encode(linear[..., i]) for i, c in enumerate(self.curves)], axis=-1)
        return np.clip(encoded, 0, 1)


@dataclass(frozen=True, eq=False)
class Profile:
    """What an embedded profile turned out to be.

    ``kind`` : "srgb" (also untagged), "matrix" (wide or small gamut, exact in float), "gray"
    (tone curve), "table" (RGB, CMYK, Lab through LittleCMS only) or "broken" (treated as sRGB).
    ``reason`` : why it is broken.
    """

    kind: str
    space: str = "RGB"
    matrix: MatrixProfile | None = None
    gray: Curve | None = None
    reason: str = ""


@lru_cache(maxsize=32)
def inspect(icc: bytes) -> Profile:
    """Tell what a profile is. Never raises: what cannot be used comes back as "broken"."""
    if not icc:
        return Profile("srgb")
    if len(icc) > MAX_BYTES:
        return Profile("broken", reason=f"larger than {MAX_BYTES >> 20} MB")
    space = colour_space(icc)
    if icc[36:40] != b"acsp" or not _littlecms_converts(icc, space):
        return Profile("broken", reason="damaged")
    try:
        if space == "GRAY":
            return Profile("gray", space, gray=parse_gray(icc))
        if space == "RGB":
            return _matrix_profile(icc)
    except NotMatrixError:
        pass
    return Profile("table", space)


def _littlecms_converts(icc: bytes, space: str) -> bool:
    """A conversion, not only the header: LittleCMS reads the tags when it first needs them."""
    from PIL import Image

    mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}.get(space)
    if mode is None:
        return False
    try:
        convert_8bit(Image.new(mode, (1, 1)), icc)
    except ValueError:
        return False
    return True


def _matrix_profile(icc: bytes) -> Profile:
    colorants, curves = parse_matrix(icc)
    matrix = MatrixProfile(_PCS_TO_LINEAR @ colorants, curves)
    grid = lattice(9, np.float64).astype(np.float64)
    if np.abs(matrix.to_srgb(grid) - grid).max() < _SAME_AS_SRGB:
        return Profile("srgb", matrix=matrix)
    return Profile("matrix", matrix=matrix)


def usable(icc: bytes, space: str) -> tuple[Profile, str]:
    """The profile of a picture whose pixels are ``space`` ("RGB", "GRAY", "CMYK", "Lab"), and a warning.

    A grey picture may carry an RGB profile: its pixels are that space's neutrals.
    """
    profile = inspect(icc)
    if profile.kind == "broken":
        return profile, f"broken ICC profile ({profile.reason}): treated as sRGB"
    if icc and profile.space != space and not (space == "GRAY" and profile.space == "RGB"):
        reason = f"it is for {profile.space}, the pixels are {space}"
        return Profile("broken", space, reason=reason), f"ICC profile ignored ({reason}): treated as sRGB"
    return profile, ""


def convert_8bit(image: Image.Image, icc: bytes) -> Image.Image:
    """Pixels of a profile to sRGB by LittleCMS, 8 bit, relative colorimetric with black point.

    Parameters
    ----------
    image : mode RGB, L, CMYK or LAB, fitting the profile

    Returns
    -------
    Mode RGB.

    Raises
    ------
    ValueError : LittleCMS builds no conversion from this profile
    """
    from PIL import ImageCms

    try:
        result = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError) as error:
        raise ValueError(f"no conversion from this profile ({error})") from error
    assert result is not None  # None only with inPlace
    return result


@lru_cache(maxsize=4)
def bake(lut: Lut, icc: bytes) -> Lut:
    """An sRGB look as one plain LUT in a matrix profile's own encoding.

    Delta form, ``out = x + back(look(s)) - back(s)`` with ``s = clip(to_srgb(x))``: an identity
    look bakes to the identity whatever the profile, and what a colour has beyond sRGB stays
    added to the graded colour.

    Raises
    ------
    ValueError : the profile is not a matrix profile
    """
    matrix = inspect(icc).matrix
    if matrix is None:
        raise ValueError("only matrix profiles can be baked")
    size = _BAKE_SIZE_WIDE if matrix.to_linear.max() > _WIDE else _BAKE_SIZE
    x = lattice(size, np.float64).astype(np.float64)
    inside = np.clip(matrix.to_srgb(x), 0, 1)
    change = matrix.from_srgb(np.clip(lut.sample(inside), 0, 1)) - matrix.from_srgb(inside)
    return Lut((x + change).astype(np.float32), title=lut.title)


def gray_to_srgb(pixels: NDArray[np.generic], curve: Curve) -> NDArray[np.generic]:
    """Pixels (H, W, 3 or 4) with equal R, G, B of a grey profile to sRGB-encoded, at their depth."""
    top = full_scale(pixels)
    result = pixels.copy()
    if pixels.dtype == np.float32:
        gray = srgb_encode(curve.decode(np.clip(pixels[..., 0], 0, 1).astype(np.float64)))
    else:
        table = srgb_encode(curve.decode(np.arange(int(top) + 1) / top))
        gray = np.round(np.clip(table, 0, 1) * top)[pixels[..., 0]]
    result[..., :3] = gray[..., None]
    return result
