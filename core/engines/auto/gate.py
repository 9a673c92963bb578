"""How much of a retouch to carry out: as much as it is larger than the doubt about it."""

from __future__ import annotations


def gate(change: float, left: float, doubt: float, top: float) -> float:
    """The share, 0..``top``, of a retouch that moves a photo by ``change`` dE and may be off by ``left``.

    Wiener's: change^2 / (change^2 + doubt * left^2). A small change under much doubt is mostly wrong, and
    what is likely wrong is better left undone.
    """
    signal, noise = change * change, doubt * left * left
    return top * signal / (signal + noise) if signal else 0.0
