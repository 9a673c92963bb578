"""darktable's own renders of our styles against an independent LUT and against the look itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from colour.algebra import table_interpolation_tetrahedral
from gradewright.core import Lut, Recipe
from gradewright.core.colour import delta_e_srgb, srgb_decode
from gradewright.core.recipe.points import photo_colours
from gradewright.hosts.darktable import looks
from PIL import Image
from samples import bent
from scenes import film, scene

from .chroots import Suite
from .darktable_cli import wrapper
from .darktable_runs import Render, read, render_all, write_dng, write_sidecar, write_tiff
from .hosts import suite_or_skip

STRONG = Lut.from_function(film, 33, title="film")
RECIPES = {
    "golden": Recipe(
        exposure=0.3,
        contrast=25,
        temperature=20,
        saturation=15,
        shadow_hue=200,
        shadow_amount=30,
        blue_hue=-10,
    ),
    "bands": Recipe(orange_hue=10, blue_chroma=-40, green_hue=20, blue_lightness=-20, vibrance=20),
    "matte": Recipe(black_fade=30, contrast=20, saturation=-40, highlights=-30, shadows=25),
}


@pytest.fixture(scope="module", params=["trixie", "forky"])
def suite(request: pytest.FixtureRequest) -> Suite:
    return suite_or_skip(request.param)


@pytest.fixture(scope="module")
def rendered(suite: Suite, tmp_path_factory: pytest.TempPathFactory):
    """Every render of this module: name -> (H, W, 3), from one start of the chroot."""
    folder = tmp_path_factory.mktemp("darktable")
    luts = folder / "luts"
    luts.mkdir()
    pictures = make_pictures(folder)
    strong = looks.lut_look(STRONG, folder, luts)
    renders = [Render(path, f"{name}-plain") for name, path in pictures.items()]
    renders += [
        Render(p, f"{n}-lut", strong.path, strong.name)
        for n, p in pictures.items()
        if n in ("jpeg", "tiff", "raw")
    ]
    for name, recipe in RECIPES.items():
        native = looks.native_look(recipe.to_lut(), folder)
        renders.append(Render(pictures["colours"], name, native.path, native.name))
        after = looks.native_look(recipe.to_lut(), folder, words=f"{name} raw", raw=True)
        renders.append(Render(pictures["patches"], f"{name}-raw", after.path, after.name))
    return render_all(suite, folder, renders, luts)


def make_pictures(folder: Path) -> dict[str, Path]:
    picture = scene(3)
    Image.fromarray((picture * 255).round().astype(np.uint8)).save(folder / "photo.jpg", quality=95)
    raw = np.clip(srgb_decode(scene(4)) * 0.7, 0, 1)
    patches = np.kron(photo_colours(40 * 60).reshape(40, 60, 3), np.ones((4, 4, 1)))
    return {
        "jpeg": folder / "photo.jpg",
        "tiff": write_tiff(folder / "photo.tif", picture),
        "raw": write_dng(folder / "photo.dng", raw),
        "patches": write_dng(folder / "patches.dng", srgb_decode(patches) * 0.7),
        "colours": write_tiff(folder / "colours.tif", photo_colours(64 * 96).reshape(64, 96, 3)),
    }


@pytest.mark.parametrize("kind", ["jpeg", "tiff", "raw"])
def test_lut_3d_is_the_lut(rendered, kind):
    plain = rendered[f"{kind}-plain"]
    expected = table_interpolation_tetrahedral(plain, STRONG.table.astype(np.float64))
    error = np.abs(rendered[f"{kind}-lut"] - expected) * 255
    assert np.abs(expected - plain).mean() * 255 > 10  # the look is a strong one
    assert error.max() <= 0.25
    assert error.mean() <= 0.01


def test_the_pipeline_without_a_look_is_next_to_exact(rendered):
    error = np.abs(rendered["tiff-plain"] - scene(3)) * 255
    assert error.max() <= 0.4  # darktable's own, in the purest colours
    assert error.mean() <= 0.01


@pytest.mark.parametrize("name", RECIPES)
def test_native_modules_match_the_look(rendered, name):
    wanted = RECIPES[name].apply(photo_colours(64 * 96)).reshape(64, 96, 3)
    difference = delta_e_srgb(rendered[name], wanted)
    assert delta_e_srgb(rendered["colours-plain"], wanted).mean() > 1.2
    assert difference.mean() <= 2.0
    assert np.quantile(difference, 0.95) <= 5.0


@pytest.mark.parametrize("name", RECIPES)
def test_native_modules_match_the_look_on_a_raw_file(rendered, name):
    """On what the user's defaults make of it: exposure, white balance and tone mapper stay."""
    plain = rendered["patches-plain"]
    wanted = RECIPES[name].apply(plain)
    difference = delta_e_srgb(rendered[f"{name}-raw"], wanted)
    assert delta_e_srgb(plain, wanted).mean() > 1.2
    assert difference.mean() <= 2.0
    assert np.quantile(difference, 0.95) <= 5.0


def test_batch_renders_through_the_product(suite, tmp_path, cli, monkeypatch):
    photos, out, scratch = tmp_path / "in", tmp_path / "out", tmp_path / "tmp"
    photos.mkdir()
    scratch.mkdir()
    odd = photos / "a b'\"é $(FILE_NAME).jpg"
    Image.fromarray((scene(5) * 255).round().astype(np.uint8)).save(odd, quality=95)
    sidecar = write_sidecar(odd, "exposure", {"exposure": 1.5})
    edited = sidecar.read_bytes()
    (photos / "0.png").touch()  # a run that ends with darktable's library still locked
    (photos / "broken.jpg").write_bytes(b"no picture")
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("GRADEWRIGHT_DARKTABLE_CLI", str(wrapper(suite.name, [tmp_path], tmp_path / "cli")))
    wish = ("--prompt", "warm, faded blacks", "--format", "png")
    done = cli("darktable", "batch", photos, *wish, "-o", out)
    assert done.code == 2
    assert "0.png: darktable did not render it" in done.err
    assert "broken.jpg: darktable did not render it" in done.err
    assert done.err.strip().endswith("2 of 3 photos could not be rendered")
    assert [path.name for path in out.iterdir()] == [odd.with_suffix(".png").name]
    assert read(out / odd.with_suffix(".png").name).mean() > scene(5).mean() + 0.15  # as it was edited
    assert {path.name for path in photos.iterdir()} == {odd.name, sidecar.name, "0.png", "broken.jpg"}
    assert sidecar.read_bytes() == edited
    assert not list(scratch.glob("gradewright*"))


def test_bent_is_not_what_is_rendered(rendered):
    """The comparison can fail: another LUT is far away."""
    other = Lut.from_function(bent, 33)
    expected = table_interpolation_tetrahedral(rendered["tiff-plain"], other.table.astype(np.float64))
    assert np.abs(rendered["tiff-lut"] - expected).max() * 255 > 5
