"""The jobs that Resolve's side asks of the service: grade a shot, match a scene, compare two frames."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut

from ..tasks import fields
from ..tasks.step import Step, silent
from . import pictures
from .situation import Situation, understand

_WISHES = {
    "prompt": fields.text,
    "reference": fields.path,
    "pair": fields.pair,
    "params": fields.parameters,
    "auto": fields.flag,
    "strength": fields.weight,
    "luma": fields.weight,
    "chroma": fields.weight,
    "seed": fields.integer(0, 2**32 - 1),
}


def _texts(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadInput(f"{name}: an object of texts is needed, not {fields.kind_of(value)}")
    return {fields.text(name, key): fields.text(str(key), item) for key, item in value.items()}


def _names(name: str, value: Any) -> tuple[str, ...]:
    """Clips' names; two clips may have the same."""
    if not isinstance(value, list):
        raise BadInput(f"{name}: a list of texts is needed, not {fields.kind_of(value)}")
    return tuple(fields.text(name, item) for item in value)


def _tolerance(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise BadInput(f"{name}: a number 0..100 is needed, not {fields.kind_of(value)}")
    return float(value)


_PLACE: dict[str, fields.Check] = {
    "settings": _texts,
    "hints": _texts,
    "folder": fields.path,
    "mode": fields.one_of("lut", "cdl"),
    "space": fields.text,
    "size": fields.one_of(17, 33, 65),
}
GRADE_FIELDS: dict[str, fields.Check] = {
    **_WISHES,
    **_PLACE,
    "frame": fields.path,
    "from": fields.path,
    "variations": fields.integer(1, 16),
    "engine": fields.text,
    "preview": fields.integer(16, 4096),
}
MATCH_FIELDS: dict[str, fields.Check] = {
    **_PLACE,
    "hero": fields.path,
    "shots": fields.many(fields.path, 500),
    "names": _names,
    "strength": fields.weight,
}
COMPARE_FIELDS: dict[str, fields.Check] = {
    "frame": fields.path,
    "expected": fields.path,
    "before": fields.path,
    "tolerance": _tolerance,
}


@dataclass(frozen=True)
class _Writer:
    """Writes what one look becomes in Resolve."""

    where: Situation
    folder: Path
    mode: str
    size: int | None

    def written(
        self, look: Lut, stem: str, frame: pictures.F32 | None, side: int | None = None
    ) -> dict[str, Any]:
        """The baked .cube, the CDL where it is asked for, our own render of the frame and a thumbnail."""
        from gradewright import lutio
        from gradewright.core.bake import to_space

        files: dict[str, str] = {}
        notes: list[str] = []
        cdl, on_node = None, look
        if self.mode == "cdl":
            cdl = self._cdl(look, frame)
            digest = sha256(repr(cdl).encode()).hexdigest()
        else:
            baked = to_space(look, self.where.lut, self.size)
            path = self.folder / f"{stem}.cube"
            comments = [f"gradewright: {look.title}", f"for a node that works in {baked.space.name}"]
            lutio.write(baked.lut.titled(look.title or stem), path, overwrite=True, comments=comments)
            files["cube"], digest = str(path), sha256(path.read_bytes()).hexdigest()
            notes += baked.notes
            on_node = baked.lut
        if frame is not None and self.where.frame is not None:
            rendered, picture = self._rendered(look, on_node, cdl, frame)
            files["expected"] = _save(rendered, self.folder / f"{stem}-expected.png")
            if side:
                files["preview"] = _save(_small(picture, side), self.folder / f"{stem}-preview.png")
        return {"digest": digest, "files": files, "notes": notes, **({"cdl": cdl.to_dict()} if cdl else {})}

    def _cdl(self, look: Lut, frame: pictures.F32 | None) -> Any:
        from gradewright.core import cdl

        pixels = (
            None if frame is None or self.where.frame is None else pictures.shown(self.where.frame, frame)
        )
        return cdl.fit(look, self.where.cdl, pixels)

    def _rendered(
        self, look: Lut, on_node: Lut, cdl: Any, frame: pictures.F32
    ) -> tuple[pictures.F32, pictures.F32]:
        """The frame as Resolve should show it with the look, in its own encoding and as sRGB."""
        assert self.where.frame is not None
        seen = pictures.shown(self.where.frame, frame)
        if cdl is None and self.where.science == "YRGB":
            # Nothing stands between the node and the frame: the very LUT on the very values.
            rendered = np.clip(np.asarray(on_node.apply(frame)), 0, 1)
            return rendered, pictures.shown(self.where.frame, rendered)
        if cdl is None:
            picture = np.clip(np.asarray(look.apply(seen)), 0, 1)
        else:
            worked = pictures.unshown(self.where.cdl, seen)
            picture = pictures.shown(self.where.cdl, np.clip(cdl.apply(worked), 0, 1).astype(np.float32))
        return pictures.unshown(self.where.frame, picture), picture


def grade(request: Any, step: Step = silent) -> dict[str, Any]:
    """Grades for the frame of a clip, baked for the timeline; "resolve-grade".

    Returns
    -------
    {"space", "science", "tolerance", "notes", "grades": [{"title", "name", "digest", "files", "notes",
    "cdl", "engine"}]}

    Raises
    ------
    BadInput : nothing asked, or a colour science or space that is not known
    Cancelled : by ``step``
    """
    asked = _checked(request, "resolve-grade")
    writer, where = _writer(asked)
    frame = pictures.values(asked["frame"]) if "frame" in asked and where.frame is not None else None
    step(0.1, "looking")
    grades = _predicted(
        asked, None if frame is None or where.frame is None else pictures.shown(where.frame, frame)
    )
    answers = []
    for number, found in enumerate(grades, 1):
        step(0.3 + 0.7 * (number - 1) / len(grades), "baking")
        stem = f"{asked['frame'].stem if 'frame' in asked else 'look'}-{number}"
        answer = writer.written(found.lut, stem, frame, asked.get("preview"))
        answer["notes"] = [*found.warnings, *answer["notes"]]
        answer.update(
            title=found.lut.title, name=slug(asked.get("prompt") or found.lut.title), engine=found.engine
        )
        answers.append(answer)
    return {**_facts(where, asked), "grades": answers}


def match(request: Any, step: Step = silent) -> dict[str, Any]:
    """Looks that match the shots of a scene to its hero; "resolve-match".

    Returns
    -------
    As :func:`grade`, with ``lines``: the report, before and after.
    """
    from gradewright.core.scene_match import match_scene

    asked = _checked(request, "resolve-match")
    writer, where = _writer(asked)
    if where.frame is None:
        raise BadInput(f"a shot match needs pictures: {where.notes[-1]}")
    frames = [pictures.values(path) for path in (asked["hero"], *asked["shots"])]
    seen = [pictures.shown(where.frame, frame) for frame in frames]
    step(0.1, "matching")
    matched = match_scene(seen[0], seen[1:], _compact)
    lines, answers = ["shot: palette distance to the hero before -> after (overlap dE2000), look"], []
    for number, (name, one, frame) in enumerate(zip(asked["names"], matched, frames[1:], strict=True), 1):
        step(0.5 + 0.5 * number / len(matched), f"baking {number} of {len(matched)}")
        look = one.lut.blend(asked.get("strength", 1.0)).titled(f"match {one.group + 1}")
        answer = writer.written(look, f"match-{number}", frame)
        answer.update(title=look.title, name="match", frame=str(asked["shots"][number - 1]))
        answer["notes"] = [*one.notes, *answer["notes"]]
        answer["report"] = _figures(name, one)
        answers.append(answer)
        lines.append(_line(name, one))
    return {**_facts(where, asked), "grades": answers, "lines": lines}


def compare(request: Any, step: Step = silent) -> dict[str, Any]:
    """Resolve's frame against our own render of it; "resolve-compare".

    Returns
    -------
    {"mean_de", "p95_de", "unchanged", "ok", "line"}
    """
    from gradewright.core.colour import delta_e_srgb

    asked = _checked(request, "resolve-compare")
    step(0.0, "comparing")
    frame, expected, before = (pictures.values(asked[name]) for name in ("frame", "expected", "before"))
    if not frame.shape == expected.shape == before.shape:
        raise BadInput(f"the frame changed its size from {before.shape[:2]} to {frame.shape[:2]}")
    error = delta_e_srgb(frame, expected)
    wanted = float(delta_e_srgb(before, expected).mean())
    mean, p95 = float(error.mean()), float(np.quantile(error, 0.95))
    unchanged = bool(np.abs(frame - before).max() < 1.5 / 255) and wanted > 0.5
    ok = mean <= asked["tolerance"] and not unchanged
    if unchanged:
        line = "warning: the frame did not change at all: Resolve shows it without the look (bypass? cache?)"
    elif ok:
        line = f"the frame agrees with our own render: {mean:.2f} dE2000 on average"
    else:
        line = (
            f"warning: the frame differs from our own render by {mean:.2f} dE2000 (95 %: {p95:.2f}): "
            "look whether other nodes, groups or an output transform change the look"
        )
    return {
        "mean_de": round(mean, 3),
        "p95_de": round(p95, 3),
        "unchanged": unchanged,
        "ok": ok,
        "line": line,
    }


KINDS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "resolve-grade": grade,
    "resolve-match": match,
    "resolve-compare": compare,
}


