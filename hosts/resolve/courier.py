"""Jobs for the Lua courier: a table that ``gradewright.lua`` reads with ``dofile``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gradewright.core.errors import BadInput
from gradewright.core.files import write_bytes
from gradewright.core.space import Space, find
from gradewright.core.space_list import RESOLVE_COMBINED, RESOLVE_PAIRS

JOB_NAME = "gradewright_job.lua"
_ACES_LUTS = {"ACEScc": "acesccAp1", "ACES2065-1": "acesAp0Linear"}


def quoted(text: str) -> str:
    """A Lua 5.1 string literal of any text: bytes outside printable ASCII as decimal escapes."""
    kept = set(range(0x20, 0x7F)) - {0x22, 0x5C}
    # Always three digits: a digit that follows would be read as part of the escape.
    return '"' + "".join(chr(b) if b in kept else f"\\{b:03d}" for b in text.encode()) + '"'


def timelines(space: Space) -> list[dict[str, str]]:
    """The settings of the timelines whose nodes work in a space, as Resolve prints them."""
    found = []
    for pair, name in RESOLVE_PAIRS.items():
        if find(name) == space:
            names = [(combined, "") for combined, one in RESOLVE_COMBINED.items() if one == pair]
            for gamut, gamma in [pair, *names]:
                for mode in ("davinciYRGB", "davinciYRGBColorManaged", "davinciYRGBColorManagedv2"):
                    found.append({"mode": mode, "gamut": gamut, "gamma": gamma, "luts": ""})
    if space.name in _ACES_LUTS:
        for mode in ("acescc", "acescct"):
            found.append({"mode": mode, "gamut": "", "gamma": "", "luts": _ACES_LUTS[space.name]})
    return found


def job(lut: str, digest: str, space: str, facts: Mapping[str, str]) -> str:
    """The job as Lua source.

    Parameters
    ----------
    lut : name relative to the LUT folder
    digest : of the .cube
    space : what it was baked for
    facts : for the marker's note

    Raises
    ------
    BadInput : no timeline of Resolve works in this space
    """
    home = find(space)
    if not (known := timelines(home)):
        raise BadInput(f"no timeline of Resolve works in '{home.name}': choose another --space")
    note = "\n".join(f"{key}: {' '.join(value.split())}" for key, value in facts.items() if value)
    fields = {"lut": lut, "digest": digest[:16], "space": home.name, "note": note}
    rows = [f"    {name} = {quoted(value)}," for name, value in fields.items()]
    return "\n".join(["return {", "    format = 1,", *rows, *_table(known), "}", ""])


def _table(known: Sequence[Mapping[str, str]]) -> list[str]:
    rows = [", ".join(f"{key} = {quoted(value)}" for key, value in one.items()) for one in known]
    return ["    timelines = {", *(f"        {{ {row} }}," for row in rows), "    },"]


def write(path: Path, text: str) -> None:
    """Write a job, replacing the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, text.encode("ascii"), overwrite=True)


def script(job_path: Path) -> bytes:
    """The courier with its job's path filled in."""
    source = (Path(__file__).parent / "lua" / "gradewright.lua").read_text(encoding="ascii")
    return source.replace('"@JOB@"', quoted(str(job_path))).encode("ascii")
