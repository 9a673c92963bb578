"""What a long fit shows, and how it is stopped."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading

import pytest
from gradewright.core.train import progress
from gradewright.core.train.stopping import stopping


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_away_from_a_terminal_it_is_quiet_at_first(capsys):
    with progress.counting("samples", 3) as tick:
        for _ in range(3):
            tick()
    assert capsys.readouterr() == ("", "")


def test_away_from_a_terminal_a_line_comes_now_and_then(capsys, monkeypatch):
    clock = iter([0.0, 10.0, 31.0, 31.0, 40.0, 62.0, 62.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.progress("training") as show:
        for done in (0.1, 0.3, 0.4, 0.6):
            show(done, "val 30 dB" if done > 0.5 else "")
    assert capsys.readouterr() == ("", "training 30%\ntraining 60%  val 30 dB\n")


def test_on_a_terminal_there_is_a_bar_on_stderr(monkeypatch, capsys):
    pytest.importorskip("rich")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress.counting("samples", 2) as tick:
        tick()
        tick()
    assert "samples" in screen.getvalue()
    assert "100%" in screen.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_signal_only_asks_and_a_second_ends(number):
    with stopping() as asked:
        assert not asked()
        os.kill(os.getpid(), number)
        assert asked()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_in_another_thread_signals_are_left_alone():
    found = []

    def work():
        with stopping() as asked:
            found.append((asked(), signal.getsignal(signal.SIGINT)))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(False, before)]
