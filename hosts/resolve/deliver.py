"""A look for the Lua courier: graded and baked here, placed in the LUT folder, with its job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gradewright.core.errors import BadInput

from . import courier
from .inside import luts
from .inside.errors import ResolveError
from .inside.state import State
from .tasks import slug

_WISHES = ("prompt", "reference", "pair", "params", "auto", "strength", "luma", "chroma", "seed")


def deliver(wish: Mapping[str, Any], states: Sequence[State]) -> list[str]:
    """Make the look, put it where Resolve finds it, write the job; lines for the user.

    Parameters
    ----------
    wish : as ``gradewright resolve courier`` takes it, with ``space`` and perhaps ``photo``

    Raises
    ------
    BadInput : nothing asked, an unknown space, no LUT folder that can be written
    """
    from gradewright import lutio
    from gradewright.core import Grader
    from gradewright.core.bake import to_space

    asked = {name: wish[name] for name in _WISHES if name in wish}
    grade = Grader().grade(wish.get("photo"), **asked)
    baked = to_space(grade.lut, wish["space"], wish.get("size"))
    facts = {"look": grade.lut.title, "prompt": str(wish.get("prompt") or ""), "space": baked.space.name}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "look.cube"
        lutio.write(baked.lut.titled(grade.lut.title), path)
        digest = sha256(path.read_bytes()).hexdigest()
        try:
            roots = luts.roots({"lut_folders": states[0].lut_folders()})
            placed = luts.place(str(path), slug(str(wish.get("prompt") or grade.lut.title)), roots)
        except ResolveError as error:
            raise BadInput(str(error)) from None
    text = courier.job(placed.relative, digest, baked.space.name, facts)
    for state in states:
        courier.write(Path(state.path(courier.JOB_NAME)), text)
    return [
        *(f"note: {line}" for line in (*grade.warnings, *baked.notes)),
        f"look: {placed.path} ({baked.lut.size}^3, {baked.space.name})",
        "now run Workspace > Scripts > gradewright (Lua), or right-click the node: LUT, gradewright",
    ]
