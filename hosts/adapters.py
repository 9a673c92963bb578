"""The host adapters of this version, and those that other packages bring."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from gradewright.core import plugins
from gradewright.core.hookspecs import HostAdapter, hookimpl

_BUILT_IN = ("gimp", "darktable", "resolve")


class _BuiltIns:
    @hookimpl
    def gradewright_hosts(self) -> Sequence[HostAdapter]:
        """Those of :data:`_BUILT_IN` that have a module ``adapter`` with an ``ADAPTER``."""
        modules = [f"{__package__}.{name}.adapter" for name in _BUILT_IN]
        return [import_module(module).ADAPTER for module in modules if find_spec(module)]


def adapters() -> dict[str, HostAdapter]:
    """Every host adapter by name; scans the installed packages, which takes tens of milliseconds."""
    if not plugins.manager().has_plugin(__name__):
        plugins.manager().register(_BuiltIns(), __name__)
    return {adapter.name: adapter for adapter in plugins.collect("gradewright_hosts")}
