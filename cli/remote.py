"""Having the grading service do a job, where one runs that would do exactly what we would."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import note

if TYPE_CHECKING:
    from gradewright.hosts.client import Client
    from gradewright.hosts.tasks.grade import GradeTask, Written

OFF = "GRADEWRIGHT_NO_SERVICE"
_SLOW_TO_START = ("prompt", "reference", "auto")  # what loads networks; the rest is as fast without
_NOT_SENT = ("base", "targets", "model", "endpoint", "allow_remote")  # given otherwise, or done here


def graded(task: GradeTask) -> tuple[list[Written] | None, GradeTask]:
    """The grades, their files written.

    None when no service runs, or it is busy, of another installation, or fails in any way: then the
    task that comes back is to be run here.
    """
    if (
        os.environ.get(OFF)
        or task.model
        or task.endpoint
        or task.allow_remote
        or not any(getattr(task, name) for name in _SLOW_TO_START)
    ):
        return None, task
    from gradewright.hosts import client

    folder = client.runtime_folder()
    if not os.path.exists(os.path.join(folder, client.ADDRESS_NAME)):
        return None, task
    try:
        client.check_folder(folder)
        service = client.Client(folder)
        if why := _differs(service):
            _debug(f"not used: {why}")
            return None, task
    except client.ClientError as error:
        _debug(f"not used: {error}")
        return None, task
    return _asked(service, task)


def _asked(service: Client, task: GradeTask) -> tuple[list[Written] | None, GradeTask]:
    from gradewright.hosts import client
    from gradewright.hosts.tasks.grade import Written

    names = _names(task)
    mask = os.umask(0o077)
    os.umask(mask)
    try:
        result = service.job("grade", _request(task), umask=mask)
    except client.ClientError as error:
        _debug(f"failed: {error}")
        # It may have finished some of the files, which were not there when we looked.
        return None, replace(task, targets=replace(task.targets, overwrite=True))
    _debug("used")
    told = [f"note: {line}" for line in result["warnings"]]
    for grade in result["grades"]:
        told += [_as_given(line, names) for line in grade["lines"]]
        grade["lines"], told = tuple(told), []
    return [Written(**grade) for grade in result["grades"]], task


def _differs(service: Client) -> str:
    """Why its answer might differ from ours, or be late; empty when neither."""
    from gradewright import core

    status = service.status()
    if status.get("root") != str(Path(core.__file__).resolve().parent) or status.get("stale"):
        return "it is of another version"
    if status.get("python") != sys.executable:
        return "it has other libraries"
    jobs = status["jobs"]
    return "it is busy" if jobs["running"] or jobs["queued"] else ""


def _request(task: GradeTask) -> dict[str, Any]:
    """The task as plain values; see :func:`gradewright.hosts.tasks.request.parse`."""
    wishes = {
        name: _plain(getattr(task, name))
        for name in task.__dataclass_fields__
        if name not in _NOT_SENT and getattr(task, name) not in (None, {})
    }
    targets = {
        "output": task.targets.luts.get("output"),
        "preview": task.targets.preview,
        "recipe": task.targets.recipe,
        "report": task.targets.report,
    }
    return {
        **wishes,
        "from": _plain(task.base),
        "targets": {role: _plain(path) for role, path in targets.items() if path},
        "overwrite": task.targets.overwrite,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return os.path.abspath(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _names(task: GradeTask) -> dict[str, str]:
    """Absolute path -> path as the user wrote it, of every file that a message may name."""
    paths = [task.photo, task.reference, *(task.pair or ()), task.recipe, task.base]
    for number in range(1, task.variations + 1):
        paths += task.targets.numbered(number, task.variations).values()
    paths += task.targets.numbered(1, 1).values()
    return {os.path.abspath(path): str(path) for path in paths if path}


def _as_given(line: str, names: dict[str, str]) -> str:
    for absolute in sorted(names, key=len, reverse=True):
        line = line.replace(absolute, names[absolute])
    return line


def _debug(text: str) -> None:
    if os.environ.get("GRADEWRIGHT_DEBUG"):
        note(f"grading service: {text}")
