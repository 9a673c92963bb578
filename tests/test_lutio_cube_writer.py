"""Written .cube files: the bytes, the precision, the dialects, and OpenColorIO reading them."""

import hashlib

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.lut import Lut, Shaper
from gradewright.lutio.cube_writer import encode
from hypothesis import given, settings
from hypothesis import strategies as st
from lut_files import through_ocio


def asymmetric(size=5, title="asymmetric"):
    """A look in which no two axes and no two channels are alike."""
    return Lut.from_function(
        lambda p: np.stack(
            [
                0.1 + 0.8 * p[:, 0] ** 1.3,
                0.7 * p[:, 1] + 0.2 * p[:, 0],
                0.9 * p[:, 2] ** 0.8 * (1 - 0.3 * p[:, 1]),
            ],
            axis=-1,
        ),
        size,
        title,
    )


def shaper(length=17, domain=((-0.25,) * 3, (4.0,) * 3)):
    curve = np.linspace(0, 1, length)
    return Shaper(np.stack([curve**0.5, curve**0.6, curve**0.7], axis=1), domain)


def noise(low=0.0, high=1.0):
    return np.random.default_rng(1).uniform(low, high, (32, 32, 3)).astype(np.float32)


def test_the_text_is_the_portable_form():
    text = encode(Lut.identity(2).titled("Warm look"), comments=["by gradewright 0.1", "for sRGB"]).decode(
        "ascii"
    )
    assert text.splitlines() == [
        "# by gradewright 0.1",
        "# for sRGB",
        'TITLE "Warm look"',
        "LUT_3D_SIZE 2",
        "0.000000 0.000000 0.000000",
        "1.000000 0.000000 0.000000",
        "0.000000 1.000000 0.000000",
        "1.000000 1.000000 0.000000",
        "0.000000 0.000000 1.000000",
        "1.000000 0.000000 1.000000",
        "0.000000 1.000000 1.000000",
        "1.000000 1.000000 1.000000",
    ]
    assert text.endswith("\n")
    assert "\r" not in text


def test_the_bytes_never_change():
    digest = hashlib.sha256(encode(Lut.identity(17))).hexdigest()
    assert digest == hashlib.sha256(encode(Lut.identity(17))).hexdigest()
    assert digest.startswith("6e6d44445165d55a")


@pytest.mark.parametrize("decimals", [4, 6, 9])
def test_round_trip_within_the_decimals(decimals, tmp_path):
    lut = asymmetric(7)
    lutio.write(lut, tmp_path / "a.cube", decimals=decimals)
    back = lutio.read(tmp_path / "a.cube")
    assert np.abs(back.table - lut.table).max() <= 0.5 * 10.0**-decimals + 6e-8
    assert back.title == "asymmetric"


@pytest.mark.parametrize("size", [2, 3, 17, 33])
def test_opencolorio_agrees(size, tmp_path):
    lut = asymmetric(size)
    lutio.write(lut, tmp_path / "a.cube")
    image = noise(-0.2, 1.2)
    assert np.abs(through_ocio(tmp_path / "a.cube", image) - lut.apply(image)).max() < 1e-6


def test_pure_red_stays_red(tmp_path):
    """Exchanged axes are the classic fault: red comes out blue."""
    lut = Lut.from_function(lambda p: p * [1, 0, 0], 3)
    lutio.write(lut, tmp_path / "red.cube")
    probe = np.eye(3, dtype=np.float32)[None]
    assert through_ocio(tmp_path / "red.cube", probe)[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_values_outside_0_to_1_are_kept(tmp_path):
    lut = Lut(np.random.default_rng(2).normal(0, 20, (3, 3, 3, 3)))
    lutio.write(lut, tmp_path / "wild.cube")
    back = lutio.read(tmp_path / "wild.cube")
    assert np.abs(back.table - lut.table).max() <= 5e-6


def test_minus_nothing_is_nothing():
    table = np.array(lattice(2))
    table[0, 0, 0] = -1e-9
    assert b"-0.0" not in encode(Lut(table))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(-30, 30, width=32), min_size=24, max_size=24), st.integers(4, 9))
