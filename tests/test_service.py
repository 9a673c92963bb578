"""The grading service: what it answers, whom it refuses, what it survives."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import stat
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import Grader, Lut, photo
from gradewright.hosts import client
from gradewright.hosts.client import ClientError
from gradewright.hosts.service import app, freshness, peers
from service_runner import QUICK, job_request, running, wait_for

LOOK = {"params": {"exposure": 0.3, "temperature": "+15"}, "describe": False}


@pytest.fixture(scope="module")
def _shared():
    with running() as service:
        yield service


@pytest.fixture
def service(_shared, monkeypatch):
    """The module's service; what its worker does can be replaced for one test."""
    return _shared


def busy(monkeypatch, run=None):
    """Make every job call ``run(step)``, or wait until it is cancelled; the returned event ends it."""
    finish = threading.Event()

    def wait(step):
        while not finish.is_set():
            step(0.5, "waiting")
            time.sleep(0.01)
        return {"waited": True}

    monkeypatch.setattr(app.work, "work", lambda kind, wanted, folder: run or wait)
    return finish


# -- what it does


def test_a_grade_is_the_graders_own(service, tmp_path):
    told = []
    answer = service.client.grade(
        {**LOOK, "folder": str(tmp_path)}, progress=lambda fraction, text: told.append((fraction, text))
    )
    [grade] = answer["grades"]
    assert grade["files"] == {"cube": str(tmp_path / "grade.cube")}
    expected = Grader().grade(params=LOOK["params"])
    np.testing.assert_allclose(lutio.read(grade["files"]["cube"]).table, expected.lut.table, atol=1e-6)
    assert (grade["engine"], answer["warnings"]) == ("recipe", [])
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert {text for _, text in told} == {"starting", "grading", "writing"}


def test_a_described_grade_has_recipe_report_and_preview(service, files):
    answer = service.client.grade(
        {
            "photo": str(files / "photo.png"),
            "pair": [str(files / "photo.png"), str(files / "after.png")],
            "folder": str(files),
            "name": "look wärm",
            "formats": ["cube", "clf"],
            "preview": 32,
            "size": 17,
        }
    )
    [grade] = answer["grades"]
    assert sorted(path.name for path in files.glob("look wärm*")) == [
        "look wärm-preview.png",
        "look wärm.clf",
        "look wärm.cube",
    ]
    assert lutio.read(grade["files"]["clf"]).size == 17
    assert photo.load(grade["files"]["preview"]).shape == (24, 32, 3)
    assert grade["recipe"]
    assert grade["report"]["engine"] == "pair"
    assert 0 < grade["residual_de"] < 5


def test_names_that_are_taken_are_left_alone(service, tmp_path):
    (tmp_path / "grade.cube").write_text("mine")
    [grade] = service.client.grade({**LOOK, "folder": str(tmp_path)})["grades"]
    assert grade["files"]["cube"] == str(tmp_path / "grade-2.cube")
    assert (tmp_path / "grade.cube").read_text() == "mine"


def test_without_a_folder_results_are_private(service):
    [grade] = service.client.grade(LOOK)["grades"]
    path = grade["files"]["cube"]
    assert path.startswith(str(service.folder / "results"))
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


def test_apply_runs_a_lut_over_a_photo_and_over_bare_pixels(service, files, look, picture):
    out = files / "graded.png"
    answer = service.client.apply(str(files / "look.cube"), str(files / "photo.png"), str(out))
    assert answer["path"] == str(out)
    of_file = photo.grade_pixels(photo.open_pixels(files / "photo.png"), lutio.read(files / "look.cube"))
    assert np.array_equal(photo.open_pixels(out).pixels, of_file.pixels)
    pixels = np.dstack([picture * 1.2 - 0.1, picture[..., :1]]).astype(np.float32)
    source, target = str(files / "in.gwpx"), str(files / "out.gwpx")
    client.write_pixels(source, 64, 48, 4, "float32", (row.tobytes() for row in pixels))
    service.client.apply(str(files / "look.cube"), source, target)
    assert client.read_pixels_header(target) == (64, 48, 4, "float32")
    graded = np.fromfile(target, "<f4", offset=client.PIXELS_OFFSET).reshape(48, 64, 4)
    inside = np.clip(pixels[..., :3], 0, 1)
    expected = lutio.read(files / "look.cube").sample(inside) + (pixels[..., :3] - inside)
    np.testing.assert_allclose(graded[..., :3], expected, atol=1e-6)
    assert np.array_equal(graded[..., 3], pixels[..., 3])


