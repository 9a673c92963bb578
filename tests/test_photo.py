"""Photos opened, graded and written back, re-read by Pillow and tifffile."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from gradewright.core import Lut, photo
from gradewright.core.errors import BadInput, FileError, ImageFileError
from gradewright.core.photo import depth, encode, ifd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageCms, PngImagePlugin
from profiles import ADOBE_RGB, DISPLAY_P3, gamma, gray_profile, rgb_profile, table_profile

P3 = rgb_profile(DISPLAY_P3)
# The identity as a look that is_identity() does not recognise: it really runs through OpenColorIO.
NEARLY = Lut(Lut.identity(17).table + np.float32(1e-6))
XMP = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>'


def exif_block(orientation: int = 6) -> bytes:
    """EXIF with main, EXIF and GPS directories and a thumbnail-free end, without prefix."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x8298] = "Maker", orientation, "(c) someone"
    exif.get_ifd(0x8769).update({0x829A: 0.004, 0x9003: "2026:11:21 05:06:07", 0x927C: b"maker note"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    return exif.tobytes().removeprefix(b"Exif\0\0")


def seen(exif: Image.Exif) -> dict:
    """What Pillow reads from the three directories."""
    return {
        "make": exif.get(0x010F),
        "turn": exif.get(0x0112),
        "rights": exif.get(0x8298),
        "date": exif.get_ifd(0x8769).get(0x9003),
        "time": float(exif.get_ifd(0x8769).get(0x829A, 0)),
        "note": exif.get_ifd(0x8769).get(0x927C),
        "north": exif.get_ifd(0x8825).get(1),
        "degrees": tuple(float(v) for v in exif.get_ifd(0x8825).get(2, ())),
    }


FULL = seen(Image.Exif()) | {
    "make": "Maker",
    "turn": 6,
    "rights": "(c) someone",
    "date": "2026:11:21 05:06:07",
    "time": 0.004,
    "note": b"maker note",
    "north": "N",
    "degrees": (52.0, 31.0, 12.0),
}


@pytest.fixture
def rgb8(rng):
    return rng.integers(0, 256, (24, 36, 3), dtype=np.uint8)


@pytest.fixture
def rgb16(rng):
    return rng.integers(0, 65536, (24, 36, 3), dtype=np.uint16)


def graded(source, target, lut=NEARLY, **options):
    """Open, grade, save; every warning."""
    return photo.save(photo.grade_pixels(photo.open_pixels(source), lut), target, **options)


# -- depths and modes


@pytest.mark.parametrize("name", ["x.png", "x.tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("icc", [b"", P3])
def test_identity_is_exact_at_every_depth(tmp_path, rng, name, dtype, channels, icc):
    pixels = rng.integers(0, np.iinfo(dtype).max + 1, (17, 23, channels), dtype=dtype)
    source, target = tmp_path / name, tmp_path / f"out-{name}"
    photo.save(photo.Photo(source, "", pixels, icc=icc), source)
    assert graded(source, target) == ()
    read = tifffile.imread(target) if name == "x.tif" else imagecodecs.png_decode(target.read_bytes())
    assert read.dtype == dtype
    assert np.array_equal(read, pixels)


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4]))))
def test_identity_in_a_wide_profile_is_exact_for_any_8_bit_pixels(pixels):
    held = photo.Photo("x.png", "PNG", pixels, icc=P3)
    assert np.array_equal(photo.grade_pixels(held, NEARLY).pixels, pixels)


@given(arrays.arrays(np.uint16, (5, 7, 3)))
def test_identity_in_a_wide_profile_is_exact_for_any_16_bit_pixels(pixels):
    held = photo.Photo("x.png", "PNG", pixels, icc=P3)
    assert np.array_equal(photo.grade_pixels(held, Lut.identity(33)).pixels, pixels)
    moved = photo.grade_pixels(held, NEARLY).pixels.astype(int) - pixels
    assert np.abs(moved).max() <= 1  # the look itself adds a fifteenth of a code


def test_float_keeps_what_lies_outside_the_unit_range(tmp_path, look):
    pixels = np.array([[[-0.25, 0.5, 1.75], [0.2, 0.4, 0.6]]], np.float32)
    source, target = tmp_path / "x.tif", tmp_path / "y.tif"
    tifffile.imwrite(source, pixels, photometric="rgb")
    notes = graded(source, target, look)
    assert notes == (f"{source}: floating point without a profile: treated as sRGB-encoded",)
    inside = np.clip(pixels, 0, 1)
    expected = look.sample(inside) + (pixels - inside)
    assert tifffile.imread(target).dtype == np.float32
    assert np.abs(tifffile.imread(target) - expected).max() < 1e-6


