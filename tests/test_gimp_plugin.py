"""The parts of the GIMP plug-in that need no GIMP."""

from __future__ import annotations

import ast
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from gradewright.hosts.gimp import adapter
from gradewright.hosts.gimp.plugin import geometry, history, service
from gradewright.hosts.gimp.plugin.service import ClientError
from gradewright.hosts.gimp.plugin.wish import Unusable, Wish
from hypothesis import given
from hypothesis import strategies as st

PLUGIN = Path(adapter.__file__).parent / "plugin"
BRIDGE = [sys.executable, "-m", "gradewright.hosts.gimp.bridge"]
IDENTITY = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


# -- geometry


@given(st.integers(1, 200), st.integers(1, 20000), st.integers(1, 1 << 20))
def test_strips_cover_every_row_once(height, width, pixels):
    found = list(geometry.strips(height, width, pixels))
    assert sum(rows for _, rows in found) == height
    assert [top for top, _ in found] == [sum(rows for _, rows in found[:i]) for i in range(len(found))]
    assert all(rows * width <= pixels or rows == 1 for _, rows in found)


def test_24_megapixels_go_in_strips_of_32_mib():
    found = list(geometry.strips(4000, 6000))
    assert len(found) == 12
    assert max(rows for _, rows in found) * 6000 * 16 <= 32 << 20


@given(st.integers(1, 30000), st.integers(1, 30000), st.integers(16, 2000))
def test_a_proxy_fits_and_has_pixels(width, height, side):
    new_width, new_height, scale = geometry.fitted(width, height, side)
    assert 1 <= max(new_width, new_height) <= side
    assert 0 < scale <= 1


def test_opaque_looks_at_every_alpha():
    pixel = struct.pack("<4f", 0.1, 0.2, 0.3, 1.0)
    assert geometry.opaque(pixel * 50)
    for alpha in (0.0, 0.5, 0.9999999, 2.0):
        other = struct.pack("<4f", 0.1, 0.2, 0.3, alpha)
        assert not geometry.opaque(pixel * 20 + other + pixel * 20)


# -- history


def test_history_keeps_the_newest_first_and_no_double(tmp_path):
    path = str(tmp_path / "h.json")
    assert history.read(path) == []
    for prompt in ("one", "two", "  one  ", ""):
        history.remember(path, prompt)
    assert history.read(path) == ["one", "two"]
    for number in range(100):
        history.remember(path, f"prompt {number}")
    assert len(history.read(path)) == history.LENGTH
    assert history.read(path)[0] == "prompt 99"


@pytest.mark.parametrize("content", ["", "{}", "not json", '[1, null, "kept"]'])
def test_a_damaged_history_is_no_error(tmp_path, content):
    path = tmp_path / "h.json"
    path.write_text(content)
    assert history.read(str(path)) == (["kept"] if "kept" in content else [])


def test_a_history_that_cannot_be_written_is_no_error(tmp_path):
    assert history.remember(str(tmp_path / "no" / "h.json"), "x") == ["x"]


def test_suggestions_are_different_prompts():
    assert len(set(history.SUGGESTIONS)) == len(history.SUGGESTIONS) >= 6


# -- wishes


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish("words", prompt=" \n\t"), "say in words what you want"),
        (Wish("match"), "choose a reference picture"),
        (
            Wish("match", file="/nowhere/x.jpg"),
            "/nowhere/x.jpg: there is no such file; choose a reference picture",
        ),
        (Wish("look"), "choose a look file"),
        (Wish("look", file="/"), "/: there is no such file"),
    ],
)
def test_an_unusable_wish_says_what_would_be_right(wish, message):
    with pytest.raises(Unusable, match=message.replace("(", r"\(")):
        wish.checked()


def test_a_wish_becomes_a_request():
    request = Wish("words", prompt='"a"\n🎞️', strength=0.5, seed=3).request("/p.gwpx", "/f", 400)
    assert request == {
        "prompt": '"a"\n🎞️',
        "photo": "/p.gwpx",
        "folder": "/f",
        "strength": 0.5,
        "luma": 1.0,
        "chroma": 1.0,
        "seed": 3,
        "variations": 4,
        "describe": False,
        "preview": 400,
    }
    assert Wish("match", file="/r.jpg").request("/p", "/f")["reference"] == "/r.jpg"
    assert Wish("auto").request("/p", "/f")["auto"] is True
    assert "preview" not in Wish("auto").request("/p", "/f")


def test_layers_have_short_titles_of_one_line():
    assert Wish("words", prompt="a\n b").title == "Gradewright: a b"
    assert len(Wish("words", prompt="x" * 500).title) <= 75
    assert Wish("look", file="/a/b.cube").title == "Gradewright: b.cube"
    assert Wish("match", file="/a/b.jpg").title == "Gradewright: like b.jpg"


