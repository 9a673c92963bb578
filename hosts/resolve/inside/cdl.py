"""Setting a CDL on a node. There is no way to read one back."""

from typing import TYPE_CHECKING, Any, Dict

if TYPE_CHECKING:
    import fusionscript


def put(item: "fusionscript.TimelineItem", index: int, cdl: Dict[str, Any]) -> bool:
    """Set a CDL on the node of an index; whether Resolve took it.

    Parameters
    ----------
    cdl : "slope", "offset" and "power" of three numbers each, "saturation"
    """
    numbers = {name: " ".join("%.6f" % v for v in cdl[name.lower()]) for name in ("Slope", "Offset", "Power")}
    # The README's example sends strings; the typed stub of 21.1 wants numbers here.
    texts = dict(numbers, NodeIndex=str(index), Saturation="%.6f" % cdl["saturation"])
    if item.SetCDL(texts):
        return True
    return bool(item.SetCDL(dict(numbers, NodeIndex=index, Saturation=float(cdl["saturation"]))))
