"""The pinned OpenColorIO config, and the way from any space to the display and back."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
import PyOpenColorIO as ocio

from . import camera_curves
from .ocio import group

# Never "latest": that name moves with OpenColorIO's version, and a look baked last year would change.
# ACES 2.0, because its view can be inverted (S-Log3 there and back: 2e-4); the one of ACES 1.3 cannot.
PINNED = "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
DISPLAY = "sRGB - Display"
VIEW = "ACES 2.0 - SDR 100 nits (Rec.709)"
REFERENCE = "ACES2065-1"

FORWARD, INVERSE = ocio.TRANSFORM_DIR_FORWARD, ocio.TRANSFORM_DIR_INVERSE


@cache
def config() -> ocio.Config:
    """The studio config, with the camera spaces of :mod:`.camera_curves` added (about 20 ms, once)."""
    made = ocio.Config.CreateFromFile(PINNED)
    matrix = np.eye(4)
    matrix[:3, :3] = camera_curves.F_GAMUT_C_TO_ACES
    _add(made, camera_curves.F_GAMUT_C, "scene-linear", ocio.MatrixTransform(matrix.reshape(-1).tolist()))
    for name, (curve, linear) in camera_curves.COMPUTED.items():
        to_reference = group([camera_curves.decoding(curve), ocio.ColorSpaceTransform(linear, REFERENCE)])
        _add(made, name, "log", to_reference)
    return made


def _add(made: ocio.Config, name: str, encoding: str, to_reference: ocio.Transform) -> None:
    space = ocio.ColorSpace(name=name, encoding=encoding)
    space.setTransform(to_reference, ocio.COLORSPACE_DIR_TO_REFERENCE)
    made.addColorSpace(space)


@lru_cache(maxsize=64)
def convert(source: str, target: str) -> ocio.Processor:
    """Between two spaces of the config, colorimetrically: no tone mapping."""
    return config().getProcessor(source, target)


@lru_cache(maxsize=64)
def view(source: str) -> ocio.Processor:
    """From a scene-referred space to sRGB display code values, through the ACES 2.0 SDR view."""
    return config().getProcessor(source, DISPLAY, VIEW, FORWARD)


@lru_cache(maxsize=64)
def unview(target: str) -> ocio.Processor:
    """From sRGB display code values back to a scene-referred space: the view's inverse."""
    return config().getProcessor(target, DISPLAY, VIEW, INVERSE)
