"""CLF and CTF: exact where the chain is a LUT, sampled where it is more, refused in one line."""

from functools import partial

import lut_files
import numpy as np
import pytest
from gradewright import lutio
from gradewright.core.interp import lattice
from gradewright.core.lut import Lut, Shaper
from gradewright.lutio import LutApproximated
from gradewright.lutio.clf import CLF
from lut_files import assert_refused, through_ocio

CUBE_ROWS = "\n".join(
    f"{0.1 + 0.7 * r:.4f} {0.2 + 0.5 * g + 0.1 * r:.4f} {0.05 + 0.9 * b:.4f}"
    for r in (0, 1)
    for g in (0, 1)
    for b in (0, 1)
)
LUT3D = (
    '<LUT3D inBitDepth="32f" outBitDepth="32f" interpolation="tetrahedral"><Array dim="2 2 2 3">\n'
    f"{CUBE_ROWS}\n</Array></LUT3D>"
)
LUT1D = '<LUT1D inBitDepth="32f" outBitDepth="32f"><Array dim="3 3">0 0 0\n.6 .5 .4\n1 1 .9</Array></LUT1D>'


def matrix(*rows, dim="3 3"):
    return f'<Matrix inBitDepth="32f" outBitDepth="32f"><Array dim="{dim}">{" ".join(rows)}</Array></Matrix>'


def span(low, high, out_low, out_high, style="Clamp"):
    return (
        f'<Range inBitDepth="32f" outBitDepth="32f" style="{style}"><minInValue>{low}</minInValue>'
        f"<maxInValue>{high}</maxInValue><minOutValue>{out_low}</minOutValue><maxOutValue>{out_high}</maxOutValue></Range>"
    )


SCALE = matrix("0.5 0 0 0.1", "0 0.25 0 0", "0 0 0.8 -0.1", dim="3 4")
MIX = matrix("0.7 0.2 0.1", "0.1 0.8 0.1", "0 0.2 0.8")
TEN_BIT = LUT1D.replace('inBitDepth="32f" outBitDepth="32f"', 'inBitDepth="10i" outBitDepth="32f"')
FLOAT = 'inBitDepth="32f" outBitDepth="32f"'
EXPONENT = f'<Exponent {FLOAT} style="basicFwd"><ExponentParams exponent="2.2"/></Exponent>'
CDL = (
    f'<ASC_CDL {FLOAT} style="Fwd"><SOPNode><Slope>1.1 1 0.9</Slope><Offset>0 0.01 0</Offset>'
    "<Power>1 1.1 1</Power></SOPNode><SatNode><Saturation>1.2</Saturation></SatNode></ASC_CDL>"
)

EXACT = {
    "cube": LUT3D,
    "curves": LUT1D,
    "curves and cube": LUT1D + LUT3D,
    "matrix, cube": SCALE + LUT3D,
    "range, cube": span(-0.5, 1.5, 0, 1) + LUT3D,
    "range, curves, cube": span(-0.5, 4, 0, 1) + LUT1D + LUT3D,
    "range, curves, matrix, cube": span(0.1, 0.9, 0, 1) + LUT1D + SCALE + LUT3D,
    "ranges without clamp": span(0, 2, -1, 1, "noClamp") + span(-1, 1, 0, 1) + LUT3D,
    "cube, full matrix": LUT3D + MIX,
    "curves, diagonal matrix": LUT1D + SCALE,
    "cube, range that clamps nothing": LUT3D + span(0, 1, 0, 1),
    "cube, scaling range": LUT3D + span(0, 1, 0.1, 0.7, "noClamp"),
    "integer curves": TEN_BIT,
}
SAMPLED = {
    "full matrix first": MIX + LUT3D,
    "range that clips": span(0.2, 0.6, 0.2, 0.6) + LUT3D,
    "cube, clipping range": LUT3D + span(0.3, 0.6, 0.3, 0.6),
    "two cubes": LUT3D + LUT3D,
    "cube, curves": LUT3D + LUT1D,
    "exponent": EXPONENT,
    "CDL": CDL,
    "matrix alone": MIX,
    "half-domain curves": None,
}


def document(*ops, name=' name="look"'):
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<ProcessList compCLFversion="3" id="x"{name}>'
    return "\n".join([head, "".join(ops), "</ProcessList>", ""])


save = partial(lut_files.save, name="look.clf")


