"""The match engine: two shots of one scene, to the LUT that makes the first look like the second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..colour import delta_e_srgb, oklab_to_srgb_in_gamut, srgb_to_oklab
from ..errors import BadInput
from ..interp import lattice
from ..lut import Lut
from ..request import Candidate, Pixels, Request
from .align import Overlay, by_content
from .coverage import sentence, share_of_cube
from .fit_lut import SIZE, fit
from .inputs import usable
from .neutrals import monotone_neutrals
from .sampling import samples_of
from .transport import distance, linear_transport

_INLIERS = 12  # points that must agree before the two pictures count as one scene
_OVERLAP = 0.02  # of the photo, likewise
_SCORE = 0.45  # structure agreement in the overlap, likewise
_RIGID = 0.8  # agreement below which neighbourhoods may shift on their own
_BELIEVED = 0.3  # structure agreement below which a pixel is not sampled
_STATISTICS_PIXELS = 20_000
# Strength of the statistics match by the distance of the two palettes after it. The least is the best
# constant on pictures of unrelated things (benchmarks/transfer.py, split val), the most on pictures
# of one scene without common parts.
_LIKE, _UNLIKE = 0.012, 0.022
_MOST, _LEAST = 0.5, 0.2

NOT_THE_SAME = (
    "the two pictures do not seem to show the same scene: a statistics match moves content colours, "
    "not the grade, so it was held back to {:.0%}"
)


class MatchEngine:
    """Matches a shot to a reference shot of the same scene."""

    name = "match"
    summary = "makes a shot look like another shot of the same scene"
    serves = frozenset({"reference"})
    rank = 0

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """One candidate.

        Raises
        ------
        BadInput : no photo, or a picture that is tiny, of one colour, or holds values that are not finite
        """
        if request.photo is None or request.reference is None:
            raise BadInput("a shot match needs two pictures: the photo to grade and the reference")
        photo, reference = usable(request.photo, "photo"), usable(request.reference, "reference")
        overlay = overlap(photo, reference, request.seed)
        if overlay is not None:
            return [by_correspondence(overlay, photo, request.seed)]
        return [by_statistics(photo, reference, request.seed)]


def overlap(photo: Pixels, reference: Pixels, seed: int = 0) -> Overlay | None:
    """The reference laid over the photo where both show the same; None when nothing is found."""
    overlay = by_content(photo, reference, seed)
    if overlay is not None and overlay.score < _RIGID:
        overlay = by_content(photo, reference, seed, follow=True)
    if overlay is None or overlay.placement is None or overlay.placement.inliers < _INLIERS:
        return None
    return overlay if overlay.share >= _OVERLAP and overlay.score >= _SCORE else None


def by_correspondence(overlay: Overlay, photo: Pixels, seed: int = 0) -> Candidate:
    """The LUT between the parts that both pictures show."""
    found = fit(samples_of(overlay, _BELIEVED), seed)
    s, trusted = found.samples, found.trust > 0.1
    change = float(delta_e_srgb(s.source, s.target)[trusted].mean()) if trusted.any() else 0.0
    placement = overlay.placement
    assert placement is not None  # overlap() returns no other
    seen = (
        f"the reference shows {overlay.share:.0%} of the photo ({placement.inliers} points agree, "
        f"structure agreement {overlay.score:.2f})",
        f"the common part differs by {change:.1f} dE2000 on average",
        f"in the common part, {sentence(s.source[trusted])}",
    )
    known = share_of_cube(s.source) / max(share_of_cube(photo.reshape(-1, 3)), 1e-6)
    warnings = []
    if known < 0.25:
        warnings.append(
            f"only {known:.0%} of the photo's colours lie in the common part: the rest is extrapolated"
        )
    plan = (
        f"fitted to the common part alone, {found.outliers:.1%} of its pixels set aside as different content",
    )
    return Candidate(found.lut.titled("match"), 1.0, seen, plan, tuple(warnings))


def by_statistics(photo: Pixels, reference: Pixels, seed: int = 0) -> Candidate:
    """A linear transport of the colour statistics in Oklab, held back the more the palettes differ."""
    rng = np.random.default_rng(seed)
    source, target = (srgb_to_oklab(_some(p, rng)) for p in (photo, reference))
    move = linear_transport(source, target)
    before, after = distance(source, target), distance(move(source), target)
    strength = float(np.interp(after, [_LIKE, _UNLIKE], [_MOST, _LEAST]))
    start = srgb_to_oklab(lattice(SIZE, np.float64))
    graded = oklab_to_srgb_in_gamut(start + strength * (move(start) - start))
    seen = (
        "no common part was found in the photo and the reference",
        f"palette distance {before:.3f}, {after:.3f} after a linear match (Oklab units)",
    )
    plan = (f"linear transport of the colour statistics, held back to {strength:.0%}",)
    lut = Lut(monotone_neutrals(graded), title="match")
    return Candidate(lut, 0.0, seen, plan, (NOT_THE_SAME.format(strength),))


def _some(picture: Pixels, rng: np.random.Generator) -> np.ndarray:
    pixels = picture.reshape(-1, 3).astype(np.float64)
    if len(pixels) > _STATISTICS_PIXELS:
        pixels = pixels[rng.choice(len(pixels), _STATISTICS_PIXELS, replace=False)]
    return pixels
