"""What the launcher in Resolve's Workspace > Scripts menu starts.

In Studio a window. Where scripts may open none (the free edition since 19.1) the last wish is carried out
again: ``gradewright resolve ask --prompt "..."`` in a terminal says what it is. What was asked for once, a
self-test or an undo, is done first, in every edition.
"""

from typing import Any, Callable, Dict, Optional

from . import host
from .errors import ResolveError
from .run import run
from .service import Service
from .state import State

NO_WISH = (
    "this edition gives scripts no window. Say what you want in a terminal, then run this again:\n"
    '  gradewright resolve ask --prompt "warm golden hour, lifted teal shadows"'
)


def main(
    names: Dict[str, Any],
    service: Optional[Service] = None,
    kept: Optional[State] = None,
    say: Callable[[str], Any] = print,
) -> int:
    """Start from the names that Resolve gave the launcher; 0, or 1 when nothing was done."""
    try:
        kept = kept or State()
        resolve, fusion, bmd = host.find(names)
        if resolve is None:
            raise ResolveError("start this from Resolve's menu Workspace > Scripts")
        here = host.Host(resolve, fusion, bmd)
        once = kept.take_once()
        if here.has_windows and not once:
            from .window import Window

            Window(here, service or Service(), kept).run()
            return 0
        wish = once or kept.wish()
        if not wish:
            say(NO_WISH)
            return 1
        for line in run(here, wish, kept, service, lambda _share, text: say(text + " ...")):
            say(line)
    except (ResolveError, OSError) as error:
        say("gradewright: %s" % error)
        return 1
    return 0
