"""The Lut: an immutable 3D look-up table, with an optional 1D shaper in front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import BadInput
from .interp import lattice, tetrahedral

if TYPE_CHECKING:
    import PyOpenColorIO

    from .inverse import Inversion

F32 = NDArray[np.floating]  # what is stored is float32; any float array is taken
MIN_SIZE, MAX_SIZE = 2, 129  # OpenColorIO's own limit for 3D tables
MAX_SHAPER = 65536
UNIT: tuple[tuple[float, float, float], tuple[float, float, float]] = ((0.0,) * 3, (1.0,) * 3)  # type: ignore[assignment]

Domain = tuple[tuple[float, float, float], tuple[float, float, float]]


def _frozen(values: ArrayLike, what: str) -> F32:
    array = np.array(values, dtype=np.float32, order="C", copy=True)
    array += 0.0  # -0 becomes 0: what is equal must have one fingerprint
    if not np.isfinite(array).all():
        raise BadInput(f"{what} holds values that are not finite")
    array.flags.writeable = False
    return array


def _checked_domain(domain: Domain, what: str) -> Domain:
    low, high = (tuple(float(v) + 0.0 for v in end) for end in domain)
    if len(low) != 3 or len(high) != 3 or not all(a < b for a, b in zip(low, high, strict=True)):
        raise BadInput(f"{what} domain {domain}: needs three minima, each below its maximum")
    return low, high  # type: ignore[return-value]


@dataclass(frozen=True, eq=False)
class Shaper:
    """A 1D curve per channel that runs before the cube.

    Parameters
    ----------
    table : (M, 3) float32, M 2..65536: column c is channel c's curve
    domain : input value of the first and the last row, per channel
    """

    table: F32
    domain: Domain = UNIT

    def __post_init__(self) -> None:
        table = _frozen(self.table, "the 1D table")
        if table.ndim != 2 or table.shape[1] != 3 or not 2 <= len(table) <= MAX_SHAPER:
            raise BadInput(f"a 1D table has shape (2..{MAX_SHAPER}, 3), not {table.shape}")
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "domain", _checked_domain(self.domain, "1D"))

    def sample(self, rgb: NDArray[np.floating]) -> NDArray[np.float64]:
        """(..., 3) through the curves, linear interpolation, float64, ends held."""
        low, high = self.domain
        where = np.linspace(0, 1, len(self.table))
        rgb = np.asarray(rgb, np.float64)
        return np.stack(
            [
                np.interp((rgb[..., c] - low[c]) / (high[c] - low[c]), where, self.table[:, c])
                for c in range(3)
            ],
            axis=-1,
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Shaper)
            and self.domain == other.domain
            and np.array_equal(self.table, other.table)
        )

    def __hash__(self) -> int:
        return hash((self.table.tobytes(), self.domain))


@dataclass(frozen=True, eq=False)
class Lut:
    """A colour transform as a cube of output colours.

    A grade is display-referred sRGB, values and inputs 0..1. LUTs from files may be anything
    else: their numbers are kept as they are.

    Parameters
    ----------
    table : (N, N, N, 3) float32, indexed ``[r, g, b]``, N 2..129; copied and made read-only
    domain : input value of the first and last lattice plane per channel. Inputs outside are clamped
    shaper : 1D curves that run first; the cube's domain then refers to their output
    title : a name, for files

    Raises
    ------
    BadInput : wrong shape, values that are not finite, or an empty domain
    """

    table: F32
    domain: Domain = UNIT
    shaper: Shaper | None = None
    title: str = ""

    def __post_init__(self) -> None:
        table = _frozen(self.table, "the 3D table")
        size = table.shape[0] if table.ndim else 0
        if table.shape != (size, size, size, 3) or not MIN_SIZE <= size <= MAX_SIZE:
            raise BadInput(
                f"a 3D table has shape (N, N, N, 3) with N {MIN_SIZE}..{MAX_SIZE}, not {table.shape}"
            )
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "domain", _checked_domain(self.domain, "3D"))

    def __eq__(self, other: object) -> bool:
        """Same transform, number for number; titles do not count."""
        return (
            isinstance(other, Lut)
            and self.domain == other.domain
            and self.shaper == other.shaper
            and np.array_equal(self.table, other.table)
        )

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        extra = "" if self.is_plain else f", domain={self.domain}, shaper={self.shaper is not None}"
        return f"<Lut {self.size}^3 {self.title!r}{extra}>"

    # -- making

    @classmethod
    def identity(cls, size: int = 33) -> Lut:
        """The cube that changes nothing."""
        return cls(lattice(_checked_size(size)), title="identity")

    @classmethod
    def from_function(
        cls, function: Callable[[NDArray[np.floating]], ArrayLike], size: int = 33, title: str = ""
    ) -> Lut:
        """Sample ``function``, (n, 3) RGB 0..1 -> (n, 3), on a lattice."""
        size = _checked_size(size)
        points = lattice(size, np.float64).reshape(-1, 3)
        return cls(np.asarray(function(points)).reshape(size, size, size, 3), title=title)

    def titled(self, title: str) -> Lut:
        """The same transform under another name."""
        return replace(self, title=title)

    # -- asking

    @property
    def size(self) -> int:
        """Lattice points along an edge."""
        return self.table.shape[0]

    @property
    def is_plain(self) -> bool:
        """No shaper, input domain 0..1."""
        return self.shaper is None and self.domain == UNIT

    @property
    def is_1d(self) -> bool:
        """Only the shaper does anything: the cube is the 2^3 identity over 0..1 (how 1D files are held)."""
        return (
            self.shaper is not None
            and self.size == 2
            and self.domain == UNIT
            and np.array_equal(self.table, lattice(2))
        )

    def is_identity(self, tolerance: float = 0.0) -> bool:
        """Every lattice colour comes back within ``tolerance``."""
        if self.shaper is not None or self.domain != UNIT:
            return False
        return float(np.abs(self.table - lattice(self.size)).max()) <= tolerance

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the whole transform: the same in every process, whatever the title."""
        parts = [self.table.tobytes(), repr(self.domain).encode()]
        if self.shaper is not None:
            parts += [self.shaper.table.tobytes(), repr(self.shaper.domain).encode()]
        return sha256(b"|".join(parts)).hexdigest()

    # -- running

    def sample(self, rgb: ArrayLike) -> NDArray[np.floating]:
        """(..., 3) colours through the transform in float64 numpy: exact, for small arrays."""
        points = np.asarray(rgb, np.float64)
        if self.shaper is not None:
            points = self.shaper.sample(points)
        if self.is_1d:
            return points  # the cube that stands in does not clamp, as in OpenColorIO
        low, high = np.asarray(self.domain)
        return tetrahedral(self.table.astype(np.float64), (points - low) / (high - low))

    def apply(
        self,
        image: NDArray[np.generic],
        out: NDArray[np.generic] | None = None,
        threads: int | None = None,
    ) -> NDArray[np.generic]:
        """Pixels through the LUT by OpenColorIO, tetrahedral.

        ``image`` is (..., 3) or (..., 4), uint8, uint16 or float32; ``out`` (same shape) may be
        ``image`` itself. Error against float64 <= 2e-7; integer output is rounded; the
        identity is exact on integers. See :func:`gradewright.core.ocio.apply`.
        """
        from . import ocio

        return ocio.apply(self.processor, image, out, threads)

    @cached_property
    def processor(self) -> PyOpenColorIO.Processor:
        """The OpenColorIO processor of this transform (built once, in about 2 ms)."""
        from . import ocio
        from .ocio_lut import transforms

        return ocio.processor(ocio.group(transforms(self)))

    # -- deriving

    def resample(self, size: int) -> Lut:
        """The same transform on another lattice (tetrahedral); domain and shaper stay."""
        size = _checked_size(size)
        if size == self.size:
            return self
        return replace(self, table=tetrahedral(self.table.astype(np.float64), lattice(size, np.float64)))

    def flatten(self, size: int | None = None) -> Lut:
        """One plain cube over 0..1, the shaper and the domain baked in (by default >= 33^3)."""
        if self.is_plain and size in (None, self.size):
            return self
        size = _checked_size(size or max(33, self.size))
        return Lut(self.sample(lattice(size, np.float64)), title=self.title)

    def compose(self, then: Lut, size: int | None = None) -> Lut:
        """This transform, then another, as one LUT on the finer of the two lattices."""
        size = size or max(self.size, then.size)
        first = self.resample(size)
        return replace(first, table=then.sample(first.table))

    def blend(self, strength: float = 1.0, luma: float = 1.0, chroma: float = 1.0) -> Lut:
        """Weaken the look towards doing nothing, in Oklab.

        Parameters
        ----------
        strength : 0 (identity) .. 1 (this LUT)
        luma, chroma : 0..1, further weights on the change of lightness, and of hue and chroma

        Returns
        -------
        A plain LUT. Colours that a partial change takes out of gamut lose chroma, not hue.

        Raises
        ------
        BadInput : a weight outside 0..1
        """
        for name, value in (("strength", strength), ("luma", luma), ("chroma", chroma)):
            if not 0 <= value <= 1:
                raise BadInput(f"{name} {value} is out of range: 0..1")
        if strength * luma == strength * chroma == 1:
            return self
        plain = self.flatten()
        identity = lattice(plain.size, np.float64)
        if strength == 0 or luma == chroma == 0:
            return Lut(identity, title=self.title)
        from .colour import oklab_to_srgb_in_gamut, srgb_to_oklab

        start, end = srgb_to_oklab(identity), srgb_to_oklab(np.clip(plain.table.astype(np.float64), 0, 1))
        weights = strength * np.array([luma, chroma, chroma])
        blended = oklab_to_srgb_in_gamut(start + (end - start) * weights)
        untouched = (start == end).all(axis=-1)
        blended[untouched] = identity[untouched]
        return Lut(blended, title=self.title)

    def invert(self, size: int | None = None) -> Inversion:
        """The numerical inverse with its measured error; see :func:`gradewright.core.inverse.invert`."""
        from .inverse import invert

        return invert(self, size)


def _checked_size(size: int) -> int:
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise BadInput(f"LUT size {size} is out of range: {MIN_SIZE}..{MAX_SIZE}")
    return int(size)
