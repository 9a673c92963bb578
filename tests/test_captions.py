"""Captions and their wishes: ranges, signs, degrees, what is kept, and that a seed decides everything."""

import collections

import numpy as np
import pytest
from gradewright.core.errors import BadInput
from gradewright.core.recipe import Recipe
from gradewright.core.train.captions import SHARES, Grammar, Wish, draw, load
from gradewright.core.train.captions.concept import WANTS
from gradewright.core.train.captions.named import colour_wish
from gradewright.core.train.captions.noise import mistyped
from gradewright.core.train.captions.voice import Stock, Voice, is_mono, together, wish_of
from gradewright.core.train.captions.wish import scaled

DRAWS = 2000


@pytest.fixture(scope="module")
def lexicon():
    return load()


@pytest.fixture(scope="module")
def captions(lexicon):
    rng = np.random.default_rng(7)
    return [draw(rng, lexicon) for _ in range(DRAWS)]


@pytest.fixture(scope="module")
def english(lexicon):
    """A function: so many English captions of one kind."""

    def make(kind, count=300, seed=3):
        grammar = Grammar(lexicon, {kind: 1.0}, {"en": 1.0})
        rng = np.random.default_rng(seed)
        return [grammar.draw(rng) for _ in range(count)]

    return make


def test_every_caption_is_a_line_of_text_without_slots(captions):
    for caption in captions:
        assert caption.text.strip()
        assert "{" not in caption.text
        assert "\n" not in caption.text


def test_every_wish_is_a_recipe(captions):
    for caption in captions:
        Recipe(**caption.wish.params)  # raises when out of range
        assert 0 <= caption.wish.film_strength <= 1.5
        for zone in ("shadow", "mid", "highlight"):
            assert (f"{zone}_hue" in caption.wish.params) <= (f"{zone}_amount" in caption.wish.params)


def test_all_kinds_and_languages_are_drawn(lexicon, captions):
    expected = set(SHARES) - {"film"}  # the names of LUTs are in the data pack
    assert {caption.kind for caption in captions} >= expected - {"look_not", "two_looks"}
    assert {caption.language for caption in captions} == set(lexicon.languages)
    english = sum(caption.language == "en" for caption in captions) / DRAWS
    share = 0.6 / (0.6 + 0.08 * (len(lexicon.languages) - 1))
    assert english == pytest.approx(share, abs=0.04)


def test_captions_differ(captions):
    assert len({caption.text for caption in captions}) > 0.93 * DRAWS


def test_a_seed_decides_everything(lexicon, captions):
    rng = np.random.default_rng(7)
    assert [draw(rng, lexicon) for _ in range(50)] == captions[:50]
    other = np.random.default_rng(8)
    assert [draw(other, lexicon) for _ in range(50)] != captions[:50]


def test_negation_never_asks_for_what_is_negated(lexicon, english):
    checked = 0
    for caption in english("negation", 600):
        for name, factor in caption.parts:
            concept = lexicon.by_id[name]
            others = [lexicon.by_id[n].params for n, _ in caption.parts if n != name]
            if factor > 0 or any(set(params) & set(concept.params) for params in others):
                continue
            for param, value in concept.params.items():
                got = caption.wish.params.get(param, 0.0)
                if param.endswith("_amount"):  # its sign is in the hue
                    hue = param.replace("_amount", "_hue")
                    turned = (caption.wish.params.get(hue, 0.0) - concept.params[hue]) % 360
                    assert not got or turned == pytest.approx(180, abs=1), caption
                elif param.rpartition("_")[0] not in ("shadow", "mid", "highlight"):
                    assert got * np.sign(value) <= 0.2 * abs(value), caption
                checked += 1
    assert checked > 300


def test_negation_stays_small(lexicon, english):
    for caption in english("negation", 400):
        alone = [part for part in caption.parts if part[1] < 0]
        if len(caption.parts) == 1 and alone:
            concept = lexicon.by_id[alone[0][0]]
            for param, value in caption.wish.params.items():
                if not param.endswith("_hue"):
                    assert abs(value) <= 0.26 * max(abs(concept.against.get(param, 0)), 1e-9), caption


