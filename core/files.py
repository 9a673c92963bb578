"""Writing files that are whole or absent, and never somebody else's."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from .errors import BadInput, FileError


def refuse_existing(path: str | Path, overwrite: bool) -> Path:
    """Check an output name before any work is done for it.

    Raises
    ------
    FileError : the file exists and ``overwrite`` is false, it is a folder, or its folder is
        missing or read-only
    """
    path = Path(path)
    if path.is_dir():
        raise FileError(path, "is a folder", "name a file")
    if path.exists() and not overwrite:
        raise FileError(path, "already exists", "choose another name, or add --force to replace it")
    folder = path.parent
    if not folder.is_dir():
        raise FileError(path, f"the folder {folder} does not exist", "create it first")
    if not os.access(folder, os.W_OK):
        raise FileError(path, f"the folder {folder} is read-only", "choose another folder")
    return path


@contextlib.contextmanager
def atomic_output(path: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """Yield a path to write to; on success what was written takes the name, on failure it goes.

    On Linux the file has no name until it is whole, so that even a killed process leaves nothing
    behind; elsewhere it is a hidden one beside ``path``. Without ``overwrite`` the final step is a hard
    link, which fails when the name exists: of two processes that write one name, the second is told so
    and loses nothing silently.

    Raises
    ------
    FileError : see :func:`refuse_existing`, and for a full disk or other I/O failure
    """
    path = refuse_existing(path, overwrite)
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}-{secrets.token_hex(4)}.part")
    nameless = _nameless(path.parent)
    try:
        if nameless is None:
            yield temporary
        else:
            yield Path(f"/proc/self/fd/{nameless}")
            # With a folder's descriptor, though unused here, Python calls linkat(2), which follows.
            os.link(f"/proc/self/fd/{nameless}", temporary, src_dir_fd=nameless, follow_symlinks=True)
        _sync(temporary)
        _publish(temporary, path, overwrite)
    except OSError as error:
        if isinstance(error, BadInput):
            raise
        raise FileError(path, f"cannot be written ({error.strerror or error})") from error
    finally:
        if nameless is not None:
            os.close(nameless)
        with contextlib.suppress(OSError):
            temporary.unlink()


def _nameless(folder: Path) -> int | None:
    """A new file in ``folder`` that has no name; None where the system or the file system has none."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
    except OSError:
        return None


def write_bytes(path: str | Path, data: bytes, overwrite: bool = False) -> None:
    """Write a whole file through :func:`atomic_output`."""
    with atomic_output(path, overwrite) as temporary:
        temporary.write_bytes(data)


def _sync(temporary: Path) -> None:
    with open(temporary, "rb+") as stream:
        os.fsync(stream.fileno())


def _publish(temporary: Path, path: Path, overwrite: bool) -> None:
    if overwrite:
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise FileError(path, "already exists", "choose another name, or add --force to replace it") from None
    except OSError:  # a file system without hard links (FAT, some network shares)
        refuse_existing(path, overwrite)
        os.rename(temporary, path)
