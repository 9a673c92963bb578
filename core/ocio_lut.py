"""Between :class:`Lut` and OpenColorIO transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import PyOpenColorIO as ocio

if TYPE_CHECKING:
    from .lut import Domain, Lut


def transforms(lut: Lut) -> list[ocio.Transform]:
    """The OCIO transforms, in order, that equal ``lut`` (tetrahedral, inputs clamped to the domain)."""
    chain: list[ocio.Transform] = []
    if lut.shaper is not None:
        chain += _to_unit(lut.shaper.domain)
        curve = ocio.Lut1DTransform(len(lut.shaper.table), False)
        curve.setInterpolation(ocio.INTERP_LINEAR)
        curve.setData(np.ascontiguousarray(lut.shaper.table).reshape(-1))
        chain.append(curve)
    if not lut.is_1d:
        chain += _to_unit(lut.domain)
        cube = ocio.Lut3DTransform(lut.size)
        cube.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        cube.setData(lut.table.reshape(-1))  # OCIO wants blue fastest: exactly [r, g, b] in C order
        chain.append(cube)
    return chain


def _to_unit(domain: Domain) -> list[ocio.Transform]:
    """Scale a domain to 0..1; nothing for the unit domain."""
    low, high = np.asarray(domain)
    if not low.any() and (high == 1).all():
        return []
    scale = 1 / (high - low)
    matrix = np.diag([*scale, 1.0])
    offset = [*(-low * scale), 0.0]
    return [ocio.MatrixTransform(matrix.reshape(-1).tolist(), offset)]
