"""darktable-cli: rendering a photo with the user's own history and presets, checked.

The program works on a private copy of the user's settings and an empty library: neither is touched.
It answers 0 when it fails, so outputs and messages are checked.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradewright.core.errors import BadInput, FileError
from gradewright.core.files import atomic_output

from . import places
from .looks import Look

VARIABLE = "GRADEWRIGHT_DARKTABLE_CLI"
_TIMEOUT = 600.0  # seconds for one photo
_FAULTS = ("[lut3d]", "cannot find the style", "no output has been", "can't open file")
_GLIB = re.compile(r"(WARNING|CRITICAL) \*\*:")  # of the desktop (dconf, D-Bus, ...), not of the photo
_QUALITY = (
    "plugins/imageio/format/png/bpp=16",
    "plugins/imageio/format/tiff/bpp=16",
    "plugins/imageio/format/jpeg/quality=95",
)
_ELSEWHERE = {
    "darwin": "/Applications/darktable.app/Contents/MacOS/darktable-cli",
    "win32": r"C:\Program Files\darktable\bin\darktable-cli.exe",
}


def find() -> str:
    """The program: named by the environment variable, on the PATH, or where its installer puts it.

    Raises
    ------
    BadInput : it is nowhere
    """
    named = os.environ.get(VARIABLE)
    found = named or shutil.which("darktable-cli") or _ELSEWHERE.get(sys.platform, "")
    if not found or not (shutil.which(found) or Path(found).exists()):
        where = f"{VARIABLE} names {named}, which does not exist" if named else "it is not on the PATH"
        raise BadInput(
            f"darktable-cli was not found ({where}): install darktable, or name it with {VARIABLE}"
        )
    return found


@dataclass(frozen=True)
class DarktableCli:
    """The program with a private configuration in ``folder``; made by :func:`opened`."""

    program: str
    folder: Path

    @property
    def lut_root(self) -> Path:
        """The LUT root of these renders."""
        return self.folder / "luts"

    def render(self, photo: Path, output: Path, look: Look | None = None, side: int | None = None) -> None:
        """Render a photo as the user has edited it, with a look on top.

        Parameters
        ----------
        photo : any file that darktable reads; its sidecar is honoured
        output : .jpg, .png or .tif; sRGB, 16 bit where the format can
        look : a style, which is added to the history
        side : longest side in pixels; None keeps the size

        Raises
        ------
        FileError : nothing was written, or darktable complained about the look
        """
        part = self.folder / f"render{output.suffix.lower()}"  # a plain name: darktable expands $(...) in it
        part.unlink(missing_ok=True)
        said = self._run([str(photo.absolute()), str(part)], look, side)
        lines = [line.strip() for line in said.splitlines() if line.strip() and not _GLIB.search(line)]
        complaints = [line for line in lines if any(fault in line for fault in _FAULTS)]
        if complaints or not part.is_file() or not part.stat().st_size:
            why = (complaints or lines[-1:] or ["no message"])[0]
            raise FileError(photo, f"darktable did not render it: {why}")
        with atomic_output(output, overwrite=True) as temporary:
            shutil.copyfile(part, temporary)

    def _run(self, files: list[str], look: Look | None, side: int | None) -> str:
        size = ["--width", str(side), "--height", str(side), "--hq", "0"] if side else []
        style = ["--style", look.name] if look else []
        importing = ["--luacmd", f"require'darktable'.styles.import({_lua(str(look.path))})"] if look else []
        settings = [*_QUALITY, f"{places.LUT_ROOT_KEY}={self.lut_root}"]
        core = ["--core", "--configdir", str(self.folder), "--library", ":memory:"]
        core += [word for setting in settings for word in ("--conf", setting)]
        words = [self.program, *files, *size, "--icc-type", "SRGB", *style, *core, *importing]
        for lock in self.folder.glob("*.lock"):  # of a run that failed: darktable would take it for alive
            lock.unlink(missing_ok=True)
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT, check=False
            )
        except OSError as error:
            raise FileError(self.program, f"cannot be started ({error.strerror})") from None
        except subprocess.TimeoutExpired:
            return f"it took longer than {_TIMEOUT:.0f} s"
        return done.stdout + done.stderr


@contextlib.contextmanager
def opened(program: str | None = None) -> Iterator[DarktableCli]:
    """darktable-cli on a copy of the user's settings and presets, in a temporary folder.

    Raises
    ------
    BadInput : the program is nowhere
    """
    program = program or find()
    with tempfile.TemporaryDirectory(prefix="gradewright-darktable-") as temporary:
        folder = Path(temporary)
        (folder / "luts").mkdir()
        for place in places.places()[:1]:
            _copy_settings(place.config, folder)
        yield DarktableCli(program, folder)


def _copy_settings(source: Path, target: Path) -> None:
    with contextlib.suppress(OSError):
        shutil.copy(source / "darktablerc", target)
    if (source / "data.db").is_file():  # presets; darktable may have it open, so not as a file
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"{(source / 'data.db').as_uri()}?mode=ro", uri=True)) as old,
            contextlib.closing(sqlite3.connect(target / "data.db")) as new,
        ):
            old.backup(new)


def _lua(text: str) -> str:
    """A Lua string literal."""
    plain = b"/._-" + string.ascii_letters.encode() + string.digits.encode()
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03d}" for b in text.encode()) + '"'
