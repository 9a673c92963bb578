"""The ``.cube`` format: what hosts exchange."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import checked

if TYPE_CHECKING:
    from gradewright.core.lut import Lut


class Cube:
    """``.cube``, Adobe 1.0 and Resolve dialects; see :mod:`.cube_reader` and :mod:`.cube_writer`."""

    name = "cube"
    summary = "text cube that every host reads (Adobe and Resolve dialects)"
    suffixes: tuple[str, ...] = (".cube",)

    def read(self, path: Path) -> Lut:
        """The file's transform. Raises LutFileError with file, line, fault and remedy."""
        from .cube_reader import read

        return read(path)

    def write(self, lut: Lut, path: Path, **options: Any) -> None:
        """Write to ``path``; options ``decimals``, ``dialect``, ``comments``. Raises BadInput."""
        from .cube_writer import encode

        path.write_bytes(encode(lut, **checked(encode, options, self.name)))
