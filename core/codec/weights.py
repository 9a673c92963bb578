"""The codec's numbers: integers in one .npz, unpacked to arrays that compute exactly."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

SIZE = 33
AXIS_BITS, CORE_BITS, WORD_BITS, GAIN_BITS = 14, 16, 34, 12
STILL = 0  # a row that begins with this token is the identity, exactly, whatever follows


@dataclass(frozen=True)
class Weights:
    """Numbers of one codec; D core terms are kept, K coefficients, S stages.

    Decoding uses ``axes``, ``kept``, ``synthesis``, ``words``, ``gains``: integers, held in
    float64 where they enter matrix products. No product sum reaches 2**53, so the result is
    exact whatever the order of summation. Encoding uses the float32 members.
    """

    axes: F64  # (3, 33, terms) in 2**-AXIS_BITS
    kept: I64  # (D,) indices into the flat core tensor (terms, terms, terms, 3)
    synthesis: F64  # (D, K), int16
    words: I64  # (S, 256, K) in 2**-WORD_BITS of a column of synthesis
    gains: I64  # (levels,) in 2**-GAIN_BITS
    gain_from: int
    axes_float: F32
    analysis: F32  # (D, K)
    words_float: F32  # (S, 256, K): coefficients under the joint metric
    steps: F64  # (K,): units of ``words`` per unit of a coefficient

    @property
    def terms(self) -> int:
        """Basis functions per axis."""
        return self.axes.shape[2]

    @property
    def levels(self) -> int:
        """How many gains the first token can choose from."""
        return len(self.gains)


def pack(
    axes: F32, kept: I64, analysis: F32, synthesis: F32, words: F32, gains: F32, gain_from: int
) -> dict[str, NDArray]:
    """Float arrays of a fit -> the integer arrays of the file."""
    analysis_scale = np.abs(analysis).max(0) / 32767
    synthesis_scale = np.abs(synthesis).max(0) / 32767
    word_scale = np.maximum(np.abs(words).max(1), 1e-12) / 127  # per stage and coefficient
    return {
        "axes": np.rint(axes * 2.0**AXIS_BITS).astype(np.int16),
        "kept": kept.astype(np.int16),
        "analysis": np.rint(analysis / analysis_scale).astype(np.int16),
        "analysis_scale": analysis_scale.astype(np.float32),
        "synthesis": np.rint(synthesis / synthesis_scale).astype(np.int16),
        "synthesis_scale": synthesis_scale.astype(np.float32),
        "words": np.rint(words / word_scale[:, None]).astype(np.int8),
        "word_scale": word_scale.astype(np.float32),
        "gains": np.rint(gains * 2.0**GAIN_BITS).astype(np.int32),
        "gain_from": np.int32(gain_from),
    }


def unpack(arrays: dict[str, NDArray]) -> Weights:
    """The file's arrays -> working arrays (products and roundings of single numbers: exact)."""
    word_scale, words = arrays["word_scale"], arrays["words"]
    units = arrays["synthesis_scale"].astype(np.float64) * 2.0**WORD_BITS
    return Weights(
        axes=arrays["axes"].astype(np.float64),
        kept=arrays["kept"].astype(np.int64),
        synthesis=arrays["synthesis"].astype(np.float64),
        words=words * np.rint(word_scale.astype(np.float64) * units).astype(np.int64)[:, None],
        gains=arrays["gains"].astype(np.int64),
        gain_from=int(arrays["gain_from"]),
        axes_float=(arrays["axes"] * 2.0**-AXIS_BITS).astype(np.float32),
        analysis=arrays["analysis"] * arrays["analysis_scale"],
        words_float=words * word_scale[:, None],
        steps=units,
    )


def load(path: Path | None = None) -> Weights:
    """The shipped weights, or those of a file.

    Raises
    ------
    FileError : missing, or not a codec file
    """
    source = path or resources.files("gradewright.core.weights") / "codec_gw1.npz"
    try:
        with np.load(BytesIO(source.read_bytes()), allow_pickle=False) as file:
            return unpack({name: file[name] for name in file.files})
    except (OSError, ValueError, KeyError) as error:
        raise FileError(str(source), f"no codec weights ({error})", "reinstall gradewright") from error
