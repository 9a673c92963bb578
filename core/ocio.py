"""Pixels through OpenColorIO: real scanlines, any bit depth, several threads, no copies.

``CPUProcessor.applyRGB(array)`` hands the whole buffer over as one scanline: five times
slower and about 1 GB more on 24 megapixels. A :class:`PackedImageDesc` with real rows avoids both.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import PyOpenColorIO as ocio
from numpy.typing import NDArray

from .errors import BadInput

# Below CVE-2026-42450's fix, OpenColorIO overflows its stack on crafted LUT files. Another
# package (oiio-python) silently overwrites this one with an old build, so the module is asked.
_OLDEST_SAFE = (2, 5, 2)
_version = tuple(int(part) for part in ocio.__version__.split(".")[:3])
if _version < _OLDEST_SAFE:
    raise ImportError(
        f"PyOpenColorIO {ocio.__version__} is installed; 2.5.2 or later is needed (CVE-2026-42450). "
        "Another package may have overwritten it: pip uninstall oiio-python; "
        "pip install --force-reinstall opencolorio"
    )

BIT_DEPTHS = {
    np.dtype(np.uint8): ocio.BIT_DEPTH_UINT8,
    np.dtype(np.uint16): ocio.BIT_DEPTH_UINT16,
    np.dtype(np.float32): ocio.BIT_DEPTH_F32,
}
_WIDEST_SCANLINE = 24_000  # wider "rows" fall out of the cache: 24,000 px 0.19 s, 2.4 M px 0.26 s
_PIXELS_PER_THREAD = 250_000  # below this a thread costs more than it brings


def group(transforms: Sequence[ocio.Transform]) -> ocio.GroupTransform:
    """The transforms in order, as one."""
    result = ocio.GroupTransform()
    for transform in transforms:
        result.appendTransform(transform)
    return result


def processor(transform: ocio.Transform, config: ocio.Config | None = None) -> ocio.Processor:
    """A processor for a transform, in a raw config unless one is given."""
    return (config or ocio.Config.CreateRaw()).getProcessor(transform)


def cpu(proc: ocio.Processor, source: np.dtype, target: np.dtype) -> ocio.CPUProcessor:
    """The lossless CPU processor between two pixel types (uint8, uint16, float32)."""
    return proc.getOptimizedCPUProcessor(BIT_DEPTHS[source], BIT_DEPTHS[target], ocio.OPTIMIZATION_LOSSLESS)


def default_threads() -> int:
    """The number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_pixels(image: NDArray[np.generic], name: str = "image") -> None:
    """Refuse arrays that are not uint8, uint16 or float32 pixels with 3 or 4 channels.

    Raises
    ------
    BadInput : naming the shape or the type, and what would be right
    """
    if image.dtype not in BIT_DEPTHS:
        raise BadInput(f"{name} is {image.dtype}: use uint8, uint16 or float32 (0..1)")
    if image.ndim < 2 or image.shape[-1] not in (3, 4):
        raise BadInput(f"{name} has shape {image.shape}: the last axis must hold 3 or 4 channels")


def apply(
    proc: ocio.Processor,
    image: NDArray[np.generic],
    out: NDArray[np.generic] | None = None,
    threads: int | None = None,
) -> NDArray[np.generic]:
    """Run pixels through a processor.

    Parameters
    ----------
    proc : any OCIO processor
    image : (..., 3) RGB or (..., 4) RGBA; uint8, uint16 or float32. Alpha passes through
    out : C-contiguous array of the same shape, of any of the three types; ``image`` itself
        works in place. None allocates one like ``image``
    threads : None uses every processor of this process; small images use one

    Returns
    -------
    ``out``. Integer output is rounded, not truncated. Nothing else of the image's size is allocated.

    Raises
    ------
    BadInput : for unusable shapes and types
    """
    check_pixels(image)
    if out is None:
        out = np.empty(image.shape, image.dtype)
    check_pixels(out, "out")
    if out.shape != image.shape or not out.flags.c_contiguous or not out.flags.writeable:
        raise BadInput(f"out must be a writable C-contiguous array of shape {image.shape}")
    if image.size == 0:
        return out
    if not image.flags.c_contiguous:
        if out.dtype == image.dtype:
            np.copyto(out, image)
            image = out
        else:
            image = np.ascontiguousarray(image)

    run = cpu(proc, image.dtype, out.dtype)
    jobs = _slices(image, out, threads or default_threads())
    if len(jobs) == 1:
        _run_rows(run, *jobs[0])
        return out
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(jobs)) as pool:  # OpenColorIO releases the GIL while it works
        for done in [pool.submit(_run_rows, run, *job) for job in jobs]:
            done.result()
    return out


def _slices(
    image: NDArray[np.generic], out: NDArray[np.generic], threads: int
) -> list[tuple[NDArray[np.generic], NDArray[np.generic]]]:
    """Cut both arrays in (rows, width, channels) blocks, one a thread, plus a ragged last row."""
    channels = image.shape[-1]
    pixels = image.size // channels
    width = image.shape[-2] if image.ndim > 2 else pixels
    if not 64 <= width <= _WIDEST_SCANLINE:
        width = min(pixels, 4096)
    height, rest = divmod(pixels, width)
    source, target = image.reshape(-1, channels), out.reshape(-1, channels)
    threads = max(1, min(threads, height, pixels // _PIXELS_PER_THREAD))
    edges = [height * part // threads * width for part in range(threads + 1)]
    jobs = [
        (source[a:b].reshape(-1, width, channels), target[a:b].reshape(-1, width, channels))
        for a, b in pairwise(edges)
    ]
    if rest:
        tail = slice(height * width, None)
        jobs.append((source[tail][None], target[tail][None]))
    return jobs


def _run_rows(run: ocio.CPUProcessor, source: NDArray[np.generic], target: NDArray[np.generic]) -> None:
    described = _describe(source)
    if source.ctypes.data == target.ctypes.data:
        run.apply(described)
    else:
        run.apply(described, _describe(target))


def _describe(block: NDArray[np.generic]) -> ocio.PackedImageDesc:
    height, width, channels = block.shape
    auto = ocio.AutoStride
    return ocio.PackedImageDesc(block, width, height, channels, BIT_DEPTHS[block.dtype], auto, auto, auto)
