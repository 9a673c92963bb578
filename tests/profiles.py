"""ICC profiles built from their definitions, for tests: nothing of the product is used here."""

from __future__ import annotations

import struct

import numpy as np

# CIE xy of red, green, blue and white.
D65, D50 = (0.3127, 0.3290), (0.3457, 0.3585)
SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)
DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65)
ADOBE_RGB = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65)
PROPHOTO = ((0.734699, 0.265301), (0.159597, 0.840403), (0.036598, 0.000105), D50)
REC2020 = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65)
SRGB_CURVE = (3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])


def _xyz(xy: tuple[float, float]) -> np.ndarray:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def colorants(space: tuple) -> np.ndarray:
    """XYZ of the primaries as columns, Bradford-adapted to the D50 of the connection space."""
    *primaries, white = space
    p = np.stack([_xyz(xy) for xy in primaries], axis=1)
    p = p * np.linalg.solve(p, _xyz(white))
    bradford = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
    target = np.array([0.9642, 1.0, 0.8249])
    scale = (bradford @ target) / (bradford @ _xyz(white))
    return np.linalg.inv(bradford) @ np.diag(scale) @ bradford @ p


def fixed(*values: float) -> bytes:
    """s15Fixed16 numbers."""
    return b"".join(struct.pack(">l", round(v * 65536)) for v in values)


def para(kind: int, numbers: list[float]) -> bytes:
    """A parametric curve tag."""
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + fixed(*numbers)


def gamma(value: float) -> bytes:
    """A one-number curve tag."""
    return b"curv\0\0\0\0" + struct.pack(">LH", 1, round(value * 256))


def sampled(function, count: int = 1024) -> bytes:
    """A sampled curve tag."""
    values = np.round(function(np.linspace(0, 1, count)) * 65535).astype(">u2")
    return b"curv\0\0\0\0" + struct.pack(">L", count) + values.tobytes()


def pack(space: bytes, pcs: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr") -> bytes:
    """A version 4 profile of some tags."""
    described = (
        b"mluc\0\0\0\0" + struct.pack(">LL2s2sLL", 1, 12, b"en", b"US", 8, 28) + "test".encode("utf-16-be")
    )
    tags = {
        b"desc": described,
        b"cprt": described,
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1, 0.8249),
        **tags,
    }
    table, body = b"", b""
    start = 132 + 12 * len(tags)
    for name, data in tags.items():
        data += b"\0" * (-len(data) % 4)
        table += struct.pack(">4sLL", name, start + len(body), len(data))
        body += data
    head = struct.pack(
        ">L4sL4s4s4s12s4s", start + len(body), b"\0" * 4, 0x04300000, kind, space, pcs, b"\0" * 12, b"acsp"
    )
    return (
        head.ljust(68, b"\0")
        + fixed(0.9642, 1, 0.8249)
        + b"\0" * 48
        + struct.pack(">L", len(tags))
        + table
        + body
    )


def rgb_profile(space: tuple = DISPLAY_P3, curve: bytes | None = None) -> bytes:
    """A matrix/TRC profile."""
    columns = colorants(space)
    curve = curve or para(*SRGB_CURVE)
    tags = {b"%cXYZ" % c: b"XYZ \0\0\0\0" + fixed(*columns[:, i]) for i, c in enumerate(b"rgb")}
    return pack(b"RGB ", b"XYZ ", tags | {b"%cTRC" % c: curve for c in b"rgb"})


def gray_profile(curve: bytes) -> bytes:
    """A grey profile with a tone curve."""
    return pack(b"GRAY", b"XYZ ", {b"kTRC": curve})


def table_profile(space: bytes = b"RGB ", channels: int = 3) -> bytes:
    """A table-based profile to Lab: grey axis plausible, colours whatever the table says."""
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 3)] * channels, indexing="ij"), axis=-1)
    light = 1 - grid.mean(axis=-1) if space == b"CMYK" else grid.mean(axis=-1)
    chroma = [0.5 + 0.2 * (grid[..., i] - grid[..., i + 1]) for i in (0, 1)]
    lab = np.round(np.stack([light, *chroma], axis=-1) * 255).astype(np.uint8)
    ramp = bytes(range(256))
    identity = fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    mft1 = b"mft1\0\0\0\0" + struct.pack(">BBBB", channels, 3, 3, 0) + identity
    mft1 += ramp * channels + lab.tobytes() + ramp * 3
    return pack(space, b"Lab ", {b"A2B0": mft1}, kind=b"prtr")
