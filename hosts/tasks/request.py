"""Grade requests of plain values (JSON) from hosts and from the command line."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput, FileError

from . import fields
from .grade import GradeTask, Targets

_NAME = re.compile(r"[^./\\:*?\"<>|\x00-\x1f\x7f][^/\\:*?\"<>|\x00-\x1f\x7f]{0,99}")
_MOST_BYTES = 200  # of the 255 that file systems take: a number and a suffix follow
_TARGETS = {
    "output": fields.path,
    "preview": fields.path,
    "recipe": fields.path,
    "report": fields.path,
}
_IN_FOLDER = ("folder", "name", "formats", "preview")


def _name(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or len(os.fsencode(value)) > _MOST_BYTES:
        raise BadInput(
            f"{name} '{fields.short(value)}' cannot name files: use at most 100 letters, digits, - and _"
        )
    return value


def _format(name: str, value: Any) -> str:
    from gradewright import lutio

    return str(fields.one_of(*(known.name for known in lutio.formats()))(name, value))


def _targets(name: str, value: Any) -> dict[str, Path]:
    return fields.checked(value, _TARGETS, name)


FIELDS: dict[str, fields.Check] = {
    "photo": fields.path,
    "prompt": fields.text,
    "reference": fields.path,
    "pair": fields.pair,
    "params": fields.parameters,
    "recipe": fields.path,
    "auto": fields.flag,
    "from": fields.path,
    "strength": fields.weight,
    "luma": fields.weight,
    "chroma": fields.weight,
    "seed": fields.integer(0, 2**32 - 1),
    "variations": fields.integer(1, 16),
    "engine": fields.text,
    "space": fields.text,
    "size": fields.one_of(17, 33, 65),
    "describe": fields.flag,
    "folder": fields.path,
    "name": _name,
    "formats": fields.many(_format, 8),
    "preview": fields.integer(16, 4096),
    "targets": _targets,
    "overwrite": fields.flag,
}


def parse(request: Any) -> dict[str, Any]:
    """The request's checked values; see :meth:`gradewright.hosts.client.Client.grade` for the fields.

    Two more serve the command line: ``recipe`` (a file of parameters) and ``targets``, the very files
    to write (``output``, ``preview``, ``recipe``, ``report``), instead of ``folder``, ``name``, ``formats``
    and ``preview``.

    Raises
    ------
    BadInput : in one line
    """
    values = fields.checked(request, FIELDS, "grade")
    if "targets" in values and (both := [name for name in _IN_FOLDER if name in values]):
        raise BadInput(f"'targets' and '{both[0]}' were given: use one of them")
    if "photo" not in values and ("preview" in values or "preview" in values.get("targets", ())):
        raise BadInput("a preview needs 'photo'")
    return values


def task(values: dict[str, Any], private_folder: Callable[[], Path]) -> GradeTask:
    """The task for what :func:`parse` returned; ``private_folder`` makes one where none is named."""
    values = dict(values)
    overwrite = values.pop("overwrite", False)
    if "targets" in values:
        targets = _named(values.pop("targets"), overwrite)
    else:
        place = [values.pop(name, None) for name in _IN_FOLDER]
        targets = _in_folder(place, values.get("variations", 1), overwrite, private_folder)
    if "from" in values:
        values["base"] = values.pop("from")
    return GradeTask(**values, targets=targets)


def _named(named: dict[str, Path], overwrite: bool) -> Targets:
    luts = {"output": named["output"]} if "output" in named else {}
    return Targets(luts, named.get("preview"), named.get("recipe"), named.get("report"), overwrite=overwrite)


def _in_folder(place: list[Any], count: int, overwrite: bool, private_folder: Callable[[], Path]) -> Targets:
    from gradewright import lutio

    folder, name, formats, side = place
    folder = folder or private_folder()
    if not folder.is_dir():
        raise FileError(folder, "is not a folder", "make it first")
    suffixes = {known.name: known.suffixes[0] for known in lutio.formats()}
    for number in itertools.count(1):
        stem = name or "grade"
        stem = stem if number == 1 else f"{stem}-{number}"
        targets = Targets(
            {kind: folder / f"{stem}{suffixes[kind]}" for kind in formats or ("cube",)},
            folder / f"{stem}-preview.png" if side else None,
            side=side or 0,
            overwrite=overwrite,
        )
        if overwrite or not _any_exists(targets, count):
            return targets
    raise AssertionError  # itertools.count does not end


def _any_exists(targets: Targets, count: int) -> bool:
    of_many = (targets.numbered(number, count) for number in range(1, count + 1))
    return any(path.exists() for names in (targets.numbered(1, 1), *of_many) for path in names.values())
