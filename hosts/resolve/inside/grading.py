"""The flow for one clip: see, predict, place, apply in a new version, read back, look again, mark."""

import contextlib
import os
import shutil
import tempfile
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from . import cdl, luts, markers, nodes, settings, state, versions
from .bare import bare
from .errors import ResolveError, Stopped
from .frames import Frames
from .host import Host
from .service import Cancelled, Progress, Service

if TYPE_CHECKING:
    import fusionscript

_NOT_COLOUR = ("task",)  # what of a wish is no concern of the service


class Result:
    """What became of one clip.

    ``lines`` : for the user, in order. ``error`` : why nothing was changed, or "". ``entry`` : for undo.
    ``grade`` : what the service answered. ``check`` : the comparison of the frame with our own render.
    """

    def __init__(self, clip: str) -> None:
        self.clip = clip
        self.lines: List[str] = []
        self.error = ""
        self.entry: Optional[Dict[str, Any]] = None
        self.grade: Dict[str, Any] = {}
        self.check: Dict[str, Any] = {}

    @property
    def done(self) -> bool:
        """The clip carries the look."""
        return self.entry is not None and not self.error

    def to_dict(self) -> Dict[str, Any]:
        """Plain values for reports."""
        return {
            "clip": self.clip,
            "done": self.done,
            "error": self.error,
            "lines": self.lines,
            "version": self.entry["version"] if self.entry else None,
            "check": self.check,
        }