def noise(low=-0.3, high=1.3):
    return np.random.default_rng(1).uniform(low, high, (32, 32, 3)).astype(np.float32)


def half_domain():
    values = "\n".join("0.5" for _ in range(65536))
    return f'<LUT1D {FLOAT} halfDomain="true"><Array dim="65536 1">{values}</Array></LUT1D>'


@pytest.mark.parametrize("name", EXACT)
def test_chains_that_are_a_lut_are_exact(name, tmp_path):
    path = save(tmp_path, document(EXACT[name]))
    lut = lutio.read(path)
    assert np.abs(lut.apply(noise()) - through_ocio(path, noise())).max() < 1e-6
    assert lut.size == 2
    assert lut.title == "look"


@pytest.mark.parametrize("name", SAMPLED)
def test_other_chains_are_sampled_and_it_is_said(name, tmp_path):
    path = save(tmp_path, document(SAMPLED[name] or half_domain()))
    with pytest.warns(
        LutApproximated, match=r"look\.clf: holds more than a shaper and a cube: sampled to 65\^3 over 0\.\.1"
    ):
        lut = lutio.read(path)
    assert lut.size == 65
    assert np.abs(lut.apply(noise(0, 1)) - through_ocio(path, noise(0, 1))).max() < 0.02
    points = np.ascontiguousarray(lattice(65)[::8, ::8].reshape(81, 65, 3))
    assert np.abs(lut.apply(points) - through_ocio(path, points)).max() < 1e-6


def test_legal_oddities_are_read(tmp_path):
    info = "<Info><Category><Input/></Category><ReferenceSpace>x</ReferenceSpace></Info>"
    described = "<Description>&lt;a&gt; &amp; b</Description><InputDescriptor>in</InputDescriptor>"
    plain = lutio.read(save(tmp_path, document(LUT3D)))
    assert lutio.read(save(tmp_path, document(info, described, "<!-- <Grain/> -->", LUT3D))) == plain
    assert lutio.read(save(tmp_path, document(LUT3D).replace("\n", "\r\n"))) == plain
    assert lutio.read(save(tmp_path, document(LUT3D).encode("utf-8-sig"))) == plain
    prefixed = (
        '<clf:ProcessList xmlns:clf="http://www.smpte-ra.org/ns/2136-1/2024" id="p" '
        'compCLFversion="ST2136-1:2024">'
        + LUT3D.replace("</", "</clf:").replace("<LUT", "<clf:LUT").replace("<Array", "<clf:Array")
        + "</clf:ProcessList>"
    )
    assert lutio.read(save(tmp_path, prefixed)) == plain


def test_pure_red_goes_along_the_first_axis(tmp_path):
    lut = lutio.read(save(tmp_path, document(LUT3D)))
    assert lut.table[1, 0, 0] == pytest.approx([0.8, 0.3, 0.05])
    assert lut.table[0, 0, 1] == pytest.approx([0.1, 0.2, 0.95])


def asymmetric(size=5):
    return Lut.from_function(
        lambda p: p ** [1.2, 0.9, 1.1] * [0.9, 1, 0.8] + [0, 0, 0.1] * p[:, :1], size, "asymmetric"
    )


def shaper():
    curve = np.linspace(0, 1, 33)
    return Shaper(np.stack([curve**0.5, curve**0.6, curve**0.7], axis=1), ((-0.25,) * 3, (4.0, 4.0, 5.0)))


@pytest.mark.parametrize("suffix", [".clf", ".ctf"])
@pytest.mark.parametrize(
    "lut",
    [
        asymmetric(),
        Lut(asymmetric().table * 3 - 1, title="wild"),
        Lut(asymmetric().table, ((-1.0,) * 3, (2.0, 2.0, 3.0))),
        Lut(asymmetric().table, shaper=shaper()),
        Lut(lattice(2), shaper=shaper()),
    ],
    ids=["plain", "wild", "domain", "shaper", "1D"],
)
def test_round_trip(lut, suffix, tmp_path):
    path = tmp_path / f"look{suffix}"
    lutio.write(lut, path)
    back = lutio.read(path)
    assert back.size == lut.size
    assert back.title == (lut.title or "look")
    assert np.abs(back.table - lut.table).max() < 1e-7
    assert np.allclose(back.domain, lut.domain, atol=1e-6)
    assert back.is_1d == lut.is_1d
    if lut.shaper:
        assert np.abs(back.shaper.table - lut.shaper.table).max() < 1e-7
        assert np.allclose(back.shaper.domain, lut.shaper.domain, atol=1e-6)
    image = noise(-1, 5)
    assert np.abs(through_ocio(path, image) - lut.apply(image)).max() < 2e-6


