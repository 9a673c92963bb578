"""A strict, stateful double of DaVinci Resolve's scripting API, for tests only.

What exists, and with how many arguments, is parsed from the ``fusionscript-stubs`` package plus
:mod:`.overlay`; behaviour is modelled for the methods the adapter uses, each quirk with its source:

README: Blackmagic's scripting README (8 May 2026 and 24 July 2026 = 21.0.4), as shipped with Resolve
LEDGER: samuelgursky/davinci-resolve-mcp, ``src/utils/api_truth.py`` and ``docs/reference/api-limitations.md``
    (live-measured; MIT), with the issues and pull requests named
MANUAL: the DaVinci Resolve reference manual
LUT: Blackmagic's ``Developer/LUT/README.txt``
"""

from .profiles import FREE_19_1, FREE_21_0, FREE_21_1, PROFILES, STUDIO_20_3, STUDIO_21_1, Profile
from .strict import NotModelled, SurfaceViolation
from .world import Clip, World

__all__ = [
    "FREE_19_1",
    "FREE_21_0",
    "FREE_21_1",
    "PROFILES",
    "STUDIO_20_3",
    "STUDIO_21_1",
    "Clip",
    "NotModelled",
    "Profile",
    "SurfaceViolation",
    "World",
]
