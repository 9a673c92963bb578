"""Matrix/TRC profiles, parsed strictly (ICC.1:2010, sections 7 to 10).

Only called on profiles that LittleCMS has accepted. Every offset is held against the block,
and nothing is allocated from a number in the file that the block does not back.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
MAX_BYTES = 4 << 20
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}  # of 'para' function types


class NotMatrixError(ValueError):
    """The profile is not a plain matrix/TRC (or grey TRC) profile."""


@dataclass(frozen=True)
class Power:
    """``(a x + b)^g + e`` from ``d`` on, ``c x + f`` below (ICC parametric curve type 4)."""

    g: float
    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0

    def decode(self, x: F64) -> F64:
        """Encoded 0..1 to linear light."""
        curved = np.maximum(self.a * x + self.b, 0) ** self.g + self.e
        return np.where(x >= self.d, curved, self.c * x + self.f)

    def encode(self, y: F64) -> F64:
        """Linear light to encoded; where the curve is flat, the end of the flat part."""
        curved = (np.maximum(y - self.e, 0) ** (1 / self.g) - self.b) / self.a
        knee = max(self.a * self.d + self.b, 0) ** self.g + self.e
        straight = (y - self.f) / self.c if self.c > 0 else np.full_like(y, self.d)
        return np.where(y >= knee, curved, np.minimum(straight, self.d))


@dataclass(frozen=True, eq=False)
class Sampled:
    """A curve given by equally spaced samples, linearly interpolated."""

    values: F64

    def decode(self, x: F64) -> F64:
        """Encoded 0..1 to linear light."""
        return np.interp(x, np.linspace(0, 1, len(self.values)), self.values)

    def encode(self, y: F64) -> F64:
        """Linear light to encoded."""
        return np.interp(y, self.values, np.linspace(0, 1, len(self.values)))


Curve = Power | Sampled


def colour_space(icc: bytes) -> str:
    """The profile's device colour space: "RGB", "GRAY", "CMYK", "Lab", ...; empty if too short."""
    return icc[16:20].decode("latin-1").strip()


def parse_matrix(icc: bytes) -> tuple[F64, tuple[Curve, Curve, Curve]]:
    """Colorants (3, 3), columns red, green, blue as XYZ under D50, and the three curves.

    Raises
    ------
    NotMatrixError : another kind of profile, or a malformed one
    """
    tags = _tags(icc)
    if icc[16:20] != b"RGB " or icc[20:24] != b"XYZ " or any(t.startswith(b"A2B") for t in tags):
        raise NotMatrixError("not a matrix/TRC profile")
    colorants = np.stack([_xyz(tags, b"%cXYZ" % c) for c in b"rgb"], axis=1)
    if not 1e-4 < abs(np.linalg.det(colorants)) < 10:
        raise NotMatrixError("the colorants are degenerate")
    red, green, blue = (_curve(tags, b"%cTRC" % c) for c in b"rgb")
    return colorants, (red, green, blue)


def parse_gray(icc: bytes) -> Curve:
    """The tone curve of a grey profile.

    Raises
    ------
    NotMatrixError : another kind of profile, or a malformed one
    """
    tags = _tags(icc)
    if icc[16:20] != b"GRAY" or any(t.startswith(b"A2B") for t in tags):
        raise NotMatrixError("not a grey tone-curve profile")
    return _curve(tags, b"kTRC")


def _tags(icc: bytes) -> dict[bytes, bytes]:
    if not 132 <= len(icc) <= MAX_BYTES or icc[36:40] != b"acsp":
        raise NotMatrixError("not an ICC profile")
    (count,) = struct.unpack_from(">L", icc, 128)
    if count > 200 or 132 + 12 * count > len(icc):
        raise NotMatrixError("the tag table is longer than the profile")
    tags = {}
    for index in range(count):
        name, offset, size = struct.unpack_from(">4sLL", icc, 132 + 12 * index)
        if size < 8 or offset + size > len(icc):
            raise NotMatrixError(f"tag {name!r} lies outside the profile")
        tags[name] = icc[offset : offset + size]
    return tags


def _fixed(data: bytes, offset: int, count: int) -> F64:
    """s15Fixed16 numbers."""
    if offset + 4 * count > len(data):
        raise NotMatrixError("a tag is too short")
    return np.frombuffer(data, ">i4", count, offset) / 65536.0


def _xyz(tags: dict[bytes, bytes], name: bytes) -> F64:
    data = tags.get(name, b"")
    if data[:4] != b"XYZ ":
        raise NotMatrixError(f"{name!r} is missing")
    return _fixed(data, 8, 3)


def _curve(tags: dict[bytes, bytes], name: bytes) -> Curve:
    data = tags.get(name, b"")
    if data[:4] == b"curv" and len(data) >= 12:
        curve = _curv(data)
    elif data[:4] == b"para" and len(data) >= 12:
        curve = _para(data)
    else:
        raise NotMatrixError(f"{name!r} is missing")
    samples = curve.decode(np.linspace(0, 1, 4097))
    if not np.isfinite(samples).all() or (np.diff(samples) < -1e-6).any() or samples[-1] - samples[0] < 0.05:
        raise NotMatrixError(f"{name!r} does not rise")
    return curve


def _curv(data: bytes) -> Curve:
    (count,) = struct.unpack_from(">L", data, 8)
    if count == 0:
        return Power(1.0)
    if 12 + 2 * count > len(data):
        raise NotMatrixError("a curve is longer than its tag")
    values = np.frombuffer(data, ">u2", count, 12)
    if count > 1:
        return Sampled(values / 65535.0)
    return _checked(Power(float(values[0]) / 256))


def _para(data: bytes) -> Curve:
    (kind,) = struct.unpack_from(">H", data, 8)
    if kind not in _PARAMETERS:
        raise NotMatrixError(f"curve type {kind} is unknown")
    g, *rest = (float(v) for v in _fixed(data, 12, _PARAMETERS[kind]))
    if kind in (1, 2):
        a, b = rest[:2]
        shift = rest[2] if kind == 2 else 0.0
        return _checked(Power(g, a, b, 0.0, -b / a if a else 0.0, shift, shift))
    return _checked(Power(g, *rest))


def _checked(curve: Power) -> Power:
    if not (0.01 <= curve.g <= 100 and curve.a > 0 and curve.c >= 0):
        raise NotMatrixError("a curve does not rise")
    return curve
