"""What goes wrong inside Resolve, in one line that a colourist can act on."""


class ResolveError(Exception):
    """Something the user can read and act on; nothing of the grade has been lost."""


class Stopped(ResolveError):  # noqa: N818 - it says what happened
    """The user has cancelled."""
