"""A time budget for a fit that has to make things before it can use them."""

from __future__ import annotations

import time


class Budget:
    """Minutes from now on, or no limit; keeps count of what was made before the time was up."""

    def __init__(self, minutes: float | None = None) -> None:
        self.minutes, self.made = minutes, dict[str, int]()
        self._start = time.monotonic()

    def spent(self) -> float:
        """Minutes since the beginning."""
        return (time.monotonic() - self._start) / 60

    def past(self, share: float, reserve: float = 0.0) -> bool:
        """Whether that share (0..1) of the budget less ``reserve`` minutes is used up; never if unlimited."""
        return self.minutes is not None and self.spent() >= share * max(0.0, self.minutes - reserve)
