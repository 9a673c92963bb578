"""``.dtstyle`` as a LUT format: a style with LUT 3D, and the ``.cube`` that it names."""

from __future__ import annotations

import warnings
from hashlib import sha256
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput, FileError, LutFileError
from gradewright.core.files import refuse_existing, write_bytes
from gradewright.core.lut import Lut
from gradewright.lutio.cube import Cube
from gradewright.lutio.cube_writer import encode

from . import places, style

_LONGEST = 511  # bytes of a file name in LUT 3D


class LutToPlace(UserWarning):
    """The .cube of a style lies where darktable does not look for it."""


class DtStyle:
    """darktable's styles. Two files are written: the style, and beside it the cube that it names."""

    name = "dtstyle"
    summary = "darktable style: LUT 3D, with a .cube beside it"
    suffixes: tuple[str, ...] = (".dtstyle",)
    several_files = True  # the cube lies beside the style, so that a temporary name will not do

    def read(self, path: Path) -> Lut:
        """The LUT that a style's LUT 3D names. Raises LutFileError when there is none or it is missing."""
        _, steps = style.read_steps(path)
        named = [str(s.values["filepath"]) for s in steps if s.module == "lut3d" and s.values["filepath"]]
        if not named:
            raise LutFileError(path, "holds no LUT 3D module", "only a look that is a LUT can be read back")
        relative = Path(named[-1].replace("\\", "/"))
        for candidate in (places.lut_root() / relative, path.parent / relative.name):
            if candidate.is_file():
                return Cube().read(candidate)
        raise LutFileError(path, f"names {relative}, which is neither in the LUT root nor beside the style")

    def write(
        self, lut: Lut, path: Path, overwrite: bool = False, root: Path | None = None, **options: Any
    ) -> None:
        """Write the style and its cube. Raises FileError for names that exist, BadInput for options.

        The cube has the style's name, or one of its own where a file of other content has that name,
        beside the style or in the LUT root: edits may use it, and it may be what ``lut`` was read from.
        No .cube is ever replaced.

        ``root`` : darktable's LUT root, when it is not this user's.

        Warns
        -----
        LutToPlace : the cube does not lie under the LUT root; it says where to put it
        """
        if options:
            raise BadInput(f"dtstyle has no option '{next(iter(options))}': it has 'root'")
        refuse_existing(path, overwrite)
        data = encode(lut.flatten())
        root = places.lut_root() if root is None else root
        cube, relative = _free(path.with_suffix(".cube"), root, data)
        text = style.render(lut.title or path.stem, [style.lut_step(relative, lut.title)], lut.title)
        if not cube.exists():
            write_bytes(cube, data)
        write_bytes(path, text.encode("utf-8"), overwrite)
        if not (root / relative).exists():
            warnings.warn(
                f"copy {cube.name} to {root / relative}: darktable looks for it there", LutToPlace, 2
            )


def _free(cube: Path, root: Path, data: bytes) -> tuple[Path, str]:
    """A name for a cube that no other content has, and how LUT 3D names it."""
    relative = relative_name(cube, root)
    if all(_fits(path, data) for path in (cube, root / relative)):
        return cube, relative
    own = cube.with_stem(f"{cube.stem}-{sha256(data).hexdigest()[:10]}")
    return own, relative_name(own, root)


def _fits(path: Path, data: bytes) -> bool:
    """Whether a file is not there, or has this content."""
    return not path.exists() or (path.is_file() and path.read_bytes() == data)


def under(path: Path, root: Path) -> bool:
    """Whether a file lies inside a folder, links followed."""
    return path.resolve().is_relative_to(root.resolve())


def relative_name(cube: Path, root: Path) -> str:
    """How LUT 3D must name a cube: relative to the LUT root, where it lies or where it must be put.

    Raises
    ------
    FileError : the name is longer than darktable keeps
    """
    inside = (
        cube.resolve().relative_to(root.resolve()) if under(cube, root) else Path(places.FOLDER) / cube.name
    )
    name = inside.as_posix()
    if len(name.encode("utf-8", "surrogateescape")) > _LONGEST:
        raise FileError(
            cube, f"the name is longer than the {_LONGEST} bytes that darktable keeps", "shorten it"
        )
    return name
