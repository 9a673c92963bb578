"""Whether a LUT is fit to leave the house: measure it, repair it, say so.

>>> from gradewright.core import Lut, safety
>>> safety.verdict(safety.measure(Lut.identity())).headline
'Safe to use.'
"""

from __future__ import annotations

from .limits import LIMITS, Limit, failures
from .measure import SafetyReport, measure
from .repair import Repair, damage_de, repair
from .verdict import Verdict, verdict

__all__ = [
    "LIMITS",
    "Limit",
    "Repair",
    "SafetyReport",
    "Verdict",
    "damage_de",
    "failures",
    "measure",
    "repair",
    "verdict",
]
