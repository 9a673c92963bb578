"""The trained critic, through onnxruntime: a thumbnail in, a rank and the gaps to what is plausible out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..attributes import BY_NAME
from ..engines.planes import resize
from ..errors import FileError

F32 = NDArray[np.float32]
SIDE = 64  # pixels along both edges of what the network sees
WEIGHTS = Path(str(resources.files("gradewright.core.weights")))
# The attributes whose plausible value the network estimates for the scene at hand.
GAPS = (
    "exposure", "contrast", "shadows", "highlights", "black_point", "white_point", "temperature", "tint",
    "saturation",
)  # fmt: skip
STEPS = np.array([BY_NAME[name].step for name in GAPS], np.float32)


@dataclass(frozen=True)
class Seen:
    """What the network makes of pictures.

    ``score`` (n,) 0..100; ``gap`` and ``sigma`` (n, K): plausible value minus measured value of each
    attribute in GAPS, in its unit, and one standard deviation of that estimate.
    """

    score: F32
    gap: F32
    sigma: F32


def thumbnail(picture: NDArray[np.floating]) -> F32:
    """(H, W, 3) -> (3, 64, 64): squeezed to a square by area averages."""
    small = resize(np.asarray(picture, np.float32), SIDE, SIDE)
    return np.ascontiguousarray(np.clip(small, 0, 1).transpose(2, 0, 1))


def look_at(thumbnails: F32) -> Seen:
    """Judge thumbnails (n, 3, 64, 64).

    Raises
    ------
    FileError : the weights are missing or damaged
    """
    run = session("critic.onnx").run  # one at a time: its histograms were traced for one
    rows = [run(None, {"photo": one[None]}) for one in thumbnails]
    rank, gap, log_sigma = (np.concatenate(column) for column in zip(*rows, strict=True))
    sigma = np.exp(np.clip(log_sigma, -3, 3)) * calibration()["sigma"]
    return Seen(to_score(rank), gap * STEPS, sigma * STEPS)


def to_score(rank: F32) -> F32:
    """Ranks (n,) as scores 0..100: how likely, in per cent, is a good photo rather than a spoilt one."""
    found = calibration()
    return np.asarray(100 / (1 + np.exp(-(rank - found["middle"]) / found["scale"])), np.float32)


@cache
def calibration() -> dict[str, float]:
    """``middle`` and ``scale`` of the score, and the factor of ``sigma``: fitted on validation photos."""
    path = WEIGHTS / "critic.json"
    try:
        found: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))["calibration"]
    except (OSError, ValueError, KeyError) as error:
        raise FileError(path, f"no calibration of the critic ({error})", "reinstall gradewright") from None
    return found


@cache
def session(name: str) -> Any:
    """A shipped network, on one CPU thread."""
    from .. import ort

    return ort.session(WEIGHTS / name)
