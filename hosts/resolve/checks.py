"""What ``gradewright doctor`` says about Resolve."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .external import python_limit
from .inside.luts import how_to_own, roots
from .inside.nodes import FOLDER
from .inside.state import State
from .places import Places

_LIMITS = (
    "Resolve's editions: windows and scripting from outside need Studio; the free edition lists Python "
    "scripts up to 21.0 and Lua alone from 21.1 on (then: gradewright resolve courier)"
)


def findings(places: Places) -> Sequence[str]:
    """A line a finding; nothing but one line where Resolve is not installed."""
    if not places.installed():
        return ("DaVinci Resolve: not found",)
    return tuple(_findings(places))


def _findings(places: Places) -> Iterator[str]:
    from .adapter import state_of

    for edition in places.installed():
        yield state_of(edition)
    yield from _luts(places)
    yield from _external(places)
    yield _LIMITS


def _luts(places: Places) -> Iterator[str]:
    own_paths = [path for edition in places.installed() for path in State(str(edition.state)).lut_folders()]
    found = roots({"lut_folders": own_paths}, places.platform)
    if not found:
        looked = ", ".join(str(path) for path in places.luts)
        yield (
            f"Resolve's LUT folder was not found (looked for {looked}): start Resolve once, or add "
            "a custom LUT path in its project settings and tell us: gradewright resolve folder PATH"
        )
    for root in map(Path, found):
        own = root / FOLDER
        target = own if own.is_dir() else root
        if os.access(target, os.W_OK):
            yield f"LUTs go to {own}"
        else:
            yield (
                f"{target} cannot be written: make it yours once ({how_to_own(str(own), places.platform)}) "
                "or use a custom LUT path: gradewright resolve folder PATH"
            )


def _external(places: Places) -> Iterator[str]:
    """Scripting from outside: Blackmagic's module and library, and a preference that no file tells."""
    for name, default in (("RESOLVE_SCRIPT_API", places.api), ("RESOLVE_SCRIPT_LIB", places.library)):
        path = Path(os.environ.get(name) or default)
        if not path.exists():
            origin = f"{name} names" if os.environ.get(name) else f"without {name} it is expected at"
            yield f"scripting from outside: {origin} {path}, which is not there"
            return
    yield (
        "scripting from outside: the module is there; Studio also needs Preferences > System > General > "
        "External scripting: Local (off after installing)" + python_limit(sys.version_info[:2])
    )
