"""The torture set: .cube files that must be read, and files that must be refused with a useful line."""

import math
import os
from functools import partial
from pathlib import Path

import lut_files
import numpy as np
import pytest
from gradewright import lutio
from gradewright.core import ocio as pixels
from gradewright.core.errors import BadInput, LutFileError
from gradewright.core.lut import UNIT, Lut
from gradewright.lutio import rows
from gradewright.lutio.text import Text
from hypothesis import given, settings
from hypothesis import strategies as st
from lut_files import assert_refused

# An asymmetric 2^3 table: every channel and axis differs, red fastest.
TABLE = [
    (0.1 + 0.7 * r, 0.2 + 0.5 * g + 0.1 * r, 0.05 + 0.9 * b) for b in (0, 1) for g in (0, 1) for r in (0, 1)
]
ROWS = [f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in TABLE]
BODY = "\n".join(ROWS) + "\n"
CUBE = f'TITLE "look"\nLUT_3D_SIZE 2\n{BODY}'
EXPECTED = np.array(TABLE).reshape(2, 2, 2, 3).transpose(2, 1, 0, 3)
WIDE = ((-0.5, -0.5, -0.5), (1.5, 1.5, 1.5))
ONE_D = "LUT_1D_SIZE 3\n0 0 0\n.5 .4 .3\n1 1 1\n"


def with_row(number, row):
    lines = list(ROWS)
    lines[number] = row
    return 'TITLE "look"\nLUT_3D_SIZE 2\n' + "\n".join(lines) + "\n"


VALID = {
    "plain": CUBE,
    "no title": f"LUT_3D_SIZE 2\n{BODY}",
    "no final newline": CUBE.rstrip(),
    "CRLF": CUBE.replace("\n", "\r\n"),
    "lone CR": CUBE.replace("\n", "\r"),
    "tabs": CUBE.replace(" ", "\t"),
    "double spaces": CUBE.replace("00 0", "00   0"),
    "indented, trailing blanks": "\n".join(f"  {line} \t" for line in CUBE.splitlines()),
    "blank lines": CUBE.replace("\n", "\n\n \t\n"),
    "comments everywhere": "# by hand\n" + CUBE.replace("\n", "\n# a comment, 0,5 and NaN\n"),
    "trailing comments": CUBE.replace("\n", " # end of line\n"),
    "plus signs": f"LUT_3D_SIZE +2\n{BODY.replace('0.', '+0.')}",
    "no leading zero": CUBE.replace("0.", "."),
    "scientific": "LUT_3D_SIZE 2\n" + "\n".join(" ".join(f"{v:.6E}" for v in row) for row in TABLE),
    "byte order mark": "\ufeff" + CUBE,
    "unquoted title": CUBE.replace('"look"', "look of the day"),
    "unclosed title": CUBE.replace('"look"', '"look'),
    "title with accents": CUBE.replace("look", "été – crème"),
    "title after the size": f'LUT_3D_SIZE 2\nTITLE "look"\n{BODY}',
    "lower case": CUBE.replace("LUT_3D_SIZE", "lut_3d_size").replace("TITLE", "Title"),
    "unit domain": f"LUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1.0 1.0 1.0\n{BODY}",
    "unit range": f"LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0.0 1.0\n{BODY}",
    "many digits": "LUT_3D_SIZE 2\n" + "\n".join(" ".join(f"{v:.14f}" for v in row) for row in TABLE),
    "adobe domain": f"DOMAIN_MIN -.5 -.5 -.5\nDOMAIN_MAX 1.5 1.5 1.5\nLUT_3D_SIZE 2\n{BODY}",
    "resolve range": f"LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE -0.5 1.5\n{BODY}",
    "shaper and cube": f"LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n0 0 0\n1 1 1\n{BODY}",
}

OURS_ALONE = {"lower case", "unclosed title", "lone CR", "byte order mark", "trailing comments"}

