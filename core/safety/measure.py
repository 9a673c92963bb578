"""What a display-referred LUT does to a picture, in figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..colour import srgb_to_lab
from ..interp import tetrahedral
from ..lut import Lut
from .geometry import lattice_figures
from .probes import GRADIENTS, GREYS, all_gradients, skin_colours

F64 = NDArray[np.float64]
_HUELESS = 8.0  # below this L*a*b* chroma the eye hardly names a hue, and the angle is noise


@dataclass(frozen=True)
class SafetyReport:
    """Figures of one LUT. Units are in the names: L*, a*, b* are CIE 1976 under D65, ``codes`` are
    8-bit steps, a ``share`` is 0..1. The identity has zeros, gains of 1 and L* of 0 and 100.

    Parameters
    ----------
    overshoot_codes : how far the table leaves 0..1
    neutral_reversal_lstar, neutral_reversal_share : deepest fall of the grey ramp below a darker
        grey; share of 8-bit steps that get darker
    fold_share, fold_photo_share : share of interpolation tetrahedra turned inside out, over the
        lattice, and weighted like the colours of a photo
    axis_reversal_share : share of lattice steps where a channel falls while its input rises
    gradient_kink_codes : largest jump between neighbouring slopes along the photo-like gradients,
        beyond the bend of a smooth curve; ``kink_gradient`` says where
    roughness_codes, roughness_p99_codes : mean and 99th percentile of |second difference| over the
        lattice, per step of a 33^3 lattice
    spike_codes : how far the worst lattice point sticks out of its neighbours on all three axes
    neutral_gain_max_codes, gain_max_codes : what one input code becomes, along grey, and along the
        worst lattice edge
    plateau_share : share of cells that become one single colour
    clip_photo_share, clip_lattice_share : share of colours with a channel at 0 or 1, weighted like a
        photo, and over the lattice without its faces
    crushed_photo_share : photo-weighted share that becomes pure black or white
    skin_hue_mean_degrees, skin_hue_max_degrees, skin_hue_signed_degrees : turn of the skin hues;
        signed means towards yellow (+) or red (-)
    skin_chroma_ratio : chroma of skin after, over before
    neutral_tint_max_ab, neutral_tint_swing_ab : largest chroma of a grey; largest change of tint
        within 16 codes of grey
    contrast_mid : dL*/dL* at L* 50
    black_lstar, white_lstar : where black and white land
    """

    overshoot_codes: float
    neutral_reversal_lstar: float
    neutral_reversal_share: float
    fold_share: float
    fold_photo_share: float
    axis_reversal_share: float
    gradient_kink_codes: float
    roughness_codes: float
    roughness_p99_codes: float
    spike_codes: float
    neutral_gain_max_codes: float
    gain_max_codes: float
    plateau_share: float
    clip_photo_share: float
    clip_lattice_share: float
    crushed_photo_share: float
    skin_hue_mean_degrees: float
    skin_hue_max_degrees: float
    skin_hue_signed_degrees: float
    skin_chroma_ratio: float
    neutral_tint_max_ab: float
    neutral_tint_swing_ab: float
    contrast_mid: float
    black_lstar: float
    white_lstar: float
    tint_shadows_ab: tuple[float, float]
    tint_mids_ab: tuple[float, float]
    tint_highlights_ab: tuple[float, float]
    kink_gradient: str

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON-ready values, rounded to five decimals."""
        return {
            name: round(value, 5) if isinstance(value, float) else _plain(value)
            for name, value in asdict(self).items()
        }

    @property
    def span_lstar(self) -> float:
        """L* between black and white."""
        return self.white_lstar - self.black_lstar


FIGURES = tuple(f.name for f in fields(SafetyReport))


def measure(lut: Lut) -> SafetyReport:
    """Measure a display-referred sRGB LUT; one with a shaper or a domain is flattened first.

    About 6 ms for 33^3. Values outside 0..1 count as overshoot and are clamped for the rest,
    which is what a screen does with them.
    """
    raw = lut.flatten().table
    overshoot = max(float(raw.max()) - 1, -float(raw.min()), 0.0) * 255
    table = np.clip(raw, 0, 1) if overshoot else raw
    gradients, skin_in = all_gradients(), skin_colours()
    probes = np.concatenate([gradients.reshape(-1, 3), skin_in])
    sampled = tetrahedral(table, probes).astype(np.float64)
    count = len(probes) - len(skin_in)
    figures: dict[str, Any] = {
        "overshoot_codes": overshoot,
        **lattice_figures(table),
        **_neutral_figures(table),
        **_kinks(gradients, sampled[:count].reshape(gradients.shape)),
        **_skin_figures(skin_in, sampled[count:]),
    }
    return SafetyReport(**figures)


