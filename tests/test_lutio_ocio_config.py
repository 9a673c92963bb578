"""The OCIO config: valid, usable as Nuke or Blender would use it, and equal to the LUT."""

import numpy as np
import PyOpenColorIO as ocio
import pytest
from gradewright import lutio
from gradewright.core import files
from gradewright.core import ocio as pixels
from gradewright.core.errors import BadInput, FileError, LutFileError
from gradewright.core.lut import Lut

NAME = "Teal & orange (soft)"
LOOK = Lut.from_function(lambda p: p ** [1.2, 0.9, 1.1] * [0.9, 1, 0.8] + [0, 0, 0.1] * p[:, :1], 17, NAME)


@pytest.fixture
def config(tmp_path):
    path = lutio.write_ocio_config(LOOK, tmp_path / "config")
    loaded = ocio.Config.CreateFromFile(str(path))
    loaded.validate()
    return loaded


def noise():
    return np.random.default_rng(1).random((32, 32, 3)).astype(np.float32)


def run(processor, image):
    return pixels.apply(processor, image.copy())


def test_hosts_with_ocio_2_1_can_read_it(config):
    assert (config.getMajorVersion(), config.getMinorVersion()) == (2, 1)
    assert config.getSearchPath() == "luts"
    assert {"scene_linear", "color_picking", "aces_interchange"} <= set(config.getRoleNames())


def test_the_look_is_the_lut(config):
    assert NAME in list(config.getLookNames())
    assert config.getLook(NAME).getProcessSpace() == "sRGB - Texture"
    transform = ocio.LookTransform(src="sRGB - Texture", dst="sRGB - Texture", looks=NAME)
    assert np.abs(run(config.getProcessor(transform), noise()) - LOOK.apply(noise())).max() < 2e-6


def test_the_view_shows_the_lut(config):
    assert config.getDefaultView("sRGB - Display") == NAME
    view = config.getProcessor("sRGB - Texture", "sRGB - Display", NAME, ocio.TRANSFORM_DIR_FORWARD)
    assert np.abs(run(view, noise()) - LOOK.apply(noise())).max() < 2e-6


def test_the_second_view_grades_after_the_tone_map(config):
    linear = noise() * 4
    forward = ocio.TRANSFORM_DIR_FORWARD
    graded = config.getProcessor("ACEScg", "sRGB - Display", f"{NAME} on ACES", forward)
    mapped = config.getProcessor("ACEScg", "sRGB - Display", "ACES 1.0 - SDR Video", forward)
    assert np.abs(run(graded, linear) - LOOK.apply(run(mapped, linear))).max() < 1e-5


def test_pure_red_stays_red(tmp_path):
    red = Lut.from_function(lambda p: p * [1, 0, 0], 3, "red")
    loaded = ocio.Config.CreateFromFile(str(lutio.write_ocio_config(red, tmp_path / "c")))
    transform = ocio.LookTransform(src="sRGB - Texture", dst="sRGB - Texture", looks="red")
    seen = run(loaded.getProcessor(transform), np.eye(3, dtype=np.float32)[None])[0]
    assert np.abs(seen - np.diag([1, 0, 0])).max() < 1e-6


@pytest.mark.parametrize("lut_format", ["cube", "clf"])
def test_folder_and_reading_back(lut_format, tmp_path):
    folder = tmp_path / "config"
    lutio.write(
        LOOK, folder / "config.ocio" if lut_format == "clf" else folder, format="ocio", lut_format=lut_format
    )
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")) == [
        "config.ocio",
        "luts",
        f"luts/Teal-orange-soft.{lut_format}",
    ]
    for path in (folder, folder / "config.ocio"):
        back = lutio.read(path)
        assert np.abs(back.table - LOOK.table).max() < 6e-7
        assert back.title == NAME


def test_nothing_is_overwritten_unasked(tmp_path):
    folder = tmp_path / "config"
    lutio.write_ocio_config(LOOK, folder)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(FileError, match=r"config\.ocio: already exists"):
        lutio.write_ocio_config(LOOK, folder, look_name="another")
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    (folder / "config.ocio").unlink()
    with pytest.raises(FileError, match=r"Teal-orange-soft\.cube: already exists"):
        lutio.write_ocio_config(LOOK, folder)
    assert not (folder / "config.ocio").exists()
    lutio.write_ocio_config(LOOK, folder, overwrite=True)
    assert (folder / "config.ocio").exists()


def test_what_was_begun_is_removed(tmp_path, monkeypatch):
    def fail(path, data, overwrite=False):
        raise FileError(path, "cannot be written (No space left on device)")

    monkeypatch.setattr(files, "write_bytes", fail)
    (tmp_path / "kept").mkdir()
    for folder in (tmp_path / "new", tmp_path / "kept"):
        with pytest.raises(FileError, match="No space left"):
            lutio.write_ocio_config(LOOK, folder)
    assert [p.name for p in tmp_path.rglob("*")] == ["kept"]


def test_names(tmp_path):
    with pytest.raises(BadInput, match=r"look name 'a, b': letters, digits"):
        lutio.write_ocio_config(LOOK, tmp_path / "c", look_name="a, b")
    with pytest.raises(BadInput, match="lut_format 'spi3d': use cube or clf"):
        lutio.write_ocio_config(LOOK, tmp_path / "c", lut_format="spi3d")
    with pytest.raises(FileError, match=r"look\.ocio: is not the name hosts look for: write .*config\.ocio"):
        lutio.write(LOOK, tmp_path / "look.ocio")
    with pytest.raises(BadInput, match=r"unknown ocio option 'look': known are.*did you mean 'look_name'"):
        lutio.write(LOOK, tmp_path / "c", format="ocio", look="x")
    with pytest.raises(FileError, match="cannot be made"):
        lutio.write_ocio_config(LOOK, tmp_path / "missing" / "c")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("hello", "is not an OpenColorIO config"),
        ("ocio_profile_version: 99\n", "is not an OpenColorIO config"),
        (b"ocio_profile_version: 2\n\xff", "is not an OpenColorIO config"),
    ],
)
def test_configs_that_are_none(text, message, tmp_path):
    path = tmp_path / "config.ocio"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LutFileError, match=message) as caught:
        lutio.read(path)
    assert "\n" not in str(caught.value)


def test_configs_without_one_look_of_their_own(tmp_path):
    path = lutio.write_ocio_config(LOOK, tmp_path / "config")
    (tmp_path / "config/luts/Teal-orange-soft.cube").rename(tmp_path / "outside.cube")
    with pytest.raises(
        LutFileError, match=r"the look's file 'Teal-orange-soft\.cube' is not in its folder: restore it"
    ):
        lutio.read(path)
    path.write_text(path.read_text().replace("src: Teal-orange-soft.cube", "src: ../outside.cube"))
    with pytest.raises(LutFileError, match="is not in its folder"):
        lutio.read(path)
    path.write_text(ocio.Config.CreateFromBuiltinConfig("cg-config-v1.0.0_aces-v1.3_ocio-v2.1").serialize())
    with pytest.raises(LutFileError, match=r"looks made of a LUT file: none: name the LUT file itself"):
        lutio.read(path)
