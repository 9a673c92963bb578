"""Photos for the engines, and everything that is not quite a photo."""

from __future__ import annotations

import io
import os
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from gradewright.core import photo
from gradewright.core.errors import BadInput, ImageFileError
from gradewright.core.photo import source as sources
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps
from profiles import DISPLAY_P3, rgb_profile

P3 = rgb_profile(DISPLAY_P3)


@pytest.fixture
def smooth():
    """Uint8 (60, 90, 3): gradients that a JPEG keeps."""
    y, x = np.mgrid[0:60, 0:90]
    return np.stack([x * 2.5 + 10, y * 3.5 + 20, 200 - x - y], axis=-1).astype(np.uint8)


# -- load


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_orientation_is_applied_as_pillow_does(tmp_path, smooth, orientation, suffix):
    path = tmp_path / f"x.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"jpg": {"quality": 98, "subsampling": 0}, "webp": {"lossless": True}}.get(suffix, {})
    Image.fromarray(smooth).save(path, exif=exif, **options)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(np.round(photo.load(path) * 255), expected)
    assert photo.load(path, max_side=45).shape == ((45, 30, 3) if orientation > 4 else (30, 45, 3))


def test_every_kind_of_source_gives_the_same_pixels(tmp_path, smooth):
    path = tmp_path / "x.png"
    Image.fromarray(smooth).save(path)
    expected = smooth.astype(np.float32) / 255
    deep = smooth.astype(np.uint16) * 257
    for given_ in (
        path,
        str(path),
        Image.fromarray(smooth),
        smooth,
        deep,
        expected,
        expected.astype(np.float64),
    ):
        got = photo.load(given_)
        assert (got.dtype, got.shape) == (np.float32, smooth.shape)
        assert np.abs(got - expected).max() < 1e-6


def test_arrays_of_other_shapes():
    gray = np.array([[0, 128], [255, 64]], np.uint8)
    assert np.array_equal(photo.load(gray), photo.load(gray[..., None].repeat(3, axis=2)))
    assert np.array_equal(photo.load(gray[..., None]), photo.load(gray))
    rgba = np.full((2, 2, 4), 255, np.uint8)
    assert photo.load(rgba).shape == (2, 2, 3)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2, 5)), r"the photo has shape \(2, 2, 5\): needs \(H, W\)"),
        (np.zeros((0, 2, 3)), "the photo has shape"),
        (np.full((2, 2, 3), 200.0), r"the photo's floats span 200\.\.200: needs 0\.\.1"),
        (np.full((2, 2, 3), np.nan), r"span nan\.\.nan: needs 0\.\.1"),
        (np.zeros((2, 2, 3), np.int64), "the photo is int64: needs float 0..1, uint8 or uint16"),
        (42, "a photo is a path, a PIL image or an array, not int"),
    ],
)
def test_bad_arrays(array, message):
    with pytest.raises(BadInput, match=message):
        photo.load(array)


def test_max_side(tmp_path, smooth):
    with pytest.raises(BadInput, match="max_side 0 is out of range"):
        photo.load(smooth, max_side=0)
    assert photo.load(smooth, max_side=1000).shape == smooth.shape
    assert photo.load(np.zeros((1, 5000, 3), np.uint8), max_side=10).shape == (1, 10, 3)
    Image.fromarray(smooth).resize((900, 600)).save(tmp_path / "x.jpg", quality=95)
    small = photo.load(tmp_path / "x.jpg", max_side=90)
    assert np.abs(small - smooth / 255).mean() < 0.01


@pytest.mark.parametrize("deep", [False, True])
def test_wide_profiles_become_srgb_as_littlecms_does(tmp_path, rng, deep):
    pixels = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    path = tmp_path / "x.png"
    photo.save(photo.Photo(path, "", pixels.astype(np.uint16) * 257 if deep else pixels, icc=P3), path)
    kind = ImageCms.ImageCmsProfile(io.BytesIO(P3))
    expected = ImageCms.profileToProfile(Image.fromarray(pixels), kind, ImageCms.createProfile("sRGB"))
    got, notes = photo.load_with_notes(path)
    assert np.abs(got * 255 - np.asarray(expected)).max() <= 1.5
    assert (notes, got.min() >= 0, got.max() <= 1) == ((), True, True)


def test_a_broken_profile_is_a_note(tmp_path, smooth):
    path = tmp_path / "photo.jpg"
    Image.fromarray(smooth).save(path, icc_profile=b"broken" * 50)
    pixels, notes = photo.load_with_notes(path)
    assert pixels.shape == smooth.shape
    assert notes == (f"{path}: broken ICC profile (damaged): treated as sRGB",)
    opened = photo.open_pixels(path)
    assert (opened.icc, opened.notes) == (b"", notes)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGBA", "YCbCr"])
