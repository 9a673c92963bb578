"""From OpenColorIO's operators to a Lut: exactly where the chain allows it, else by sampling.

Exact chains: ``[diagonal Matrix | Range]* [LUT1D] [diagonal Matrix | Range]* [LUT3D] [Matrix |
Range]*``. What stands before a table becomes its input domain; what follows the last table is
folded into its values, since interpolation weights sum to one and commute with any affine map.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import PyOpenColorIO as ocio
from gradewright.core import ocio as core_ocio
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.lut import MAX_SHAPER, MAX_SIZE, Domain, Lut, Shaper
from numpy.typing import NDArray

F64 = NDArray[np.float64]


class _NotExactError(Exception):
    """The chain has to be sampled."""


@dataclass
class _Affine:
    """rgb -> matrix @ rgb + offset, then held within low..high."""

    matrix: F64 = field(default_factory=lambda: np.eye(3))
    offset: F64 = field(default_factory=lambda: np.zeros(3))
    low: F64 = field(default_factory=lambda: np.full(3, -np.inf))
    high: F64 = field(default_factory=lambda: np.full(3, np.inf))

    def then(self, matrix: F64, offset: F64) -> None:
        if not (np.isfinite(matrix).all() and np.isfinite(offset).all()):
            raise BadInput("a matrix or a range holds values that are not finite")
        if self.clamps:
            scale = np.diag(matrix)
            if not _is_diagonal(matrix) or (scale <= 0).any():
                raise _NotExactError
            self.low, self.high = self.low * scale + offset, self.high * scale + offset
        self.matrix, self.offset = matrix @ self.matrix, matrix @ self.offset + offset

    def clamp(self, low: float, high: float) -> None:
        self.low = np.maximum(self.low, low)
        self.high = np.maximum(np.minimum(self.high, high), self.low)

    @property
    def clamps(self) -> bool:
        return bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())

    def domain(self) -> Domain:
        """The input values that arrive at 0 and 1: the domain of a table that follows."""
        scale = np.diag(self.matrix)
        covered = (self.low <= 0).all() and (self.high >= 1).all()
        if not _is_diagonal(self.matrix) or (scale <= 1e-9).any() or not covered:
            raise _NotExactError
        low, high = -self.offset / scale, (1 - self.offset) / scale
        return tuple(low.tolist()), tuple(high.tolist())

    def fold(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """A table's values through the map, if clamping after interpolation changes nothing."""
        values: F64 = table.astype(np.float64) @ self.matrix.T + self.offset
        if (values < self.low).any() or (values > self.high).any():
            raise _NotExactError
        return values.astype(np.float32)


def to_lut(group: ocio.GroupTransform) -> Lut | None:
    """The chain as a Lut, number for number, or None when it must be sampled.

    Raises
    ------
    BadInput : a table or a matrix holds values that are not finite
    """
    try:
        return _walk(_flat(group))
    except _NotExactError:
        return None


def sampled(group: ocio.GroupTransform, size: int) -> Lut:
    """Any chain on a lattice over 0..1. Raises BadInput where its output is not finite."""
    image = np.ascontiguousarray(lattice(size).reshape(size * size, size, 3))
    core_ocio.apply(core_ocio.processor(group), image, out=image)
    return Lut(image.reshape(size, size, size, 3))


def _flat(group: ocio.GroupTransform) -> list[ocio.Transform]:
    flat: list[ocio.Transform] = []
    for transform in group:
        if transform.getDirection() != ocio.TRANSFORM_DIR_FORWARD:
            raise _NotExactError
        flat += _flat(transform) if isinstance(transform, ocio.GroupTransform) else [transform]
    return flat


def _walk(chain: list[ocio.Transform]) -> Lut:
    before, shaper, cube = _Affine(), None, None
    for transform in chain:
        if isinstance(transform, ocio.MatrixTransform):
            before.then(*_matrix(transform))
        elif isinstance(transform, ocio.RangeTransform):
            _range(transform, before)
        elif isinstance(transform, ocio.Lut1DTransform) and shaper is None and cube is None:
            shaper, before = Shaper(_curve(transform), before.domain()), _Affine()
        elif isinstance(transform, ocio.Lut3DTransform) and cube is None:
            cube, before = Lut(_cube(transform), before.domain(), shaper), _Affine()
        else:
            raise _NotExactError
    return _finish(shaper, cube, before)


def _finish(shaper: Shaper | None, cube: Lut | None, after: _Affine) -> Lut:
    """Fold what follows the last table into it."""
    if cube is not None:
        return Lut(after.fold(cube.table), cube.domain, cube.shaper)
    if shaper is None or not _is_diagonal(after.matrix):
        raise _NotExactError
    return Lut(lattice(2), shaper=Shaper(after.fold(shaper.table), shaper.domain))


def _matrix(transform: ocio.MatrixTransform) -> tuple[F64, F64]:
    matrix = np.array(transform.getMatrix(), np.float64).reshape(4, 4)
    return matrix[:3, :3], np.array(transform.getOffset(), np.float64)[:3]


def _range(transform: ocio.RangeTransform, affine: _Affine) -> None:
    """A Range scales when it has both ends, and clamps unless its style says otherwise."""
    has_low, has_high = transform.hasMinInValue(), transform.hasMaxInValue()
    scale, offset = 1.0, 0.0
    if has_low and has_high:
        width = transform.getMaxInValue() - transform.getMinInValue()
        if width <= 0:
            raise _NotExactError
        scale = (transform.getMaxOutValue() - transform.getMinOutValue()) / width
        offset = transform.getMinOutValue() - scale * transform.getMinInValue()
    elif has_low:
        offset = transform.getMinOutValue() - transform.getMinInValue()
    elif has_high:
        offset = transform.getMaxOutValue() - transform.getMaxInValue()
    affine.then(np.eye(3) * scale, np.full(3, offset))
    if transform.getStyle() == ocio.RANGE_CLAMP:
        low = transform.getMinOutValue() if has_low else -np.inf
        high = transform.getMaxOutValue() if has_high else np.inf
        affine.clamp(low, high)


def _curve(transform: ocio.Lut1DTransform) -> NDArray[np.float32]:
    hue = transform.getHueAdjust() != ocio.HUE_NONE
    if hue or transform.getInputHalfDomain() or not 2 <= transform.getLength() <= MAX_SHAPER:
        raise _NotExactError
    return np.asarray(transform.getData(), np.float32).reshape(-1, 3)


def _cube(transform: ocio.Lut3DTransform) -> NDArray[np.float32]:
    size = transform.getGridSize()
    if not 2 <= size <= MAX_SIZE:
        raise _NotExactError
    return np.asarray(transform.getData(), np.float32).reshape(size, size, size, 3)


def _is_diagonal(matrix: F64) -> bool:
    return not (matrix - np.diag(np.diag(matrix))).any()
