"""``gradewright doctor``."""

from __future__ import annotations

import platform
import sys
from typing import Any

import click

from . import options
from .output import emit_json


@click.command()
@options.as_json
def command(as_json: bool) -> None:
    """Show versions, engines, LUT formats and hosts found here."""
    facts = _facts()
    if as_json:
        emit_json(facts)
        return
    for name, value in facts.items():
        lines = value if isinstance(value, list) else [value]
        click.echo(f"{name}: {lines[0] if lines else 'none'}")
        for line in lines[1:]:
            click.echo(f"{'':{len(name) + 2}}{line}")


def _facts() -> dict[str, Any]:
    from importlib.metadata import version

    import numpy
    import PIL
    import PyOpenColorIO
    from gradewright import lutio
    from gradewright.core.plugins import collect

    return {
        "gradewright": version("gradewright"),
        "python": f"{sys.version.split()[0]} on {platform.platform()}",
        "libraries": [
            f"numpy {numpy.__version__}",
            f"OpenColorIO {PyOpenColorIO.__version__}",
            f"Pillow {PIL.__version__}",
            _onnxruntime(),
        ],
        "engines": [f"{e.name}: {e.summary}" for e in collect("gradewright_engines")],
        "formats": [f"{f.name} ({' '.join(f.suffixes)}): {f.summary}" for f in lutio.formats()],
        "critics": [c.name for c in collect("gradewright_critics")],
        "hosts": [line for host in collect("gradewright_hosts") for line in host.doctor()],
    }


def _onnxruntime() -> str:
    try:
        import onnxruntime
    except ImportError as error:
        return f"onnxruntime cannot be imported ({error}): pip install --force-reinstall gradewright"
    return f"onnxruntime {onnxruntime.__version__}, {', '.join(onnxruntime.get_available_providers())}"
