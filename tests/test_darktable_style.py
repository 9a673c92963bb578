"""darktable: parameters, styles, the .dtstyle format, folders."""

from __future__ import annotations

import json
import struct
import warnings
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import Lut
from gradewright.core.errors import BadInput, FileError, LutFileError
from gradewright.hosts.darktable import format as dtstyle
from gradewright.hosts.darktable import looks, params, places, style
from hypothesis import given
from hypothesis import strategies as st

MODULES = tuple(params.modules())


# -- parameters


def test_structs_are_as_large_as_darktables():
    sizes = {name: len(params.pack(name)) for name in MODULES}
    assert sizes == {
        "exposure": 24,
        "channelmixerrgb": 160,
        "colorequal": 128,
        "colorbalancergb": 132,
        "rgbcurve": 516,
        "tonecurve": 520,
        "colorcorrection": 20,
        "colorzones": 520,
        "lut3d": 12940,
    }


def test_the_data_file_says_where_it_is_from():
    text = (files("gradewright.hosts.darktable") / "modules.json").read_text(encoding="utf-8")
    assert "darktable 5.0.1" in json.loads(text)["provenance"]


def test_exposure_byte_for_byte():
    data = params.pack("exposure", {"exposure": 0.5})
    assert data == struct.pack("<iffffi", 0, 0, 0.5, 50, -4, 0)


def test_lut3d_byte_for_byte():
    data = params.pack("lut3d", {"filepath": "gradewright/é.cube", "interpolation": "DT_IOP_PYRAMID"})
    assert data[:512].rstrip(b"\0") == "gradewright/é.cube".encode()
    assert struct.unpack("<iii", data[512:524]) == (0, 2, 0)
    assert not any(data[524:])


@given(st.sampled_from(MODULES), st.binary(max_size=3000))
def test_what_is_encoded_is_decoded(module, data):
    for raw in (data, params.pack(module)):
        assert params.decode(params.encode(raw)) == raw


def test_long_parameters_are_squeezed_and_short_ones_are_hex():
    assert params.encode(params.pack("exposure")) == params.pack("exposure").hex()
    assert params.encode(params.pack("lut3d")).startswith("gz99")


@pytest.mark.parametrize("module", MODULES)
def test_defaults_survive_unpacking(module):
    data = params.pack(module)
    assert params.pack(module, params.unpack(module, data)) == data


@pytest.mark.parametrize(
    ("module", "values", "message"),
    [
        ("exposur", {}, "'exposur' is no darktable module that we write: use one of exposure,"),
        ("exposure", {"exposur": 1}, "exposure has no parameter 'exposur'; did you mean 'exposure'?"),
        ("exposure", {"exposure": 19}, "exposure.exposure 19 is out of range: -18..18"),
        ("exposure", {"exposure": float("nan")}, "exposure.exposure nan is out of range"),
        ("rgbcurve", {"curve_num_nodes": [1, 2]}, "rgbcurve.curve_num_nodes has 3 values, not 2"),
        ("lut3d", {"colorspace": "DT_IOP_SRGP"}, "lut3d.colorspace has no value 'DT_IOP_SRGP'; did you mean"),
        ("lut3d", {"filepath": "x" * 512}, "is too long for darktable's lut3d.filepath: 511 bytes"),
    ],
)
def test_wrong_values_are_named(module, values, message):
    with pytest.raises(BadInput) as error:
        params.pack(module, values)
    assert message in str(error.value)


@pytest.mark.parametrize("text", ["xyz", "gz01!!!", "gz01aGFsbG8="])
def test_text_that_is_no_parameters(text):
    with pytest.raises(BadInput, match="neither hex nor gz"):
        params.decode(text)


def test_a_bomb_is_refused():
    import base64
    import zlib

    bomb = "gz99" + base64.b64encode(zlib.compress(bytes(5 << 20))).decode()
    with pytest.raises(BadInput, match="more than 1 MB"):
        params.decode(bomb)


# -- styles


def test_a_style_is_what_darktable_reads():
    text = style.render('a & b|c "<d>"', [style.lut_step("x/y.cube", "mine")], "1 < 2")
    root = ElementTree.fromstring(text)
    assert root.findtext("info/name") == 'a & b-c "<d>"'
    assert root.findtext("info/description") == "1 < 2"
    plugin = root.find("style/plugin")
    assert {part.tag: part.text for part in plugin} | {"op_params": ""} == {
        "num": "0",
        "module": "3",
        "operation": "lut3d",
        "op_params": "",
        "enabled": "1",
        "blendop_params": None,
        "blendop_version": "13",
        "multi_priority": "0",
        "multi_name": "mine",
        "multi_name_hand_edited": "1",
    }
    assert len(text) < 8192  # darktable parses styles in pieces of 8 kB


