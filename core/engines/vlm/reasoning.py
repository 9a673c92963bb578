"""The reasoning of the retouch path: three labelled parts in order (VeraRetouch's structured format)."""

from __future__ import annotations

import re
from dataclasses import dataclass

LABELS = ("Measured", "Seen", "Plan")
_PARTS = re.compile(r"\s*Measured:(?P<measured>.*?)Seen:(?P<seen>.*?)Plan:(?P<plan>.*)", re.DOTALL)
_LEAST = 3  # characters that a part must have


@dataclass(frozen=True)
class Reasoning:
    """The parts without their labels, and what is wrong with the format (empty where nothing is)."""

    measured: str = ""
    seen: str = ""
    plan: str = ""
    fault: str = ""


def read(text: str) -> Reasoning:
    """Check the format of a reasoning, retouch tokens left out; of a malformed one the text is the plan."""
    tidy = " ".join(text.split())
    doubled = [label for label in LABELS if len(re.findall(rf"\b{label}:", tidy)) > 1]
    if doubled:
        return Reasoning(plan=tidy, fault=f"'{doubled[0]}:' stands more than once")
    missing = [label for label in LABELS if f"{label}:" not in tidy]
    if missing:
        return Reasoning(plan=tidy, fault=f"'{missing[0]}:' is missing")
    found = _PARTS.fullmatch(tidy)
    if found is None:
        return Reasoning(plan=tidy, fault=f"the order is not {', '.join(LABELS)}")
    parts = {name: value.strip() for name, value in found.groupdict().items()}
    thin = [name for name, value in parts.items() if len(value) < _LEAST]
    return Reasoning(**parts, fault=f"'{thin[0].capitalize()}:' says nothing" if thin else "")


def format_reward(text: str, retouch_tokens: int) -> float:
    """R_f of VeraRetouch, 0..1: half for the template, half for the three retouch tokens once, at the end."""
    return 0.5 * (not read(text).fault) + 0.5 * (retouch_tokens == 3)