def test_the_look_is_applied_to_8_and_16_bits(tmp_path, rgb8, rgb16, look):
    for pixels, tolerance in ((rgb8, 0.5 / 255), (rgb16, 0.6 / 65535)):
        source, target = tmp_path / "x.png", tmp_path / "y.png"
        source.write_bytes(imagecodecs.png_encode(pixels))
        graded(source, target, look, overwrite=True)
        top = np.iinfo(pixels.dtype).max
        read = imagecodecs.png_decode(target.read_bytes())
        assert read.dtype == pixels.dtype
        assert np.abs(read / top - np.clip(look.sample(pixels / top), 0, 1)).max() <= tolerance + 3e-7


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_png_modes_keep_their_colours(tmp_path, rgb8, mode):
    source, target = tmp_path / "x.png", tmp_path / "y.png"
    image = Image.fromarray(rgb8).convert(mode)
    image.save(source)
    notes = graded(source, target)
    assert [n.split(": ")[1] for n in notes] == {
        "P": ["palette picture expanded to RGB"],
        "1": ["1-bit picture expanded to RGB"],
    }.get(mode, [])
    with Image.open(target) as written:
        assert written.mode == {"P": "RGB", "1": "RGB"}.get(mode, mode)
        assert np.array_equal(written.convert("RGBA"), image.convert("RGBA"))


@pytest.mark.parametrize("name", ["x.png", "x.tif"])
def test_gray_16_bit_stays_gray_until_the_look_tints_it(tmp_path, rng, look, name):
    gray = rng.integers(0, 65536, (9, 11), dtype=np.uint16)
    source, target = tmp_path / name, tmp_path / f"y-{name}"
    Image.fromarray(gray).save(source)
    graded(source, target)
    read = tifffile.imread if name == "x.tif" else imagecodecs.imread
    assert np.array_equal(read(target), gray)
    graded(source, target, look, overwrite=True)
    assert read(target).shape == (9, 11, 3)
    assert read(target).dtype == np.uint16


def test_palette_transparency_becomes_alpha(tmp_path, rgb8):
    source = tmp_path / "x.png"
    Image.fromarray(rgb8).quantize(16).save(source, transparency=3)
    with Image.open(source) as image:
        expected = np.asarray(image.convert("RGBA"))
    assert np.array_equal(photo.open_pixels(source).pixels, expected)


def test_cmyk_goes_through_its_profile_and_says_so(tmp_path, rgb8):
    source, icc = tmp_path / "x.jpg", table_profile(b"CMYK", 4)
    Image.fromarray(rgb8).convert("CMYK").save(source, icc_profile=icc, quality=98)
    opened = photo.open_pixels(source)
    with Image.open(source) as image:
        expected = ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            "RGB",
        )
    assert np.abs(opened.pixels.astype(int) - np.asarray(expected)).mean() < 3  # black point compensation
    assert opened.icc == b""
    assert opened.notes[-1] == f"{source}: CMYK converted to sRGB, 8 bit: the output is sRGB"


def test_table_profiles_of_8_and_16_bits_become_srgb(tmp_path, rgb16):
    icc = table_profile()
    for pixels in (depth.to_uint8(rgb16), rgb16):
        source = tmp_path / f"{pixels.dtype}.png"
        photo.save(photo.Photo(source, "", pixels, icc=icc), source)
        opened = photo.open_pixels(source)
        assert (opened.pixels.dtype, opened.icc) == (np.uint8, b"")
        assert opened.notes[-1].endswith("converted to sRGB, 8 bit: the output is sRGB")


def test_gray_profile_is_converted(tmp_path):
    source = tmp_path / "x.png"
    Image.fromarray(np.full((2, 2), 128, np.uint8)).save(source, icc_profile=gray_profile(gamma(1.8)))
    # (128/255)^1.8 = 0.2892 linear, 0.5748 in sRGB
    assert np.abs(photo.load(source) - 0.5748).max() < 0.004


