"""A wish carried out: what the window, the menu script and the command line all call."""

from typing import Any, Dict, List, Optional

from . import batch, grading, selftest
from .errors import ResolveError
from .host import Host
from .service import Cancelled, Progress, Service
from .state import State

TASKS = ("grade", "all", "match", "undo", "selftest")


def run(
    host: Host,
    wish: Dict[str, Any],
    kept: State,
    service: Optional[Service] = None,
    progress: Optional[Progress] = None,
    cancelled: Optional[Cancelled] = None,
) -> List[str]:
    """Carry out ``wish["task"]``: grade the clip under the playhead, all clips, a scene, or undo.

    Returns
    -------
    Lines for the user.

    Raises
    ------
    ResolveError : nothing was changed
    """
    task = wish.get("task") or "grade"
    if task not in TASKS:
        raise ResolveError("there is no task '%s': use one of %s" % (task, ", ".join(TASKS)))
    if task == "selftest":
        return selftest.run(host, wish, kept, service or Service())
    if task == "undo":
        return grading.undo(host, kept)
    with grading.Grading(host, service, kept, progress, cancelled) as work:
        if task == "all":
            return batch.grade_all(work, wish, batch.footage(work)).text()
        if task == "match":
            hero = host.clip(work.timeline)
            return batch.match_scene(work, hero, batch.footage(work), wish).text()
        result = work.current(wish)
        return ["%s: graded" % result.clip] + result.lines
