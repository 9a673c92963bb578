"""The plug-in in the real GIMP 3.0 and 3.2: every procedure, every kind of image, judged from outside."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import Lut, Recipe
from gradewright.core.colour import delta_e_srgb, srgb_decode
from gradewright.hosts import client
from gradewright.hosts.gimp.filters import models
from gradewright.hosts.gimp.plugin.wish import Wish
from gradewright.hosts.tasks import work
from gradewright.hosts.tasks.step import silent
from PIL import Image
from profiles import ADOBE_RGB, SRGB, colorants, gamma, rgb_profile

from . import gimp_probes
from .gimp_jail import Gimp
from .hosts import suite_or_skip

SIZE = (60, 48)
MEDIA = Path(__file__).parents[2] / "docs" / "media"
LOOKS = {
    "portrait": Recipe(
        exposure=0.4, contrast=18, shadows=22, highlights=-15, temperature=9, vibrance=20, shadow_hue=200,
        shadow_amount=12, highlight_hue=70, highlight_amount=9, orange_chroma=8, green_hue=-12,
    ),
    "matte": Recipe(black_fade=40, white_fade=15, contrast=35, saturation=-30, tint=8, curve_darks=-20),
    "cold": Recipe(exposure=-0.5, temperature=-35, saturation=-20, contrast=25, blue_lightness=-25),
    "bands": Recipe(blue_hue=-15, orange_chroma=30, green_hue=20, red_lightness=15, blue_chroma=-40),
    "punchy": Recipe(contrast=45, saturation=30, vibrance=20, blacks=-30, mid_hue=60, mid_amount=15),
}  # fmt: skip
LARGEST_PEAK = 700  # MiB of the plug-in's process at 24 megapixels; a float copy alone would be 275


class Session:
    """One run of GIMP: what it answered and the pixels it left."""

    def __init__(self, gimp: Gimp, answer: dict[str, Any], lut: Lut) -> None:
        self.gimp, self.answer, self.lut = gimp, answer, lut
        self.version = gimp.suite.gimp

    def pixels(self, name: str, channels: int = 4) -> np.ndarray:
        data = np.fromfile(self.gimp.shared / f"{name}.f32", "<f4")
        return data.reshape(-1, channels).astype(float)

    def expected(self, before: np.ndarray) -> np.ndarray:
        """The LUT by numpy: not the code that graded, and colours outside 0..1 keep their excess."""
        inside = np.clip(before[:, :3], 0, 1)
        return self.lut.sample(inside) + before[:, :3] - inside


pytestmark = pytest.mark.timeout(2400)  # GIMP runs once for all of them


@pytest.fixture(scope="module", params=["trixie", "forky"])
def session(request, tmp_path_factory):
    suite = suite_or_skip(request.param)
    gimp = Gimp(suite, tmp_path_factory.mktemp("gimp"))
    lut = _materials(gimp.shared)
    order = {
        "size": SIZE,
        "looks": list(LOOKS),
        "plug_in": str(gimp.plug_in),
        "probes": gimp_probes.chains(suite.gimp),
    }
    return Session(gimp, gimp.run("inside_gimp.py", order), lut)


def _materials(folder: Path) -> Lut:
    """Pictures, looks and broken files; returns the strong look."""
    rng = np.random.default_rng(7)
    width, height = SIZE
    picture = rng.random((height * width, 3))
    picture[:64] = np.linspace(0, 1, 64)[:, None]
    picture.astype("<f4").tofile(folder / "picture.f32")
    alpha = np.concatenate([picture, rng.integers(1, 256, (len(picture), 1)) / 255], axis=1)
    alpha.astype("<f4").tofile(folder / "picture-alpha.f32")
    gimp_probes.lattice(width * height).astype("<f4").tofile(folder / "lattice.f32")
    (folder / "adobe.icc").write_bytes(rgb_profile(ADOBE_RGB, gamma(GAMMA)))
    (folder / "wide.icc").write_bytes(rgb_profile(ADOBE_RGB))  # its primaries, with sRGB's curve
    Image.open(MEDIA / "astronaut.jpg").resize((320, 320)).save(folder / "photo.png")
    small = np.asarray(Image.open(MEDIA / "astronaut.jpg").resize((96, 80))) / 255
    dull = small**1.8 * [0.6, 0.75, 0.9] + 0.03  # dark and blue: Auto Grade leaves a good photo alone
    Image.fromarray(np.uint8(np.round(dull * 255))).save(folder / "small.png")
    Image.open(MEDIA / "rocket.jpg").resize((320, 213)).save(folder / "reference.png")
    (folder / "corrupt.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (folder / "corrupt.cube").write_text("LUT_3D_SIZE 4\n0 0 nan\n")
    for name, recipe in LOOKS.items():
        lutio.write(recipe.to_lut(33), folder / f"{name}.cube", overwrite=True)
    strong = Recipe(contrast=60, temperature=40, saturation=40, shadow_hue=200, shadow_amount=40).to_lut(33)
    lutio.write(strong, folder / "look.cube", overwrite=True)
    return lutio.read(folder / "look.cube")


FLOATS = {"float": 1e-5, "float-linear": 1e-5, "wide-float": 1e-5, "u32": 1e-5, "half": 6e-4}
STEPS = {"u8-linear": 1.5e-2, "u16": 0.51 / 65535 + 1e-7, "u16-linear": 1e-4}
GAMMA = 563 / 256
BABL = 1e-3  # GIMP's own way through AdobeRGB's gamma and back, above its own toe near black


@pytest.mark.parametrize("kind", ["u8", "u8-alpha"])
def test_8_bit_pixels_are_those_of_the_lut(session, kind):
    before, after = session.pixels(f"{kind}-before"), session.pixels(f"{kind}-after")
    assert session.answer["kinds"][kind]["ok"], session.answer["kinds"][kind]["message"]
    expected = np.round(session.expected(before) * 255)
    assert np.abs(np.round(after[:, :3] * 255) - expected).max() == 0
    assert np.abs(expected - np.round(before[:, :3] * 255)).mean() > 5  # the look does something


@pytest.mark.parametrize("kind", sorted(FLOATS))
def test_deep_pixels_are_those_of_the_lut(session, kind):
    before, after = session.pixels(f"{kind}-before"), session.pixels(f"{kind}-after")
    assert session.answer["kinds"][kind]["ok"], session.answer["kinds"][kind]["message"]
    assert np.abs(after[:, :3] - session.expected(before)).max() <= FLOATS[kind]
    assert np.array_equal(after[:, 3], before[:, 3])


@pytest.mark.parametrize("kind", sorted(STEPS))
def test_other_depths_differ_by_their_own_rounding(session, kind):
    before, after = session.pixels(f"{kind}-before"), session.pixels(f"{kind}-after")
    assert session.answer["kinds"][kind]["ok"], session.answer["kinds"][kind]["message"]
    wanted = session.expected(before)
    bright = wanted.min(axis=1) > 0.1  # steps of linear light are coarse near black
    assert np.abs(after[:, :3] - wanted)[bright].max() <= STEPS[kind]


@pytest.mark.parametrize(
    ("kind", "step"), [("adobe-u8", 1 / 255), ("adobe-u16", 1 / 65535), ("adobe-float", 0)]
)
def test_wide_gamut_images_are_graded_as_the_colours_they_show(session, kind, step):
    before, after = session.pixels(f"{kind}-before"), session.pixels(f"{kind}-after")
    assert session.answer["kinds"][kind]["ok"], session.answer["kinds"][kind]["message"]
    wanted = _adobe(session.expected(before))
    error = np.abs(_adobe(after[:, :3]) - wanted)
    assert error[wanted > 0.05].max() <= step + BABL
    assert before[:, :3].min() < 0 or kind != "adobe-u8"  # colours outside sRGB were there


def _adobe(rgb: np.ndarray) -> np.ndarray:
    """AdobeRGB's encoding of sRGB-encoded colours that go on linearly below black."""
    linear = np.where(rgb < 0, rgb / 12.92, srgb_decode(np.maximum(rgb, 0)))
    wide = linear @ (np.linalg.inv(colorants(ADOBE_RGB)) @ colorants(SRGB)).T
    return np.clip(wide, 0, 1) ** (1 / GAMMA)


