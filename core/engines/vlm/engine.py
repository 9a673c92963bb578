"""The large engine, as the grader knows it: light, since every command that grades imports it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BadInput
from ...request import Candidate, Request

if TYPE_CHECKING:
    from .answers import Asked


class VlmEngine:
    """Asks a vision-language model in a folder, or one that an inference server on this machine has loaded.

    Parameters
    ----------
    model : folder that ``gradewright train vlm-*`` made; without one the engine is listed but cannot answer
    endpoint : base address of an OpenAI-compatible server that serves that folder, as vLLM does
    allow_remote : the endpoint may be another machine; the photo is sent there
    """

    name = "vlm"
    summary = "a vision-language model of your own (--model DIR): LUT tokens, reasoned retouches, operations"
    serves = frozenset({"prompt", "reference", "auto", "params"})
    rank = -1  # asked by name alone: it needs a model

    def __init__(
        self, model: Path | None = None, endpoint: str | None = None, allow_remote: bool = False
    ) -> None:
        if model is None and endpoint is not None:
            raise BadInput("an endpoint needs the model's folder too, for its tokens: add --model DIR")
        self._model, self._endpoint, self._allow_remote = model, endpoint, allow_remote
        self._asked: Asked | None = None

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """Up to ``request.count`` grades, the likeliest first; the same seed gives the same ones.

        Raises
        ------
        BadInput : no model was named, torch or transformers are missing, the model cannot do what is asked,
            or what it answered cannot be used
        FileError : the model folder is missing or damaged
        """
        if self._model is None:
            raise BadInput("engine 'vlm' needs a model: add --model DIR, a folder that 'train vlm-sft' made")
        if self._asked is None:
            from .answers import ask

            self._asked = ask(self._model, self._endpoint, self._allow_remote)
        return self._asked.candidates(request)
