"""The pair engine: the same picture before and after a grade, to the LUT of that grade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..colour import delta_e_srgb
from ..errors import BadInput
from ..request import Candidate, Pixels, Request
from .align import Overlay, by_content, corner_on_corner
from .coverage import sentence
from .fit_lut import Fit, fit
from .inputs import check
from .planes import shrink
from .sampling import samples_of

_SIDE = 720
_ALIGNED = 0.8  # structure agreement from which corner on corner is believed
_SAME = 0.3  # agreement below which the pictures are not taken for the same one
_DOUBTFUL = 0.6
_ONE_SHAPE = 0.02  # relative difference of the aspect ratios that is only rounding
_MANY_OUTLIERS = 0.05
_POOR = 2.5  # mean residual CIEDE2000 that a LUT leaves only when the edit was not a LUT


class PairEngine:
    """Learns a LUT from one picture before and after grading."""

    name = "pair"
    summary = "the grade between a picture and its graded version, as a LUT for other pictures"
    serves = frozenset({"pair"})
    rank = 0

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """One candidate.

        Raises
        ------
        BadInput : a picture is tiny or of one colour, or the two do not show the same
        """
        if request.pair is None:
            raise BadInput("the pair engine needs two pictures: before and after the grade")
        for picture, name in zip(request.pair, ("before picture", "after picture"), strict=True):
            check(picture, name)
        before, after = thinned(*request.pair)
        overlay = overlaid(before, after, request.seed)
        return [_candidate(overlay, fit(samples_of(overlay), request.seed))]


def thinned(before: Pixels, after: Pixels) -> tuple[Pixels, Pixels]:
    """Both pictures, clipped, with at most 720 pixels along the longer side.

    Of pictures of one size every n-th pixel is kept: each stays an exact sample of the grade, which an
    average over unlike pixels is not (measured: 1.4 against 3.0 dE2000 at half size).
    """
    if before.shape == after.shape:
        step = -(-max(before.shape[:2]) // _SIDE)
        small = (np.ascontiguousarray(picture[::step, ::step]) for picture in (before, after))
    else:
        small = (shrink(picture, _SIDE) for picture in (before, after))
    first, second = (np.clip(picture, 0, 1) for picture in small)
    return first, second


def overlaid(before: Pixels, after: Pixels, seed: int = 0) -> Overlay:
    """The after picture on the before picture, moved when corner on corner does not fit.

    Raises
    ------
    BadInput : the two do not show the same
    """
    overlay = corner_on_corner(before, after)
    if overlay.score < _ALIGNED or _shapes_differ(before, after):
        moved = by_content(before, after, seed)
        if moved is not None and moved.score > overlay.score:
            overlay = moved
    if overlay.score < _SAME:
        raise BadInput(
            f"the before and after pictures do not seem to show the same (structure agreement "
            f"{overlay.score:.2f}, at least {_SAME} is needed): use one picture before and after its grade"
        )
    return overlay


def _shapes_differ(before: Pixels, after: Pixels) -> bool:
    ratio = (before.shape[0] * after.shape[1]) / (before.shape[1] * after.shape[0])
    return abs(ratio - 1) > _ONE_SHAPE


def _candidate(overlay: Overlay, found: Fit) -> Candidate:
    s = found.samples
    trusted = found.trust > 0.1
    change = float(delta_e_srgb(s.source, s.target)[trusted].mean()) if trusted.any() else 0.0
    residual = residual_de(found)
    seen = [
        f"the pair differs by {change:.1f} dE2000 on average",
        f"structure agreement {overlay.score:.2f}",
        sentence(s.source[trusted]),
    ]
    if overlay.placement is not None:
        seen.append(
            f"the after picture was moved onto the before picture, covering {overlay.share:.0%} of it"
        )
    return Candidate(
        found.lut.titled("pair"),
        score=-residual,
        seen=tuple(seen),
        plan=(
            f"one smooth LUT for the whole pair: {residual:.2f} dE2000 left on average, "
            f"{found.outliers:.1%} of the pixels set aside as local edits or disturbances",
        ),
        warnings=tuple(_warnings(overlay, found, residual)),
    )


def residual_de(found: Fit) -> float:
    """Mean CIEDE2000 the LUT leaves on the samples that it trusts."""
    trusted = found.trust > 0.1
    if not trusted.any():
        return 0.0
    graded = found.lut.sample(found.samples.source[trusted])
    return float(delta_e_srgb(graded, found.samples.target[trusted]).mean())


def _warnings(overlay: Overlay, found: Fit, residual: float) -> list[str]:
    lines = []
    if overlay.score < _DOUBTFUL:
        lines.append(f"the two pictures agree poorly in structure ({overlay.score:.2f}): are they the same?")
    if found.outliers > _MANY_OUTLIERS:
        lines.append(
            f"{found.outliers:.0%} of the pixels changed in another way than the rest: "
            "local edits (masks, vignettes, retouching) are not part of the LUT"
        )
    if residual > _POOR:
        lines.append(
            f"a LUT leaves {residual:.1f} dE2000 of this edit: "
            "it treats the same colour differently in places"
        )
    return lines
