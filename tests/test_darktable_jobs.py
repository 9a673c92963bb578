"""darktable: the panel's jobs, the installer, batches with a stand-in for darktable-cli, packages."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from gradewright import lutio
from gradewright.core.errors import BadInput, FileError
from gradewright.hosts.darktable import adapter, grading, job, looks, package, program, style
from gradewright.hosts.tasks.step import Cancelled
from PIL import Image
from scenes import scene

WEIGHTS = Path(job.__file__).parents[2] / "core" / "weights"


@pytest.fixture
def folder(tmp_path):
    """A job's folder with a photo, and a LUT root."""
    (tmp_path / "job").mkdir()
    (tmp_path / "luts").mkdir()
    Image.fromarray((scene(1) * 255).round().astype(np.uint8)).save(tmp_path / "job" / "photo1.jpg")
    return tmp_path / "job"


def ask(folder: Path, **more: object) -> dict:
    photos, root = [str(folder / "photo1.jpg")], str(folder.parent / "luts")
    request = {"photos": photos, "prompt": "warm", "lut_root": root, **more}
    given = {name: value for name, value in request.items() if value is not None}
    (folder / "request.json").write_text(json.dumps(given))
    result = job.run(folder)
    assert json.loads((folder / "result.json").read_text()) == result
    return result


# -- jobs


def test_a_job_makes_a_style_and_a_cube(folder):
    result = ask(folder)
    (look,) = result["looks"]
    assert look["kind"] == "lut"
    assert look["modules"] == ["lut3d"]
    cube = folder.parent / "luts" / "gradewright" / f"{look['name']}.cube"
    assert lutio.read(cube).size == 33
    assert style.read_steps(Path(look["path"]))[0] == look["name"]
    assert (folder / "progress").read_text().startswith("0.900 writing the LUT")
    assert result["service"] is False


def test_native_modules_and_what_they_come_within(folder):
    (look,) = ask(folder, output="modules")["looks"]
    assert set(look["modules"]) <= set(looks.NATIVE)
    assert 0 < look["residual_de"] < 2
    assert not (folder.parent / "luts" / "gradewright").exists()
    assert all(step.label == "gradewright" for step in style.read_steps(Path(look["path"]))[1])


DISPLAY = {"tonecurve", "colorcorrection", "colorzones"}


def test_raw_files_get_modules_that_come_after_the_tone_mapper(folder):
    (look,) = ask(folder, output="modules", raw=[True])["looks"]
    assert set(look["modules"]) <= DISPLAY
    assert 0 < look["residual_de"] < 2
    assert set(ask(folder, output="modules", raw=[False, True])["looks"][0]["modules"]) <= DISPLAY
    Image.new("RGB", (64, 48), (90, 60, 40)).save(folder / "photo2.jpg")
    photos = [str(folder / f"photo{n}.jpg") for n in (1, 2)]
    both = ask(folder, photos=photos, output="modules", raw=[False, True], each=True)["looks"]
    assert not set(both[0]["modules"]) & DISPLAY
    assert set(both[1]["modules"]) <= DISPLAY


def test_each_photo_its_own_or_one_for_all(folder):
    Image.new("RGB", (64, 48), (90, 60, 40)).save(folder / "photo2.jpg")
    photos = [str(folder / f"photo{n}.jpg") for n in (1, 2)]
    assert [look["photo"] for look in ask(folder, photos=photos)["looks"]] == [0]
    assert [look["photo"] for look in ask(folder, photos=photos, each=True)["looks"]] == [0, 1]


