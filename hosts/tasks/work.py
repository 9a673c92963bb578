"""The kinds of job, and what runs for a request of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import apply, fields, grade, request, review
from .step import Step

KINDS = ("grade", "apply", "review", "filters", "resolve-grade", "resolve-match", "resolve-compare")

Work = Callable[[Step], dict[str, Any]]
kind = fields.one_of(*KINDS)


def work(kind: str, wanted: Any, private_folder: Callable[[], Path]) -> Work:
    """The checked request as a function that does it.

    Parameters
    ----------
    kind : one of KINDS
    wanted : the request as it came
    private_folder : makes a folder for the files of a grade request that names none

    Raises
    ------
    BadInput : an unusable request, in one line
    """
    if kind == "apply":
        application = apply.ApplyTask.parse(wanted)
        return lambda step: apply.run(application, step)
    if kind == "review":
        reviewing = review.ReviewTask.parse(wanted)
        return lambda step: review.run(reviewing, step)
    if kind == "filters":
        from ..gimp import task as filters

        fitting = filters.FilterTask.parse(wanted)
        return lambda step: filters.run(fitting, step)
    if kind.startswith("resolve-"):
        from ..resolve import tasks

        checked = tasks.parse(kind, wanted)
        return lambda step: tasks.KINDS[kind](checked, step)
    values = request.parse(wanted)

    def run_grade(step: Step) -> dict[str, Any]:
        task = request.task(values, private_folder)
        return {"grades": [written.to_dict() for written in grade.run(task, step)]}

    return run_grade
