"""What a person runs in a real Resolve: every step of the flow on a synthetic chart, with evidence.

It works in a project without timelines only, and changes nothing of anybody's: make a new project, run it,
delete the project.
"""

import os
import platform
import shutil
import sys
import time
from typing import Any, Callable, Dict, List

from . import grading, versions
from .errors import ResolveError
from .host import Host
from .record import Journal, Recorded
from .service import Service
from .state import State, facts

LOOK = {"params": {"temperature": 30, "exposure": 0.3, "saturation": -20}}
FORMAT = 1


class Selftest:
    """The steps, and what came of each."""

    def __init__(self, host: Host, kept: State, service: Service, chart: str, journal: Journal) -> None:
        self.host, self.state, self.service, self.chart, self.journal = host, kept, service, chart, journal
        self.steps: List[Dict[str, Any]] = []
        self.folder = os.path.dirname(kept.path("selftest"))

    def run(self) -> None:
        """Every step; a step that fails does not keep the next from being tried, the first one does."""
        if not self._step("a timeline with the chart", self.make_timeline):
            return
        self._step("the frame is the chart", self.frame_is_chart)
        self._step("a LUT on a node", lambda: self.grade("lut"))
        self._step("undo", self.undo)
        self._step("a CDL on a node", lambda: self.grade("cdl"))
        self._step("undo of the CDL", self.undo)

    def _step(self, name: str, action: Callable[[], str]) -> bool:
        try:
            entry = {"step": name, "ok": True, "detail": action()}
        except ResolveError as error:
            entry = {"step": name, "ok": False, "detail": str(error)}
        self.steps.append(entry)
        self.journal.add(entry)
        return bool(entry["ok"])

    def make_timeline(self) -> str:
        """Import the chart into an empty project."""
        project = self.host.project()
        if project.GetTimelineCount():
            raise ResolveError("make a new, empty project for the self-test: this one has timelines")
        pool = project.GetMediaPool()
        clips = pool.ImportMedia([self.chart])
        if not clips:
            raise ResolveError("Resolve did not import %s" % self.chart)
        if pool.CreateTimelineFromClips("gradewright selftest", clips) is None:
            raise ResolveError("Resolve made no timeline from the chart")
        self.host.to_color_page()
        return "one clip"

    def frame_is_chart(self) -> str:
        """An exported frame shows the chart: no scaling, no range mistake, no colour conversion."""
        project = self.host.project()
        path = os.path.join(self.folder, "selftest-frame.png")
        if not project.ExportCurrentFrameAsStill(path):
            raise ResolveError("Resolve exported no frame")
        request = {"frame": path, "expected": self.chart, "before": path, "tolerance": 1.0}
        found = self.service.job("resolve-compare", request)
        if found["mean_de"] > 1.0:
            raise ResolveError("the frame differs from the chart by %s dE2000" % found["mean_de"])
        return "%s dE2000 on average" % found["mean_de"]

    def grade(self, mode: str) -> str:
        """The whole flow for the clip, with the comparison of the frame."""
        with grading.Grading(self.host, self.service, self.state) as work:
            result = work.current(dict(LOOK, mode=mode, size=33))
        if not result.check:
            return "applied, not compared: " + "; ".join(result.lines)
        if not result.check["ok"]:
            raise ResolveError(str(result.check["line"]))
        return str(result.check["line"])

    def undo(self) -> str:
        """The clip is back at its first version."""
        lines = grading.undo(self.host, self.state)
        timeline = self.host.timeline(self.host.project())
        if versions.current(self.host.clip(timeline)).startswith(versions.PREFIX):
            raise ResolveError("the clip still shows our version: %s" % "; ".join(lines))
        return "; ".join(lines)


def run(host: Host, wish: Dict[str, Any], kept: State, service: Service) -> List[str]:
    """Run the self-test, write the evidence to ``wish["record"]``; lines for the user.

    Raises
    ------
    ResolveError : the chart or the record's name is missing, or the record is there, without
        ``wish["force"]``
    """
    chart, record = wish.get("chart"), wish.get("record")
    if not chart or not record or not os.path.isfile(str(chart)):
        raise ResolveError("start the self-test with: gradewright resolve selftest --record out.jsonl")
    if os.path.exists(str(record)) and not wish.get("force"):
        raise ResolveError("%s is there already: give another name, or --force" % record)
    journal = Journal()
    journal.add(dict(host.describe(), format=FORMAT, **_environment()))
    stand_in: Any = Recorded(host.resolve, "Resolve", journal)
    recorded = Host(stand_in, host.fusion, host.bmd, host.sleep)
    apart = State(os.path.join(kept.folder, "selftest-%d" % os.getpid()))
    apart.set_lut_folders(kept.lut_folders())
    test = Selftest(recorded, apart, service, str(chart), journal)
    try:
        test.run()
    finally:
        journal.write(str(record))
        shutil.rmtree(apart.folder, ignore_errors=True)
    lines = ["%s %s: %s" % ("ok  " if s["ok"] else "FAIL", s["step"], s["detail"]) for s in test.steps]
    return lines + ["evidence: %s" % record]


def _environment() -> Dict[str, Any]:
    return {
        "gradewright": facts().get("version", ""),
        "python": sys.version.split()[0],
        "system": platform.platform(),
        "date": time.strftime("%Y-%m-%d"),
    }