class Grading:
    """Grades clips of the current timeline. Make one per run and use it as a context manager.

    It holds the lock, keeps page and playhead and gives both back, and writes the journal for undo.

    Parameters
    ----------
    host : the running Resolve
    service : the grading service
    kept : where state is kept
    progress, cancelled : as for :meth:`gradewright.hosts.client.Client.grade`
    """

    def __init__(
        self,
        host: Host,
        service: Optional[Service] = None,
        kept: Optional[state.State] = None,
        progress: Optional[Progress] = None,
        cancelled: Optional[Cancelled] = None,
    ) -> None:
        self.host, self.service, self.state = host, service or Service(), kept or state.State()
        self.progress, self._asked = progress, cancelled
        self.entries: List[Dict[str, Any]] = []

    def __enter__(self) -> "Grading":
        self.project = self.host.project()
        self.timeline = self.host.timeline(self.project)
        self.host.must_not_play(self.timeline)
        self.settings = settings.read(self.project, self.timeline)
        self.lut_roots = luts.roots({"lut_folders": self.state.lut_folders()})
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.state.alone())
            stack.enter_context(self.host.kept_place(self.timeline))
            # Beside the state, not in the system's temporary folder: a sandboxed Resolve writes only there.
            self.folder = tempfile.mkdtemp(prefix="run-", dir=os.path.dirname(self.state.path("run")))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.frames = Frames(self.host, self.project, self.folder)
            self._runs = self.state.runs()
            self._leave = stack.pop_all()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._leave.close()

    # -- what is asked

    def current(self, wish: Dict[str, Any]) -> Result:
        """Grade the clip under the playhead.

        Raises
        ------
        ResolveError : nothing was changed, or what was changed has been taken back
        """
        item = self.host.clip(self.timeline)
        return self.apply(item, self.predict(item, wish, "before")["grades"][0], wish)

    def predict(self, item: "fusionscript.TimelineItem", wish: Dict[str, Any], name: str) -> Dict[str, Any]:
        """Ask the service for grades of the frame under the playhead, which shows ``item``."""
        return self.predict_frame(item, self.see(item, wish, name), wish)

    def see(self, item: "fusionscript.TimelineItem", wish: Dict[str, Any], name: str) -> str:
        """Export the frame under the playhead, which shows ``item``, without the look that is to be replaced.

        Raises
        ------
        ResolveError : no frame is to be had, or it may show another clip
        Stopped : cancelled
        """
        self.check_stop()
        with bare(self.host, item, wish.get("mode") or "lut", self._left):
            frame = self.frames.export(name, item, self.timeline)
        if not self.host.shows(self.timeline, item):
            raise ResolveError(
                "the playhead left '%s' while its frame was exported (another script?): try again"
                % item.GetName()
            )
        return frame

    def predict_frame(
        self, item: "fusionscript.TimelineItem", frame: str, wish: Dict[str, Any]
    ) -> Dict[str, Any]:
        """Ask the service for grades of an exported frame.

        Returns
        -------
        {"space", "notes", "tolerance", "grades": [{"title", "digest", "name", "files", "cdl", "notes", ...}]}
        """
        request = {
            name: value for name, value in wish.items() if name in state.ASKED and name not in _NOT_COLOUR
        }
        request.update(
            frame=frame,
            settings=self.settings,
            hints=settings.footage_hints(item),
            folder=self.folder,
            variations=wish.get("variations"),
            preview=wish.get("preview"),
        )
        answer = self.service.job("resolve-grade", request, self.progress, self.cancelled)
        for grade in answer["grades"]:
            grade.update(frame=frame, space=answer["space"], tolerance=answer["tolerance"])
            grade["notes"] = list(answer.get("notes") or []) + list(grade.get("notes") or [])
        return answer

    # -- doing it

    def apply(self, item: "fusionscript.TimelineItem", grade: Dict[str, Any], wish: Dict[str, Any]) -> Result:
        """Put a predicted grade on a clip: new version, LUT or CDL, read-back, second look, marker.

        Raises
        ------
        ResolveError : the clip is as it was
        """
        result = Result(str(item.GetName()))
        result.grade = grade
        result.lines += ["note: %s" % note for note in grade["notes"]]
        mode = wish.get("mode") or "lut"
        placed = luts.place(grade["files"]["cube"], grade["name"], self.lut_roots) if mode == "lut" else None
        self.check_stop()
        self.host.to_color_page()
        before = nodes.nodes(item.GetNodeGraph())
        (nodes.for_lut if mode == "lut" else nodes.for_cdl)(before)  # refuse before anything is changed
        version = versions.begin(item)
        try:
            nodes.must_equal(item, before)
            if placed is not None:
                result.lines.append(self._set_lut(item, placed))
            else:
                result.lines.append(self._set_cdl(item, grade["cdl"]))
        except BaseException as error:  # an interrupted script too must leave no half-made version
            self._roll_back(version, error)
            raise
        result.entry = dict(version.entry(), marker="")
        self.entries.append(result.entry)
        self._keep_journal()
        result.entry["marker"] = self._mark(item, grade, wish, version.name)
        self._keep_journal()
        result.lines.append("version '%s'; undo goes back to '%s'" % (version.name, version.before))
        self._look_again(item, grade, result)
        return result

    def _keep_journal(self) -> None:
        """Write what can be undone, clip by clip: Resolve may end in the middle of a batch."""
        run = {"project": self.project.GetUniqueId(), "timeline": self.timeline.GetUniqueId()}
        self.state.write_runs(self._runs + [dict(run, entries=self.entries)])

    def _set_lut(self, item: "fusionscript.TimelineItem", placed: luts.Placed) -> str:
        if not self.project.RefreshLUTList():
            raise ResolveError("Resolve did not read its LUT folder again: close its dialogs and try again")
        graph = item.GetNodeGraph()
        node = nodes.for_lut(nodes.nodes(graph))
        if not graph.SetLUT(node.index, placed.relative):
            raise ResolveError(
                "Resolve did not take the LUT %s on node %d: is %s one of its LUT folders (Project Settings, "
                "Color Management, Lookup Tables)?" % (placed.relative, node.index, placed.root)
            )
        said = graph.GetLUT(node.index)
        if not placed.is_named_by(said):
            raise ResolveError(
                "node %d should hold %s, Resolve says '%s'" % (node.index, placed.relative, said)
            )
        return "node %d: %s" % (node.index, placed.relative)

    def _set_cdl(self, item: "fusionscript.TimelineItem", values: Dict[str, Any]) -> str:
        graph = item.GetNodeGraph()
        node = nodes.for_cdl(nodes.nodes(graph))
        if node.has_our_lut and not graph.SetLUT(node.index, ""):
            raise ResolveError("Resolve did not take our last LUT off node %d" % node.index)
        if not cdl.put(item, node.index, values):
            raise ResolveError("Resolve did not take the CDL on node %d" % node.index)
        # There is no GetCDL: only the frame shows whether it arrived.
        return "node %d: CDL, %.1f dE2000 from the look on average" % (node.index, values["residual_de"])

    def _roll_back(self, version: versions.Version, error: BaseException) -> None:
        if version.discard():
            return
        self._left(version)
        raise ResolveError(
            "%s; and Resolve did not go back to the version '%s': undo, or load it by hand"
            % (error, version.before)
        ) from error

    def _left(self, version: versions.Version) -> None:
        """Keep a version for undo that Resolve did not let go of."""
        self.entries.append(dict(version.entry(), marker=""))
        self._keep_journal()

    def _mark(
        self, item: "fusionscript.TimelineItem", grade: Dict[str, Any], wish: Dict[str, Any], version: str
    ) -> str:
        facts = {
            "look": grade["title"],
            "prompt": wish.get("prompt"),
            "reference": os.path.basename(str(wish.get("reference") or "")),
            "space": grade["space"],
            "version": version,
            "seed": wish.get("seed"),
        }
        return markers.add(self.timeline, item, grade["digest"], facts)

    def _look_again(self, item: "fusionscript.TimelineItem", grade: Dict[str, Any], result: Result) -> None:
        """Compare the frame as Resolve shows it now with our own render."""
        expected = (grade.get("files") or {}).get("expected")
        there = self.host.shows(self.timeline, item)
        frame = self.frames.again("after-%d" % len(self.entries)) if expected and there else None
        if frame is None:
            result.lines.append(
                "note: the result was not compared with our own render: no fresh frame to be had"
            )
            return
        request = {
            "frame": frame,
            "expected": expected,
            "before": grade["frame"],
            "tolerance": grade["tolerance"],
        }
        try:
            result.check = self.service.job("resolve-compare", request)
        except ResolveError as error:
            result.lines.append("note: the result could not be compared with our own render: %s" % error)
            return
        result.lines.append(str(result.check["line"]))

    def check_stop(self) -> None:
        """Raise Stopped when the user has cancelled."""
        self.state.still_at_work()
        if self.cancelled():
            raise Stopped("cancelled")

    def cancelled(self) -> bool:
        """Whether the user wants an end: in the window, by Ctrl+C, or by ``gradewright resolve cancel``."""
        return self.state.stop_asked() or (self._asked is not None and bool(self._asked()))


