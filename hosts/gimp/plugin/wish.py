"""What the user wants, from a procedure's arguments to the requests that gradewright gets."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

VARIATIONS = 4


class Unusable(ValueError):  # noqa: N818 - it says what the matter is
    """What the user gave cannot be used; one line that says what would be right."""


@dataclass(frozen=True)
class Wish:
    """One order.

    ``kind`` : "words", "match", "auto" or "look". ``file`` : the reference picture, or the look's LUT
    file. ``variation`` : 1..4, which of several candidates. ``editable`` : filters instead of a layer
    """

    kind: str
    prompt: str = ""
    file: str | None = None
    strength: float = 1.0
    luma: float = 1.0
    chroma: float = 1.0
    seed: int = 0
    variation: int = 1
    editable: bool = False
    convert_gray: bool = False

    def checked(self) -> Wish:
        """Itself. Raises Unusable."""
        if self.kind == "words" and not self.prompt.strip():
            raise Unusable("say in words what you want, for example: warm golden hour, lifted teal shadows")
        if self.kind in ("match", "look"):
            what = "a reference picture" if self.kind == "match" else "a look file (.cube, .3dl, .clf, ...)"
            if not self.file:
                raise Unusable(f"choose {what}")
            if not os.path.isfile(self.file):
                raise Unusable(f"{self.file}: there is no such file; choose {what}")
        return self

    @property
    def amounts(self) -> dict[str, float]:
        """Strength, luma and chroma as requests name them."""
        return {"strength": self.strength, "luma": self.luma, "chroma": self.chroma}

    def request(self, photo: str, folder: str, preview: int | None = None) -> dict[str, Any]:
        """The grade request for a proxy of the picture; not for a look file, which needs none."""
        wishes: dict[str, dict[str, Any]] = {
            "words": {"prompt": self.prompt},
            "match": {"reference": self.file},
            "auto": {"auto": True},
        }
        request = {
            **wishes[self.kind],
            **self.amounts,
            "photo": photo,
            "folder": folder,
            "seed": self.seed,
            "variations": VARIATIONS,
            "describe": False,
        }
        if self.kind == "auto" and self.prompt.strip():
            request["prompt"] = self.prompt
        return {**request, "preview": preview} if preview else request

    @property
    def title(self) -> str:
        """What the new layer is called."""
        what = {
            "words": self.prompt,
            "match": "like {}".format(os.path.basename(self.file or "")),
            "auto": "auto",
            "look": os.path.basename(self.file or ""),
        }[self.kind]
        line = " ".join(what.split())
        return "Gradewright: %s" % (line if len(line) <= 60 else line[:59] + "…")