def test_status_says_who_it_is(service):
    status = service.client.status()
    assert (status["service"], status["protocol"], status["pid"]) == ("gradewright", 1, os.getpid())
    assert set(status["jobs"]) == {"running", "queued", "done", "failed"}


def test_status_says_when_the_code_on_disk_has_changed(monkeypatch):
    monkeypatch.setattr(app.freshness, "stamp", lambda: ("1.0", 1))
    with running() as service:
        assert service.client.status()["stale"] is False
        monkeypatch.setattr(app.freshness, "stamp", lambda: ("1.0", 2))
        assert service.client.status()["stale"] is True


def test_the_stamp_changes_with_version_and_files(monkeypatch):
    before = freshness.stamp()
    assert before[0] == freshness.version()
    assert before[1] >= Path(app.__file__).stat().st_mtime_ns


def test_a_second_service_leaves_the_field(service):
    from gradewright.hosts.service import server

    assert server.serve(service.folder, QUICK) is False
    assert service.client.status()["pid"] == os.getpid()


# -- jobs that do not end as planned


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        ({"prompt": 3}, "prompt: a text is needed, not the number 3"),
        ({"promt": "x"}, "a grade request has no field 'promt'; did you mean 'prompt'?"),
        ({"photo": "a.jpg"}, "photo 'a.jpg': an absolute path is needed"),
        ({"strength": 1.5}, "strength 1.5 is out of range: 0..1"),
        ({"seed": True}, "seed: a whole number 0..4294967295 is needed, not true or false"),
        ({"size": 32}, "size: 32 is not possible: use one of 17, 33, 65"),
        ({"formats": ["exe"]}, "formats: exe is not possible: use one of "),
        ({"name": "../x"}, "name '../x' cannot name files"),
        ({"params": {"exposure": [1]}}, "exposure: a number is needed, not a list"),
        ({"preview": 99}, "a preview needs 'photo'"),
        ({"targets": {"output": "/x.cube"}, "name": "x"}, "'targets' and 'name' were given: use one of them"),
        ([], "a grade request is an object of fields, not a list"),
        ({}, "nothing was asked for"),
        ({"params": {"exposre": 1}}, "did you mean 'exposure'?"),
        ({**LOOK, "folder": "/nowhere/at/all"}, "/nowhere/at/all: is not a folder: make it first"),
        ({**LOOK, "photo": "/nowhere/a.jpg"}, "/nowhere/a.jpg: no such file"),
        ({"params": {"exposure": 10**400}}, "... is out of range"),
        ({"params": {"exposure": 1e308}}, "exposure 1e+308 is out of range"),
        ({**LOOK, "name": "\U0001f39e" * 60}, "cannot name files: use at most 100 letters"),
        ({**LOOK, "photo": "/" + "a" * 300}, "a name in it is longer than 255 bytes"),
    ],
)
def test_wrong_requests_get_one_line(service, request_, line):
    with pytest.raises(ClientError) as caught:
        service.client.grade(request_)
    assert caught.value.kind == "input"
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fault_of_ours_is_told_as_one(service, monkeypatch, capfd):
    def fail(step):
        raise RuntimeError("two\nlines")

    busy(monkeypatch, fail)
    with pytest.raises(ClientError, match=r"a fault in gradewright \(RuntimeError: two lines\)") as caught:
        service.client.grade({})
    assert caught.value.kind == "fault"
    assert "Traceback" in capfd.readouterr().err


def test_memory_that_runs_out_is_told(service, monkeypatch):
    def fail(step):
        raise MemoryError

    busy(monkeypatch, fail)
    with pytest.raises(ClientError, match="not enough memory"):
        service.client.grade({})


