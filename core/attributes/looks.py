"""What attributes of looks share: figures of the grey axis that a look has made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def around_greys(lab: Floats, greys: Floats) -> Floats:
    """Chroma (n,) of L*a*b* colours around a toned grey axis: a sepia has none.

    Parameters
    ----------
    lab : (n, 3) of the graded colours
    greys : (m, 3) L*a*b* that the same look gives a ramp of greys
    """
    order = np.argsort(greys[:, 0])
    cast = [np.interp(lab[:, 0], greys[order, 0], greys[order, channel]) for channel in (1, 2)]
    return np.hypot(lab[:, 1] - cast[0], lab[:, 2] - cast[1])


def slope(light: Floats, made: Floats, inside: slice | NDArray[np.bool_]) -> float:
    """Slope of L* after over L* before on the part ``inside`` of a grey ramp: a look's contrast."""
    return float(np.polyfit(light[inside], made[inside], 1)[0])
