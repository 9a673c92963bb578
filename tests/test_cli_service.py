"""The command line beside a running service: the same results, whatever becomes of the service."""

from __future__ import annotations

import json
import os
import sys

import pytest
from gradewright.hosts.service import app, jobs
from gradewright.hosts.tasks import grade
from service_runner import running

MANY = ["grade", "photo.png", "--prompt", "warm", "--variations", "2", "--strength", "0.8", "--size", "17"]
ALL = ["grade", "photo.png", "--reference", "after.png", "--preview", "p.png", "--report", "r.json"]
ALL += ["--save-recipe", "s.json", "--json"]


@pytest.fixture(scope="module")
def _shared():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app.freshness, "stamp", lambda: ("1", 1))  # the tree may be edited just now
        with running() as service:
            yield service


@pytest.fixture
def service(_shared, monkeypatch):
    """A running service that the command line may use and that tells about it."""
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", str(_shared.folder))
    monkeypatch.setenv("GRADEWRIGHT_DEBUG", "1")
    monkeypatch.delenv("GRADEWRIGHT_NO_SERVICE")
    return _shared


def outcome(cli, folder, *args):
    """Output, what was said without the words about the service, those words, and the files."""
    done = cli(*args)
    about = [line for line in done.err.splitlines() if line.startswith("grading service: ")]
    said = [line for line in done.err.splitlines() if line not in about]
    names = sorted(name for name in os.listdir(folder) if name not in ("photo.png", "after.png", "look.cube"))
    written = {name: (folder / name).read_bytes() for name in names}
    for name in names:
        (folder / name).unlink()
    return done.code, done.out, said, about, written


@pytest.mark.parametrize(
    ("args", "names"),
    [(MANY, ["x-1.cube", "x-2.cube"]), (ALL, ["p.png", "r.json", "s.json", "x.cube"])],
    ids=["many", "all"],
)
def test_through_the_service_everything_is_the_same(service, cli, files, args, names):
    done_before = service.client.status()["jobs"]["done"]
    there = outcome(cli, files, *args, "-o", "x.cube")
    here = outcome(cli, files, *args, "-o", "x.cube", "--no-service")
    assert there[3] == ["grading service: used"]
    assert here[3] == []
    assert (there[:3], there[4]) == (here[:3], here[4])
    assert there[0] == 0
    assert sorted(there[4]) == names
    assert service.client.status()["jobs"]["done"] == done_before + 1


def test_files_get_the_callers_permissions(service, cli, files):
    before = os.umask(0o027)
    try:
        assert cli("grade", "--prompt", "warm", "-o", "x.cube").code == 0
    finally:
        os.umask(before)
    assert (files / "x.cube").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("args", [["--set", "exposure=0.2"], ["--pair", "photo.png", "after.png"]])
def test_what_is_as_fast_without_does_not_ask(service, cli, files, args):
    done_before = service.client.status()["jobs"]["done"]
    assert outcome(cli, files, "grade", *args, "-o", "x.cube")[3] == []
    assert service.client.status()["jobs"]["done"] == done_before


def test_switched_off_by_the_environment(service, cli, files, monkeypatch):
    monkeypatch.setenv("GRADEWRIGHT_NO_SERVICE", "1")
    assert outcome(cli, files, "grade", "--prompt", "warm", "-o", "x.cube")[3] == []


def test_mistakes_read_as_without_it(service, cli, files):
    args = ["grade", "photo.png", "--reference", "nowhere.png", "-o", "x.cube"]
    there, here = outcome(cli, files, *args), outcome(cli, files, *args, "--no-service")
    assert there[0] == here[0] == 2
    assert there[2] == here[2] == ["gradewright: nowhere.png: no such file; did you mean 'after.png'?"]
    assert len(there[3]) == 1
    assert "nowhere.png: no such file" in there[3][0]


def test_a_fault_in_the_middle_is_made_good(service, cli, files, monkeypatch):
    """The first of two files is there already when the service fails."""
    worker, real = jobs.threading, grade._Writer.run

    def fail_in_the_worker(self):
        if worker.current_thread().name == "worker" and self.names["output"].name == "x-2.cube":
            raise RuntimeError("as if")
        return real(self)

    monkeypatch.setattr(grade._Writer, "run", fail_in_the_worker)
    there = outcome(cli, files, *MANY, "-o", "x.cube")
    assert there[0] == 0
    assert "x-2.cube" in there[4]
    assert "RuntimeError: as if" in " ".join(there[3]) + " ".join(there[2])


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"root": "/elsewhere"}, "it is of another version"),
        ({"stale": True}, "it is of another version"),
        ({"python": "/other/python"}, "it has other libraries"),
        ({"jobs": {"running": 1, "queued": 0}}, "it is busy"),
    ],
)
def test_one_that_might_answer_otherwise_or_late_is_not_used(service, cli, files, monkeypatch, status, why):
    real = service.client.status()
    monkeypatch.setattr("gradewright.hosts.client.Client.status", lambda self: {**real, **status})
    args = ["grade", "--prompt", "warm", "-o", "x.cube"]
    assert outcome(cli, files, *args)[3] == [f"grading service: not used: {why}"]


def test_an_unsafe_folder_is_not_used(service, cli, files):
    service.folder.chmod(0o755)
    try:
        about = outcome(cli, files, "grade", "--prompt", "warm", "-o", "x.cube")[3]
    finally:
        service.folder.chmod(0o700)
    assert about == [f"grading service: not used: {service.folder} is open to other users: chmod 700 it"]


def test_doctor_tells_about_it(service, cli, monkeypatch):
    facts = json.loads(cli("doctor", "--json").out)
    assert facts["service"][0].startswith(
        f"running in {service.folder}: version 1, process {os.getpid()}, 0 running"
    )
    real = service.client.status()
    changed = {**real, "stale": True, "python": "/other"}
    monkeypatch.setattr("gradewright.hosts.client.Client.status", lambda self: changed)
    assert json.loads(cli("doctor", "--json").out)["service"][1:] == [
        "gradewright has changed since it was started: the next host replaces it",
        "it was started by another installation: /other",
    ]


def test_doctor_without_it(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", str(tmp_path / "run"))
    out = cli("doctor").out
    assert f"service: not running; hosts start it when they need it, in {tmp_path / 'run'}" in out
    (tmp_path / "run").write_text("")
    assert f"service: cannot be used: {tmp_path / 'run'} is not a folder: remove it" in cli("doctor").out


def test_serve_in_an_unsafe_folder_is_one_line(cli, monkeypatch, tmp_path):
    (tmp_path / "run").mkdir(mode=0o755)
    (tmp_path / "run").chmod(0o755)
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", str(tmp_path / "run"))
    assert cli.refused("serve").endswith("is open to other users: chmod 700 it")
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", str(tmp_path / ("long" * 40)))
    assert "is too long for a socket: set GRADEWRIGHT_RUNTIME to a shorter folder" in cli.refused("serve")


def test_the_python_that_serves_is_ours(service):
    assert service.client.status()["python"] == sys.executable
