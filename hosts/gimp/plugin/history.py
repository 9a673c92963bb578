"""The prompts that the user has typed, newest first, and those that we suggest."""

from __future__ import annotations

import json
import os

LENGTH = 30
SUGGESTIONS = (
    "warm golden hour, lifted teal shadows",
    "moody and dark, muted greens",
    "clean and bright, soft contrast",
    "faded film, matte blacks",
    "teal and orange, punchy",
    "cold blue morning, low saturation",
    "high-contrast black and white",
    "slightly warmer, a bit more contrast, keep the skin natural",
)


def read(path: str) -> list[str]:
    """The history; empty when there is none or it cannot be read."""
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return []
    return [item for item in found if isinstance(item, str)][:LENGTH] if isinstance(found, list) else []


def remember(path: str, prompt: str) -> list[str]:
    """Put a prompt in front and write the history; a folder that cannot be written is no error."""
    prompt = prompt.strip()
    kept = [item for item in read(path) if item != prompt]
    found = ([prompt] if prompt else []) + kept
    try:
        with open(path + ".part", "w", encoding="utf-8") as stream:
            json.dump(found[:LENGTH], stream, ensure_ascii=False, indent=1)
        os.replace(path + ".part", path)
    except OSError:
        pass
    return found[:LENGTH]