def undo(host: Host, kept: Optional[state.State] = None) -> List[str]:
    """Take the last run back, all its clips at once.

    Raises
    ------
    ResolveError : there is nothing to undo, or its timeline is not the one shown
    """
    kept = kept or state.State()
    runs = kept.runs()
    if not runs:
        raise ResolveError("there is nothing of ours to undo")
    project = host.project()
    timeline = host.timeline(project)
    host.must_not_play(timeline)
    run = runs[-1]
    if run.get("timeline") != timeline.GetUniqueId():
        clips = versions.names_in(run["entries"])
        raise ResolveError("the last run was on another timeline (%s): open that one" % clips)
    items = {item.GetUniqueId(): item for item in host.items(timeline)}
    lines: List[str] = []
    left: List[Dict[str, Any]] = []
    with kept.alone(), host.kept_place(timeline):
        host.to_color_page()
        for entry in reversed(run["entries"]):
            item = items.get(entry["clip"])
            if item is None:
                lines.append("%s: no longer on the timeline" % entry.get("name"))
                continue
            done, line = versions.undo_entry(item, entry)
            lines.append(line)
            if not done:
                left.insert(0, entry)  # it can be tried again
            elif entry.get("marker"):
                timeline.DeleteMarkerByCustomData(entry["marker"])
        kept.write_runs(runs[:-1] + ([dict(run, entries=left)] if left else []))
    return lines
