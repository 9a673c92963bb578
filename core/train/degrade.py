"""From good photos to plausible unretouched ones: what was done, how much, what undoes it.

A :class:`Flaw` is what development does first (gains in linear light: exposure, white balance), then
what a picture profile does (a recipe), or the inverse of a real look. One number, its severity, scales
all of it, so that of two severities of one flaw the order is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..colour import delta_e_srgb, srgb_decode, srgb_encode
from ..lut import Lut
from ..recipe import Recipe
from ..recipe.parameters import BY_NAME

F32 = NDArray[np.float32]
SIZE = 33
MOST_LOST = 0.08  # share of pixels that a flaw may clip
# Sources of the data pack that are straight out of the camera, taken in the dark on purpose, or by phone on
# the floor: what unretouched pictures are like, and no goal.
UNRETOUCHED = ("mei", "dicm", "clothing", "photostream")
CLEAR = 0.5  # the least severity of a photo that is plainly unretouched
LEAST, MOST = 0.35, 1.0  # severities that are drawn
_FACTOR = 0.8  # severity is lowered by it until no more is lost than may be

Draw = Callable[[np.random.Generator], tuple[Sequence[float], dict[str, float]]]


@dataclass(frozen=True, eq=False)
class Flaw:
    """One way of being unretouched.

    ``stops`` (3,) : gains of red, green, blue in linear light, log2, at severity 1. ``values`` : recipe
    parameters at severity 1. ``look`` : the inverse of a real look, put in at the full severity.
    ``severity`` : 0 (nothing) .. 1 (the worst that is plausible for the kind).
    """

    kind: str
    severity: float
    stops: tuple[float, float, float] = (0.0, 0.0, 0.0)
    values: tuple[tuple[str, float], ...] = ()
    look: Lut | None = None

    def at(self, severity: float) -> Flaw:
        """The same flaw, more or less of it."""
        return replace(self, severity=severity)

    @property
    def recipe(self) -> Recipe:
        """The profile's part, at this severity."""
        return Recipe(**dict(self.values)).scaled(self.severity)

    def apply(self, rgb: NDArray[Any]) -> NDArray[np.floating]:
        """sRGB-encoded (..., 3) 0..1, good -> flawed; float64, not rounded."""
        out: NDArray[np.floating] = np.asarray(rgb, np.float64)
        if any(self.stops):
            gains = np.exp2(self.severity * np.array(self.stops))
            out = srgb_encode(np.minimum(srgb_decode(out) * gains, 1))
        if self.values:
            out = self.recipe.apply(out)
        if self.look is not None:
            out = out + self.severity * (np.clip(self.look.sample(out), 0, 1) - out)
        return out

    @cached_property
    def lut(self) -> Lut:
        """Good -> flawed, 33^3."""
        return Lut.from_function(self.apply, SIZE, title=self.kind)

    @cached_property
    def undo(self) -> Lut:
        """Flawed -> good, 17^3, numerically: takes a good second."""
        return self.lut.invert(17).lut

    @cached_property
    def undoing(self) -> Recipe:
        """The recipe that comes nearest to :attr:`undo`."""
        return Recipe.fit(self.undo)


@dataclass(frozen=True, eq=False)
class Sample:
    """A (degraded, what undoes it, why) triple with the good photo.

    ``degraded``, ``good`` : (H, W, 3) float32, rounded to 8 bits as a camera would. ``lost`` : share of
    pixels of which a channel was clipped. ``distance`` : mean CIEDE2000 between the two.
    """

    good: F32
    degraded: F32
    flaw: Flaw
    lost: float
    distance: float

    @cached_property
    def reasoning(self) -> str:
        """What is seen in the degraded picture, why, and the steps that mend it."""
        from .degrade_words import reasoning

        return reasoning(self)


def degrade(good: NDArray[Any], flaw: Flaw, most_lost: float = MOST_LOST) -> Sample:
    """Put a flaw into a good photo (H, W, 3) sRGB 0..1; less of it where too much would be clipped."""
    photo = np.asarray(good, np.float32)
    while True:
        spoilt = (np.rint(flaw.apply(photo) * 255) / 255).astype(np.float32)
        share = lost(photo, spoilt)
        if share <= most_lost or flaw.severity < 0.05:
            break
        flaw = flaw.at(flaw.severity * _FACTOR)
    return Sample(photo, spoilt, flaw, share, float(delta_e_srgb(photo, spoilt).mean()))


def lost(good: NDArray[Any], spoilt: NDArray[Any]) -> float:
    """Share of pixels with a channel that is at an end of the range now and was not before."""
    now, before = _ends(spoilt), _ends(good)
    return float((now & ~before).any(axis=-1).mean())


def _ends(picture: NDArray[Any]) -> NDArray[np.bool_]:
    return (picture < 0.5 / 255) | (picture > 254.5 / 255)


