"""Jobs beside the window: one thread, and news that arrive in GTK's own."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from gi.repository import GLib, Gtk

from .service import ClientError, job

_PAUSE = 0.02  # seconds between two turns of GTK's loop while a job runs


def line_of(error: Exception) -> str:
    """What went wrong, for the user; a fault of ours also goes to the terminal."""
    if isinstance(error, ClientError):
        return str(error)
    traceback.print_exception(type(error), error, error.__traceback__)
    return f"this is a fault in gradewright ({type(error).__name__}: {error}); please report it"


class Latest:
    """Runs the latest job that was asked for; an older one is cancelled and its result dropped."""

    def __init__(self) -> None:
        self._number = 0
        self._lock = threading.Lock()

    def start(
        self,
        work: Callable[[Callable[[], bool]], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> None:
        """Run ``work(cancelled)`` in a thread; ``done(result)`` or ``failed(line)`` follow in GTK's loop."""
        self._number += 1
        number = self._number

        def outdated() -> bool:
            return number != self._number

        def run() -> None:
            with self._lock:  # one at a time: the older one ends first
                if outdated():
                    return
                try:
                    told, news = done, work(outdated)
                except Exception as error:
                    told, news = failed, line_of(error)
            GLib.idle_add(lambda: None if outdated() else told(news))

        threading.Thread(target=run, daemon=True).start()

    def stop(self) -> None:
        """Nobody waits any more."""
        self._number += 1


class Pump:
    """Runs jobs for work in GTK's thread while the window goes on living."""

    def __init__(self, show: Callable[[float, str], Any]) -> None:
        self._show = show
        self.cancelled = False

    def job(self, kind: str, request: dict[str, Any], progress: Any, cancelled: Any) -> dict[str, Any]:
        """As :func:`gradewright_gimp.service.job`; ``progress`` is called in GTK's thread."""
        news: list[tuple[float, str]] = []
        outcome: dict[str, Any] = {}

        def run() -> None:
            try:
                outcome["result"] = job(kind, request, lambda *new: news.append(new), lambda: self.cancelled)
            except Exception as error:  # raised again in GTK's thread
                outcome["error"] = error

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        while thread.is_alive():
            while Gtk.events_pending():
                Gtk.main_iteration_do(False)
            if news and progress is not None:
                progress(*news[-1])
                news.clear()
            time.sleep(_PAUSE)
        if "error" in outcome:
            raise outcome["error"]
        return dict(outcome["result"])
