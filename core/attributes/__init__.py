"""The photometric attributes a_k of a picture: exposure, contrast, cast, saturation, skin, ...

One definition for captions, reports, rewards and benchmarks. Each attribute maps a picture to a scalar in a
colour space (SmartPhotoCrafter, section 3.4), and an edit is described by a_k(after) - a_k(before).

>>> from gradewright.core.attributes import change, measure
>>> measure(photo)["exposure"]                      # EV against a middle grey of 18 %
>>> change(photo, graded)["temperature"]            # mired, warmer is positive
"""

from __future__ import annotations

from .colours import BAND_NAMES, Colours
from .looks import around_greys, slope
from .table import ATTRIBUTES, BY_NAME, Attribute, change, measure

__all__ = [
    "ATTRIBUTES",
    "BAND_NAMES",
    "BY_NAME",
    "Attribute",
    "Colours",
    "around_greys",
    "change",
    "measure",
    "slope",
]
