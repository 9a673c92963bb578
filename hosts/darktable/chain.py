"""A chain of darktable's modules, modelled: what a fit turns, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .style import Step

Floats = NDArray[np.floating]
Stage = Callable[[Floats, Floats], Floats]

_ROUGH = 2e-3  # weight of a curve's second differences


@dataclass(frozen=True)
class Knobs:
    """Neighbouring settings of one kind.

    ``part`` : where they lie in a row of settings. ``stage`` : which stage they belong to. ``unit`` :
    the change that counts as one step. ``limit`` : how far they may go from 0, which is neutral.
    ``curves`` : how many smooth curves they are
    """

    part: slice
    stage: int
    unit: float
    limit: float
    curves: int = 0


@dataclass(frozen=True)
class Chain:
    """Stages in the order of darktable's pipeline, for batches of settings (P, count).

    ``start`` : sRGB-encoded colours (n, 3) to what the first stage takes, ``finish`` : back from what the
    last gives, clipped as the export clips. ``stages`` : (settings, colours (P, n, 3)) to colours.
    ``steps`` : a row of settings as module instances. ``spare`` : stages, the dearest to a user first,
    that are left out when they bring next to nothing
    """

    stages: tuple[Stage, ...]
    knobs: tuple[Knobs, ...]
    start: Callable[[Floats], Floats]
    finish: Callable[[Floats], Floats]
    steps: Callable[[Floats], list[Step]]
    spare: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many settings there are."""
        return int(self.knobs[-1].part.stop)

    @cached_property
    def stage_of(self) -> NDArray[np.integer]:
        """(count,): the stage that each setting belongs to."""
        return self._spread([knob.stage for knob in self.knobs]).astype(int)

    @cached_property
    def unit(self) -> Floats:
        """(count,): one step of each setting."""
        return self._spread([knob.unit for knob in self.knobs])

    @cached_property
    def bound(self) -> Floats:
        """(count,): how many steps each setting may go."""
        return self._spread([knob.limit / knob.unit for knob in self.knobs])

    @cached_property
    def roughness(self) -> Floats:
        """Quadratic form (count, count) of the curves' second differences, in steps."""
        form = np.zeros((self.count, self.count))
        for knob in self.knobs:
            size = (knob.part.stop - knob.part.start) // max(knob.curves, 1)
            for curve in range(knob.curves):
                here = slice(knob.part.start + curve * size, knob.part.start + (curve + 1) * size)
                second = np.diff(np.eye(size), 2, axis=0)
                form[here, here] = second.T @ second
        return _ROUGH * form

    def render(self, settings: Floats, rgb: Floats) -> Floats:
        """sRGB-encoded (n, 3) through all modules with settings (P, count): (P, n, 3)."""
        values = np.broadcast_to(self.start(rgb), (len(settings), *np.shape(rgb)))
        return self.through(settings, values, 0)

    def through(self, settings: Floats, values: Floats, first: int) -> Floats:
        """What enters the stage ``first``, through it and the rest, as sRGB-encoded colours."""
        for stage in self.stages[first:]:
            values = stage(settings, values)
        return self.finish(values)

    def _spread(self, values: list[float] | list[int]) -> Floats:
        sizes = [knob.part.stop - knob.part.start for knob in self.knobs]
        return np.repeat(np.asarray(values, np.float64), sizes)
