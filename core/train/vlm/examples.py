"""What the large engine learns from: one example, whatever it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...engines.vlm.batching import Speaker
from ...engines.vlm.wording import Wish, retouched
from ...lut import Lut

POINTS = 256  # colours of a photo on which a retouch is compared


@dataclass(frozen=True, eq=False)
class Example:
    """``wish`` after ``pictures`` (uint8 (H, W, 3) each) is to be answered with ``codes`` or with ``text``.

    ``truth`` : the grade that was meant, for rewards. ``before``, ``after`` (POINTS, 3) float32: colours of
    the photo without and with it.
    """

    wish: Wish
    pictures: tuple[NDArray[np.uint8], ...]
    truth: Lut
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    codes: NDArray[np.uint8] | None = None
    text: str = ""

    def completion(self, speaker: Speaker) -> list[int]:
        """The ids to say."""
        if self.codes is not None:
            return speaker.look_ids(self.codes.tolist())
        if self.wish.path == "retouch":
            return speaker.answer_ids(retouched(self.text))
        return speaker.answer_ids(self.text)


class Source(Protocol):
    """Examples by index; the same index gives the same example, on every machine and in every process."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Example: ...


def spread_colours(picture: NDArray[Any], count: int = POINTS) -> NDArray[np.float32]:
    """(count, 3) of a picture's pixels, evenly spread; a small picture's come more than once."""
    flat = np.asarray(picture, np.float32).reshape(-1, 3)
    scale = 255 if np.asarray(picture).dtype == np.uint8 else 1
    return flat[np.linspace(0, len(flat) - 1, count).round().astype(int)] / np.float32(scale)


def eight_bit(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """0..1 -> uint8."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def lut_example(
    wish: Wish, pictures: Sequence[NDArray[Any]], truth: Lut, codes: NDArray[np.uint8], photo: NDArray[Any]
) -> Example:
    """An example of the LUT path; ``photo`` 0..1 is what rewards look at."""
    before = spread_colours(photo)
    after = np.clip(truth.sample(before), 0, 1).astype(np.float32)
    return Example(wish, tuple(eight_bit(one) for one in pictures), truth, before, after, codes)


def told_example(wish: Wish, photo: NDArray[Any], truth: Lut, text: str) -> Example:
    """An example of the retouch or the operations path."""
    before = spread_colours(photo)
    after = np.clip(truth.sample(before), 0, 1).astype(np.float32)
    return Example(wish, (eight_bit(photo),), truth, before, after, None, text)
