"""What Resolve does to pixels, done by OpenColorIO: never by gradewright's own code.

Interpolation is tetrahedral (a project setting in Resolve). Within a node the CDL comes before the LUT: one
user's statement, not Blackmagic's. Resolve's own output transform is not public; ACES 2.0 SDR stands in for
it, so that conversions around a node are exercised, not that they are measured.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import PyOpenColorIO as ocio

CONFIG = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
VIEW = "ACES 2.0 - SDR 100 nits (Rec.709)"
# (timeline gamut, gamma), as Resolve prints them -> OpenColorIO, written down here a second time on purpose
SPACES = {
    ("DaVinci WG", "DaVinci Intermediate"): "DaVinci Intermediate WideGamut",
    ("Sony S-Gamut3.Cine", "S-Log3"): "S-Log3 S-Gamut3.Cine",
    ("acescct", ""): "ACEScct",
    ("acescc", ""): "ACEScc",
}
DISPLAYS = {
    "Rec.709 Gamma 2.4": "Rec.1886 Rec.709 - Display",
    "Rec.709": "Rec.1886 Rec.709 - Display",
    "sRGB": "sRGB - Display",
}


@cache
def config() -> ocio.Config:
    return ocio.Config.CreateFromFile(CONFIG)


def run(processor: ocio.Processor, pixels: np.ndarray) -> np.ndarray:
    flat = np.array(pixels.reshape(-1, 3), np.float32, order="C")
    described = ocio.PackedImageDesc(flat, len(flat), 1, 3)
    processor.getDefaultCPUProcessor().apply(described)
    return flat.reshape(pixels.shape)


def cdl(pixels: np.ndarray, values: dict) -> np.ndarray:
    made = ocio.CDLTransform()
    made.setStyle(ocio.CDL_ASC)
    made.setSlope(values["slope"])
    made.setOffset(values["offset"])
    made.setPower(values["power"])
    made.setSat(values["saturation"])
    return run(ocio.Config.CreateRaw().getProcessor(made), pixels)


def lut(pixels: np.ndarray, path: str) -> np.ndarray:
    made = ocio.FileTransform(src=path, interpolation=ocio.INTERP_TETRAHEDRAL)
    return run(ocio.Config.CreateRaw().getProcessor(made), pixels)


def convert(pixels: np.ndarray, source: str, target: str) -> np.ndarray:
    return run(config().getProcessor(source, target), pixels)


def viewed(pixels: np.ndarray, source: str, display: str) -> np.ndarray:
    return run(config().getProcessor(source, display, VIEW, ocio.TRANSFORM_DIR_FORWARD), pixels)


def from_picture(srgb: np.ndarray, space: str) -> np.ndarray:
    """Footage in a log space that looks like an sRGB picture."""
    to_scene = config().getProcessor(space, "sRGB - Display", VIEW, ocio.TRANSFORM_DIR_INVERSE)
    return np.clip(run(to_scene, srgb), 0, 1)
