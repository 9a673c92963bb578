"""The double driven by a real LuaJIT, with the libraries gone that Resolve's menu host may not have.

AutoSubs saw ``package`` and ``ffi`` nil in Resolve's Lua (tmoroney/auto-subs #827); io and os are taken
away too, so that the courier is known to need none of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lupa import luajit21

from .strict import Strict
from .world import World

GONE = ("io", "os", "package", "ffi", "require", "jit", "debug", "loadfile")


class Host:
    """A Lua state as Resolve's menu gives it to a script."""

    def __init__(self, world: World, dofile: bool = True) -> None:
        self.said: list[str] = []
        self.lua = luajit21.LuaRuntime(
            unpack_returned_tuples=True, attribute_filter=self._attribute, register_eval=False
        )
        g = self.lua.globals()
        g.print = lambda *words: self.said.append("\t".join(map(str, words)))
        g.resolve = self._wrapped(world.resolve)
        plain_dofile = g.dofile
        for name in GONE:
            g[name] = None
        g.python = None
        g.dofile = plain_dofile if dofile else None

    def run(self, script: Path) -> list[str]:
        self.lua.execute(script.read_bytes())
        return self.said

    @staticmethod
    def _attribute(_owner: Any, name: Any, _setting: bool) -> Any:
        return name

    def _wrapped(self, thing: Any) -> Any:
        """A Lua table whose methods call the double, with its objects and lists turned into Lua's."""
        make = self.lua.eval(
            "function(call) return setmetatable({}, {__index = function(_, name) "
            "return function(_, ...) return call(name, ...) end end}) end"
        )

        def call(name: str, *args: Any) -> Any:
            method = getattr(thing, name)
            if method is None:
                raise TypeError(f"attempt to call method '{name}' (a nil value)")
            return self._to_lua(method(*args))

        return make(call)

    def _to_lua(self, value: Any) -> Any:
        if isinstance(value, Strict):
            return self._wrapped(value)
        if isinstance(value, list):
            return self.lua.table_from([self._to_lua(item) for item in value])
        if isinstance(value, dict):
            return self.lua.table_from({key: self._to_lua(item) for key, item in value.items()})
        return value
