"""The client module that hosts get: where it looks, what it refuses, buffers, and old Pythons."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut
from gradewright.hosts import client
from gradewright.hosts.client import Client, ClientError
from gradewright.hosts.tasks import pixels
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

SOURCE = Path(client.__file__)


def test_python_3_6_can_read_it():
    ast.parse(SOURCE.read_text(), feature_version=(3, 6))
    assert "from __future__ import annotations" not in SOURCE.read_text()


def test_alone_in_a_folder_it_is_complete(tmp_path):
    (tmp_path / "client.py").write_bytes(SOURCE.read_bytes())
    (tmp_path / "gradewright.json").write_text(
        json.dumps({"runtime": str(tmp_path / "run"), "command": ["x"]})
    )
    code = "import client; client.Client.connect(start=False)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "ClientError: the grading service is not running: start it with 'gradewright serve'" in done.stderr


def test_importing_it_costs_nothing_much():
    code = "import sys; a = set(sys.modules); import gradewright.hosts.client; print(*set(sys.modules) - a)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"http.client", "email", "subprocess", "tempfile"} & set(done.stdout.split())


def test_without_a_service_and_without_a_command(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", str(tmp_path / "run"))
    with pytest.raises(ClientError, match=r"gradewright\.json is missing beside the adapter") as caught:
        Client.connect()
    assert caught.value.kind == "unreachable"


# -- the runtime folder


def test_where_the_service_is(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADEWRIGHT_RUNTIME", "/own")
    assert client.runtime_folder() == "/own"
    monkeypatch.delenv("GRADEWRIGHT_RUNTIME")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert client.runtime_folder() == str(tmp_path / "gradewright")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "relative")
    assert client.runtime_folder() in (
        f"/run/user/{os.getuid()}/gradewright",
        f"/tmp/gradewright-{os.getuid()}",
    )
    monkeypatch.setattr(sys, "platform", "darwin")
    assert client.runtime_folder().endswith("/Library/Caches/TemporaryItems/gradewright")


def test_the_runtime_folder_of_another_user_is_not_used(monkeypatch, tmp_path):
    monkeypatch.delenv("GRADEWRIGHT_RUNTIME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert client.runtime_folder() == "/tmp/gradewright-4242"


def test_a_folder_that_others_prepared_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    client.make_folder(str(folder))
    client.make_folder(str(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o750)
    with pytest.raises(ClientError, match="is open to other users: chmod 700 it"):
        client.check_folder(str(folder))
    folder.chmod(0o700)
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(ClientError, match="is not a folder: remove it"):
        client.check_folder(str(tmp_path / "link"))
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    with pytest.raises(ClientError, match="belongs to another user"):
        client.check_folder(str(folder))


# -- buffers


@given(
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
    st.sampled_from([3, 4]),
    st.sampled_from(["uint8", "uint16", "float32"]),
    st.data(),
)
def test_buffers_come_back(tmp_path_factory, shape, channels, kind, data):
    picture = data.draw(
        hnp.arrays(
            kind, (*shape, channels), elements=st.floats(0, 1, width=32) if kind == "float32" else None
        )
    )
    path = tmp_path_factory.mktemp("pixels") / "a.gwpx"
    client.write_pixels(str(path), shape[1], shape[0], channels, kind, [picture.tobytes()])
    assert client.read_pixels_header(str(path)) == (shape[1], shape[0], channels, kind)
    assert np.array_equal(pixels.opened(path), picture)


def test_buffers_that_are_none(tmp_path):
    path = tmp_path / "a.gwpx"
    with pytest.raises(ClientError, match=r"a\.gwpx: 5 bytes of pixels, not 12"):
        client.write_pixels(str(path), 2, 2, 3, "uint8", [b"12", b"345"])
    with pytest.raises(ClientError, match="uint8, uint16 or float32 with 3 or 4 channels"):
        client.write_pixels(str(path), 2, 2, 1, "uint8", [])
    for data, line in [
        (b"", "not a .gwpx file"),
        (b"GWPX\x02\x00\x03\x00" + bytes([1, 0, 0, 0] * 2), "its header is not one of version 1"),
        (b"GWPX\x01\x07\x03\x00" + bytes([1, 0, 0, 0] * 2), "its header is not one of version 1"),
        (b"GWPX\x01\x00\x03\x00" + bytes(8), "its header is not one of version 1"),
        (b"GWPX\x01\x00\x03\x00" + b"\xff" * 8, "bytes long, not"),
        (b"GWPX\x01\x00\x03\x00" + bytes([1, 0, 0, 0] * 2) + b"12", "18 bytes long, not 19"),
    ]:
        path.write_bytes(data)
        with pytest.raises(BadInput, match=line):
            pixels.opened(path)
    with pytest.raises(BadInput, match="No such file"):
        pixels.opened(tmp_path / "none.gwpx")


def test_a_proxy_averages_what_is_visible(tmp_path):
    picture = np.zeros((40, 64, 4), np.float32)
    picture[:, :32] = (0.2, 0.4, 0.6, 1)
    picture[:, 32:] = (9, 9, 9, 0)  # transparent: whatever lies there is not seen
    path = tmp_path / "a.gwpx"
    client.write_pixels(str(path), 64, 40, 4, "float32", [picture.tobytes()])
    proxy = pixels.proxy(path, 16)
    assert proxy.shape == (10, 16, 3)
    np.testing.assert_allclose(proxy, np.broadcast_to(np.float32([0.2, 0.4, 0.6]), proxy.shape), atol=1e-6)


def test_a_proxy_of_strips_is_that_of_the_whole(tmp_path, monkeypatch, rng):
    picture = rng.integers(0, 65536, (50, 70, 3), np.uint16)
    path = tmp_path / "a.gwpx"
    client.write_pixels(str(path), 70, 50, 3, "uint16", [picture.tobytes()])
    whole = pixels.proxy(path, 20)
    monkeypatch.setattr(pixels, "_STRIP", 300)
    assert np.array_equal(pixels.proxy(path, 20), whole)
    expected = (picture[:48, :69] / 65535).reshape(16, 3, 23, 3, 3).mean((1, 3))
    np.testing.assert_allclose(whole, expected, atol=1e-5)


def test_grading_buffers_strip_by_strip(tmp_path, monkeypatch, rng, look):
    picture = rng.integers(0, 256, (31, 17, 4), np.uint8)
    source, target = tmp_path / "a.gwpx", tmp_path / "b.gwpx"
    client.write_pixels(str(source), 17, 31, 4, "uint8", [picture.tobytes()])
    monkeypatch.setattr(pixels, "_STRIP", 17 * 4)
    steps = []
    pixels.graded(source, look, target, False, lambda fraction, text: steps.append(fraction))
    assert np.array_equal(pixels.opened(target), look.apply(picture))
    assert steps == [top / 31 for top in range(0, 31, 4)]
    pixels.graded(source, Lut.identity(), target, True, lambda *_: None)
    assert np.array_equal(pixels.opened(target), picture)
