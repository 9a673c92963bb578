"""The lexicon's files: what is refused, how composed concepts come about, and that ours are sound."""

import numpy as np
import pytest
from gradewright.core.colour import srgb_to_lab
from gradewright.core.errors import FileError
from gradewright.core.recipe import Recipe
from gradewright.core.recipe.points import photo_colours
from gradewright.core.train.captions import Grammar, load
from gradewright.core.train.captions.concept import WANTS
from gradewright.core.train.captions.wish import combined, reversed_params, scaled

CONCEPTS = """
[[concept]]
id = "warmer"
axis = "temperature"
opposite = "cooler"
params = { temperature = 28 }
en = { adjective = ["warm"], comparative = ["warmer"], noun = ["warmth"], complaint = ["too cold"] }
[[concept]]
id = "cooler"
axis = "temperature"
opposite = "warmer"
params = { temperature = -28 }
en = { adjective = ["cool"], comparative = ["cooler"], avoid = ["don't make it cold"] }
"""
ZONES = """
[tints.zones]
shadow = { shadow = 30 }
whole = { mid = 20 }
[tints.hues]
teal = { angle = 198, strength = 1.0 }
warm = { angle = 70, strength = 0.8, zones_only = true }
"""
BANDS = """
[[band]]
id = "sky"
more = { blue_chroma = 40 }
less = { blue_chroma = -48 }
[band.turns]
teal = { blue_hue = -28 }
"""
LANGUAGE = """
code = "en"
[[degree]]
factor = 1.0
adjective = ["{}"]
comparative = ["{}"]
noun = ["more {}"]
verb = ["{}"]
phrase = ["{}"]
complaint = ["{}"]
[hues]
teal = { adjective = ["teal", "cyan"], noun = ["teal"] }
[zones]
shadow = { the = ["the shadows"], bare = ["shadows", "darks"] }
[tint.zone]
phrase = ["{a} {bare}"]
verb = ["push {the} towards {n}"]
noun = ["{n} {in}"]
sentence = ["{the} are too {a}"]
remove = ["take the {n} out of {the}"]
[tint.whole]
phrase = ["bathed in {n}"]
[bands]
sky = { the = ["the sky"] }
[moves.more]
verb = ["saturate {the}"]
sentence = ["{the} is too vivid"]
[moves.less]
sentence = ["{the} is too pale"]
[turns]
verb = ["push {the} towards {n}"]
"""
LOOKS = """
[[look]]
id = "noir"
kind = "genre"
params = { saturation = -100, contrast = 30 }
en = ["noir", "film noir"]
"""


@pytest.fixture
def folder(tmp_path):
    """A small lexicon that is right."""
    for name, text in {
        "concepts_colour": CONCEPTS,
        "concepts_zones": ZONES,
        "concepts_bands": BANDS,
        "languages_en": LANGUAGE,
        "looks_genres": LOOKS,
    }.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_small_lexicon_is_right(folder):
    lexicon = load(folder)
    assert set(lexicon.by_id) == {
        "warmer", "cooler", "shadow-teal", "no-shadow-teal", "shadow-warm", "no-shadow-warm",
        "whole-teal", "no-whole-teal", "sky-more", "sky-less", "sky-to-teal", "no-sky-to-teal",
    }  # fmt: skip
    assert lexicon.by_id["warmer"].against == {"temperature": -28}
    assert [look.id for look in lexicon.looks] == ["noir"]
    assert lexicon.axis_params["shadows"] == {"shadow_hue", "shadow_amount", "shadow_saturation"}


def test_words_multiply(folder):
    words = load(folder).by_id["shadow-teal"].wordings["en"]
    assert set(words["phrase"]) == {"teal shadows", "teal darks", "cyan shadows", "cyan darks"}
    assert words["verb"] == ("push the shadows towards teal",)
    assert "noun" not in words  # {in} has no words here


def test_complaints_of_composed_concepts_ask_for_the_opposite(folder):
    by_id = load(folder).by_id
    counterpart = by_id["no-shadow-teal"]
    assert counterpart.wordings["en"]["sentence"] == ("the shadows are too teal", "the shadows are too cyan")
    assert counterpart.wordings["en"]["verb"] == ("take the teal out of the shadows",)
    assert counterpart.params == {"shadow_hue": 18, "shadow_amount": 30}
    assert by_id["sky-more"].wordings["en"]["sentence"] == ("the sky is too pale",)
    assert by_id["sky-less"].wordings["en"]["sentence"] == ("the sky is too vivid",)


