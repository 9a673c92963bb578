"""From a grade to what darktable applies: a style, and for LUT 3D the cube that it names."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from gradewright.core.errors import FileError
from gradewright.core.files import write_bytes
from gradewright.lutio.cube_writer import encode

from . import places, style

if TYPE_CHECKING:
    from gradewright.core.lut import Lut

LABEL = "gradewright"  # the name of our module instances; the panel finds them by it
KINDS = ("lut", "modules")
NATIVE = (
    *("exposure", "channelmixerrgb", "colorequal", "colorbalancergb", "rgbcurve"),
    *("tonecurve", "colorcorrection", "colorzones"),
)


@dataclass(frozen=True)
class Look:
    """A style file: its name in darktable, what it is made of, and how near native modules come.

    ``modules`` : the operations it adds
    ``residual_de`` : mean CIEDE2000 between the native modules and the look, predicted from the
    measured models on the photo; 0 for a LUT
    """

    name: str
    path: Path
    kind: str
    title: str
    modules: tuple[str, ...]
    residual_de: float = 0.0
    p95_de: float = 0.0

    def to_dict(self) -> dict[str, object]:
        """Plain values."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**values, "path": str(self.path), "modules": list(self.modules)}


def lut_look(lut: Lut, folder: Path, root: Path, words: str = "") -> Look:
    """A style with LUT 3D in ``folder``; the cube goes under the LUT root.

    The cube is named by its content, so that histories that use one never change their look, and an
    equal look is kept once.

    Raises
    ------
    FileError : the LUT root cannot be written
    """
    data = encode(lut.flatten())
    stem = f"{slug(words or lut.title)}-{sha256(data).hexdigest()[:10]}"
    cube = _our_folder(root) / f"{stem}.cube"
    if not (cube.is_file() and cube.read_bytes() == data):
        write_bytes(cube, data, overwrite=True)
    step = style.lut_step(f"{places.FOLDER}/{cube.name}", LABEL)
    return Look(stem, _write(folder, stem, [step], lut.title), "lut", lut.title, (step.module,))


def native_look(
    lut: Lut, folder: Path, photo: Path | None = None, words: str = "", raw: bool = False
) -> Look:
    """A style of darktable's own modules, fitted to the look; with ``photo``, judged on its colours.

    ``raw`` : with the modules that come after the tone mapper, so that it fits raw files as well
    """
    from . import display, fit, scene

    pixels = None
    if photo is not None:
        from gradewright.core import photo as photos

        pixels = photos.load(photo, max_side=256)
    found = fit.fit(lut, pixels, display.CHAIN if raw else scene.CHAIN)
    text = style.render("", found.steps)
    stem = f"{slug(words or lut.title)}-{sha256(text.encode()).hexdigest()[:10]}"
    path = _write(folder, stem, found.steps, lut.title)
    modules = tuple(step.module for step in found.steps)
    return Look(stem, path, "modules", lut.title, modules, round(found.mean, 3), round(found.p95, 3))


def off_styles() -> dict[str, bytes]:
    """Styles by file name: one a module that switches our instance of it off, and one that does nothing."""
    found = {"nothing": style.render(f"{LABEL}-nothing", [])}
    for module in ("lut3d", *NATIVE):
        found[f"off-{module}"] = style.render(
            f"{LABEL}-off-{module}", [style.Step(module, {}, LABEL, enabled=False)]
        )
    return {f"{LABEL}-{name}.dtstyle": text.encode("utf-8") for name, text in found.items()}


def slug(words: str) -> str:
    """A short name of plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "look"


def _our_folder(root: Path) -> Path:
    """``gradewright`` under the LUT root, made when missing."""
    remedy = (
        "choose another folder in darktable's preferences: processing, 3D lut root folder, or take the "
        "result 'modules'"
    )
    if not root.is_dir():
        raise FileError(root, "darktable's LUT root does not exist", remedy)
    folder = root / places.FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise FileError(root, f"darktable's LUT root cannot be written ({error.strerror})", remedy) from None
    if not os.access(folder, os.W_OK):
        raise FileError(folder, "darktable's LUT folder cannot be written", remedy)
    return folder


def _write(folder: Path, name: str, steps: list[style.Step], description: str) -> Path:
    path = folder / f"{name}.dtstyle"
    write_bytes(path, style.render(name, steps, description).encode("utf-8"), overwrite=True)
    return path
