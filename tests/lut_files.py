"""Small LUT files for the tests of the formats: written, read by OpenColorIO, refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PyOpenColorIO as ocio
import pytest
from gradewright import lutio
from gradewright.core import ocio as pixels
from gradewright.core.errors import LutFileError


def save(folder: Path, content: str | bytes, name: str) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def through_ocio(path: Path, image: np.ndarray) -> np.ndarray:
    """Pixels through a LUT file as OpenColorIO itself reads it: the independent reader."""
    transform = ocio.FileTransform(str(path), interpolation=ocio.INTERP_TETRAHEDRAL)
    return pixels.apply(pixels.processor(transform), image.copy())


def assert_refused(path: Path, message: str) -> LutFileError:
    """Reading fails in one line that starts with the path and ``message``; returns the error."""
    with pytest.raises(LutFileError) as caught:
        lutio.read(path)
    text = str(caught.value)
    assert text.startswith(f"{path}{message}")
    assert "\n" not in text
    return caught.value
