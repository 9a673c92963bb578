"""A wheel holds everything and works away from the source tree."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAYERS = ("core", "lutio", "cli", "hosts")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    subprocess.run([sys.executable, *map(str, command)], check=True, capture_output=True, cwd=folder)
    return next(folder.glob("*.whl"))


def test_every_module_is_in_the_wheel(wheel):
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    expected = {
        f"gradewright/{path.relative_to(ROOT)}" for layer in LAYERS for path in (ROOT / layer).rglob("*.py")
    }
    assert expected <= inside
    assert "gradewright/core/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_data_files_are_in_the_wheel(wheel):
    """Whatever lies in git beside the modules: weights, configs, the lexicon."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *LAYERS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    for name in filter(None, tracked.stdout.split("\0")):
        assert f"gradewright/{name}" in inside


def test_the_wheel_works_elsewhere(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'editable' not in type(f).__module__ + repr(f)]\n"
        "import gradewright.core.lut as m; from gradewright import lutio\n"
        "lutio.write(m.Lut.identity(5), 'a.cube'); print(m.__file__, lutio.read('a.cube').is_identity())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "site/gradewright/core/lut.py"), "True"]


def test_metadata(wheel):
    metadata = next(n for n in zipfile.ZipFile(wheel).namelist() if n.endswith("METADATA"))
    text = zipfile.ZipFile(wheel).read(metadata).decode()
    assert "License-Expression: Apache-2.0" in text
    assert "Requires-Python: >=3.11" in text
    assert "Provides-Extra: train" in text
    assert "Provides-Extra: vlm" in text


def test_onnxruntime_markers_are_complementary():
    """The two distributions share one folder: for any platform exactly one is required."""
    from packaging.requirements import Requirement

    both = [Requirement(d) for d in PROJECT["project"]["dependencies"] if d.startswith("onnxruntime")]
    assert [r.name for r in both] == ["onnxruntime-gpu", "onnxruntime"]
    for machine in ("x86_64", "AMD64", "arm64", "aarch64"):
        for platform in ("linux", "win32", "darwin"):
            wanted = [
                r for r in both if r.marker.evaluate({"platform_machine": machine, "sys_platform": platform})
            ]
            assert len(wanted) == 1
            gpu = (machine, platform) in {("x86_64", "linux"), ("AMD64", "win32")}
            assert wanted[0].name == ("onnxruntime-gpu" if gpu else "onnxruntime")


def test_the_version_is_in_the_changelog():
    assert f"## {PROJECT['project']['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_packages_are_all_listed():
    listed = set(PROJECT["tool"]["setuptools"]["packages"])
    found = {
        ".".join(["gradewright", *path.parent.relative_to(ROOT).parts])
        for layer in LAYERS
        for path in (ROOT / layer).rglob("__init__.py")
    }
    assert listed == found
