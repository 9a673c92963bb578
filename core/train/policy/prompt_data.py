"""Captions, what they ask for, and the numbers a prompt model trains on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...engines.compact.controls import SIZE as CONTROLS
from ...engines.compact.controls import vector
from ...engines.compact.networks import INTENTS, SIDE
from ...errors import BadInput, nearest
from ...interp import lattice, tetrahedral
from ...recipe import Recipe
from ...recipe.render import render_lattice
from ...text import TextEncoder
from ...text.ngrams import words
from ..captions import LANGUAGE_SHARES, Caption, Lexicon, Wish
from ..captions.describe import describe
from .adapt import adapted
from .basis import Basis
from .colour import oklab
from .looks import load_looks
from .photos import crops
from .reference_net import Distribution

MILD = {"contrast": 8.0, "vibrance": 12.0}  # for a prompt about something else: nothing anyone could mind
SIZE, STEP = 9, 4  # looks of prompts are smooth: every fourth lattice point says enough
_EXACT = frozenset({"numeric"})  # kinds whose numbers are meant as they are


class Films:
    """Real LUTs of the train split by label, thinned to 9^3."""

    def __init__(self, root: Path) -> None:
        with open(root / "luts" / "luts_train.jsonl", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        labels = [row["label"] for row in rows if row["group"] == "core"]
        self._tables = load_looks(root, "train")[:, ::2, ::2, ::2]
        self._index = {label: i for i, label in reversed(list(enumerate(labels)))}

    def table(self, label: str) -> NDArray[np.float32]:
        """(9, 9, 9, 3).

        Raises
        ------
        BadInput : the pack has no such LUT
        """
        if label not in self._index:
            raise BadInput(f"the data pack has no LUT '{label}' to train on{nearest(label, [*self._index])}")
        return self._tables[self._index[label]].astype(np.float32)


def render(wish: Wish, params: dict[str, float], films: Films) -> NDArray[np.float32]:
    """The look (9, 9, 9, 3) of a wish: its film at its strength, then the params."""
    table = lattice(SIZE)
    if wish.film is not None:
        table = np.clip(table + (films.table(wish.film) - table) * wish.film_strength, 0, 1)
    if not params:
        return table
    after = render_lattice(Recipe(**params).coefficients, SIZE)
    if wish.film is None:
        return after
    return tetrahedral(after, table.reshape(-1, 3)).reshape(table.shape).astype(np.float32)


@dataclass(frozen=True)
class Scenes:
    """Crops of photos as the network sees them.

    ``features`` (n, Distribution.size), ``light`` and ``chroma`` (n,), ``pixels`` (n, 3, 16, 16).
    """

    features: Tensor
    light: NDArray[np.float64]
    chroma: NDArray[np.float64]
    pixels: Tensor

    def __len__(self) -> int:
        return len(self.light)


def make_scenes(photos: Tensor, count: int, generator: torch.Generator) -> Scenes:
    """``count`` crops of photos (n, 3, h, w) uint8."""
    distribution, parts = Distribution(), []
    for start in range(0, count, 128):
        chosen = torch.randint(len(photos), (min(128, count - start),), generator=generator)
        picture = crops(photos[chosen], SIDE, 0.6, generator)
        lab = oklab(picture)
        mean = lab[:, 0].mean((1, 2)), lab[:, 1:].square().sum(1).sqrt().mean((1, 2))
        parts.append((distribution(picture, lab), *mean, picture[:, :, 2::4, 2::4].contiguous()))
    features, light, chroma, pixels = (torch.cat(part) for part in zip(*parts, strict=True))
    return Scenes(features, light.double().numpy(), chroma.double().numpy(), pixels)


@dataclass
class Captions:
    """Drawn captions with everything that is fixed about them.

    ``states`` : a float16 (T, 384) array each. ``grams``, ``numbers`` : the word stream. ``scene`` : index
    of the photo it goes with, -1 for none. ``target`` (n, size) coefficients; ``controls`` (n, 49), not a
    number where the look is a LUT that no recipe describes; ``english`` (n,): the language model reads
    nothing else; ``intent`` (n,) index into INTENTS.
    """

    texts: list[str]
    kinds: list[str]
    states: list[NDArray[np.float16]]
    grams: list[NDArray[np.int32]]
    numbers: list[NDArray[np.float32]]
    scene: NDArray[np.int64]
    english: NDArray[np.bool_]
    target: Tensor
    controls: Tensor
    intent: Tensor

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def by_length(self) -> NDArray[np.int64]:
        """Indices in the order of length, over both streams; equal lengths in random order."""
        lengths = np.array([len(s) + len(g) for s, g in zip(self.states, self.grams, strict=True)])
        return np.lexsort((np.random.default_rng(0).random(len(lengths)), lengths))

    def save(self, path: Path) -> None:
        """One .npz without pickles: rows of different lengths end to end, with their ends."""
        rows: dict[str, Any] = {}
        for name, row in (("states", self.states), ("grams", self.grams), ("numbers", self.numbers)):
            rows[name] = np.concatenate(row)
            rows[f"{name}_ends"] = np.cumsum([len(one) for one in row])
        arrays = {name: getattr(self, name).numpy() for name in ("target", "controls", "intent")}
        named: dict[str, Any] = {"texts": self.texts, "kinds": self.kinds, "scene": self.scene}
        np.savez(path, allow_pickle=False, english=self.english, **named, **rows, **arrays)

    @classmethod
    def load(cls, path: Path) -> Captions:
        """What :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            rows: dict[str, Any] = {
                name: np.split(file[name], file[f"{name}_ends"][:-1])
                for name in ("states", "grams", "numbers")
            }
            rows |= {name: torch.from_numpy(file[name]) for name in ("target", "controls", "intent")}
            rows |= {name: file[name].tolist() for name in ("texts", "kinds")}
            return cls(scene=file["scene"], english=file["english"], **rows)


