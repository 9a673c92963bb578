"""The inspection plot shows what is measured."""

import numpy as np
import pytest
from gradewright.core import Lut, safety
from gradewright.core.canvas import Canvas, font, shorten, wrap
from gradewright.core.interp import lattice
from gradewright.core.plot import _STRIP_HEIGHT, _STRIP_PITCH, _STRIPS_TOP, inspection_plot
from gradewright.core.safety.probes import gradient

IDENTITY = lattice(33)
GREEN, AMBER, RED = (63, 185, 80), (217, 165, 32), (240, 82, 75)


def page(table, title="", asked=()):
    lut = Lut(np.asarray(table), title=title)
    image = inspection_plot(lut, safety.measure(lut), asked)
    assert image.mode == "RGB"
    assert image.size == (1400, 900)
    return np.asarray(image)


def strip(pixels, index, after):
    row = _STRIPS_TOP + index * _STRIP_PITCH + after * _STRIP_HEIGHT + _STRIP_HEIGHT // 2
    return pixels[row, 190:1370]


@pytest.mark.parametrize("index", range(5))
def test_identity_strips_are_alike(index):
    pixels = page(IDENTITY)
    assert np.abs(strip(pixels, index, 0).astype(int) - strip(pixels, index, 1)).max() <= 1


def test_strips_show_the_transform_in_8_bits():
    posterised = page(np.round(IDENTITY * 3) / 3)
    before, after = strip(posterised, 0, 0), strip(posterised, 0, 1)
    expected = np.round(gradient("grey", 1180) * 255)
    assert np.array_equal(before, expected)
    lut = Lut(np.round(IDENTITY * 3) / 3)
    assert np.array_equal(after, np.round(lut.sample(expected / 255) * 255))


@pytest.mark.parametrize(
    ("table", "asked", "colour"),
    [
        (IDENTITY, (), GREEN),
        (np.clip(IDENTITY * 3 - 0.9, 0, 1), (), AMBER),
        (1 - IDENTITY, (), RED),
        (IDENTITY[..., [1, 2, 0]], ("skin_hue",), GREEN),
    ],
)
def test_the_light_tells_the_verdict(table, asked, colour):
    assert tuple(page(table, asked=asked)[77, 39]) == colour


def test_curves_and_drift_change_with_the_look():
    plain, warm = page(IDENTITY), page(IDENTITY * [1, 0.9, 0.7])
    for columns in (slice(60, 450), slice(520, 910)):
        assert (plain[150:500, columns] != warm[150:500, columns]).any(axis=-1).mean() > 0.01


def test_wild_luts_and_long_titles_stay_inside():
    rng = np.random.default_rng(3)
    noise = page(rng.random((9, 9, 9, 3)) * 3 - 1, title="a very long name " * 20)
    background = noise[0, 0]
    assert (noise[:14] == background).all()
    assert (noise[:, 1385:] == background).all()


def test_wrap_and_shorten():
    rows = wrap("one two three four five six seven", 15, 90)
    assert " ".join(rows) == "one two three four five six seven"
    assert len(rows) > 1
    assert all(font(15).getlength(row) <= 90 for row in rows)
    assert wrap("", 15, 90) == []
    assert shorten("short", 15, 200) == "short"
    cut = shorten("a rather long title", 15, 70)
    assert cut.endswith("...")
    assert font(15).getlength(cut) <= 70


def test_canvas_shapes():
    canvas = Canvas(60, 40, "#000000")
    canvas.arrow((5, 20), (50, 20), "#ffffff", 3)
    canvas.arrow((5, 5), (5.5, 5), "#ffffff")
    canvas.dot((30, 34), 3, "#00ff00")
    canvas.dashes((0, 10), (60, 10), "#ff0000", 2, 10)
    pixels = np.asarray(canvas.image())
    assert tuple(pixels[20, 20]) == (255, 255, 255)
    assert pixels[20, 55].sum() == 0
    assert pixels[5, 5].sum() == 0
    assert tuple(pixels[34, 30]) == (0, 255, 0)
    assert 0 < (pixels[10, :, 0] > 200).mean() < 0.9
