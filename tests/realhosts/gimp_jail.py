"""Starting the real GIMP with our plug-in installed, headless or on a virtual screen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gradewright.hosts import install
from gradewright.hosts.gimp import adapter

from . import jail
from .chroots import Suite

HERE = Path(__file__).parent
_START = """#!/bin/sh
# How GIMP inside the chroot starts gradewright outside. What the tests do to the service is told by files.
for last; do :; done
[ "$last" = serve ] && [ -e {shared}/no-service ] && exit 3
[ "$last" = serve ] && [ -e {shared}/slow-service ] && sleep 4
exec chroot /host {python} "$@"
"""
_GIMPRC = '(show-welcome-dialog no)\n(check-updates no)\n(config-version "{version}")\n'


class Gimp:
    """A configuration of one GIMP in ``shared``, a folder that has the same path inside."""

    def __init__(self, suite: Suite, shared: Path) -> None:
        self.suite, self.shared = suite, shared
        self.config = shared / "config"
        self.plug_in = self.config / "plug-ins" / adapter.FOLDER
        start = shared / "start.sh"
        start.write_text(_START.format(shared=shared, python=sys.executable))
        start.chmod(0o755)
        install.put(
            "gimp",
            self.plug_in,
            adapter.files(),
            executable=[f"{adapter.FOLDER}.py"],
            command=[str(start), "-m", "gradewright.cli"],
            runtime=str(shared / "runtime"),
            scratch=str(shared),
        )
        full = {"3.0": "3.0.4", "3.2": "3.2.6"}[suite.gimp]
        (self.config / "gimprc").write_text(_GIMPRC.format(version=full))

    def run(self, script: str, order: dict[str, Any], timeout: float = 1100) -> dict[str, Any]:
        """Run a script of this folder in the console GIMP; it gets ``order`` and answers with JSON."""
        call = f"{self._console()} --quit {self._batch(script)}"
        return self._answer(script, order, ["bash", "-c", call], timeout)

    def show(self, script: str, driver: str, order: dict[str, Any], timeout: float = 1100) -> dict[str, Any]:
        """Run a script in the GIMP with windows, on a screen of 1280 x 800, beside a driver for xdotool."""
        call = f"gimp-{self.suite.gimp} -n -d -f -s {self._batch(script)}"
        command = ["bash", str(self._inside(HERE / "screen.sh")), call, str(self._inside(HERE / driver))]
        return self._answer(script, order, command, timeout)

    def _console(self) -> str:
        return f"gimp-console-{self.suite.gimp} -i -d -f -s"

    def _batch(self, script: str) -> str:
        path = self._inside(HERE / script)
        code = f"exec(compile(open('{path}').read(), '{script}', 'exec'))"
        return f'--batch-interpreter=python-fu-eval -b "{code}"'

    @staticmethod
    def _inside(path: Path) -> Path:
        return Path("/host") / path.relative_to("/")

    def _answer(
        self, script: str, order: dict[str, Any], command: list[str], timeout: float
    ) -> dict[str, Any]:
        scripts = str(self._inside(HERE))
        (self.shared / "order.json").write_text(json.dumps({**order, "scripts": scripts}))
        answer = self.shared / "answer.json"
        answer.unlink(missing_ok=True)
        env = {
            "GIMP3_DIRECTORY": str(self.config),
            "GRADEWRIGHT_SHARED": str(self.shared),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_AT_BRIDGE": "1",
            "OMP_NUM_THREADS": "1",
        }
        try:
            done = jail.run(self.suite, command, binds=[self.shared], env=env, timeout=timeout)
            told = done.stdout[-4000:] + done.stderr[-4000:]
        except subprocess.TimeoutExpired as error:
            told = f"no end after {timeout} s; {error.stdout!r:.3000} {error.stderr!r:.3000}"
        assert answer.exists(), f"{script} in GIMP {self.suite.gimp} did not answer: {told}"
        found: dict[str, Any] = json.loads(answer.read_text())
        assert "failed" not in found, f"{found.get('failed')}\n{told}"
        return found