REFUSED = {
    "empty": (b"", ": is empty: a LUT file holds"),
    "blank": (b" \n\n", ": is empty"),
    "comments only": (b"# nothing\n", ": no LUT_3D_SIZE or LUT_1D_SIZE: a .cube file says its size"),
    "no size": (BODY, ":1: a table row '0.100000 0.200000 0.050000' before any size: write LUT_3D_SIZE"),
    "size only": (
        b"LUT_3D_SIZE 2\n",
        ":1: the table ends after 0 of 8 rows: LUT_3D_SIZE 2 needs 2^3 = 8 rows",
    ),
    "truncated": ("".join(CUBE.splitlines(True)[:-3]), ":7: the table ends after 5 of 8 rows"),
    "truncated in a row": (CUBE[:-15], ":10: 2 columns: a row is three numbers: red green blue"),
    "one row more": (CUBE + "0.5 0.5 0.5\n", ":11: 9 rows where 8 are expected: LUT_3D_SIZE 2 needs 2^3 = 8"),
    "two columns": (with_row(3, "0.5 0.5"), ":6: 2 columns: a row is three numbers"),
    "four columns": (with_row(3, "0.5 0.5 0.5 1"), ":6: 4 columns"),
    "columns over two lines": (with_row(3, "0.5\n0.5 0.5"), ":6: 1 columns"),
    "two rows on a line": (with_row(3, "0 0 0 1 1 1"), ":6: 6 columns"),
    "nan": (with_row(2, "0.1 nan 0.3"), ":5: 'nan' is not a finite number"),
    "NaN first": (with_row(0, "NaN 0 0"), ":3: 'NaN' is not a finite number"),
    "inf": (with_row(2, "0.1 -inf 0.3"), ":5: '-inf' is not a finite number"),
    "windows nan": (with_row(2, "0.1 -1.#IND 0.3"), ":5: 2 columns"),
    "1e999": (with_row(2, "0.1 1e999 0.3"), ":5: '1e999' is too large: numbers fit in a 32-bit float"),
    "1e39": (with_row(2, "0.1 0.2 1e39"), ":5: '1e39' is too large"),
    "decimal comma": (
        with_row(4, "0,5 0,25 0,125"),
        ":7: decimal comma or comma between numbers in '0,5': write 0.5",
    ),
    "comma separated": (with_row(4, "0.5,0.25,0.125"), ":7: decimal comma or comma between numbers"),
    "hex float": (with_row(1, "0x1.8p-1 0 0"), ":4: '0x1.8p-1' is a hexadecimal number: write it in decimal"),
    "underscore": (with_row(1, "0.1 5_2e-2 0"), ":4: underscore in '5_2e-2': write the digits without"),
    "arabic digits": (
        with_row(1, "0.1 ٠٫٥ 0"),
        ":4: '\\u0660\\u066b\\u0665' is not ASCII: write numbers with",
    ),
    "unicode minus": (with_row(1, "0.1 −0.5 0"), ":4: '\\u22120.5' is not ASCII"),
    "two points": (with_row(1, "0.1 0.5.5 0"), ":4: '0.5.5' is not a number"),
    "touching numbers": (with_row(1, "0.1 1-2 0"), ":4: '1-2' is not a number"),
    "half an exponent": (with_row(1, "0.1 1e 0"), ":4: '1e' is not a number"),
    "point alone": (with_row(1, "0.1 . 0"), ":4: '.' is not a number"),
    "form feed": (with_row(1, "0.1\f0.5 0"), ":4: '0.1\\x0c0.5' is not a number"),
    "NUL in the table": (CUBE.replace("0.1", "\0.1", 1), ":3: a NUL byte: binary data or UTF-16 text"),
    "NUL at the end": (CUBE + "\0", ":11: a NUL byte"),
    "UTF-16": (CUBE.encode("utf-16"), ": is UTF-16 text, not a .cube file: a .cube file is plain ASCII"),
    "UTF-16 without mark": (CUBE.encode("utf-16-le"), ":1: a NUL byte: binary data or UTF-16 text"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(40), ": is a PNG image, not a .cube file"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(40), ": is a JPEG image"),
    "ZIP": (b"PK\x03\x04" + bytes(40), ": is a ZIP archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(40), ": is a gzip archive"),
    "CLF": ("<?xml version='1.0'?>\n<ProcessList/>", ": is a CLF/CTF file (XML), not a .cube file"),
    "HTML": ("<!doctype html>\n<p>404", ": is XML or HTML text"),
    "OCIO config": ("ocio_profile_version: 2\n", ": is an OpenColorIO config"),
    "3dl": ("0 341 682 1023\n0 0 0\n", ":1: a table row '0 341 682 1023' before any size"),
    "random bytes": (bytes(range(1, 32)) * 40, ":"),
    "swapped domain": (
        f"LUT_3D_SIZE 2\nDOMAIN_MIN 1 1 1\nDOMAIN_MAX 0 0 0\n{BODY}",
        ":3: DOMAIN_MIN is not below DOMAIN_MAX: each minimum lies below its maximum",
    ),
    "one channel swapped": (f"LUT_3D_SIZE 2\nDOMAIN_MIN 0 2 0\n{BODY}", ":2: DOMAIN_MIN is not below"),
    "empty domain": (f"LUT_3D_SIZE 2\nDOMAIN_MAX 0 1 1\n{BODY}", ":2: DOMAIN_MIN is not below"),
    "needle domain": (f"LUT_3D_SIZE 2\nDOMAIN_MAX 1 1e-310 1\n{BODY}", ":2: DOMAIN_MIN is not below"),
    "swapped range": (
        f"LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 1 0\n{BODY}",
        ":2: LUT_3D_INPUT_RANGE 1 0 is empty or swapped: the lower number first",
    ),
    "nan domain": (f"LUT_3D_SIZE 2\nDOMAIN_MIN nan 0 0\n{BODY}", ":2: 'nan' is not a finite number"),
    "comma domain": (f"LUT_3D_SIZE 2\nDOMAIN_MIN 0,0 0,0 0,0\n{BODY}", ":2: decimal comma"),
    "domain of two": (f"LUT_3D_SIZE 2\nDOMAIN_MIN 0 0\n{BODY}", ":2: DOMAIN_MIN with 2 values: it has three"),
    "range of three": (
        f"LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 0 1\n{BODY}",
        ":2: LUT_3D_INPUT_RANGE with 3 values",
    ),
    "both dialects": (
        f"LUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nLUT_3D_INPUT_RANGE 0 1\n{BODY}",
        ":3: both DOMAIN_MIN and LUT_3D_INPUT_RANGE: use one of the two dialects",
    ),
    "range of the other table": (
        f"LUT_3D_SIZE 2\nLUT_1D_INPUT_RANGE 0 1\n{BODY}",
        ":2: LUT_1D_INPUT_RANGE without",
    ),
    "domain with shaper": (
        f"LUT_1D_SIZE 2\nLUT_3D_SIZE 2\nDOMAIN_MAX 2 2 2\n0 0 0\n1 1 1\n{BODY}",
        ":3: DOMAIN_MAX with two tables: give a shaper and a cube their ranges with LUT_1D_INPUT_RANGE",
    ),
    "video range in": (
        f"LUT_3D_SIZE 2\nLUT_IN_VIDEO_RANGE\n{BODY}",
        ":2: LUT_IN_VIDEO_RANGE is not supported: export",
    ),
    "video range out": (
        f"LUT_OUT_VIDEO_RANGE\nLUT_3D_SIZE 2\n{BODY}",
        ":1: LUT_OUT_VIDEO_RANGE is not supported",
    ),
    "duplicate size": (
        f"LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n{BODY}",
        ":2: LUT_3D_SIZE for the second time: line 1 has it",
    ),
    "duplicate title": (f"TITLE a\nTITLE b\nLUT_3D_SIZE 2\n{BODY}", ":2: TITLE for the second time"),
    "keyword in the table": (
        with_row(4, "DOMAIN_MAX 2 2 2"),
        ":7: 'DOMAIN_MAX' inside the table: keywords stand before",
    ),
    "keyword after the table": (CUBE + "DOMAIN_MAX 2 2 2\n", ":11: 'DOMAIN_MAX' inside the table"),
    "misspelt keyword": (
        f"LUT_3D_SIZ 2\n{BODY}",
        ":1: unknown keyword 'LUT_3D_SIZ': did you mean 'LUT_3D_SIZE'?",
    ),
    "strange keyword": (
        f"XYZZY\nLUT_3D_SIZE 2\n{BODY}",
        ":1: unknown keyword 'XYZZY': known are TITLE, LUT_1D_SIZE",
    ),
    "fractional size": (f"LUT_3D_SIZE 2.5\n{BODY}", ":1: LUT_3D_SIZE '2.5' is not a whole number"),
    "size with a point": (
        f"LUT_3D_SIZE 2.0\n{BODY}",
        ":1: LUT_3D_SIZE '2.0' is not a whole number: write it",
    ),
    "negative size": (f"LUT_3D_SIZE -2\n{BODY}", ":1: LUT_3D_SIZE '-2' is negative"),
    "size 0": (f"LUT_3D_SIZE 0\n{BODY}", ":1: LUT_3D_SIZE 0 is out of range: 2..129"),
    "size 1": (b"LUT_3D_SIZE 1\n0 0 0\n", ":1: LUT_3D_SIZE 1 is out of range: 2..129"),
    "size 130": (
        f"LUT_3D_SIZE 130\n{BODY}",
        ":1: LUT_3D_SIZE 130 is larger than can be used: resample it to 129",
    ),
    "10 GB": (f"LUT_3D_SIZE 950\n{BODY}", ":1: LUT_3D_SIZE 950 is out of range: 2..129"),
    "endless size": (
        f"LUT_3D_SIZE {'9' * 300}\n{BODY}",
        ":1: '9999999999999999999999999999999999999...' is too large",
    ),
    "129 and no table": (f"LUT_3D_SIZE 129\n{BODY}", ":9: the table ends after 8 of 2,146,689 rows"),
    "size 65537": (f"LUT_1D_SIZE 65537\n{BODY}", ":1: LUT_1D_SIZE 65537 is out of range: 2..65536"),
    "size twice on a line": (f"LUT_3D_SIZE 2 2\n{BODY}", ":1: LUT_3D_SIZE with 2 values"),
    "size missing": (f"LUT_3D_SIZE\n{BODY}", ":1: LUT_3D_SIZE with 0 values"),
    "size in words": (f"LUT_3D_SIZE two\n{BODY}", ":1: 'two' is not a number"),
    "long line": (with_row(4, "0.5 " * 2000), ":7: a line of 8,000 bytes: lines have up to 4096"),
    "long comment": (f"# {'x' * 5000}\n{CUBE}", ":1: a line of 5,002 bytes"),
    "long comment below": (CUBE + f"# {'x' * 5000}\n", ":11: a line of 5,002 bytes"),
    "endless header": ("#\n" * 10_001 + CUBE, ":10002: no table in sight: it starts within 10000 lines"),
}


save = partial(lut_files.save, name="look.cube")


@pytest.mark.parametrize("name", VALID)
def test_valid_files_are_read(name, tmp_path):
    lut = lutio.read(save(tmp_path, VALID[name]))
    assert np.abs(lut.table - EXPECTED).max() < 1e-6
    assert lut.domain == (WIDE if name in ("adobe domain", "resolve range") else UNIT)
    assert (lut.shaper is not None) == (name == "shaper and cube")


@pytest.mark.parametrize("name", sorted(set(VALID) - OURS_ALONE))
def test_opencolorio_reads_them_alike(name, tmp_path):
    import PyOpenColorIO as ocio

    path = save(tmp_path, VALID[name])
    theirs = pixels.processor(ocio.FileTransform(str(path), interpolation=ocio.INTERP_TETRAHEDRAL))
    image = np.random.default_rng(3).random((16, 16, 3), np.float32)
    ours = lutio.read(path).apply(image.copy())
    assert np.abs(pixels.apply(theirs, image.copy()) - ours).max() < 1e-6


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_files_are_refused_with_one_useful_line(name, tmp_path):
    content, message = REFUSED[name]
    path = save(tmp_path, content)
    error = assert_refused(path, message)
    assert str(error).isascii()
    assert error.remedy


def test_the_set_is_as_large_as_it_claims():
    assert len(VALID) >= 16
    assert len(REFUSED) >= 60


def test_pure_red_goes_along_the_first_axis(tmp_path):
    lut = lutio.read(save(tmp_path, CUBE))
    assert lut.table[1, 0, 0] == pytest.approx([0.8, 0.3, 0.05])
    assert lut.table[0, 0, 1] == pytest.approx([0.1, 0.2, 0.95])
    assert lut.apply(np.array([[[255, 0, 0]]], np.uint8))[0, 0].tolist() == [204, 77, 13]


def test_titles(tmp_path):
    assert lutio.read(save(tmp_path, CUBE)).title == "look"
    assert lutio.read(save(tmp_path, VALID["unquoted title"])).title == "look of the day"
    assert lutio.read(save(tmp_path, CUBE.replace('"look"', '"Look #5" # fifth'))).title == "Look #5"
    assert lutio.read(save(tmp_path, VALID["unclosed title"])).title == "look"
    assert lutio.read(save(tmp_path, VALID["title with accents"])).title == "été – crème"
    assert lutio.read(save(tmp_path, CUBE.encode().replace(b"look", b"caf\xe9\x07"))).title == "café"
    assert lutio.read(save(tmp_path, VALID["no title"], name="Portra.cube")).title == "Portra"


def test_one_dimensional_files_are_shapers(tmp_path):
    lut = lutio.read(save(tmp_path, "DOMAIN_MAX 2 2 4\n" + ONE_D))
    assert lut.is_1d
    assert lut.shaper.domain == ((0, 0, 0), (2, 2, 4))
    assert lut.shaper.table.tolist() == np.float32([[0, 0, 0], [0.5, 0.4, 0.3], [1, 1, 1]]).tolist()
    ranged = lutio.read(save(tmp_path, "LUT_1D_INPUT_RANGE -1 3\n" + ONE_D))
    assert ranged.shaper.domain == ((-1, -1, -1), (3, 3, 3))


def test_shaper_and_cube_have_their_own_ranges(tmp_path):
    header = "LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE -1 3\nLUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 0 2\n"
    content = f"{header}0 0 0\n1 1 1\n2 2 2\n{BODY}"
    lut = lutio.read(save(tmp_path, content))
    assert lut.shaper.domain == ((-1,) * 3, (3,) * 3)
    assert lut.domain == ((0,) * 3, (2,) * 3)
    assert lut.sample([3, -1, -1]) == pytest.approx([0.8, 0.3, 0.05])
    with pytest.raises(LutFileError, match="LUT_1D_SIZE 3 needs 3 rows and LUT_3D_SIZE 2 needs"):
        lutio.read(save(tmp_path, content + "1 1 1\n"))


def test_files_that_are_not_files(tmp_path):
    with pytest.raises(LutFileError, match=r"No such file"):
        lutio.read(tmp_path / "missing.cube")
    (tmp_path / "folder.cube").mkdir()
    with pytest.raises(LutFileError, match="is a folder: name a LUT file"):
        lutio.read(tmp_path / "folder.cube", format="cube")
    os.mkfifo(tmp_path / "pipe.cube")
    with pytest.raises(LutFileError, match="is not a regular file"):
        lutio.read(tmp_path / "pipe.cube")
    with pytest.raises(BadInput, match="is not a file name"):
        lutio.read(Path("a\0b.cube"))


def test_a_huge_file_is_refused_unread(tmp_path):
    path = save(tmp_path, CUBE)
    os.truncate(path, 10 * 2**30)  # sparse
    with pytest.raises(LutFileError, match=r"is 10,240 MB: LUT files of up to 64 MB are read"):
        lutio.read(path)


def text_of(tmp_path, body):
    return Text(save(tmp_path, body), ".cube")


def as_the_careful_parser(text):
    try:
        return rows._careful(text, 0)
    except LutFileError:
        return None


NUMBERS = st.one_of(
    st.floats(-1e6, 1e6, width=32).map(repr),
    st.integers(0, 10**7).map(lambda n: f"{n / 1e6:.6f}"),
    st.sampled_from(
        ["1e-5", "+.5", "7.", "1-2", ".", "1e", "e5", "nan", "1e999", "1.5.5", "--1", "0x1", "1_0", "٣", "-"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from([" ", "\t", "  "]),
    st.sampled_from(["\n", "\n\n", " \n"]),
)
def test_fast_parsers_agree_with_the_careful_one(tmp_path_factory, table, space, end):
    text = text_of(tmp_path_factory.mktemp("rows"), end.join(space.join(row) for row in table) + "\n")
    careful = as_the_careful_parser(text)
    for fast in (rows._fixed, rows._general):
        values = fast(text.data)
        if values is not None:
            assert careful is not None
            assert np.array_equal(values, careful)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 14), st.lists(st.floats(0, 9.99999), min_size=3, max_size=9))
def test_the_fixed_form_is_parsed_like_strtod(decimals, values):
    values = values[: len(values) // 3 * 3]
    words = [f"{v:.{decimals}f}" for v in values]
    words = [w if w[1] == "." else "9." + "9" * decimals for w in words]  # 9.9999999 rounds up to 10.0
    body = "".join(" ".join(words[i : i + 3]) + "\n" for i in range(0, len(words), 3)).encode()
    assert rows._fixed(body).reshape(-1).tolist() == [float(w) for w in words]


def test_a_table_that_is_wrong_only_in_its_shape_is_not_taken(tmp_path):
    """Word counts that add up must not hide rows of 2 and 4 numbers."""
    text = text_of(tmp_path, "1 2\n3 4 5 6\n7 8 9\n")
    assert rows._general(text.data) is None
    with pytest.raises(LutFileError, match=":1: 2 columns"):
        rows.parse(text, 0)


def test_numbers_are_those_of_the_file(tmp_path):
    values = np.random.default_rng(5).normal(0.5, 2, (27, 3)).astype(np.float32)
    body = "\n".join(" ".join(repr(float(v)) for v in row) for row in values)
    lut = lutio.read(save(tmp_path, f"LUT_3D_SIZE 3\n{body}"))
    assert np.array_equal(lut.table.transpose(2, 1, 0, 3).reshape(-1, 3), values)
    assert all(math.isfinite(v) for v in lut.table.ravel())
    assert isinstance(lut, Lut)