def test_the_text_is_standard_and_reproducible():
    text = CLF.encode(asymmetric(), description="by gradewright").decode()
    assert text == CLF.encode(asymmetric(), description="by gradewright").decode()
    assert 'compCLFversion="3"' in text
    assert 'name="asymmetric"' in text
    assert "<Description>by gradewright</Description>" in text
    assert 'id="' in text


def test_odd_names_are_not_variables(tmp_path):
    path = save(tmp_path, document(LUT3D), name="look $HOME %d [1].clf")
    assert lutio.read(path).size == 2


def test_a_file_that_changed_is_read_anew(tmp_path):
    path = save(tmp_path, document(LUT3D))
    first = lutio.read(path)
    save(tmp_path, document(LUT3D.replace("0.1000", "0.1500")))
    assert lutio.read(path) != first


REFUSED = {
    "empty": ("", ": is empty"),
    "cube": (
        "LUT_3D_SIZE 2\n" + "0 0 0\n" * 8,
        ": is not XML with a ProcessList: a .clf file is a <ProcessList>",
    ),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(9), ": is a PNG image"),
    "other XML": ("<?xml version='1.0'?>\n<svg/>", ": is XML or HTML text: a .clf file is a <ProcessList>"),
    "truncated": (document(LUT3D)[:-30], ":12: not well-formed (invalid token): OpenColorIO refuses it"),
    "truncated early": (document(LUT3D)[:140], ":"),
    "no operators": (document(), ":"),
    "too few numbers": (document(LUT3D.replace("0.1000 0.2000", "0.1000")), ":"),
    "too many numbers": (document(LUT3D.replace("0.1000 0.2000", "0.1000 0 0 0 0.2000")), ":"),
    "dimensions that disagree": (document(LUT3D.replace("2 2 2 3", "2 3 2 3")), ":"),
    "10 GB": (
        document(LUT3D.replace("2 2 2 3", "950 950 950 3")),
        ":3: 'LUT3D' Illegal array dimensions 950 950 950 3: Open",
    ),
    "negative size": (document(LUT3D.replace("2 2 2 3", "-2 -2 -2 3")), ":"),
    "word for a number": (document(LUT3D.replace("0.1000", "hello")), ":"),
    "nan": (document(LUT3D.replace("0.1000", "nan")), ":"),
    "inf": (document(LUT3D.replace("0.1000", "inf")), ":"),
    "unknown interpolation": (document(LUT3D.replace("tetrahedral", "cubist")), ":"),
    "bad bit depth": (document(LUT3D.replace('"32f"', '"13i"')), ":"),
    "version of the future": (document(LUT3D).replace('"3"', '"99"', 1), ":"),
    "unknown operator": (document(LUT3D, "<Grain/>"), ":12: Unrecognized element 'Grain': OpenColorIO would"),
    "misspelt operator": (
        document(LUT3D, LUT3D.replace("LUT3D", "LTU3D")),
        ":12: Unrecognized element 'LTU3D'",
    ),
    "swapped range": (document(span(1, 0, 0, 1), LUT3D), ":"),
    "doctype": (
        "<!DOCTYPE a [\n<!ENTITY b 'c'>]>" + document(LUT3D),
        ":1: holds a document type: a LUT file stands alone",
    ),
    "reference": (
        document('<Reference inBitDepth="32f" outBitDepth="32f" path="/etc/passwd"/>'),
        ":3: holds a reference",
    ),
    "unknown element in a description": (
        document("<Description>a <A>b</A></Description>", LUT3D),
        ":3: Unrecognized element 'A'",
    ),
    "NUL": (document(LUT3D).replace("0.1000", "0.\0000"), ":"),
    "UTF-16": (document(LUT3D).encode("utf-16"), ": is UTF-16 text"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_illegal_files_are_refused_with_one_line(name, tmp_path):
    content, message = REFUSED[name]
    path = save(tmp_path, content)
    text = str(assert_refused(path, message))
    assert "gradewright-" not in text  # the neutral copy stays inside
    assert len(text) < len(str(path)) + 300
