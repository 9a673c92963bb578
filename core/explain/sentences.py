"""Explanations in words: every number in a sentence is one that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..attributes import BY_NAME

if TYPE_CHECKING:
    from ..critic import Judgement
    from .explanation import Explanation

_MOST = 8  # changes that are told
_SEEN = 0.3  # dE2000 from which a step is told by itself
# attribute -> (words when it rises, words when it falls); others are told in their own names
_TOLD = {
    "exposure": ("brighter", "darker"),
    "contrast": ("more contrast", "less contrast"),
    "shadows": ("lighter shadows", "deeper shadows"),
    "highlights": ("brighter highlights", "darker highlights"),
    "black_point": ("lifted blacks", "deeper blacks"),
    "white_point": ("brighter whites", "lower whites"),
    "clipped": ("more clipping", "less clipping"),
    "saturation": ("more colourful", "less colourful"),
    "temperature": ("warmer", "cooler"),
    "tint": ("more magenta", "greener"),
    "shadow_a": ("shadows towards red", "shadows towards green"),
    "shadow_b": ("shadows towards yellow", "shadows towards blue"),
    "highlight_a": ("highlights towards red", "highlights towards green"),
    "highlight_b": ("highlights towards yellow", "highlights towards blue"),
    "skin_light": ("lighter skin tones", "darker skin tones"),
    "skin_chroma": ("stronger skin tones", "paler skin tones"),
    "skin_hue": ("skin tones turned to yellow", "skin tones turned to red"),
}


def effect_lines(changes: Mapping[str, float], before: Mapping[str, float]) -> tuple[str, ...]:
    """What changed visibly: words, difference, from and to; the largest in visible steps first."""
    steps = {name: abs(changes[name]) / BY_NAME[name].step for name in _TOLD if name in changes}
    chosen = sorted((name for name in steps if steps[name] >= 1), key=lambda name: -steps[name])[:_MOST]
    return tuple(_line(name, changes[name], before[name]) for name in chosen)


def _line(name: str, moved: float, start: float) -> str:
    words = _TOLD[name][moved < 0]
    unit = BY_NAME[name].unit
    digits = 2 if unit == "EV" else 1
    figure = name.replace("_", " ")
    ends = f"from {start:.{digits}f} to {start + moved:.{digits}f}"
    return f"{words}: {figure} {moved:+.{digits}f} {unit} ({ends})"


def text_of(explanation: Explanation) -> str:
    """Sections in the order of reasoning, each a list."""
    e = explanation
    sections = [("What was asked", list(e.asked) or ["nothing in words or parameters"])]
    if e.review is not None:
        seen = [f"{finding.aspect}: {finding.text}" for finding in e.review.findings]
        sections.insert(0, ("What was seen", seen))
    sections += [
        ("What was done", _operations(e)),
        ("What the steps above do not express", _left(e)),
        *([] if e.judgement is None else [("Is it what was asked", _judged(e.judgement))]),
        ("What it changed", list(e.effect) or ["nothing that is plainly seen"]),
        ("Is it safe", list(e.safety)),
    ]
    if e.score is not None:
        first, then = e.score
        sections.append(("Score", [f"{first:.0f} of 100 before, {then:.0f} after ({then - first:+.0f})"]))
    return "\n\n".join(_section(head, lines) for head, lines in sections) + "\n"


def _section(head: str, lines: list[str]) -> str:
    return f"## {head}\n\n" + "\n".join(f"- {line}" for line in lines)


def _operations(e: Explanation) -> list[str]:
    """The steps that are seen, in order, and how many more there are."""
    seen = [step for step in e.operations if step["effect_de"] >= _SEEN]
    lines = [_operation(number, step) for number, step in enumerate(seen, 1)]
    if rest := len(e.operations) - len(seen):
        lines.append(f"{rest} more step{'s' if rest > 1 else ''} of less than {_SEEN} dE2000 each")
    return lines or ["nothing"]


def _operation(number: int, step: Mapping[str, Any]) -> str:
    hue = f", hue {step['hue']:.0f}°" if "hue" in step else ""
    figures = f"{step['parameter']} {step['value']:+.4g} {step['unit']}{hue}; {step['effect_de']:.1f} dE2000"
    return f"{number}. {step['group']}: {step['words']} ({figures})"


def _judged(judgement: Judgement) -> list[str]:
    """What the request wants of the picture as the judge reads it, weightiest first, and the reward."""
    return judgement.text.splitlines()


def _left(e: Explanation) -> list[str]:
    lines = [f"{e.left_over.mean:.2f} dE2000 on the mean, {e.left_over.p95:.2f} for 5 % of the colours"]
    return lines + [f"most in {part}: {value:.2f} dE2000" for part, value in e.left_over.where]
