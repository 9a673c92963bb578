"""The one plug-in manager."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import pluggy

from . import hookspecs

ENTRY_POINTS = "gradewright"  # the entry-point group in which other packages name their plug-ins


@cache
def manager() -> pluggy.PluginManager:
    """The process's plug-in manager, with the built-in engines and critic registered."""
    from . import engines
    from .critic import hooks as critics

    plugins = pluggy.PluginManager("gradewright")
    plugins.add_hookspecs(hookspecs)
    plugins.register(engines, "gradewright.core.engines")
    plugins.register(critics, "gradewright.core.critic")
    return plugins


@cache
def _third_party() -> pluggy.PluginManager:
    plugins = manager()
    plugins.load_setuptools_entrypoints(ENTRY_POINTS)  # reads every installed package: tens of ms
    return plugins


def collect(hook: str, third_party: bool = True) -> list[Any]:
    """What every plug-in answers to a hook, flattened.

    Without ``third_party`` only what is registered already is asked, which spares the scan of
    installed packages.
    """
    plugins = _third_party() if third_party else manager()
    answers: list[Sequence[Any]] = getattr(plugins.hook, hook)()
    return [item for answer in answers for item in answer]
