"""Why a degraded photo is as it is, in words: what is seen, what follows, the steps that mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..colour import srgb_to_oklab

if TYPE_CHECKING:
    from .degrade import Sample

SEEN = {
    "underexposed": "the whole picture is too dark",
    "overexposed": "the whole picture is too bright and the highlights run together",
    "warm cast": "greys lean to orange: the white balance is too warm",
    "cool cast": "greys lean to blue: the white balance is too cool",
    "green cast": "greys lean to green",
    "magenta cast": "greys lean to magenta",
    "flat": "the tones lie close together: there is little contrast",
    "harsh": "the contrast is hard: dark tones and bright tones lose their steps",
    "washed blacks": "black is a grey: the dark tones are washed out",
    "haze": "a veil lies over the picture: lifted blacks, weak colours",
    "dull": "the colours are weak",
    "oversaturated": "the colours are too strong",
    "blocked shadows": "the shadows are blocked up: nothing is to be seen in them",
    "grey highlights": "white is a grey: the highlights do not shine",
    "mixed": "several things are off at once",
    "look": "the colours are not where a finished picture has them",
}
_HARD = ((0.45, "slightly"), (0.75, "clearly"), (9.0, "strongly"))


def reasoning(sample: Sample) -> str:
    """Key measurements, the fault with its degree, the plan: three sentences."""
    flaw = sample.flaw
    degree = next(word for limit, word in _HARD if flaw.severity < limit)
    return (
        f"Measured: {_measured(sample.degraded)}. Seen: {SEEN[flaw.kind]} ({degree}). "
        f"Plan: {flaw.undoing.describe(6)}."
    )


def _measured(picture: np.ndarray) -> str:
    lab = srgb_to_oklab(picture.reshape(-1, 3)[::7].astype(np.float64))
    low, middle, high = np.quantile(lab[:, 0], [0.02, 0.5, 0.98])
    chroma = np.hypot(lab[:, 1], lab[:, 2]).mean()
    red, yellow = lab[:, 1:].mean(axis=0)
    return (
        f"lightness from {low:.2f} over {middle:.2f} to {high:.2f}, mean chroma {chroma:.3f}, "
        f"mean lean {red:+.3f} to red, {yellow:+.3f} to yellow"
    )