def test_any_finite_value_comes_back(tmp_path_factory, values, decimals):
    lut = Lut(np.array(values, np.float32).reshape(2, 2, 2, 3))
    path = tmp_path_factory.mktemp("any") / "a.cube"
    lutio.write(lut, path, decimals=decimals)
    assert np.abs(lutio.read(path).table - lut.table).max() <= 0.5 * 10.0**-decimals + 2e-6


@pytest.mark.parametrize(
    ("lut", "dialect", "lines"),
    [
        (
            Lut(lattice(2), ((-1.0,) * 3, (2.0, 2.0, 4.0))),
            None,
            ["DOMAIN_MIN -1.0 -1.0 -1.0", "DOMAIN_MAX 2.0 2.0 4.0"],
        ),
        (Lut(lattice(2), ((-1.0,) * 3, (2.0,) * 3)), "resolve", ["LUT_3D_INPUT_RANGE -1.0 2.0"]),
        (Lut(lattice(2), shaper=shaper()), None, ["LUT_1D_SIZE 17", "DOMAIN_MIN -0.25 -0.25 -0.25"]),
        (Lut(lattice(2), shaper=shaper()), "resolve", ["LUT_1D_SIZE 17", "LUT_1D_INPUT_RANGE -0.25 4.0"]),
        (Lut(asymmetric(3).table, shaper=shaper()), None, ["LUT_1D_INPUT_RANGE -0.25 4.0", "LUT_3D_SIZE 3"]),
        (
            Lut(asymmetric(3).table, ((-1.0,) * 3, (0.5,) * 3), shaper()),
            None,
            ["LUT_1D_INPUT_RANGE -0.25 4.0", "LUT_3D_INPUT_RANGE -1.0 0.5"],
        ),
    ],
)
def test_input_ranges_in_both_dialects(lut, dialect, lines, tmp_path):
    options = {"dialect": dialect} if dialect else {}
    lutio.write(lut, tmp_path / "a.cube", **options)
    text = (tmp_path / "a.cube").read_text()
    assert [line for line in lines if line not in text.splitlines()] == []
    back = lutio.read(tmp_path / "a.cube")
    assert back.domain == lut.domain
    assert back.title == "a"
    assert (back.shaper is None) == (lut.shaper is None)
    image = noise(-2, 5)
    assert np.abs(back.apply(image) - lut.apply(image)).max() < 5e-6
    assert np.abs(through_ocio(tmp_path / "a.cube", image) - lut.apply(image)).max() < 5e-6


def test_what_a_dialect_cannot_hold():
    uneven = Lut(lattice(2), ((0.0,) * 3, (1.0, 1.0, 2.0)))
    with pytest.raises(BadInput, match=r"one input range for all channels.*write \.clf, or flatten"):
        encode(uneven, dialect="resolve")
    with pytest.raises(BadInput, match=r"holds no shaper with a cube: use dialect='resolve'"):
        encode(Lut(asymmetric(3).table, shaper=shaper()), dialect="adobe")


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ('He said "warm"', "He said 'warm'"),
        ("Été à l’été – 50 %", "Ete a l'ete - 50 %"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("x" * 100, "x" * 60),
        ("暖色", "look"),
    ],
)
def test_titles_are_made_portable(title, written, tmp_path):
    lutio.write(Lut.identity(2).titled(title), tmp_path / "look.cube")
    assert f'TITLE "{written if written != "look" else ""}"' in (tmp_path / "look.cube").read_text("ascii")
    assert lutio.read(tmp_path / "look.cube").title == written


def test_comments_cannot_break_out():
    text = encode(Lut.identity(2), comments=["a\nLUT_3D_SIZE 9", "y" * 500]).decode()
    assert text.splitlines()[1] == "# LUT_3D_SIZE 9"
    assert max(map(len, text.splitlines())) <= 250


def test_options_are_checked():
    with pytest.raises(BadInput, match="decimals 3: use 4 or 5 or"):
        encode(Lut.identity(2), decimals=3)
    with pytest.raises(BadInput, match="dialect 'resolv': use adobe or resolve"):
        encode(Lut.identity(2), dialect="resolv")
