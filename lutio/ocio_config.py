"""An OpenColorIO config with a LUT as a Look, ready for Nuke, Blender and Resolve.

Built on the CG config that OpenColorIO itself carries (ACES 1.3, profile 2.1: readable by every
host with OCIO 2.1 or later), with three things added:

* the Look, in ``sRGB - Texture``: put it on sRGB images, anywhere the host offers looks;
* a view of the look's name that shows an image through it without a tone map: for photos and
  other display-referred images, this is the LUT number for number;
* a view ``NAME on ACES`` that grades **after** the ACES 1.0 SDR tone map: for renders and camera
  footage, whose highlights a display-referred LUT before the tone map would clip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradewright.core import files
from gradewright.core.errors import BadInput, FileError, LutFileError

from . import ocio_log, source
from .options import checked, one_of

if TYPE_CHECKING:
    import PyOpenColorIO
    from gradewright.core.lut import Lut

BASE = "cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
SPACE = "sRGB - Texture"
DISPLAYS = ("sRGB - Display", "Rec.1886 Rec.709 - Display")
_CONFIG, _LUTS = "config.ocio", "luts"
_ACES_SDR = "ACES-OUTPUT - ACES2065-1_to_CIE-XYZ-D65 - SDR-VIDEO_1.0"
_TO_SRGB = "DISPLAY - CIE-XYZ-D65_to_sRGB"


class OcioConfig:
    """A folder with ``config.ocio`` and ``luts/``. Written and read by folder or by config file."""

    name = "ocio"
    summary = "OpenColorIO config folder with the LUT as a Look (Nuke, Blender, Resolve)"
    suffixes: tuple[str, ...] = (".ocio",)
    several_files = True
    reads_folder = True

    def read(self, path: Path) -> Lut:
        """The LUT file of a config's look, if it has exactly one made of a file. Raises LutFileError."""
        from .registry import read

        config = path / _CONFIG if path.is_dir() else path
        return read(_look_file(config))

    def write(self, lut: Lut, path: Path, **options: Any) -> None:
        """Write the folder; options of :func:`write_ocio_config`."""
        if path.suffix.lower() == ".ocio" and path.name.lower() != _CONFIG:
            raise FileError(path, "is not the name hosts look for", f"write {path.with_name(_CONFIG)}")
        folder = path.parent if path.suffix.lower() == ".ocio" else path
        write_ocio_config(lut, folder, **checked(write_ocio_config, options, self.name))


def write_ocio_config(
    lut: Lut,
    folder: str | Path,
    *,
    look_name: str | None = None,
    lut_format: str = "cube",
    overwrite: bool = False,
) -> Path:
    """Write ``folder/config.ocio`` and ``folder/luts/NAME.cube``.

    Parameters
    ----------
    lut : display-referred sRGB in and out
    folder : made if missing (its parent must exist); other files in it are left alone
    look_name : of the Look and of its view; by default the LUT's title
    lut_format : ``"cube"`` or ``"clf"``
    overwrite : replace a config and a LUT file of the same names

    Returns
    -------
    The path of ``config.ocio``.

    Raises
    ------
    BadInput : an unusable name or format
    FileError : a file exists and ``overwrite`` is false, or cannot be written; what was begun is removed
    """
    from .registry import write

    one_of(lut_format, ("cube", "clf"), "lut_format")
    folder = Path(folder)
    name = _checked_name(look_name or lut.title or folder.absolute().name)
    file_name = f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-') or 'look'}.{lut_format}"
    text = _config(name, file_name).serialize()
    target = folder / _LUTS / file_name
    for path in (folder / _CONFIG, target):
        if path.parent.is_dir():
            files.refuse_existing(path, overwrite)
    with _folders(folder, folder / _LUTS):
        existed = target.exists()
        write(lut.titled(name), target, overwrite=overwrite)
        try:
            files.write_bytes(folder / _CONFIG, text.encode("utf-8"), overwrite)
        except BaseException:
            if not existed:
                target.unlink(missing_ok=True)
            raise
    return folder / _CONFIG


