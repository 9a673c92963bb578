"""The renderer: light, then bands, then colour.

Bands come before the colour group, so that they select by the colours of the picture: a teal
tint in the shadows does not turn grey walls into "aqua".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..colour import linear_to_oklab, oklab_to_srgb, srgb_decode
from .bands import shift_bands
from .chroma import colour
from .gamut import into_gamut
from .knobs import Knobs
from .parameters import PARAMETERS
from .tone import ZONES, relight, tone

Floats = NDArray[np.floating]

_LIGHT = tuple(p.name for p in PARAMETERS if p.group == "light")  # the first of PARAMETERS
_BANDS = tuple(p.name for p in PARAMETERS if p.group == "bands")
_RELIT = tuple(name for name, *_ in ZONES)
_COLOUR = tuple(p.name for p in PARAMETERS if p.group == "colour")


def render(coefficients: ArrayLike, rgb: ArrayLike) -> Floats:
    """Render sRGB-encoded colours, display-referred.

    Parameters
    ----------
    coefficients : (K,) for one recipe or (P, K) for many, see :class:`~gradewright.core.recipe.knobs.Knobs`;
        the work is done in their float type
    rgb : (n, 3); values outside 0..1 are clamped

    Returns
    -------
    (n, 3) or (P, n, 3), finite, 0..1.
    """
    knobs = Knobs(coefficients)
    source = np.clip(np.asarray(rgb, knobs.coefficients.dtype), 0, 1)
    toned = tone(_one_if_equal(knobs), source)
    if knobs.any(*_RELIT, *_BANDS, *_COLOUR):
        return _finish(knobs, toned, srgb_decode(toned))
    batch = np.broadcast_shapes(toned.shape, (*knobs.coefficients.shape[:-1], *source.shape))
    return np.broadcast_to(np.clip(toned, 0, 1), batch)


def render_lattice(coefficients: ArrayLike, size: int) -> NDArray[np.float32]:
    """Render a whole lattice (size, size, size, 3), float32, within 5e-5 of :func:`render`.

    The tone curve is computed once per axis point; the colour stages run in float32, which
    takes half the time.
    """
    axis = tone(Knobs(coefficients), np.linspace(0, 1, size)[:, None])[:, 0]
    knobs = Knobs(np.asarray(coefficients, np.float32))
    toned = _spread(axis.astype(np.float32))
    if knobs.any(*_RELIT, *_BANDS, *_COLOUR):
        toned = _finish(knobs, toned, _spread(srgb_decode(axis).astype(np.float32)))
    return np.clip(toned, 0, 1).reshape(size, size, size, 3)


def _one_if_equal(knobs: Knobs) -> Knobs:
    """One row in place of a batch whose light groups are the same: the tone curve is shared."""
    light = knobs.coefficients[..., : len(_LIGHT)]
    if light.ndim > 1 and len(light) and (light == light[0]).all():
        return Knobs(knobs.coefficients[:1])
    return knobs


def _spread(axis: Floats) -> Floats:
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def _finish(knobs: Knobs, toned: Floats, linear: Floats) -> Floats:
    """What looks at all three channels at once; ``linear`` is ``toned`` decoded."""
    lab = before = linear_to_oklab(linear)
    if knobs.any(*_RELIT):
        lab = linear_to_oklab(relight(knobs, linear))
    lab = shift_bands(knobs, lab) if knobs.any(*_BANDS) else lab
    lab = colour(knobs, lab) if knobs.any(*_COLOUR) else lab
    light, light_before = np.clip(lab[..., 0], 0, 1), np.clip(before[..., 0], 0, 1)
    return np.clip(into_gamut(oklab_to_srgb(lab), light, toned, light_before), 0, 1)