def test_pil_modes(smooth, mode):
    image = Image.fromarray(smooth).convert(mode)
    expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(np.round(photo.load(image) * 255), expected)


def test_deep_pil_modes(smooth):
    gray = smooth[..., 0].astype(np.uint16) * 257
    assert np.abs(photo.load(Image.fromarray(gray))[..., 1] - gray / 65535).max() < 1e-6
    with pytest.raises(BadInput, match="mode F: its range is unknown"):
        photo.load(Image.fromarray(gray.astype(np.float32)))


# -- sizes


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_one_pixel(tmp_path, suffix):
    path, out = tmp_path / f"x.{suffix}", tmp_path / f"y.{suffix}"
    Image.new("RGB", (1, 1), (200, 100, 50)).save(path, **({"lossless": True} if suffix == "webp" else {}))
    photo.save(photo.open_pixels(path), out)
    assert np.abs(photo.load(out)[0, 0] * 255 - [200, 100, 50]).max() <= 2


def test_40000_pixels_wide(tmp_path, rng, look):
    pixels = rng.integers(0, 256, (3, 40_000, 3), dtype=np.uint8)
    path, out = tmp_path / "x.png", tmp_path / "y.tif"
    Image.fromarray(pixels).save(path)
    photo.save(photo.grade_pixels(photo.open_pixels(path), look), out)
    assert np.abs(tifffile.imread(out) / 255 - np.clip(look.sample(pixels / 255), 0, 1)).max() <= 0.502 / 255
    assert photo.load(path, max_side=100).shape == (1, 100, 3)


def chunk(name, data):
    """A PNG chunk."""
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_size_bomb_is_refused_by_its_header(tmp_path, bits):
    path = tmp_path / "bomb.png"
    header = struct.pack(">LLBBBBB", 100_000, 100_000, bits, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(9)))
        + chunk(b"IEND", b"")
    )
    for read in (photo.open_pixels, photo.load):
        with pytest.raises(ImageFileError) as caught:
            read(path)
        assert str(caught.value) == f"{path}: claims 100000 x 100000 pixels: at most 400 megapixels are read"


