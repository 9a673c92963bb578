"""Renders of the real darktable-cli, many in one start of a chroot, and the pictures for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

import imagecodecs
import numpy as np
import tifffile
from gradewright.hosts.darktable import params

from . import jail
from .chroots import Suite


@dataclass(frozen=True)
class Render:
    """One picture through darktable-cli, with a style file or without."""

    picture: Path
    name: str  # of the output, without suffix
    style: Path | None = None
    style_name: str = ""


def render_all(suite: Suite, folder: Path, renders: Sequence[Render], luts: Path) -> dict[str, np.ndarray]:
    """16-bit PNGs as float64 (H, W, 3) in 0..1, by name; one configuration for all, one thread."""
    lines = ["mkdir /tmp/config"]  # the jail's own
    for one in renders:
        words = ["darktable-cli", one.picture, folder / f"{one.name}.png", "--icc-type", "SRGB"]
        words += ["--style", one.style_name] if one.style else []
        words += ["--core", "--configdir", "/tmp/config", "--library", ":memory:", "--disable-opencl"]
        words += ["--conf", "plugins/imageio/format/png/bpp=16"]
        words += ["--conf", f"plugins/darkroom/lut3d/def_path={luts}", "-t", "1"]
        words += ["--luacmd", f"require'darktable'.styles.import('{one.style}')"] if one.style else []
        lines.append("timeout -s KILL 120 " + " ".join(quote(str(word)) for word in words) + " < /dev/null")
    done = jail.run(suite, ["bash", "-c", "\n".join(lines)], binds=[folder], timeout=600)
    missing = [one.name for one in renders if not (folder / f"{one.name}.png").exists()]
    assert not missing, f"not rendered: {missing}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}"
    return {one.name: read(folder / f"{one.name}.png") for one in renders}


def read(path: Path) -> np.ndarray:
    """A 16-bit PNG in 0..1."""
    pixels = imagecodecs.imread(str(path))
    assert pixels.dtype == np.uint16
    return pixels[..., :3] / 65535.0


_SIDECAR = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/" darktable:xmp_version="5"
  darktable:auto_presets_applied="1" darktable:history_end="1"><darktable:history><rdf:Seq>
   <rdf:li darktable:num="0" darktable:operation="{module}" darktable:enabled="1"
    darktable:modversion="{version}" darktable:params="{data}" darktable:multi_name=""
    darktable:multi_priority="0" darktable:blendop_version="13" darktable:blendop_params=""/>
 </rdf:Seq></darktable:history></rdf:Description>
</rdf:RDF></x:xmpmeta>
"""


def write_sidecar(photo: Path, module: str, values: dict[str, params.Value]) -> Path:
    """What darktable keeps beside a photo: a history of one module."""
    data = params.encode(params.pack(module, values))
    path = photo.with_name(f"{photo.name}.xmp")
    path.write_text(_SIDECAR.format(module=module, version=params.version(module), data=data))
    return path


def write_tiff(path: Path, pixels: np.ndarray) -> Path:
    """(H, W, 3) in 0..1 as 16-bit TIFF."""
    tifffile.imwrite(path, np.rint(np.clip(pixels, 0, 1) * 65535).astype(np.uint16), photometric="rgb")
    return path


def write_dng(path: Path, linear: np.ndarray) -> Path:
    """A camera raw file with a Bayer mosaic (RGGB) of linear (H, W, 3) in 0..1, even height and width."""
    mosaic = linear[..., 1].copy()
    mosaic[0::2, 0::2], mosaic[1::2, 1::2] = linear[0::2, 0::2, 0], linear[1::2, 1::2, 2]
    matrix = [3.2405, -1.5371, -0.4985, -0.9693, 1.8760, 0.0416, 0.0556, -0.2040, 1.0572]  # XYZ to sRGB
    rational = [part for value in matrix for part in (round(value * 10000), 10000)]
    tags = [
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, b"\0\1\1\2", True),  # CFAPattern
        (50706, "B", 4, b"\1\4\0\0", True),  # DNGVersion
        (50707, "B", 4, b"\1\1\0\0", True),  # DNGBackwardVersion
        (50708, "s", 0, "Gradewright Synthetic", True),  # UniqueCameraModel
        (50714, "H", 1, 512, True),  # BlackLevel
        (50717, "H", 1, 16383, True),  # WhiteLevel
        (50721, "2i", 9, rational, True),  # ColorMatrix1
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
        (50778, "H", 1, 21, True),  # CalibrationIlluminant1: D65
        (271, "s", 0, "Gradewright", True),
        (272, "s", 0, "Synthetic", True),
    ]
    values = np.rint(512 + np.clip(mosaic, 0, 1) * (16383 - 512)).astype(np.uint16)
    tifffile.imwrite(path, values, photometric=32803, extratags=tags, metadata=None)
    return path
