"""Asking for grades: of the warm service where it runs or can be started, else in this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

from gradewright.core.errors import BadInput

from .. import client
from ..tasks.step import Cancelled, Step, silent

OFF = "GRADEWRIGHT_NO_SERVICE"  # set: everything is worked out in this process
_COMMAND = [sys.executable, "-m", "gradewright.cli"]
_START = 10.0  # seconds that a service may take to start before we do without


def grades(
    request: Mapping[str, Any], step: Step = silent, service: bool = True
) -> tuple[list[dict[str, Any]], bool]:
    """The grades of a request (see :meth:`.client.Client.grade`), and whether the service made them.

    Raises
    ------
    BadInput : the request is wrong
    Cancelled : by ``step``
    """
    if service and not os.environ.get(OFF):
        answer = _of_service(request, step)
        if answer is not None:
            return answer, True
    from ..tasks import grade
    from ..tasks import request as requests

    task = requests.task(requests.parse(dict(request)), _no_folder)
    return [written.to_dict() for written in grade.run(task, step)], False


def _of_service(request: Mapping[str, Any], step: Step) -> list[dict[str, Any]] | None:
    """The service's answer; None when there is no service or it is busy or broken."""
    try:
        connected = client.Client.connect(_COMMAND, start=True, timeout=_START)
        found = connected.grade(dict(request), step, lambda: _wanted(step))
    except client.ClientError as error:
        if error.kind == "input":
            raise BadInput(str(error)) from None
        if error.kind == "cancelled":
            raise Cancelled from None
        return None
    return list(found["grades"])


def _wanted(step: Step) -> bool:
    """Whether whoever asked has gone; ``step`` raises then."""
    try:
        step(-1.0, "")
    except Cancelled:
        return True
    return False


def _no_folder() -> Any:
    raise AssertionError("requests from here name their folder")
