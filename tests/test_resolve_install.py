"""Installing into every edition of Resolve, in made-up homes; the commands that need no Resolve."""

from __future__ import annotations

import ast
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import service_runner
from gradewright.cli.resolve import _stoppable
from gradewright.core.errors import BadInput, FileError
from gradewright.hosts.resolve import adapter, checks, external
from gradewright.hosts.resolve.inside import luts
from gradewright.hosts.resolve.inside.errors import ResolveError
from gradewright.hosts.resolve.inside.state import State
from gradewright.hosts.resolve.places import places
from resolve_double import FREE_21_0, FREE_21_1, STUDIO_20_3, World, lua
from resolve_double.session import picture

HOMES = {
    "linux": ".local/share/DaVinciResolve",
    "darwin": "Library/Application Support/Blackmagic Design/DaVinci Resolve",
    "win32": "AppData/Roaming/Blackmagic Design/DaVinci Resolve",
    "store": "Library/Containers/com.blackmagic-design.DaVinciResolveLite/Data",
    "store studio": "Library/Containers/com.blackmagic-design.DaVinciResolve/Data",
}
SCRIPTS = {
    "linux": ".local/share/DaVinciResolve/Fusion/Scripts",
    "darwin": "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts",
    "win32": "AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts",
    "store": HOMES["store"] + "/" + HOMES["darwin"] + "/Fusion/Scripts",
    "store studio": HOMES["store studio"] + "/" + HOMES["darwin"] + "/Fusion/Scripts",
}
# Which of two folders the sandboxed editions read differs between machines: both are served.
OTHERS = {
    kind: HOMES[kind] + "/Library/Application Support/Fusion/Scripts" for kind in HOMES if "store" in kind
}


def resolve_at(kind: str, home: Path) -> adapter.ResolveAdapter:
    (home / HOMES[kind]).mkdir(parents=True)
    platform = "darwin" if "store" in kind else kind
    return adapter.ResolveAdapter(places(platform, home, {}))


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", HOMES)
def test_install_and_uninstall(kind, tmp_path):
    found = resolve_at(kind, tmp_path)
    mine = tmp_path / SCRIPTS[kind] / "Utility/mine.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own script")
    before = tree(tmp_path)
    lines = found.install()
    assert any("Workspace > Scripts > gradewright" in line for line in lines)
    new = tree(tmp_path) - before
    scripts = {name for name in new if "/Scripts/" in name}
    folders = [SCRIPTS[kind], *(folder for other, folder in OTHERS.items() if other == kind)]
    assert scripts == {
        f"{folder}/{name}"
        for folder in folders
        for name in ("Utility/gradewright.py", "Color/gradewright (Lua).lua")
    }
    library = [name for name in new if name.endswith("gradewright_resolve/menu.py")]
    assert len(library) == 1
    assert "up to date" in found.doctor()[0]
    found.install()  # again: an update
    assert tree(tmp_path) - before == new
    state = found.places.installed()[0].state
    State(str(state)).remember({"prompt": "warm"})
    assert f"{state} stays: your prompts, and what can be undone" in found.uninstall()
    shutil.rmtree(state)
    assert tree(tmp_path) == before
    assert mine.read_text() == "my own script"
    assert "not installed" in found.doctor()[0]
    assert found.uninstall() == []
    found.install()
    (tmp_path / SCRIPTS[kind] / "Color/gradewright (Lua).lua").unlink()
    assert "gradewright (Lua).lua; install it again" in found.doctor()[0]


def test_the_sandbox_holds_everything(tmp_path):
    """The App Store edition reads its own container only, and follows no link out of it."""
    resolve_at("store", tmp_path).install()
    box = HOMES["store"]
    assert all(name.startswith(box) for name in tree(tmp_path))
    assert not [path for path in tmp_path.rglob("*") if path.is_symlink()]