_FIELDS = {
    "resolve-grade": (GRADE_FIELDS, ("settings", "folder")),
    "resolve-match": (MATCH_FIELDS, ("settings", "folder", "hero", "shots", "names")),
    "resolve-compare": (COMPARE_FIELDS, ("frame", "expected", "before", "tolerance")),
}


class Checked(dict[str, Any]):
    """A request whose fields have been checked."""


def parse(kind: str, request: Any) -> Checked:
    """The checked request of a kind. Raises BadInput."""
    table, needed = _FIELDS[kind]
    values = fields.checked(request, table, kind)
    for name in needed:
        if name not in values:
            raise BadInput(f"a {kind} request needs '{name}'")
    return Checked(values)


def _checked(request: Any, kind: str) -> Checked:
    return request if isinstance(request, Checked) else parse(kind, request)


def slug(text: str) -> str:
    """A text as part of a file name: at most 32 lower-case letters, digits and dashes."""
    from unicodedata import normalize

    plain = normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].rstrip("-") or "look"


def _writer(asked: Mapping[str, Any]) -> tuple[_Writer, Situation]:
    where = understand(asked["settings"], asked.get("hints"), asked.get("space"))
    return _Writer(where, asked["folder"], asked.get("mode", "lut"), asked.get("size")), where


