"""Photos in and out: read for the engines as sRGB, or graded in place with everything kept.

>>> from gradewright.core import photo
>>> pixels = photo.load("photo.jpg", max_side=512)          # float32 (H, W, 3) sRGB, upright
>>> graded = photo.grade_pixels(photo.open_pixels("photo.tif"), lut)
>>> warnings = photo.save(graded, "graded.tif")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import attributes

if TYPE_CHECKING:
    from .encode import check_output, save, save_pixels
    from .grade import grade_pixels
    from .loading import load, load_with_notes
    from .model import Encoding, Photo
    from .pixels import open_pixels

__all__ = [
    "Encoding",
    "Photo",
    "check_output",
    "grade_pixels",
    "load",
    "load_with_notes",
    "open_pixels",
    "save",
    "save_pixels",
]

_HOME = {
    "Encoding": "model",
    "Photo": "model",
    "check_output": "encode",
    "grade_pixels": "grade",
    "load": "loading",
    "load_with_notes": "loading",
    "open_pixels": "pixels",
    "save": "encode",
    "save_pixels": "encode",
}


__getattr__ = attributes(__name__, _HOME)