def test_planar_big_endian_and_tiled_tiff(tmp_path, rgb16):
    plain = {"photometric": "rgb", "metadata": None}
    for options in (
        {"planarconfig": "separate"},
        {"byteorder": ">", "compression": "zlib", "predictor": True},
        {"tile": (16, 16), "compression": "lzw"},
        {"compression": "zstd"},
        {"bigtiff": True},
    ):
        source, target = tmp_path / "x.tif", tmp_path / "y.tif"
        data = np.moveaxis(rgb16, -1, 0) if "planarconfig" in options else rgb16
        tifffile.imwrite(source, data, **plain, **options)
        assert np.array_equal(photo.open_pixels(source).pixels, rgb16)
        graded(source, target, Lut.identity(), overwrite=True)
        assert np.array_equal(tifffile.imread(target), rgb16)


def test_tiff_keeps_its_compression(tmp_path, rgb16):
    for name in ("none", "lzw", "adobe_deflate", "zstd"):
        source, target = tmp_path / "x.tif", tmp_path / "y.tif"
        tifffile.imwrite(source, rgb16, photometric="rgb", compression=None if name == "none" else name)
        graded(source, target, overwrite=True)
        with tifffile.TiffFile(target) as file:
            assert file.pages[0].compression.name.lower() == name


# -- depth arithmetic


def test_depths_round_exactly():
    codes = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(depth.to_uint8(codes), np.round(codes / 65535 * 255).astype(np.uint8))
    assert np.array_equal(depth.to_uint8(depth.to_uint16(np.arange(256, dtype=np.uint8))), np.arange(256))
    odd = np.array([np.nan, -1, 2, np.inf, 0.5], np.float32)
    assert depth.to_uint8(odd).tolist() == [0, 0, 255, 255, 128]
    assert depth.to_float(np.array([0, 255], np.uint8)).tolist() == [0.0, 1.0]


# -- metadata


@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.webp", "x.tif"])
@pytest.mark.parametrize("target", ["y.jpg", "y.png", "y.webp", "y.tif"])
def test_metadata_survives_every_pair_of_formats(tmp_path, rgb8, name, target):
    source, target = tmp_path / name, tmp_path / target
    picture = photo.Photo(source, "", rgb8, icc=P3, exif=exif_block(), xmp=XMP, dpi=(300.0, 300.0))
    photo.save(picture, source)
    assert graded(source, target) == ()
    with Image.open(target) as written:
        assert written.info["icc_profile"] == P3
        assert seen(written.getexif()) == FULL
        # The tag turns it, the pixels are not turned; Pillow turns a TIFF by itself.
        assert written.size == ((24, 36) if target.suffix == ".tif" else (36, 24))
        xmp = (
            written.info.get("xmp") or written.tag_v2.get(700)
            if target.suffix == ".tif"
            else written.info["xmp"]
        )
        assert (xmp.encode() if isinstance(xmp, str) else xmp) == XMP
        if target.suffix not in (".webp",) and name != "x.webp":
            assert [round(v) for v in written.info["dpi"]] == [300, 300]


def test_metadata_of_16_bit_files(tmp_path, rgb16):
    for first, second in (("x.png", "y.tif"), ("x.tif", "y.png"), ("x.png", "z.png"), ("x.tif", "z.tif")):
        source, target = tmp_path / first, tmp_path / second
        photo.save(photo.Photo(source, "", rgb16, icc=P3, exif=exif_block(), xmp=XMP), source, overwrite=True)
        graded(source, target, overwrite=True)
        again = photo.open_pixels(target)
        assert np.array_equal(again.pixels, rgb16)
        exif = Image.Exif()
        exif.load(again.exif)
        assert (seen(exif), again.icc, again.xmp) == (FULL, P3, XMP)


def test_tiff_tags_written_by_others_are_kept(tmp_path, rgb16):
    source, target = tmp_path / "x.tif", tmp_path / "y.tif"
    tags = [(315, 2, 0, "An Artist", True), (65000, 12, 3, (1.5, 2.5, 3.5), True)]
    tifffile.imwrite(
        source, rgb16, photometric="rgb", description="a view", extratags=tags, byteorder=">", metadata=None
    )
    graded(source, target)
    with tifffile.TiffFile(target) as file:
        tags = file.pages[0].tags
        assert tags[315].value == "An Artist"
        assert tags[65000].value == (1.5, 2.5, 3.5)
        assert tags["ImageDescription"].value == "a view"
        assert np.array_equal(file.asarray(), rgb16)