def test_names_of_the_data_pack(folder, tmp_path):
    (tmp_path / "data" / "text").mkdir(parents=True)
    (tmp_path / "data" / "luts").mkdir()
    (tmp_path / "data" / "text" / "xkcd_colors.tsv").write_text("name\thex\ncloudy blue\t#acc2d9\n")
    row = '{{"label": "{}", "category": "{}", "group": "{}", "label_kind": "{}"}}\n'
    (tmp_path / "data" / "luts" / "luts_train.jsonl").write_text(
        row.format("Kodak Portra 400 2", "film-stock", "core", "film-stock")
        + row.format("Kodak Portra 400 4 ++", "film-stock", "core", "film-stock")
        + row.format("Noir", "creative", "core", "name")  # a look has this name
        + row.format("Inverted", "creative", "special", "name")
        + row.format("Muted 01", "creative", "core", "name")
        + row.format("LUT 17", "unnamed", "core", "code")
    )
    lexicon = load(folder, data=tmp_path / "data")
    grammar = Grammar(lexicon, {"film": 1.0})
    wishes = {grammar.draw(np.random.default_rng(seed)).wish.film for seed in range(40)}
    assert wishes == {"Kodak Portra 400 2", "Kodak Portra 400 4 ++"}
    assert lexicon.colours["en"] == (("cloudy blue", "#acc2d9"),)
    assert [(film.said, film.label) for film in lexicon.films] == [
        ("Kodak Portra 400", "Kodak Portra 400 2"),
        ("Kodak Portra 400 4 ++", "Kodak Portra 400 4 ++"),
    ]
    assert lexicon.films[0].weight > 2 * lexicon.films[1].weight


def broken(folder, name, old, new):
    """The message when ``old`` is ``new`` in a file."""
    path = folder / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileError) as error:
        load(folder)
    message = str(error.value)
    assert "\n" not in message
    assert f"{name}.toml" in message
    return message


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "concepts_colour",
            "temperature = 28",
            "temprature = 28",
            "warmer: there is no parameter 'temprature'; did",
        ),
        (
            "concepts_colour",
            "temperature = 28",
            "temperature = 280",
            "warmer: temperature 280 is out of range",
        ),
        (
            "concepts_colour",
            "temperature = 28",
            'temperature = "28"',
            "warmer: temperature '28' is not a number",
        ),
        (
            "concepts_colour",
            "{ temperature = 28 }",
            "{ mid_amount = 28 }",
            "warmer: mid_amount has no hue: add mid_hue",
        ),
        ("concepts_colour", "{ temperature = 28 }", "{}", "warmer: params is empty"),
        ("concepts_colour", 'id = "cooler"', 'id = "warmer"', "warmer: the id is taken"),
        ("concepts_colour", 'id = "warmer"', 'id = ""', "concept number 1: id is missing"),
        (
            "concepts_colour",
            'opposite = "cooler"',
            'opposite = "coolr"',
            "warmer: opposite 'coolr' does not exist",
        ),
        ("concepts_colour", '["cool"]', '["Warm"]', "cooler: 'warm' (en) already belongs to warmer"),
        ("concepts_colour", "axis =", "axs =", "warmer: unknown key 'axs'"),
        ("concepts_colour", "adjective =", "adjectiv =", "warmer.en: unknown key 'adjectiv'"),
        ("concepts_colour", '["warm"]', '"warm"', "warmer.en: adjective is not a list of texts"),
        ("concepts_colour", "[[concept]]", "[[concept]", "is not valid TOML"),
        ("concepts_zones", "shadow = 30", "low = 30", "tints.zones.shadow: low is no zone of a recipe"),
        (
            "concepts_zones",
            "angle = 198",
            "angle = 500",
            "tints.hues.teal: angle is 500: a number within 0..360",
        ),
        ("concepts_bands", "blue_chroma = 40", "blue_croma = 40", "sky: there is no parameter 'blue_croma'"),
        ("languages_en", "factor = 1.0", "factor = 0.5", "has no [[degree]] with factor = 1.0"),
        ("languages_en", 'code = "en"', 'code = "fr"', "code is 'fr'"),
        ("languages_en", 'adjective = ["{}"]', 'adjective = ["very"]', "adjective has 'very' without {}"),
        ("languages_en", "[hues]", "[huess]", "unknown key 'huess'"),
        (
            "languages_en",
            "[hues]",
            "[axes]\nsky = []\nsharpness = []\n[hues]",
            "axes: 'sharpness' is no axis",
        ),
        (
            "languages_en",
            "[hues]",
            '[concepts.warmr]\nnoun = ["heat"]\n[hues]',
            "concepts.warmr: there is no such concept",
        ),
        ("languages_en", "[hues]", '[colours]\nnavy = "blue"\n[hues]', "colours: 'navy' is 'blue'"),
        ("languages_en", 'code = "en"', 'code = "en"\nfixes = [["(", "x"]]', "'(' is no regular expression"),
        ("languages_en", 'code = "en"', 'code = "en"\nfixes = [["x"]]', "fixes: ['x'] is no pair"),
        ("languages_en", 'code = "en"', 'code = "en"\nkeyboard = "dvorak"', "keyboard is 'dvorak'"),
        (
            "languages_en",
            "[hues]",
            '[[numeric]]\nparameter = "exposure"\nlow = 1\nhigh = 9\nstep = 1\nsigned = ["{} EV"]\n[hues]',
            "exposure goes beyond its range: at most 3",
        ),
        ("looks_genres", '"genre"', '"genera"', "noir: kind is 'genera'"),
        ("looks_genres", "contrast = 30", "contrast = 300", "noir: contrast 300 is out of range"),
        ("looks_genres", '"film noir"', '""', "noir: en is not a list of texts"),
        ("looks_genres", 'en = ["noir", "film noir"]', "", "noir: has no wording"),
        (
            "looks_genres",
            "params = { saturation = -100, contrast = 30 }",
            "",
            "noir: has neither params nor film",
        ),
    ],
)
def test_one_line_that_names_file_and_entry(folder, name, old, new, said):
    assert said in broken(folder, name, old, new)


