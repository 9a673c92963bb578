"""One gradewright run on the double: the adapter's own classes, the service's jobs in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gradewright.core.errors import BadInput
from gradewright.hosts.client import ClientError
from gradewright.hosts.resolve.inside.grading import Grading
from gradewright.hosts.resolve.inside.host import Host
from gradewright.hosts.resolve.inside.service import Service
from gradewright.hosts.resolve.inside.state import State
from gradewright.hosts.resolve.tasks import KINDS
from gradewright.hosts.tasks.step import Cancelled

from .profiles import STUDIO_20_3, Profile
from .world import World

WARM = {"params": {"temperature": 30, "exposure": 0.3}}


class LocalClient:
    """Answers jobs as the service does, without the service."""

    def __init__(self, alive: bool = True) -> None:
        self.alive = alive
        self.jobs: list[tuple[str, dict]] = []

    def job(self, kind: str, request: dict, progress: Any = None, cancelled: Any = None) -> dict:
        if not self.alive:
            raise ClientError(
                "the grading service is not running: start it with 'gradewright serve'", "unreachable"
            )
        self.jobs.append((kind, request))

        def step(fraction: float, text: str) -> None:
            if progress is not None:
                progress(fraction, text)
            if cancelled is not None and cancelled():
                raise Cancelled

        try:
            return KINDS[kind](request, step)
        except Cancelled:
            raise ClientError("cancelled", "cancelled") from None
        except BadInput as error:
            raise ClientError(str(error), "input") from None


class Session:
    """A world, and what is needed to run the adapter on it."""

    def __init__(self, folder: Path, profile: Profile = STUDIO_20_3, science: str = "davinciYRGB") -> None:
        self.world = World(folder, profile, science)
        self.client = LocalClient()
        self.state = State(str(folder / "state"))

    @property
    def host(self) -> Host:
        return Host(self.world.resolve, sleep=lambda _seconds: None)

    def grading(self, cancelled: Callable[[], bool] | None = None) -> Grading:
        self.world.new_run()
        return Grading(self.host, Service(self.client), self.state, cancelled=cancelled)

    def grade(self, **wish: Any) -> Any:
        """Grade the clip under the playhead."""
        with self.grading() as run:
            return run.current(wish or WARM)


def picture(seed: int = 0) -> np.ndarray:
    """(36, 64, 3) sRGB: ramps and patches, muted as camera pictures are."""
    y, x = np.mgrid[0:36, 0:64] / np.array([36, 64])[:, None, None]
    base = np.stack([0.25 + 0.5 * x, 0.25 + 0.45 * y, 0.7 - 0.4 * x * y], axis=-1)
    noise = np.random.default_rng(seed).normal(0, 0.04, (6, 8, 3))
    return np.clip(base + np.kron(noise, np.ones((6, 8, 1))), 0.05, 0.95).astype(np.float32)
