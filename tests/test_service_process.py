"""The service as a process of its own: how it is started, dies, and is replaced."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from gradewright.hosts import client
from gradewright.hosts.client import Client, ClientError
from service_runner import wait_for

COMMAND = [sys.executable, "-m", "gradewright.cli"]
LOOK = {"params": {"exposure": 0.3}, "describe": False}
PATIENCE = 60  # seconds, for a machine that is busy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and sockets")


@pytest.fixture(scope="module")
def shared():
    """A runtime folder for all tests here, since a service takes a second to start."""
    with tempfile.TemporaryDirectory(prefix="gw") as base:
        folder = Path(base) / "run"
        yield folder
        with contextlib.suppress(ClientError):
            Client(str(folder)).shutdown()
        wait_for(lambda: all(process.poll() is not None for process in client._started))


@pytest.fixture
def runtime(shared, monkeypatch):
    """The environment names that folder. A service fits although the code may be edited just now."""
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", str(shared))
    monkeypatch.setattr(client, "_fits", lambda status, command, version: True)
    return shared


def test_hosts_that_start_it_at_once_share_one(runtime):
    pids: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: pids.append(Client.connect(COMMAND, timeout=PATIENCE).status()["pid"])
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 3
    assert len(set(pids)) == 1
    wait_for(lambda: sum(process.poll() is None for process in client._started) == 1)


def test_killed_while_it_works_it_leaves_nothing_and_is_replaced(runtime, tmp_path):
    service = Client.connect(COMMAND, timeout=PATIENCE)
    first = service.status()["pid"]
    source, target, look = (str(tmp_path / name) for name in ("in.gwpx", "out.gwpx", "look.cube"))
    client.write_pixels(source, 3000, 3000, 3, "uint16", (bytes(18_000) for _ in range(3000)))
    service.grade({**LOOK, "folder": str(tmp_path), "name": "look"})

    def kill(fraction, _text):
        if fraction > 0.2:
            with contextlib.suppress(ProcessLookupError):  # events that it had sent before
                os.kill(first, signal.SIGKILL)

    with pytest.raises(ClientError, match="the grading service") as caught:
        service.apply(look, source, target, kill)
    assert caught.value.kind == "unreachable"
    if sys.platform == "linux":  # elsewhere a hidden .part file may stay
        assert sorted(os.listdir(tmp_path)) == ["in.gwpx", "look.cube"]
    assert (runtime / client.SOCKET_NAME).exists()  # and nobody listens
    again = Client.connect(COMMAND, timeout=PATIENCE)
    assert again.status()["pid"] != first
    assert again.apply(look, source, target)["path"] == target


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_jobs_leak_neither_memory_nor_descriptors(runtime, tmp_path):
    """A part of benchmarks/service.py, which runs a thousand."""
    service = Client.connect(COMMAND, timeout=PATIENCE)
    pid = service.status()["pid"]
    source, target, look = (str(tmp_path / name) for name in ("in.gwpx", "out.gwpx", "look.cube"))
    client.write_pixels(source, 200, 200, 3, "uint16", [bytes(240_000)])
    service.grade({**LOOK, "folder": str(tmp_path), "name": "look"})

    def jobs(count):
        for _ in range(count):
            service.apply(look, source, target, overwrite=True)
            service.grade({**LOOK, "folder": str(tmp_path), "name": "again", "size": 17, "overwrite": True})
            with pytest.raises(ClientError):
                service.grade({"photo": "/nowhere.jpg", "prompt": "warm"})

    def resident():
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    jobs(10)
    memory, files = resident(), len(os.listdir(f"/proc/{pid}/fd"))
    jobs(40)
    assert service.status()["pid"] == pid
    assert len(os.listdir(f"/proc/{pid}/fd")) <= files + 1
    assert resident() - memory < 12  # MB; a picture or a LUT kept each time would be more


def test_a_service_that_has_gone_is_started_again_for_the_job(runtime):
    service = Client.connect(COMMAND, timeout=PATIENCE)
    first = service.status()["pid"]
    os.kill(first, signal.SIGTERM)
    wait_for(lambda: not (runtime / client.ADDRESS_NAME).exists())
    assert service.grade(LOOK)["grades"]
    assert service.status()["pid"] != first


def test_one_that_does_not_fit_is_replaced(runtime, monkeypatch):
    first = Client.connect(COMMAND, timeout=PATIENCE).status()["pid"]
    monkeypatch.setattr(client, "_fits", lambda status, command, version: status["pid"] != first)
    assert Client.connect(COMMAND, timeout=PATIENCE).status()["pid"] != first


@pytest.mark.parametrize(
    ("status", "version", "fits"),
    [
        ({}, None, True),
        ({}, "1.0", True),
        ({"version": "0.9"}, "1.0", True),  # our own command has started it: a restart gives the same
        ({"version": "0.9", "python": "/other"}, "1.0", False),
        ({"python": "/other"}, "1.0", True),
        ({"stale": True}, "1.0", False),
        ({"protocol": 99}, "1.0", False),
    ],
)
def test_which_service_fits(status, version, fits):
    usual = {"version": "1.0", "python": "/our/python", "stale": False, "protocol": client.PROTOCOL}
    assert client._fits({**usual, **status}, ["/our/python", "-m", "gradewright.cli"], version) is fits


def test_serve_says_when_one_runs_and_stop_ends_it(runtime):
    Client.connect(COMMAND, timeout=PATIENCE)
    done = subprocess.run([*COMMAND, "serve"], capture_output=True, text=True, check=True)
    assert f"a grading service runs already in {runtime}" in done.stderr
    done = subprocess.run([*COMMAND, "serve", "--stop"], capture_output=True, text=True, check=True)
    assert "ends" in done.stderr
    wait_for(lambda: not (runtime / client.ADDRESS_NAME).exists())
    done = subprocess.run([*COMMAND, "serve", "--stop"], capture_output=True, text=True, check=True)
    assert done.stderr == "no grading service runs\n"


def test_one_that_hangs_is_said_to_and_stop_ends_it(runtime):
    service = Client.connect(COMMAND, timeout=PATIENCE)
    pid = service.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ClientError, match="'gradewright serve --stop' ends it") as caught:
            service._simple("GET", "/v1/status", timeout=0.5)
        assert caught.value.kind == "hung"
        done = subprocess.run([*COMMAND, "serve", "--stop"], capture_output=True, text=True, check=True)
        assert done.stderr == f"the grading service (process {pid}) did not answer and was killed\n"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    assert Client.connect(COMMAND, timeout=PATIENCE).status()["pid"] != pid


@pytest.mark.parametrize("rubbish", ['{"port": "abc"}', '{"port": 1, "token": "x"}', "[]", "{"])
def test_rubbish_in_the_runtime_folder_does_not_hinder_a_start(runtime, rubbish):
    Client.connect(COMMAND, timeout=PATIENCE).shutdown()
    wait_for(lambda: all(process.poll() is not None for process in client._started), PATIENCE)
    (runtime / client.SOCKET_NAME).write_text("no socket")
    (runtime / client.ADDRESS_NAME).write_text(rubbish)
    found = Client.connect(COMMAND, timeout=PATIENCE)
    assert found.status()["pid"]
    found.shutdown()
    wait_for(lambda: not (runtime / client.ADDRESS_NAME).exists(), PATIENCE)


def test_a_command_that_fails_is_quoted(runtime):
    script = "import sys; sys.exit('no module named gradewright')"
    with pytest.raises(ClientError, match="did not start: no module named gradewright"):
        Client.connect([sys.executable, "-c", script], timeout=PATIENCE)
    with pytest.raises(ClientError, match="/nowhere/python cannot be started"):
        Client.connect(["/nowhere/python"], timeout=PATIENCE)


def test_one_that_hangs_is_given_up(runtime):
    script = "import time; time.sleep(3)"
    with pytest.raises(ClientError, match="did not answer in time"):
        Client.connect([sys.executable, "-c", script], timeout=0.3)
