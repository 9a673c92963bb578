"""Words, numbers and hashed n-grams of prompts in six languages."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from gradewright.core.text import words
from gradewright.core.text.ngrams import BUCKETS, GRAMS, MOST, bucket, word_ids
from gradewright.core.text.split import LARGEST, UNITS, Word, fold, plain, split
from hypothesis import given
from hypothesis import strategies as st
from text_samples import PROMPTS


def texts(prompt: str) -> list[str]:
    return [word.text for word in split(prompt)]


def numbers(prompt: str) -> list[tuple[float, int, str]]:
    return [(word.value, word.sign, UNITS[word.unit]) for word in split(prompt) if word.value is not None]


def shared(one: str, other: str) -> float:
    """Share of the first word's ids that the second has too."""
    first, second = (set(word_ids(split(text)[0])) for text in (one, other))
    return len(first & second) / len(first)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Warm, golden hour!", ["warm", ",", "golden", "hour", "!"]),
        ("teal-and-orange “look”", ["teal", "and", "orange", "look"]),
        ("don't it's we’ll", ["dont", "its", "well"]),
        ("l'ombre d’été qu'il", ["l", "ombre", "d", "été", "qu", "il"]),
        ("WÄRMER größer", ["wärmer", "grösser"]),
        ("¿más cálido? ¡sí!", ["más", "cálido", "?", "sí", "!"]),
        ("B&W + grain", ["b", "&", "w", "+", "grain"]),
        ("no -green, +contrast", ["no", "-", "green", ",", "+", "contrast"]),
        ("sunset 🌅☀️ → night", ["sunset", "🌅", "☀", "→", "night"]),
        ("暖一点，胶片感。", ["暖", "一", "点", ",", "胶", "片", "感", "."]),
        ("コントラストを下げて", ["コントラスト", "を", "下", "げ", "て"]),
        ("ｺﾝﾄﾗｽﾄ Ｗａｒｍ", ["コントラスト", "warm"]),
        ("따뜻한 느낌", ["따뜻한", "느낌"]),
        ("नमस्ते", ["नमस्ते"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
        (" \t\u200b\n", []),
    ],
)
def test_words(prompt, expected):
    assert texts(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("+0.7 EV", (0.7, 1, "ev")),
        ("-0.7ev", (-0.7, -1, "ev")),
        ("−2 stops", (-2, -1, "ev")),
        ("exposure +.5", (0.5, 1, "")),
        ("exposure -.3 EV", (-0.3, -1, "ev")),
        ("0,7 Blenden", (0.7, 0, "ev")),
        ("contrast +20%", (20, 1, "%")),
        ("contrast+20", (20, 1, "")),
        ("（－15）", (-15, -1, "")),
        ("20 por ciento", (20, 0, "%")),
        ("20 Prozent", (20, 0, "%")),
        ("5600K", (5600, 0, "k")),
        ("5.6 k", (5600, 0, "k")),
        ("5.600 Kelvin", (5600, 0, "k")),
        ("5,600 K", (5600, 0, "k")),
        ("1½ stops", (1.5, 0, "ev")),
        ("½", (0.5, 0, "")),
        ("2/3 stop", (2 / 3, 0, "ev")),
        ("1 1/2 stops", (1.5, 0, "ev")),
        ("9/0", (9, 0, "")),
        ("35mm", (35, 0, "length")),
        ("1970s", (1970, 0, "year")),
        ("80er", (80, 0, "year")),
        ("80年代の", (80, 0, "year")),
        ("曝光+0.7档", (0.7, 1, "ev")),
        ("饱和度降低20%", (20, 0, "%")),
        ("彩度を30パーセント下げて", (30, 0, "%")),
        ("hue 15°", (15, 0, "degree")),
        ("2x", (2, 0, "times")),
        ("v1.2.3", (1.2, 0, "")),
        ("portra-400", (400, 0, "")),
        ("9" * 400, (LARGEST, 0, "")),
    ],
)
def test_numbers(prompt, expected):
    value, sign, unit = numbers(prompt)[0]
    assert (value, sign, unit) == (pytest.approx(expected[0]), *expected[1:])
    assert len(numbers(prompt)) == 1


def test_ranges_are_two_numbers_without_signs():
    assert numbers("10-20%") == [(10, 0, ""), (20, 0, "%")]
    assert numbers("0\r¼") == [(0, 0, ""), (0.25, 0, "")]
    assert numbers("16/9, 1,2") == [(pytest.approx(16 / 9), 0, ""), (1.2, 0, "")]


def test_a_unit_is_also_a_word():
    assert texts("20% and 0.7ev") == ["20", "%", "and", "0.7", "ev"]


