"""The .3dl reader and writer, with OpenColorIO as the judge of bit depth and axis order."""

from functools import partial

import lut_files
import numpy as np
import pytest
from gradewright import lutio
from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut, Shaper
from gradewright.lutio import LutApproximated
from gradewright.lutio.threedl import encode, likely_depth
from lut_files import assert_refused, through_ocio

CODES = [
    (400 + 3000 * r, 800 + 2000 * g + 100 * r, 200 + 3800 * b) for r in (0, 1) for g in (0, 1) for b in (0, 1)
]
ROWS = [" ".join(map(str, row)) for row in CODES]
BODY = "\n".join(ROWS) + "\n"
EXPECTED = np.array(CODES).reshape(2, 2, 2, 3) / 4095
LUSTRE = f"#Tokens required\n3DMESH\nMesh 1 12\n0 341 682 1023\n\n{BODY}\nLUT8\ngamma 1.0\n"

VALID = {
    "bare rows": BODY,
    "Flame mesh": "0 341 682 1023\n" + BODY,
    "Lustre": LUSTRE,
    "CRLF": LUSTRE.replace("\n", "\r\n"),
    "CR": BODY.replace("\n", "\r"),
    "tabs": BODY.replace(" ", "\t"),
    "comments and blanks": "# a\n\n" + BODY.replace("\n", " # b\n\n"),
    "byte order mark": "\ufeff" + BODY,
    "plus": BODY.replace("400", "+400", 1),
    "8-bit mesh": "0 85 170 255\n" + BODY,
    "16-bit mesh": "0 21845 43690 65535\n" + BODY,
}

REFUSED = {
    "empty": ("", ": is empty"),
    "header only": (
        "3DMESH\nMesh 1 12\n0 341 682 1023\n",
        ": no rows: a .3dl file has N^3 rows of three integers",
    ),
    "row missing": ("\n".join(ROWS[:-1]), ":7: 7 rows of three: a cube has N^3 rows; 2^3 is 8"),
    "row extra": (BODY + "1 2 3\n", ":10: 9 rows of three: a cube has N^3 rows; 2^3 is 8"),
    "two columns": (BODY.replace("400 800 200\n", "400 800\n", 1), ":1: 2 columns: a row is three numbers"),
    "four columns": (
        BODY.replace("400 800 200", "400 800 200 5", 1) + "1 2 3 4\n",
        ":9: 4 columns: a row is three numbers",
    ),
    "fractions": (BODY.replace("400", "400.5", 1), ":1: code '400.5' is not a whole number"),
    "two meshes": (
        "0 341 682 1023\n" * 2 + BODY,
        ":2: a second mesh line: rows of the cube are three integers",
    ),
    "exponents": (BODY.replace("400", "4e2", 1), ":1: code '4e2' is not a whole number: write it without"),
    "words after the rows": (BODY + "LUT8\nLUT_3D_SIZE 2\n", ":10: 'LUT_3D_SIZE 2' is unknown"),
    "rows after the end": (BODY + "LUT8\n1 2 3\n", ":10: '1 2 3' is unknown"),
    "floats": ("0.1 0.2 0.3\n" * 8, ":1: code '0.1' is not a whole number"),
    "negative": (BODY.replace("400", "-400", 1), ":1: code '-400' is negative: it is a whole number above 0"),
    "nan": (BODY.replace("400", "nan", 1), ":1: 'nan' is not a finite number"),
    "comma": (BODY.replace("400", "4,00", 1), ":1: decimal comma"),
    "hex": (BODY.replace("400", "0x190", 1), ":1: '0x190' is a hexadecimal number"),
    "underscore": (BODY.replace("400", "4_00", 1), ":1: underscore in '4_00'"),
    "huge": (BODY.replace("400", "9" * 60, 1), ":1: '999999999999"),
    "larger than 16 bit": (
        BODY.replace("400", "200000", 1),
        ": the cube's largest code 200000 is out of range: 16 bits",
    ),
    "NUL": (BODY + "\0", ":9: a NUL byte"),
    "UTF-16": (BODY.encode("utf-16"), ": is UTF-16 text, not a .3dl file"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(9), ": is a PNG image, not a .3dl file"),
    "CLF": ("<ProcessList></ProcessList>", ": is a CLF/CTF file (XML), not a .3dl file"),
    "cube": ("LUT_3D_SIZE 2\n" + BODY, ":1: 'LUT_3D_SIZE 2' is unknown: known: 3DMESH"),
    "too dark": ("1 2 3\n" * 8, ": the cube's largest code is 3: it is at least 128"),
    "stated depth": (
        LUSTRE.replace("Mesh 1 12", "Mesh 1 13"),
        ":3: output depth 13 is out of range: Mesh IN OUT has",
    ),
    "stated depth too small": (
        LUSTRE.replace("Mesh 1 12", "Mesh 1 8"),
        ": the cube's largest code 4000 is out of range",
    ),
    "falling mesh": ("0 682 341 1023\n" + BODY, ":1: the mesh falls: its values rise from black to white"),
    "words": ("hello world\n" + BODY, ":1: 'hello world' is unknown"),
    "a page of words": ("hello\n" * 100, ":1: 'hello' is unknown"),
    "long line": (BODY + "1 " * 4000, ":9: "),
}


save = partial(lut_files.save, name="look.3dl")


def noise():
    return np.random.default_rng(1).random((32, 32, 3)).astype(np.float32)