def test_less_asks_for_the_opposite(lexicon, english):
    for caption in english("less"):
        ((name, factor),) = caption.parts
        assert factor < 0
        assert caption.wish == wish_of(lexicon.by_id[name], factor)
        assert "less" in caption.text.lower() or "not" in caption.text.lower() or caption.text


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ("slightly {}", "{}"),
        ("a touch {}", "much {}"),
        ("a bit {}", "way {}"),
        ("noticeably {}", "vastly {}"),
    ],
)
def test_degrees_are_ordered(lexicon, weaker, stronger):
    factors = {
        template: degree.factor
        for degree in lexicon.languages["en"].degrees
        for template in degree.words.get("comparative", ())
    }
    assert factors[weaker] < factors[stronger]


def test_degrees_scale_the_wish(lexicon, english):
    seen = collections.Counter()
    for caption in english("degree"):
        ((name, factor),) = caption.parts
        assert factor != 1 or is_mono(lexicon.by_id[name])
        assert caption.wish == wish_of(lexicon.by_id[name], factor)
        seen[factor] += 1
    assert {0.3, 0.45, 1.6, 1.9, 2.3} <= set(seen)


def test_a_degree_belongs_to_one_factor(lexicon):
    for language in lexicon.languages.values():
        for usage in ("comparative", "verb"):
            owner = {}
            for degree in language.degrees:
                for template in degree.words.get(usage, ()):
                    assert owner.setdefault(template, degree.factor) == degree.factor, (
                        language.code,
                        template,
                    )


def test_what_is_kept_does_not_move(lexicon, english):
    for caption in english("keep"):
        (axis,) = caption.kept
        assert lexicon.axis_params[axis].isdisjoint(caption.wish.params)
        assert caption.wish.params or all(is_small(lexicon, part) for part in caption.parts)


def is_small(lexicon, part):
    """A part whose opposite is nothing (there is no less of black and white)."""
    return part[1] <= 0


def test_compounds_have_different_axes(lexicon, english):
    sizes = collections.Counter()
    for caption in english("compound"):
        axes = [lexicon.by_id[name].axis for name, _ in caption.parts]
        assert len(set(axes)) == len(axes) >= 2
        sizes[len(axes)] += 1
    assert set(sizes) == {2, 3, 4}


def test_compounds_add_up(lexicon, english):
    for caption in english("compound", 100):
        total = Wish()
        for name, factor in caption.parts:
            total = total + wish_of(lexicon.by_id[name], factor)
        assert caption.wish == total


def test_zones_tint_different_zones(lexicon, english):
    for caption in english("zones"):
        axes = {lexicon.by_id[name].axis for name, _ in caption.parts}
        assert len(axes) == len(caption.parts) >= 2
        assert {param.split("_")[1] for param in caption.wish.params} <= {"hue", "amount"}


def test_numbers_mean_what_they_say(lexicon):
    stock = Stock.of(lexicon, "en")
    rule = next(n for n in stock.language.numerics if n.parameter == "contrast")
    assert (rule.per, rule.high) == (1, 70)
    grammar = Grammar(lexicon, {"numeric": 1.0}, {"en": 1.0})
    rng = np.random.default_rng(0)
    texts = [grammar.draw(rng) for _ in range(800)]
    checked = 0
    for caption in texts:
        words = caption.text.lower().replace("−", "-").strip(".!? ").split()
        if len(words) == 2 and words[0] in ("contrast", "saturation", "vibrance", "shadows"):
            assert caption.wish.params == {words[0]: float(words[1].rstrip("%"))}
            checked += 1
    assert checked >= 5


def test_a_look_at_all_strengths(lexicon, english):
    looks = {look.id: look for look in lexicon.looks}
    for caption in english("look", 60):
        look = looks[caption.parts[0][0].removeprefix("look:")]
        assert caption.wish.params == scaled(look.params, 1)
        assert caption.wish.film == look.film
    for caption in english("look_degree", 60):
        assert caption.parts[0][1] in (0.5, 1.4)


def test_a_grey_look_gets_no_colours(lexicon, english):
    looks = {look.id: look for look in lexicon.looks}
    for caption in english("look_concept", 500):
        look = looks[caption.parts[0][0].removeprefix("look:")]
        if look.params.get("saturation", 0) <= -80:
            assert lexicon.by_id[caption.parts[1][0]].group in ("light", "zones")


def test_nothing_and_identity_ask_for_nothing(english):
    for kind in ("nothing", "identity", "look_not"):
        assert all(caption.wish.is_empty for caption in english(kind, 60))