EVERY = {  # kind -> the error that its own steps, or GIMP's way through another profile, may cost
    "u8": 0,
    "u16": 0.51 / 65535 + 1e-7,
    "u32-linear": 1e-5,
    "float": 1e-5,
    "float-linear": 1e-5,
    "alpha": 0,
    "gray": 0,
    "group": 0,
    "selection": 0,
    "adobe-u8": 1 / 255 + BABL,
    "adobe-float": BABL,
}
SMALL = (96, 80)
WISHES = {
    "words": Wish("words", prompt="warm golden hour, lifted teal shadows"),
    "match": Wish("match", file="reference.png"),
    "auto": Wish("auto"),
    "look": Wish("look", file="portrait.cube"),
}


@lru_cache
def _lut_without_gimp(name: str, shared: Path, proxy: bytes) -> Lut:
    """What gradewright itself, without GIMP and its service, makes of a picture's proxy."""
    wish = WISHES[name]
    with tempfile.TemporaryDirectory() as folder:
        photo = f"{folder}/proxy.gwpx"
        client.write_pixels(photo, *SMALL, len(proxy) // (SMALL[0] * SMALL[1]), "uint8", [proxy])
        asked = replace(wish, file=str(shared / wish.file) if wish.file else None)
        job = work.work("grade", asked.request(photo, folder), lambda: Path(folder))
        return lutio.read(job(silent)["grades"][0]["files"]["cube"])


def _wanted_lut(session: Session, kind: str, name: str) -> Lut:
    shared = session.gimp.shared
    if name == "look":
        return lutio.read(shared / "portrait.cube")
    return _lut_without_gimp(name, shared, (shared / f"every-{kind}-proxy.u8").read_bytes())


@pytest.mark.parametrize("name", sorted(WISHES))
@pytest.mark.parametrize("kind", sorted(EVERY))
def test_every_procedure_on_every_kind_is_the_lut_that_gradewright_gives(session, kind, name):
    found = session.answer["every_kind"][kind][name]
    assert found["ok"], found["message"]
    assert found["layers"] == 2
    before, after = (session.pixels(f"every-{kind}-{what}")[:, :3] for what in ("before", name))
    clipped = np.clip(before, 0, 1)
    wanted = _wanted_lut(session, kind, name).sample(clipped) + before - clipped
    if kind == "selection":
        inside = np.zeros(SMALL[::-1], bool)
        inside[16:46, 20:60] = True
        wanted = np.where(inside.reshape(-1, 1), wanted, before)
    if EVERY[kind] == 0:
        assert np.array_equal(np.round(after * 255), np.round(wanted * 255))
    elif kind.startswith("adobe"):
        error = np.abs(_adobe(after) - _adobe(wanted))
        assert error[_adobe(wanted) > 0.05].max() <= EVERY[kind]
    else:
        assert np.abs(after - wanted).max() <= EVERY[kind]
    assert np.abs(after - before).mean() > 1e-3  # it does something


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_filters_are_as_near_as_they_say_on_every_kind(session, kind):
    found = session.answer["every_kind"][kind]["filters"]
    assert found["ok"], found["message"]
    assert found["filters"] >= 3
    before, after = (session.pixels(f"every-{kind}-{what}")[:, :3] for what in ("shown", "filters"))
    inside = np.ones(len(before), bool)
    if kind == "selection":
        area = np.zeros(SMALL[::-1], bool)
        area[16:46, 20:60] = True
        inside = area.reshape(-1)
        assert np.array_equal(after[~inside], before[~inside])
    wanted = LOOKS["portrait"].to_lut(33).sample(np.clip(before[inside], 0, 1))
    residual = float(delta_e_srgb(np.clip(wanted, 0, 1), np.clip(after[inside], 0, 1)).mean())
    assert abs(residual - found["values"][1]) < 0.3
    assert residual < 1.5


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_every_kind_is_explained(session, kind):
    found = session.answer["every_kind"][kind]["explain"]
    assert found["ok"], found["message"]
    assert 0 <= found["values"][0] <= 100
    assert len(found["values"][1].splitlines()) >= 2


def test_the_original_is_hidden_only_where_it_would_show_through(session):
    found = session.answer["kinds"]
    assert all(found[kind]["layers"] == 2 for kind in found)
    assert found["u8"]["visible"] == [True, True]
    assert found["u8-alpha"]["visible"] == [True, False]
    assert "the original layer is hidden" in found["u8-alpha"]["values"][2]


def test_a_selection_limits_the_grade(session):
    width, height = SIZE
    before = session.pixels("u16-before").reshape(height, width, 4)
    after = session.pixels("selection-after").reshape(height, width, 4)
    inside = np.zeros((height, width), bool)
    inside[8:28, 10:40] = True
    expected = session.expected(before.reshape(-1, 4)).reshape(height, width, 3)
    assert np.abs(after[inside][:, :3] - expected[inside]).max() <= 1e-5
    assert np.array_equal(after[~inside][:, :3], before[~inside][:, :3])


def test_a_group_is_graded_as_it_shows(session):
    assert session.answer["group"]["above"]
    after = session.pixels("group-after")
    assert np.abs(after[:, :3] - session.expected(session.pixels("u16-before"))).max() <= 1e-5


def test_gray_is_refused_and_converted_on_request(session):
    found = session.answer["gray"]
    assert not found["refused"]["ok"]
    assert "not RGB: allow the conversion (convert-gray)" in found["refused"]["message"]
    assert found["still"]
    assert found["done"]["ok"]
    assert found["converted"]
    before, after = session.pixels("gray-before"), session.pixels("gray-after")
    assert np.array_equal(np.round(after[:, :3] * 255), np.round(session.expected(before) * 255))


def test_the_users_own_filters_are_graded_with_and_stay(session):
    assert session.answer["filtered_layer"]["kept"] == 1
    before, after = session.pixels("filtered-before"), session.pixels("filtered-after")
    assert np.abs(after[:, :3] - session.expected(before)).max() <= 1e-5


def test_every_procedure_grades(session):
    found = session.answer["procedures"]
    for name in ("words", "awkward", "second", "half", "match", "auto"):
        assert found[name]["ok"], f"{name}: {found[name]['message']}"
        assert found[name]["layers"] == 2
    assert found["words"]["title"] == "Gradewright: warm golden hour, lifted teal shadows"
    assert found["awkward"]["title"].startswith("Gradewright: teal & orange; \"quoted\" 'x' $(rm) ünïcode 🎞️")
    photo = np.asarray(Image.open(session.gimp.shared / "photo.png").convert("RGB")).reshape(-1, 3) / 255
    full, second, half = (session.pixels(f"p-{name}", 3) for name in ("words", "second", "half"))
    assert 1 < delta_e_srgb(photo, half).mean() < 0.8 * delta_e_srgb(photo, full).mean()
    assert delta_e_srgb(full, second).mean() > 0.5
    assert delta_e_srgb(photo, session.pixels("p-match", 3)).mean() > 1


def test_explain_answers_with_a_score_and_words(session):
    score, report = session.answer["procedures"]["explain"]["values"]
    assert 0 <= score <= 100
    assert report.startswith("Score: ")
    assert len(report.splitlines()) >= 2
    assert session.answer["procedures"]["explain"]["layers"] == 1


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("no-prompt", "say in words what you want"),
        ("no-reference", "choose a reference picture"),
        ("missing", "This value is out of range"),  # GIMP itself checks that a file is there
        ("corrupt", "corrupt.png"),
        ("corrupt-look", "corrupt.cube"),
    ],
)
def test_what_is_unusable_is_refused_in_words_and_changes_nothing(session, case, message):
    found = session.answer["procedures"][case]
    assert not found["ok"]
    assert message in found["message"]
    assert "Traceback" not in found["message"]
    assert found["layers"] == 1


