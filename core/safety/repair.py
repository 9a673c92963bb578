"""The least change that brings a LUT within the hard limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..colour import delta_e_srgb
from ..lut import Lut
from .limits import LIMITS, checked, failures
from .local import SkinCorrection, monotone_neutrals
from .measure import SafetyReport, measure
from .smooth import broken_places, despiked, identity, smoothed

F32 = NDArray[np.float32]
_SIGMAS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 5.6)  # cells of a 33^3 lattice
_SHAPE = frozenset(
    {"fold", "fold_photo", "steps", "roughness", "roughness_peaks", "spike", "neutral_gain", "gain"}
)
_EVERYWHERE = frozenset({"steps", "roughness", "neutral_gain"})  # not to be placed in a few cells
_RAMP_ALONE = 12.0  # L*: deeper reversals are the look (a negative), not a flaw in the ramp


@dataclass(frozen=True, eq=False)
class Repair:
    """What :func:`repair` hands back.

    ``lut`` : the very same object when nothing was wrong. ``before``, ``after`` : its figures.
    ``changes`` : what was done, one sentence each; empty when nothing was.
    """

    lut: Lut
    before: SafetyReport
    after: SafetyReport
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _State:
    """A table on its way, with its figures and what has been done to it."""

    table: F32
    report: SafetyReport
    asked: frozenset[str]
    changes: tuple[str, ...] = ()

    def broken(self, of: Collection[str] | None = None) -> frozenset[str]:
        names = frozenset(limit.name for limit in failures(self.report, self.asked, hard=True))
        return names if of is None else names & frozenset(of)

    def to(self, table: F32, change: str = "") -> _State:
        changes = (*self.changes, change) if change else self.changes
        return _State(table, measure(Lut(table)), self.asked, changes)


def repair(lut: Lut, asked: Collection[str] = frozenset()) -> Repair:
    """Bring a display-referred LUT within the hard limits of :data:`LIMITS`, changing as little as can be.

    Parameters
    ----------
    lut : any LUT; one that passes comes back as it is, bit for bit
    asked : names of limits that the request itself wants exceeded

    Returns
    -------
    A Repair whose LUT always passes; a second repair changes nothing. One that was changed is
    plain, of the flattened size.

    Raises
    ------
    BadInput : ``asked`` names no limit
    """
    before = measure(lut)
    wanted = checked(asked)
    if not failures(before, wanted, hard=True):
        return Repair(lut, before, before)
    state = _State(lut.flatten().table, before, wanted)
    for step in (_clip, _stray, _neutrals, _shape, _neutrals, _skin, _weaken):
        if state.broken():
            state = step(state)
    return Repair(Lut(state.table, title=lut.title), before, state.report, state.changes)


def _clip(state: _State) -> _State:
    codes = state.report.overshoot_codes
    if not codes:
        return state
    return state.to(np.clip(state.table, 0, 1), f"values up to {codes:.1f} codes outside 0..1 clipped")


def _stray(state: _State) -> _State:
    if not state.broken({"spike"}):
        return state
    table, count = despiked(state.table, LIMITS["spike"].bound / 2)
    entries = "entry" if count == 1 else "entries"
    return state.to(table, f"{count} stray {entries} replaced by the mean of the neighbours")


def _neutrals(state: _State) -> _State:
    depth = state.report.neutral_reversal_lstar
    if not state.broken({"neutral_reversal"}) or depth > _RAMP_ALONE:
        return state
    share = state.report.neutral_reversal_share
    return state.to(
        monotone_neutrals(state.table),
        f"neutral ramp made monotone: {share:.0%} of its steps fell, by up to {depth:.1f} L* together",
    )


def _shape(state: _State) -> _State:
    """The least smoothing that cures folds, steps and roughness; none if smoothing cannot."""
    targets = state.broken(_SHAPE)
    if not targets:
        return state
    if not targets & _EVERYWHERE:
        where = broken_places(state.table, LIMITS["gain"].bound, LIMITS["roughness_peaks"].bound)
        found = _least(_SIGMAS, lambda sigma: state.to(smoothed(state.table, sigma, where)), targets)
        if found is not None:
            sigma, better = found
            text = f"a {sigma:g}-cell blur where it broke, {where.mean():.0%} of the cube"
            return _with(better, f"{_named(targets)}: {text}")
    found = _least(_SIGMAS, lambda sigma: state.to(smoothed(state.table, sigma)), targets)
    if found is None:
        return state
    return _with(found[1], f"{_named(targets)}: a {found[0]:g}-cell blur of the whole cube")


def _skin(state: _State) -> _State:
    if state.broken() != {"skin_hue"}:
        return state  # nothing to mend, or more is wrong and the look has to give way as a whole
    correction = SkinCorrection(state.table)
    amounts = tuple(np.linspace(0.05, 1, 20).tolist())
    found = _least(amounts, lambda amount: state.to(correction.table(amount)), {"skin_hue"})
    if found is None:
        return state
    was, now = state.report.skin_hue_mean_degrees, found[1].report.skin_hue_mean_degrees
    return _with(
        found[1], f"skin hue shift held to {now:.0f} degrees (was {was:.0f}), near skin colours only"
    )


def _weaken(state: _State) -> _State:
    """The strongest blend with the identity that passes; from the table, or from a smoothed one."""
    kept = _strongest(state, state.table)
    if state.broken(_SHAPE - {"fold", "fold_photo"}):
        smooth = _strongest(state, smoothed(state.table, 1.4))
        kept = min(kept, smooth, key=lambda pair: float(np.abs(pair[1].table - state.table).mean()))
    strength, found = kept
    return _with(found, f"{_named(state.broken())}: look weakened to {strength:.0%}, the most that passes")


def _strongest(state: _State, table: F32) -> tuple[float, _State]:
    start = identity(table.shape[0])
    low, high = 0.0, 1.0
    best = state.to(start)
    for _ in range(6):
        middle = (low + high) / 2
        trial = state.to(start + np.float32(middle) * (table - start))
        if trial.broken():
            high = middle
        else:
            low, best = middle, trial
    return low, best


def _least(
    amounts: Sequence[float], trial: Callable[[float], _State], targets: Collection[str]
) -> tuple[float, _State] | None:
    """The smallest amount, by bisection, that cures ``targets``, with its state, or None."""
    low, high = 0, len(amounts) - 1
    best = None
    while low <= high:
        middle = (low + high) // 2
        state = trial(amounts[middle])
        if state.broken(targets):
            low = middle + 1
        else:
            best, high = (amounts[middle], state), middle - 1
    return best


def _with(state: _State, change: str) -> _State:
    return _State(state.table, state.report, state.asked, (*state.changes, change))


_WORDS = {
    "overshoot": "overshoot",
    "neutral_reversal": "falling greys",
    "fold": "folded colours",
    "fold_photo": "folded colours",
    "steps": "steps in gradients",
    "roughness": "rough gradients",
    "roughness_peaks": "rough gradients",
    "spike": "stray entries",
    "neutral_gain": "steep greys",
    "gain": "steep colours",
    "skin_hue": "turned skin hues",
    "span": "black and white too close",
}


def _named(limits: Collection[str]) -> str:
    return ", ".join(dict.fromkeys(_WORDS[name] for name in LIMITS if name in limits))


def damage_de(before: Lut, after: Lut) -> float:
    """Mean CIEDE2000 between two LUTs over a 17^3 lattice: what a repair cost."""
    return float(delta_e_srgb(before.flatten().resample(17).table, after.flatten().resample(17).table).mean())
