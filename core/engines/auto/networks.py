"""The shipped networks of the auto engine, through onnxruntime."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...colour import delta_e_srgb
from ...errors import FileError
from ...interp import lattice
from ...lut import Lut
from ...request import Pixels
from ..compact.networks import WEIGHTS, _session, thumbnail
from ..planes import shrink
from .ends import ends
from .gate import gate
from .mood import allowed

F32 = NDArray[np.float32]
SIZE = 33
_SEEN = 256  # pixels along the longer side that are looked at, as in training
_PIXELS = 512  # of them, that a change is measured on
_BAKED = 25  # lattice that is rendered; the mapping is smooth, so the rest is interpolated
GROUPS = {"light": slice(0, 16), "colour": slice(16, 32), "bands": slice(32, 56)}


@dataclass(frozen=True)
class Decision:
    """What the network makes of a photo.

    ``z`` (56,) : the latents of light, colour and bands. ``off`` : the dE2000 by which it takes the photo to
    be away from a finished one; ``left`` : that after the whole retouch. ``change`` : the dE2000 by which the
    whole retouch moves the photo, measured. ``share`` : how much is carried out.
    """

    z: F32
    off: float
    left: float
    change: float
    share: float

    def only(self, group: str) -> F32:
        """The latents with the other groups masked."""
        kept = np.zeros_like(self.z)
        kept[GROUPS[group]] = self.z[GROUPS[group]]
        return kept


def decide(photo: Pixels) -> Decision:
    """Look at a photo (H, W, 3), sRGB 0..1.

    Raises
    ------
    FileError : the weights are missing or damaged
    """
    small = shrink(np.asarray(photo, np.float32), _SEEN)
    z, doubt = _session("auto_tower.onnx").run(None, {"photo": thumbnail(small), "ends": ends(small)[None]})
    off, left = (float(value) for value in np.exp(np.clip(doubt[0], -3, 4)))
    colours = some(small)
    made = render(z[0], colours)
    change = float(delta_e_srgb(made, colours).mean())
    share = gate(change, left, **_gate())
    share *= allowed(colours, colours + np.float32(share) * (made - colours))
    return Decision(z[0], off, left, change, share)


def some(photo: Pixels) -> Pixels:
    """(n, 3) of its pixels, evenly spread, that figures are measured on."""
    flat = np.clip(np.asarray(photo, np.float32).reshape(-1, 3), 0, 1)
    return flat[:: max(1, len(flat) // _PIXELS)]


def render(z: F32, colours: NDArray[np.floating]) -> F32:
    """Latents (56,) on sRGB-encoded colours (n, 3), 0..1; all zeros change nothing."""
    made = _session("auto_renderer.onnx").run(
        None, {"colours": np.asarray(colours, np.float32)[None], "z": z[None]}
    )[0]
    return np.clip(made[0], 0, 1)


def bake(z: F32, share: float) -> Lut:
    """The retouch as a LUT, a ``share`` of it (which may be a little above 1) carried out."""
    start = lattice(_BAKED).reshape(-1, 3)
    made = start + np.float32(share) * (render(z, start) - start)
    coarse = Lut(np.clip(made, 0, 1).reshape(_BAKED, _BAKED, _BAKED, 3), title="auto")
    return coarse.resample(SIZE)


@cache
def _gate() -> dict[str, float]:
    path = WEIGHTS / "auto.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["gate"]
        return {name: float(found[name]) for name in ("doubt", "top")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(path, f"no weights ({error})", "reinstall gradewright") from error
