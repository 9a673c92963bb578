"""From requests to grades: which path answers, what is asked, what the answer means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...codec import LutCodec
from ...errors import BadInput
from ...lut import Lut
from ...recipe import Recipe
from ...request import Candidate, Pixels, Request
from ..inputs import check
from . import operations, reasoning
from .card import Card
from .wording import Wish, settings_text

TEMPERATURE = 0.9  # of further candidates; the first is the likeliest
_PARTS = {"lut": "LUT tokens", "retouch": "retouch latents", "operations": "operations"}


@dataclass(frozen=True)
class Look:
    """64 codes and their mean log probability."""

    codes: NDArray[np.uint8]
    score: float


@dataclass(frozen=True)
class Retouch:
    """Latents (56,) and the reasoning in front of them; ``cut`` : it had to be ended."""

    latents: NDArray[np.float32]
    text: str
    cut: bool


class Model(Protocol):
    """What can be asked, here or on a server."""

    def look(self, wish: Wish, pictures: Sequence[Pixels], seed: int, temperature: float) -> Look:
        """Exactly 64 LUT tokens."""
        ...

    def retouch(self, wish: Wish, pictures: Sequence[Pixels], seed: int, temperature: float) -> Retouch:
        """Reasoning and latents."""
        ...

    def text(self, prompt: str, pictures: Sequence[Pixels], seed: int, temperature: float) -> str:
        """A text."""
        ...


@dataclass(frozen=True)
class Asked:
    """A model with its card."""

    model: Model
    card: Card

    def candidates(self, request: Request) -> list[Candidate]:
        """See :meth:`~gradewright.core.engines.vlm.VlmEngine.candidates`."""
        kind = _kind(request)
        path = self.card.paths.get(kind)
        if path is None:
            known = ", ".join(self.card.paths)
            raise BadInput(f"this model was not trained for {kind}: it answers {known}")
        wish, pictures = _wish(request, path, kind)
        found = []
        for number in range(request.count):
            plain = number == 0 and request.seed == 0
            seed = request.seed * 1009 + number
            found.append(getattr(self, f"_{path}")(wish, pictures, seed, 0.0 if plain else TEMPERATURE))
        return [found[0], *sorted(found[1:], key=lambda candidate: -candidate.score)]

    def _lut(self, wish: Wish, pictures: list[Pixels], seed: int, temperature: float) -> Candidate:
        look = self.model.look(wish, pictures, seed, temperature)
        lut = LutCodec.load().decode(look.codes).titled(_title(wish))
        plan = (f"the model wrote 64 LUT tokens, mean log probability {look.score:.2f}",)
        return Candidate(lut, look.score, plan=plan)

    def _retouch(self, wish: Wish, pictures: list[Pixels], seed: int, temperature: float) -> Candidate:
        from ..auto.networks import bake

        made = self.model.retouch(wish, pictures, seed, temperature)
        said = reasoning.read(made.text)
        warnings = [f"the model's reasoning is malformed: {said.fault}"] if said.fault else []
        warnings += ["the model's reasoning was cut off"] if made.cut else []
        seen = tuple(part for part in (said.measured, said.seen) if part)
        plan = (said.plan,) if said.plan else ()
        return Candidate(bake(made.latents, 1.0).titled(_title(wish)), 0.0, seen, plan, tuple(warnings))

    def _operations(self, wish: Wish, pictures: list[Pixels], seed: int, temperature: float) -> Candidate:
        text = self.model.text(wish.prompt, pictures, seed, temperature)
        warnings: tuple[str, ...] = ()
        try:
            found = operations.read(text)
        except BadInput as fault:
            warnings = (f"the model's first answer could not be used ({fault}); it was asked again",)
            found = self._second(wish, pictures, text, fault, seed, temperature)
        if found.mended:
            warnings += ("the model's JSON was malformed and has been mended",)
        recipe: Recipe = found.recipe
        seen = (found.reasoning,) if found.reasoning else ()
        plan = tuple(step["words"] for step in recipe.operations())
        lut: Lut = recipe.to_lut().titled(_title(wish))
        return Candidate(lut, 0.0, seen, plan, warnings, recipe=recipe)

    def _second(
        self, wish: Wish, pictures: list[Pixels], text: str, fault: BadInput, seed: int, temperature: float
    ) -> operations.Operations:
        """One more chance, with the answer and its fault in view; then no more."""
        again = self.model.text(wish.again(text, str(fault)), pictures, seed + 1, temperature)
        try:
            return operations.read(again)
        except BadInput as error:
            raise BadInput(
                f"the model gave no usable operations, twice ({error}): word the wish otherwise, "
                "or use --engine compact"
            ) from None


def _kind(request: Request) -> str:
    wants = request.wants
    if "auto" in wants:
        return "auto"
    if {"prompt", "reference"} <= wants:
        raise BadInput("engine 'vlm' takes a prompt or a reference, not both: leave one out")
    for kind in ("reference", "prompt", "params"):
        if kind in wants:
            return kind
    raise BadInput("engine 'vlm' needs a prompt, a reference, --auto, or parameters")


def _wish(request: Request, path: str, kind: str) -> tuple[Wish, list[Pixels]]:
    """What is asked, and the pictures in front of it."""
    photo = [] if request.photo is None else [request.photo]
    text = request.prompt or ""
    if kind == "params":
        text = settings_text(Recipe.parse(request.params or {}).to_dict())
    if kind == "reference":
        assert request.reference is not None
        check(request.reference, "reference")
        if path != "lut":
            raise BadInput(f"this model answers references with {_PARTS[path]}, which see one picture only")
        pictures = [*photo, request.reference]
        return Wish(path, "transfer", len(pictures)), _checked(pictures)
    if path != "lut" and not photo:
        raise BadInput("this model looks at the photo to answer: give one")
    if path == "operations":
        return Wish(path, path, 1, text), _checked(photo)
    if path == "retouch":
        task = "param" if kind == "params" else "style" if text else "auto"
        return Wish(path, task, 1, text), _checked(photo)
    if kind == "auto" and not text:
        text = "retouch it as it needs"
    return Wish(path, "instruct", len(photo), text), _checked(photo)


def _checked(pictures: list[Pixels]) -> list[Pixels]:
    for picture in pictures:
        if not np.isfinite(picture).all():
            raise BadInput("the photo holds values that are not finite: needs 0..1")
    return pictures


def _title(wish: Wish) -> str:
    words = " ".join((wish.text or wish.task).split())
    return words if len(words) <= 60 else words[:59].rstrip() + "…"


def ask(folder: Path, endpoint: str | None, allow_remote: bool) -> Asked:
    """A model that can be asked: on a server, in vLLM, or loaded here with transformers.

    Raises
    ------
    BadInput : what is needed for that is not installed; an endpoint that may not be used
    FileError : the model folder is missing or damaged
    """
    card = Card.load(folder)
    if endpoint is not None:
        from .serving import Served

        return Asked(Served(folder, card, endpoint, allow_remote), card)
    missing = [name for name in ("torch", "transformers", "safetensors") if find_spec(name) is None]
    if missing:
        raise BadInput(f"engine 'vlm' needs {missing[0]}: pip install 'gradewright[vlm]'")
    from .local import Local

    return Asked(Local.load(folder), card)
