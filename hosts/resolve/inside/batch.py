"""Many clips in one run: a look for each, or one scene matched to its hero clip."""

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import timecode
from .errors import ResolveError, Stopped
from .grading import Grading, Result

if TYPE_CHECKING:
    import fusionscript


class Report:
    """What became of every clip, in the order of the timeline. ``stopped`` : the user has cancelled."""

    def __init__(self) -> None:
        self.results: List[Result] = []
        self.stopped = False
        self.lines: List[str] = []

    @property
    def summary(self) -> str:
        """One line."""
        done = sum(result.done for result in self.results)
        failed = len(self.results) - done
        parts = ["%d of %d clips graded" % (done, len(self.results))]
        if failed and not self.stopped:
            parts.append("%d not" % failed)
        if self.stopped:
            parts.append("stopped by you; what is graded stays, undo takes all of it back")
        return ", ".join(parts)

    def text(self) -> List[str]:
        """Every line for the user."""
        lines = list(self.lines)
        for result in self.results:
            lines.append(
                "%s: %s" % (result.clip, result.error or ("graded" if result.done else "not reached"))
            )
            lines += ["  %s" % line for line in result.lines]
        return lines + [self.summary]


def grade_all(grading: Grading, wish: Dict[str, Any], items: "List[fusionscript.TimelineItem]") -> Report:
    """A look for every clip by itself. One clip's error does not stop the others; cancelling does."""
    report = Report()
    report.results = [Result(str(item.GetName())) for item in items]
    grading.host.to_color_page()
    for number, item in enumerate(items):
        try:
            _go_to(grading, item)
            grade = grading.predict(item, wish, "clip-%d" % number)["grades"][0]
            report.results[number] = grading.apply(item, grade, wish)
        except Stopped:
            report.stopped = True
            break
        except (ResolveError, OSError) as error:
            report.results[number].error = str(error)
    return report


def match_scene(
    grading: Grading,
    hero: "fusionscript.TimelineItem",
    items: "List[fusionscript.TimelineItem]",
    wish: Dict[str, Any],
) -> Report:
    """Make the other clips of a scene look like the hero clip; the hero stays as it is.

    Frames of all clips are exported first, since a scene's looks are decided together.
    """
    report = Report()
    hero_id = hero.GetUniqueId()
    others = [item for item in items if item.GetUniqueId() != hero_id]
    report.results = [Result(str(item.GetName())) for item in others]
    try:
        frames, kept = _all_frames(grading, hero, others, wish, report)
        if not kept:
            raise ResolveError("there are no other clips to match to '%s'" % hero.GetName())
        request = {
            "hero": frames[0],
            "shots": frames[1:],
            "names": [report.results[number].clip for number in kept],
            "settings": grading.settings,
            "folder": grading.folder,
            "mode": wish.get("mode"),
            "space": wish.get("space"),
            "size": wish.get("size"),
            "strength": wish.get("strength"),
        }
        answer = grading.service.job("resolve-match", request, grading.progress, grading.cancelled)
        report.lines += list(answer["lines"])
        for number, grade in zip(kept, answer["grades"]):
            grade.update(space=answer["space"], tolerance=answer["tolerance"])
            _apply_one(
                grading,
                others[number],
                grade,
                dict(wish, prompt="match " + str(hero.GetName())),
                report,
                number,
            )
    except Stopped:
        report.stopped = True
    return report


def _all_frames(
    grading: Grading,
    hero: "fusionscript.TimelineItem",
    others: "List[fusionscript.TimelineItem]",
    wish: Dict[str, Any],
    report: Report,
) -> Tuple[List[str], List[int]]:
    """The hero's frame and those of the other clips that gave one, with their numbers."""
    grading.host.to_color_page()
    _go_to(grading, hero)
    frames = [grading.frames.export("hero", hero, grading.timeline)]
    kept: List[int] = []
    for number, item in enumerate(others):
        try:
            _go_to(grading, item)
            name = "shot-%d" % number
            frames.append(grading.see(item, wish, name))
            kept.append(number)
        except Stopped:
            raise
        except (ResolveError, OSError) as error:
            report.results[number].error = str(error)
    return frames, kept


def _apply_one(
    grading: Grading,
    item: "fusionscript.TimelineItem",
    grade: Dict[str, Any],
    wish: Dict[str, Any],
    report: Report,
    number: int,
) -> None:
    try:
        grading.check_stop()
        _go_to(grading, item)
        report.results[number] = grading.apply(item, grade, wish)
    except Stopped:
        raise
    except (ResolveError, OSError) as error:
        report.results[number].error = str(error)


def _go_to(grading: Grading, item: "fusionscript.TimelineItem") -> None:
    """Move the playhead into the middle of a clip and see that Resolve shows it."""
    timeline = grading.timeline
    middle = (int(item.GetStart()) + int(item.GetEnd())) // 2
    rate = grading.settings.get("timelineFrameRate", "")
    code = timecode.shifted(str(timeline.GetStartTimecode()), middle - int(timeline.GetStartFrame()), rate)
    if not grading.host.move(timeline, code):
        raise ResolveError("Resolve did not move the playhead to %s" % code)
    if not grading.host.shows(timeline, item):
        raise ResolveError("covered by another track at %s: nothing of it can be seen" % code)


def footage(grading: Grading, only: Optional[List[str]] = None) -> "List[fusionscript.TimelineItem]":
    """The clips of the timeline; with ``only``, those whose names are in it.

    Raises
    ------
    ResolveError : there are none
    """
    items = [item for item in grading.host.items(grading.timeline) if not only or item.GetName() in only]
    if not items:
        raise ResolveError("the timeline '%s' is empty: put a clip into it" % grading.timeline.GetName())
    return items