def make_captions(
    drawn: Sequence[Caption],
    scenes: Scenes,
    films: Films,
    basis: Basis,
    rng: np.random.Generator,
    with_states: bool = True,
    tick: Callable[[], None] = lambda: None,
) -> Captions:
    """Render what each caption asks for on a photo of its own (four of ten have none), and read its text.

    Without ``with_states`` the slow stream, that of the language model, stays empty, as under stream dropout.
    """
    identity = lattice(SIZE)
    scene = np.where(rng.random(len(drawn)) < 0.4, -1, rng.integers(len(scenes), size=len(drawn)))
    target, controls = [], np.zeros((len(drawn), CONTROLS), np.float32)
    for part in _parts(len(drawn), 64):
        tables = []
        for i in part:
            wish, where = drawn[i].wish, scene[i]
            params = dict(MILD if drawn[i].kind == "nothing" else wish.params)
            if where >= 0 and drawn[i].kind not in _EXACT:
                params = adapted(params, scenes.light[where], scenes.chroma[where])
            controls[i] = vector(params)
            tables.append(render(wish, params, films) - identity)
            tick()
        flat = torch.from_numpy(np.stack(tables).transpose(0, 4, 1, 2, 3).reshape(len(part), -1))
        target.append(basis.project(flat))
    texts, kinds = [caption.text for caption in drawn], [caption.kind for caption in drawn]
    english = np.array([caption.language == "en" for caption in drawn])
    return _read(texts, kinds, scene, english, torch.cat(target), torch.from_numpy(controls), with_states)


def described_captions(
    count: int,
    lexicon: Lexicon,
    scenes: Scenes,
    looks: NDArray[np.float16],
    basis: Basis,
    rng: np.random.Generator,
    tick: Callable[[], None] = lambda: None,
) -> Captions:
    """Pretraining pairs (I, L(I)): real LUTs on photos, put into words from what is measured there.

    Half of the ``looks`` (n, 17, 17, 17, 3) are shown at less than their strength. What a caption leaves
    unsaid the LUT does all the same: such captions teach words, not restraint.
    """
    identity, languages = lattice(SIZE), list(LANGUAGE_SHARES)
    shares = np.array([LANGUAGE_SHARES[code] for code in languages])
    texts: list[str] = []
    scene: list[int] = []
    english: list[bool] = []
    flat: list[Tensor] = []
    while len(texts) < count:
        full = looks[rng.integers(len(looks)), ::2, ::2, ::2].astype(np.float32)
        strength = np.float32(1.0 if rng.random() < 0.5 else rng.uniform(0.4, 1.0))
        table, where = identity + (full - identity) * strength, int(rng.integers(len(scenes)))
        photo = scenes.pixels[where].flatten(1).T.numpy()[::2]
        code = str(rng.choice(languages, p=shares / shares.sum()))
        said = describe(partial(tetrahedral, table), photo, lexicon, rng, code)
        if said is not None:
            texts.append(said.text)
            scene.append(where)
            english.append(code == "en")
            flat.append(torch.from_numpy((table - identity).transpose(3, 0, 1, 2).reshape(-1)))
            tick()
    target = torch.cat([basis.project(torch.stack([flat[i] for i in part])) for part in _parts(count, 64)])
    controls = torch.full((count, CONTROLS), torch.nan)
    kinds = ["described"] * count
    return _read(texts, kinds, np.array(scene), np.array(english), target, controls, True)


def _read(
    texts: list[str],
    kinds: list[str],
    scene: NDArray[np.int64],
    english: NDArray[np.bool_],
    target: Tensor,
    controls: Tensor,
    with_states: bool,
) -> Captions:
    """Captions whose looks are known, with both streams of their words."""
    states = _states(texts) if with_states else [np.zeros((0, 384), np.float16)] * len(texts)
    grams, numbers = zip(*(words(text) for text in texts), strict=True)
    intent = torch.tensor([INTENTS.index(kind) if kind in INTENTS else 0 for kind in kinds])
    return Captions(
        texts, kinds, states, list(grams), list(numbers), scene, english, target, controls, intent
    )


def _states(texts: list[str]) -> list[NDArray[np.float16]]:
    encoder, found = TextEncoder.load(), []
    for part in _parts(len(texts), 2048):
        found += [s.astype(np.float16) for s in encoder.states_batch([texts[i] for i in part])]
    return found


def batch_of(captions: Captions, scenes: Scenes, rows: Sequence[int]) -> tuple[Tensor, ...]:
    """The network's six inputs for some captions, padded to the longest."""
    states, mask = _padded([captions.states[i] for i in rows], np.float32)
    grams, _ = _padded([captions.grams[i] for i in rows], np.int64)
    numbers, _ = _padded([captions.numbers[i] for i in rows], np.float32)
    where = captions.scene[list(rows)]
    photo = scenes.features[torch.from_numpy(np.maximum(where, 0))].float()
    return states, mask, grams, numbers, photo, torch.from_numpy(where >= 0)


def _padded(rows: Sequence[NDArray], kind: type) -> tuple[Tensor, Tensor]:
    longest = max(1, *(len(row) for row in rows))
    out = np.zeros((len(rows), longest, *rows[0].shape[1:]), kind)
    mask = np.zeros((len(rows), longest), bool)
    for i, row in enumerate(rows):
        out[i, : len(row)], mask[i, : len(row)] = row, True
    return torch.from_numpy(out), torch.from_numpy(mask)


def _parts(count: int, size: int) -> Iterator[range]:
    return (range(start, min(start + size, count)) for start in range(0, count, size))
