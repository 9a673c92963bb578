"""The whole lexicon: every file read, checked and composed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ...errors import FileError, nearest
from ...recipe import ZONES
from ...recipe.parameters import BY_NAME
from ..lexicon import FOLDER
from .compose import bands, tints
from .concept import CURES, LANGUAGES, LOOK_KINDS, USAGES, WANTS, Concept, Look
from .language import Language, Words, load_language
from .reading import Entry, read
from .wish import reversed_params

_CONCEPT = ("id", "axis", "opposite", "against", "params", "weight", *LANGUAGES)
_LOOK = ("id", "kind", "params", "film", *LANGUAGES)


_FILM_WEIGHTS = {"film-stock": 3.0, "cinematic": 1.5}
_VARIANT = re.compile(r" \d$")  # "Kodak Portra 160 2" is the plain one of a series from "1 -" to "4 ++"
_SIGNED = re.compile(r"[+-]$|Alt$")  # nobody asks for "4 ++"
_EXPOSED = re.compile(r"exposed$")  # ", 1.5 stops overexposed": alone the word is a complaint, not a look
_RARE, _RAREST = 0.25, 0.06


@dataclass(frozen=True)
class Film:
    """A real LUT of the data pack: how it is asked for, its label, its kind, how often it is drawn."""

    said: str
    label: str
    kind: str
    weight: float


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Everything captions are drawn from.

    ``colours`` : language -> (name, "#rrggbb"); ``films`` : the real LUTs of the data pack.
    """

    concepts: tuple[Concept, ...]
    looks: tuple[Look, ...]
    languages: dict[str, Language]
    colours: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    films: tuple[Film, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Concept]:
        """The concepts by id."""
        return {concept.id: concept for concept in self.concepts}

    @cached_property
    def axis_params(self) -> dict[str, frozenset[str]]:
        """The parameters that the concepts of an axis move."""
        out: dict[str, set[str]] = {}
        for concept in self.concepts:
            out.setdefault(concept.axis, set()).update(concept.params, concept.against)
        for zone in ZONES:  # "don't touch the shadows" goes for their colour too
            names = (f"{zone}_hue", f"{zone}_amount", f"{zone}_saturation")
            out.setdefault(f"{zone}s", set()).update(name for name in names if name in BY_NAME)
        return {axis: frozenset(names) for axis, names in out.items()}

    @cached_property
    def wanted(self) -> dict[str, frozenset[str]]:
        """Per language, everything that asks for something when it stands alone."""
        return {code: frozenset(_said(self.concepts, code, WANTS)) for code in self.languages}


def load(folder: Path = FOLDER, data: Path | None = None) -> Lexicon:
    """Read the lexicon, and the names of colours and LUTs of the data pack when its folder is given.

    Raises
    ------
    FileError : the first thing that is wrong, with file and id
    """
    languages = {}
    for path in sorted(folder.glob("languages_*.toml")):
        language = load_language(path)
        languages[language.code] = language
    concepts = _concepts(folder, languages)
    looks = _looks(folder)
    colours = {code: tuple(language.colours.items()) for code, language in languages.items()}
    films: tuple[Film, ...] = ()
    if data is not None:
        colours["en"] = (*colours.get("en", ()), *_xkcd(data / "text" / "xkcd_colors.tsv"))
        films = _films(data / "luts" / "luts_train.jsonl", looks)
    lexicon = Lexicon(tuple(concepts), tuple(looks), languages, colours, films)
    _check_axes(lexicon, folder)
    return lexicon


def _check_axes(lexicon: Lexicon, folder: Path) -> None:
    for code, language in lexicon.languages.items():
        for axis in language.axes:
            if axis not in lexicon.axis_params:
                what = f"axes: {axis!r} is no axis of a concept{nearest(axis, tuple(lexicon.axis_params))}"
                raise FileError(folder / f"languages_{code}.toml", what)


def _concepts(folder: Path, languages: dict[str, Language]) -> list[Concept]:
    made: list[Concept] = []
    home: dict[str, Path] = {}
    opposites: dict[str, str] = {}
    for path in sorted(folder.glob("concepts_*.toml")):
        top = Entry(path, "", read(path), ("concept", "tints", "band"))
        group = path.stem.removeprefix("concepts_")
        found = []
        for entry in top.many("concept", _CONCEPT):
            found.append(_concept(entry, group))
            if "opposite" in entry.table:
                opposites[found[-1].id] = entry.text("opposite")
        found += tints(top.inner("tints", ("hues", "zones")), languages)
        found += bands(top.many("band"), languages)
        _refuse_twice(found, home, path)
        made += found
    made = _with_opposites(made, opposites, home)
    made = _translated(made, languages, folder)
    _refuse_ambiguous(made, home)
    return made


def _concept(entry: Entry, group: str) -> Concept:
    params = entry.params()
    if not params:
        raise entry.error("params is empty", "a concept moves something")
    wordings = {}
    for code in LANGUAGES:
        if code in entry.table:
            inner = entry.inner(code, USAGES)
            wordings[code] = {usage: inner.texts(usage) for usage in inner.table}
    against = entry.params("against") if "against" in entry.table else reversed_params(params)
    weight = entry.number("weight", 0.1, 10) if "weight" in entry.table else 1.0
    axis = entry.text("axis")
    return Concept(entry.text("id"), axis, group, params, against, wordings, weight=weight)