@pytest.mark.parametrize("name", VALID)
def test_valid_files_are_read(name, tmp_path):
    lut = lutio.read(save(tmp_path, VALID[name]))
    assert lut.is_plain
    assert np.abs(lut.table - EXPECTED).max() < 1e-7


@pytest.mark.parametrize(
    "name", sorted(set(VALID) - {"CR", "byte order mark", "comments and blanks", "plus"})
)
def test_opencolorio_reads_them_alike(name, tmp_path):
    path = save(tmp_path, VALID[name])
    assert np.abs(through_ocio(path, noise()) - lutio.read(path).apply(noise())).max() < 1e-6


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_files_are_refused(name, tmp_path):
    content, message = REFUSED[name]
    path = save(tmp_path, content)
    assert_refused(path, message)


def test_an_uneven_mesh_is_a_shaper(tmp_path):
    path = save(tmp_path, "0 100 400 1023\n" + BODY)
    lut = lutio.read(path)
    assert lut.shaper.table[:, 0] == pytest.approx(np.array([0, 100, 400, 1023]) / 1023)
    assert np.abs(through_ocio(path, noise()) - lut.apply(noise())).max() < 1e-6


def test_a_stated_depth_is_believed(tmp_path):
    """A dark 12-bit cube: its codes alone look like 10 bits."""
    dark = "\n".join("100 200 900" for _ in range(8))
    assert lutio.read(save(tmp_path, "Mesh 1 12\n" + dark)).table[0, 0, 0, 2] == pytest.approx(900 / 4095)
    assert lutio.read(save(tmp_path, dark)).table[0, 0, 0, 2] == pytest.approx(900 / 1023)


@pytest.mark.parametrize(
    ("highest", "depth"),
    [(255, 8), (511, 8), (512, 10), (1023, 10), (2047, 10), (2048, 12), (8191, 12), (8192, 16), (65535, 16)],
)
def test_depth_is_inferred_as_opencolorio_does(highest, depth, tmp_path):
    path = save(tmp_path, f"{highest} 0 0\n" * 8)
    assert likely_depth(highest) == depth
    assert lutio.read(path).table[0, 0, 0, 0] == pytest.approx(highest / (2**depth - 1))
    assert through_ocio(path, noise())[0, 0, 0] == pytest.approx(highest / (2**depth - 1))


def look(size=5, gain=1.0):
    return Lut.from_function(
        lambda p: (
            gain * np.stack([p[:, 0] ** 1.3, 0.7 * p[:, 1] + 0.2 * p[:, 0], 0.9 * p[:, 2] ** 0.8], axis=-1)
        ),
        size,
    )


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("size", [2, 3, 4, 17, 33])
def test_round_trip_within_the_codes(bits, size, tmp_path):
    path = tmp_path / "look.3dl"
    lutio.write(look(size), path, bits=bits)
    lut = lutio.read(path)
    assert np.abs(lut.table - look(size).table).max() <= 0.5 / (2**bits - 1) + 1e-7
    assert np.abs(through_ocio(path, noise()) - lut.apply(noise())).max() < 1e-6


def test_pure_red_stays_red(tmp_path):
    lutio.write(Lut.from_function(lambda p: p * [1, 0, 0], 4), tmp_path / "red.3dl")
    probe = np.eye(3, dtype=np.float32)[None]
    assert through_ocio(tmp_path / "red.3dl", probe)[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_the_text():
    lines = encode(Lut.identity(4)).decode().splitlines()
    assert lines[:4] == ["0 341 682 1023", "0 0 0", "0 0 1365", "0 0 2730"]
    assert len(lines) == 65
    assert encode(Lut.identity(2)).decode().startswith("0 0 0\n0 0 4095\n")


def test_dark_looks_keep_their_depth(tmp_path):
    lutio.write(look(gain=0.3), tmp_path / "dark.3dl")  # 12 bits would be read as 10, four times too bright
    assert np.abs(lutio.read(tmp_path / "dark.3dl").table - look(gain=0.3).table).max() < 1e-5
    assert np.abs(through_ocio(tmp_path / "dark.3dl", noise()) - look(gain=0.3).apply(noise())).max() < 2e-5
    with pytest.raises(BadInput, match=r"too dark for a \.3dl of 12 bits.*use bits=16 or write \.cube"):
        encode(look(gain=0.3), bits=12)
    with pytest.raises(BadInput, match=r"too dark for a \.3dl of 16 bits.*write \.cube"):
        encode(look(gain=0.05))


def test_what_a_3dl_cannot_hold_is_said(tmp_path):
    bright = Lut(look().table * 1.2)
    with pytest.warns(LutApproximated, match=r"look: \.3dl holds 0\.\.1: \d+\.\d% of the values lay outside"):
        lutio.write(bright, tmp_path / "look.3dl")
    curve = np.repeat(np.linspace(0, 1, 9)[:, None] ** 2, 3, axis=1)
    shaped = Lut(look(17).table, shaper=Shaper(curve))
    with pytest.warns(LutApproximated, match=r"the shaper and the domain were baked into 33\^3"):
        lutio.write(shaped, tmp_path / "shaped.3dl")
    assert np.abs(lutio.read(tmp_path / "shaped.3dl").apply(noise()) - shaped.apply(noise())).max() < 0.01


def test_bits_are_checked():
    with pytest.raises(BadInput, match="bits 14: use None or 10 or 12 or 16"):
        encode(look(), bits=14)