def test_steps_survive_the_file(tmp_path):
    steps = [style.lut_step("a.cube"), style.Step("exposure", {"exposure": -1.5}, "x", enabled=False)]
    (tmp_path / "s.dtstyle").write_text(style.render("named", steps), encoding="utf-8")
    name, again = style.read_steps(tmp_path / "s.dtstyle")
    assert name == "named"
    assert [s.module for s in again] == ["lut3d", "exposure"]
    assert again[1].values["exposure"] == -1.5
    assert not again[1].enabled


@pytest.mark.parametrize(
    ("name", "clean"), [("a\nb", "a b"), ("", "gradewright"), ("x" * 200, "x" * 100), ("a\0b", "ab")]
)
def test_names(name, clean):
    assert style.clean_name(name) == clean


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<darktable_style", "is no darktable style"),
        ("<other/>", "is no darktable style but <other>: give a .dtstyle file"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x/>', "declare no entities"),
    ],
)
def test_files_that_are_no_styles(tmp_path, text, message):
    (tmp_path / "s.dtstyle").write_text(text)
    with pytest.raises(FileError) as error:
        style.read_steps(tmp_path / "s.dtstyle")
    assert message in str(error.value)


# -- the format


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A darktable whose LUT root is ``luts``."""
    config = tmp_path / ".config" / "darktable"
    config.mkdir(parents=True)
    (tmp_path / "luts").mkdir()
    (config / "darktablerc").write_text(f"a=1\n{places.LUT_ROOT_KEY}=$(home)/luts\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path / "luts"


def filepath(path):
    return style.read_steps(path)[1][0].values["filepath"]


def test_under_the_lut_root_nothing_has_to_be_moved(root, look):
    (root / "mine").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lutio.write(look, root / "mine" / "é x.dtstyle")
    assert filepath(root / "mine" / "é x.dtstyle") == "mine/é x.cube"
    again = lutio.read(root / "mine" / "é x.dtstyle")
    assert np.abs(again.table - look.table).max() < 1e-6


def test_elsewhere_it_is_said_where_the_cube_goes(root, look, tmp_path):
    with pytest.warns(dtstyle.LutToPlace, match=f"copy look.cube to {root}/gradewright/look.cube"):
        lutio.write(look, tmp_path / "look.dtstyle")
    assert filepath(tmp_path / "look.dtstyle") == "gradewright/look.cube"
    assert lutio.read(tmp_path / "look.dtstyle").size == look.size  # found beside the style


@pytest.mark.filterwarnings("ignore::gradewright.hosts.darktable.format.LutToPlace")
def test_existing_names(root, look, tmp_path):
    target = tmp_path / "look.dtstyle"
    lutio.write(look, tmp_path / "look.cube")
    lutio.write(look, target)  # the same cube is kept
    with pytest.raises(FileError, match="already exists"):
        lutio.write(look, target)
    kept = (tmp_path / "look.cube").read_bytes()
    other = Lut.identity(5).titled("bent")
    lutio.write(other, target, overwrite=True)  # the style is replaced; edits may use the old cube
    assert (tmp_path / "look.cube").read_bytes() == kept
    assert lutio.read(target).size == 5
    (cube,) = tmp_path.glob("look-*.cube")
    assert filepath(target) == f"gradewright/{cube.name}"


def test_a_lut_from_elsewhere_is_read_and_not_replaced(root, tmp_path, cli, monkeypatch):
    """`convert look.cube look.dtstyle` where look.cube is written as we do not write: its text stays."""
    monkeypatch.chdir(tmp_path)
    rows = [f"{r / 2} {g / 2} {b / 2:.3f}" for b in range(3) for g in range(3) for r in range(3)]
    text = "\n".join(["# made elsewhere", "LUT_3D_SIZE 3", *rows, ""])
    for name, more in (("look", ()), ("again", ("--size", "5")), ("look", ("--force",))):
        Path(f"{name}.cube").write_text(text)
        cli.ok("convert", f"{name}.cube", f"{name}.dtstyle", *more)
        assert Path(f"{name}.cube").read_text() == text
        assert (
            np.abs(lutio.read(Path(f"{name}.dtstyle")).resample(5).table - Lut.identity(5).table).max() < 1e-3
        )
    assert len(list(tmp_path.glob("look-*.cube"))) == 1


@pytest.mark.filterwarnings("ignore::gradewright.hosts.darktable.format.LutToPlace")
def test_a_cube_in_the_lut_root_is_not_to_be_copied_over(root, look, tmp_path):
    (root / "gradewright").mkdir()
    lutio.write(Lut.identity(5), root / "gradewright" / "look.cube")
    lutio.write(look, tmp_path / "look.dtstyle")
    assert filepath(tmp_path / "look.dtstyle") != "gradewright/look.cube"
    assert lutio.read(tmp_path / "look.dtstyle").size == look.size
    lutio.write(look, tmp_path / "b.dtstyle")
    (tmp_path / "b.cube").rename(root / "gradewright" / "b.cube")
    with warnings.catch_warnings():  # it is there already
        warnings.simplefilter("error")
        lutio.write(look, tmp_path / "b.dtstyle", overwrite=True)
    assert filepath(tmp_path / "b.dtstyle") == "gradewright/b.cube"


@pytest.mark.filterwarnings("ignore::gradewright.hosts.darktable.format.LutToPlace")
def test_the_commands(root, cli, files):
    cli.ok("convert", "look.cube", "look.dtstyle")
    done = cli.ok("grade", "--set", "exposure=0.3", "-o", "brighter.dtstyle")
    assert "copy brighter.cube to" in done.err
    assert (files / "brighter.cube").exists()
    done = cli("convert", "look.cube", "look.dtstyle")
    assert done.code == 2
    assert "already exists" in done.err


def test_a_style_without_a_lut_and_one_whose_lut_is_gone(root, tmp_path):
    (tmp_path / "a.dtstyle").write_text(style.render("a", [style.Step("exposure")]))
    (tmp_path / "b.dtstyle").write_text(style.render("b", [style.lut_step("no/where.cube")]))
    with pytest.raises(LutFileError, match="holds no LUT 3D module"):
        lutio.read(tmp_path / "a.dtstyle")
    with pytest.raises(LutFileError, match="neither in the LUT root nor beside the style"):
        lutio.read(tmp_path / "b.dtstyle")


def test_options_are_checked(look, tmp_path):
    with pytest.raises(BadInput, match="dtstyle has no option 'colour'"):
        lutio.write(look, tmp_path / "x.dtstyle", colour=1)


# -- looks


def test_a_look_of_the_panel_goes_under_the_root_by_content(root, look, tmp_path):
    first = looks.lut_look(look, tmp_path, root, 'Warm; "golden" hour, wärmer!')
    again = looks.lut_look(look, tmp_path, root, 'Warm; "golden" hour, wärmer!')
    assert first == again
    assert first.name.startswith("warm-golden-hour-warmer-")
    assert [p.name for p in (root / "gradewright").iterdir()] == [f"{first.name}.cube"]
    assert filepath(first.path) == f"gradewright/{first.name}.cube"
    assert style.read_steps(first.path)[1][0].label == "gradewright"
    assert first.modules == ("lut3d",)


@pytest.mark.parametrize("prompt", ["日本語", "", "..."])
def test_a_prompt_without_plain_letters_still_has_a_name(prompt):
    assert looks.slug(prompt) == "look"


def test_a_lut_root_that_cannot_be_used(look, tmp_path):
    with pytest.raises(
        FileError, match="LUT root does not exist: choose another folder in darktable's preferences"
    ):
        looks.lut_look(look, tmp_path, tmp_path / "gone")
    (tmp_path / "gradewright").write_text("a file in the way")
    with pytest.raises(FileError, match="LUT root cannot be written"):
        looks.lut_look(look, tmp_path, tmp_path)


def test_off_styles_cover_every_module_that_we_add():
    found = looks.off_styles()
    assert set(found) == {
        "gradewright-nothing.dtstyle",
        *(f"gradewright-off-{name}.dtstyle" for name in ("lut3d", *looks.NATIVE)),
    }
    off = ElementTree.fromstring(found["gradewright-off-lut3d.dtstyle"])
    assert off.findtext("style/plugin/enabled") == "0"
    assert off.findtext("style/plugin/multi_name") == looks.LABEL
    assert ElementTree.fromstring(found["gradewright-nothing.dtstyle"]).find("style/plugin") is None


# -- places


def test_places_and_roots(root, tmp_path, monkeypatch):
    assert places.lut_root() == root
    flatpak = tmp_path / ".var/app/org.darktable.Darktable/config/darktable"
    flatpak.mkdir(parents=True)
    assert [place.kind for place in places.places()] == ["darktable", "flatpak"]
    assert places.places()[1].lut_root == tmp_path  # no setting: darktable's default, the home folder
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "other"))
    assert [place.kind for place in places.places()] == ["flatpak"]


@pytest.mark.parametrize("setting", ["/luts", "$(home)/luts", "~/luts"])
def test_settings_are_expanded(setting, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert str(places.expanded(setting)) in ("/luts", "/home/me/luts")


def test_windows_and_mac_folders(monkeypatch):
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    monkeypatch.setattr("sys.platform", "win32")
    assert str(places.default_config()) == "/local/darktable"
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setenv("HOME", "/Users/me")
    assert str(places.default_config()) == "/Users/me/.config/darktable"
