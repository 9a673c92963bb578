"""One job of the Lua panel.

The panel writes ``request.json`` into a folder of its own and starts ``gradewright darktable run FOLDER``
in the background. It reads ``progress`` (a fraction, a space, a text) while it waits, and ``result.json``
at the end; a file ``cancel`` stops the job. Prompts and paths travel as JSON: no shell sees them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gradewright.core.errors import BadInput, FileError
from gradewright.core.files import write_bytes

from ..tasks import fields
from ..tasks.step import Cancelled, Step
from . import looks, places
from .grading import grades

REQUEST, PROGRESS, RESULT, CANCEL = "request.json", "progress", "result.json", "cancel"
_MOST = 500  # photos of one job

FIELDS: dict[str, fields.Check] = {
    "photos": fields.many(fields.path, _MOST),
    "raw": lambda name, value: [fields.flag(name, one) for one in value],
    "prompt": fields.text,
    "reference": fields.path,
    "auto": fields.flag,
    "strength": fields.weight,
    "luma": fields.weight,
    "chroma": fields.weight,
    "seed": fields.integer(0, 2**32 - 1),
    "variations": fields.integer(1, 8),
    "output": fields.one_of(*looks.KINDS),
    "each": fields.flag,
    "lut_root": fields.path,
    "service": fields.flag,
}
_WISHES = ("prompt", "reference", "auto", "strength", "luma", "chroma", "seed", "variations")


def run(folder: Path) -> dict[str, Any]:
    """Do the job of a folder and write its result; errors become ``{"error": line}`` there.

    Raises
    ------
    FileError : the folder holds no request, or the result cannot be written
    """
    try:
        request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(folder / REQUEST, error.strerror or "cannot be read") from None
    except ValueError as error:
        raise FileError(folder / REQUEST, f"is not JSON ({error})") from None
    result: dict[str, Any]
    try:
        result = _Job(fields.checked(request, FIELDS, "darktable"), folder).run()
    except Cancelled:
        result = {"error": "cancelled", "cancelled": True}
    except BadInput as error:
        result = {"error": str(error)}
    text = json.dumps(result, ensure_ascii=False, indent=1)
    write_bytes(folder / RESULT, text.encode("utf-8"), overwrite=True)
    return result


class _Job:
    def __init__(self, request: dict[str, Any], folder: Path) -> None:
        if "photos" not in request:
            raise BadInput("a darktable request needs 'photos': paths of the pictures to look at")
        self.request, self.folder = request, folder
        self.photos: tuple[Path, ...] = request["photos"]
        self.raw = request.get("raw") or [False] * len(self.photos)
        if len(self.raw) < len(self.photos):
            raise BadInput(f"raw: {len(self.photos)} values are needed, one a photo, not {len(self.raw)}")
        self.notes: list[str] = []
        self.served = False

    def run(self) -> dict[str, Any]:
        """Looks for every photo that gets its own, with notes."""
        made = []
        graded = self.photos if self.request.get("each") else self.photos[:1]
        for number, photo in enumerate(graded):
            made += self._looks(number, photo, self._step(number, len(graded)))
        return {"looks": made, "notes": list(dict.fromkeys(self.notes)), "service": self.served}

    def _looks(self, number: int, photo: Path, step: Step) -> list[dict[str, Any]]:
        from gradewright import lutio

        step(0.0, "grading")
        wishes = {name: self.request[name] for name in _WISHES if name in self.request}
        plain = {k: str(v) if isinstance(v, Path) else v for k, v in wishes.items()}
        place = {"folder": str(self.folder), "name": f"photo{number}", "formats": ["cube"], "describe": False}
        service = self.request.get("service", True)
        found, self.served = grades({**plain, "photo": str(photo), **place}, step, service)
        made = []
        for variation, grade in enumerate(found):
            step(0.9, "fitting darktable's modules" if self._native else "writing the LUT")
            self.notes += grade["notes"]
            lut = lutio.read(grade["files"]["cube"])
            look = self._look(lut.titled(grade["title"]), photo, self._is_raw(number))
            made.append({"photo": number, "variation": variation, **look.to_dict()})
        return made

    def _look(self, lut: Any, photo: Path, raw: bool) -> looks.Look:
        words = self.request.get("prompt", "")
        if self._native:
            return looks.native_look(lut, self.folder, photo, words, raw)
        root = self.request.get("lut_root") or places.lut_root()
        return looks.lut_look(lut, self.folder, root, words)

    @property
    def _native(self) -> bool:
        return bool(self.request.get("output") == "modules")

    def _is_raw(self, number: int) -> bool:
        """Whether a photo's look goes on raw files; a look for all goes on every one."""
        return bool(self.raw[number]) if self.request.get("each") else any(self.raw)

    def _step(self, number: int, count: int) -> Step:
        def step(fraction: float, text: str) -> None:
            if (self.folder / CANCEL).exists():
                raise Cancelled
            if fraction >= 0:
                done = (number + min(fraction, 1)) / count
                write_bytes(self.folder / PROGRESS, f"{done:.3f} {text}".encode(), overwrite=True)

        return step
