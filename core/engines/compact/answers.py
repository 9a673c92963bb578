"""Prompts, references, and both at once: to LUT tokens, to looks."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ...codec import LutCodec
from ...codec.weights import load
from ...colour import oklab_to_srgb, srgb_to_oklab
from ...errors import BadInput
from ...lut import Lut
from ...recipe import Recipe
from ...recipe.render import render_lattice
from ...request import Candidate, Pixels, Request
from ..inputs import check, usable
from ..match import by_correspondence, overlap
from .controls import params_of
from .networks import Reading, read_prompt, read_reference
from .variations import spread_out

_COARSE = 9  # lattice of a recipe's rendering, as in training
_GREY, _TONED = -95.0, 8.0  # saturation at which all colour is to go; amounts that count as a tone
_IGNORED, _FOLLOWED = 0.35, 0.7  # size of the recipe, as a share of the other head's look
F32 = NDArray[np.float32]
NOTHING = (
    "the prompt names no colour, light or mood: the grade is a mild one; "
    "say what should change, such as 'warmer' or 'faded film'"
)
CUT = "the prompt is longer than the model reads: what comes after about 60 words was left out"


def answers(request: Request) -> list[Candidate]:
    """What :meth:`~gradewright.core.engines.compact.CompactEngine.candidates` gives."""
    if request.photo is not None:
        check_photo(request.photo)
    if request.reference is None:
        return _from_prompt(request, request.photo)
    if "prompt" not in request.wants:
        return _from_reference(request, request.reference)
    first = _from_reference(replace(request, count=1), request.reference)[0]
    photo = None if request.photo is None else np.clip(first.lut.sample(request.photo), 0, 1)
    return [_on_top(first, then) for then in _from_prompt(request, photo)]


def check_photo(photo: Pixels) -> None:
    """A photo must hold numbers; unlike a reference it may be small or of one colour."""
    if not np.isfinite(photo).all():
        raise BadInput("the photo holds values that are not finite: needs 0..1")


def _from_prompt(request: Request, photo: Pixels | None) -> list[Candidate]:
    text = request.prompt or ""
    reading = read_prompt(text, photo)
    if reading.intent == "identity":
        return [Candidate(Lut.identity().titled(_title(text)), 1.0, plan=("no change was asked for",))]
    plan = (f"understood as: {_understood(reading)}",)
    notes: tuple[str, ...] = (NOTHING,) if reading.intent == "nothing" else ()
    if reading.cut:
        notes += (CUT,)
    asked, further, grey = _asked(reading), _towards_the_recipe(reading), _is_grey(reading)
    looks = [
        (_written(draw.coefficients + further, _title(text)), draw.score)
        for draw in spread_out(reading.prediction, request.count, request.seed)
    ]
    return [Candidate(_greyed(lut) if grey else lut, score, (), plan, notes, asked) for lut, score in looks]


def _is_grey(reading: Reading) -> bool:
    """Whether black and white without a tone was asked for."""
    params = params_of(reading.controls)
    tones = [params.get(f"{zone}_amount", 0.0) for zone in ("shadow", "mid", "highlight")]
    balance = abs(params.get("temperature", 0.0)) + abs(params.get("tint", 0.0))
    return params.get("saturation", 0.0) <= _GREY and max(tones) < _TONED and balance < _TONED


def _greyed(lut: Lut) -> Lut:
    """Its greys alone: 64 tokens leave a trace of colour in black and white, and a trace is seen."""
    lab = srgb_to_oklab(lut.table)
    lab[..., 1:] = 0
    return replace(lut, table=np.clip(oklab_to_srgb(lab), 0, 1).astype(np.float32))


def _towards_the_recipe(reading: Reading) -> F32:
    """(K,) what takes the look half the way to the recipe that the prompt was understood as.

    Two heads of the network answer the same question, and err differently: half-way between them more of
    the val prompts come out right than at either (docs/compact.md). A film stock is a LUT and no recipe;
    where the recipe is much the smaller of the two it is not followed.
    """
    direct = reading.prediction.look()
    understood = Lut(render_lattice(Recipe(**params_of(reading.controls, 0.02)).coefficients, _COARSE))
    recipe = _codec().coefficients(understood)
    ratio = float(np.linalg.norm(recipe)) / max(float(np.linalg.norm(direct)), 1e-6)
    follow = 0.5 * min(max((ratio - _IGNORED) / (_FOLLOWED - _IGNORED), 0.0), 1.0)
    return np.asarray((recipe - direct) * follow, np.float32)


def _from_reference(request: Request, shown: Pixels) -> list[Candidate]:
    check(shown, "reference")
    if request.photo is not None and min(request.photo.shape[:2]) >= 32:
        photo, reference = usable(request.photo, "photo"), usable(shown, "reference")
        overlay = overlap(photo, reference, request.seed)
        if overlay is not None:
            return [by_correspondence(overlay, photo, request.seed)]
    prediction = read_reference(request.photo, shown)
    seen = ("the reference shows another scene: its grade was estimated through its content",)
    return [
        Candidate(_written(draw.coefficients, "reference"), draw.score, seen)
        for draw in spread_out(prediction, request.count, request.seed)
    ]


def _on_top(first: Candidate, then: Candidate) -> Candidate:
    """One look, then another on what it has made."""
    return Candidate(
        first.lut.compose(then.lut).titled(then.lut.title),
        then.score,
        first.seen,
        (*first.plan, *then.plan),
        (*first.warnings, *then.warnings),
        first.asked | then.asked,
    )


def _written(coefficients: F32, title: str) -> Lut:
    """Coefficients -> 64 tokens -> the look that the tokens stand for."""
    codec = _codec()
    return codec.decode(codec.quantise(coefficients)).titled(title)


@cache
def _codec() -> LutCodec:
    """With a narrow beam: a prediction is not known so well that the best of all rows would matter."""
    return LutCodec(load(), width=2, finalists=1)


def _title(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else words[:59].rstrip() + "…"


def _understood(reading: Reading) -> str:
    return Recipe(**params_of(reading.controls)).describe(5)


def _asked(reading: Reading) -> frozenset[str]:
    """Which safety limits the words themselves want exceeded."""
    params = params_of(reading.controls)
    asked = set()
    if params.get("saturation", 0) <= -80:
        asked |= {"skin_hue", "plateau"}  # black and white, or toned
    if max(params.get(f"{zone}_amount", 0) for zone in ("shadow", "mid", "highlight")) >= 45:
        asked |= {"skin_hue", "tint"}
    return frozenset(asked)