def test_the_launcher_works_in_another_python(tmp_path):
    """What is installed stands alone: run by a bare Python without gradewright."""
    resolve_at("linux", tmp_path).install()
    launcher = tmp_path / SCRIPTS["linux"] / "Utility/gradewright.py"
    done = subprocess.run(
        [sys.executable, "-I", "-S", launcher], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "gradewright: start this from Resolve's menu Workspace > Scripts\n"
    assert done.stderr == ""


def test_what_is_installed_grades_through_a_real_service(tmp_path, monkeypatch):
    """The installed copies, their own client, a service on a socket: everything but Resolve is real."""
    found = resolve_at("linux", tmp_path)
    found.install()
    monkeypatch.syspath_prepend(found.places.editions[0].library.parent)
    world = World(tmp_path / "world", FREE_21_0)
    clips = [world.add(f"A{number}", picture(number)) for number in range(2)]
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(world.master))
    monkeypatch.setenv("GRADEWRIGHT_RESOLVE_STATE", str(tmp_path / "state"))
    State(str(tmp_path / "state")).remember({"prompt": 'warm "golden"\n🌅', "task": "all", "size": 17})
    said = []
    try:
        menu = importlib.import_module("gradewright_resolve.menu")
        assert Path(menu.__file__).is_relative_to(tmp_path)
        with service_runner.running() as service:
            client = importlib.import_module("gradewright_resolve.client").Client(str(service.folder))
            service_of = importlib.import_module("gradewright_resolve.service").Service
            assert menu.main({"resolve": world.resolve}, service_of(client), None, said.append) == 0
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "gradewright_resolve"]:
            del sys.modules[name]
    assert said[-1] == "2 of 2 clips graded"
    assert {clip.version for clip in clips} == {"gradewright 1"}
    assert sum("agrees with our own render" in line for line in said) == 2


def test_the_installed_courier_finds_its_job(tmp_path):
    resolve_at("linux", tmp_path).install()
    world = World(tmp_path / "world", FREE_21_1)
    world.add("A", picture())
    script = tmp_path / SCRIPTS["linux"] / "Color/gradewright (Lua).lua"
    (line,) = lua.Host(world).run(script)
    assert "run 'gradewright resolve courier' in a terminal first" in line


def test_what_is_not_ours_is_not_touched(tmp_path):
    found = resolve_at("linux", tmp_path)
    theirs = tmp_path / SCRIPTS["linux"] / "Utility/gradewright.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("somebody else's")
    before = tree(tmp_path)
    with pytest.raises(FileError, match="was not installed by gradewright: move it away first"):
        found.install()
    assert tree(tmp_path) == before
    found.uninstall()
    assert theirs.read_text() == "somebody else's"


def test_not_installed(tmp_path):
    found = adapter.ResolveAdapter(places("darwin", tmp_path, {}))
    with pytest.raises(BadInput, match=r"DaVinci Resolve was not found: looked for .*DaVinciResolveLite"):
        found.install()
    assert found.doctor() == ("DaVinci Resolve: not found",)


def test_a_folder_that_the_user_names(tmp_path):
    scripts = tmp_path / "odd/Fusion/Scripts"
    scripts.mkdir(parents=True)
    found = adapter.ResolveAdapter(places("linux", tmp_path, {}))
    found.install(scripts)
    manifest = json.loads((scripts.parent / "gradewright_resolve/gradewright.json").read_text())
    assert manifest["state"] == State().folder  # where 'gradewright resolve ask' leaves a wish
    assert (scripts / adapter.LAUNCHER).is_file()
    found.uninstall(scripts)
    assert tree(tmp_path) == set()


class TestDoctor:
    """What is missing is explained."""

    @pytest.fixture
    def lines(self, tmp_path, monkeypatch):
        found = resolve_at("linux", tmp_path)
        monkeypatch.setenv("GRADEWRIGHT_RESOLVE_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", "")
        for name in ("RESOLVE_SCRIPT_API", "RESOLVE_SCRIPT_LIB"):
            monkeypatch.delenv(name, raising=False)
        return lambda: "\n".join(checks.findings(found.places))

    def test_no_lut_folder_no_module(self, lines):
        said = lines()
        assert "Resolve's LUT folder was not found (looked for /opt/resolve/LUT" in said
        assert "without RESOLVE_SCRIPT_API it is expected at" in said
        assert "from 21.1 on" in said

    def test_environment_variables_that_lead_nowhere(self, lines, monkeypatch):
        monkeypatch.setenv("RESOLVE_SCRIPT_API", "/nowhere")
        assert "RESOLVE_SCRIPT_API names /nowhere, which is not there" in lines()

    def test_the_preference(self, lines, tmp_path, monkeypatch):
        monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
        monkeypatch.setenv("RESOLVE_SCRIPT_LIB", str(tmp_path))
        assert "External scripting: Local" in lines()

    def test_lut_folders(self, lines, tmp_path, monkeypatch):
        folder = tmp_path / "luts"
        folder.mkdir()
        monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(folder))
        assert f"LUTs go to {folder}/gradewright" in lines()
        monkeypatch.setattr("gradewright.hosts.resolve.checks.os.access", lambda *_: False)
        assert f"{folder} cannot be written: make it yours once (in a terminal: sudo mkdir -p" in lines()

    def test_a_windows_folder_is_explained_in_windows_words(self, tmp_path, monkeypatch):
        found = resolve_at("win32", tmp_path)
        monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(tmp_path))
        monkeypatch.setattr("gradewright.hosts.resolve.checks.os.access", lambda *_: False)
        said = "\n".join(found.doctor())
        assert "as administrator: mkdir" in said
        assert "sudo" not in said

    @pytest.mark.parametrize(("version", "said"), [((3, 11), False), ((3, 12), False), ((3, 14), True)])
    def test_pythons_that_older_builds_do_not_answer(self, version, said):
        assert ("Builds before 20.3" in external.python_limit(version)) == said