# -- a process for one job


def run_alone(kind, request, command=BRIDGE, cancelled=None, news=None):
    progress = None if news is None else lambda *new: news.append(new)
    return service.alone(command, kind, request, progress, cancelled, "no service")


def test_a_process_does_what_the_service_does(tmp_path):
    lut, picture, out = (tmp_path / name for name in ("a.cube", "in.gwpx", "out.gwpx"))
    lut.write_text(IDENTITY)
    pixels = bytes(range(2 * 3 * 3))
    service.client.write_pixels(str(picture), 2, 3, 3, "uint8", [pixels])
    news = []
    done = run_alone("apply", {"lut": str(lut), "photo": str(picture), "output": str(out)}, news=news)
    assert done["path"] == str(out)
    assert out.read_bytes()[service.client.PIXELS_OFFSET :] == pixels
    assert news
    assert all(0 <= fraction <= 1 for fraction, _ in news)


def test_its_errors_are_lines(tmp_path):
    with pytest.raises(ClientError, match="kind: dance is not possible: use one of grade, apply") as caught:
        run_alone("dance", {})
    assert caught.value.kind == "input"
    with pytest.raises(ClientError, match="nothing was asked for") as caught:
        run_alone("grade", {"folder": str(tmp_path)})
    assert caught.value.kind == "input"


def test_a_process_that_cannot_run_gives_the_services_reason():
    with pytest.raises(ClientError, match="no service") as caught:
        run_alone("grade", {}, [sys.executable, "-c", "raise SystemExit(3)"])
    assert caught.value.kind == "unreachable"
    with pytest.raises(ClientError, match=r"no service \(/nowhere/python cannot be started"):
        run_alone("grade", {}, ["/nowhere/python"])


def test_a_process_that_dies_before_it_has_read_gives_the_services_reason():
    with pytest.raises(ClientError, match="no service") as caught:  # more than a pipe holds
        run_alone("grade", {"prompt": "x" * 500_000}, [sys.executable, "-S", "-c", "raise SystemExit(3)"])
    assert caught.value.kind == "unreachable"