def draw(
    rng: np.random.Generator,
    kind: str | None = None,
    severity: float | None = None,
    looks: Sequence[Lut] = (),
) -> Flaw:
    """A flaw; its kind is one of KINDS, "mixed", or "look" where inverses of looks are given.

    What is not said is drawn: kinds evenly but mixed ones (how unretouched pictures mostly are) as often
    as half of the others together, severities evenly in 0.35..1.
    """
    severity = float(rng.uniform(LEAST, MOST)) if severity is None else severity
    if kind is None:
        names = [*KINDS, "mixed", *(["look"] if looks else [])]
        weights = np.array([{"mixed": 6.0, "look": 2.0}.get(name, 1.0) for name in names])
        kind = str(rng.choice(names, p=weights / weights.sum()))
    if kind == "look":
        return Flaw(kind, severity, look=looks[int(rng.integers(len(looks)))])
    if kind == "mixed":
        return _mixed(rng, severity)
    stops, values = KINDS[kind](rng)
    return Flaw(kind, severity, _three(stops), tuple(values.items()))


def unretouched(rng: np.random.Generator, looks: Sequence[Lut] = ()) -> Flaw:
    """What automatic grading is for: mostly several things at once, and visibly so.

    Six in ten are mixed, one is the inverse of a look (where looks are given), the rest have one fault;
    severities are drawn evenly in 0.5..1.
    """
    severity = float(rng.uniform(CLEAR, MOST))
    chance = rng.random()
    if chance < 0.1 and looks:
        return draw(rng, "look", severity, looks)
    return draw(rng, "mixed" if chance < 0.7 else str(rng.choice(list(KINDS))), severity)


def _mixed(rng: np.random.Generator, severity: float) -> Flaw:
    """One of each of two or three families, each a little weaker than alone."""
    families = [FAMILIES[i] for i in rng.permutation(len(FAMILIES))[: rng.integers(2, 4)]]
    stops, values = np.zeros(3), dict[str, float]()
    for family in families:
        share = rng.uniform(0.5, 1.0)
        more, others = KINDS[str(rng.choice(family))](rng)
        stops = stops + share * np.asarray(more)
        for name, value in others.items():
            values[name] = values.get(name, 0.0) + (value if name.endswith("_hue") else share * value)
    values = {name: min(max(value, BY_NAME[name].low), BY_NAME[name].high) for name, value in values.items()}
    return Flaw("mixed", severity, _three(stops), tuple(values.items()))


def _three(stops: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in stops)
    return red, green, blue


def _exposure(low: float, high: float) -> Draw:
    """Half of them in the camera (a gain that clips), half with a shoulder as a profile has."""

    def made(rng: np.random.Generator) -> tuple[Sequence[float], dict[str, float]]:
        ev = float(rng.uniform(low, high))
        return ((ev,) * 3, {}) if rng.random() < 0.5 else ((0.0,) * 3, {"exposure": ev})

    return made


def _cast(temperature: float, tint: float) -> Draw:
    """Mostly along one axis. Half of them as camera gains: red against blue, green against both."""

    def made(rng: np.random.Generator) -> tuple[Sequence[float], dict[str, float]]:
        size = rng.uniform(0.6, 1.0)
        warm = size * temperature + rng.normal(0, 8)
        pink = size * tint + rng.normal(0, 8)
        warm, pink = np.clip([warm, pink], -100, 100)
        if rng.random() < 0.5:
            return (0.005 * warm + 0.002 * pink, -0.002 * pink, -0.006 * warm + 0.002 * pink), {}
        return (0.0,) * 3, {"temperature": float(warm), "tint": float(pink)}

    return made


def _profile(**ranges: tuple[float, float]) -> Draw:
    """Recipe parameters, each evenly between two values."""

    def made(rng: np.random.Generator) -> tuple[Sequence[float], dict[str, float]]:
        return (0.0,) * 3, {name: float(rng.uniform(*ends)) for name, ends in ranges.items()}

    return made


KINDS: dict[str, Draw] = {
    "underexposed": _exposure(-2.8, -1.8),
    "overexposed": _exposure(1.0, 2.0),
    "warm cast": _cast(100, 0),
    "cool cast": _cast(-100, 0),
    "green cast": _cast(0, -100),
    "magenta cast": _cast(0, 95),
    "flat": _profile(contrast=(-95, -65), saturation=(-40, 0)),
    "harsh": _profile(contrast=(60, 100), shadows=(-60, 0), saturation=(0, 35)),
    "washed blacks": _profile(black_fade=(50, 90), contrast=(-30, 0), white_fade=(0, 20)),
    "haze": _profile(
        black_fade=(40, 80),
        contrast=(-60, -20),
        saturation=(-60, -20),
        shadow_amount=(5, 25),
        shadow_hue=(200, 270),
    ),
    "dull": _profile(saturation=(-90, -55), vibrance=(-30, 10), whites=(-50, 0)),
    "oversaturated": _profile(saturation=(50, 100), vibrance=(0, 50)),
    "blocked shadows": _profile(shadows=(-100, -60), blacks=(-100, -40), contrast=(0, 35)),
    "grey highlights": _profile(white_fade=(45, 85), highlights=(-70, 0)),
}
FAMILIES: tuple[tuple[str, ...], ...] = (
    ("underexposed", "overexposed"),
    ("warm cast", "cool cast", "green cast", "magenta cast"),
    ("flat", "harsh", "washed blacks", "haze", "blocked shadows", "grey highlights"),
    ("dull", "oversaturated"),
)
UNSEEN = ("haze", "blocked shadows")  # kinds to leave out of a training that is tested on unseen kinds
