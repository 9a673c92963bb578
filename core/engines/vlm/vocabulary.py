"""The tokens that grading adds to a language model's vocabulary, and where they landed in it.

256 tokens of the LUT codec with a begin and an end (AceTone section 3.2), three retouch tokens and three task
tokens (VeraRetouch section 3.3). Ids are never assumed: they are read from the tokenizer, or from the
``tokenizer.json`` beside the weights.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import FileError

CODES = 256
LENGTH = 64  # LUT tokens in a look
LUT = tuple(f"<|lut_{code}|>" for code in range(CODES))
BEGIN, END = "<|lut_begin|>", "<|lut_end|>"
RETOUCH = ("<|retouch_light|>", "<|retouch_colour|>", "<|retouch_bands|>")
TASKS = {"auto": "<|task_auto|>", "style": "<|task_style|>", "param": "<|task_param|>"}
TOKENS = (*LUT, BEGIN, END, *RETOUCH, *TASKS.values())


@dataclass(frozen=True)
class Vocabulary:
    """Ids of the added tokens. ``lut`` : of codes 0..255, in order. ``retouch`` : light, colour, bands."""

    lut: tuple[int, ...]
    begin: int
    end: int
    retouch: tuple[int, int, int]

    @classmethod
    def of(cls, ids: dict[str, int], where: str | Path) -> Vocabulary:
        """From token -> id.

        Raises
        ------
        FileError : tokens are missing, or share an id
        """
        missing = [token for token in TOKENS if token not in ids]
        if missing:
            fault = (
                f"the tokenizer lacks {len(missing)} of {len(TOKENS)} grading tokens, such as {missing[0]}"
            )
            raise FileError(where, fault, "train it with 'gradewright train vlm-sft', which adds them")
        if len({ids[token] for token in TOKENS}) < len(TOKENS):
            raise FileError(where, "two grading tokens share an id", "save the tokenizer anew")
        light, colour, bands = (ids[token] for token in RETOUCH)
        lut = tuple(ids[token] for token in LUT)
        return cls(lut, ids[BEGIN], ids[END], (light, colour, bands))

    @classmethod
    def of_tokenizer(cls, tokenizer: Any, where: str | Path = "tokenizer") -> Vocabulary:
        """From a transformers tokenizer."""
        return cls.of(tokenizer.get_added_vocab(), where)

    @classmethod
    def of_folder(cls, folder: Path) -> Vocabulary:
        """From a model folder's ``tokenizer.json``, without transformers.

        Raises
        ------
        FileError : the file is missing, damaged, or lacks the tokens
        """
        path = folder / "tokenizer.json"
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))["added_tokens"]
            ids = {str(row["content"]): int(row["id"]) for row in rows}
        except OSError as error:
            raise FileError(path, error.strerror or "cannot be read", "name a model folder") from None
        except (ValueError, KeyError, TypeError):
            raise FileError(path, "is no tokenizer", "save the tokenizer anew") from None
        return cls.of(ids, path)


def safe(text: str) -> str:
    """A user's text with nothing in it that a tokenizer would take for one of its control tokens."""
    return (
        text.replace("<|", "< |").replace("|>", "| >").replace("<image>", "< image>").replace("</s>", "< /s>")
    )
