"""What gradewright finds of darktable: the style format and the installer."""

from __future__ import annotations

from collections.abc import Sequence

from gradewright.core.hookspecs import LutFormat, hookimpl


@hookimpl
def gradewright_lut_formats() -> Sequence[LutFormat]:
    """The .dtstyle format."""
    from .format import DtStyle

    return (DtStyle(),)
