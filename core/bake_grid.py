"""The lattice of a bake: a space's colours, on the display and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import PyOpenColorIO
from numpy.typing import NDArray

from . import aces, ocio
from .lut import F32, Lut, Shaper
from .scene_shaper import scene_knots, scene_shaper
from .space import Space


@dataclass(frozen=True, eq=False)
class Grid:
    """What every bake of one space and size shares; n = size^3.

    Parameters
    ----------
    points : (n, 3) the lattice, in values of the space
    seen : (n, 3) the same on an sRGB display, 0..1
    back : (n, 3) ``seen`` in values of the space again, kept inside its range
    scene : (n,) whether a scene would hold the colour: within P3's primaries, from 8 stops under
        to 6.5 stops over middle grey
    low, high : the range of the space's values
    """

    size: int
    shaper: Shaper | None
    points: F32
    seen: F32
    back: F32
    scene: NDArray[np.bool_]
    low: float
    high: float

    def lut(self, values: F32, title: str) -> Lut:
        """A LUT on this grid from (n, 3) outputs."""
        return Lut(values.reshape(self.size, self.size, self.size, 3), shaper=self.shaper, title=title)

    def inside(self, values: NDArray[np.floating]) -> F32:
        """Values of the space kept inside its range."""
        kept: F32 = np.clip(values, self.low, self.high).astype(np.float32, copy=False)
        return kept

    def scene_share(self, where: NDArray[np.bool_]) -> float:
        """The share of the scene's colours at which ``where`` (n,) holds."""
        return float(where[self.scene].mean()) if self.scene.any() else 0.0


def showing(home: Space) -> PyOpenColorIO.Processor:
    """Values of a space to sRGB display: through the view from scene light, else display to display."""
    return aces.convert(home.ocio, aces.DISPLAY) if home.kind == "display" else aces.view(home.ocio)


def unshowing(home: Space) -> PyOpenColorIO.Processor:
    """The inverse of :func:`showing`."""
    return aces.convert(aces.DISPLAY, home.ocio) if home.kind == "display" else aces.unview(home.ocio)


@lru_cache(maxsize=4)  # 65^3: 11 MB each
def grid(home: Space, size: int) -> Grid:
    """The grid of a space, log and display spaces over 0..1, scene-linear ones behind their shaper.

    Raises
    ------
    BadInput : a size out of range
    """
    shaper, points = None, Lut.identity(size).table
    if home.kind == "scene-linear":
        shaper, knots = scene_shaper(size), scene_knots(size)
        points = np.stack(np.meshgrid(knots, knots, knots, indexing="ij"), axis=-1).astype(np.float32)
    points = points.reshape(-1, 3)
    low, high = float(points[0, 0]), float(points[-1, 0])
    seen = np.clip(run(showing(home), points), 0, 1)
    back = np.clip(run(unshowing(home), seen), low, high)
    light = run(aces.convert(home.ocio, "Linear P3-D65"), points)
    peak = light.max(axis=1)
    scene = (light.min(axis=1) >= 0) & (peak >= 0.18 * 2**-8) & (peak <= 0.18 * 2**6.5)
    for array in (points, seen, back, scene):
        array.flags.writeable = False  # shared by every bake that follows
    return Grid(size, shaper, points, seen, back, scene, low, high)


def run(processor: PyOpenColorIO.Processor, values: F32) -> F32:
    """(n, 3) float32 through a processor."""
    return ocio.apply(processor, values).astype(np.float32, copy=False)