def test_the_client_cancels(service, monkeypatch):
    busy(monkeypatch)
    with pytest.raises(ClientError, match="cancelled") as caught:
        service.client.grade({}, cancelled=lambda: True)
    assert caught.value.kind == "cancelled"
    wait_for(lambda: service.client.status()["jobs"]["running"] == 0)


def test_a_client_that_goes_away_cancels(service, monkeypatch):
    busy(monkeypatch)
    with service.connect() as connection:
        connection.sendall(job_request())
        told = b""
        while b"waiting" not in told:
            told += connection.recv(4096)
    wait_for(lambda: service.client.status()["jobs"]["running"] == 0)


def test_the_queue_is_short(service, monkeypatch):
    finish = busy(monkeypatch)
    answers, threads = [], []

    def ask():
        answers.append(service.client.grade({}))

    for count in range(QUICK.waiting + 1):
        threads.append(threading.Thread(target=ask))
        threads[-1].start()
        wait_for(
            lambda count=count: sum(service.client.status()["jobs"][k] for k in ("running", "queued")) > count
        )
    with pytest.raises(ClientError, match="the grading service is busy: 2 jobs wait already") as caught:
        service.client.grade({})
    assert caught.value.kind == "busy"
    finish.set()
    for thread in threads:
        thread.join()
    assert answers == [{"waited": True, "warnings": []}] * (QUICK.waiting + 1)


def test_jobs_that_nobody_waits_for_leave_the_queue(service, monkeypatch):
    finish = busy(monkeypatch)
    first = threading.Thread(target=lambda: service.client.grade({}))
    first.start()
    wait_for(lambda: service.client.status()["jobs"]["running"] == 1)
    for _ in range(3 * QUICK.waiting):
        with pytest.raises(ClientError) as caught:
            service.client.grade({}, cancelled=lambda: True)
        assert caught.value.kind == "cancelled"
        wait_for(lambda: service.client.status()["jobs"]["queued"] == 0)
    assert service.client.status()["jobs"]["running"] == 1
    finish.set()
    first.join()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize(
    ("kind", "request_"),
    [
        ("review", {"photo": "pipe.gwpx"}),
        ("grade", {"prompt": "warm", "photo": "pipe.gwpx"}),
        ("grade", {"recipe": "pipe"}),
        ("apply", {"lut": "pipe", "photo": "photo.png", "output": "out.png"}),
    ],
)
def test_a_pipe_is_refused_and_holds_nothing_up(service, files, kind, request_):
    for name in ("pipe", "pipe.gwpx"):
        os.mkfifo(files / name)
    paths = {name: str(files / value) for name, value in request_.items() if name != "prompt"}
    with pytest.raises(ClientError, match=r"pipe|regular file") as caught:
        service.client.job(kind, {**request_, **paths})
    assert caught.value.kind == "input"


def test_warnings_of_the_work_come_with_the_result(service, monkeypatch):
    import warnings

    def warn(step):
        warnings.warn("take care\nplease", stacklevel=1)
        return {}

    busy(monkeypatch, warn)
    assert service.client.grade({}) == {"warnings": ["take care please"]}


def test_a_job_that_takes_too_long_is_stopped(monkeypatch):
    with running(replace(QUICK, job_time=0.1)) as service:
        busy(monkeypatch)
        with pytest.raises(ClientError, match=r"stopped: it took longer than 0\.1 s"):
            service.client.grade({})


# -- requests that are none