def test_filters_come_near_the_look(session, record_property):
    photo = np.asarray(Image.open(session.gimp.shared / "photo.png").convert("RGB")).reshape(-1, 3) / 255
    residuals = {}
    for name, recipe in LOOKS.items():
        found = session.answer["filters"][name]
        assert found["ok"], found["message"]
        assert found["layers"] == 1
        assert all(title.startswith("Gradewright: ") for title, _ in found["filters"])
        shown = session.pixels(f"{name}-filters")[:, :3]
        residuals[name] = float(delta_e_srgb(recipe.to_lut(33).sample(photo), shown).mean())
        assert abs(residuals[name] - found["values"][1]) < 0.25  # what was told is what is so
    record_property("residuals", residuals)
    print(f"GIMP {session.version}: filters against the look, mean CIEDE2000 on a photo:", residuals)
    assert max(residuals.values()) <= 1.5


def test_filters_live_in_the_file(session):
    name = next(iter(LOOKS))
    found = session.answer["filters"][name]
    assert found["reloaded"] == found["filters"]
    assert np.abs(session.pixels(f"{name}-reloaded") - session.pixels(f"{name}-filters")).max() <= 1.01 / 255
    photo = np.asarray(Image.open(session.gimp.shared / "photo.png").convert("RGB")).reshape(-1, 3) / 255
    assert np.abs(session.pixels(f"{name}-hidden")[:, :3] - photo).max() < 1e-6