def test_the_sandbox_is_told_where_it_may_write(tmp_path, monkeypatch):
    source = tmp_path / "a.cube"
    source.write_text("LUT_3D_SIZE 2\n")
    (tmp_path / "LUT/gradewright").mkdir(parents=True)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(luts, "_write_new", denied)
    monkeypatch.setattr(luts, "__file__", f"/Users/x/{HOMES['store']}/luts.py")
    with pytest.raises(ResolveError, match=r"App Store's edition may write .* ~/Movies only") as error:
        luts.place(str(source), "a", [str(tmp_path / "LUT")], "darwin")
    assert "sudo" not in str(error.value)


def test_a_windows_home_from_its_variables(tmp_path):
    found = places("win32", tmp_path, {"APPDATA": str(tmp_path / "R"), "PROGRAMDATA": "D:/P"})
    assert (
        found.editions[0].scripts == tmp_path / "R/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts"
    )
    assert str(found.luts[0]).startswith("D:/P")


INSIDE = sorted(adapter.INSIDE.glob("*.py"))


@pytest.mark.parametrize("path", INSIDE, ids=lambda path: path.name)
def test_what_runs_inside_is_python_3_6_and_standard_library(path):
    tree = ast.parse(path.read_text(), feature_version=(3, 6))
    for node in ast.walk(tree):
        # feature_version lets these pass, or they are syntax of 3.6 with a meaning of later
        assert not isinstance(node, (ast.NamedExpr, ast.JoinedStr, getattr(ast, "Match", ast.NamedExpr))), (
            node.lineno
        )
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module]
        for name in names:
            top = name.partition(".")[0]
            allowed = (
                top in sys.stdlib_module_names or top == "fusionscript" or name == "gradewright.hosts.client"
            )
            assert allowed, name
            assert name != "__future__", "annotations came with 3.7"


def running(home: Path, monkeypatch, profile) -> World:
    """A Resolve of two clips whose scripting module is found."""
    world = World(home / "world", profile)
    for number in range(2):
        world.add(f"A{number}", picture(number))
    module = home / "api/Modules/DaVinciResolveScript.py"
    module.parent.mkdir(parents=True)
    module.touch()
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(home / "api"))
    monkeypatch.setenv("RESOLVE_SCRIPT_LIB", str(home / "fusionscript.so"))
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(world.master))
    monkeypatch.setitem(sys.modules, "DaVinciResolveScript", SimpleNamespace(scriptapp=world.scriptapp))
    return world


