"""Connecting to a running Resolve from outside: Studio only, with external scripting set to Local."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput

from .inside.host import Host
from .places import Places, here

WHY = (
    "no Resolve answers: it must run, be the Studio edition, and have Preferences > System > General > "
    "External scripting set to Local. In the free edition use Workspace > Scripts > gradewright "
    "('gradewright resolve ask' says what it does)"
)
NEWEST_FOR_ALL = (3, 12)  # older builds of Resolve answer None to later Pythons


def connect(places: Places | None = None) -> Host:
    """The running Resolve.

    Raises
    ------
    BadInput : none answers, and why that may be
    """
    resolve = _module(places or here()).scriptapp("Resolve")
    if resolve is None:
        raise BadInput(WHY + python_limit(sys.version_info[:2]))
    return Host(resolve)


def python_limit(version: tuple[int, ...]) -> str:
    """What to know about a Python version, as the end of a sentence; "" for one that every build takes."""
    if version <= NEWEST_FOR_ALL:
        return ""
    return ". Builds before 20.3 answer Python 3.10 to 3.12 only; this is {}.{}".format(*version)


def _module(places: Places) -> Any:
    """Blackmagic's own module, which finds its library by two environment variables or by default."""
    modules = Path(os.environ.get("RESOLVE_SCRIPT_API") or places.api) / "Modules"
    if not (modules / "DaVinciResolveScript.py").is_file():
        raise BadInput(f"Resolve's scripting module is not in {modules}: is Resolve installed? {WHY}")
    os.environ.setdefault("RESOLVE_SCRIPT_LIB", str(places.library))
    sys.path.append(str(modules))
    try:
        import DaVinciResolveScript  # type: ignore[import-not-found]
    except (ImportError, OSError) as error:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BadInput(f"Resolve's scripting module cannot be loaded by Python {python} ({error})") from None
    finally:
        sys.path.remove(str(modules))
    return DaVinciResolveScript
