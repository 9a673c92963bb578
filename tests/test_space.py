"""Working spaces: names, curves and matrices against colour-science, Resolve's names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import aces, camera_curves, ocio, space
from gradewright.core.errors import BadInput
from gradewright.core.space_list import RESOLVE_COMBINED, RESOLVE_PAIRS
from hypothesis import given, settings
from hypothesis import strategies as st

SPACES = space.spaces()
# Film densities give a neutral three different values.
NEUTRAL = [s for s in SPACES if s.kind != "display" and not s.name.startswith("ADX")]
CURVES = {
    "F-Log F-Gamut": "F-Log",
    "F-Log2 F-Gamut": "F-Log2",
    "F-Log2 C F-Gamut C": "F-Log2",
    "N-Log N-Gamut": "N-Log",
    "L-Log Rec.2020": "L-Log",
    "CanonLog CinemaGamut D55": "Canon Log",
    "S-Log2 S-Gamut": "S-Log2",
}
# The code value at which a vendor's two published segments miss each other.
STEPS = {"N-Log": 452 / 1023, "F-Log": 0.100537775223865, "L-Log": 0.138}
# Which adaptation to the ACES white the config's own matrix for that gamut uses.
GAMUTS = {
    "F-Log F-Gamut": ("F-Gamut", "Bradford"),
    "F-Log2 F-Gamut": ("F-Gamut", "Bradford"),
    "F-Log2 C F-Gamut C": ("F-Gamut C", "Bradford"),
    "N-Log N-Gamut": ("N-Gamut", "Bradford"),
    "L-Log Rec.2020": ("ITU-R BT.2020", "Bradford"),
    "CanonLog CinemaGamut D55": ("Cinema Gamut", "CAT02"),
    "S-Log2 S-Gamut": ("S-Gamut", "CAT02"),
}


@pytest.fixture(scope="module")
def colour():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import colour as module
    return module


def through(name: str, values: np.ndarray, inverse: bool = False) -> np.ndarray:
    """Code values (n,) of a computed space through its curve alone, as OpenColorIO runs it."""
    transform = camera_curves.decoding(camera_curves.COMPUTED[name][0])
    transform.setDirection(aces.INVERSE if inverse else aces.FORWARD)
    return ocio.apply(ocio.processor(transform), np.repeat(values[:, None], 3, 1).astype(np.float32))[:, 0]


def ids(items):
    return [item.name for item in items]


# -- curves and matrices


@pytest.mark.parametrize("name", CURVES)
def test_curve_equals_colour_science_at_every_code_value(colour, name):
    code = np.arange(1024) / 1023
    want = colour.log_decoding(code, CURVES[name])
    assert np.abs(camera_curves.COMPUTED[name][0](code) - want).max() < 1e-12
    # At a step between two published segments a table row straddles it: leave out that one row.
    off_step = np.abs(code - STEPS.get(CURVES[name], -1)) > 4e-5
    error = np.abs(through(name, code) - want) / np.maximum(np.abs(want), 0.18)
    assert off_step.sum() >= 1023
    assert error[off_step].max() < 2e-6


@pytest.mark.parametrize("name", CURVES)
def test_encoding_of_scene_light_equals_colour_science(colour, name):
    light = np.concatenate([[0.0], 0.18 * 2 ** np.linspace(-8, 4, 400)])
    with np.errstate(all="ignore"):  # colour-science evaluates both segments everywhere
        want = colour.log_encoding(light, CURVES[name])
    # Where a vendor's segments overlap, light has two codes: one in ten (L-Log: one) of 1023 apart.
    worst = {"L-Log": 1.1e-3, "F-Log": 1.1e-4, "N-Log": 1.3e-4}.get(CURVES[name], 1e-5)
    error = np.abs(through(name, light, inverse=True) - want)
    assert error.max() < worst
    assert np.percentile(error, 98) < 1e-5


@pytest.mark.parametrize(
    ("name", "black", "grey", "white"),
    [
        ("F-Log F-Gamut", 95, 470, 705),  # F-Log Data Sheet 1.1, table 2-2
        ("F-Log2 F-Gamut", 95, 400, 570),  # F-Log2 Data Sheet 1.0, table 2-2
        ("S-Log2 S-Gamut", 90, 347, 582),  # S-Log2 Technical Paper, "IRE and CV"
        ("CanonLog CinemaGamut D55", 128, 351, 614),  # Thorpe, "Canon-Log" (2012), table 2
    ],
)
def test_code_values_of_the_vendors_tables(name, black, grey, white):
    light = through(name, np.array([black, grey, white]) / 1023)
    assert light == pytest.approx([0, 0.18, 0.9], rel=0.006, abs=0.0006)  # tables are rounded to whole codes


@pytest.mark.parametrize("name", GAMUTS)
def test_matrix_equals_colour_science(colour, name):
    gamut, adaptation = GAMUTS[name]
    want = colour.matrix_RGB_to_RGB(
        colour.RGB_COLOURSPACES[gamut], colour.RGB_COLOURSPACES["ACES2065-1"], adaptation
    )
    linear = camera_curves.COMPUTED[name][1]
    got = ocio.apply(aces.convert(linear, aces.REFERENCE), np.eye(3, dtype=np.float32)).T
    assert np.abs(got - want).max() < 2e-6


def test_config_spaces_agree_with_colour_science(colour):
    # Proves the reading of "code value" for the config's spaces too: full range, reflectance.
    code = np.linspace(0.1, 0.9, 50)
    rgb = np.repeat(code[:, None], 3, 1).astype(np.float32)
    for name, curve in (
        ("S-Log3 S-Gamut3.Cine", "S-Log3"),
        ("V-Log V-Gamut", "V-Log"),
        ("ARRI LogC4", "ARRI LogC4"),
    ):
        got = ocio.apply(aces.convert(name, aces.REFERENCE), rgb)[:, 1]
        assert got == pytest.approx(colour.log_decoding(code, curve), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("home", SPACES, ids=ids(SPACES))
def test_round_trip_through_the_reference(home):
    rng = np.random.default_rng(3)
    if home.kind == "display":
        values = rng.uniform(0.05, 1, (500, 3)).astype(np.float32)  # a bare power is steep at black
        out = ocio.apply(aces.convert(home.ocio, aces.REFERENCE), values)
        back = ocio.apply(aces.convert(aces.REFERENCE, home.ocio), out)
        assert np.abs(back - values).max() < 1e-4
        return
    light = (0.18 * 2 ** rng.uniform(-6, 4, (500, 1)) * np.exp(rng.normal(0, 0.2, (500, 3)))).astype(
        np.float32
    )
    code = ocio.apply(aces.convert(aces.REFERENCE, home.ocio), light)
    back = ocio.apply(aces.convert(home.ocio, aces.REFERENCE), code)
    assert (np.abs(back - light) / (light + 0.01)).max() < (3e-3 if home.name.startswith("ADX") else 2e-4)


@pytest.mark.parametrize("home", NEUTRAL, ids=ids(NEUTRAL))
def test_neutral_stays_neutral(home):
    grey = np.repeat(0.18 * 2 ** np.linspace(-5, 4, 40)[:, None], 3, 1).astype(np.float32)
    code = ocio.apply(aces.convert(aces.REFERENCE, home.ocio), grey)
    assert (np.ptp(code, axis=1) / np.maximum(1, code.max(axis=1))).max() < 2e-5
    assert (np.diff(code[:, 1]) > 0).all()


# -- the pinned config


def test_config_is_pinned_and_complete():
    assert aces.PINNED == "ocio://studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
    assert "latest" not in aces.PINNED
    config = aces.config()
    assert config.getName() == "studio-config-v4.0.0_aces-v2.0_ocio-v2.5"
    assert aces.VIEW in list(config.getViews(aces.DISPLAY))


def test_every_log_and_linear_space_of_the_config_is_listed():
    config, listed = aces.config(), {s.ocio for s in SPACES}
    scene = [c for c in config.getColorSpaces() if c.getEncoding() in ("log", "scene-linear")]
    assert len(scene) > 35
    assert {c.getName() for c in scene} - listed == {camera_curves.F_GAMUT_C}


def test_listed_spaces_say_the_truth_about_themselves():
    for s in SPACES:
        made = aces.config().getColorSpace(s.ocio)
        assert made is not None, s.name
        assert (s.source == "computed") == (s.name in camera_curves.COMPUTED)
        if s.kind != "display":
            assert made.getEncoding() == s.kind, s.name
        assert s.meaning
        assert "\n" not in s.meaning
        assert s.vendor


# -- names


def test_no_alias_means_two_spaces():
    owner: dict[str, str] = {}
    for s in SPACES:
        for alias in (s.name, s.ocio, *s.aliases):
            assert owner.setdefault(space.key(alias), s.name) == s.name, alias
    assert len(set(space.names())) == len(SPACES)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("slog3", "S-Log3 S-Gamut3.Cine"),
        ("S-Log3 S-Gamut3.Cine", "S-Log3 S-Gamut3.Cine"),
        ("s-log3 / s-gamut3", "S-Log3 S-Gamut3"),
        ("Sony S-Gamut3.Cine / S-Log3", "S-Log3 S-Gamut3.Cine"),
        ("arri logc4", "ARRI LogC4"),
        ("LogC", "ARRI LogC3 (EI800)"),
        ("davinci intermediate", "DaVinci Intermediate WideGamut"),
        ("DWG", "DaVinci Intermediate WideGamut"),
        ("acescct", "ACEScct"),
        ("vlog", "V-Log V-Gamut"),
        ("C-Log3", "CanonLog3 CinemaGamut D55"),
        ("Canon Log", "CanonLog CinemaGamut D55"),
        ("log3g10", "Log3G10 REDWideGamutRGB"),
        ("apple log", "Apple Log"),
        ("F-Log2", "F-Log2 F-Gamut"),
        ("F-Log2 C", "F-Log2 C F-Gamut C"),
        ("nikon n-log", "N-Log N-Gamut"),
        ("aces", "ACES2065-1"),
        ("linear sRGB", "Linear Rec.709 (sRGB)"),
        ("rec709 gamma 2.4", "Rec.709 Gamma 2.4"),
        ("rec709-gamma24", "Rec.709 Gamma 2.4"),
        ("srgb", "sRGB"),
        ("Display P3", "Display P3"),
        ("lin_ap1", "ACEScg"),  # OpenColorIO's own alias
        ("Input - Sony - S-Log3 - S-Gamut3.Cine", "S-Log3 S-Gamut3.Cine"),
    ],
)
def test_find(said, meant):
    assert space.find(said).name == meant


def test_find_passes_a_space_through():
    assert space.find(SPACES[0]) is SPACES[0]


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([(a, s) for s in SPACES for a in (s.name, *s.aliases)]),
    st.sampled_from([str.upper, str.lower, str.title]),
    st.sampled_from(["_", "-", "  ", "/"]),
)
def test_case_and_punctuation_do_not_matter(pair, case, separator):
    alias, home = pair
    assert space.find(case(alias).replace(" ", separator)) is home


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "slog4",
            "unknown working space 'slog4': 'gradewright spaces' lists them all; did you mean 'slog3'?",
        ),
        ("", "unknown working space '': 'gradewright spaces' lists them all"),
        ("Raw", "unknown working space 'Raw': 'gradewright spaces' lists them all"),
        ("qqqq", "unknown working space 'qqqq': 'gradewright spaces' lists them all"),
    ],
)
def test_unknown_names(said, message):
    with pytest.raises(BadInput) as caught:
        space.find(said)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


# -- Resolve


@pytest.mark.parametrize(("pair", "name"), RESOLVE_PAIRS.items(), ids=[" / ".join(p) for p in RESOLVE_PAIRS])
def test_resolve_pairs(pair, name):
    assert space.for_resolve(*pair).name == name
    if pair != ("sRGB", "sRGB"):
        assert space.find(" / ".join(pair)).name == name  # what the list prints can be typed


def test_resolve_pairs_cover_the_known_timelines():
    assert sum(space.find(n).source == "config" for n in RESOLVE_PAIRS.values()) >= 23
    assert {space.find(n).kind for n in RESOLVE_PAIRS.values()} == {"log", "scene-linear", "display"}


@pytest.mark.parametrize("combined", RESOLVE_COMBINED)
def test_resolve_combined_names(combined):
    assert space.for_resolve(combined).name == RESOLVE_PAIRS[RESOLVE_COMBINED[combined]]


@pytest.mark.parametrize(
    ("gamut", "gamma", "shown"),
    [
        ("Rec.2020", "Rec.2100 ST2084", "Rec.2020 / Rec.2100 ST2084"),
        ("Sony S-Gamut3.Cine", "Gamma 2.4", "Sony S-Gamut3.Cine / Gamma 2.4"),
        ("Cineon Film Log", "", "Cineon Film Log"),
        ("DaVinci WG", "", "DaVinci WG"),
    ],
)
def test_resolve_refuses_the_rest_with_the_list(gamut, gamma, shown):
    with pytest.raises(BadInput) as caught:
        space.for_resolve(gamut, gamma)
    message = str(caught.value)
    assert message.startswith(f"the Resolve colour space '{shown}' is not supported; these are: ")
    assert "DaVinci WG / DaVinci Intermediate" in message
    assert "\n" not in message


# -- weight


def test_the_list_needs_no_colour_library():
    code = (
        "import sys; from gradewright.core import space; space.find('slog3'); space.names();"
        "print([m for m in ('colour', 'PyOpenColorIO', 'scipy', 'torch', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_baking_loads_nothing_heavy():
    code = (
        "import sys; from gradewright.core import bake, Lut; bake.to_space(Lut.identity(2), 'slog3', 2);"
        "print([m for m in ('colour', 'scipy', 'torch', 'matplotlib', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- the page


def test_every_space_and_resolve_pair_is_documented():
    page = (Path(__file__).parent.parent / "docs" / "spaces.md").read_text(encoding="utf-8")
    missing = [s.name for s in SPACES if f"| {s.name} | {s.kind} |" not in page]
    missing += [
        pair for pair, name in RESOLVE_PAIRS.items() if f"| {' | '.join(pair)} | {name} |" not in page
    ]
    assert missing == []
    assert aces.PINNED in page