def test_variations_are_different(folder):
    made = ask(folder, variations=3, prompt="moody film look")["looks"]
    assert [look["variation"] for look in made] == list(range(len(made)))
    assert len({look["name"] for look in made}) == len(made) > 1


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"photos": None}, "needs 'photos'"),
        ({"photos": ["/no/where.jpg"]}, "/no/where.jpg"),
        ({"prompt": None}, "nothing was asked for"),
        ({"strength": 2}, "strength 2 is out of range: 0..1"),
        ({"output": "styles"}, "output: styles is not possible: use one of lut, modules"),
        ({"lut_root": "/no/where"}, "darktable's LUT root does not exist"),
        ({"promt": "x"}, "has no field 'promt'; did you mean 'prompt'?"),
        ({"raw": ["yes"]}, "raw: true or false is needed"),
        ({"photos": ["/a.jpg", "/b.jpg"], "raw": [True]}, "raw: 2 values are needed, one a photo, not 1"),
    ],
)
def test_refusals_are_results(folder, more, message):
    assert message in ask(folder, **more)["error"]


def test_cancelled_before_it_starts(folder):
    (folder / "cancel").touch()
    assert ask(folder) == {"error": "cancelled", "cancelled": True}
    assert not (folder.parent / "luts" / "gradewright").exists()


def test_the_command_prints_the_result_and_refuses_a_folder_without_request(folder, cli):
    (folder / "request.json").write_text("{")
    done = cli("darktable", "run", folder)
    assert done.code == 2
    assert "request.json: is not JSON" in done.err
    ask(folder)
    assert json.loads(cli.ok("darktable", "run", folder).out)["looks"]
    assert "request.json: No such file" in cli("darktable", "run", folder.parent).err


