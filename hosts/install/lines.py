"""One line of ours in a text file of the user's (darktable's ``luarc``)."""

from __future__ import annotations

from pathlib import Path

from gradewright.core.errors import FileError
from gradewright.core.files import write_bytes


def add_line(path: Path, line: str) -> bool:
    """Append ``line`` unless it stands there already; the rest of the file stays byte for byte.

    Returns whether the file was changed. It is made, with its folder, when missing.
    """
    data = _read(path)
    if line in _lines(data):
        return False
    gap = b"" if not data or data.endswith(b"\n") else b"\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, data + gap + line.encode() + b"\n")
    return True


def remove_line(path: Path, line: str) -> bool:
    """Take ``line`` out again wherever it stands alone; a file that held nothing else goes.

    Returns whether the file was changed.
    """
    data = _read(path)
    if line not in _lines(data):
        return False
    kept = [raw for raw in data.splitlines(keepends=True) if raw.strip() != line.strip().encode()]
    if kept:
        _replace(path, b"".join(kept))
    else:
        path.unlink()
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write through a link rather than over it: dotfiles are often links into a repository."""
    write_bytes(path.resolve(), data, overwrite=True)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None


def _lines(data: bytes) -> list[str]:
    return [raw.strip().decode("utf-8", "replace") for raw in data.splitlines()]
