"""``gradewright doctor``."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from . import options
from .output import emit_json

if TYPE_CHECKING:
    from gradewright.core.hookspecs import HostAdapter


@click.command()
@options.as_json
def command(as_json: bool) -> None:
    """Show what is installed here and what works: versions, engines, formats, the service, hosts."""
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
    from gradewright.hosts.adapters import adapters

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
        "service": _service(),
        "hosts": [line for host in adapters().values() for line in _host(host)],
    }


def _service() -> list[str]:
    """Whether the grading service runs, can be reached, and is current."""
    from gradewright.hosts import client

    folder = client.runtime_folder()
    try:
        client.check_folder(folder)
        status = client.Client(folder).status()
    except client.ClientError as error:
        if error.kind != "unreachable":
            return [f"cannot be used: {error}"]
        return [f"not running; hosts start it when they need it, in {folder}"]
    jobs = status["jobs"]
    lines = [
        f"running in {folder}: version {status['version']}, process {status['pid']}, "
        f"{jobs['running']} running, {jobs['queued']} waiting, {jobs['done']} done, {jobs['failed']} failed"
    ]
    if status["stale"]:
        lines.append("gradewright has changed since it was started: the next host replaces it")
    if status["python"] != sys.executable:
        lines.append(f"it was started by another installation: {status['python']}")
    return lines


def _host(host: HostAdapter) -> Sequence[str]:
    """What the adapter finds; a fault of one must not hide the rest."""
    try:
        return host.doctor()
    except Exception as error:
        return [f"{host.name}: cannot be examined ({type(error).__name__}: {error})"]


def _onnxruntime() -> str:
    try:
        from gradewright.core.ort import onnxruntime
    except ImportError as error:
        return f"onnxruntime cannot be imported ({error}): pip install --force-reinstall gradewright"
    return f"onnxruntime {onnxruntime.__version__}, {', '.join(onnxruntime.get_available_providers())}"