def _refuse_twice(found: Iterable[Concept], home: dict[str, Path], path: Path) -> None:
    for concept in found:
        if concept.id in home:
            raise FileError(path, f"{concept.id}: the id is taken", f"it stands in {home[concept.id].name}")
        home[concept.id] = path


def _with_opposites(made: list[Concept], opposites: dict[str, str], home: dict[str, Path]) -> list[Concept]:
    known = {concept.id: concept for concept in made}
    out = []
    for concept in made:
        other = opposites.get(concept.id)
        if other is not None and other not in known:
            remedy = f"name a concept's id{nearest(other, tuple(known))}"
            raise FileError(home[concept.id], f"{concept.id}: opposite {other!r} does not exist", remedy)
        out.append(replace(concept, against=known[other].params, opposite=other) if other else concept)
    return out


def _translated(made: list[Concept], languages: dict[str, Language], folder: Path) -> list[Concept]:
    known = {concept.id for concept in made}
    for code, language in languages.items():
        for name in language.concepts:
            if name not in known:
                path = folder / f"languages_{code}.toml"
                hint = nearest(name, tuple(known))
                raise FileError(path, f"concepts.{name}: there is no such concept{hint}")
    return [_with_words(concept, languages) for concept in made]


def _with_words(concept: Concept, languages: dict[str, Language]) -> Concept:
    words = {code: dict(given) for code, given in concept.wordings.items()}
    for code, language in languages.items():
        for usage, more in language.concepts.get(concept.id, {}).items():
            here = words.setdefault(code, {})
            here[usage] = tuple(dict.fromkeys((*here.get(usage, ()), *more)))
    return replace(concept, wordings=words)


def _refuse_ambiguous(made: list[Concept], home: dict[str, Path]) -> None:
    """A wording that asks for two different things teaches neither."""
    for code in LANGUAGES:
        for usages in (WANTS, CURES, ("avoid",)):
            owner: dict[str, str] = {}
            for concept in made:
                for text in _said((concept,), code, usages):
                    if owner.setdefault(text, concept.id) != concept.id:
                        raise FileError(
                            home[concept.id],
                            f"{concept.id}: {text!r} ({code}) already belongs to {owner[text]}",
                            "keep it in one of the two",
                        )


def _said(concepts: Iterable[Concept], code: str, usages: tuple[str, ...]) -> Iterable[str]:
    for concept in concepts:
        words: Words = concept.wordings.get(code, {})
        for usage in usages:
            yield from (text.casefold() for text in words.get(usage, ()))


def _looks(folder: Path) -> list[Look]:
    made: dict[str, Look] = {}
    owner: dict[tuple[str, str], str] = {}
    for path in sorted(folder.glob("looks_*.toml")):
        for entry in Entry(path, "", read(path), ("look",)).many("look", _LOOK):
            look = _look(entry)
            if look.id in made:
                raise entry.error("the id is taken", "ids are unique over all looks files")
            for code, names in look.wordings.items():
                for name in names:
                    if (first := owner.setdefault((code, name.casefold()), look.id)) != look.id:
                        raise entry.error(f"{name!r} ({code}) already belongs to {first}", "keep it in one")
            made[look.id] = look
    return list(made.values())


def _look(entry: Entry) -> Look:
    kind = entry.text("kind")
    if kind not in LOOK_KINDS:
        raise entry.error(f"kind is {kind!r}", f"one of {', '.join(LOOK_KINDS)}")
    film = entry.text("film") if "film" in entry.table else None
    params = entry.params()
    if not params and film is None:
        raise entry.error("has neither params nor film", "a look does something")
    names = {code: entry.texts(code) for code in LANGUAGES if code in entry.table}
    if not any(names.values()):
        raise entry.error("has no wording", 'write en = ["..."]')
    return Look(entry.text("id"), kind, params, film, names)


def _xkcd(path: Path) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [(row[0], row[1]) for row in rows if len(row) >= 2]


def _films(path: Path, looks: Iterable[Look]) -> tuple[Film, ...]:
    """Names people could ask for; where a look of the lexicon has the same name, the look is meant."""
    taken = {name.casefold() for look in looks for names in look.wordings.values() for name in names}
    out: dict[str, Film] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        label, kind = row["label"], row["category"]
        plain = _VARIANT.sub("", label) if kind == "film-stock" else label
        said = label if plain.casefold() in taken else plain
        named = row["group"] == "core" and row["label_kind"] != "code" and said.casefold() not in taken
        if named and (kind == "film-stock" or not label[-1].isdigit()):
            weight = _FILM_WEIGHTS.get(kind, 0.5) * _share(label)
            out.setdefault(said, Film(said, label, kind, weight))
    return tuple(out.values())


def _share(label: str) -> float:
    """How much less often than others a LUT is asked for by this name."""
    if _EXPOSED.search(label):
        return _RAREST
    return _RARE if _SIGNED.search(label) else 1.0