def test_ideographs_know_their_neighbours():
    warm, light = split("暖光")
    assert warm.beside == ("", "光")
    assert light.beside == ("暖", "")
    assert split("暖 光")[0].beside == ("", "")
    assert bucket("暖光") in set(word_ids(warm)) & set(word_ids(light))
    middle = split("一二三四五六七八")[3]
    assert middle.beside == ("一二三", "五六七")
    assert {bucket(run) for run in ("四", "三四", "四五", "一二三四", "四五六七")} <= set(word_ids(middle))
    assert bucket("五六") not in word_ids(middle)


def test_figures_of_a_number():
    ids, figures = words("warm -0.7 ev")
    assert ids.shape == (3, GRAMS)
    np.testing.assert_allclose(figures[1], [np.arcsinh(-0.7), -1, UNITS.index("ev"), 1], rtol=1e-6)
    assert not figures[[0, 2]].any()


def test_numbers_share_what_they_have_in_common():
    plus, minus, far = (word_ids(split(text)[0]) for text in ("+20%", "-20%", "+3"))
    assert bucket("#") in set(plus) & set(minus) & set(far)
    assert bucket("#sign+1") in set(plus) & set(far)
    assert bucket("#sign-1") in minus
    assert bucket(f"#unit{UNITS.index('%')}") in set(plus) & set(minus)
    assert set(plus) != set(minus)
    assert bucket("#zero") in word_ids(split("0")[0])


@pytest.mark.parametrize(
    ("right", "wrong", "other"),
    [
        ("saturation", "saturaton", "contrast"),
        ("contrast", "conrtast", "shadows"),
        ("shadows", "shaddows", "highlights"),
        ("Sättigung", "Sattigung", "Schatten"),
        ("lumières", "lumieres", "ombres"),
        ("cálido", "calido", "frío"),
    ],
)
def test_slips_stay_near(right, wrong, other):
    assert shared(right, wrong) > 0.3
    assert shared(right, other) < 0.15


def test_accents_matter_only_to_the_whole_word():
    marked, bare = split("wärmer warmer")
    assert set(word_ids(marked)) - set(word_ids(bare)) == {bucket("=wärmer")}
    assert plain("が") == "が"
    assert plain("ñandú") == "nandu"


def test_short_words_have_all_their_grams():
    expected = ["=so", "<so", "so>", "<so>", "<s", "so", "o>", "s", "o"]
    assert word_ids(Word("so")) == tuple(bucket(gram) for gram in expected)


def test_long_words_keep_the_telling_grams():
    ids = word_ids(Word("Weissabgleichsverschiebung"))
    assert len(ids) == GRAMS
    assert {bucket("=Weissabgleichsverschiebung"), bucket("<We")} <= set(ids)


def test_buckets_are_the_same_everywhere():
    assert [bucket(gram) for gram in ("=warm", "<wa", "暖", "#")] == [11805, 7952, 9630, 8349]
    code = "from gradewright.core.text import words; print(int(words('warm, 更暖 +0.7 ev')[0].sum()))"
    sums = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert sums == {f"{int(words('warm, 更暖 +0.7 ev')[0].sum())}\n"}


def test_only_so_many_words():
    ids, figures = words("warm " * 100)
    assert ids.shape == (MOST, GRAMS)
    assert figures.shape == (MOST, 4)
    assert words("warm " * 100, most=3)[0].shape == (3, GRAMS)


def test_nothing_at_all():
    ids, figures = words("")
    assert ids.shape == (0, GRAMS)
    assert figures.shape == (0, 4)
    assert (ids.dtype, figures.dtype) == (np.int32, np.float32)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_case_width_and_composition_do_not_matter(prompt):
    ids, figures = words(prompt)
    for same in (unicodedata.normalize("NFD", prompt), prompt.upper().replace("EV", "ev"), f"  {prompt}\n"):
        np.testing.assert_array_equal(words(same)[0], ids)
        np.testing.assert_array_equal(words(same)[1], figures)


@given(st.text(max_size=80))
def test_any_text_gives_valid_numbers(text):
    ids, figures = words(text)
    assert len(ids) == len(figures) <= MOST
    assert ids.min(initial=0) >= 0
    assert ids.max(initial=0) < BUCKETS
    assert np.isfinite(figures).all()
    assert (ids[:, 0] > 0).all()  # no word is empty
    filled = ids > 0
    assert (filled[:, :-1] >= filled[:, 1:]).all()  # padding comes last


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text):
    assert texts(fold(text)) == texts(text)


@given(st.decimals(-9999, 9999, places=2))
def test_written_numbers_come_back(value):
    (found, sign, _), *rest = numbers(f"contrast {value:+}")
    assert found == pytest.approx(float(value))
    assert sign == (-1 if str(value).startswith("-") else 1)
    assert not rest
