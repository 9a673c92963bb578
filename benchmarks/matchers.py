"""Colour matchers under one signature: source picture, target picture -> a map of pictures (..., 3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from gradewright.core.colour import (
    WHITE_D65,
    XYZ_TO_RGB,
    oklab_to_srgb,
    srgb_encode,
    srgb_to_lab,
    srgb_to_oklab,
)
from gradewright.core.engines.match import MatchEngine
from gradewright.core.engines.pair import PairEngine
from gradewright.core.engines.transport import linear_transport, mean_and_spread
from gradewright.core.request import Request

Apply = Callable[[np.ndarray], np.ndarray]
Method = Callable[[np.ndarray, np.ndarray], Apply]


def flat(image: np.ndarray) -> np.ndarray:
    """The colours of a picture, (n, 3) float64."""
    return image.reshape(-1, 3).astype(np.float64)


def doing_nothing(source: np.ndarray, target: np.ndarray) -> Apply:
    return lambda rgb: rgb


def reinhard_lab(source: np.ndarray, target: np.ndarray) -> Apply:
    move = mean_and_spread(srgb_to_lab(flat(source)), srgb_to_lab(flat(target)))
    return lambda rgb: lab_to_srgb(move(srgb_to_lab(flat(rgb)))).reshape(rgb.shape)


def mkl_rgb(source: np.ndarray, target: np.ndarray) -> Apply:
    move = linear_transport(flat(source), flat(target))
    return lambda rgb: move(flat(rgb)).reshape(rgb.shape)


def mkl_lab(source: np.ndarray, target: np.ndarray) -> Apply:
    move = linear_transport(srgb_to_lab(flat(source)), srgb_to_lab(flat(target)))
    return lambda rgb: lab_to_srgb(move(srgb_to_lab(flat(rgb)))).reshape(rgb.shape)


def mkl_oklab(source: np.ndarray, target: np.ndarray) -> Apply:
    move = linear_transport(srgb_to_oklab(flat(source)), srgb_to_oklab(flat(target)))
    return lambda rgb: oklab_to_srgb(move(srgb_to_oklab(flat(rgb)))).reshape(rgb.shape)


def histograms(source: np.ndarray, target: np.ndarray) -> Apply:
    levels = np.linspace(0, 1, 257)
    ends = [np.quantile(flat(picture), levels, axis=0) for picture in (source, target)]
    return lambda rgb: np.stack(
        [np.interp(rgb[..., c], ends[0][:, c], ends[1][:, c]) for c in range(3)], axis=-1
    )


def sliced_transport(source: np.ndarray, target: np.ndarray, rounds: int = 20) -> Apply:
    """Iterative distribution transfer (Pitié, Kokaram, Dahyot, 2007): 1D matches along random axes."""
    rng, levels = np.random.default_rng(0), np.linspace(0, 1, 129)
    cloud, aim, steps = flat(source), flat(target), []
    for _ in range(rounds):
        axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        ends = [np.quantile(points @ axes, levels, axis=0) for points in (cloud, aim)]
        steps.append((axes, *ends))
        cloud = _along(cloud, *steps[-1])

    def run(rgb: np.ndarray) -> np.ndarray:
        points = flat(rgb)
        for step in steps:
            points = _along(points, *step)
        return points.reshape(rgb.shape)

    return run


def _along(points: np.ndarray, axes: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    turned = points @ axes
    moved = [np.interp(turned[:, c], start[:, c], end[:, c]) for c in range(3)]
    return np.stack(moved, axis=-1) @ axes.T


def match_engine(source: np.ndarray, target: np.ndarray) -> Apply:
    lut = MatchEngine().candidates(Request(photo=source, reference=target))[0].lut
    return lambda rgb: lut.apply(rgb.astype(np.float32))


def pair_engine(source: np.ndarray, target: np.ndarray) -> Apply:
    lut = PairEngine().candidates(Request(pair=(source, target)))[0].lut
    return lambda rgb: lut.apply(rgb.astype(np.float32))


def lab_to_srgb(lab: np.ndarray) -> np.ndarray:
    """CIE Lab (D65) to sRGB; the package needs only the other direction."""
    y = (lab[..., 0] + 16) / 116
    f = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * WHITE_D65
    return srgb_encode(xyz @ XYZ_TO_RGB.T)


STATISTICS: dict[str, Method] = {
    "doing nothing": doing_nothing,
    "Reinhard, Lab": reinhard_lab,
    "MKL, RGB": mkl_rgb,
    "MKL, Lab": mkl_lab,
    "MKL, Oklab": mkl_oklab,
    "histograms": histograms,
    "sliced transport": sliced_transport,
}
