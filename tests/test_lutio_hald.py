"""Hald CLUT images: every level, both depths, and images that are none."""

import io
import struct
import zlib
from functools import partial

import imagecodecs
import lut_files
import numpy as np
import pytest
from gradewright import lutio
from gradewright.core.errors import BadInput
from gradewright.core.interp import lattice
from gradewright.core.lut import Lut, Shaper
from gradewright.lutio import LutApproximated
from gradewright.lutio.hald import encode
from lut_files import assert_refused
from PIL import Image


def reference_hald(level, highest):
    """The identity pixel by pixel, after Steenberg's page: red fastest, then green, then blue."""
    size = level * level
    codes = [round(k * highest / (size - 1)) for k in range(size)]
    values = [(codes[r], codes[g], codes[b]) for b in range(size) for g in range(size) for r in range(size)]
    return np.array(values).reshape(level**3, level**3, 3)


def look(size=9):
    return Lut.from_function(
        lambda p: np.stack([p[:, 0] ** 1.3, 0.7 * p[:, 1] + 0.2 * p[:, 0], 0.9 * p[:, 2] ** 0.8], axis=-1),
        size,
    )


save = partial(lut_files.save, name="look.png")


def png(image, **options):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "PNG", **options)
    return stream.getvalue()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("level", [2, 3, 4, 5, 8])
def test_identities_are_exact(level, bits):
    image = imagecodecs.png_decode(encode(Lut.identity(17), level=level, bits=bits))
    assert np.array_equal(image, reference_hald(level, 2**bits - 1))
    assert image.dtype == (np.uint8 if bits == 8 else np.uint16)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("level", [2, 3, 5, 8, 11])
def test_round_trip_within_the_codes(level, bits, tmp_path):
    lut = look(level * level)
    lutio.write(lut, tmp_path / "look.png", level=level, bits=bits)
    back = lutio.read(tmp_path / "look.png")
    assert back.size == level * level
    assert np.abs(back.table - lut.table).max() <= 0.5 / (2**bits - 1) + 1e-7


def test_the_default_is_level_8_in_16_bits(tmp_path):
    lutio.write(look(33), tmp_path / "look.png")
    with Image.open(tmp_path / "look.png") as image:
        assert image.size == (512, 512)
    image = np.random.default_rng(1).random((32, 32, 3)).astype(np.float32)
    back = lutio.read(tmp_path / "look.png")
    assert back.size == 64
    assert np.abs(back.apply(image) - look(33).apply(image)).max() < 0.003


def test_pure_red_runs_along_the_first_pixels(tmp_path):
    image = imagecodecs.png_decode(encode(Lut.from_function(lambda p: p * [1, 0, 0], 4), level=2, bits=8))
    assert image[0, :4].tolist() == [[0, 0, 0], [85, 0, 0], [170, 0, 0], [255, 0, 0]]
    lut = lutio.read(save(tmp_path, png(image)))
    assert lut.table[3, 0, 0].tolist() == [1, 0, 0]
    assert lut.table[0, 0, 3].tolist() == [0, 0, 0]


@pytest.mark.parametrize("level", [12, 16])
def test_high_levels_are_resampled_and_it_is_said(level, tmp_path):
    with_grade = look(33)
    lutio.write(with_grade, tmp_path / "look.png", level=level, bits=8)
    size = level * level
    with pytest.warns(LutApproximated, match=rf"look.png: holds a {size}\^3 cube: resampled to 129\^3"):
        lut = lutio.read(tmp_path / "look.png")
    assert lut.size == 129
    assert np.abs(lut.table - with_grade.resample(129).table).max() < 0.006


