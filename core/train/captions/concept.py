"""Entries of the lexicon: concepts and looks with their wordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Wordings = Mapping[str, Mapping[str, tuple[str, ...]]]  # language -> usage -> wordings

WANTS = ("adjective", "comparative", "noun", "verb", "phrase")
CURES = ("complaint", "sentence")
USAGES = (*WANTS, *CURES, "avoid")
LANGUAGES = ("en", "de", "fr", "es", "zh", "ja")
LOOK_KINDS = (
    "time", "mood", "genre", "era", "place", "weather", "season", "process", "film-stock", "film",
    "photographer", "style", "platform",
)  # fmt: skip


@dataclass(frozen=True)
class Concept:
    """A direction in recipe space.

    ``group`` is the file it stands in (light, colour, zones, bands); ``against`` the parameters
    of its opposite at plain degree, empty when it has none; ``opposite`` the id of that concept.
    ``weight`` : how often it is drawn within its group.
    """

    id: str
    axis: str
    group: str
    params: Mapping[str, float]
    against: Mapping[str, float] = field(default_factory=dict)
    wordings: Wordings = field(default_factory=dict)
    opposite: str | None = None
    weight: float = 1.0

    def usages(self, language: str, allowed: tuple[str, ...]) -> list[str]:
        """The usages among ``allowed`` that have a wording in a language."""
        said = self.wordings.get(language, {})
        return [usage for usage in allowed if said.get(usage)]


@dataclass(frozen=True)
class Look:
    """A named look at plain strength, over a real LUT when ``film`` names one."""

    id: str
    kind: str
    params: Mapping[str, float]
    film: str | None
    wordings: Mapping[str, tuple[str, ...]]  # language -> names
