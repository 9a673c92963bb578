"""LUT files: strict readers, portable writers.

``read`` and ``write`` choose the format by the file's suffix, or by ``format=``:

======= =================== ========================================================
name    suffixes            what
======= =================== ========================================================
cube    .cube               3D, 1D, 1D shaper + 3D; Adobe and Resolve dialects
3dl     .3dl                Lustre / Flame / Kodak integer cubes
clf     .clf                SMPTE ST 2136-1 common LUT format, through OpenColorIO
ctf     .ctf                Autodesk's superset of CLF, through OpenColorIO
hald    .png                Hald CLUT image, 8 or 16 bit
ocio    .ocio, or a folder  OpenColorIO config with the LUT as a Look
======= =================== ========================================================

Other packages add formats through the ``gradewright_lut_formats`` hook.
"""

from __future__ import annotations

from .approximated import LutApproximated
from .ocio_config import write_ocio_config
from .registry import formats, read, write

__all__ = ["LutApproximated", "formats", "read", "write", "write_ocio_config"]
