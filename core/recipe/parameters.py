"""The parameters of a recipe: the single source of names, units, ranges and meanings."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("light", "colour", "bands")

BANDS = ("red", "orange", "yellow", "green", "aqua", "blue", "purple", "magenta")
# Oklch hue of each band's centre, degrees. Red to blue are the hues people point at (skin is the
# orange band, foliage lies between yellow and green, the sky is blue), not the corners of the cube.
BAND_CENTRES = (22.0, 58.0, 100.0, 140.0, 195.0, 255.0, 300.0, 340.0)

ZONES = ("shadow", "mid", "highlight")


@dataclass(frozen=True)
class Parameter:
    """One control.

    ``low``, ``high`` : the range, inclusive. ``neutral`` : the value that changes nothing.
    ``step`` : the increment that makes sense in a user interface. ``meaning`` : one line; what
    a positive value does.
    """

    name: str
    group: str
    unit: str
    low: float
    high: float
    step: float
    meaning: str
    neutral: float = 0.0


def _percent(name: str, group: str, meaning: str, low: float = -100.0) -> Parameter:
    return Parameter(name, group, "%", low, 100.0, 1.0, meaning)


def _light() -> list[Parameter]:
    offsets = {"shadows": "1/6", "darks": "1/3", "mids": "1/2", "lights": "2/3", "highlights": "5/6"}
    return [
        Parameter(
            "exposure",
            "light",
            "EV",
            -3.0,
            3.0,
            0.05,
            "brightens in linear light; black and white stay, a shoulder protects the highlights",
        ),
        _percent("contrast", "light", "steepens the tones around middle grey"),
        _percent("highlights", "light", "brightens the bright tones; below 0 recovers them"),
        _percent("shadows", "light", "lifts the dark tones"),
        _percent("whites", "light", "brightens the tones next to white"),
        _percent("blacks", "light", "lifts the tones next to black; below 0 deepens them"),
        *(
            _percent(f"curve_{name}", "light", f"raises the tone curve around {where} of the encoded range")
            for name, where in offsets.items()
        ),
        _percent("black_fade", "light", "lifts black itself to grey, for a matte look", low=0.0),
        _percent("white_fade", "light", "lowers white itself to grey", low=0.0),
    ]


def _toning() -> list[Parameter]:
    tones = {"shadow": "dark", "mid": "middle", "highlight": "bright"}
    both = []
    for zone in ZONES:
        meaning = (
            f"hue of the tint in the {tones[zone]} tones (Oklch: 25 red, 105 yellow, 195 teal, 260 blue)"
        )
        both.append(Parameter(f"{zone}_hue", "colour", "°", 0.0, 360.0, 1.0, meaning))
        amount = f"strength of the tint in the {tones[zone]} tones; 100 is an Oklab chroma of 0.12"
        both.append(_percent(f"{zone}_amount", "colour", amount, low=0.0))
    return both


def _colour() -> list[Parameter]:
    warmer = "warms: moves the white point by so many mireds along the daylight locus"
    magenta = "turns from green to magenta; 100 moves the white point by 0.03 in CIE 1960 uv"
    return [
        Parameter("temperature", "colour", "mired", -100.0, 100.0, 1.0, warmer),
        _percent("tint", "colour", magenta),
        _percent("saturation", "colour", "strengthens all colours; -100 is black and white"),
        _percent("vibrance", "colour", "strengthens the weak colours more than the strong ones"),
        _percent("shadow_saturation", "colour", "strengthens the colours of the dark tones"),
        _percent("highlight_saturation", "colour", "strengthens the colours of the bright tones"),
        *_toning(),
    ]


def _bands() -> list[Parameter]:
    controls = []
    for number, band in enumerate(BANDS):
        after, before = BANDS[(number + 1) % 8], BANDS[number - 1]
        turn = f"turns {band} colours towards {after}; below 0 towards {before}"
        controls.append(Parameter(f"{band}_hue", "bands", "°", -45.0, 45.0, 1.0, turn))
        controls.append(_percent(f"{band}_chroma", "bands", f"strengthens {band} colours"))
        controls.append(_percent(f"{band}_lightness", "bands", f"lightens {band} colours"))
    return controls


PARAMETERS: tuple[Parameter, ...] = (*_light(), *_colour(), *_bands())
BY_NAME: dict[str, Parameter] = {p.name: p for p in PARAMETERS}
NAMES: tuple[str, ...] = tuple(BY_NAME)
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
