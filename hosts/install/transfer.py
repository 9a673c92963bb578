"""Copying an adapter into a host's folder, and taking it away again."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from gradewright.core.errors import FileError
from gradewright.core.files import write_bytes

from .. import client
from .manifest import CLIENT, COMMAND, MANIFEST, Installed, digest_of, installed

Source = Path | bytes


def put(
    host: str,
    folder: Path,
    files: Mapping[str, Source],
    executable: Collection[str] = (),
    **more: Any,
) -> list[str]:
    """Install or update an adapter.

    Parameters
    ----------
    host : its name
    folder : the adapter's own folder, made when missing
    files : name below the folder (``/`` between parts) -> its bytes, or a file to copy.
        ``client.py`` and ``gradewright.json`` are added
    executable : names that get the executable bits
    more : further entries of ``gradewright.json`` for the client: ``runtime`` (where the service's
        socket is, for a sandbox), ``scratch`` (where large pictures are exchanged), ``command``

    Returns
    -------
    What was done, a line each.

    Raises
    ------
    FileError : a file of that name stands there that we did not install, or the folder cannot be
        written; nothing has been changed then
    """
    contents = {name: _bytes(source) for name, source in files.items()}
    contents[CLIENT] = Path(client.__file__).read_bytes()
    before = installed(folder)
    ours = dict(before.files) if before else {}
    for name in contents:
        _refuse_foreign(folder / name, ours.get(name))
    digests = {name: sha256(data).hexdigest() for name, data in contents.items()}
    lines = _keep_edited(before, digests)
    command = tuple(more.pop("command", COMMAND))
    _make(folder)
    # First a manifest of old and new together: whatever interrupts this, every file has an owner.
    Installed(host, folder, {**ours, **digests}, command=command, more=more).write()
    for name, data in contents.items():
        _write(folder / name, data, name in executable)
    _unlink_all(folder, ours.keys() - contents.keys())
    Installed(host, folder, digests, command=command, more=more).write()
    return [*lines, f"{'updated' if before else 'installed'} {folder} ({len(contents)} files)"]


def remove(folder: Path) -> list[str]:
    """Take away what :func:`put` installed and nobody has edited since.

    Returns what was done and what was left, a line each; an empty list when nothing is installed.
    """
    found = installed(folder)
    if found is None:
        return []
    kept = [name for name in found.files if found.path(name).exists() and not found.unchanged(name)]
    _unlink_all(folder, found.files.keys() - set(kept))
    _unlink_all(folder, {MANIFEST})
    _remove_empty(folder, found.files)
    return [
        *(f"left {folder / name}: it was edited after it was installed" for name in kept),
        f"removed {folder}" if not folder.exists() else f"removed our files from {folder}",
    ]


def _bytes(source: Source) -> bytes:
    return source if isinstance(source, bytes) else source.read_bytes()


def _refuse_foreign(path: Path, ours: str | None) -> None:
    if ours is None and (path.exists() or path.is_symlink()):
        raise FileError(path, "stands there and was not installed by gradewright", "move it away first")


def _keep_edited(before: Installed | None, coming: Mapping[str, str]) -> list[str]:
    """Set aside copies of our files that somebody has edited and that change now."""
    lines = []
    for name, digest in coming.items():
        if before is None or name not in before.files or not before.path(name).exists():
            continue
        path = before.path(name)
        if digest_of(path) not in (before.files[name], digest):
            aside = path.with_name(path.name + ".edited")
            write_bytes(aside, path.read_bytes(), overwrite=True)
            lines.append(f"{path} had been edited: your version is kept as {aside.name}")
    return lines


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(folder, f"the folder cannot be made ({error.strerror})") from None


def _write(path: Path, data: bytes, executable: bool) -> None:
    _make(path.parent)
    write_bytes(path, data, overwrite=True)
    path.chmod(0o755 if executable else 0o644)


def _unlink_all(folder: Path, names: Collection[str]) -> None:
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()


def _remove_empty(folder: Path, names: Collection[str]) -> None:
    """Remove the folders that our files have left empty, deepest first."""
    parents = {folder, *(parent for name in names for parent in (folder / name).parents)}
    inside = [path for path in parents if path == folder or folder in path.parents]
    for path in sorted(inside, key=lambda path: -len(path.parts)):
        caches = path / "__pycache__"  # the host's Python made it from our files
        for cached in caches.glob("*.pyc") if caches.is_dir() else ():
            if f"{cached.name.partition('.')[0]}.py" in {Path(name).name for name in names}:
                cached.unlink()
        for empty in (caches, path):
            with contextlib.suppress(OSError):  # somebody else's files are in it
                empty.rmdir()
