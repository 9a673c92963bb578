"""Examples drawn from the data pack, as many as are wanted, none of them stored.

pair, transfer, instruct : AceTone sections 3.2 and 3.3. auto, style, param : VeraRetouch section 3.2.
operations : RetouchIQ section 3.2. The example of an index follows from seed and index alone, so a run is
resumed by counting, and workers and processes need not speak to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...codec import LutCodec
from ...engines.vlm.operations import written
from ...engines.vlm.wording import Wish, settings_text
from ...errors import BadInput
from ...lut import Lut
from ...photo import load
from ...recipe import Recipe
from ...recipe.parameters import NAMES, PARAMETERS, ZONES
from .. import codec_data, degrade
from ..captions import Lexicon
from ..captions import draw as draw_caption
from ..captions import load as load_lexicon
from ..captions.describe import describe
from ..degrade_words import _measured
from ..policy.prompt_data import Films, render
from .examples import Example, lut_example, told_example

KINDS = ("pair", "transfer", "instruct", "auto", "style", "param", "operations")
_LEAST_STRENGTH, _PERTURBED, _WORDED = 0.4, 0.5, 0.5
_TRIES = 20


@dataclass
class Drawn:
    """Examples of a split, kinds in the shares of ``mix``.

    ``block`` : so many examples in a row are of one kind (VeraRetouch: a step has one task only)
    """

    root: Path
    mix: Mapping[str, float]
    seed: int
    side: int
    count: int
    block: int = 1
    split: str = "train"
    _cache: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        unknown = set(self.mix) - set(KINDS)
        if unknown or not any(self.mix.values()) or min(self.mix.values()) < 0:
            raise BadInput(f"mix needs shares of {', '.join(KINDS)}, not all of them 0")
        self.paths = codec_data.photo_paths(self.root, self.split)
        if not self.paths:
            raise BadInput(f"{self.root / 'photos' / self.split} holds no photos")

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Example:
        if not 0 <= index < self.count:
            raise IndexError(index)
        rng = np.random.default_rng([self.seed, index])
        made: Example = getattr(self, f"_{self.kind(index)}")(rng)
        return made

    def kind(self, index: int) -> str:
        """What the example of an index is."""
        chance = np.random.default_rng([self.seed, 1 << 40, index // self.block]).random()
        shares = np.array([self.mix.get(kind, 0.0) for kind in KINDS])
        return KINDS[int(np.searchsorted(np.cumsum(shares / shares.sum()), chance, side="right"))]

    # -- what examples are made of

    @cached_property
    def _luts(self) -> NDArray[np.float32]:
        return codec_data.load_luts(self.root, self.split)[0]

    @cached_property
    def _lexicon(self) -> Lexicon:
        return load_lexicon(data=self.root)

    @cached_property
    def _films(self) -> Films:
        return Films(self.root)

    @cached_property
    def _codec(self) -> LutCodec:
        return LutCodec.load()

    def _photo(self, rng: np.random.Generator) -> NDArray[np.float32]:
        """A crop of a photo, half of them mirrored."""
        picture = load(self.paths[rng.integers(len(self.paths))], max_side=2 * self.side)
        high, wide = (max(32, round(edge * rng.uniform(0.6, 1))) for edge in picture.shape[:2])
        top = rng.integers(max(1, picture.shape[0] - high + 1))
        left = rng.integers(max(1, picture.shape[1] - wide + 1))
        found = picture[top : top + high, left : left + wide]
        return np.ascontiguousarray(found[:, ::-1] if rng.random() < 0.5 else found, np.float32)

    def _look(self, rng: np.random.Generator) -> Lut:
        """A real LUT, half of the time at less than its strength."""
        lut = Lut(self._luts[rng.integers(len(self._luts))])
        return lut if rng.random() < 0.5 else lut.blend(float(rng.uniform(_LEAST_STRENGTH, 1)))

    def _graded(self, photo: NDArray[np.float32], lut: Lut) -> NDArray[np.float32]:
        return np.clip(lut.apply(photo), 0, 1)

    def _perturbed(self, photo: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """AceTone's phi: what cameras do differently, and no grade."""
        names = ("exposure", "temperature", "contrast")
        values = {n: float(rng.normal(0, s)) for n, s in zip(names, (0.15, 5, 5), strict=True)}
        return np.asarray(Recipe(**values).to_lut(17).apply(photo), np.float32).clip(0, 1)

    # -- the LUT path

    def _pair(self, rng: np.random.Generator) -> Example:
        photo, lut = self._photo(rng), self._look(rng)
        wish = Wish("lut", "pair", 2)
        return lut_example(wish, (photo, self._graded(photo, lut)), lut, self._codec.encode(lut), photo)

    def _transfer(self, rng: np.random.Generator) -> Example:
        photo, other, lut = self._photo(rng), self._photo(rng), self._look(rng)
        if rng.random() < _PERTURBED:
            photo, other = self._perturbed(photo, rng), self._perturbed(other, rng)
        wish = Wish("lut", "transfer", 2)
        return lut_example(wish, (photo, self._graded(other, lut)), lut, self._codec.encode(lut), photo)

    def _instruct(self, rng: np.random.Generator) -> Example:
        photo = self._photo(rng)
        text, lut = self._instruction(photo, rng)
        wish = Wish("lut", "instruct", 1, text)
        return lut_example(wish, (photo,), lut, self._codec.encode(lut), photo)

    def _instruction(self, photo: NDArray[np.float32], rng: np.random.Generator) -> tuple[str, Lut]:
        """What a real LUT does, in words; or words from the grammar, and the look that they mean."""
        if rng.random() < _WORDED:
            caption = draw_caption(rng, self._lexicon)
            return caption.text, Lut(render(caption.wish, dict(caption.wish.params), self._films)).resample(
                33
            )
        return self._described(photo, rng)

    def _described(self, photo: NDArray[np.float32], rng: np.random.Generator) -> tuple[str, Lut]:
        colours = photo.reshape(-1, 3)[:: max(1, photo[..., 0].size // 256)]
        for _ in range(_TRIES):
            lut = self._look(rng)
            said = describe(lut.sample, colours, self._lexicon, rng)
            if said is not None:
                return said.text, lut
        raise BadInput(f"no look of {self._luts.shape[0]} changes the photo enough to be put into words")

    # -- paths with words in front

    def _auto(self, rng: np.random.Generator) -> Example:
        sample = degrade.degrade(self._photo(rng), degrade.unretouched(rng))
        truth = sample.flaw.undo.resample(33)
        return told_example(Wish("retouch", "auto", 1), sample.degraded, truth, sample.reasoning)

    def _style(self, rng: np.random.Generator) -> Example:
        photo = self._photo(rng)
        text, lut = self._described(photo, rng)
        return told_example(
            Wish("retouch", "style", 1, text), photo, lut, _told(photo, text, Recipe.fit(lut))
        )

    def _param(self, rng: np.random.Generator) -> Example:
        photo, recipe = self._photo(rng), drawn_recipe(rng)
        text = settings_text(recipe.to_dict())
        reasoning = _told(photo, "exact settings", recipe)
        return told_example(Wish("retouch", "param", 1, text), photo, recipe.to_lut(), reasoning)

    def _operations(self, rng: np.random.Generator) -> Example:
        photo = self._photo(rng)
        for _ in range(_TRIES):
            recipe = drawn_recipe(rng)
            lut = recipe.to_lut(17)
            said = describe(lut.sample, photo.reshape(-1, 3)[::97], self._lexicon, rng)
            if said is not None:
                answer = written(_told(photo, said.text, recipe), recipe)
                return told_example(Wish("operations", "operations", 1, said.text), photo, lut, answer)
        raise BadInput("no recipe could be put into words")


def _told(photo: NDArray[np.float32], wanted: str, recipe: Recipe) -> str:
    """Reasoning in the format of :mod:`gradewright.core.engines.vlm.reasoning`."""
    return f"Measured: {_measured(photo)}. Seen: {wanted} is asked for. Plan: {recipe.describe(6)}."


def drawn_recipe(rng: np.random.Generator) -> Recipe:
    """One to six parameters, rounded as people type them."""
    chosen = rng.permutation(len(PARAMETERS))[: rng.integers(1, 7)]
    values = {}
    for i in chosen:
        p = PARAMETERS[i]
        value = p.neutral + rng.uniform(-0.6, 0.6) * (p.high - p.neutral)
        values[NAMES[i]] = float(np.clip(round(value / p.step) * p.step, p.low, p.high))
    for zone in ZONES:
        if f"{zone}_hue" in values:  # a tint without an amount is nothing to see
            values[f"{zone}_amount"] = values.get(f"{zone}_amount") or float(rng.integers(5, 41))
    return Recipe(**values)
