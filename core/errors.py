"""Errors that people read: one line, naming the file, the line or the value, and what would be right."""

from __future__ import annotations

from pathlib import Path


class GradewrightError(Exception):
    """Base of every error the package raises on purpose."""


class BadInput(GradewrightError, ValueError):  # noqa: N818 - it says what happened
    """The caller's file, value or option is wrong. The message is one line; the CLI exits with 2."""


class FileError(BadInput):
    """A file that cannot be used.

    ``str(error)`` reads ``path:line: what: remedy``; the line is left out when the whole
    file is meant, the remedy when there is nothing to advise.

    Parameters
    ----------
    path : file as the user named it
    what : what is wrong, without a trailing full stop
    remedy : what would be right
    line : 1-based line number, or None
    """

    def __init__(self, path: str | Path, what: str, remedy: str = "", line: int | None = None) -> None:
        self.path, self.what, self.remedy, self.line = str(path), what, remedy, line
        where = self.path if line is None else f"{self.path}:{line}"
        super().__init__(": ".join(part for part in (where, what, remedy) if part))


class LutFileError(FileError):
    """A LUT file that the strict readers refuse."""


class ImageFileError(FileError):
    """An image that cannot be read, or cannot be written back faithfully."""


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """``"; did you mean 'x'?"`` for the closest known word, or an empty string."""
    import difflib

    lowered = {k.lower(): k for k in known}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"; did you mean '{lowered[close[0]]}'?" if close else ""