def test_png_chunks_are_kept(tmp_path, rgb16):
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "a view")
    info.add_itxt("Description", "ünicode", zip=True)
    info.add(b"gAMA", struct.pack(">L", 45455))
    info.add(b"tIME", struct.pack(">HBBBBB", 2026, 11, 21, 5, 6, 7))
    shell = io.BytesIO()
    Image.new("RGB", (1, 1)).save(shell, "PNG", pnginfo=info)
    extra = shell.getvalue()[33 : shell.getvalue().index(b"IDAT") - 4]
    deep = imagecodecs.png_encode(rgb16)
    source, target = tmp_path / "x.png", tmp_path / "y.png"
    source.write_bytes(deep[:33] + extra + deep[33:])
    graded(source, target)
    with Image.open(target) as written:
        written.load()
        assert written.text == {"Title": "a view", "Description": "ünicode"}
        assert written.info["gamma"] == pytest.approx(0.45455)
    assert struct.pack(">HBBBBB", 2026, 11, 21, 5, 6, 7) in target.read_bytes()


def test_a_jpeg_keeps_its_tables_subsampling_and_comment(tmp_path, rgb8):
    source, target = tmp_path / "x.jpg", tmp_path / "y.jpg"
    for quality, sampling in ((35, 2), (88, 1), (97, 0)):
        Image.fromarray(rgb8).save(
            source, quality=quality, subsampling=sampling, comment=b"hello", progressive=True
        )
        graded(source, target, overwrite=True)
        with Image.open(source) as one, Image.open(target) as two:
            assert one.quantization == two.quantization
            assert one.layer == two.layer
            assert (two.info["comment"], two.info["progressive"]) == (b"hello", 1)
    before = target.stat().st_size
    graded(source, target, overwrite=True, quality=20)
    assert target.stat().st_size < before / 2


def test_the_stale_thumbnail_is_unlinked(tmp_path, rgb8):
    exif = bytearray(exif_block())
    order = ifd.byte_order(exif)
    count = struct.unpack_from(order + "H", exif, 8)[0]
    struct.pack_into(order + "L", exif, 10 + 12 * count, 8)  # pretend: the next directory is this one
    cut = ifd.without_thumbnail(bytes(exif))
    assert cut == exif_block()
    assert ifd.without_thumbnail(b"II*\0\xff\xff\xff\xff") == b"II*\0\xff\xff\xff\xff"


def test_webp_lossless_stays_lossless(tmp_path, rgb8):
    source, target = tmp_path / "x.webp", tmp_path / "y.webp"
    Image.fromarray(rgb8).save(source, lossless=True)
    graded(source, target)
    with Image.open(target) as written:
        assert np.array_equal(written, rgb8)


def test_bulky_metadata_is_dropped_from_a_jpeg_with_a_note(tmp_path, rgb8):
    target = tmp_path / "y.jpg"
    big = ifd.build("<", [ifd.Entry(37510, 7, 70000, bytes(70000))])
    notes = photo.save(photo.Photo("x.png", "PNG", rgb8, exif=big, xmp=bytes(70000)), target)
    assert notes == (
        f"{target}: EXIF of 70026 bytes does not fit in a JPEG and was dropped",
        f"{target}: XMP of 70000 bytes does not fit in a JPEG and was dropped",
    )


@given(st.binary(max_size=200), st.integers(0, 60))
def test_damaged_exif_never_escapes(noise, where):
    block = bytearray(exif_block())
    block[where : where + len(noise)] = noise
    assert 1 <= ifd.orientation(bytes(block)) <= 8
    ifd.without_thumbnail(bytes(block))


# -- colour of a wide photo


def test_a_look_on_a_p3_photo_is_the_look_on_its_srgb_colours(tmp_path, rng, look):
    """By LittleCMS alone: convert to sRGB, apply the look; against: grade in P3, convert the result."""
    pixels = rng.integers(110, 190, (40, 40, 3), dtype=np.uint8)  # inside sRGB
    source, target = tmp_path / "x.png", tmp_path / "y.png"
    Image.fromarray(pixels).save(source, icc_profile=P3)
    graded(source, target, look)

    def to_srgb(path):
        with Image.open(path) as image:
            kind = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
            return np.asarray(ImageCms.profileToProfile(image, kind, ImageCms.createProfile("sRGB"))).astype(
                float
            )

    expected = np.clip(look.sample(to_srgb(source) / 255), 0, 1) * 255
    assert np.abs(to_srgb(target) - expected).max() <= 2.0  # two roundings to 8 bits on either route
    assert np.abs(to_srgb(target) - expected).mean() < 0.5