def test_the_colour_of_a_name():
    navy, red, grey, black = (colour_wish(code) for code in ("#0a1a4a", "#e50000", "#808080", "#000000"))
    assert navy.params["mid_hue"] == pytest.approx(268, abs=12)
    assert navy.params["exposure"] < -0.2
    assert red.params["mid_amount"] > navy.params["mid_amount"] > red.params["mid_amount"] / 2
    assert grey.params["saturation"] < 0
    assert "mid_hue" not in grey.params
    assert black.params["exposure"] < grey.params["exposure"]
    assert colour_wish("#ffffff").params["exposure"] > 0


def test_wishes_add():
    total = Wish({"exposure": 0.5}, "Kodak Portra 400") + Wish({"exposure": 0.25, "contrast": 10.0})
    assert total == Wish({"exposure": 0.75, "contrast": 10.0}, "Kodak Portra 400")
    assert Wish().is_empty
    assert not Wish(film="x").is_empty


def test_a_typo_leaves_the_word_recognisable(lexicon):
    import random

    for seed in range(50):
        text = mistyped("make it warmer please", "qwerty", random.Random(seed))
        assert text != "make it warmer please" or seed
        assert abs(len(text) - 21) <= 3  # at most one letter more or less in each of three words
        assert text.split()[1] == "it"  # short words are left alone
        assert all(
            set(a) & set(b) for a, b in zip(text.split(), ["make", "it", "warmer", "please"], strict=True)
        )
    assert mistyped("a b c", "qwerty", random.Random(0)) == "a b c"


def test_a_complaint_that_could_be_a_wish_does_not_stand_alone(lexicon, english):
    wanted = lexicon.wanted["en"]
    for caption in english("correction", 800):
        assert caption.text.casefold().strip(".!? ") not in wanted, caption


def test_things_that_go_together(lexicon):
    by_id = lexicon.by_id
    assert together(by_id["warmer"], by_id["more-contrast"])
    assert not together(by_id["warmer"], by_id["cooler"])
    assert not together(by_id["lift-blacks"], by_id["matte"])
    assert not together(by_id["black-and-white"], by_id["skin-more"])
    assert not together(by_id["warmer"], by_id["whole-blue"])


def test_every_concept_can_be_said_in_english(lexicon):
    stock = Stock.of(lexicon, "en")
    import random

    voice = Voice(stock, random.Random(0))
    for concept in lexicon.concepts:
        if concept.usages("en", WANTS):
            assert voice.phrase(concept, stock.plain) is not None, concept.id


def test_shares_that_cannot_be(lexicon):
    with pytest.raises(BadInput, match="there is no kind of caption 'haiku'"):
        Grammar(lexicon, {"haiku": 1.0})
    with pytest.raises(BadInput, match="none of the languages nl"):
        Grammar(lexicon, languages={"nl": 1.0})
    with pytest.raises(BadInput, match="no words for the kinds film"):
        Grammar(lexicon, {"film": 1.0}).draw(np.random.default_rng(0))


def test_two_complaints_ask_for_both_cures(lexicon):
    import random

    from gradewright.core.train.captions import kinds
    from gradewright.core.train.captions.voice import Stock, Voice

    voice = Voice(Stock.of(lexicon, "en"), random.Random(4))
    both = 0
    for _ in range(200):
        concept = voice.stock.cured.pick(voice.rng)
        draft = kinds._complained_twice(voice, concept)
        if draft is None:
            continue
        factors = dict.fromkeys((name for name, _ in draft.parts), 0.0)
        for name, factor in draft.parts:
            factors[name] += factor
        assert all(factor > 0 for factor in factors.values()), draft
        assert all(name in draft.wish.params for name in concept.params), draft
        both += len(factors) == 2
    assert both > 20


def test_what_is_wanted_instead_is_wanted_and_the_other_is_not(lexicon):
    import random

    from gradewright.core.train.captions import kinds
    from gradewright.core.train.captions.voice import Stock, Voice

    voice = Voice(Stock.of(lexicon, "en"), random.Random(4))
    drafts = [draft for _ in range(200) if (draft := kinds._instead(voice))]
    assert len(drafts) > 20
    for draft in drafts:
        assert draft.parts[0][1] == 1
        assert all(factor <= 0 for _, factor in draft.parts[1:]), draft
        assert "{" not in draft.text
