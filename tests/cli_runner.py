"""Running commands inside the test process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from gradewright.cli.main import run


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


def parts(folder: Path) -> list[str]:
    """Half-written files left in a folder."""
    return [name for name in os.listdir(folder) if name.endswith(".part")]


class Runner:
    """Calls the entry point and captures exit code, stdout and stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *args: object) -> Result:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as stop:
            run([str(arg) for arg in args])
        captured = self.capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    def ok(self, *args: object) -> Result:
        """Run and demand success."""
        result = self(*args)
        assert result.code == 0, result.err
        return result

    def refused(self, *args: object) -> str:
        """Run, demand exit code 2 and one line on stderr; returns the line."""
        result = self(*args)
        assert result.code == 2, (result.out, result.err)
        lines = [line for line in result.err.splitlines() if not line.startswith("note: ")]
        assert len(lines) == 1, result.err
        assert lines[0].startswith("gradewright: ")
        assert "Traceback" not in result.err
        return lines[0].removeprefix("gradewright: ")
