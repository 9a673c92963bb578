"""The kinds of captions that ask for directions: one function each, Voice -> Draft or None."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .concept import CURES, WANTS, Concept
from .language import Numeric
from .voice import Draft, Phrase, Voice, together, wish_of
from .wish import Wish

NEGATED = -0.15  # "not too warm": about as it is, rather a little cooler
AVOIDED = -0.25  # "don't crush the blacks"
ALSO_AVOIDED = -0.2  # the same beside another wish
MILD = 0.6  # "warm, but not too much"


def direction(v: Voice) -> Draft | None:
    """ "warmer", "make it moody", "lift the shadows"."""
    concept = v.concept()
    phrase = v.phrase(concept, v.stock.plain) if concept else None
    return v.framed(phrase) if phrase else None


def degree(v: Voice) -> Draft | None:
    """ "a touch warmer", "way too much contrast", "as dark as possible"."""
    concept = v.concept()
    phrase = v.phrase(concept, v.stock.weak if v.chance(0.5) else v.stock.strong) if concept else None
    return v.framed(phrase) if phrase else None


def correction(v: Voice) -> Draft | None:
    """ "this is too blue", "the blacks are crushed, fix it", "a bit too dark for my taste"."""
    concept = v.stock.cured.pick(v.rng)
    if concept is None:
        return None
    usages = concept.usages(v.code, CURES)
    if concept.usages(v.code, WANTS) and v.chance(0.22):
        return _complained_and_said(v, concept)
    if "complaint" in usages and v.chance(0.2):
        return _complained_twice(v, concept)
    if "complaint" not in usages or ("sentence" in usages and v.chance(0.35)):
        return v.framed(Phrase(v.word(concept.wordings[v.code]["sentence"]), "sentence", concept, 1.0))
    phrase = v.phrase(concept, v.degrees(), ("complaint",))
    return v.framed(phrase) if phrase else None


def _complained_and_said(v: Voice, concept: Concept) -> Draft | None:
    """ "it is too blue, warm it up a bit": the wish has the degree."""
    first = v.phrase(concept, v.degrees(), ("complaint",))
    second = v.phrase(concept, v.degrees())
    if first is None or second is None:
        return None
    start, end = v.framed(first), v.framed(second)
    if start is None or end is None:
        return None
    join = v.one((*v.language.join.get("sentence", (". ",)), *v.language.join.get("list", (", ",))))
    return v.draft(start.text + join + end.text, "say", [second])


def _complained_twice(v: Voice, concept: Concept) -> Draft | None:
    """ "dark and flat", "foggy, no depth": of two things, or of one in two ways."""
    other = concept if v.chance(0.35) else v.stock.cured.pick(v.rng)
    first = v.phrase(concept, v.degrees(), ("complaint",))
    second = v.phrase(other, v.degrees(), ("complaint",)) if other else None
    if first is None or second is None or other is None or first.text == second.text:
        return None
    if other is concept:
        second = replace(second, factor=0.0)
    elif not together(concept, other):
        return None
    between = [(v.language.join.get(name) or (", ",))[0] for name in ("last", "list")]
    both = replace(first, text=first.text + v.one(between) + second.text)
    start = v.framed(both)
    return v.draft(start.text, start.form, [first, second]) if start else None


def less(v: Voice) -> Draft | None:
    """ "less contrast", "a bit less saturated"."""
    concept = v.concept()
    if concept is None or not concept.against:
        return None
    phrase = v.phrase(concept, v.language.less, ("adjective", "noun", "comparative"), -1)
    if phrase is None:
        return None
    return v.bare(phrase) if v.chance(0.5) else v.framed(phrase)


def negation(v: Voice) -> Draft | None:
    """ "not too warm", "no green cast", "don't crush the blacks", "warm but not orange"."""
    makers = (_not_too, _avoid, _avoid_too, _but_not, _not_and, _instead, _mild)
    return v.rng.choices(makers, (30, 18, 14, 14, 8, 6, 10))[0](v)


def _not_too(v: Voice) -> Draft | None:
    phrase = _negated(v, WANTS)
    return v.bare(phrase) if phrase else None


def _negated(v: Voice, usages: tuple[str, ...], beside: Phrase | None = None) -> Phrase | None:
    concept = v.concept([beside.concept] if beside else [])
    worded = v.worded(concept, v.language.negation, usages) if concept else None
    return Phrase(*worded, concept, NEGATED) if worded and concept else None


def _avoid(v: Voice) -> Draft | None:
    if not v.stock.avoided:
        return None
    concept = v.rng.choice(v.stock.avoided)
    text = v.word(concept.wordings[v.code]["avoid"])
    return Draft(text, "say", wish_of(concept, AVOIDED), ((concept.id, AVOIDED),))


def _avoid_too(v: Voice) -> Draft | None:
    first = _any(v)
    if first is None or not v.stock.avoided:
        return None
    concept = v.rng.choice(v.stock.avoided)
    if any(name in first.wish.params for name in (*concept.params, *concept.against)):
        return None
    phrase = Phrase(v.word(concept.wordings[v.code]["avoid"]), "avoid", concept, ALSO_AVOIDED)
    join = v.one(v.language.join.get("contrast"), ", ") if v.chance(0.3) else after(v)
    return _extended(v, first, join + phrase.text, [phrase])


def _but_not(v: Voice) -> Draft | None:
    concept = v.concept()
    first = v.phrase(concept, v.degrees(), ("adjective", "comparative", "noun")) if concept else None
    opposite = v.stock.by_id.get(concept.opposite or "") if concept else None
    if opposite and v.chance(0.3):
        second = _not_opposite(v, opposite)
    else:
        second = _negated(v, ("adjective", "noun"), first) if first else None
    if first is None or second is None:
        return None
    join = v.one(v.language.join.get("but_not") or v.language.join.get("contrast"), ", ")
    start = v.framed(first) if v.chance(0.5) else v.bare(first)
    return _extended(v, start, join + second.text, [second]) if start else None


def _not_and(v: Voice) -> Draft | None:
    """ "no green please, and a little brighter"."""
    concept = v.concept()
    wanted = v.phrase(concept, v.degrees()) if concept else None
    avoided = _negated(v, ("adjective", "noun", "verb"), wanted) if wanted else None
    if wanted is None or avoided is None:
        return None
    join = v.language.join
    between = v.one((*(join.get("last") or ()), *(join.get("contrast") or ())), ", ")
    return v.draft(avoided.text + between + wanted.text, "say", [avoided, wanted])


def _instead(v: Voice) -> Draft | None:
    """ "not black and white, merely muted": the first is only avoided."""
    wanted, avoided = v.concept(), v.concept(coloured=False) if v.chance(0.1) else v.concept()
    if wanted is None or avoided is None or wanted is avoided or not v.language.instead:
        return None
    usage = "adjective" if v.chance(0.7) else "noun"
    said = [concept.wordings.get(v.code, {}).get(usage) for concept in (avoided, wanted)]
    if not said[0] or not said[1]:
        return None
    text = v.one(v.language.instead).replace("{a}", v.word(said[0])).replace("{b}", v.word(said[1]))
    phrases = [Phrase(text, usage, wanted, 1.0)]
    if together(wanted, avoided):
        phrases.append(Phrase(text, usage, avoided, ALSO_AVOIDED if avoided.against else 0.0))
    return v.draft(text, "say", phrases)


def _not_opposite(v: Voice, opposite: Concept) -> Phrase | None:
    """ "cool, not warm" says one thing twice."""
    worded = v.worded(opposite, v.language.negation, ("adjective", "noun"))
    return Phrase(*worded, opposite, 0.0) if worded else None


def _mild(v: Voice) -> Draft | None:
    concept = v.concept()
    phrase = v.phrase(concept, v.stock.plain) if concept and v.language.mild else None
    start = v.framed(phrase) if phrase else None
    if phrase is None or start is None:
        return None
    text = v.one(v.language.mild).replace("{}", start.text)
    return v.draft(text, start.form, [Phrase(text, phrase.usage, phrase.concept, MILD)])


def compound(v: Voice) -> Draft | None:
    """ "warmer, a bit more contrast and faded blacks", "brighter but less saturated"."""
    count = v.rng.choices((2, 3, 4), (6, 3, 1))[0]
    chosen = v.concepts(count)
    if chosen is None:
        return None
    complaint = v.chance(0.12)
    phrases: list[Phrase] = []
    for number, concept in enumerate(chosen):
        phrase = None
        if complaint and number == 0:
            phrase = v.phrase(concept, v.degrees(), ("complaint",))
        elif concept.against and v.chance(0.13):
            phrase = v.phrase(concept, v.language.less, ("adjective", "noun"), -1)
        phrase = phrase or v.phrase(concept, v.degrees())
        if phrase is None:
            return None
        phrases.append(phrase)
    return _sentences(v, phrases) if complaint or v.chance(0.12) else _listed(v, phrases)


def _sentences(v: Voice, phrases: Sequence[Phrase]) -> Draft | None:
    drafts = [v.framed(phrase) for phrase in phrases]
    if any(draft is None for draft in drafts):
        return None
    join = v.one(v.language.join.get("sentence"), ". ")
    return v.draft(join.join(draft.text for draft in drafts if draft), "say", phrases)


def _listed(v: Voice, phrases: Sequence[Phrase]) -> Draft | None:
    start = v.framed(phrases[0]) if v.chance(0.45) else v.bare(phrases[0])
    if start is None:
        return None
    texts = [start.text, *(phrase.text for phrase in phrases[1:])]
    return v.draft(listed(v, texts, 0.25), start.form, phrases)


def listed(v: Voice, texts: Sequence[str], contrasting: float = 0.0) -> str:
    """Texts as an enumeration; two of them sometimes as a contrast."""
    join = v.language.join
    if len(texts) == 2 and contrasting and v.chance(contrasting):
        return v.one(join.get("contrast"), ", ").join(texts)
    if len(texts) == 1:
        return texts[0]
    comma = v.one(join.get("list"), ", ")
    last = v.one(join.get("last"), comma) if v.chance(0.7) else comma
    return comma.join(texts[:-1]) + last + texts[-1]


def zones(v: Voice) -> Draft | None:
    """ "warm shadows, cool highlights", "teal shadows with orange highlights"."""
    if not v.stock.tints:
        return None
    chosen = [v.rng.choice(v.stock.tints)]
    for _ in range(1 if v.chance(0.85) else 2):
        other = v.rng.choice(v.stock.tints)
        if all(other.axis != concept.axis for concept in chosen):
            chosen.append(other)
    usages = ("phrase",) if v.chance(0.6) else ("phrase", "noun", "verb")
    phrases = [v.phrase(c, v.stock.plain if v.chance(0.8) else v.stock.strong, usages) for c in chosen]
    found = [phrase for phrase in phrases if phrase]
    if len(found) < 2:
        return None
    form = "do" if found[0].usage == "verb" else "want" if found[0].usage == "phrase" else "say"
    return v.draft(listed(v, [phrase.text for phrase in found], 0.15), form, found)


def keep(v: Voice, axis_params: dict[str, frozenset[str]]) -> Draft | None:
    """ "warmer but keep the saturation", "brighter without touching the highlights"."""
    first = _any(v) if v.chance(0.75) else compound(v)
    axes = [axis for axis in v.language.axes if axis in axis_params]
    if first is None or not axes or not v.language.keep:
        return None
    axis = v.one(axes)
    if not axis_params[axis].isdisjoint(first.wish.params):
        return None
    what = v.one(v.language.keep).replace("{}", v.one(v.language.axes[axis]))
    text = first.text + after(v) + what
    return Draft(text, first.form, first.wish, first.parts, (axis,))


def numeric(v: Voice) -> Draft | None:
    """ "+0.7 EV, contrast -20", "half a stop darker", "-0.5 EV and warmer"."""
    rules = v.language.numerics
    if not rules:
        return None
    count = min(v.rng.choices((1, 2, 3, 4), (5, 3, 2, 1))[0], len(rules))
    texts, params = [], {}
    for rule in v.rng.sample(rules, count):
        said = None if rule.parameter in params else _number(v, rule, count == 1)
        if said:
            texts.append(said[0])
            params[rule.parameter] = said[1]
    if not texts:
        return None
    draft = Draft(v.one(v.language.join.get("list"), ", ").join(texts), "say", Wish(params))
    return _numbers_and_words(v, draft) if v.chance(0.15) else draft


def _number(v: Voice, rule: Numeric, alone: bool) -> tuple[str, float] | None:
    """A parameter and its value in figures, with the value meant."""
    if rule.fixed and alone and v.chance(0.3):
        text = v.one(list(rule.fixed))
        return text, rule.fixed[text]
    size = rule.low + rule.step * v.rng.randint(0, round((rule.high - rule.low) / rule.step))
    value = size if v.chance(0.5) else -size
    signed, direct = rule.words.get("signed"), rule.words.get("up" if value > 0 else "down")
    if direct and (not signed or (alone and v.chance(0.6))):
        text = v.one(direct).replace("{}", v.number(size, rule.step, False))
    elif signed:
        text = v.one(signed).replace("{}", v.number(value, rule.step, True))
    else:
        return None
    return text, round(value * rule.per, 4)


def _numbers_and_words(v: Voice, draft: Draft) -> Draft | None:
    concept = v.concept()
    if concept is None or any(n in draft.wish.params for n in (*concept.params, *concept.against)):
        return None
    phrase = v.phrase(concept, v.degrees())
    return (
        _extended(v, draft, v.one(v.language.join.get("last"), ", ") + phrase.text, [phrase])
        if phrase
        else None
    )


def after(v: Voice) -> str:
    """What stands between a wish and a clause that follows it."""
    comma = (v.language.join.get("list") or (", ",))[0]
    return comma if not v.language.spaced or v.chance(0.4) else " "


def _any(v: Voice) -> Draft | None:
    concept = v.concept()
    phrase = v.phrase(concept, v.degrees()) if concept else None
    if phrase is None:
        return None
    return v.framed(phrase) if v.chance(0.5) else v.bare(phrase)


def _extended(v: Voice, draft: Draft, text: str, more: Sequence[Phrase]) -> Draft:
    added = v.draft(draft.text + text, draft.form, more, draft.wish)
    return Draft(added.text, draft.form, added.wish, draft.parts + added.parts)
