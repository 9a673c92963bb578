"""Baking: a display-referred look, rewritten for a working space.

The **delta bake** adds to each colour ``x`` of the space what the look changes about it:
``out = x + inv(look(fwd(x))) - inv(fwd(x))``, where ``fwd`` shows a colour on an sRGB display and
``inv`` is its inverse. Inside the display's gamut that is ``inv(look(fwd(x)))``, the look itself;
outside, where ``inv`` cannot bring ``x`` back, the colour keeps its place and receives the change
of the display colour nearest to it. So a look that does nothing does exactly nothing, and
highlights that the display clips are not crushed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import aces
from .bake_grid import grid, run, unshowing
from .errors import BadInput
from .interp import lattice
from .lut import F32, Lut
from .scene_shaper import lin_to_log, log_to_lin
from .space import Kind, Space, find

# Of a saturated look, viewed: at 33 the 99th percentile of the error is 2-3 times that of 65, for log and
# scene-linear spaces alike (benchmarks/bake.py). Between displays the curves are nearly straight.
SIZES: dict[Kind, int] = {"log": 65, "scene-linear": 65, "display": 33}
SIZE_TO_DISPLAY = 65
_EDGE = 1e-5  # a value this little outside its range is rounding, not clipping


@dataclass(frozen=True)
class Baked:
    """A LUT for a working space, and what the bake cost.

    Parameters
    ----------
    lut : takes values of ``space``, gives values of ``target``
    space : what goes in
    target : what comes out: ``space`` itself, or a display
    clipped : share (0..1) of the lattice whose wanted colour lies outside the range of ``target``
    clipped_scene : the same share of those lattice colours that a scene would hold, see
        :class:`~gradewright.core.bake_grid.Grid`
    notes : what the user must know, one sentence each
    """

    lut: Lut
    space: Space
    target: Space
    clipped: float = 0.0
    clipped_scene: float = 0.0
    notes: tuple[str, ...] = ()


def to_space(lut: Lut, space: str | Space, size: int | None = None) -> Baked:
    """A look that stays in the working space: for a node, or as a look transform (LMT).

    Parameters
    ----------
    lut : display-referred look, sRGB 0..1 in and out
    space : any space, by name or alias
    size : lattice points along an edge, by default 65, and 33 for display spaces

    Returns
    -------
    LUT over code values 0..1; for scene-linear spaces with a shaper over -4.2..92
    (:mod:`~gradewright.core.scene_shaper`). The identity look gives exactly the lattice itself.

    Raises
    ------
    BadInput : unknown space, or a size out of range
    """
    home = find(space)
    cells = grid(home, SIZES[home.kind] if size is None else size)
    graded = np.clip(cells.seen + _change(lut, cells.seen), 0, 1)
    moved = (graded != cells.seen).any(axis=1)
    out, clipped = cells.points.copy(), np.zeros(len(moved), bool)
    if moved.any():
        wanted = run(unshowing(home), graded[moved])
        shifted = _shifted(home, cells.points[moved], cells.inside(wanted), cells.back[moved])
        out[moved] = cells.inside(shifted)
        clipped[moved] = _outside(wanted, cells.low, cells.high) | _outside(shifted, cells.low, cells.high)
    share, scene = float(clipped.mean()), cells.scene_share(clipped)
    return Baked(cells.lut(out, lut.title), home, home, share, scene, _clip_notes(scene))


def to_display(lut: Lut, space: str | Space, size: int | None = None, display: str | Space = "sRGB") -> Baked:
    """A look that takes the working space and gives the finished picture: replaces the output transform.

    Parameters
    ----------
    lut : display-referred look, sRGB 0..1 in and out
    space : a log or scene-linear space
    size : lattice points along an edge, by default 65: this LUT holds the view's tone curve too
    display : what it is watched on: sRGB, "rec709-gamma24" (a Resolve timeline), "Display P3", ...

    Raises
    ------
    BadInput : unknown space or display, either of the wrong kind, or a size out of range
    """
    home, screen = find(space), find(display)
    if home.kind == "display":
        raise BadInput(f"'{home.name}' is a display space already: bake for it without --to-display")
    if screen.kind != "display":
        raise BadInput(f"'{screen.name}' is not a display: choose sRGB, Rec.709 Gamma 2.4 or Display P3")
    cells = grid(home, SIZE_TO_DISPLAY if size is None else size)
    wanted = cells.seen + _change(lut, cells.seen)
    clipped = _outside(wanted, 0, 1)
    shown = np.clip(wanted, 0, 1)
    if screen.name != "sRGB":
        shown = np.clip(run(aces.convert(aces.DISPLAY, screen.ocio), shown), 0, 1)
    note = f"the result is the finished picture for {screen.name}: switch the output transform off"
    share, scene = float(clipped.mean()), cells.scene_share(clipped)
    return Baked(cells.lut(shown, lut.title), home, screen, share, scene, (note,))


def _change(lut: Lut, seen: F32) -> F32:
    """What a look adds to display colours (n, 3): exactly nothing where its table is the lattice."""
    plain = lut.flatten()
    return run(Lut(plain.table - lattice(plain.size)).processor, seen)


def _shifted(home: Space, points: F32, graded: F32, back: F32) -> F32:
    """``points`` moved by the way from ``back`` to ``graded``.

    Both ends lie inside the space's range: an inverse that runs far out of it (LogC4 gives -45 for
    some display blues) must not drag its neighbours along. Scene light is moved on a log scale, where
    a change of exposure stays one for highlights brighter than the display can show.
    """
    if home.kind == "scene-linear":
        return log_to_lin(lin_to_log(points) + (lin_to_log(graded) - lin_to_log(back)))
    return points + (graded - back)


def _outside(values: F32, low: float, high: float) -> NDArray[np.bool_]:
    slack = _EDGE * (high - low)
    return np.asarray(((values < low - slack) | (values > high + slack)).any(axis=1))


def _clip_notes(scene: float) -> tuple[str, ...]:
    if scene < 0.01:
        return ()
    return (f"{scene:.1%} of the colours a scene can hold leave the space's range and are clipped",)
