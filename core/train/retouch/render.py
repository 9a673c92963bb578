"""The torch twin of :mod:`gradewright.core.recipe.render`: same numbers, differentiable in every parameter.

Stages that the numpy renderer skips where they are neutral run here always: on a neutral value they are the
identity, and a gradient must be able to leave it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ...recipe import bands, chroma, gamut, tone
from ...recipe.parameters import BANDS, INDEX, ZONES
from .colour import decode, encode, linear_to_oklab, luma, oklab_balance, oklab_to_linear

_BLACK = 1e-12  # under a power whose exponent is differentiated too


class Knobs:
    """Coefficients (B, K) as the stages read them, see :class:`gradewright.core.recipe.knobs.Knobs`."""

    def __init__(self, coefficients: Tensor) -> None:
        self.coefficients = coefficients

    def flat(self, name: str) -> Tensor:
        """(B, 1)."""
        return self.coefficients[:, INDEX[name], None]

    def wide(self, name: str) -> Tensor:
        """(B, 1, 1)."""
        return self.coefficients[:, INDEX[name], None, None]


def render(coefficients: Tensor, rgb: Tensor) -> Tensor:
    """Render sRGB-encoded colours (n, 3) or (B, n, 3), clamped to 0..1, by coefficients (B, K).

    Returns (B, n, 3) within 0..1, at most 1e-5 from the numpy renderer.
    """
    knobs = Knobs(coefficients)
    toned = _tone(knobs, rgb.clamp(0, 1).expand(len(coefficients), -1, -1))
    linear = decode(toned)
    before = linear_to_oklab(linear)
    lab = _bands(knobs, linear_to_oklab(_relight(knobs, linear)))
    lab = _colour(knobs, lab)
    light, light_before = lab[..., 0].clamp(0, 1), before[..., 0].clamp(0, 1)
    return _into_gamut(encode(oklab_to_linear(lab)), light, toned, light_before).clamp(0, 1)


def _tone(knobs: Knobs, v: Tensor) -> Tensor:
    v = encode(_expose(decode(v), knobs.wide("exposure")))
    v = _contrast(v, torch.exp(tone._CONTRAST / 100 * knobs.wide("contrast")))
    for name, low, high in (("blacks", 1, 6), ("whites", 6, 1)):
        v = v + tone._END / 100 * knobs.wide(name) * _bump(v, low, high)
    v = _bend(v, [tone._SPACING / 200 * knobs.wide(name) for name in tone.CURVE])
    floor, drop = (tone._FADE / 100 * knobs.wide(name) for name in ("black_fade", "white_fade"))
    return floor + (1 - floor - drop) * v


def _expose(linear: Tensor, ev: Tensor) -> Tensor:
    n = 2.25 + 0.75 * torch.tanh(ev)
    gain = torch.exp2(ev)
    return gain * linear * (1 + (gain**n - 1) * linear.clamp_min(_BLACK) ** n) ** (-1 / n)


def _contrast(v: Tensor, power: Tensor) -> Tensor:
    toe = tone._TOE
    pivot = (tone.PIVOT + toe) / (1 + 2 * toe)

    def sigmoid(x: Tensor) -> Tensor:
        inside = (x + toe) / (1 + 2 * toe)
        return 1 / (1 + ((1 - inside) / inside * (pivot / (1 - pivot))) ** power * ((1 - pivot) / pivot))

    low, high = sigmoid(torch.zeros_like(power)), sigmoid(torch.ones_like(power))
    return (sigmoid(v.clamp(0, 1)) - low) / (high - low)


def _bump(v: Tensor, low: int, high: int) -> Tensor:
    top = low / (low + high)
    return v**low * (1 - v) ** high / (top**low * (1 - top) ** high)


def _bspline(x: Tensor) -> Tensor:
    size = x.abs()
    near, far = (1 - size).clamp_min(0), (2 - size).clamp_min(0)
    return (far**3 - 4 * near**3) / 6


def _bend(v: Tensor, offsets: list[Tensor]) -> Tensor:
    bent, step, last = v, tone._SPACING, len(offsets) - 1
    for number, offset in enumerate(offsets):
        centre = (number + 1) * step
        shape = _bspline((v - centre) / step)
        if number == 0:
            shape = shape - _bspline((v + centre) / step)
        if number == last:
            shape = shape - _bspline((v - 2 + centre) / step)
        bent = bent + offset * shape
    return bent


def _relight(knobs: Knobs, linear: Tensor) -> Tensor:
    squares, cubes = (linear**2).sum(-1), (linear**3).sum(-1)
    amount = 0.5 * (luma(linear) + cubes / squares.clamp_min(tone._DARKEST))
    v = start = encode(amount)
    for name, low, high in tone.ZONES:
        v = v + tone._ZONE / 100 * knobs.flat(name) * _bump(v, low, high)
    gain = torch.where(start > tone._DARKEST, decode(v) / amount.clamp_min(tone._DARKEST), 1.0)
    return linear * gain[..., None]


def _bands(knobs: Knobs, lab: Tensor) -> Tensor:
    light, a, b = lab.unbind(-1)
    chroma2 = a * a + b * b
    strength = chroma2 / (chroma2 + bands._FADE**2)
    grey = chroma2 < 1e-14  # there the hue is undefined, and the strength is 0
    hue = torch.rad2deg(torch.atan2(b, torch.where(grey, torch.ones_like(a), a))) % 360
    centres = torch.as_tensor(bands._CENTRES, dtype=lab.dtype)
    index = torch.searchsorted(centres[1:-1].contiguous(), hue.detach().contiguous(), right=True)
    fraction = (hue - centres[index]) / (centres[index + 1] - centres[index])
    weight = fraction * fraction * (3 - 2 * fraction)

    def blend(control: str, unit: float) -> Tensor:
        values = unit * torch.cat(
            [knobs.flat(f"{BANDS[i]}_{control}") for i in (-1, *range(8), 0)], -1
        )  # (B, 10)
        first, then = values.gather(1, index), values.gather(1, index + 1)
        return first + weight * (then - first)

    gain = 1 + strength * blend("chroma", 0.01)
    turn = strength * blend("hue", torch.pi / 180)
    light = light + strength * blend("lightness", 0.01 * bands._LIGHTNESS) * light * (1.3 - light)
    cos, sin = gain * torch.cos(turn), gain * torch.sin(turn)
    return torch.stack([light, a * cos - b * sin, a * sin + b * cos], -1)


def _colour(knobs: Knobs, lab: Tensor) -> Tensor:
    temperature, tint = (
        torch.as_tensor(gains, dtype=lab.dtype) for gains in (chroma._TEMPERATURE, chroma._TINT)
    )
    lab = oklab_balance(lab, knobs.wide("temperature") * temperature + knobs.wide("tint") * tint)
    light, a, b = lab.unbind(-1)
    dark, bright = 1 - _smooth((light - 0.10) / 0.55), _smooth((light - 0.45) / 0.55)
    gain = 1 + 0.01 * knobs.flat("saturation")
    gain = gain * (1 + 0.01 * knobs.flat("vibrance") * torch.exp(-(a * a + b * b) / chroma._WEAK**2))
    for name, window in (("shadow_saturation", dark), ("highlight_saturation", bright)):
        gain = gain * (1 + 0.01 * knobs.flat(name) * window)
    a, b = gain * a, gain * b
    for zone, window in zip(ZONES, (dark, 1 - dark - bright, bright), strict=True):
        a = a + 0.01 * chroma._TINT_CHROMA * knobs.flat(f"{zone}_hue") * window
        b = b + 0.01 * chroma._TINT_CHROMA * knobs.flat(f"{zone}_amount") * window
    return torch.stack([light, a, b], -1)


def _smooth(x: Tensor) -> Tensor:
    x = x.clamp(0, 1)
    return x * x * (3 - 2 * x)


def _into_gamut(encoded: Tensor, light: Tensor, before: Tensor, light_before: Tensor) -> Tensor:
    grey = _anchor(light)
    reach = _reach(encoded, grey)
    knee = torch.minimum(_reach(before, _anchor(light_before)).clamp_min(gamut._KNEE), torch.ones_like(grey))
    over, room = (reach - knee).clamp_min(0), 1 - knee
    compressed = knee + over * room / (over + room + 1e-12)
    scale = torch.where(over > 0, compressed / reach.clamp_min(1e-12), 1.0)
    return grey[..., None] + scale[..., None] * (encoded - grey[..., None])


def _anchor(light: Tensor) -> Tensor:
    grey = encode(light**3)
    return grey + gamut._DRAW * (0.5 - grey)


def _reach(encoded: Tensor, grey: Tensor) -> Tensor:
    up = (encoded.amax(-1) - grey) / (1 - grey)
    down = (grey - encoded.amin(-1)) / grey
    return torch.maximum(up, down)