def grey_curve(table: NDArray[np.floating], inputs: F64 = GREYS) -> F64:
    """(n, 3) output for grey inputs (n,); on the diagonal tetrahedral interpolation is linear."""
    where = np.arange(table.shape[0])
    diagonal = table[where, where, where].astype(np.float64)
    nodes = where / (table.shape[0] - 1)
    return np.stack([np.interp(inputs, nodes, diagonal[:, c]) for c in range(3)], axis=-1)


def _reversal_lstar(light: NDArray[np.floating]) -> float:
    """Deepest fall below an earlier value; under 0.01 L* it is the rounding of a 10-bit file."""
    fall = float((np.maximum.accumulate(light) - light).max())
    return fall if fall > 0.01 else 0.0


def _neutral_figures(table: NDArray[np.floating]) -> dict[str, Any]:
    curve, size = grey_curve(table), table.shape[0]
    lab, lab_in = srgb_to_lab(curve), _grey_lab()
    light, tint = lab[:, 0], lab[:, 1:]
    # The turning points are lattice points, which 8-bit codes may step over: look at both.
    nodes = srgb_to_lab(grey_curve(table, np.linspace(0, 1, size)))[:, 0]
    swing = np.linalg.norm(tint[16:] - tint[:-16], axis=-1)
    middle = int(np.argmin(np.abs(lab_in[:, 0] - 50)))
    near = slice(middle - 6, middle + 7)
    slope = np.polyfit(lab_in[near, 0], light[near], 1)[0]
    return {
        "neutral_reversal_lstar": max(_reversal_lstar(light), _reversal_lstar(nodes)),
        "neutral_reversal_share": float((np.diff(light) < -0.005).mean()),
        "neutral_gain_max_codes": float(np.abs(np.diff(curve, axis=0)).max() * 255),
        "neutral_tint_max_ab": _quiet(float(np.linalg.norm(tint, axis=-1).max())),
        "neutral_tint_swing_ab": _quiet(float(swing.max())),
        "contrast_mid": float(slope),
        "black_lstar": _quiet(float(light[0])),
        "white_lstar": float(light[-1]),
        **{
            f"tint_{name}_ab": tuple(float(v) for v in np.round(tint[part].mean(axis=0), 3) + 0.0)
            for name, part in (
                ("shadows", slice(38, 77)),
                ("mids", slice(102, 153)),
                ("highlights", slice(191, 242)),
            )
        },
    }


def _quiet(value: float) -> float:
    """Zero instead of the 1e-5 that the rounding of the sRGB matrix leaves on neutrals."""
    return value if abs(value) > 1e-3 else 0.0


def _grey_lab() -> F64:
    return srgb_to_lab(np.repeat(GREYS[:, None], 3, axis=1)).astype(np.float64)


def _kinks(before: F64, after: F64) -> dict[str, Any]:
    """The largest slope jump that the neighbouring slopes do not announce, per gradient.

    Second differences of the change, less their running mean over five: a strong but smooth
    contrast curve bends everywhere a little and scores low, a step or a corner scores high.
    """
    bend = np.diff(after - before, n=2, axis=1)
    padded = np.pad(bend, ((0, 0), (2, 2), (0, 0)), mode="edge")
    smooth = sum(padded[:, k : k + bend.shape[1]] for k in range(5)) / 5
    worst = np.abs(bend - smooth).max(axis=(1, 2)) * 255
    index = int(worst.argmax())
    return {"gradient_kink_codes": _quiet(float(worst[index])), "kink_gradient": GRADIENTS[index]}


def _skin_figures(skin_in: F64, skin_out: F64) -> dict[str, float]:
    before, after = srgb_to_lab(skin_in)[:, 1:], srgb_to_lab(skin_out)[:, 1:]
    turn = hue_turn_degrees(before, after)
    chroma_in, chroma_out = np.linalg.norm(before, axis=-1), np.linalg.norm(after, axis=-1)
    return {
        "skin_hue_mean_degrees": _quiet(float(np.abs(turn).mean())),
        "skin_hue_max_degrees": _quiet(float(np.abs(turn).max())),
        "skin_hue_signed_degrees": _quiet(float(turn.mean())),
        "skin_chroma_ratio": float((chroma_out / chroma_in).mean()),
    }


def hue_turn_degrees(before: NDArray[np.floating], after: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n,) signed turn of hue from a*b* (n, 2) to a*b* (n, 2); fades out below a chroma of 8."""
    turn = np.degrees(np.arctan2(after[:, 1], after[:, 0]) - np.arctan2(before[:, 1], before[:, 0]))
    turn = (turn + 180) % 360 - 180
    return turn * np.clip(np.linalg.norm(after, axis=-1) / _HUELESS, 0, 1)


def _plain(value: Any) -> Any:
    return [round(v, 5) for v in value] if isinstance(value, tuple) else value