# -- writing


def test_16_bits_into_a_jpeg_rounds_with_a_note(tmp_path, rgb16):
    target = tmp_path / "y.jpg"
    notes = photo.save(photo.Photo("x.tif", "TIFF", rgb16), target)
    assert notes == (f"{target}: JPEG holds 8 bits: 16-bit pixels were rounded",)


def test_alpha_into_a_jpeg_is_dropped_with_a_note(tmp_path, rgb8):
    target = tmp_path / "y.jpg"
    rgba = np.dstack([rgb8, rgb8[..., :1]])
    notes = photo.save(photo.Photo("x.png", "PNG", rgba), target)
    assert notes == (f"{target}: JPEG holds no transparency: alpha was dropped",)


def test_save_refuses_before_it_writes(tmp_path, rgb8):
    picture = photo.Photo("x.png", "PNG", rgb8)
    with pytest.raises(ImageFileError, match=r"unknown picture suffix '\.gif': use one of \.jpg"):
        photo.save(picture, tmp_path / "y.gif")
    with pytest.raises(BadInput, match=r"quality 101 is out of range: 1\.\.100"):
        photo.save(picture, tmp_path / "y.jpg", quality=101)
    (tmp_path / "y.png").write_bytes(b"mine")
    with pytest.raises(FileError, match="already exists: choose another name"):
        photo.save(picture, tmp_path / "y.png")
    assert (tmp_path / "y.png").read_bytes() == b"mine"
    wide = photo.Photo("x.png", "PNG", np.zeros((1, 70000, 3), np.uint8))
    with pytest.raises(ImageFileError, match="JPEG holds at most 65500 pixels a side"):
        photo.save(wide, tmp_path / "w.jpg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["y.png"]


def test_a_failed_encoder_leaves_nothing(tmp_path, rgb8, monkeypatch):
    def fail(held, pixels, path, quality):
        path.write_bytes(b"half")
        raise ValueError("no room")

    monkeypatch.setitem(encode._WRITERS, "JPEG", fail)
    with pytest.raises(ImageFileError, match=r"cannot be encoded \(no room\): try \.png"):
        photo.save(photo.Photo("x.png", "PNG", rgb8), tmp_path / "y.jpg")
    assert list(tmp_path.iterdir()) == []


def test_save_pixels(tmp_path, picture):
    photo.save_pixels(picture, tmp_path / "y.png")
    with Image.open(tmp_path / "y.png") as image:
        assert np.abs(np.asarray(image) / 255 - picture).max() <= 0.5 / 255 + 1e-6


# -- imports


def test_the_package_is_light_and_deep_codecs_wait_for_deep_files(tmp_path, rgb8):
    Image.fromarray(rgb8).save(tmp_path / "x.jpg")
    code = (
        "import sys; from gradewright.core import photo; assert 'numpy' not in sys.modules;"
        f"photo.load({str(tmp_path / 'x.jpg')!r}); p = photo.open_pixels({str(tmp_path / 'x.jpg')!r});"
        f"photo.save(p, {str(tmp_path / 'y.jpg')!r});"
        "bad = {'imagecodecs', 'tifffile', 'torch', 'scipy', 'colour'} & set(sys.modules);"
        "assert not bad, bad"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_adobe_rgb_profile_is_written_back_unchanged(tmp_path, rgb8, look):
    icc = rgb_profile(ADOBE_RGB, gamma(563 / 256))
    source, target = tmp_path / "x.tif", tmp_path / "y.tif"
    Image.fromarray(rgb8).save(source, icc_profile=icc)
    graded(source, target, look)
    with Image.open(target) as written:
        assert written.info["icc_profile"] == icc
    assert zlib.crc32(icc) == zlib.crc32(photo.open_pixels(target).icc)


def test_no_sub_module_hides_a_public_name():
    """Importing a sub-module sets it as the package's attribute, over a function of that name."""
    assert photo.__file__
    modules = {path.stem for path in Path(photo.__file__).parent.glob("*.py")}
    assert modules.isdisjoint(photo.__all__)
