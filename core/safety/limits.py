"""The limits a LUT must keep to, why, and which of them a request may ask to exceed.

They were chosen on the train split of 1,057 published film and creative LUTs: 97 % or more keep each
of them (94.6 % that on skin hue), so that what fails is unusual among professional work.
``benchmarks/safety.py`` prints the pass shares.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..errors import BadInput, nearest
from .measure import SafetyReport


@dataclass(frozen=True)
class Limit:
    """One limit.

    Parameters
    ----------
    name : what a request calls it in ``asked``
    figure : attribute of :class:`SafetyReport`
    bound : largest permitted value, or smallest if ``floor``
    unit : for texts
    reason : one line: what is seen on a picture beyond it
    hard : :func:`repair` guarantees it; the others are only reported, since what clipping
        or a strong tint took away no repair can give back
    """

    name: str
    figure: str
    bound: float
    unit: str
    reason: str
    hard: bool = True
    floor: bool = False

    def value(self, report: SafetyReport) -> float:
        """This limit's figure in a report."""
        return float(getattr(report, self.figure))

    def kept(self, report: SafetyReport) -> bool:
        """Whether the report keeps to the limit."""
        value = self.value(report)
        return value >= self.bound if self.floor else value <= self.bound


_ALL = (
    Limit("overshoot", "overshoot_codes", 0.0, "codes", "hosts clip values outside 0..1, each differently"),
    Limit(
        "neutral_reversal",
        "neutral_reversal_lstar",
        0.5,
        "L*",
        "a brighter grey must not come out darker; this little nobody sees",
    ),
    Limit(
        "neutral_gain",
        "neutral_gain_max_codes",
        5.0,
        "codes",
        "one 8-bit step of grey becomes five: skies band",
    ),
    Limit(
        "fold", "fold_share", 0.12, "share", "colour space turned inside out: contours invert and keys tear"
    ),
    Limit("fold_photo", "fold_photo_share", 0.08, "share", "the same among colours that photos are made of"),
    Limit(
        "steps",
        "gradient_kink_codes",
        24.0,
        "codes",
        "a corner that shows as an edge in skies, skin and ramps",
    ),
    Limit("roughness", "roughness_codes", 2.4, "codes", "an uneven lattice: mottled gradients everywhere"),
    Limit(
        "roughness_peaks",
        "roughness_p99_codes",
        25.0,
        "codes",
        "uneven in places: blotches in saturated colours",
    ),
    Limit("spike", "spike_codes", 40.0, "codes", "one entry sticks out of its neighbours: sparkling dots"),
    Limit("gain", "gain_max_codes", 18.0, "codes", "noise and JPEG blocks of some colour are blown up"),
    Limit(
        "skin_hue",
        "skin_hue_mean_degrees",
        40.0,
        "degrees",
        "skin has left the hues that people accept as skin",
    ),
    Limit("span", "span_lstar", 20.0, "L*", "less between black and white is fog, not a picture", floor=True),
    Limit("plateau", "plateau_share", 0.15, "share", "many colours become one: detail is gone", hard=False),
    Limit(
        "crushed",
        "crushed_photo_share",
        0.10,
        "share",
        "a tenth of a picture is pure black or white",
        hard=False,
    ),
    Limit(
        "tint",
        "neutral_tint_max_ab",
        60.0,
        "a*b*",
        "greys are a colour of their own, no longer a tint",
        hard=False,
    ),
    Limit(
        "tint_swing",
        "neutral_tint_swing_ab",
        22.0,
        "a*b*",
        "greys change colour abruptly: coloured bands",
        hard=False,
    ),
)

LIMITS: dict[str, Limit] = {limit.name: limit for limit in _ALL}


def failures(report: SafetyReport, asked: Collection[str] = (), hard: bool | None = None) -> list[Limit]:
    """The limits a report breaks and nobody asked to exceed, gravest kind first.

    ``hard`` selects the guaranteed limits (True), the reported ones (False), or both (None).
    """
    return [
        limit
        for limit in _ALL
        if limit.name not in asked and hard in (None, limit.hard) and not limit.kept(report)
    ]


def checked(asked: Collection[str]) -> frozenset[str]:
    """``asked`` as a set.

    Raises
    ------
    BadInput : a name that is no limit's
    """
    for name in asked:
        if name not in LIMITS:
            raise BadInput(
                f"'{name}' is not a safety limit{nearest(name, tuple(LIMITS))}: use {', '.join(LIMITS)}"
            )
    return frozenset(asked)
