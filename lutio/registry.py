"""Which format a file has, and the two functions that everybody calls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradewright.core import files, plugins
from gradewright.core.errors import BadInput, FileError, nearest
from gradewright.core.hookspecs import LutFormat, hookimpl

from .clf import CLF, CTF
from .cube import Cube
from .hald import Hald
from .ocio_config import OcioConfig
from .threedl import ThreeDL

if TYPE_CHECKING:
    from gradewright.core.lut import Lut

BUILT_IN: tuple[LutFormat, ...] = (Cube(), ThreeDL(), CLF, CTF, Hald(), OcioConfig())
HOOK = "gradewright_lut_formats"


class _BuiltIns:
    @hookimpl(tryfirst=True)  # what other packages bring comes after, whenever it was registered
    def gradewright_lut_formats(self) -> Sequence[LutFormat]:
        return BUILT_IN


def register() -> None:
    """Make the built-in formats known to the process's plug-in manager, once."""
    if not plugins.manager().has_plugin(__name__):
        plugins.manager().register(_BuiltIns(), __name__)


def formats(third_party: bool = False) -> list[LutFormat]:
    """The known formats: ``name``, ``summary``, ``suffixes``, ``read``, ``write``.

    ``third_party`` also scans the installed packages for more, which takes tens of milliseconds.
    """
    return plugins.collect(HOOK, third_party)


def read(path: str | Path, format: str | None = None) -> Lut:
    """Read a LUT file.

    Parameters
    ----------
    path : the file (or the folder of an OCIO config)
    format : a format's name, when the suffix does not tell

    Returns
    -------
    Its transform, numbers as in the file. ``title`` is the file's own, or else its stem.
    1D files come as a shaper with the 2^3 identity (``Lut.is_1d``).

    Raises
    ------
    BadInput : unknown suffix or format
    LutFileError : the file is missing, malformed, or not what its name says

    Warns
    -----
    LutApproximated : the file holds more than a shaper and a cube and was sampled
    """
    path = Path(path)
    lut = _find(path, format).read(path)
    return lut if lut.title else lut.titled(path.stem)


def write(
    lut: Lut, path: str | Path, format: str | None = None, overwrite: bool = False, **options: Any
) -> None:
    """Write a LUT file, whole or not at all.

    Parameters
    ----------
    lut : its title is kept in the file where the format has room; without one, the file's stem is
    path, format : see :func:`read`
    overwrite : replace an existing file
    options : the format's own, see docs/formats.md

    Raises
    ------
    BadInput : unknown suffix, format or option, or the format cannot hold this LUT
    FileError : the file exists and ``overwrite`` is false, or it cannot be written

    Warns
    -----
    LutApproximated : the format holds less than the LUT (values outside 0..1, a shaper)
    """
    path = Path(path)
    chosen = _find(path, format)
    if not lut.title:
        lut = lut.titled(path.stem)
    if getattr(chosen, "several_files", False):
        chosen.write(lut, path, overwrite=overwrite, **options)
        return
    with files.atomic_output(path, overwrite) as temporary:
        chosen.write(lut, temporary, **options)


def _find(path: Path, name: str | None) -> LutFormat:
    """The format of a name or, without one, of a path; other packages are asked last."""
    for third_party in (False, True):
        for candidate in formats(third_party):
            if name is None and _matches(candidate, path):
                return candidate
            if name is not None and name.lower().lstrip(".") == candidate.name:
                return candidate
    known = formats(third_party=True)
    if name is not None:
        names = [f.name for f in known]
        raise BadInput(f"unknown LUT format {name!r}: use one of {', '.join(names)}{nearest(name, names)}")
    suffixes = [s for f in known for s in f.suffixes]
    hint = nearest(path.suffix, suffixes) if path.suffix else ""
    what = f"{path.suffix!r} is not a LUT file's suffix" if path.suffix else "the name has no suffix"
    raise FileError(path, what, f"use one of {', '.join(suffixes)}, or name the format{hint}")


def _matches(candidate: LutFormat, path: Path) -> bool:
    if path.name.lower().endswith(candidate.suffixes):
        return True
    return getattr(candidate, "reads_folder", False) and path.is_dir()


register()