def test_a_look_twice(folder):
    (folder / "looks_more.toml").write_text(LOOKS, encoding="utf-8")
    with pytest.raises(FileError, match=r"looks_more.toml: noir: the id is taken"):
        load(folder)
    (folder / "looks_more.toml").write_text(LOOKS.replace('id = "noir"', 'id = "dark"'), encoding="utf-8")
    with pytest.raises(FileError, match=r"looks_more.toml: dark: 'noir' \(en\) already belongs to noir"):
        load(folder)


def test_a_file_that_is_no_text(folder):
    (folder / "looks_genres.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FileError, match=r"looks_genres.toml: is not UTF-8"):
        load(folder)


def test_scaling_and_reversing():
    tint = {"shadow_hue": 200.0, "shadow_amount": 40.0, "black_fade": 30.0, "contrast": 80.0}
    assert scaled(tint, 0.5) == {"shadow_hue": 200, "shadow_amount": 20, "black_fade": 15, "contrast": 40}
    assert scaled(tint, 3) == {"shadow_hue": 200, "shadow_amount": 100, "black_fade": 90, "contrast": 100}
    assert scaled(tint, 0) == {}
    assert reversed_params(tint) == {"shadow_hue": 20, "shadow_amount": 40, "contrast": -80}


def test_tints_of_one_zone_add_as_vectors():
    first, second = {"mid_hue": 0.0, "mid_amount": 30.0}, {"mid_hue": 90.0, "mid_amount": 40.0}
    total = combined(first, second)
    assert total["mid_amount"] == pytest.approx(50)
    assert total["mid_hue"] == pytest.approx(np.degrees(np.arctan2(40, 30)), abs=1e-3)
    assert combined(first, {"mid_hue": 180.0, "mid_amount": 30.0}) == {}
    assert combined({"exposure": 2.0}, {"exposure": 2.0, "tint": 5.0}) == {"exposure": 3, "tint": 5}


@pytest.fixture(scope="module")
def ours():
    return load()


def test_ours_has_breadth(ours):
    authored = [c for c in ours.concepts if c.group in ("light", "colour")]
    assert len(authored) >= 45
    assert len(ours.concepts) >= 200
    for concept in authored:
        said = concept.wordings["en"]
        assert sum(map(len, said.values())) >= 5, concept.id
        assert any(said.get(usage) for usage in WANTS), concept.id


def figures(params):
    """Changes of mean L*, its spread, mean chroma, b*, a* and the L* of black and white."""
    colours = photo_colours(512)
    before, after = srgb_to_lab(colours), srgb_to_lab(Recipe(**params).apply(colours))
    ends = srgb_to_lab(Recipe(**params).apply(np.array([[0.0] * 3, [1.0] * 3])))[:, 0]
    chroma = [np.hypot(lab[:, 1], lab[:, 2]).mean() for lab in (before, after)]
    move = (after - before).mean(axis=0)
    return {
        "light": move[0], "spread": after[:, 0].std() / before[:, 0].std(), "chroma": chroma[1] / chroma[0],
        "a": move[1], "b": move[2], "black": ends[0], "white": ends[1] - 100,
    }  # fmt: skip


# concept -> figure: the least it must move
MOVES = {
    "brighter": ("light", 5), "darker": ("light", -5), "more-contrast": ("spread", 1.1),
    "less-contrast": ("spread", 0.92),
    "warmer": ("b", 5), "cooler": ("b", -5), "more-magenta": ("a", 3), "more-green": ("a", -3),
    "more-saturated": ("chroma", 1.15), "less-saturated": ("chroma", 0.7), "more-vibrance": ("chroma", 1.15),
    "lift-shadows": ("light", 4), "deepen-shadows": ("light", -4),
    "brighter-highlights": ("light", 3),
    "recover-highlights": ("light", -3), "matte": ("black", 5), "lift-blacks": ("black", 3),
    "dull-whites": ("white", -4),
    "black-and-white": ("chroma", 0.01), "gloomy": ("light", -3), "cheerful": ("light", 2.5),
    "high-key": ("light", 5),
    "low-key": ("light", -5), "hazy": ("spread", 0.9), "dehaze": ("spread", 1.08),
    "brighter-mids": ("light", 1),
    "airy": ("light", 4), "punchy": ("spread", 1.08), "soft": ("spread", 0.96),
}  # fmt: skip
# what it must leave alone, within these bounds
ALONE = {"light": 0.8, "spread": 0.04, "chroma": 0.08, "a": 1.2, "b": 1.2}
UNTOUCHED = {
    "more-contrast": ("light", "chroma", "a", "b"), "less-contrast": ("light", "chroma", "a", "b"),
    "warmer": ("light", "spread", "a"), "cooler": ("light", "spread", "a"),
    "more-magenta": ("light", "spread", "chroma"), "more-green": ("light", "spread"),
    "more-saturated": ("light", "spread", "a"), "less-saturated": ("light", "spread", "a"),
    "brighter": ("chroma", "a", "b"), "darker": ("chroma", "a", "b"),
    "lift-shadows": ("chroma", "a"), "brighter-whites": ("chroma", "a", "b"),
    "crush-blacks": ("chroma", "a", "b"),
    "shadow-teal": ("light", "spread"), "whole-blue": ("light", "spread"),
    "highlight-orange": ("light", "spread"),
    "black-and-white": ("light", "spread"),
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
def test_a_concept_moves_what_it_names(ours, name):
    figure, least = MOVES[name]
    neutral = 1.0 if figure in ("spread", "chroma") else 0.0
    moved = figures(ours.by_id[name].params)[figure] - neutral
    assert moved * np.sign(least - neutral) >= abs(least - neutral)


@pytest.mark.parametrize("name", UNTOUCHED)
def test_a_concept_leaves_the_rest_alone(ours, name):
    moved = figures(ours.by_id[name].params)
    for figure in UNTOUCHED[name]:
        neutral = 1.0 if figure in ("spread", "chroma") else 0.0
        assert abs(moved[figure] - neutral) <= ALONE[figure], figure


def test_opposites_point_against_each_other(ours):
    for concept in ours.concepts:
        if concept.opposite and concept.id != "cheerful":
            shared = set(concept.params) & set(concept.against)
            assert shared, concept.id
            signed = [n for n in shared if not n.endswith(("_amount", "_fade"))]
            assert all(concept.params[n] * concept.against[n] <= 0 for n in signed), concept.id
