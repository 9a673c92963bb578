"""What the model is told and what it is expected to answer, the same in training and in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .vocabulary import RETOUCH, TASKS, safe

PATHS = ("lut", "retouch", "operations")
_PAIR = "The first picture is ungraded, the second is the same picture graded. Write the grade as LUT tokens."
_TRANSFER = "Write the LUT tokens that give the first picture the colours of the second."
_ALONE = "Write the LUT tokens of a look with the colours of this picture."
_INSTRUCT = "Grade the picture: {text}\nWrite the grade as LUT tokens."
_NO_PHOTO = "Grade any picture: {text}\nWrite the grade as LUT tokens."
_RETOUCH = {
    "auto": "Retouch the picture: say what is measured, what is seen and what you plan.",
    "style": "Retouch the picture: {text}\nSay what is measured, what is seen and what you plan.",
    "param": "Set {text}.\nSay what is measured, what is seen and what you plan.",
}
_OPERATIONS = (
    "Retouch the picture: {text}\nReason first, then give the operations as one JSON object of parameters."
)
_AGAIN = "\nYour last answer could not be used ({fault}). It was: {answer}\nAnswer again."


@dataclass(frozen=True)
class Wish:
    """One thing to ask of the model.

    ``path`` : one of PATHS, what it answers with. ``task`` : pair, transfer, instruct (path lut); auto,
    style, param (retouch); operations. ``images`` : how many pictures come before the text. ``text`` : the
    user's.
    """

    path: str
    task: str
    images: int
    text: str = ""

    @property
    def prompt(self) -> str:
        """The text after the pictures; nothing of the user's can pass for a control token."""
        words = safe(" ".join(self.text.split()))
        if self.path == "retouch":
            return TASKS[self.task] + _RETOUCH[self.task].format(text=words)
        if self.path == "operations":
            return _OPERATIONS.format(text=words or "as it needs")
        if self.task == "pair":
            return _PAIR
        if self.task == "transfer":
            return _TRANSFER if self.images == 2 else _ALONE
        return (_INSTRUCT if self.images else _NO_PHOTO).format(text=words)

    def again(self, answer: str, fault: str) -> str:
        """The prompt of a second attempt."""
        return self.prompt + _AGAIN.format(fault=safe(fault), answer=safe(" ".join(answer.split()))[:600])


def settings_text(params: Mapping[str, float | str]) -> str:
    """Parameters as the param task has them: ``exposure +0.3, contrast -20``."""
    return ", ".join(f"{name} {_signed(value)}" for name, value in params.items())


def _signed(value: float | str) -> str:
    return value.strip() if isinstance(value, str) else f"{value:+.3g}"


def retouched(reasoning: str) -> str:
    """A completion of the retouch path: the reasoning, then the tokens whose states become latents."""
    return f"{reasoning.strip()}\n{''.join(RETOUCH)}"