@contextmanager
def _folders(*folders: Path) -> Iterator[None]:
    """Make the missing folders; take them away again if the work in them fails."""
    made: list[Path] = []
    try:
        for folder in folders:
            if not folder.is_dir():
                try:
                    folder.mkdir()
                except OSError as error:
                    raise FileError(
                        folder, f"cannot be made ({error.strerror})", "choose another folder"
                    ) from error
                made.append(folder)
        yield
    except BaseException:
        for folder in reversed(made):
            folder.rmdir()
        raise


def _checked_name(name: str) -> str:
    """A look name that a config's ``looks`` syntax can hold."""
    name = " ".join(name.split())
    if not name or not name.isprintable() or re.search(r'[,:|+"$%{}\[\]]', name):
        raise BadInput(f"look name {name!a}: letters, digits, spaces, dashes, dots and brackets")
    return name


def _config(name: str, file_name: str) -> PyOpenColorIO.Config:
    """The base config with the look and its views."""
    import PyOpenColorIO as ocio

    config = ocio.Config.CreateFromBuiltinConfig(BASE)
    config.setName(f"gradewright {name}")
    config.setDescription(f'The look "{name}" by gradewright, on {BASE}.')
    config.setSearchPath(_LUTS)
    grade = ocio.FileTransform(src=file_name, interpolation=ocio.INTERP_TETRAHEDRAL)
    config.addLook(ocio.Look(name=name, processSpace=SPACE, transform=grade))

    on_aces = f"{name} on ACES"
    steps = [
        ocio.BuiltinTransform(style=_ACES_SDR),
        ocio.BuiltinTransform(style=_TO_SRGB),
        grade,
        ocio.BuiltinTransform(style=_TO_SRGB, direction=ocio.TRANSFORM_DIR_INVERSE),
    ]
    view = ocio.ViewTransform(referenceSpace=ocio.REFERENCE_SPACE_SCENE, name=on_aces)
    view.setTransform(ocio.GroupTransform(steps), ocio.VIEWTRANSFORM_DIR_FROM_REFERENCE)
    config.addViewTransform(view)
    for display in DISPLAYS:
        for view_name, transform, looks in ((name, "Un-tone-mapped", name), (on_aces, on_aces, "")):
            config.addDisplayView(
                display, view_name, viewTransform=transform, displayColorSpaceName=display, looks=looks
            )
    _tidy(config, [name, on_aces])
    return config


def _tidy(config: PyOpenColorIO.Config, first: list[str]) -> None:
    """Our views before the base's; and its list of inactive spaces without those it does not have."""
    import PyOpenColorIO as ocio

    views = [*first, *config.getActiveViews()]
    config.clearActiveViews()
    for view in views:
        config.addActiveView(view)
    every = config.getColorSpaceNames(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL)
    inactive = dict.fromkeys(s.strip() for s in config.getInactiveColorSpaces().split(","))
    config.setInactiveColorSpaces(", ".join(space for space in inactive if space in every))


def _look_file(path: Path) -> Path:
    """The file behind a config's one file look, inside the config's folder."""
    import PyOpenColorIO as ocio

    data = source.load(path)
    try:
        with ocio_log.caught():
            config = ocio.Config.CreateFromStream(data.decode("utf-8"))
    except (ocio.Exception, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise LutFileError(path, f"is not an OpenColorIO config ({reason})") from error
    transforms = {look.getName(): look.getTransform() for look in config.getLooks()}
    sources = {n: t.getSrc() for n, t in transforms.items() if isinstance(t, ocio.FileTransform)}
    if len(sources) != 1:
        found = ", ".join(sources) or "none"
        raise LutFileError(path, f"looks made of a LUT file: {found}", "name the LUT file itself")
    root = path.resolve().parent
    for folder in [*config.getSearchPaths(), ""]:
        candidate: Path = (root / folder / next(iter(sources.values()))).resolve()
        if candidate.is_file() and candidate.is_relative_to(root) and candidate != path.resolve():
            return candidate
    raise LutFileError(
        path, f"the look's file {next(iter(sources.values()))!a} is not in its folder", "restore it"
    )
