"""What is kept between runs: the last wish, the history of prompts, what can be undone, who is at work."""

import contextlib
import json
import os
import sys
import time
from typing import Any, Dict, Iterator, List, Optional

from .errors import ResolveError

OVERRIDE = "GRADEWRIGHT_RESOLVE_STATE"  # environment variable: another folder for state
HISTORY = 30
_STALE = 3600.0  # seconds after which a lock counts as left behind
ASKED = (
    "prompt",
    "reference",
    "pair",
    "auto",
    "from",
    "strength",
    "luma",
    "chroma",
    "seed",
    "engine",
    "params",
    "mode",
    "space",
    "size",
    "task",
)


def facts() -> Dict[str, Any]:
    """What the installer wrote beside this file; {} in gradewright's own tree."""
    return _read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "gradewright.json"))


def default_folder() -> str:
    """Where state lies: the environment's (``OVERRIDE``), the installer's choice, or the user's folder."""
    chosen = os.environ.get(OVERRIDE) or facts().get("state")
    if chosen:
        return str(chosen)
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Application Support", "gradewright", "resolve")
    if os.name == "nt":
        return os.path.join(os.environ.get("APPDATA") or home, "gradewright", "resolve")
    return os.path.join(os.environ.get("XDG_DATA_HOME") or home + "/.local/share", "gradewright", "resolve")


class State:
    """Small JSON files in one folder. Whatever cannot be read counts as absent."""

    def __init__(self, folder: Optional[str] = None) -> None:
        self.folder = folder or default_folder()

    def path(self, name: str) -> str:
        """A file in the folder, which is made when missing."""
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise ResolveError(
                "%s cannot be made (%s): gradewright keeps its state there" % (self.folder, error.strerror)
            ) from None
        return os.path.join(self.folder, name)

    # -- wishes

    def wish(self) -> Dict[str, Any]:
        """What was asked for last."""
        return _read(self.path("wish.json"))

    def remember(self, wish: Dict[str, Any]) -> None:
        """Keep a wish for the next run; its prompt goes to the front of the history."""
        kept = {name: wish[name] for name in ASKED if wish.get(name) not in (None, "")}
        _write(self.path("wish.json"), kept)
        prompt = str(kept.get("prompt") or "")
        if prompt:
            older = [text for text in self.history() if text != prompt]
            _write(self.path("history.json"), {"prompts": ([prompt] + older)[:HISTORY]})

    def ask_once(self, wish: Dict[str, Any]) -> None:
        """Keep something that the next run of the menu script does once: an undo, a self-test."""
        _write(self.path("once.json"), wish)

    def take_once(self) -> Dict[str, Any]:
        """What is to be done once, which is forgotten by that; {} for nothing."""
        path = self.path("once.json")
        wish = _read(path)
        with contextlib.suppress(OSError):
            os.unlink(path)
        return wish

    def history(self) -> List[str]:
        """The prompts used so far, the last one first."""
        prompts = _read(self.path("history.json")).get("prompts")
        return [str(text) for text in prompts] if isinstance(prompts, list) else []

    # -- folders

    def lut_folders(self) -> List[str]:
        """The custom LUT paths the user has told us."""
        found = _read(self.path("folders.json")).get("lut_folders")
        return [str(path) for path in found] if isinstance(found, list) else []

    def set_lut_folders(self, folders: List[str]) -> None:
        """Keep the custom LUT paths."""
        _write(self.path("folders.json"), {"lut_folders": folders})

    # -- undo

    def runs(self) -> List[Dict[str, Any]]:
        """What was done, run by run, the last one last."""
        found = _read(self.path("journal.json")).get("runs")
        return [run for run in found if isinstance(run, dict)] if isinstance(found, list) else []

    def write_runs(self, runs: List[Dict[str, Any]]) -> None:
        """Keep the last runs."""
        _write(self.path("journal.json"), {"runs": runs[-20:]})

    # -- stopping

    def ask_to_stop(self) -> bool:
        """Ask the run that is at work to stop; False when none is."""
        if not os.path.exists(self.path("at-work.lock")):
            return False
        _write(self.path("stop.json"), {"stop": True})
        return True

    def stop_asked(self) -> bool:
        """Whether somebody has asked the run at work to stop."""
        return os.path.exists(os.path.join(self.folder, "stop.json"))

    # -- one at a time

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock: two of ours at once would take each other's page and playhead.

        Raises
        ------
        ResolveError : another run holds it
        """
        path = self.path("at-work.lock")
        if _is_stale(path):
            with contextlib.suppress(OSError):
                os.unlink(path)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            raise ResolveError(
                "another gradewright run is at work in this Resolve: wait for it (or delete %s)" % path
            ) from None
        try:
            os.write(handle, str(os.getpid()).encode("ascii"))
            os.close(handle)
            self._forget_stop()
            yield
        finally:
            self._forget_stop()
            with contextlib.suppress(OSError):
                os.unlink(path)

    def still_at_work(self) -> None:
        """Keep the lock fresh: a run over many clips may take longer than a lock lasts."""
        with contextlib.suppress(OSError):
            os.utime(self.path("at-work.lock"), None)

    def _forget_stop(self) -> None:
        with contextlib.suppress(OSError):
            os.unlink(self.path("stop.json"))


def _is_stale(path: str) -> bool:
    """A lock whose process is gone, or that nobody has held for an hour."""
    try:
        age = time.time() - os.path.getmtime(path)
        with open(path, encoding="ascii") as file:
            owner = int(file.read() or "0")
    except (OSError, ValueError):
        return False
    if age > _STALE:
        return True
    if not owner or os.name == "nt":  # os.kill(pid, 0) ends a process on Windows
        return False
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _read(path: str) -> Dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: str, value: Dict[str, Any]) -> None:
    temporary = "%s.%d.part" % (path, os.getpid())
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=True, indent=1)
        os.replace(temporary, path)
    except OSError as error:
        raise ResolveError("%s cannot be written (%s)" % (path, error.strerror)) from None