class TestCommands:
    """gradewright resolve, without a Resolve."""

    @pytest.fixture
    def home(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GRADEWRIGHT_RESOLVE_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
        monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path / "none"))
        (tmp_path / "luts").mkdir()
        monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(tmp_path / "luts"))
        return tmp_path

    def test_grade_without_a_resolve(self, cli, home):
        assert "Resolve's scripting module is not in" in cli.refused("resolve", "grade", "--prompt", "warm")

    def test_a_running_studio_from_outside(self, cli, home, monkeypatch):
        """The whole way from the command line, through Blackmagic's module as the double answers it."""
        world = running(home, monkeypatch, STUDIO_20_3)
        clip = world.tracks[0][0]
        said = cli.ok("resolve", "grade", "--set", "exposure=0.3", "--size", "33").err
        assert "A0: graded" in said
        assert "the frame agrees with our own render" in said
        assert clip.nodes[0].lut.startswith("gradewright/")
        assert (
            "2 of 2 clips graded" in cli.ok("resolve", "grade", "--set", "exposure=0.4", "--cdl", "--all").err
        )
        cli.ok("resolve", "undo")
        assert "back to 'Version 1'" in cli.ok("resolve", "undo").err
        assert clip.version == "Version 1"
        assert "nothing of ours to undo" in cli.refused("resolve", "undo")
        assert "has timelines" in cli.ok("resolve", "selftest", "--record", home / "out.jsonl").err
        assert "already exists" in cli.refused("resolve", "selftest", "--record", home / "out.jsonl")
        cli.ok("resolve", "selftest", "--record", home / "out.jsonl", "--force")

    def test_an_edition_that_does_not_answer_from_outside(self, cli, home, monkeypatch):
        running(home, monkeypatch, FREE_21_0)
        said = cli.refused("resolve", "grade", "--prompt", "warm")
        assert "be the Studio edition" in said
        assert "External scripting set to Local" in said

    def test_nothing_asked(self, cli, home):
        assert "nothing was asked for" in cli.refused("resolve", "ask")
        assert "use one of them" in cli.refused("resolve", "ask", "--prompt", "x", "--all", "--match")

    def test_ask(self, cli, home):
        prompt = 'warm "golden"\n🌅'
        cli.ok("resolve", "ask", "--prompt", prompt, "--strength", "0.5", "--all", "--cdl")
        wish = State(str(home / "state")).wish()
        assert (wish["prompt"], wish["strength"], wish["task"], wish["mode"]) == (prompt, 0.5, "all", "cdl")

    def test_undo_later(self, cli, home):
        assert "to undo" in cli.ok("resolve", "undo").err
        state = State(str(home / "state"))
        assert state.take_once() == {"task": "undo"}
        assert state.take_once() == {}

    def test_cancel(self, cli, home):
        assert "no run is at work" in cli.ok("resolve", "cancel").err
        state = State(str(home / "state"))
        with state.alone():
            assert "it stops after the clip it is at" in cli.ok("resolve", "cancel").err
            assert state.stop_asked()
        assert not state.stop_asked()

    def test_ctrl_c_stops_between_clips_and_pressed_again_at_once(self):
        before = signal.getsignal(signal.SIGINT)
        with _stoppable() as stopped:
            assert not stopped()
            signal.raise_signal(signal.SIGINT)
            assert stopped()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is before

    def test_folder(self, cli, home):
        cli.ok("resolve", "folder", home / "luts")
        assert State(str(home / "state")).lut_folders() == [str(home / "luts")]
        assert "is not a folder" in cli.refused("resolve", "folder", home / "nowhere")
        cli.ok("resolve", "folder")
        assert State(str(home / "state")).lut_folders() == []

    def test_courier(self, cli, home):
        result = cli.ok(
            "resolve", "courier", "--set", "temperature=20", "--space", "Rec.709 Gamma 2.4", "--size", "33"
        )
        (path,) = (home / "luts/gradewright").iterdir()
        assert f"look: {path} (33^3, Rec.709 Gamma 2.4)" in result.err
        job = (home / "state/gradewright_job.lua").read_text()
        assert f'lut = "gradewright/{path.name}"' in job
        assert "--space is needed" in cli.refused("resolve", "courier", "--prompt", "warm")
        assert "carries LUTs only" in cli.refused(
            "resolve", "courier", "--prompt", "warm", "--space", "ACEScct", "--cdl"
        )

    def test_selftest_is_prepared_for_the_menu(self, cli, home):
        result = cli.ok("resolve", "selftest", "--record", home / "out.jsonl")
        assert "in a new, empty project" in result.err
        wish = State(str(home / "state")).take_once()
        assert wish["task"] == "selftest"
        assert wish["record"] == str(home / "out.jsonl")
        assert os.path.isfile(wish["chart"])

    def test_installed_manifest_tells_how_to_start_us(self, home):
        found = resolve_at("linux", home / "home")
        found.install()
        manifest = json.loads((found.places.editions[0].library / "gradewright.json").read_text())
        assert manifest["command"][0] == sys.executable
        assert manifest["state"].endswith("gradewright/resolve")
