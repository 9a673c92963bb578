"""The shipped networks, through onnxruntime, and the map from what they predict to the codec."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import FileError
from ...request import Pixels
from ...text import TextEncoder
from ...text.ngrams import words
from ..planes import resize

F32 = NDArray[np.float32]
TRUST = (0.3, 1.4)  # the least and the most
SIDE = 64  # pixels along both edges of what the networks see
WEIGHTS = Path(str(resources.files("gradewright.core.weights")))
INTENTS = ("grade", "nothing", "identity")  # asks for a look; speaks of something else; wants no change


@dataclass(frozen=True)
class Prediction:
    """A normal distribution over looks.

    ``mean`` and ``sigma`` (n,) in the network's units; ``to_codec`` (n, K) makes them codec coefficients.
    """

    mean: F32
    sigma: F32
    to_codec: F32

    def look(self, where: F32 | None = None) -> F32:
        """(K,) coefficients of the mean, or of another point (n,)."""
        return (self.mean if where is None else where) @ self.to_codec


@dataclass(frozen=True)
class Reading:
    """What a prompt was understood as.

    ``controls`` (49,): recipe controls, see :mod:`.controls`. ``intent``: one of INTENTS.
    ``cut`` : the prompt was longer than the network reads. ``hidden`` (512,): what the heads made it of.
    """

    prediction: Prediction
    controls: F32
    intent: str
    cut: bool
    hidden: F32


def thumbnail(picture: Pixels) -> F32:
    """(H, W, 3) -> (1, 3, 64, 64): squeezed to a square by area averages."""
    small = resize(np.asarray(picture, np.float32), SIDE, SIDE)
    return np.ascontiguousarray(np.clip(small, 0, 1).transpose(2, 0, 1)[None])


def read_prompt(text: str, photo: Pixels | None) -> Reading:
    """What the prompt network makes of a text, on a photo if there is one.

    Raises
    ------
    FileError : the weights are missing or damaged
    """
    encoder = TextEncoder.load()
    grams, figures = words(text)
    if not len(grams):
        grams, figures = np.zeros((1, 24), np.int32), np.zeros((1, 4), np.float32)
    picture = np.zeros((1, 3, SIDE, SIDE), np.float32) if photo is None else thumbnail(photo)
    mean, log_sigma, controls, intent, hidden = _session("compact_prompt.onnx").run(
        None,
        {
            "states": encoder.states(text)[None],
            "grams": grams[None].astype(np.int64),
            "numbers": figures[None],
            "photo": picture,
            "given": np.array([photo is not None]),
        },
    )
    found, gain = _prediction(mean, log_sigma, "prompt_to_codec"), _tables()["prompt_gain"]
    return Reading(
        replace(found, mean=found.mean * gain),
        controls[0] * gain,
        INTENTS[int(intent[0].argmax())],
        encoder.is_cut(text),
        hidden[0],
    )


def read_reference(photo: Pixels | None, reference: Pixels) -> Prediction:
    """The grade that the reference network sees in a reference; without a photo, for an average one.

    Raises
    ------
    FileError : the weights are missing or damaged
    """
    mean, log_sigma = _session("compact_reference.onnx").run(
        None,
        {
            "photo": np.zeros((1, 3, SIDE, SIDE), np.float32) if photo is None else thumbnail(photo),
            "reference": thumbnail(reference),
            "given": np.array([photo is not None]),
        },
    )
    found = _prediction(mean, log_sigma, "reference_to_codec")
    return replace(found, mean=found.mean * _trust(found))


def _trust(found: Prediction) -> np.float32:
    """How much of the mean to believe, by its size (chosen on val, see core/train/policy/calibrate.py)."""
    start, slope = _tables()["reference_trust"]
    size = np.linalg.norm(found.look())
    return np.float32(np.clip(start + slope * size, *TRUST))


def _prediction(mean: F32, log_sigma: F32, table: str) -> Prediction:
    return Prediction(mean[0], np.exp(np.clip(log_sigma[0], -5, 3)), _tables()[table])


@cache
def _tables() -> dict[str, F32]:
    path = WEIGHTS / "compact.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError) as error:
        raise FileError(path, f"no weights ({error})", "reinstall gradewright") from error


@cache
def _session(name: str) -> Any:
    from ... import ort

    def quickly(options: Any) -> None:
        """More costs more at loading than one prompt gains."""
        options.graph_optimization_level = ort.onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC

    return ort.session(WEIGHTS / name, adjust=quickly)
