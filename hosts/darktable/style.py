"""darktable styles (``.dtstyle``): what a look becomes in a history stack."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as etree
from xml.sax.saxutils import escape

from gradewright.core.errors import FileError

from . import params

_BLEND_VERSION = 13  # empty blend parameters of this version mean: no mask, normal blending
_NAME_LENGTH = 100
_LARGEST = 4 << 20  # bytes of a style file that we read


@dataclass(frozen=True)
class Step:
    """One module instance of a style.

    ``module`` : operation name. ``values`` : see :func:`.params.pack`. ``label`` : the name that the
    instance shows. ``enabled`` : off steps switch a module off where the style is applied.
    """

    module: str
    values: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    enabled: bool = True


def lut_step(relative: str, label: str = "gradewright") -> Step:
    """The LUT 3D module with a .cube, ``relative`` to darktable's LUT root, slashes forward.

    sRGB application space and tetrahedral interpolation: what a display-referred look is made for.
    """
    values = {"filepath": relative, "colorspace": "DT_IOP_SRGB", "interpolation": "DT_IOP_TETRAHEDRAL"}
    return Step("lut3d", values, label)


def render(name: str, steps: Sequence[Step], description: str = "") -> str:
    """A style as the XML that darktable imports."""
    plugins = "".join(_plugin(number, step) for number, step in enumerate(steps))
    info = f"<name>{_text(clean_name(name))}</name><description>{_text(description)}</description>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<darktable_style version="1.0">\n'
        f" <info>{info}</info>\n <style>\n{plugins} </style>\n</darktable_style>\n"
    )


def clean_name(name: str) -> str:
    """A style's name: one line, without ``|`` (which makes folders), at most 100 characters."""
    plain = unicodedata.normalize("NFC", name).replace("|", "-")
    return re.sub(r"\s+", " ", _printable(plain)).strip()[:_NAME_LENGTH].strip() or "gradewright"


def read_steps(path: Path) -> tuple[str, list[Step]]:
    """Name and steps of a style file; modules that we have no struct for are left out.

    Raises
    ------
    FileError : the file cannot be read or is no style
    """
    try:
        data = path.read_bytes()
        if len(data) > _LARGEST or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise FileError(path, "is no darktable style", "styles are small and declare no entities")
        root = etree.fromstring(data)
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None
    except etree.ParseError as error:
        raise FileError(path, f"is no darktable style ({error})", "export it from darktable again") from None
    if root.tag != "darktable_style":
        raise FileError(path, f"is no darktable style but <{root.tag}>", "give a .dtstyle file")
    steps = [step for plugin in root.iter("plugin") if (step := _step(plugin)) is not None]
    return root.findtext("info/name") or path.stem, steps


def _step(plugin: etree.Element) -> Step | None:
    module = plugin.findtext("operation") or ""
    known = params.modules().get(module)
    if known is None or plugin.findtext("module") != str(known["version"]):
        return None
    values = params.unpack(module, params.decode(plugin.findtext("op_params") or ""))
    return Step(module, values, plugin.findtext("multi_name") or "", plugin.findtext("enabled") == "1")


def _plugin(number: int, step: Step) -> str:
    rows = {
        "num": number,
        "module": params.version(step.module),
        "operation": step.module,
        "op_params": params.encode(params.pack(step.module, step.values)),
        "enabled": int(step.enabled),
        "blendop_params": "",
        "blendop_version": _BLEND_VERSION,
        "multi_priority": 0,
        "multi_name": step.label,
        "multi_name_hand_edited": int(bool(step.label)),
    }
    body = "".join(f"<{key}>{_text(str(value))}</{key}>" for key, value in rows.items())
    return f"  <plugin>{body}</plugin>\n"


def _text(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
