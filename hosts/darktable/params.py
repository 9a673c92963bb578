"""Parameters of darktable's modules, packed the way darktable keeps them.

``modules.json`` holds the structs (names, types, ranges, defaults) of the modules that we write. A
struct is flat: little-endian 4-byte numbers, and characters for names.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from gradewright.core.errors import BadInput, nearest

_PLAIN = 100  # bytes; shorter structs are written as hex, as darktable does

Value = float | int | str | Sequence[float]


@cache
def modules() -> Mapping[str, Any]:
    """The known modules by operation name: ``version``, ``size`` in bytes, ``fields``."""
    text = (files("gradewright.hosts.darktable") / "modules.json").read_text(encoding="utf-8")
    known: Mapping[str, Any] = json.loads(text)["modules"]
    return known


def pack(module: str, values: Mapping[str, Value] | None = None) -> bytes:
    """A module's parameters as darktable stores them.

    Parameters
    ----------
    module : operation name, e.g. ``"exposure"``
    values : by field name; what is left out has darktable's default. Arrays are flat sequences, enums
        may be given by name

    Raises
    ------
    BadInput : an unknown module, field or enum name, or a value out of the field's range
    """
    schema = _schema(module)
    values = dict(values or {})
    names = [field["name"] for field in schema["fields"]]
    for name in values:
        if name not in names:
            raise BadInput(f"darktable's {module} has no parameter '{name}'{nearest(name, names)}")
    packed = b"".join(_packed(module, field, values.get(field["name"])) for field in schema["fields"])
    if len(packed) != schema["size"]:
        raise AssertionError(f"{module}: {len(packed)} bytes packed, {schema['size']} wanted")
    return packed


def unpack(module: str, data: bytes) -> dict[str, Any]:
    """The inverse of :func:`pack`: numbers, lists of numbers, or text by field name."""
    schema = _schema(module)
    if len(data) != schema["size"]:
        raise BadInput(f"darktable's {module} has {schema['size']} bytes of parameters, not {len(data)}")
    values: dict[str, Any] = {}
    offset = 0
    for field in schema["fields"]:
        count, kind = field["count"], field["type"]
        size = count if kind == "s" else 4 * count
        part = data[offset : offset + size]
        offset += size
        if kind == "s":
            values[field["name"]] = part.split(b"\0")[0].decode("utf-8", "replace")
        else:
            numbers = struct.unpack(f"<{count}{kind}", part)
            values[field["name"]] = numbers[0] if count == 1 else list(numbers)
    return values


def encode(data: bytes) -> str:
    """Parameters as text for styles and sidecars: hex, or compressed base64 for long ones."""
    if len(data) < _PLAIN:
        return data.hex()
    squeezed = zlib.compress(data, 9)
    factor = min(len(data) // len(squeezed) + 1, 99)
    return f"gz{factor:02d}{base64.b64encode(squeezed).decode('ascii')}"


def decode(text: str) -> bytes:
    """The inverse of :func:`encode`.

    Raises
    ------
    BadInput : the text is neither
    """
    try:
        if not text.startswith("gz"):
            return bytes.fromhex(text)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(text[4:], validate=True), 1 << 20)
        if unpacker.unconsumed_tail:
            raise BadInput("parameters of a darktable module unpack to more than 1 MB")
        return data
    except (ValueError, zlib.error) as error:
        raise BadInput(f"parameters of a darktable module are neither hex nor gz: {error}") from None


def version(module: str) -> int:
    """The version of the struct that :func:`pack` writes."""
    return int(_schema(module)["version"])


def _schema(module: str) -> Mapping[str, Any]:
    known = modules()
    if module not in known:
        raise BadInput(f"'{module}' is no darktable module that we write: use one of {', '.join(known)}")
    schema: Mapping[str, Any] = known[module]
    return schema


def _packed(module: str, field: Mapping[str, Any], value: Value | None) -> bytes:
    count, kind = field["count"], field["type"]
    if kind == "s":
        text = str(value or "").encode("utf-8")
        if len(text) >= count:
            raise BadInput(
                f"'{value}' is too long for darktable's {module}.{field['name']}: {count - 1} bytes"
            )
        return text.ljust(count, b"\0")
    if value is None:
        value = field["default"]
    if isinstance(value, str):
        value = _enum(module, field, value)
    numbers = [value] * count if isinstance(value, (int, float)) else list(value)
    if len(numbers) != count:
        raise BadInput(f"darktable's {module}.{field['name']} has {count} values, not {len(numbers)}")
    low, high = field.get("range", (float("-inf"), float("inf")))
    for number in numbers:
        if not low <= number <= high:
            raise BadInput(
                f"darktable's {module}.{field['name']} {number:g} is out of range: {low:g}..{high:g}"
            )
    return struct.pack(f"<{count}{kind}", *(int(n) if kind == "i" else float(n) for n in numbers))


def _enum(module: str, field: Mapping[str, Any], name: str) -> int:
    values = field.get("values", {})
    if name not in values:
        raise BadInput(
            f"darktable's {module}.{field['name']} has no value '{name}'{nearest(name, list(values))}"
        )
    return int(values[name])