def test_the_cap_lies_above_pillows(monkeypatch, tmp_path, smooth):
    """Pillow's own process-wide limit neither stops nor warns; ours does."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    Image.fromarray(smooth).save(tmp_path / "x.png")
    assert photo.load(tmp_path / "x.png").shape == smooth.shape
    monkeypatch.setattr(sources, "MAX_PIXELS", 100)
    with pytest.raises(ImageFileError, match="claims 90 x 60 pixels"):
        photo.load(tmp_path / "x.png")


# -- files that are not quite photos


def refused(path, read=photo.open_pixels):
    """The one-line error of a file, without its path."""
    with pytest.raises(ImageFileError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("read", [photo.open_pixels, photo.load])
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "16.png", "16.tif"])
def test_truncated_files(tmp_path, rng, read, suffix):
    path = tmp_path / f"photo.{suffix}"
    pixels = rng.integers(0, 256, (60, 90, 3), dtype=np.uint8)
    deep = pixels.astype(np.uint16) * 257 if suffix.startswith("16") else pixels
    photo.save(photo.Photo(path, "", deep), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 5])
    message = refused(path, read)
    assert message.startswith(("truncated file (", "damaged file ("))
    assert message.endswith("copy or export the picture again")


def test_a_truncated_jpeg_is_called_truncated(tmp_path, smooth):
    path = tmp_path / "photo.jpg"
    Image.fromarray(smooth).save(path)
    path.write_bytes(path.read_bytes()[:-200])
    assert refused(path).startswith("truncated file (image file is truncated")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty (0 bytes): copy the picture again"),
        (b"hello world, no picture", "is not a picture (it begins with b'hello world,')"),
        (b"GIF89a" + bytes(40), "is a GIF, which holds 256 colours: not supported"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "is a HEIC picture, which is not supported"),
        (b"\0\0\0\x18ftypavif" + bytes(40), "is an AVIF picture, which is not supported"),
        (b"8BPS" + bytes(40), "is a Photoshop document: not supported"),
    ],
)  # fmt: skip
def test_other_content_under_a_photo_name(tmp_path, content, message):
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    assert refused(path).removesuffix(": give a JPEG, PNG, TIFF or WEBP file") == message


def test_missing_folder_and_raw(tmp_path, smooth):
    Image.fromarray(smooth).save(tmp_path / "sunset.jpg")
    assert refused(tmp_path / "sunste.jpg") == "no such file; did you mean 'sunset.jpg'?"
    assert refused(tmp_path) == "is a folder: name a picture file"
    raw = "is a camera raw file: develop it first and give a TIFF, PNG or JPEG"
    assert refused(tmp_path / "x.NEF") == raw


def test_the_suffix_is_ignored_on_reading(tmp_path, smooth):
    Image.fromarray(smooth).save(tmp_path / "x.png", "PNG")
    (tmp_path / "x.png").rename(tmp_path / "x.jpg")
    assert np.array_equal(photo.open_pixels(tmp_path / "x.jpg").pixels, smooth)


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_animations_use_the_first_frame(tmp_path, smooth, suffix):
    path = tmp_path / f"x.{suffix}"
    frames = [Image.fromarray(np.roll(smooth, n, axis=1)) for n in (0, 9, 18)]
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True)
    for pixels, notes in (
        photo.load_with_notes(path),
        (photo.open_pixels(path).pixels / 255, photo.open_pixels(path).notes),
    ):
        assert np.array_equal(np.round(pixels[..., :3] * 255), smooth)
        assert notes == (f"{path}: animated: only the first of 3 frames is used",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pages_use_the_first(tmp_path, smooth, dtype):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, np.stack([smooth, smooth // 2]).astype(dtype), photometric="rgb", metadata=None)
    opened = photo.open_pixels(path)
    assert np.array_equal(opened.pixels, smooth)
    assert opened.notes == (f"{path}: only the first of 2 pages is used",)


def test_unusual_tiffs(tmp_path, rng):
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, rng.integers(0, 9, (8, 8, 3), dtype=np.uint32), photometric="rgb")
    assert refused(path) == "has 32-bit u samples: save it as 8 or 16 bit, or 32-bit float"
    tifffile.imwrite(
        path, rng.integers(0, 9, (16, 16, 3), dtype=np.uint16), photometric="rgb", compression="lzma"
    )
    assert refused(path) == "is LZMA compressed: save it with LZW, ZIP, ZSTD or none"
    tifffile.imwrite(path, np.full((4, 4), 65535, np.uint16), photometric="miniswhite")
    assert photo.load(path).max() == 0
    tifffile.imwrite(
        path, np.full((4, 4, 5), 9, np.uint16), photometric="rgb", planarconfig="contig", extrasamples=[2, 0]
    )
    opened = photo.open_pixels(path)
    assert (opened.pixels.shape, opened.notes) == ((4, 4, 4), (f"{path}: 1 extra channels are not kept",))
    tifffile.imwrite(path, np.full((4, 4, 3), 0.5, np.float64), photometric="rgb")
    assert photo.open_pixels(path).pixels.dtype == np.float32


def test_damaged_png_metadata_is_left_out_with_a_note(tmp_path, smooth):
    path = tmp_path / "x.png"
    deep = imagecodecs.png_encode(smooth.astype(np.uint16) * 257)
    bad = bytearray(chunk(b"tEXt", b"Title\0a view"))
    bad[-1] ^= 1
    path.write_bytes(deep[:33] + bytes(bad) + deep[33:])
    with Image.open(io.BytesIO(deep)) as image:
        assert image.mode == "RGB"  # Pillow itself would give 8 bits
    assert photo.open_pixels(path).notes[0] == f"{path}: damaged metadata chunk tEXt is not kept"


def failure(read, path):
    """The error of a file, or None; anything but ours passes through and fails the test."""
    try:
        read(path)
    except ImageFileError as error:
        return str(error)
    return None


def samples():
    """Small files of every format and depth."""
    pixels = np.arange(12 * 10 * 3, dtype=np.uint16).reshape(12, 10, 3) * 180
    small = (pixels >> 8).astype(np.uint8)
    files = []
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        Image.fromarray(small).save(buffer, kind, icc_profile=P3)
        files.append(buffer.getvalue())
    deep = io.BytesIO()
    tifffile.imwrite(deep, pixels, photometric="rgb", compression="lzw")
    return [*files, bytes(imagecodecs.png_encode(pixels)), deep.getvalue()]


SAMPLES = samples()


@settings(max_examples=300)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0.1, 1),
)
def test_mutated_files_load_or_fail_in_one_line(tmp_path_factory, content, changes, keep):
    data = bytearray(content)
    for where, value in changes:
        data[int(where * (len(data) - 1))] = value
    path = tmp_path_factory.mktemp("m") / "photo.jpg"
    path.write_bytes(bytes(data[: max(1, int(len(data) * keep))]))
    for read in (photo.open_pixels, photo.load):
        message = failure(read, path)
        assert message is None or (message.startswith(f"{path}: ") and "\n" not in message)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for read in (photo.open_pixels, photo.load):
        with pytest.raises(ImageFileError, match=r"pipe\.jpg: is a pipe or a device, not a file"):
            read(tmp_path / "pipe.jpg")
