"""Objects that have exactly the API's surface and answer like Resolve's."""

from __future__ import annotations

from typing import Any

from .surface import surface


class SurfaceViolation(AssertionError):
    """The adapter called something in a way that the API does not have."""


class NotModelled(AssertionError):
    """The API has this method, the double does not: model it before using it."""


class Strict:
    """Base of the double's objects.

    A method ``_Name`` of the subclass models the API's ``Name``. Names outside the surface read as None, as
    Resolve's do (danielbaldwin47/resolve-mcp, verified on 21.0.3.7: hasattr() is True, the value is None),
    so that calling an invented method is "'NoneType' object is not callable" here as there.
    """

    api = ""  # the class's name in the surface

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        ways = surface()[self.api].get(name)
        if ways is None or name in self.absent():
            return None
        model = type(self).__dict__.get(f"_{name}")
        if model is None:
            raise NotModelled(f"{self.api}.{name} is in the API but not in this double")

        def call(*args: Any, **keywords: Any) -> Any:
            if keywords:  # bound C functions take no keywords (README shows positional calls only)
                raise SurfaceViolation(f"{self.api}.{name} takes no keyword arguments: {sorted(keywords)}")
            if not any(way.takes(len(args)) for way in ways):
                raise SurfaceViolation(f"{self.api}.{name} does not take {len(args)} arguments")
            self.called(name, args)
            return model(self, *args)

        return call

    def __dir__(self) -> list[str]:
        return [name for name in surface()[self.api] if name not in self.absent()]

    def absent(self) -> frozenset[str]:
        """Names that this profile does not have yet."""
        return frozenset()

    def called(self, name: str, args: tuple[Any, ...]) -> None:
        """Before every call."""