def status_and_line(answer: bytes) -> tuple[int, str]:
    """HTTP status and the error's one line."""
    head, _, body = answer.partition(b"\r\n\r\n")
    error = json.loads(body)["error"]["message"]
    assert "\n" not in error
    return int(head.split()[1]), error


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"\xff\xfe", "the body is not JSON"),
        (b'{"kind": NaN}', "NaN is not a JSON number"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "a job request is an object of fields, not a list"),
        (b"{}", "a job needs a 'kind': one of grade, apply, review, filters"),
        (b'{"kind": "rm"}', "kind: rm is not possible: use one of grade, apply, review, filters"),
        (b'{"kind": ["grade"]}', "kind: ['grade'] is not possible"),
        (b'{"kind": "grade", "extra": 1}', "a job request has no field 'extra'"),
        (b'{"kind": "apply", "request": {"lut": "/a"}}', "an apply request needs 'photo'"),
        (b'{"kind": "review", "request": {}}', "a review request needs 'photo'"),
    ],
)
def test_bodies_that_are_no_job(service, body, line):
    status, told = status_and_line(service.post(body))
    assert status == 400
    assert line in told


def test_the_client_does_not_send_what_would_be_refused(service):
    with pytest.raises(ClientError, match="is too large: large pictures go as files") as caught:
        service.client.grade({"prompt": "x" * 2_000_000})
    assert caught.value.kind == "input"