def test_other_kinds_of_png(tmp_path):
    colour = png(reference_hald(3, 255).astype(np.uint8))
    palette = Image.open(io.BytesIO(png(reference_hald(2, 255).astype(np.uint8)))).quantize(64)
    expected = lutio.read(save(tmp_path, colour)).table

    alpha = np.dstack([reference_hald(3, 255), np.full((27, 27), 7)]).astype(np.uint8)
    assert np.array_equal(lutio.read(save(tmp_path, png(alpha), name="alpha.png")).table, expected)
    alpha16 = np.dstack([reference_hald(3, 65535), np.full((27, 27), 7)]).astype(np.uint16)
    deep = lutio.read(save(tmp_path, bytes(imagecodecs.png_encode(alpha16)), name="deep.png"))
    assert np.abs(deep.table - lattice(9)).max() < 1e-5
    grey = lutio.read(save(tmp_path, png(reference_hald(3, 255)[:, :, 0].astype(np.uint8)), name="grey.png"))
    assert np.array_equal(grey.table[..., 0], grey.table[..., 2])
    stream = io.BytesIO()
    palette.save(stream, "PNG")
    assert lutio.read(save(tmp_path, stream.getvalue(), name="palette.png")).size == 4


def header(width, height, bits=8, colour=2):
    """A PNG that is only its header: what claims much must be refused before it is decoded."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + bytes(12)
    )


GOOD = encode(Lut.identity(4), level=2, bits=8)
DEEP = encode(Lut.identity(4), level=2, bits=16)
NOISE = np.random.default_rng(0).integers(0, 255, (27, 27, 3), np.uint8)
REFUSED = {
    "empty": (b"", ": is empty"),
    "a photo": (
        png(np.zeros((480, 640, 3), np.uint8)),
        ": is 640 x 480 pixels: a Hald CLUT is square, L^3 pixels",
    ),
    "nearly": (
        png(np.zeros((510, 510, 3), np.uint8)),
        ": is 510 x 510 pixels: a Hald CLUT is square, L^3 pixels with L 2..16: 512 x 512 is",
    ),
    "one pixel": (png(np.zeros((1, 1, 3), np.uint8)), ": is 1 x 1 pixels"),
    "level 17": (header(4913, 4913), ": is 4913 x 4913 pixels"),
    "a bomb": (header(2**31 - 1, 2**31 - 1), ": is 2147483647 x 2147483647 pixels"),
    "header only": (header(8, 8), ": is a damaged PNG image ("),
    "header only, 16 bit": (header(8, 8, 16), ": is a damaged PNG image ("),
    "one bit": (header(8, 8, 1, 0), ": has 1 bits a channel: a Hald CLUT has 8 or 16"),
    "strange colour type": (header(8, 8, 8, 5), ": has the colour type 5: a Hald CLUT is an RGB image"),
    "truncated": (png(NOISE)[:900], ": is a damaged PNG image ("),
    "truncated, 16 bit": (DEEP[: len(DEEP) // 2], ": is a damaged PNG image ("),
    "wrong checksum": (GOOD.replace(GOOD[40:50], b"0123456789"), ": is a damaged PNG image ("),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(60), ": is a JPEG image: a Hald CLUT is a PNG"),
    "cube": (b"LUT_3D_SIZE 2\n", ": is not a PNG image: a Hald CLUT is a PNG"),
    "signature only": (GOOD[:20], ": is a damaged PNG image: a Hald CLUT is a PNG"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_hald_is_refused(name, tmp_path):
    content, message = REFUSED[name]
    path = save(tmp_path, content)
    assert_refused(path, message)


def test_shapers_are_sampled_and_clipping_is_said(tmp_path):
    curve = np.repeat(np.linspace(0, 1, 65)[:, None] ** 2, 3, axis=1)
    shaped = Lut(look(17).table, shaper=Shaper(curve))
    lutio.write(shaped, tmp_path / "shaped.png")
    points = lattice(64)
    assert np.abs(lutio.read(tmp_path / "shaped.png").table - shaped.sample(points)).max() < 1e-5
    with pytest.warns(LutApproximated, match=r"bright: a Hald CLUT holds 0\.\.1: \d+\.\d% of the values"):
        lutio.write(Lut(look().table * 1.5), tmp_path / "bright.png")


def test_options_are_checked():
    with pytest.raises(BadInput, match="level 17: use 2 or 3"):
        encode(look(), level=17)
    with pytest.raises(BadInput, match="bits 12: use 8 or 16"):
        encode(look(), bits=12)
