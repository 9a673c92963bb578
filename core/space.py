"""Working spaces by name: what a timeline or a file may hold, and how people call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from .errors import BadInput, nearest

Kind = Literal["log", "scene-linear", "display"]

# Left out of names before they are compared, so that "Sony S-Gamut3.Cine / S-Log3" needs no alias of
# its own. Not Apple and Canon: their curves are called "Log", "Log 2", "Log 3".
_MAKERS = {
    "sony",
    "arri",
    "panasonic",
    "fujifilm",
    "fuji",
    "nikon",
    "leica",
    "dji",
    "red",
    "blackmagic",
    "design",
}


@dataclass(frozen=True)
class Space:
    """A working space.

    Parameters
    ----------
    name : the canonical name
    kind : "log" and "scene-linear" hold scene light, "display" holds what a screen shows
    vendor : who defined it
    meaning : one line for people
    aliases : other names, all unique to this space
    ocio : its name in the OpenColorIO config of :mod:`.aces`
    source : "config" (OpenColorIO's studio config) or "computed" (:mod:`.camera_curves`)
    """

    name: str
    kind: Kind
    vendor: str
    meaning: str
    aliases: tuple[str, ...]
    ocio: str
    source: Literal["config", "computed"] = "config"


def spaces() -> tuple[Space, ...]:
    """Every space: log, then scene-linear, then display."""
    from .space_list import SPACES

    return SPACES


def names() -> tuple[str, ...]:
    """The canonical names, in the order of :func:`spaces`."""
    return tuple(space.name for space in spaces())


def key(name: str) -> str:
    """A name as it is compared: lower case, letters and digits only, without camera makers."""
    words = [word for word in re.split(r"[^a-z0-9.]+", name.lower()) if word]
    kept = [word for word in words if word not in _MAKERS] or words
    return "".join(kept).replace(".", "")


@cache
def _index() -> dict[str, Space]:
    return {key(alias): space for space in spaces() for alias in (space.name, space.ocio, *space.aliases)}


def find(name: str | Space) -> Space:
    """The space of a name or alias; case, spaces, punctuation and camera makers do not matter.

    OpenColorIO's own aliases are known too ("lin_ap1", "Input - Sony - S-Log3 - S-Gamut3.Cine").

    Raises
    ------
    BadInput : no such space; the message names the nearest one and the command that lists all
    """
    if isinstance(name, Space):
        return name
    found = _index().get(key(name)) or _find_in_config(name)
    if found is None:
        known = [alias for space in spaces() for alias in (space.name, *space.aliases)]
        raise BadInput(
            f"unknown working space '{name}': 'gradewright spaces' lists them all{nearest(name, known)}"
        )
    return found


def _find_in_config(name: str) -> Space | None:
    from .aces import config

    canonical = config().getCanonicalName(name)
    return next((space for space in spaces() if canonical and space.ocio == canonical), None)


def for_resolve(gamut: str, gamma: str = "") -> Space:
    """The space of a DaVinci Resolve timeline, from the project settings as Resolve prints them.

    Parameters
    ----------
    gamut : ``colorSpaceTimeline``
    gamma : ``colorSpaceTimelineGamma``; empty where colour space and gamma are not separate
        (``separateColorSpaceAndGamma`` "0") and ``gamut`` names both, as "DaVinci WG/Intermediate"

    Raises
    ------
    BadInput : a pair that is not known, with those that are
    """
    from .space_list import RESOLVE_COMBINED, RESOLVE_PAIRS

    wanted = (gamut, gamma) if gamma else RESOLVE_COMBINED.get(gamut, (gamut, ""))
    for pair, name in RESOLVE_PAIRS.items():
        if tuple(map(key, pair)) == tuple(map(key, wanted)):
            return find(name)
    shown = f"{gamut} / {gamma}" if gamma else gamut
    known = ", ".join(" / ".join(pair) for pair in RESOLVE_PAIRS)
    raise BadInput(f"the Resolve colour space '{shown}' is not supported; these are: {known}")
