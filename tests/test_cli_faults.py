"""The command line: our own faults, interruption, hostile surroundings."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_runner import parts
from gradewright import lutio
from gradewright.cli import batch
from gradewright.core import Lut
from gradewright.core.errors import FileError

ROOT = Path(__file__).resolve().parent.parent


# -- our own faults, interruption, hostile surroundings


def test_our_own_fault_is_exit_code_1_with_a_way_to_report_it(cli, files, monkeypatch):
    monkeypatch.setattr(lutio, "read", lambda *a, **k: 1 / 0)
    result = cli("inspect", "look.cube")
    assert result.code == 1
    assert "this is a fault in gradewright (ZeroDivisionError: division by zero)" in result.err
    assert "gradewright doctor" in result.err


def test_debugging_shows_the_traceback(files, monkeypatch):
    from gradewright.cli.main import run

    monkeypatch.setenv("GRADEWRIGHT_DEBUG", "1")
    monkeypatch.setattr(lutio, "read", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(["inspect", str(files / "look.cube")])


def test_interruption_is_130_and_leaves_nothing(cli, files, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(Lut, "apply", interrupted)
    result = cli("apply", "look.cube", "photo.png", "-o", "out.png")
    assert result.code == 130
    assert not (files / "out.png").exists()
    assert parts(files) == []


def test_interrupting_a_batch_finishes_running_jobs_and_drops_the_rest():
    started, jobs = [], [batch.Job(Path(f"{i}.png"), Path(f"o{i}.png")) for i in range(50)]

    def work(job):
        started.append(job)
        time.sleep(0.02)
        if len(started) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch.run(jobs, work, 1, lambda: None)
    assert len(started) < len(jobs)


def test_a_batch_does_every_job_and_collects_what_fails():
    jobs = [batch.Job(Path(f"{i}.png"), Path(f"o{i}.png")) for i in range(23)]
    did, ticks = [], []

    def work(job):
        did.append(job)
        if job.source.stem in ("3", "17"):
            raise FileError(job.source, "is broken")

    failures = batch.run(jobs, work, 3, lambda: ticks.append(1))
    assert sorted(map(str, failures)) == ["17.png: is broken", "3.png: is broken"]
    assert sorted(did, key=jobs.index) == jobs
    assert len(ticks) == 23


def test_a_closed_pipe_is_no_error(files):
    code = f"{sys.executable} -m gradewright.cli spaces | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


def test_a_full_disk_is_one_line(cli, files):
    limit = (
        "ulimit -f 100; exec " + sys.executable + " -m gradewright.cli convert look.cube big.cube --size 65"
    )
    done = subprocess.run(
        ["bash", "-c", "trap '' XFSZ; " + limit], cwd=files, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("gradewright: big.cube: cannot be written")
    assert done.stderr.count("\n") == 1
    assert parts(files) == []
    assert not (files / "big.cube").exists()


def test_two_processes_writing_one_name_do_not_mix(files):
    command = [sys.executable, "-m", "gradewright.cli", "convert", "look.cube", "same.cube"]
    racers = [subprocess.Popen(command, cwd=files, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    messages = [racer.communicate()[1] for racer in racers]
    assert sorted(racer.returncode for racer in racers) == [0, 2, 2]
    assert sum("already exists" in message for message in messages) == 2
    assert lutio.read(files / "same.cube").size == 17
