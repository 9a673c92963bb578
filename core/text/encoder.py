"""Token states of a small pretrained language model (MiniLM, 6 layers, int8) through onnxruntime."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from .wordpiece import Wordpiece

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

WEIGHTS = Path(str(resources.files("gradewright.core.weights")))
MODEL, VOCABULARY = "minilm_int8.onnx", "minilm_vocab.txt"
MOST = 64  # pieces of a prompt that are read
POSITIONS = 128  # pieces the model can read
BATCH = 64
LONGEST_TEXT = 20_000  # characters that are looked at: a bound on the work, not on what people write


class TextEncoder:
    """Texts to states: one vector of 384 numbers for each word piece, in its context.

    English is understood, other languages only where they share words with it: see
    :func:`gradewright.core.text.words` for those.

    >>> encoder = TextEncoder.load()               # shared by the whole process
    >>> encoder.states("warm, lifted shadows")     # float32 (T, 384)

    Parameters
    ----------
    model : an ONNX file, or its bytes: ``ids`` and ``mask`` int64 (B, T) -> float32 (B, T, width)
    wordpiece : the tokenizer that belongs to it
    """

    def __init__(self, model: Path | bytes, wordpiece: Wordpiece) -> None:
        self._model, self._wordpiece = model, wordpiece

    @classmethod
    def load(cls, folder: str | Path | None = None) -> TextEncoder:
        """The shipped encoder, or that of a folder; the model itself is read when it is first needed.

        Raises
        ------
        FileError : the vocabulary is missing or damaged
        """
        return _load(Path(folder) if folder else WEIGHTS)

    @cached_property
    def _session(self) -> Any:
        from .. import ort

        def exactly(options: Any) -> None:
            # Weights become float32 once, at loading. Left to itself, onnxruntime 1.20 to 1.23 does so for
            # every prompt (22 ms instead of 4), and later ones use other roundings on each kind of processor.
            options.add_session_config_entry("session.disable_quant_qdq", "1")
            options.graph_optimization_level = ort.onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED

        return ort.session(self._model, "text model", exactly)

    # -- pieces

    def ids(self, text: str, most: int = MOST) -> I64:
        """(T,) piece numbers, ``[CLS]`` first and ``[SEP]`` last, T <= ``most`` (2..128)."""
        ids = self._wordpiece.ids(text[:LONGEST_TEXT])
        most = min(max(most, 2), POSITIONS)
        return np.array(ids if len(ids) <= most else [*ids[: most - 1], ids[-1]], np.int64)

    def is_cut(self, text: str, most: int = MOST) -> bool:
        """Whether ``text`` is longer than ``most`` pieces, so that its end goes unread."""
        return len(text) > LONGEST_TEXT or len(self._wordpiece.ids(text)) > min(most, POSITIONS)

    # -- states

    def states(self, text: str, most: int = MOST) -> F32:
        """(T, 384) states of the pieces :meth:`ids` gives.

        Raises
        ------
        FileError : the model file is missing or damaged
        """
        return self._run(self.ids(text, most)[None])[0]

    def states_batch(self, texts: Sequence[str], most: int = MOST) -> list[F32]:
        """:meth:`states` of many texts, in their order; equal lengths run together, nothing is padded."""
        rows = [self.ids(text, most) for text in texts]
        groups: dict[int, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            groups[len(row)].append(index)
        found: list[F32] = [np.empty(0, np.float32)] * len(rows)
        for group in groups.values():
            for start in range(0, len(group), BATCH):
                part = group[start : start + BATCH]
                for index, states in zip(part, self._run(np.stack([rows[i] for i in part])), strict=True):
                    found[index] = states
        return found

    def _run(self, ids: I64) -> F32:
        return self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})[0]


@cache
def _load(folder: Path) -> TextEncoder:
    path = folder / VOCABULARY
    try:
        with open(path, encoding="utf-8", newline="\n") as lines:
            return TextEncoder(folder / MODEL, Wordpiece.read(lines))
    except (OSError, ValueError, KeyError) as error:
        raise FileError(path, f"no vocabulary ({error})", "reinstall gradewright") from error
