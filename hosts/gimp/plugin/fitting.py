"""The filters of the candidate that is shown, worked out beside the window when they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import pixels, work
from .background import Latest
from .service import job
from .wish import Wish


class Fitting:
    """Says how near the filters come before the user decides, and keeps them for the result.

    ``photo`` : the proxy's file; ``say(line)`` gets the news
    """

    def __init__(self, image: Any, photo: str, say: Callable[[str], None]) -> None:
        self._photo, self._say = photo, say
        self._primaries = pixels.primaries(image)
        self._latest = Latest()
        self._order: dict[str, Any] | None = None
        self._found: dict[str, Any] | None = None

    def refresh(self, wish: Wish, chosen: dict[str, Any]) -> None:
        """Fit the filters to a candidate, unless that has been done."""
        order = work.lut_order(wish, chosen)
        if not wish.editable or order == self._order:
            return
        self._order, self._found = order, None
        asked = work.filters_request(order, self._photo, self._primaries)
        self._say("fitting GIMP's filters to the grade …")
        self._latest.start(lambda cancelled: job("filters", asked, None, cancelled), self._arrived, self._say)

    def found_for(self, wish: Wish, chosen: dict[str, Any] | None) -> dict[str, Any] | None:
        """The filters of a candidate, where they are there already."""
        same = chosen is not None and work.lut_order(wish, chosen) == self._order
        return self._found if same else None

    def stop(self) -> None:
        """Drop what is being made."""
        self._latest.stop()

    def _arrived(self, found: dict[str, Any]) -> None:
        self._found = found
        self._say(work.nearness(found))
