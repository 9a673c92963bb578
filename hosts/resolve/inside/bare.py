"""A clip without the look that a new one is going to replace: what a look is predicted from."""

import contextlib
from typing import TYPE_CHECKING, Callable, Iterator, List, Optional, Tuple

from . import cdl, nodes, versions
from .errors import ResolveError
from .host import Host

if TYPE_CHECKING:
    import fusionscript

_NOTHING = {"slope": (1, 1, 1), "offset": (0, 0, 0), "power": (1, 1, 1), "saturation": 1}


@contextlib.contextmanager
def bare(
    host: Host, item: "fusionscript.TimelineItem", mode: str, left: Callable[[versions.Version], None]
) -> Iterator[None]:
    """Take off for a while what the new look would replace: our last LUT, or the CDL of its node.

    That is done in a version of its own, which is deleted afterwards; without anything to take off,
    nothing is touched.

    Parameters
    ----------
    mode : "lut" or "cdl"
    left : is told of a version that Resolve did not let go of

    Raises
    ------
    ResolveError : it cannot be taken off, or Resolve did not go back to the version before
    """
    before, node = _replaced(item, mode)
    if node is None:
        yield
        return
    host.to_color_page()
    version = versions.begin(item)
    try:
        nodes.must_equal(item, before)
        done = not node.has_our_lut or item.GetNodeGraph().SetLUT(node.index, "")
        if not (done and (mode == "lut" or cdl.put(item, node.index, _NOTHING))):
            raise ResolveError("Resolve did not take the last look off node %d" % node.index)
        yield
    finally:
        if not version.discard():
            left(version)
            raise ResolveError(
                "Resolve did not go back to the version '%s' of '%s': undo, or load it by hand"
                % (version.before, item.GetName())
            )


def _replaced(
    item: "fusionscript.TimelineItem", mode: str
) -> "Tuple[List[nodes.Node], Optional[nodes.Node]]":
    """The graph, and the node whose content a new look replaces; None where it replaces nothing."""
    try:
        found = nodes.nodes(item.GetNodeGraph())
        node = nodes.for_lut(found) if mode == "lut" else nodes.for_cdl(found)
    except ResolveError:
        return [], None  # told on the Color page, when the look is to be applied
    # Nothing tells whether a node holds a CDL: a node made for us, or a version of ours, may.
    ours = node.is_labelled or versions.current(item).startswith(versions.PREFIX)
    return found, node if node.has_our_lut or (mode == "cdl" and ours) else None
