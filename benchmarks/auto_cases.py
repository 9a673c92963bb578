"""What automatic grading is tried on: degraded photos, good ones, camera JPEGs, photos that have a mood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from common import data_root, photo_files
from gradewright.core.colour import LUMA, delta_e_srgb, srgb_decode, srgb_encode, srgb_to_lab
from gradewright.core.train import degrade
from pictures import load
from PIL import Image, ImageEnhance, ImageOps

SIDE = 256
SEED = 11


@dataclass(frozen=True)
class Case:
    """A picture shown, the goal, what is wrong with it, its dE from the goal."""

    name: str
    kind: str
    shown: np.ndarray
    goal: np.ndarray
    before: float


def good_photos(split: str) -> list[Path]:
    """The photos of a split that count as finished."""
    return [path for path in photo_files(split) if path.name.partition("__")[0] not in degrade.UNRETOUCHED]


def camera_photos(split: str) -> list[Path]:
    """Camera JPEGs: nobody knows what they should look like, but they must not be spoilt."""
    return [path for path in photo_files(split) if path.name.startswith("mei__")]


def degraded(split: str, rounds: int) -> list[Case]:
    """Good photos with flaws drawn as in training, from another seed and other photos."""
    rng, found = np.random.default_rng(SEED), []
    for _ in range(rounds):
        for path in good_photos(split):
            sample = degrade.degrade(load(path, SIDE), degrade.unretouched(rng))
            found.append(Case(path.name, sample.flaw.kind, sample.degraded, sample.good, sample.distance))
    return found


def foreign(split: str) -> list[Case]:
    """Good photos spoilt by other people's functions: Pillow's enhancers, gamma, channel gains."""
    rng, found = np.random.default_rng(SEED + 1), []
    spoilers = list(FOREIGN.items())
    for number, path in enumerate(good_photos(split)):
        kind, spoil = spoilers[number % len(spoilers)]
        goal = load(path, SIDE)
        shown = (np.rint(np.clip(spoil(goal, rng), 0, 1) * 255) / 255).astype(np.float32)
        found.append(Case(path.name, kind, shown, goal, float(delta_e_srgb(shown, goal).mean())))
    return found


def _enhanced(kind: type, low: float, high: float) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    def spoil(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return as_array(kind(as_image(photo)).enhance(rng.uniform(low, high)))

    return spoil


def _gamma(low: float, high: float) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    return lambda photo, rng: photo ** rng.uniform(low, high)


def _gains(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return photo * rng.uniform(0.75, 1.0, 3)


FOREIGN: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "Pillow: darker": _enhanced(ImageEnhance.Brightness, 0.4, 0.65),
    "Pillow: less contrast": _enhanced(ImageEnhance.Contrast, 0.4, 0.65),
    "Pillow: less colour": _enhanced(ImageEnhance.Color, 0.2, 0.6),
    "Pillow: more colour": _enhanced(ImageEnhance.Color, 1.5, 2.2),
    "gamma, darker": _gamma(1.5, 2.1),
    "gamma, brighter": _gamma(0.5, 0.7),
    "gains of encoded channels": _gains,
}


def as_image(photo: np.ndarray) -> Image.Image:
    """(H, W, 3) 0..1 -> 8 bits."""
    return Image.fromarray(np.rint(np.clip(photo, 0, 1) * 255).astype(np.uint8))


def as_array(picture: Image.Image) -> np.ndarray:
    """The way back."""
    return (np.asarray(picture.convert("RGB")) / 255).astype(np.float32)


def grey_world(photo: np.ndarray) -> np.ndarray:
    """Gains in linear light that make the mean grey, luminance kept."""
    linear = srgb_decode(photo.astype(np.float64))
    gains = (linear @ LUMA).mean() / np.maximum(linear.mean((0, 1)), 1e-4)
    return np.clip(srgb_encode(np.clip(linear * gains, 0, 1)), 0, 1)


BASELINES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "doing nothing": lambda photo: photo,
    "Pillow autocontrast": lambda photo: as_array(ImageOps.autocontrast(as_image(photo))),
    "Pillow autocontrast, 1 % cut off, tone kept": lambda photo: as_array(
        ImageOps.autocontrast(as_image(photo), cutoff=1, preserve_tone=True)
    ),
    "grey world": grey_world,
    "histogram equalisation": lambda photo: as_array(ImageOps.equalize(as_image(photo))),
}

# Photos of val and test whose mood an automatic grade must leave, found on contact sheets.
MOODS = {
    "night": ["test/mei__Samsung-SM-G935L-Galaxy-S7-Edge.jpg", "test/mei__Sanyo-SR6.jpg"],
    "low key": ["val/mcmaster__8.jpg", "val/imagenet1000__n02672831-accordion.jpg"],
    "high key": [
        "test/imagenet1000__n03443371-goblet.jpg",
        "val/mcmaster__4.jpg",
        "test/lomiri__Kleiber-by-Lukas-Baubkus.jpg",
    ],
    "silhouette": ["val/cbsd68__3096.jpg", "val/mei__FujiFilm-FinePixS5500.jpg"],
    "fog": ["val/imagenet1000__n02028035-redshank.jpg", "test/mei__Nikon-E775.jpg"],
    "sunset": [
        "val/mei__FujiFilm-FinePix-A303.jpg",
        "test/lomiri__sunset-by-Aitzol-Berasategi.jpg",
        "val/cbsd68__216081.jpg",
    ],
    "stage light": ["test/imagenet1000__n04296562-stage.jpg"],
    "snow": ["test/mei__Nikon-D3100.jpg", "test/mei__Nikon-E990.jpg", "val/cbsd68__167083.jpg"],
    "under water": ["test/imagenet1000__n10565667-scuba-diver.jpg"],
    "one tone": ["val/imagenet1000__n04146614-school-bus.jpg", "val/imagenet1000__n02980441-castle.jpg"],
}
FREE = ("mei__", "lomiri__")  # sources whose licences (free to use, CC BY, CC BY-SA) let pictures be shown
BRIGHTNESS, CONTRAST, COLOUR = 8.0, 0.25, 0.35  # how far a mood may move, see keeps_mood


def moods() -> list[tuple[str, str, np.ndarray]]:
    """mood, file name, photo."""
    root = data_root() / "photos"
    return [(mood, name, load(root / name, SIDE)) for mood, names in MOODS.items() for name in names]


@dataclass(frozen=True)
class Moved:
    """What a grade did to what makes a mood: mean L*, spread of L*, mean chroma, lean to yellow and red."""

    light: float
    contrast: float
    chroma: float
    yellow: float
    red: float
    change: float

    @property
    def keeps_mood(self) -> bool:
        """Dark stays dark, flat stays flat, warm stays warm.

        Mean L* within 8; contrast within a quarter; the mean of a* and b* moves by no more than a third of
        the mean chroma, or 4.
        """
        return abs(self.light) <= BRIGHTNESS and abs(self.contrast) <= CONTRAST and self.lean <= 1

    @property
    def lean(self) -> float:
        """Movement of the mean colour as a share of what is allowed."""
        return float(np.hypot(self.yellow, self.red) / max(4.0, COLOUR * self.chroma))


def moved(before: np.ndarray, after: np.ndarray) -> Moved:
    """Compare a photo with its grade."""
    one, other = (srgb_to_lab(x.reshape(-1, 3).astype(np.float64)) for x in (before, after))
    lean = other.mean(0) - one.mean(0)
    return Moved(
        light=float(lean[0]),
        contrast=float(other[:, 0].std() / max(one[:, 0].std(), 1.0) - 1),
        chroma=float(np.hypot(one[:, 1], one[:, 2]).mean()),
        yellow=float(lean[2]),
        red=float(lean[1]),
        change=float(delta_e_srgb(before, after).mean()),
    )


def tones(photo: np.ndarray) -> list[float]:
    """Black, median and white in L*, spread of L*, mean chroma, mean a* and b* (CIELAB, D65)."""
    lab = srgb_to_lab(photo.reshape(-1, 3).astype(np.float64))
    black, middle, white = np.quantile(lab[:, 0], [0.02, 0.5, 0.98])
    chroma = np.hypot(lab[:, 1], lab[:, 2]).mean()
    return [float(x) for x in (black, middle, white, lab[:, 0].std(), chroma, *lab[:, 1:].mean(0))]