def test_huge_bodies_are_refused_before_they_are_read(service):
    status, line = status_and_line(service.post(b"{}", Content_Length=str(10**12)))
    assert (status, line[:17]) == (413, "the body has 1000")
    chunks = (b"10000\r\n" + b" " * 0x10000 + b"\r\n") * 16 + b"1\r\n \r\n"  # one byte too many
    status, line = status_and_line(service.post(chunks, Content_Length="", Transfer_Encoding="chunked"))
    assert (status, line[:22]) == (413, "the body has more than")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("GET", "/v1/jobs", 405), ("GET", "/v1/shutdown", 405), ("POST", "/v1/status", 405)],
)
def test_other_addresses(service, method, path, status):
    answer = service.raw(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
    assert status_and_line(answer)[0] == status


def test_forms_and_web_pages_are_refused(service):
    assert status_and_line(service.post(b"{}", Content_Type="text/plain"))[0] == 415
    assert status_and_line(service.post(b"{}", Origin="http://evil.example")) == (
        403,
        "web pages cannot use the grading service",
    )


def test_what_is_not_http_is_answered_and_closed(service):
    assert service.raw(b"\x16\x03\x01\x00\x00 hello\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert service.raw(b"GET /v1/status HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n").startswith(
        b"HTTP/1.1 4"
    )


def test_slow_clients_are_dropped():
    with running(replace(QUICK, header_time=0.3, body_time=0.3)) as service:
        with service.connect() as connection:
            connection.sendall(b"POST /v1/jobs HT")
            assert connection.recv(100) == b""  # the header never came
        answer = service.post(b"{", Content_Length="50")
        assert status_and_line(answer) == (408, "the body did not come within 0.3 s")


def test_a_client_that_does_not_read_is_dropped(monkeypatch):
    done = threading.Event()

    def shout(step):
        try:
            while True:
                step(0.5, "x" * 100_000)
                time.sleep(0.001)
        finally:
            done.set()

    busy(monkeypatch, shout)
    with running(replace(QUICK, read_time=0.3)) as service, service.connect() as connection:
        connection.sendall(job_request())
        assert done.wait(20)


# -- who may ask


def test_only_its_user_can_reach_the_socket(service):
    assert stat.S_IMODE(os.lstat(service.folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(service.folder / client.SOCKET_NAME).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(service.folder / client.ADDRESS_NAME).st_mode) == 0o600


def test_a_peer_of_another_user_is_cut_off(service, monkeypatch):
    monkeypatch.setattr(peers, "uid_of_peer", lambda connection: os.getuid() + 1)
    with pytest.raises(ClientError) as caught:
        service.client.status()
    assert caught.value.kind == "unreachable"
    monkeypatch.undo()
    assert service.client.status()


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="only root can become another")
def test_a_real_other_user_is_cut_off_although_the_files_would_let_it_in(service):
    places = [(service.folder.parent, 0o711), (service.folder, 0o711)]
    places.append((service.folder / client.SOCKET_NAME, 0o666))
    before = [(path, stat.S_IMODE(os.stat(path).st_mode)) for path, _ in places]
    connection = service.connect()  # the socket module is loaded; the child only connects
    connection.close()
    for path, mode in places:
        os.chmod(path, mode)
    try:
        told = _as_nobody(str(service.folder / client.SOCKET_NAME))
    finally:
        for path, mode in before:
            os.chmod(path, mode)
    assert told == b"cut off"
    assert service.client.status()


def _as_nobody(path: str) -> bytes:
    """What a process of another user gets from the socket."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(10)
                connection.connect(path)
                told = b"connected"
                with contextlib.suppress(ConnectionError):
                    connection.sendall(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
                    told = connection.recv(100)
                os.write(writing, told if told not in (b"", b"connected") else b"cut off")
        except OSError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told


def test_the_kernel_tells_the_peers_user(service):
    with service.connect() as connection:
        assert peers.uid_of_peer(connection) == os.getuid()
        assert peers.is_own_user(connection)


def test_over_tcp_token_host_and_origin_are_checked():
    with running(transport="tcp") as service:
        assert not (service.folder / client.SOCKET_NAME).exists()
        address = json.loads((service.folder / client.ADDRESS_NAME).read_text())
        assert len(bytes.fromhex(address["token"])) == 32
        assert service.client.status()["pid"] == os.getpid()
        [grade] = service.client.grade(LOOK)["grades"]
        assert isinstance(lutio.read(grade["files"]["cube"]), Lut)
        host, token = f"127.0.0.1:{address['port']}", f"Bearer {address['token']}"
        for headers, status in [
            ({"Host": host}, 401),
            ({"Host": host, "Authorization": "Bearer " + "0" * 64}, 401),
            ({"Host": "evil.example", "Authorization": token}, 403),
            ({"Host": host, "Authorization": token, "Origin": f"http://{host}"}, 403),
            ({"Host": host, "Authorization": token}, 200),
        ]:
            assert _get_status(address["port"], headers) == status, headers


def _get_status(port: int, headers: dict[str, str]) -> int:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/v1/status", headers=headers)
        response = connection.getresponse()
        assert response.getheader("Access-Control-Allow-Origin") is None
        return response.status
    finally:
        connection.close()


# -- its end


def test_it_exits_when_nobody_asks():
    with running(replace(QUICK, idle=0.2)) as service:
        service.thread.join(10)
        assert not service.thread.is_alive()
        assert not (service.folder / client.SOCKET_NAME).exists()
        assert not (service.folder / client.ADDRESS_NAME).exists()


def test_it_does_not_exit_while_a_job_runs(monkeypatch):
    with running(replace(QUICK, idle=0.8)) as service:
        finish = busy(monkeypatch)
        threading.Timer(1.2, finish.set).start()
        assert service.client.grade({})["waited"]


def test_results_are_swept_at_the_end_and_when_they_are_old(tmp_path):
    from gradewright.hosts.service.results import Results

    results = Results(tmp_path, keep=100, most=3)
    old, new = results.new(), results.new()
    os.utime(old, (0, 0))
    newest = results.new()
    assert not old.exists()
    assert {new, newest} == set((tmp_path / "results").iterdir())
    for age, folder in ((50, new), (20, newest)):
        os.utime(folder, (time.time() - age,) * 2)
    more = [results.new() for _ in range(2)]
    assert {newest, *more} == set((tmp_path / "results").iterdir())
    results.sweep()
    assert list((tmp_path / "results").iterdir()) == []


def test_pictures_in_reference_cycles_go_after_each_job(service, monkeypatch):
    class Picture:
        pass

    left = []

    def work(step):
        picture = Picture()
        picture.itself = picture
        left.append(weakref.ref(picture))
        return {}

    busy(monkeypatch, work)
    service.client.grade({})
    wait_for(lambda: left[0]() is None)


def test_jobs_leak_neither_descriptors_nor_threads(service):
    def counts():
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    service.client.grade(LOOK)
    before = counts()
    for _ in range(15):
        service.client.grade(LOOK)
        with pytest.raises(ClientError):
            service.client.grade({"photo": "/nowhere.jpg", **LOOK})
    wait_for(lambda: counts() <= before)
