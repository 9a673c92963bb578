"""The lexicon's TOML files; README.md beside this file says what they hold."""

from pathlib import Path

FOLDER = Path(__file__).parent
