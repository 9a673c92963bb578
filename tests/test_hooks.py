"""Plug-ins: every hook is documented and tested, and third parties can join."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Grader, Lut, hookspecs, plugins
from gradewright.core.errors import BadInput
from gradewright.core.hookspecs import hookimpl
from gradewright.core.request import Candidate

ROOT = Path(__file__).resolve().parent.parent
HOOKS = [
    name for name, _ in inspect.getmembers(hookspecs, inspect.isfunction) if name.startswith("gradewright_")
]


@pytest.fixture
def register():
    """Register a plug-in for one test."""
    manager, registered = plugins.manager(), []

    def add(plugin):
        registered.append(manager.register(plugin))

    yield add
    for name in registered:
        manager.unregister(name=name)


def test_there_are_hooks():
    assert len(HOOKS) == 4


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented_with_its_arguments(hook):
    text = (ROOT / "docs" / "plugins.md").read_text()
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"### `{hook}({arguments})`" in text
    assert inspect.getdoc(getattr(hookspecs, hook)), "the hook specification needs a docstring"


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test(hook):
    assert re.search(rf"def test_{hook}\b", Path(__file__).read_text())


def test_no_documented_hook_is_gone():
    documented = re.findall(r"^### `(gradewright_\w+)\(", (ROOT / "docs" / "plugins.md").read_text(), re.M)
    assert sorted(documented) == sorted(HOOKS)


class Loud:
    """An engine that grades on its own, for the tests."""

    name, summary, serves, rank = "loud", "paints everything half grey", frozenset({"auto"}), 50

    def candidates(self, request):
        grey = Lut.from_function(lambda p: p * 0.5 + 0.25)
        return [Candidate(grey, plan=(f"heard: {sorted(request.wants)}",))]


def test_gradewright_engines(register):
    class Plugin:
        @hookimpl
        def gradewright_engines(self):
            return [Loud()]

    assert {e.name for e in plugins.collect("gradewright_engines")} >= {"recipe", "pair", "match"}
    with pytest.raises(BadInput, match="automatic grading looks at the photo: give one"):
        Grader().grade(auto=True)
    register(Plugin())
    grade = Grader().grade(auto=True)
    assert grade.engine == "loud"
    assert grade.report.plan == ("heard: ['auto']",)
    assert grade.lut.table[0, 0, 0] == pytest.approx([0.25] * 3, abs=0.05)


def test_gradewright_lut_formats(register, tmp_path):
    from gradewright import lutio

    class Raw:
        name, summary, suffixes = "raw", "bare float32", (".rawlut",)

        def read(self, path):
            return Lut(np.fromfile(path, np.float32).reshape(5, 5, 5, 3))

        def write(self, lut, path, **options):
            lut.resample(5).table.tofile(path)

    class Plugin:
        @hookimpl
        def gradewright_lut_formats(self):
            return [Raw()]

    with pytest.raises(BadInput, match="rawlut"):
        lutio.write(Lut.identity(5), tmp_path / "a.rawlut")
    register(Plugin())
    lutio.write(Lut.identity(5), tmp_path / "a.rawlut")
    assert lutio.read(tmp_path / "a.rawlut").is_identity()
    assert "raw" in {f.name for f in lutio.formats()}


def test_gradewright_critics(register, picture, tmp_path, capsys):
    from gradewright.cli.main import run
    from PIL import Image

    class Kind:
        name = "kind"

        def review(self, photo):
            return f"lovely, mean {photo.mean():.2f}"

    class Plugin:
        @hookimpl
        def gradewright_critics(self):
            return [Kind()]

    Image.fromarray((picture * 255 + 0.5).astype(np.uint8)).save(tmp_path / "a.png")
    assert [critic.name for critic in plugins.collect("gradewright_critics")] == ["gradewright"]
    register(Plugin())
    with pytest.raises(SystemExit, match="0"):
        run(["review", str(tmp_path / "a.png")])
    assert f"lovely, mean {picture.mean():.2f}" in capsys.readouterr().out


def test_gradewright_hosts(register, capsys):
    from gradewright.cli.main import run

    class Paint:
        name = "paint"

        def install(self, folder=None):
            return [f"installed into paint {folder}"]

        def uninstall(self, folder=None):
            return []

        def doctor(self):
            return ["paint 1.0 found"]

    class Plugin:
        @hookimpl
        def gradewright_hosts(self):
            return [Paint()]

    with pytest.raises(SystemExit, match="2"):
        run(["install", "paint"])
    assert "paint: no such host: use one of" in capsys.readouterr().err
    register(Plugin())
    with pytest.raises(SystemExit, match="0"):
        run(["install", "paint"])
    assert "installed into paint None" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        run(["uninstall", "paint", "--folder", "/x"])
    assert "paint: nothing of gradewright's is installed there" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run(["install", "piant"])
    assert "did you mean 'paint'?" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        run(["doctor"])
    assert "paint 1.0 found" in capsys.readouterr().out


def test_a_broken_answer_names_the_plugin(register):
    class Plugin:
        @hookimpl
        def gradewright_engines(self, surprise):
            return []

    with pytest.raises(Exception, match=r"(?s)Plugin.*surprise"):
        register(Plugin())
