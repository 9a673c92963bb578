"""Markers on the timeline that say where a look comes from."""

from typing import TYPE_CHECKING, Any, Dict

if TYPE_CHECKING:
    import fusionscript

COLOUR = "Sand"  # one of Resolve's 16
CUSTOM = "gradewright:"


def add(
    timeline: "fusionscript.Timeline", item: "fusionscript.TimelineItem", digest: str, facts: Dict[str, Any]
) -> str:
    """Mark the clip's first free frame; the custom data that finds the marker again, or "".

    Parameters
    ----------
    digest : of the look
    facts : what the note says, in order
    """
    start = int(timeline.GetStartFrame())
    first, last = int(item.GetStart()) - start, int(item.GetEnd()) - start
    taken = {int(frame) for frame in (timeline.GetMarkers() or {})}
    free = next((frame for frame in range(first, last) if frame not in taken), None)
    if free is None:
        return ""
    custom = "%s%s:%d" % (CUSTOM, digest[:16], free)
    note = "\n".join(
        "%s: %s" % (key, _line(value)) for key, value in facts.items() if value not in (None, "")
    )
    # Frames count from the timeline's start; one frame holds one marker.
    return custom if timeline.AddMarker(free, COLOUR, "gradewright", note, 1, custom) else ""


def _line(value: Any) -> str:
    return " ".join(str(value).split())
