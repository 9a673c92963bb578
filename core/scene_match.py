"""Shot match: the shots of a scene made to look like its hero shot, with one look for each camera setup.

Every shot is matched by itself first: from what it shares with the hero picture where the two overlap,
by the compact engine otherwise. Shots that need the same correction and hold the same palette were filmed
alike and get one look, the mean of theirs, so that a cut between them shows no jump.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .colour import delta_e_srgb, srgb_to_oklab
from .engines.inputs import check
from .engines.match import by_correspondence, by_statistics, overlap
from .engines.transport import distance
from .errors import BadInput
from .interp import lattice
from .lut import Lut
from .request import Pixels

_SIZE = 33
_ALIKE_CORRECTION = 0.05  # root mean square, in Oklab, between the corrections of shots filmed alike
_ALIKE_PALETTE = 0.06  # sliced Wasserstein distance between their palettes before correction
_GUESSED = 0.25  # weight of a correction from statistics or the compact engine against one from overlap
_PIXELS = 8000
_BELIEVED = 0.3  # structure agreement below which the two pictures do not show the same thing
Fallback = Callable[[Pixels, Pixels], Lut]  # (shot, hero) -> look


@dataclass(frozen=True, eq=False)
class Matched:
    """A shot and its look.

    ``group`` : 0, 1, ...: shots of one number share one look. ``before``, ``after`` : distance of the
    palettes
    to the hero's, Oklab units times 100. ``overlap_before``, ``overlap_after`` : mean CIEDE2000 over what
    both pictures show; None without overlap
    """

    lut: Lut
    group: int
    before: float
    after: float
    overlap_before: float | None = None
    overlap_after: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Own:
    """What a shot looked at alone gave."""

    lut: Lut
    palette: np.ndarray  # (n, 3) Oklab
    correction: np.ndarray  # what the look does to mid-tone probes, (k, 3) Oklab
    weight: float
    shared: tuple[np.ndarray, np.ndarray] | None  # the overlap's pixels in both pictures, (n, 3) sRGB


def match_scene(
    hero: Pixels, shots: Sequence[Pixels], fallback: Fallback | None = None, seed: int = 0
) -> list[Matched]:
    """A look for every shot that makes it look like the hero shot.

    Parameters
    ----------
    hero, shots : float32 (H, W, 3), sRGB, 0..1
    fallback : the look for a shot that shares nothing with the hero; by default a held-back match of
        colour statistics

    Raises
    ------
    BadInput : a picture that is tiny, of one colour, or not finite; no shots
    """
    if not shots:
        raise BadInput("there are no shots to match: give one or more beside the hero shot")
    check(hero, "hero shot")
    for number, shot in enumerate(shots, 1):
        check(shot, f"shot {number}")
    aim = _palette(hero, seed)
    own = [_alone(shot, hero, fallback, seed) for shot in shots]
    groups = _grouped(own)
    looks = [
        _mean_look([one for one, g in zip(own, groups, strict=True) if g == k])
        for k in range(max(groups) + 1)
    ]
    return [_judged(one, looks[group], group, aim) for one, group in zip(own, groups, strict=True)]


def _alone(shot: Pixels, hero: Pixels, fallback: Fallback | None, seed: int) -> _Own:
    overlay = overlap(shot, hero, seed)
    shared = None
    if overlay is not None:
        lut, weight = by_correspondence(overlay, shot, seed).lut, 1.0
        use = overlay.inside & ~(overlay.agreement < _BELIEVED)
        if use.any():
            shared = overlay.first[use].astype(np.float64), overlay.second[use].astype(np.float64)
    elif fallback is not None:
        lut, weight = fallback(shot, hero), _GUESSED
    else:
        lut, weight = by_statistics(shot, hero, seed).lut, _GUESSED
    lut = lut.flatten(_SIZE)
    probes = lattice(5, np.float64).reshape(-1, 3) * 0.5 + 0.25
    moved = srgb_to_oklab(np.clip(lut.sample(probes), 0, 1)) - srgb_to_oklab(probes)
    return _Own(lut, _palette(shot, seed), moved, weight, shared)


def _palette(picture: Pixels, seed: int) -> np.ndarray:
    pixels = picture.reshape(-1, 3).astype(np.float64)
    if len(pixels) > _PIXELS:
        pixels = pixels[np.random.default_rng(seed).choice(len(pixels), _PIXELS, replace=False)]
    return srgb_to_oklab(np.clip(pixels, 0, 1))


def _grouped(own: Sequence[_Own]) -> list[int]:
    """A group number for each shot: it joins the first group whose first shot it resembles.

    Where a correction is guessed the palette alone decides, since guesses scatter.
    """
    order = sorted(range(len(own)), key=lambda k: -own[k].weight)  # sure shots found the groups
    leaders: list[int] = []
    found = [0] * len(own)
    for k in order:
        near = [g for g, leader in enumerate(leaders) if _alike(own[k], own[leader])]
        if not near:
            leaders.append(k)
        found[k] = near[0] if near else len(leaders) - 1
    # Numbers in the order of the shots.
    renumbered = {group: number for number, group in enumerate(dict.fromkeys(found))}
    return [renumbered[group] for group in found]


def _alike(one: _Own, other: _Own) -> bool:
    palettes = distance(one.palette, other.palette)
    if min(one.weight, other.weight) < 1:
        return palettes < _ALIKE_PALETTE
    gap = float(np.sqrt(((one.correction - other.correction) ** 2).sum(-1).mean()))
    return gap < _ALIKE_CORRECTION and palettes < 2 * _ALIKE_PALETTE


def _mean_look(members: Sequence[_Own]) -> Lut:
    weights = np.array([one.weight for one in members])
    tables = np.stack([one.lut.table for one in members]).astype(np.float64)
    return Lut(np.tensordot(weights / weights.sum(), tables, 1), title="match")


def _judged(one: _Own, look: Lut, group: int, aim: np.ndarray) -> Matched:
    """Before and after, and no look at all where it would lead away from the hero."""
    before = distance(one.palette, aim)
    shown = np.clip(look.sample(_srgb(one.palette)), 0, 1)
    after = distance(srgb_to_oklab(shown), aim)
    seen = None
    if one.shared is not None:
        source, target = one.shared
        graded = np.clip(look.sample(source), 0, 1)
        seen = float(delta_e_srgb(source, target).mean()), float(delta_e_srgb(graded, target).mean())
    worse = seen[1] > seen[0] if seen else after > before
    if worse:
        note = "left as it is: the scene's look would lead it away from the hero shot"
        shared = seen[0] if seen else None
        return Matched(Lut.identity(_SIZE), group, 100 * before, 100 * before, shared, shared, (note,))
    return Matched(look, group, 100 * before, 100 * after, *(seen or ()))


def _srgb(oklab: np.ndarray) -> np.ndarray:
    from .colour import oklab_to_srgb

    return np.clip(oklab_to_srgb(oklab), 0, 1)
