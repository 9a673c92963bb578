"""Resources, threads, interruptions, and documentation that must stay true."""

import os
import re
import threading
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pytest
from gradewright import lutio
from gradewright.core.errors import FileError, LutFileError
from gradewright.core.lut import Lut, Shaper
from gradewright.lutio import clf, cube_writer, hald, ocio_config, source, threedl
from gradewright.lutio.options import checked

DOCS = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
ROWS = b"0 0 0\n" * 8
PNG_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x10\x02" + bytes(9)
CLF = (
    b'<?xml version="1.0"?><ProcessList compCLFversion="3" id="x"><LUT3D inBitDepth="32f" outBitDepth="32f">'
    b'<Array dim="950 950 950 3">0 0 0</Array></LUT3D></ProcessList>'
)


@pytest.mark.parametrize(
    ("name", "content", "length"),
    [
        ("a.cube", b"LUT_3D_SIZE 950\n" + ROWS, 0),
        ("b.cube", b"LUT_3D_SIZE 129\n" + ROWS, 0),
        ("c.cube", b"LUT_1D_SIZE 65536\nLUT_3D_SIZE 129\n" + ROWS, 0),
        ("d.cube", b"LUT_3D_SIZE 129\n" + ROWS, 10 * 2**30),
        ("e.3dl", b"0 341 682 1023\n", 10 * 2**30),
        ("f.clf", CLF, 0),
        ("g.clf", CLF, 10 * 2**30),
        ("h.png", PNG_HEADER, 0),
        ("i.png", PNG_HEADER, 10 * 2**30),
    ],
)
def test_ten_gigabytes_claimed_cost_nothing(name, content, length, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    os.truncate(path, length or len(content))
    tracemalloc.start()
    try:
        with pytest.raises(LutFileError):
            lutio.read(path)
        assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    finally:
        tracemalloc.stop()


def some_look(size=5):
    return Lut.from_function(lambda p: p ** [1.2, 0.9, 1.1] * [0.9, 1, 0.8], size, "look")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors through /proc")
def test_no_descriptor_and_no_file_is_left_open_or_behind(tmp_path, monkeypatch):
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    formats = [".cube", ".3dl", ".clf", ".png"]

    def everything():
        for suffix in formats:
            lutio.write(some_look(), work / f"good{suffix}", overwrite=True)
            lutio.read(work / f"good{suffix}")
            (work / f"bad{suffix}").write_bytes((work / f"good{suffix}").read_bytes()[:50])
            with pytest.raises(LutFileError):
                lutio.read(work / f"bad{suffix}")

    everything()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        everything()
    assert len(os.listdir("/proc/self/fd")) == before
    assert list(temporary.iterdir()) == []
    assert sorted(p.name for p in work.iterdir()) == sorted(
        f"{k}{s}" for k in ("good", "bad") for s in formats
    )


@pytest.mark.parametrize("suffix", [".cube", ".clf", ".png"])
def test_threads_do_not_mix_their_files(suffix, tmp_path):
    luts = [Lut(np.full((3, 3, 3, 3), k / 8, np.float32)) for k in range(8)]
    for k, lut in enumerate(luts):
        lutio.write(lut, tmp_path / f"{k}{suffix}")
    wrong = []

    def work(k):
        for _ in range(10):
            if abs(float(lutio.read(tmp_path / f"{k}{suffix}").table.max()) - k / 8) > 1e-4:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("suffix", [".cube", ".3dl", ".clf", ".png"])
def test_an_interrupted_write_leaves_the_old_file(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"look{suffix}"
    lutio.write(some_look(), path)
    before = path.read_bytes()

    def interrupted(self, data):
        with open(self, "wb") as stream:
            stream.write(data[:20])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lutio.write(some_look(4), path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_writers_of_one_name_one_is_told(tmp_path):
    path, told = tmp_path / "look.cube", []
    barrier = threading.Barrier(4)

    def work(k):
        barrier.wait()
        try:
            lutio.write(Lut(np.full((9, 9, 9, 3), k / 4, np.float32)), path)
        except FileError as error:
            told.append(str(error))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 3
    assert all("already exists" in text for text in told)
    assert len(np.unique(lutio.read(path).table)) == 1


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folders(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FileError, match="is read-only: choose another folder"):
        lutio.write(some_look(), tmp_path / "look.cube")


def test_missing_folders(tmp_path):
    with pytest.raises(FileError, match="does not exist: create it first"):
        lutio.write(some_look(), tmp_path / "missing" / "look.cube")


@pytest.mark.parametrize("size", [2, 33, 65, 129])
def test_large_cubes(size, tmp_path):
    lutio.write(Lut.identity(size), tmp_path / "look.cube", decimals=5)
    assert lutio.read(tmp_path / "look.cube").is_identity(5.1e-6)


def test_the_longest_curves(tmp_path):
    curve = np.repeat(np.linspace(0, 1, 65536)[:, None] ** 2, 3, axis=1)
    lut = Lut(Lut.identity(2).table, shaper=Shaper(curve))
    for suffix in (".cube", ".clf"):
        lutio.write(lut, tmp_path / f"curve{suffix}")
        back = lutio.read(tmp_path / f"curve{suffix}")
        assert back.is_1d
        assert np.abs(back.shaper.table - lut.shaper.table).max() < 6e-7


def test_warnings_point_at_the_caller(tmp_path):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        lutio.write(Lut(some_look().table * 2), tmp_path / "look.3dl")
        lutio.write(Lut(some_look().table * 2), tmp_path / "look.cube")  # which can hold it
    assert [(w.category, w.filename) for w in caught] == [(lutio.LutApproximated, __file__)]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("cube", cube_writer.encode),
        ("3dl", threedl.encode),
        ("clf", clf.CLF.encode),
        ("hald", hald.encode),
        ("ocio", ocio_config.write_ocio_config),
    ],
)
def test_every_option_is_documented(name, function):
    row = next(line for line in DOCS.splitlines() if line.startswith(f"| `{name}` |"))
    documented = dict.fromkeys(re.findall(r"`(\w+)=", row.split("|")[4]))
    assert checked(function, documented, name) == documented
    keywords = function.__kwdefaults__ or function.__func__.__kwdefaults__
    assert set(keywords) - {"overwrite"} == set(documented)


def test_every_format_is_documented():
    for known in lutio.formats():
        assert f"| `{known.name}` |" in DOCS
        assert all(f"{suffix}`" in DOCS for suffix in known.suffixes)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"II*\0....", "a TIFF image"),
        (b"RIFF....WEBP", "a RIFF file (WebP, WAV or AVI)"),
        (b"  <html>", "XML or HTML text"),
        (b"\xef\xbb\xbf<ProcessList>", "a CLF/CTF file (XML)"),
        (b'{"lut": 1}', "JSON text"),
        (b"SPILUT 1.0\n", "an SPI 3D LUT"),
        (b"CSPLUTV100\n", "a Cinespace LUT"),
        (b"%PDF-1.7", "a PDF document"),
        (b"LUT_3D_SIZE 2\n", None),
        (b"# {}\n", None),
    ],
)
def test_what_files_are(data, what):
    assert source.sniff(data) == what
