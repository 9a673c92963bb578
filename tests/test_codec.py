"""The LUT codec as shipped."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import resources

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core.codec import LutCodec
from gradewright.core.codec.search import Search
from gradewright.core.codec.weights import GAIN_BITS, load
from gradewright.core.colour import delta_e_srgb
from gradewright.core.errors import BadInput, FileError
from hypothesis import given, settings
from hypothesis import strategies as st

RECIPES = [
    Recipe(exposure=0.4, contrast=20, temperature=15),
    Recipe(contrast=-25, black_fade=15, saturation=-30),
    Recipe(highlight_amount=12, highlight_hue=50, shadow_amount=15, shadow_hue=210, contrast=15),
    Recipe(saturation=-100, contrast=30),
    Recipe(orange_hue=10, blue_chroma=-30, green_lightness=-20),
]
IDENTITY = Lut.identity()


@pytest.fixture(scope="module")
def codec() -> LutCodec:
    return LutCodec.load()


@pytest.fixture(scope="module")
def looks() -> list[Lut]:
    return [recipe.to_lut() for recipe in RECIPES]


@pytest.fixture(scope="module")
def colours() -> np.ndarray:
    rng = np.random.default_rng(3)
    base = rng.uniform(0.05, 0.95, (600, 1))
    return np.clip(base + rng.normal(0, 0.08, (600, 3)), 0, 1)  # muted, as photographs are


def distance(one: Lut, other: Lut, colours: np.ndarray) -> float:
    return float(delta_e_srgb(one.sample(colours), other.sample(colours)).mean())


def test_looks_come_back(codec, looks, colours):
    errors = [distance(look, codec.decode(codec.encode(look)), colours) for look in looks]
    assert max(errors) < 1.0
    assert np.mean(errors) < 0.6


@pytest.mark.parametrize("size", [2, 17, 33, 65])
def test_the_identity_is_the_identity_to_the_last_bit(codec, size):
    tokens = codec.encode(Lut.identity(size))
    assert not tokens.any()
    assert tokens.shape == (64,)
    assert np.array_equal(codec.decode(tokens).table, Lut.identity().table)
    assert not codec.quantise(codec.coefficients(Lut.identity(size))).any()


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1 / 4096, 0.5 / 255]), st.booleans())
def test_what_no_8_bit_screen_can_show_is_the_identity(seed, most, uniform):
    rng = np.random.default_rng(seed)
    change = rng.choice([-1, 1], (1, 1, 1, 3) if uniform else (33, 33, 33, 3)) * most
    near = Lut((Lut.identity().table + change).astype(np.float32))
    assert np.array_equal(LutCodecOnce.get().decode(LutCodecOnce.get().encode(near)).table, IDENTITY.table)


def test_an_8_bit_identity_is_the_identity(codec):
    rounded = Lut((np.rint(IDENTITY.table * 255) / 255).astype(np.float32))
    assert not codec.encode(rounded).any()


def test_a_weak_look_is_a_look(codec, looks):
    for look in looks:
        weak = Lut(IDENTITY.table + (look.table - IDENTITY.table) * 0.2)
        assert codec.encode(weak)[0] != 0


@settings(max_examples=20)
@given(st.lists(st.integers(0, 255), min_size=0, max_size=63))
def test_a_row_that_begins_with_0_is_the_identity_and_so_are_its_prefixes(rest):
    codec = LutCodecOnce.get()
    assert np.array_equal(codec.decode([0, *rest]).table, IDENTITY.table)
    assert not codec.dequantise([0, *rest]).any()


def test_only_the_identity_begins_with_the_reserved_token():
    """What would best begin with token 0 finds another row, and loses little."""
    weights = load()
    for levels in (weights, replace(weights, gains=weights.gains[:1])):
        search = Search(levels, 4)
        words, prototype = weights.words_float, weights.words_float[0, 0]
        tokens, error = search(prototype + words[2, 9] + words[9, 4] * float(search.gains[0]))
        assert tokens[0] != 0
        assert error < 0.1 * float(prototype @ prototype)


def test_the_identity_is_chosen_when_no_row_comes_nearer(codec):
    weights = load()
    assert not Search(weights)(np.full(256, 1e-4, np.float32))[0].any()


def test_tokens_and_cube(codec, looks):
    tokens = codec.encode(looks[0])
    assert tokens.dtype == np.uint8
    assert tokens.shape == (64,)
    cube = codec.decode(tokens)
    assert cube.table.shape == (33, 33, 33, 3)
    assert cube.table.dtype == np.float32
    assert cube.is_plain
    assert np.array_equal(tokens, codec.encode(looks[0]))


def test_text_is_the_same_look(codec, looks):
    tokens = codec.encode(looks[1])
    assert codec.decode(codec.to_text(tokens)) == codec.decode(tokens)
    assert np.array_equal(codec.from_text(codec.to_text(tokens)), tokens)


def test_channels_are_not_mixed_up(codec, colours):
    warm = Lut.from_function(lambda p: np.clip(p * [1.1, 1.0, 0.8], 0, 1), 33)
    made = codec.decode(codec.encode(warm)).sample([[0.5, 0.5, 0.5]])[0]
    assert made[0] > made[1] + 0.02 > made[2] + 0.07


def test_other_sizes_and_domains_are_baked_in(codec, looks, colours):
    small = looks[2].resample(17)
    assert distance(codec.decode(codec.encode(small)), looks[2], colours) < 1.0
    wide = Lut(looks[2].table, domain=((0, 0, 0), (2, 2, 2)))
    flat = wide.flatten(33)
    assert np.array_equal(codec.encode(wide), codec.encode(flat))


def test_values_out_of_range_are_clipped(codec, looks):
    beyond = looks[0].table * 1.5 - 0.2
    assert np.array_equal(codec.encode(Lut(beyond)), codec.encode(Lut(np.clip(beyond, 0, 1))))


def test_coarse_to_fine(codec, looks, colours):
    for count, limit in ((4, 8.0), (16, 2.5), (32, 1.5)):
        errors = [distance(look, codec.decode(codec.encode(look)[:count]), colours) for look in looks]
        assert np.mean(errors) < limit
    errors = {
        n: np.mean([distance(look, codec.decode(codec.encode(look)[:n]), colours) for look in looks])
        for n in (1, 8, 16, 32, 64)
    }
    assert list(errors.values()) == sorted(errors.values(), reverse=True)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=64))
def test_any_tokens_decode(tokens):
    cube = LutCodecOnce.get().decode(tokens)
    assert np.isfinite(cube.table).all()
    assert cube.table.min() >= 0
    assert cube.table.max() <= 1


class LutCodecOnce:
    """One codec for the property test, which takes no module fixture."""

    made: LutCodec | None = None

    @classmethod
    def get(cls) -> LutCodec:
        cls.made = cls.made or LutCodec.load()
        return cls.made


def test_sums_stay_exact_for_any_tokens():
    """Decoding adds integers in float64: no sum may reach 2**53, whatever the tokens."""
    weights = load()
    largest = np.abs(weights.words).max(1)
    gain = max(weights.gains.max() / 2**GAIN_BITS, 1)
    reach = largest[: weights.gain_from].sum(0) + largest[weights.gain_from :].sum(0) * gain
    assert float(np.abs(weights.synthesis).max(0) @ reach) < 2**53
    assert largest.max() * int(weights.gains.max()) * 64 < 2**63
    assert np.array_equal(weights.synthesis, np.rint(weights.synthesis))
    assert np.array_equal(weights.axes, np.rint(weights.axes))


def test_decoding_does_not_depend_on_the_order_of_summation(codec, rng):
    """The same sums done backwards, by hand, give the same core to the last bit."""
    weights = load()
    words = weights.words[np.arange(64), rng.integers(0, 256, 64)].sum(0).astype(np.float64)
    forward = weights.synthesis @ words
    backward = np.zeros(len(forward))
    for k in reversed(range(len(words))):
        backward += weights.synthesis[:, k] * words[k]
    assert np.array_equal(forward, backward)


def test_decoding_is_pinned(codec):
    """A change of this digest is a change of the language: it needs another name than gw1."""
    import hashlib

    tokens = np.random.default_rng(1).integers(0, 256, 64)
    values = np.rint(codec.decode(tokens).table.astype(np.float64) * 2**16).astype("<i4")
    assert hashlib.sha256(values.tobytes()).hexdigest()[:16] == "4ac34c9386045472"


def test_small_changes_of_a_look_are_small_changes_of_its_decoding(codec, looks, colours):
    for look in looks[:3]:
        weaker = Lut(look.table + (Lut.identity().table - look.table) * 0.02)
        assert distance(codec.decode(codec.encode(look)), codec.decode(codec.encode(weaker)), colours) < 1.0


def test_a_step_of_a_look_keeps_most_tokens_when_asked_to(codec, looks, colours):
    for look in looks:
        weaker = Lut(look.table + (IDENTITY.table - look.table) * 0.005)
        before, anew = codec.encode(look), codec.encode(weaker)
        kept = codec.encode(weaker, like=before)
        assert np.mean(kept == before) >= max(0.6, np.mean(anew == before))
        error, best = (
            np.linalg.norm(codec.dequantise(row) - codec.coefficients(weaker)) for row in (kept, anew)
        )
        assert error <= best * 1.1 + 1e-4
        assert distance(codec.decode(before), codec.decode(kept), colours) < 0.3


def test_likeness_does_not_hold_a_look_back(codec, looks):
    """Another look, or the identity, is encoded as if nothing had been said."""
    one, other = codec.encode(looks[0]), codec.encode(looks[3])
    assert np.array_equal(codec.encode(looks[3], like=one), other)
    assert np.array_equal(codec.encode(looks[0], like=codec.to_text(one)), one)
    assert not codec.encode(IDENTITY, like=one).any()
    assert np.array_equal(codec.encode(looks[0], like=np.zeros(64, int)), one)


@pytest.mark.parametrize("like", [np.zeros(3, int), "gw1:AAAA"])
def test_likeness_needs_a_whole_row(codec, looks, like):
    with pytest.raises(BadInput, match=r"^like has 3 tokens: a whole row has 64$"):
        codec.encode(looks[0], like=like)


def test_a_late_wrong_token_does_little(codec, looks, colours):
    tokens = codec.encode(looks[2])
    for place in (40, 63):
        wrong = tokens.copy()
        wrong[place] ^= 0xFF
        assert distance(codec.decode(tokens), codec.decode(wrong), colours) < 1.5


def test_interpolation_before_quantisation_is_monotone(codec, looks, colours):
    a, b = codec.coefficients(looks[1]), codec.coefficients(looks[2])
    path = [codec.from_coefficients(a + (b - a) * t) for t in np.linspace(0, 1, 6)]
    away = [distance(path[0], step, colours) for step in path]
    assert all(np.diff(away) > 0)


def test_quantised_coefficients_are_the_encoding(codec, looks):
    assert np.array_equal(codec.quantise(codec.coefficients(looks[0])), codec.encode(looks[0]))


def test_unquantised_look_is_nearer_than_the_decoded(codec, looks, colours):
    continuous = [distance(x, codec.from_coefficients(codec.coefficients(x)), colours) for x in looks]
    decoded = [distance(x, codec.decode(codec.encode(x)), colours) for x in looks]
    assert np.mean(continuous) < np.mean(decoded)


@pytest.mark.parametrize("wrong", [np.zeros(3), np.full(256, np.nan), np.zeros((1, 256))])
def test_wrong_coefficients_are_refused(codec, wrong):
    with pytest.raises(BadInput, match="coefficients are 256 finite numbers"):
        codec.from_coefficients(wrong)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [([], "1..64"), ([300], "out of range"), (np.zeros(64), "integer"), ("gw9:AAAA", "begin with gw1:")],
)
def test_wrong_tokens_are_refused(codec, tokens, message):
    with pytest.raises(BadInput, match=message):
        codec.decode(tokens)


def test_missing_or_foreign_weights_are_named(tmp_path):
    with pytest.raises(FileError, match=r"nowhere\.npz: no codec weights"):
        LutCodec.load(tmp_path / "nowhere.npz")
    (tmp_path / "bad.npz").write_bytes(b"not a zip")
    with pytest.raises(FileError, match=r"bad\.npz: no codec weights"):
        LutCodec.load(tmp_path / "bad.npz")


def test_shipped_weights_are_small_and_described():
    folder = resources.files("gradewright.core.weights")
    assert len((folder / "codec_gw1.npz").read_bytes()) <= 8_000_000
    card = (folder / "codec_gw1.md").read_text(encoding="utf-8")
    for word in ("Fitted on", "Licence", "seed", "Limits"):
        assert word in card


def test_torch_is_not_needed():
    code = (
        "import sys; from gradewright.core.codec import LutCodec; from gradewright.core import Lut\n"
        "c = LutCodec.load(); c.decode(c.encode(Lut.identity()))\n"
        "print(sorted({'torch', 'scipy', 'colour'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
