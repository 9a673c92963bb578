"""ASC CDL: ten numbers that every grading system takes, and their fit to a look.

ASC Color Decision List, version 1.2: ``out = clamp(in * slope + offset)^power`` per channel, then
saturation about Rec. 709 luma. What it cannot do (hue shifts of single colours, curves with more than
one bend) stays as the residual, which is always reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bake_grid import run, showing, unshowing
from .colour import delta_e_srgb, srgb_to_oklab
from .interp import lattice
from .lut import Lut
from .space import Space, find

Floats = NDArray[np.floating]
Triple = tuple[float, float, float]

LUMA = np.array([0.2126, 0.7152, 0.0722])
# slope, offset, power, saturation: beyond these a fit has gone astray
_LOW = np.array([0.1] * 3 + [-0.5] * 3 + [0.2] * 3 + [0.0])
_HIGH = np.array([4.0] * 3 + [0.5] * 3 + [5.0] * 3 + [4.0])
_NEUTRAL = np.array([1.0] * 3 + [0.0] * 3 + [1.0] * 3 + [1.0])
_POINTS = 1500
_ROUNDS = 40


@dataclass(frozen=True)
class Cdl:
    """Slope, offset and power per channel, and saturation, for values of one working space.

    ``residual_de`` : mean CIEDE2000, on the display, against the look it was fitted to
    """

    slope: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    power: Triple = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    residual_de: float = 0.0

    def apply(self, values: ArrayLike) -> Floats:
        """(..., 3) values of the space through the CDL, clamped to 0..1 before the power as ASC asks."""
        return _applied(np.array([*self.slope, *self.offset, *self.power, self.saturation]), values)

    def to_dict(self) -> dict[str, list[float] | float]:
        """Plain values."""
        return {
            "slope": list(self.slope),
            "offset": list(self.offset),
            "power": list(self.power),
            "saturation": self.saturation,
            "residual_de": round(self.residual_de, 4),
        }


def fit(look: Lut, space: str | Space, pixels: ArrayLike | None = None) -> Cdl:
    """The CDL that comes nearest to a display-referred look, for values of a working space.

    Levenberg-Marquardt on Oklab differences as the display shows them, with a numerical Jacobian.

    Parameters
    ----------
    look : display-referred, sRGB 0..1
    space : what the CDL's node works in
    pixels : (n, 3) sRGB 0..1 colours that matter most, as of the shot; without, all of the display's

    Raises
    ------
    BadInput : unknown space
    """
    home = find(space)
    shown = _colours(pixels)
    values = np.clip(run(unshowing(home), shown.astype(np.float32)), 0, 1).astype(np.float64)
    seen = _seen(home, values)
    wanted = np.clip(look.sample(seen), 0, 1)

    def residuals(numbers: Floats) -> Floats:
        reached = srgb_to_oklab(_seen(home, _applied(numbers, values)))
        return np.asarray(reached - target).reshape(-1)

    target = srgb_to_oklab(wanted)
    numbers = np.round(_minimised(residuals, _NEUTRAL.copy()), 6)
    error = delta_e_srgb(_seen(home, _applied(numbers, values)), wanted)
    s, o, p = (tuple(map(float, part)) for part in (numbers[:3], numbers[3:6], numbers[6:9]))
    return Cdl(s, o, p, float(numbers[9]), float(error.mean()))  # type: ignore[arg-type]


def _colours(pixels: ArrayLike | None) -> Floats:
    """Display colours to fit on: a lattice, and the shot's own pixels with more weight by number."""
    spread = lattice(7, np.float64).reshape(-1, 3) * 0.96 + 0.02
    greys = np.repeat(np.linspace(0.02, 0.98, 49), 3).reshape(-1, 3)
    if pixels is None:
        return np.concatenate([spread, greys, greys])
    own = np.asarray(pixels, np.float64).reshape(-1, 3)
    if len(own) > _POINTS:
        own = own[np.random.default_rng(0).choice(len(own), _POINTS, replace=False)]
    return np.concatenate([spread, greys, np.clip(own, 0, 1)])


def _seen(home: Space, values: Floats) -> Floats:
    return np.clip(run(showing(home), values.astype(np.float32)), 0, 1).astype(np.float64)


def _applied(numbers: Floats, values: ArrayLike) -> Floats:
    scaled = np.clip(np.asarray(values, np.float64) * numbers[:3] + numbers[3:6], 0, 1) ** numbers[6:9]
    luma = scaled @ LUMA
    return np.asarray(luma[..., None] + (scaled - luma[..., None]) * numbers[9])


def _minimised(residuals: Callable[[Floats], Floats], numbers: Floats) -> Floats:
    """Levenberg-Marquardt within the bounds."""
    now = residuals(numbers)
    cost, damping = float(now @ now), 1e-3
    for _ in range(_ROUNDS):
        jacobian = _jacobian(residuals, numbers, now)
        normal, slope = jacobian.T @ jacobian, jacobian.T @ now
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), -slope)
        tried = np.clip(numbers + step, _LOW, _HIGH)
        then = residuals(tried)
        found = float(then @ then)
        if found < cost:
            finished = cost - found < 1e-7 * cost
            numbers, now, cost, damping = tried, then, found, damping / 3
            if finished:
                break
        else:
            damping *= 4
            if damping > 1e6:
                break
    return numbers


def _jacobian(residuals: Callable[[Floats], Floats], numbers: Floats, now: Floats) -> Floats:
    columns = []
    for index in range(len(numbers)):
        # The float32 round trip through the display leaves noise of 1e-6: steps well above it.
        nudge = np.zeros_like(numbers)
        nudge[index] = 2e-3 if numbers[index] + 2e-3 <= _HIGH[index] else -2e-3
        columns.append((residuals(numbers + nudge) - now) / nudge[index])
    return np.stack(columns, axis=1)
