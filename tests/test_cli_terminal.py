"""What a person at a terminal sees: spinners, bars, and silence when nobody watches."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from cli_runner import Runner
from gradewright import lutio
from gradewright.cli import output
from gradewright.core import Lut
from PIL import Image


def on_a_terminal(folder, *args: str) -> tuple[int, str]:
    """Exit code of a command whose stderr is a terminal, and what the terminal got."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gradewright.cli", *args],
        cwd=folder,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = b""
    while process.poll() is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            shown += chunk
    os.close(ours)
    return process.wait(), shown.decode(errors="replace")


@pytest.fixture
def album(tmp_path, look):
    lutio.write(look, tmp_path / "look.cube")
    (tmp_path / "album").mkdir()
    for index in range(3):
        Image.fromarray(np.full((20, 30, 3), index * 40, np.uint8)).save(tmp_path / "album" / f"{index}.png")
    return tmp_path


def test_a_folder_shows_a_bar_that_counts(album):
    code, shown = on_a_terminal(album, "apply", "look.cube", "album", "-o", "graded")
    assert code == 0
    assert "applying" in shown
    assert "wrote 3 of 3 images to graded" in shown


def test_without_a_terminal_there_is_no_bar(album, capsys, monkeypatch):
    monkeypatch.chdir(album)
    result = Runner(capsys).ok("apply", "look.cube", "album", "-o", "graded")
    assert result.err == "wrote 3 of 3 images to graded\n"


class Terminal:
    """Stands in for stderr as a terminal."""

    def __init__(self, real) -> None:
        self._real = real

    def isatty(self) -> bool:
        return True

    def __getattr__(self, name):
        return getattr(self._real, name)


def test_a_spinner_appears_only_after_a_while(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", Terminal(sys.stderr))
    monkeypatch.setattr(output, "_PATIENCE", 0.05)
    with output.working("polishing"):
        pass
    assert "polishing" not in capsys.readouterr().err
    with output.working("polishing"):
        time.sleep(0.4)
    assert "polishing" in capsys.readouterr().err
    assert not [t for t in threading.enumerate() if t.name.startswith("spinner")]


def test_the_spinner_stops_when_the_work_fails(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal(sys.stderr))
    with pytest.raises(ValueError, match="broken"), output.working("polishing"):
        raise ValueError("broken")
    assert not [t for t in threading.enumerate() if t.name.startswith("spinner")]


def test_too_little_memory_is_one_line(album, capsys, monkeypatch):
    def full(*args, **kwargs):
        raise MemoryError

    monkeypatch.chdir(album)
    monkeypatch.setattr(Lut, "apply", full)
    result = Runner(capsys)("apply", "look.cube", "album/0.png", "-o", "o.png")
    assert result.code == 1
    assert "not enough memory" in result.err
    assert not (album / "o.png").exists()
