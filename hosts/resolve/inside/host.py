"""Resolve itself: which edition and version, which project, timeline and clip, which page.

Resolve answers None or False without a reason; every question here turns that into one line.
"""

import contextlib
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Optional, Tuple

from .errors import ResolveError

if TYPE_CHECKING:
    import fusionscript

STUDIO = "DaVinci Resolve Studio"
OLDEST = (18, 5)  # GetNodeGraph appeared in 18.5's README
ONE_STILL_A_RUN = (21, 1)  # from here on only one new still a script run was reported
_TRIES, _PAUSE = 4, 0.5  # GetCurrentProject() is None while Resolve is busy


class Host:
    """The running Resolve.

    Parameters
    ----------
    resolve : what ``scriptapp("Resolve")`` gave
    fusion : the Fusion object that has ``UIManager``, where the script runs inside Resolve
    bmd : the module that has ``UIDispatcher``, likewise
    sleep : how to wait
    """

    def __init__(
        self,
        resolve: "fusionscript.Resolve",
        fusion: Any = None,
        bmd: Any = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.resolve, self.fusion, self.bmd, self.sleep = resolve, fusion, bmd, sleep
        self.stills: Dict[str, str] = {}  # digest of an exported still -> what it showed, in this script run
        self.moved = False  # whether this script run has moved the playhead
        self.product = resolve.GetProductName() or "DaVinci Resolve"
        self.version = _version(resolve.GetVersion(), resolve.GetVersionString())
        self.studio = self.product == STUDIO
        if self.version < OLDEST:
            raise ResolveError(
                "%s %s is too old: node graphs can be scripted from 18.5 on"
                % (self.product, self.version_text)
            )

    @property
    def version_text(self) -> str:
        """As "21.0"."""
        return ".".join(str(part) for part in self.version)

    @property
    def has_windows(self) -> bool:
        """Whether scripts may open windows here: Studio, inside Resolve, and really there."""
        # A Studio-only call on the free edition opens a modal that makes later calls fail: ask the edition
        # first.
        if self.bmd is None or self.fusion is None or (not self.studio and self.version >= (19, 1)):
            return False
        return getattr(self.fusion, "UIManager", None) is not None

    def project(self) -> "fusionscript.Project":
        """The open project. Raises ResolveError when there is none."""
        for attempt in range(_TRIES):
            manager = self.resolve.GetProjectManager()
            project = manager.GetCurrentProject() if manager is not None else None
            if project is not None:
                return project
            if attempt < _TRIES - 1:
                self.sleep(_PAUSE)
        raise ResolveError(
            "Resolve gives no project: it is busy, or none is open. Close its dialogs, open one, try again"
        )

    def timeline(self, project: "fusionscript.Project") -> "fusionscript.Timeline":
        """The timeline that is shown. Raises ResolveError when there is none."""
        timeline = project.GetCurrentTimeline()
        if timeline is None:
            raise ResolveError("the project '%s' has no timeline open: open one" % project.GetName())
        return timeline

    def clip(self, timeline: "fusionscript.Timeline") -> "fusionscript.TimelineItem":
        """The clip under the playhead.

        Raises
        ------
        ResolveError : an empty timeline, a gap, or something that is no footage
        """
        clip = timeline.GetCurrentVideoItem()
        if clip is None:
            if not any(self.items(timeline)):
                raise ResolveError("the timeline '%s' is empty: put a clip into it" % timeline.GetName())
            raise ResolveError("the playhead stands in a gap: move it onto a clip")
        if clip.GetMediaPoolItem() is None:
            raise ResolveError(
                "'%s' is a title, a generator or a transition, not footage: move the playhead onto a clip"
                % clip.GetName()
            )
        return clip

    def items(self, timeline: "fusionscript.Timeline") -> "Iterator[fusionscript.TimelineItem]":
        """Footage on the video tracks that is enabled, from the first track on, in order of time."""
        for track in range(1, (timeline.GetTrackCount("video") or 0) + 1):  # tracks count from 1
            for item in timeline.GetItemListInTrack("video", track) or []:
                # Transitions and titles stand in the same list and have no media.
                if item.GetMediaPoolItem() is not None and item.GetClipEnabled() is not False:
                    yield item

    def must_not_play(self, timeline: "fusionscript.Timeline") -> None:
        """Refuse while playback runs: writes then return False or hang."""
        first = timeline.GetCurrentTimecode()
        self.sleep(0.2)
        if timeline.GetCurrentTimecode() != first:
            raise ResolveError("playback is running: stop it and try again")

    @contextlib.contextmanager
    def kept_place(self, timeline: "fusionscript.Timeline") -> Iterator[None]:
        """Give page and playhead back as they were, whatever happens."""
        page, timecode = self.resolve.GetCurrentPage(), timeline.GetCurrentTimecode()
        try:
            yield
        finally:
            if timecode and timeline.GetCurrentTimecode() != timecode:
                self.move(timeline, timecode)
            if page and self.resolve.GetCurrentPage() != page:
                self.resolve.OpenPage(page)

    def move(self, timeline: "fusionscript.Timeline", timecode: str) -> bool:
        """Move the playhead; whether Resolve did."""
        self.moved = True
        return bool(timeline.SetCurrentTimecode(timecode))

    def shows(self, timeline: "fusionscript.Timeline", item: "fusionscript.TimelineItem") -> bool:
        """Whether a clip is what stands under the playhead."""
        shown = timeline.GetCurrentVideoItem()
        return shown is not None and shown.GetUniqueId() == item.GetUniqueId()

    def to_color_page(self) -> None:
        """Versions, thumbnails and LUT exports work on the Color page only."""
        if self.resolve.GetCurrentPage() == "color":
            return
        if not self.resolve.OpenPage("color"):
            raise ResolveError("Resolve did not open the Color page: close its dialogs and try again")

    def describe(self) -> Dict[str, Any]:
        """Edition and version, for reports."""
        return {"product": self.product, "version": self.version_text, "studio": self.studio}


def _version(numbers: Any, text: Optional[str]) -> Tuple[int, ...]:
    """(major, minor) from ``GetVersion`` or, where that gives nothing, ``GetVersionString``."""
    parts = list(numbers or (text or "0.0").split("."))[:2]
    try:
        return tuple(int(part) for part in parts)
    except ValueError:
        raise ResolveError("Resolve's version '%s' cannot be read" % text) from None


def find(names: Dict[str, Any]) -> Tuple[Any, Any, Any]:
    """(resolve, fusion, bmd) from the names that Resolve gives its scripts; what is missing is None."""
    bmd, fusion = names.get("bmd"), names.get("fusion") or names.get("fu")
    app = names.get("app")
    resolve = names.get("resolve")
    if resolve is None and bmd is not None:
        resolve = bmd.scriptapp("Resolve")
    if resolve is None and app is not None:
        resolve = app.GetResolve()
    return resolve, fusion, bmd