def _facts(where: Situation, asked: Mapping[str, Any]) -> dict[str, Any]:
    home = where.cdl if asked.get("mode") == "cdl" else where.lut
    return {
        "space": home.name,
        "science": where.science,
        "tolerance": where.tolerance,
        "notes": list(where.notes),
    }


def _predicted(asked: Mapping[str, Any], photo: pictures.F32 | None) -> Sequence[Any]:
    from gradewright.core import Grader

    wishes = {name: asked[name] for name in _WISHES if name in asked}
    if "from" in asked:
        from gradewright import lutio
        from gradewright.core.looks.intake import plain_look

        wishes["base"], _ = plain_look(lutio.read(asked["from"]))
    return Grader(asked.get("engine")).variations(photo, n=asked.get("variations", 1), **wishes)


def _compact(shot: pictures.F32, hero: pictures.F32) -> Lut:
    from gradewright.core import Grader

    return Grader("compact").grade(shot, reference=hero).lut


def _figures(name: str, one: Any) -> dict[str, Any]:
    return {
        "clip": name,
        "look": one.group + 1,
        "before": round(one.before, 2),
        "after": round(one.after, 2),
        "overlap_before": None if one.overlap_before is None else round(one.overlap_before, 2),
        "overlap_after": None if one.overlap_after is None else round(one.overlap_after, 2),
    }


def _line(name: str, one: Any) -> str:
    shared = ""
    if one.overlap_before is not None:
        shared = f" ({one.overlap_before:.1f} -> {one.overlap_after:.1f})"
    return f"{name}: {one.before:.1f} -> {one.after:.1f}{shared}, look {one.group + 1}"


def _save(picture: pictures.F32, path: Path) -> str:
    from gradewright.core import photo as photos

    pixels = np.rint(np.clip(picture, 0, 1) * 65535).astype(np.uint16)
    photos.save(photos.Photo(path, "", pixels), path, overwrite=True)
    return str(path)


def _small(picture: pictures.F32, side: int) -> pictures.F32:
    step = max(1, -(-max(picture.shape[:2]) // side))
    return np.ascontiguousarray(picture[::step, ::step])