class Service:
    """What Client.connect gives; it fails as told."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def connect(self, *_args: object, **_named: object) -> Service:
        return self

    def grade(self, _request: dict, progress: object, cancelled: object) -> dict:
        raise grading.client.ClientError("no colour", self.kind)


@pytest.mark.parametrize("kind", ["unreachable", "busy", "fault"])
def test_without_a_service_it_works_here(folder, monkeypatch, kind):
    monkeypatch.delenv(grading.OFF, raising=False)
    monkeypatch.setattr(grading.client, "Client", Service(kind))
    result = ask(folder)
    assert result["service"] is False
    assert result["looks"]


def test_what_the_service_refuses_or_cancels_stays_refused(folder, monkeypatch):
    monkeypatch.delenv(grading.OFF, raising=False)
    monkeypatch.setattr(grading.client, "Client", Service("input"))
    assert ask(folder) == {"error": "no colour"}
    monkeypatch.setattr(grading.client, "Client", Service("cancelled"))
    assert ask(folder)["cancelled"] is True


def test_whether_the_answer_is_still_wanted():
    def gone(_fraction: float, _text: str) -> None:
        raise Cancelled

    assert grading._wanted(gone)
    assert not grading._wanted(lambda fraction, text: None)


# -- installing


@pytest.fixture
def config(tmp_path):
    (tmp_path / "darktable").mkdir()
    return tmp_path / "darktable"


def test_install_and_uninstall_leave_the_luarc_as_it_was(config, cli):
    (config / "luarc").write_bytes(b'-- mine\nrequire "tools/script_manager"')
    said = cli.ok("install", "darktable", "--folder", config).err
    assert f"added a line to {config}/luarc" in said
    ours = config / "lua" / "gradewright"
    assert {path.name for path in ours.iterdir()} >= {"gradewright.lua", "gradewright.json", "off"}
    assert (config / "luarc").read_text().splitlines()[-1] == adapter.LINE
    said = cli.ok("install", "darktable", "--folder", config).err  # again: an update, no second line
    assert (config / "luarc").read_text().count(adapter.LINE) == 1
    (config / "lua" / "mine.lua").write_text("-- mine")
    said = cli.ok("uninstall", "darktable", "--folder", config).err
    assert "took our line out" in said
    assert (config / "luarc").read_bytes() == b'-- mine\nrequire "tools/script_manager"\n'
    assert [path.name for path in (config / "lua").iterdir()] == ["mine.lua"]


def test_uninstall_takes_its_own_luarc_and_folder(config, cli):
    cli.ok("install", "darktable", "--folder", config)
    cli.ok("uninstall", "darktable", "--folder", config)
    assert list(config.iterdir()) == []
    assert "nothing of gradewright's" in cli.ok("uninstall", "darktable", "--folder", config).err


def test_no_darktable_here(cli, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    done = cli("install", "darktable")
    assert done.code == 2
    assert f"darktable has no configuration in {tmp_path}/.config/darktable: start it once" in done.err


def test_doctor_finds_what_is_wrong(config, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (config / "darktablerc").write_text("plugins/darkroom/lut3d/def_path=/no/where\n")
    lines = "\n".join(adapter.ADAPTER.doctor())
    assert "not installed" in lines
    assert "the LUT root /no/where does not exist: choose one in darktable's preferences" in lines
    adapter.ADAPTER.install(None)
    (config / "luarc").write_text("")
    assert "luarc does not load it; install it again" in "\n".join(adapter.ADAPTER.doctor())


def test_flatpak_is_told_what_it_needs(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / ".var/app/org.darktable.Darktable/config/darktable").mkdir(parents=True)
    assert any("flatpak override --user" in line for line in adapter.ADAPTER.install(None))


# -- darktable-cli

# A program that answers 0 whatever happens, as the real one does.
CLI = """#!/bin/sh
echo "$@" >> "@FOLDER@/calls"
echo "dconf-WARNING **: failed to commit changes to dconf" >&2
case "$1" in *broken*) echo "cannot read"; exit 0;; *quiet*) exit 0;; esac
case "$*" in *--style*) [ -e "@FOLDER@/badlut" ] && echo "[lut3d] invalid cube file";; esac
cp "@FOLDER@/render.png" "$2"
"""


@pytest.fixture
def darktable(tmp_path, monkeypatch):
    """A stand-in program, named by the variable."""
    Image.fromarray((scene(2) * 255).round().astype(np.uint8)).save(tmp_path / "render.png")
    (tmp_path / "dt").write_text(CLI.replace("@FOLDER@", str(tmp_path)))
    (tmp_path / "dt").chmod(0o755)
    monkeypatch.setenv(program.VARIABLE, str(tmp_path / "dt"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "in").mkdir()
    for name in ("a.jpg", "b.dng", "notes.txt"):
        (tmp_path / "in" / name).write_bytes(b"photo")
    return tmp_path


def calls(darktable: Path) -> list[str]:
    return (darktable / "calls").read_text().splitlines()


def test_batch_one_look(darktable, cli):
    said = cli.ok("darktable", "batch", "in", "--prompt", "warm", "-o", "out").err
    assert sorted(p.name for p in (darktable / "out").iterdir()) == ["a.jpg", "b.jpg"]
    assert "in/a.jpg -> out/a.jpg" in said
    proxy, first, second = calls(darktable)
    assert "--width 640" in proxy
    assert "--style" not in proxy
    style_of = [call.split("--style ")[1].split()[0] for call in (first, second)]
    assert style_of[0] == style_of[1]
    assert "--library :memory:" in first
    assert "--style-overwrite" not in first


def test_batch_each_its_own_with_modules(darktable, cli):
    said = cli.ok(
        "darktable", "batch", "in", "--prompt", "warm", "-o", "out", "--each", "--as", "modules"
    ).err
    assert len(calls(darktable)) == 4
    assert "in/b.dng -> out/b.jpg" in said


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("broken.jpg", "darktable did not render it: cannot read"),
        ("quiet.jpg", "did not render it: no message"),
    ],
)
def test_failures_are_found_though_it_answers_0(darktable, cli, name, message):
    (darktable / "in" / name).write_bytes(b"")
    done = cli("darktable", "batch", f"in/{name}", "in/a.jpg", "--prompt", "warm", "-o", "out")
    assert done.code == 2
    assert message in done.err
    assert "1 of 2 photos could not be rendered" in done.err
    assert [p.name for p in (darktable / "out").iterdir()] == ["a.jpg"]


def test_a_run_that_dies_does_not_lock_the_others_out(darktable, cli):
    """It leaves a lock on the library, which the next run takes for a running darktable."""
    text = (darktable / "dt").read_text()
    lock = 'for w; do [ "$last" = --configdir ] && D=$w; last=$w; done; [ -e "$D/data.db.lock" ] && exit 0\n'
    text = text.replace("#!/bin/sh\n", f"#!/bin/sh\n{lock}")
    (darktable / "dt").write_text(text.replace("exit 0;; *quiet", 'touch "$D/data.db.lock"; exit 0;; *quiet'))
    (darktable / "in" / "broken.jpg").write_bytes(b"")
    done = cli("darktable", "batch", "in/broken.jpg", "in/a.jpg", "in/b.dng", "--prompt", "warm", "-o", "out")
    assert "1 of 3 photos could not be rendered" in done.err
    assert sorted(p.name for p in (darktable / "out").iterdir()) == ["a.jpg", "b.jpg"]


def test_an_ungraded_render_is_a_failure(darktable, cli):
    (darktable / "badlut").touch()
    done = cli("darktable", "batch", "in/a.jpg", "--prompt", "warm", "-o", "out")
    assert "[lut3d] invalid cube file" in done.err
    assert list((darktable / "out").iterdir()) == []


def test_batch_refuses_before_it_works(darktable, cli):
    wish = ("--prompt", "warm", "-o", "out")
    assert "nothing was asked for" in cli("darktable", "batch", "in", "-o", "out").err
    assert "nowhere: no such file or folder" in cli("darktable", "batch", "nowhere", *wish).err
    (darktable / "empty").mkdir()
    assert "no photos in empty" in cli("darktable", "batch", "empty", *wish).err
    (darktable / "in" / "a.png").touch()
    assert "would both be written to out/a.jpg: separate them" in cli("darktable", "batch", "in", *wish).err
    (darktable / "in" / "a.png").unlink()
    (darktable / "out").mkdir(exist_ok=True)
    (darktable / "out" / "a.jpg").write_text("mine")
    assert "out/a.jpg: already exists" in cli("darktable", "batch", "in", *wish).err
    (darktable / "file").touch()
    for name in ("file", "file/out"):
        done = cli("darktable", "batch", "in", "--prompt", "warm", "-o", name)
        assert (done.code, f"{name}: cannot be a folder" in done.err) == (2, True)
    done = cli("darktable", "batch", "in", "--prompt", "warm", "-o", "in", "--force")
    assert "in/a.jpg: is one of the photos: write into another folder" in done.err
    done = cli("darktable", "batch", "in", "--reference", "gone.jpg", "-o", "out2")
    assert done.err.strip() == "gradewright: gone.jpg: no such file"
    assert not (darktable / "calls").exists()


def test_settings_and_presets_are_copied_not_touched(darktable):
    config = darktable / "config" / "darktable"
    config.mkdir(parents=True)
    (config / "darktablerc").write_text("plugins/darkroom/workflow=x\n")
    with sqlite3.connect(config / "data.db") as database:
        database.execute("create table presets (name text)")
    before = {path.name: path.read_bytes() for path in config.iterdir()}
    with program.opened() as opened:
        assert "workflow=x" in (opened.folder / "darktablerc").read_text()
        with sqlite3.connect(opened.folder / "data.db") as copy:
            assert copy.execute("select count(*) from presets").fetchone() == (0,)
    assert not opened.folder.exists()
    assert {path.name: path.read_bytes() for path in config.iterdir()} == before


def test_a_program_that_is_nowhere(monkeypatch):
    monkeypatch.setenv(program.VARIABLE, "/no/where")
    with pytest.raises(BadInput, match="names /no/where, which does not exist"):
        program.find()
    monkeypatch.delenv(program.VARIABLE)
    monkeypatch.setattr(program.shutil, "which", lambda name: None)
    monkeypatch.setattr(program, "_ELSEWHERE", {})
    with pytest.raises(BadInput, match="it is not on the PATH"):
        program.find()


def test_lua_text_is_read_as_it_was():
    from lupa import lua54

    text = "/tmp/a'b\"c\\d é\n1/x.dtstyle"
    assert lua54.LuaRuntime().eval(program._lua(text)) == text


# -- style by hand


def test_style_command(cli, files):
    said = cli.ok("darktable", "style", "look.cube", "--as", "modules", "--json", "-o", "n.dtstyle")
    facts = json.loads(said.out)
    assert facts["residual_de"] < 3
    assert [step.module for step in style.read_steps(files / "n.dtstyle")[1]] == facts["modules"]
    said = cli.ok("darktable", "style", "look.cube", "--as", "modules", "--raw", "--json", "-o", "r.dtstyle")
    assert set(json.loads(said.out)["modules"]) <= DISPLAY
    done = cli("darktable", "style", "look.cube", "--as", "modules", "-o", "n.dtstyle")
    assert "already exists" in done.err


# -- the package for darktable's AI runtime


def test_package(tmp_path):
    networks = {"model.onnx": WEIGHTS / "critic.onnx"}
    config = package.write(tmp_path / "a.dtmodel", networks, "1.2.3")
    with zipfile.ZipFile(tmp_path / "a.dtmodel") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{package.ID}/model.onnx", f"{package.ID}/config.json"]
        assert json.loads(archive.read(f"{package.ID}/config.json")) == json.loads(json.dumps(config))
        assert archive.read(f"{package.ID}/model.onnx") == networks["model.onnx"].read_bytes()
    assert {"id", "name", "description", "task", "backend", "version"} <= set(config)
    assert config["backend"] == "onnx"
    assert config["num_inputs"] == len(config["networks"]["model.onnx"]["inputs"]) > 0
    with pytest.raises(FileError, match="already exists"):
        package.write(tmp_path / "a.dtmodel", networks, "1.2.3")
    package.write(tmp_path / "b.dtmodel", networks, "1.2.3")
    assert (tmp_path / "a.dtmodel").read_bytes() == (tmp_path / "b.dtmodel").read_bytes()


def test_the_auto_networks_are_packaged_and_run_as_the_config_says(tmp_path, cli):
    """Whatever the weights of this version are."""
    cli.ok("darktable", "model", "-o", tmp_path / "auto.dtmodel")
    with zipfile.ZipFile(tmp_path / "auto.dtmodel") as archive:
        archive.extractall(tmp_path)
    config = json.loads((tmp_path / package.ID / "config.json").read_text())
    assert config["id"] == package.ID
    assert config["task"] == "general"
    for name, tensors in config["networks"].items():
        session = onnxruntime.InferenceSession(str(tmp_path / package.ID / name))
        shapes = {t["name"]: [7 if isinstance(n, str) else n for n in t["shape"]] for t in tensors["inputs"]}
        made = session.run(None, {key: np.zeros(shape, np.float32) for key, shape in shapes.items()})
        wanted = [[7 if isinstance(n, str) else n for n in t["shape"]] for t in tensors["outputs"]]
        assert [list(one.shape) for one in made] == wanted


def test_networks_that_darktable_cannot_run(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match=r"is a tensor\(int64\), and darktable's scripts hold float32"):
        package.inspect(WEIGHTS / "minilm_int8.onnx")
    (tmp_path / "x.onnx").write_bytes(b"no network")
    with pytest.raises(FileError, match="no ONNX network"):
        package.inspect(tmp_path / "x.onnx")
    monkeypatch.setattr(package, "MAX_OPSET", 5)
    with pytest.raises(BadInput, match="and darktable runs 5 at most"):
        package.inspect(WEIGHTS / "critic.onnx")


def test_a_version_without_the_networks_says_so(tmp_path, cli, monkeypatch):
    monkeypatch.setattr("gradewright.core.weights.__path__", [str(tmp_path)])
    done = cli("darktable", "model", "-o", "a.dtmodel")
    assert done.code == 2
    assert "auto_tower.onnx is not among this version's weights" in done.err
    with pytest.raises(FileError, match=r"end it in \.dtmodel"):
        package.write(tmp_path / "a.zip", {}, "1")


def test_no_half_written_files(darktable, cli):
    cli.ok("darktable", "batch", "in/a.jpg", "--prompt", "warm", "-o", "out")
    assert [name for name in os.listdir(darktable / "out") if name.endswith(".part")] == []
