"""``gradewright.json`` beside a model's weights: what the model was trained to answer, and with what.

{"gradewright_vlm": 1, "codec": "gw1", "side": 448, "paths": {"prompt": "lut", "auto": "retouch"}}
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...codec.text import NAME
from ...errors import FileError
from ...files import write_bytes
from .wording import PATHS

FILE = "gradewright.json"
ADAPTOR = "retouch_adaptor.safetensors"
VERSION = 1
KINDS = ("prompt", "reference", "auto", "params")
_REMEDY = "make the folder with 'gradewright train vlm-sft'"


@dataclass(frozen=True)
class Card:
    """``side`` : pixels along the longer side of what the model is shown. ``paths`` : kind of request ->
    path.

    ``bottleneck`` : width of the retouch adaptor, 0 where there is none.
    """

    side: int = 448
    bottleneck: int = 0
    paths: dict[str, str] = field(default_factory=lambda: {"prompt": "lut", "reference": "lut"})

    def save(self, folder: Path) -> None:
        """Write it into a model folder."""
        found = {
            "gradewright_vlm": VERSION,
            "codec": NAME,
            "side": self.side,
            "bottleneck": self.bottleneck,
            "paths": self.paths,
        }
        write_bytes(folder / FILE, (json.dumps(found, indent=1) + "\n").encode(), overwrite=True)

    @classmethod
    def load(cls, folder: Path) -> Card:
        """Read a model folder's card.

        Raises
        ------
        FileError : the folder or the card is missing or damaged, or of another version or codec
        """
        if not folder.is_dir():
            raise FileError(folder, "there is no such model folder", "name one with --model DIR")
        path = folder / FILE
        if not path.is_file():
            raise FileError(folder, f"holds no {FILE}, so it was not trained to grade", _REMEDY)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise FileError(path, f"is no JSON ({error})", _REMEDY) from None
        _check(path, found)
        return cls(found["side"], found.get("bottleneck", 0), found["paths"])


def _check(path: Path, found: Any) -> None:
    if not isinstance(found, dict) or found.get("gradewright_vlm") != VERSION:
        raise FileError(path, f"is of no version that this release knows ({VERSION})", _REMEDY)
    if found.get("codec") != NAME:
        raise FileError(
            path, f"its tokens are of codec {found.get('codec')!r}, not {NAME!r}", "train it anew"
        )
    side, paths = found.get("side"), found.get("paths")
    if not isinstance(side, int) or isinstance(side, bool) or not 28 <= side <= 4096:
        raise FileError(path, f"side {side!r} is out of range: 28..4096")
    if not isinstance(paths, dict) or not paths:
        raise FileError(path, "paths must say what answers which kind of request", _REMEDY)
    for kind, way in paths.items():
        if kind not in KINDS or way not in PATHS:
            raise FileError(
                path, f"paths has {kind!r}: {way!r}", f"kinds: {', '.join(KINDS)}; {', '.join(PATHS)}"
            )
    width = found.get("bottleneck", 0)
    if not isinstance(width, int) or isinstance(width, bool) or not 0 <= width <= 65536:
        raise FileError(path, f"bottleneck {width!r} is no width")
    if "retouch" in paths.values() and not (width and (path.parent / ADAPTOR).is_file()):
        raise FileError(path, f"the retouch path needs {ADAPTOR} beside it", "train it with vlm_align")
