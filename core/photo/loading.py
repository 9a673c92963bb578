"""Photos for the engines: upright sRGB floats, from whatever is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import BadInput
from . import ifd, profile
from .decode import pixels_of, to_rgb, upright
from .depth import to_float
from .model import Photo
from .pixels import open_pixels
from .source import check_size, decoding, identify, open_pillow

Pixels = NDArray[np.float32]


def load(source: Any, max_side: int | None = None) -> Pixels:
    """A photo as float32 (H, W, 3), sRGB-encoded, 0..1, upright.

    See :func:`load_with_notes`, which also tells what had to be assumed.
    """
    return load_with_notes(source, max_side)[0]


def load_with_notes(source: Any, max_side: int | None = None) -> tuple[Pixels, tuple[str, ...]]:
    """A photo as float32 (H, W, 3), sRGB-encoded, 0..1, upright, and the warnings about it.

    Parameters
    ----------
    source : path; PIL image; or array: (H, W), (H, W, 1..4), float 0..1, uint8 or uint16,
        taken as sRGB. Alpha is dropped, grey is repeated. EXIF orientation is applied, colour
        profiles are converted to sRGB and clipped
    max_side : shrink so that the longer side is at most this, in pixels; a JPEG is then
        decoded at reduced size, which is about ten times faster

    Raises
    ------
    ImageFileError : an unreadable file, in one line
    BadInput : another type, or an array of another shape, type or range
    """
    if max_side is not None and max_side < 1:
        raise BadInput(f"max_side {max_side} is out of range: 1 or more")
    if isinstance(source, (str, Path)):
        return _from_path(Path(source), max_side)
    if isinstance(source, np.ndarray):
        return _shrunk(_from_array(source), max_side), ()
    from PIL import Image

    if isinstance(source, Image.Image):
        return _from_pil(source, max_side)
    raise BadInput(f"a photo is a path, a PIL image or an array, not {type(source).__name__}")


def _from_path(path: Path, max_side: int | None) -> tuple[Pixels, tuple[str, ...]]:
    kind = identify(path)
    if kind in ("JPEG", "WEBP"):
        with open(path, "rb") as stream:
            image, warned = open_pillow(path, kind, stream)
            if getattr(image, "n_frames", 1) > 1 and kind == "WEBP":
                warned.append(f"animated: only the first of {image.n_frames} frames is used")  # type: ignore[attr-defined]
            with decoding(path):
                exif = image.info.get("exif") or b""
                icc = image.info.get("icc_profile") or b""
                if max_side is not None:
                    image.draft(image.mode, _fit(image.size, max_side))
                image.load()
                pixels, notes = _converted(image, icc, max_side)
        turned = upright(pixels, ifd.orientation(exif.removeprefix(b"Exif\0\0")))
        return turned, tuple(f"{path}: {note}" for note in (*warned, *notes))
    photo = open_pixels(path)
    return _from_photo(photo, max_side), photo.notes


def _from_photo(photo: Photo, max_side: int | None) -> Pixels:
    pixels = photo.pixels[..., :3]
    if pixels.dtype == np.uint8:
        from PIL import Image

        small, _ = _converted(Image.fromarray(np.ascontiguousarray(pixels)), photo.icc, max_side)
    else:
        small = np.clip(np.nan_to_num(_shrunk(to_float(pixels), max_side)), 0, 1)
        matrix = profile.inspect(photo.icc).matrix
        if matrix is not None and profile.inspect(photo.icc).kind == "matrix":
            small = _rows_to_srgb(small, matrix)
    return upright(small, ifd.orientation(photo.exif))


def _rows_to_srgb(pixels: Pixels, matrix: profile.MatrixProfile) -> Pixels:
    """In blocks of rows: float64 of a whole photo would take 1 GB."""
    result = np.empty_like(pixels)
    for start in range(0, len(pixels), 256):
        block = pixels[start : start + 256].astype(np.float64)
        result[start : start + 256] = np.clip(matrix.to_srgb(block), 0, 1)
    return result


def _converted(image: Any, icc: bytes, max_side: int | None) -> tuple[Pixels, tuple[str, ...]]:
    """A decoded 8-bit PIL image, shrunk, then brought to sRGB floats."""
    from PIL import Image

    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    if max_side is not None and max(image.size) > max_side:
        image = image.resize(_fit(image.size, max_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    decoded = to_rgb(image, icc)
    rgb, notes = decoded.image.convert("RGB"), decoded.notes
    if profile.inspect(decoded.icc).kind == "matrix":
        try:
            rgb = profile.convert_8bit(rgb, decoded.icc)
        except ValueError:
            notes = (*notes, "ICC profile unusable: treated as sRGB")
    return to_float(pixels_of(rgb)), notes


def _from_pil(image: Any, max_side: int | None) -> tuple[Pixels, tuple[str, ...]]:
    name = getattr(image, "filename", "") or "image"
    check_size(name, *image.size)
    notes: tuple[str, ...] = ()
    with decoding(name):
        image.load()
        exif = (image.getexif().tobytes() if image.getexif() else b"").removeprefix(b"Exif\0\0")
        if image.mode.startswith("I;16"):
            pixels = _shrunk(_from_array(np.asarray(image, np.uint16)), max_side)
        elif image.mode in ("I", "F"):
            raise BadInput(f"{name} has mode {image.mode}: its range is unknown; give an array 0..1")
        else:
            pixels, notes = _converted(image, image.info.get("icc_profile") or b"", max_side)
    return upright(pixels, ifd.orientation(exif)), tuple(f"{name}: {note}" for note in notes)


def _from_array(array: NDArray[np.generic]) -> Pixels:
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or not 1 <= array.shape[2] <= 4 or not array.size:
        raise BadInput(f"the photo has shape {array.shape}: needs (H, W), (H, W, 3) or (H, W, 4)")
    array = array[..., : 3 if array.shape[2] > 2 else 1]
    if array.dtype in (np.uint8, np.uint16):
        pixels = to_float(array)
    elif np.issubdtype(array.dtype, np.floating):
        low, high = float(array.min()), float(array.max())
        if not -0.5 <= low <= high <= 1.5:  # false for NaN too
            raise BadInput(f"the photo's floats span {low:g}..{high:g}: needs 0..1, sRGB-encoded")
        pixels = np.clip(array, 0, 1).astype(np.float32)
    else:
        raise BadInput(f"the photo is {array.dtype}: needs float 0..1, uint8 or uint16")
    return pixels if array.shape[2] == 3 else pixels.repeat(3, axis=2)


def _fit(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, max_side / max(size))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _shrunk(pixels: NDArray[Any], max_side: int | None) -> Pixels:
    height, width = pixels.shape[:2]
    if max_side is None or max(height, width) <= max_side:
        return pixels
    from PIL import Image

    size = _fit((width, height), max_side)
    planes = [
        Image.fromarray(np.ascontiguousarray(pixels[..., c])).resize(
            size, Image.Resampling.BICUBIC, reducing_gap=2.0
        )
        for c in range(3)
    ]
    return np.clip(np.stack([np.asarray(plane, np.float32) for plane in planes], axis=-1), 0, 1)
