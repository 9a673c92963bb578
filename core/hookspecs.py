"""The hooks through which engines, LUT formats, hosts and critics are found (pluggy)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import pluggy

from .lut import Lut
from .request import Candidate, Request

hookspec = pluggy.HookspecMarker("gradewright")
hookimpl = pluggy.HookimplMarker("gradewright")


class Engine(Protocol):
    """Turns a request into candidate LUTs."""

    name: str
    summary: str
    serves: frozenset[str]  # the kinds of Request.wants it can answer, alone or together
    rank: int  # of several that can serve a request the highest is asked; below 0, only by name

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """Up to ``request.count`` different candidates, best first. Raises BadInput for unusable input."""
        ...


class LutFormat(Protocol):
    """Reads and writes one LUT file format.

    Two attributes may be there and true: ``several_files``, where ``write`` is given the real path,
    ``overwrite`` among its options, and sees to whole files itself; ``reads_folder``, where ``read``
    also takes a folder.
    """

    name: str
    summary: str
    suffixes: tuple[str, ...]

    def read(self, path: Path) -> Lut:
        """The file's transform. Raises LutFileError naming file, line, fault and remedy."""
        ...

    def write(self, lut: Lut, path: Path, **options: Any) -> None:
        """Write to ``path`` itself (the caller makes it atomic). Raises LutFileError or BadInput."""
        ...


class Critic(Protocol):
    """Reviews photos."""

    name: str

    def review(self, photo: Any) -> Any:
        """Findings, suggestions and a score for an sRGB float (H, W, 3) photo."""
        ...


class HostAdapter(Protocol):
    """Installs gradewright into an editing application.

    Each method returns lines for the user. ``folder`` is the host's configuration folder (where it
    would be found by itself when None).
    """

    name: str

    def install(self, folder: Path | None = None) -> Sequence[str]:
        """Install or update the adapter in every version of the host found here.

        Raises BadInput when the host is not found, saying what was looked for; FileError for what
        cannot be written or is not ours.
        """
        ...

    def uninstall(self, folder: Path | None = None) -> Sequence[str]:
        """Remove what was installed and nothing else. No lines: nothing was installed."""
        ...

    def doctor(self) -> Sequence[str]:
        """A line a finding: the host's versions here; adapter absent, current, outdated, edited, damaged."""
        ...


@hookspec
def gradewright_engines() -> Sequence[Engine]:
    """Prediction engines this plug-in brings."""
    raise NotImplementedError


@hookspec
def gradewright_lut_formats() -> Sequence[LutFormat]:
    """LUT file formats this plug-in reads and writes."""
    raise NotImplementedError


@hookspec
def gradewright_critics() -> Sequence[Critic]:
    """Image critics this plug-in brings."""
    raise NotImplementedError


@hookspec
def gradewright_hosts() -> Sequence[HostAdapter]:
    """Editing applications this plug-in can install itself into."""
    raise NotImplementedError
