"""Inverse-degradation data: (degraded photo, recipe that undoes it, reasoning) triples from good photos.

The flaws and their distributions stand in :mod:`gradewright.core.train.degrade`; here they become data.
"""

from .triples import Triple, triples

__all__ = ["Triple", "triples"]