def test_a_process_can_be_cancelled(tmp_path):
    mark = tmp_path / "pid"
    sleeper = (
        f"import os,time,pathlib; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    )
    with pytest.raises(ClientError, match="cancelled") as caught:
        run_alone("grade", {}, [sys.executable, "-c", sleeper], cancelled=mark.exists)
    assert caught.value.kind == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


def test_the_command_comes_from_what_the_installer_wrote(tmp_path, monkeypatch):
    monkeypatch.setattr(service.client, "__file__", str(tmp_path / "client.py"))
    facts = tmp_path / "gradewright.json"
    with pytest.raises(ClientError, match="run 'gradewright install gimp' again"):
        service.command_of_bridge()
    facts.write_text(json.dumps({"command": ["/usr/bin/x", "-m", "other"]}))
    with pytest.raises(ClientError, match="does not say how gradewright is started"):
        service.command_of_bridge()
    facts.write_text(json.dumps({"command": ["/usr/bin/x", "-m", "gradewright.cli"]}))
    assert service.command_of_bridge() == ["/usr/bin/x", "-m", "gradewright.hosts.gimp.bridge"]


class Flaky:
    """A client whose service is unreachable so many times."""

    def __init__(self, failures, kind="unreachable"):
        self.failures, self.kind, self.calls = failures, kind, 0

    def connect(self):
        return self

    def job(self, *_):
        self.calls += 1
        if self.calls <= self.failures:
            raise ClientError("it ended while it worked", self.kind)
        return {"done": self.calls}


@pytest.mark.parametrize(("failures", "expected"), [(0, {"done": 1}), (1, {"done": 2}), (2, {"alone": True})])
def test_a_service_that_dies_is_asked_once_more_then_done_without(monkeypatch, failures, expected):
    monkeypatch.setattr(service.client, "Client", Flaky(failures))
    monkeypatch.setattr(service, "command_of_bridge", lambda: ["x"])
    monkeypatch.setattr(service, "alone", lambda *_: {"alone": True})
    assert service.job("grade", {}) == expected


def test_what_is_wrong_with_the_request_is_not_tried_again(monkeypatch):
    flaky = Flaky(9, "input")
    monkeypatch.setattr(service.client, "Client", flaky)
    with pytest.raises(ClientError):
        service.job("grade", {})
    assert flaky.calls == 1


# -- what GIMP's Python can run


def test_the_plug_in_imports_only_the_standard_library_and_gi():
    for path in [*PLUGIN.glob("*.py"), PLUGIN.parent / "entry.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            roots = {name.split(".")[0] for name in names}
            assert roots <= {*sys.stdlib_module_names, "gi", "gradewright", "gradewright_gimp"}, path
            if "gradewright" in roots:  # for type checkers only
                assert path.name == "service.py"


def test_the_pure_modules_load_beside_a_copied_client(tmp_path):
    adapter.install.put("gimp", tmp_path, adapter.files(), executable=["gradewright.py"])
    code = (
        "from gradewright_gimp import geometry, history, service, wish; import sys, client; "
        "assert service.client is client; "
        "assert not {'gradewright', 'numpy', 'gi'} & set(sys.modules); print(service.command_of_bridge())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[0:0] = [{str(tmp_path)!r}]; {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "gradewright.hosts.gimp.bridge" in done.stdout


# -- the adapter


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")  # no GIMP
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def test_install_finds_both_versions_and_uninstall_leaves_nothing_of_ours(home):
    for version in ("2.10", "3.0", "3.2"):
        (home / ".config" / "GIMP" / version / "plug-ins").mkdir(parents=True)
    lines = adapter.ADAPTER.install()
    assert "restart GIMP" in lines[-1]
    for version in ("3.0", "3.2"):
        script = home / ".config" / "GIMP" / version / "plug-ins" / "gradewright" / "gradewright.py"
        assert os.access(script, os.X_OK)
        assert (script.parent / "gradewright_gimp" / "plugin.py").is_file()
        assert (script.parent / "client.py").is_file()
    assert not list((home / ".config" / "GIMP" / "2.10" / "plug-ins").iterdir())
    assert sum("up to date" in line for line in adapter.ADAPTER.doctor()) == 2
    assert len(adapter.ADAPTER.uninstall()) == 2
    assert not list((home / ".config" / "GIMP").rglob("gradewright*"))


def test_without_gimp_it_says_what_was_looked_for(home):
    with pytest.raises(ValueError, match=r"no configuration folder of GIMP 3\.0 or 3\.2 was found"):
        adapter.ADAPTER.install()
    assert adapter.ADAPTER.uninstall() == []
    assert any("no configuration folder" in line for line in adapter.ADAPTER.doctor())


def test_a_folder_that_is_named_is_taken(tmp_path):
    adapter.ADAPTER.install(tmp_path / "mine")
    assert (tmp_path / "mine" / "plug-ins" / "gradewright" / "gradewright.py").is_file()
    assert adapter.ADAPTER.uninstall(tmp_path / "mine")


def program(folder, version):
    """A gimp-X.Y that tells its version."""
    folder.mkdir(exist_ok=True)
    path = folder / f"gimp-{version}"
    path.write_text(f"#!/bin/sh\necho GNU Image Manipulation Program version {version}.4\n")
    path.chmod(0o755)
    return folder


def test_a_gimp_that_was_never_started_gets_its_folder(home, monkeypatch):
    monkeypatch.setenv("PATH", str(program(home / "bin", "3.2")))
    adapter.ADAPTER.install()
    assert (home / ".config" / "GIMP" / "3.2" / "plug-ins" / "gradewright" / "gradewright.py").is_file()


def test_settings_of_an_older_gimp_are_left_to_be_taken_over(home, monkeypatch):
    monkeypatch.setenv("PATH", str(program(home / "bin", "3.2")))
    (home / ".config" / "GIMP" / "2.10").mkdir(parents=True)
    with pytest.raises(ValueError, match="start GIMP once and close it"):
        adapter.ADAPTER.install()


def test_doctor_tells_versions_and_whether_gimp_lists_the_plug_in(home, monkeypatch):
    folder = program(program(home / "bin", "3.0"), "3.2")
    (folder / "gimp-3.2").write_text("#!/bin/sh\nexit 3\n")
    monkeypatch.setenv("PATH", str(folder))
    for version in ("3.0", "3.2"):
        (home / ".config" / "GIMP" / version).mkdir(parents=True)
    assert not any("plug-in" in line for line in adapter.ADAPTER.doctor() if "not installed" not in line)
    adapter.ADAPTER.install()
    (home / ".config" / "GIMP" / "3.0" / "pluginrc").write_text('(proc-def "plug-in-gradewright-words" 1\n')
    lines = adapter.ADAPTER.doctor()
    assert lines[0] == f"GIMP: 3.0.4 ({folder}/gimp-3.0), of unknown version ({folder}/gimp-3.2)"
    assert "GIMP 3.0: it lists the plug-in" in lines
    assert "GIMP 3.2: it has not seen the plug-in yet: start it, and close it again" in lines
