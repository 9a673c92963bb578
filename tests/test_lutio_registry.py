"""Formats by suffix and by name, options, and files that are whole or absent."""

import subprocess
import sys

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import plugins
from gradewright.core.errors import BadInput, FileError
from gradewright.core.hookspecs import hookimpl
from gradewright.core.lut import Lut
from gradewright.lutio import registry


def test_the_formats():
    known = registry.BUILT_IN
    assert [f.name for f in known] == ["cube", "3dl", "clf", "ctf", "hald", "ocio"]
    assert lutio.formats()[: len(known)] == list(known)  # others come after
    assert {s for f in known for s in f.suffixes} == {
        ".cube",
        ".3dl",
        ".clf",
        ".ctf",
        ".png",
        ".ocio",
    }
    assert all(f.summary and f.name in lutio.__doc__ for f in known)


def test_import_is_light():
    code = (
        "import sys, gradewright.lutio; heavy = {'PyOpenColorIO', 'PIL', 'imagecodecs', 'torch', 'colour', "
        "'scipy', 'onnxruntime'}; print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("suffix", [".cube", ".CUBE", ".3dl", ".clf", ".ctf", ".png"])
def test_by_suffix(suffix, tmp_path):
    path = tmp_path / f"look{suffix}"
    lutio.write(Lut.identity(4), path)
    assert lutio.read(str(path)).is_identity(1e-3) or suffix == ".png"


@pytest.mark.parametrize("name", ["cube", ".cube", "CUBE"])
def test_by_name(name, tmp_path):
    lutio.write(Lut.identity(4), tmp_path / "look.txt", format=name)
    assert lutio.read(tmp_path / "look.txt", format=name).is_identity(1e-6)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "look.cub",
            r"'\.cub' is not a LUT file's suffix: use one of \.cube, \.3dl.*; did you mean '\.cube'\?",
        ),
        ("look.jpeg", r"'\.jpeg' is not a LUT file's suffix: use one of \.cube"),
        ("look", r"the name has no suffix: use one of \.cube.*, or name the format$"),
    ],
)
def test_unknown_suffixes(name, message, tmp_path):
    with pytest.raises(BadInput, match=message):
        lutio.read(tmp_path / name)
    with pytest.raises(BadInput, match=message):
        lutio.write(Lut.identity(2), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_unknown_format():
    with pytest.raises(
        BadInput, match=r"unknown LUT format 'cbue': use one of cube, 3dl.*; did you mean 'cube'\?"
    ):
        lutio.read("look.cube", format="cbue")


@pytest.mark.parametrize("suffix", [".cube", ".3dl", ".clf", ".png"])
def test_unknown_options(suffix, tmp_path):
    with pytest.raises(BadInput, match=r"unknown \w+ option 'decimalz': known are"):
        lutio.write(Lut.identity(2), tmp_path / f"look{suffix}", decimalz=3)
    with pytest.raises(BadInput, match=r"unknown cube option 'decimalz'.*did you mean 'decimals'\?"):
        lutio.write(Lut.identity(2), tmp_path / "look.cube", decimalz=3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".cube", ".3dl", ".clf", ".png"])
def test_nothing_is_overwritten_unasked(suffix, tmp_path):
    path = tmp_path / f"look{suffix}"
    lutio.write(Lut.identity(4), path)
    before = path.read_bytes()
    with pytest.raises(FileError, match="already exists"):
        lutio.write(Lut.identity(5), path)
    assert path.read_bytes() == before
    lutio.write(Lut(1 - Lut.identity(4).table), path, overwrite=True)
    assert path.read_bytes() != before
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full_disk(self, data):
        with open(self, "wb") as stream:
            stream.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full_disk)
    with pytest.raises(FileError, match="No space left on device"):
        lutio.write(Lut.identity(2), tmp_path / "look.cube")
    assert list(tmp_path.iterdir()) == []


class Swatch:
    """A stranger's format."""

    name, summary, suffixes = "swatch", "one number a file", (".swatch",)

    def read(self, path):
        return Lut(Lut.identity(2).table * float(path.read_text()))

    def write(self, lut, path, **options):
        path.write_text(str(float(lut.table.max())))


class SwatchPlugin:
    @hookimpl
    def gradewright_lut_formats(self):
        return [Swatch()]


def test_formats_of_other_packages_take_part(tmp_path):
    plugin = SwatchPlugin()
    plugins.manager().register(plugin)
    try:
        lutio.write(Lut.identity(2), tmp_path / "a.swatch")
        lut = lutio.read(tmp_path / "a.swatch")
    finally:
        plugins.manager().unregister(plugin)
    assert lut.is_identity()
    assert lut.title == "a"
    with pytest.raises(BadInput, match="is not a LUT file's suffix"):
        lutio.read(tmp_path / "a.swatch")


def test_other_packages_are_asked_only_for_what_is_unknown(tmp_path, monkeypatch):
    asked = []
    collect = plugins.collect
    monkeypatch.setattr(plugins, "collect", lambda hook, third: asked.append(third) or collect(hook, third))
    lutio.write(Lut.identity(2), tmp_path / "a.cube")
    lutio.read(tmp_path / "a.cube")
    assert asked == [False, False]
    with pytest.raises(BadInput):
        lutio.read(tmp_path / "a.unknown")
    assert True in asked[2:]


def test_one_transform_through_every_format(tmp_path):
    """.cube -> .clf -> .3dl (16 bit) -> Hald -> .cube loses no more than the coarsest step."""
    lut = Lut.from_function(lambda p: p ** [1.2, 0.9, 1.1] * [0.9, 1, 0.8] + [0, 0, 0.1], 16)
    lutio.write(lut, tmp_path / "a.cube")
    lutio.write(lutio.read(tmp_path / "a.cube"), tmp_path / "b.clf")
    lutio.write(lutio.read(tmp_path / "b.clf"), tmp_path / "c.3dl", bits=16)
    lutio.write(lutio.read(tmp_path / "c.3dl"), tmp_path / "d.png", level=4)
    lutio.write(lutio.read(tmp_path / "d.png"), tmp_path / "e.cube")
    back = lutio.read(tmp_path / "e.cube")
    assert np.abs(back.table - lut.table).max() < 1e-6 + 2 / 65535