def test_the_models_are_those_of_the_real_filters(session):
    lattice = gimp_probes.lattice(SIZE[0] * SIZE[1])
    floors = {"warp": 5e-4, "hues": 5e-5}
    for name in session.answer["probes"]:
        modelled = gimp_probes.modelled(name, lattice)
        error = np.abs(session.pixels(f"probe-{name}", 3) - modelled).max()
        assert error < floors.get(name, 2e-5), f"{name}: {error}"


def test_without_a_service_a_process_does_the_job(session):
    before = session.pixels("u8-before")
    for name in ("no-service", "slow-service"):
        assert session.answer["services"][name]["ok"], session.answer["services"][name]["message"]
        after = np.round(session.pixels(f"{name}-after")[:, :3] * 255)
        assert np.array_equal(after, np.round(session.expected(before) * 255))
    assert session.answer["services"]["slow-service"]["seconds"] > 4


def test_24_megapixels_survive_the_death_of_the_service(session):
    found = session.answer["large"]
    assert found["killed"] > 0
    assert found["ok"], found["message"]
    assert found["peak"] < LARGEST_PEAK
    before, after = (
        np.fromfile(session.gimp.shared / f"large-{when}.u8", np.uint8).reshape(-1, 3)
        for when in ("before", "after")
    )
    assert np.array_equal(after, np.round(session.lut.sample(before / 255.0) * 255))


def test_models_hold_their_own_inverse():
    rgb = gimp_probes.lattice(500)
    assert np.abs(models.lab50_to_srgb(models.srgb_to_lab50(rgb)) - rgb).max() < 1e-12
