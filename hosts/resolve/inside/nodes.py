"""Which node of a clip's graph takes the look. Nodes count from 1 (since 16.2)."""

from typing import TYPE_CHECKING, List, Optional

from .errors import ResolveError

if TYPE_CHECKING:
    import fusionscript

LABEL = "gradewright"
FOLDER = "gradewright"  # below a LUT folder; what stands in it is ours


class Node:
    """A node as it stands: index, label, LUT ("" for none) and the names of its tools."""

    def __init__(self, index: int, label: str, lut: str, tools: List[str]) -> None:
        self.index, self.label, self.lut, self.tools = index, label, lut, tools

    @property
    def is_labelled(self) -> bool:
        """The user made it for us."""
        return self.label.strip().lower() == LABEL

    @property
    def has_our_lut(self) -> bool:
        """Its LUT is one of ours."""
        return FOLDER in self.lut.replace("\\", "/").split("/")[:-1]


def nodes(graph: "Optional[fusionscript.Graph]") -> List[Node]:
    """Every node of a graph.

    Raises
    ------
    ResolveError : no graph, or one without nodes
    """
    count = graph.GetNumNodes() if graph is not None else 0
    if graph is None or not count:
        raise ResolveError("the clip has no nodes: select it on the Color page once, then try again")
    return [
        Node(
            index,
            graph.GetNodeLabel(index) or "",
            graph.GetLUT(index) or "",
            list(graph.GetToolsInNode(index) or []),
        )
        for index in range(1, count + 1)
    ]


def must_equal(item: "fusionscript.TimelineItem", before: List[Node]) -> None:
    """Demand that a new version has started as a copy of the grade.

    Raises
    ------
    ResolveError : it has not
    """
    had = [(node.lut, node.tools) for node in before]
    has = [(node.lut, node.tools) for node in nodes(item.GetNodeGraph())]
    if has != had:
        raise ResolveError(
            "the new version of '%s' did not start as a copy of the grade: make one by hand "
            "(right-click the clip, Local Versions, Create New Version) and try again" % item.GetName()
        )


def for_lut(found: List[Node]) -> Node:
    """The node for a LUT: the one labelled "gradewright", one that holds a LUT of ours, the first free one.

    Free is a node without LUT; one without any tools goes before one with.

    Raises
    ------
    ResolveError : every choice would overwrite a LUT of the user's
    """
    labelled = [node for node in found if node.is_labelled]
    if labelled:
        node = labelled[0]
        if node.lut and not node.has_our_lut:
            raise ResolveError(
                "the node labelled '%s' holds the LUT %s, which is not ours: clear it, or label another node"
                % (LABEL, node.lut)
            )
        return node
    choices = [node for node in found if node.has_our_lut]
    choices += [node for node in found if not node.lut and not node.tools]
    choices += [node for node in found if not node.lut]
    if not choices:
        raise ResolveError(
            "every node holds a LUT already: add a node and label it '%s' (right-click, Node Label)" % LABEL
        )
    return choices[0]


def for_cdl(found: List[Node]) -> Node:
    """The node for a CDL, which replaces the primaries of the node it is set on, and a LUT of ours there.

    The one labelled "gradewright", one that holds nothing but a LUT of ours, the first empty one.

    Raises
    ------
    ResolveError : every node has a grade already
    """
    labelled = [node for node in found if node.is_labelled]
    empty = [node for node in found if not node.tools]
    choices = labelled + [node for node in empty if node.has_our_lut] + [n for n in empty if not n.lut]
    if not choices:
        raise ResolveError(
            "a CDL replaces the primaries of its node and every node has a grade: "
            "add a node and label it '%s' (right-click, Node Label)" % LABEL
        )
    return choices[0]
