"""The Recipe value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput
from ..lut import Lut
from .knobs import to_coefficients
from .parameters import BY_NAME, GROUPS, INDEX, NAMES, PARAMETERS, Parameter
from .parse import checked, find, group_named, number
from .render import render, render_lattice

Floats = NDArray[np.floating]


class Recipe:
    """A grade as named parameters: immutable, editable by making another.

    ``Recipe()`` changes nothing, and its LUT is exactly the identity. Parameters are given by
    keyword and read as attributes: ``Recipe(exposure=0.4).exposure``. See
    :data:`~gradewright.core.recipe.parameters.PARAMETERS` for names, units and ranges.

    ``residual_de`` and ``residual_p95`` are set by :meth:`fit`: mean and 95th percentile of
    CIEDE2000 between this recipe's rendering and the LUT it was fitted to. They do not count
    in comparisons, and an edited recipe has none.

    Raises
    ------
    BadInput : an unknown name, a value out of range or not finite
    """

    _values: tuple[float, ...]
    residual_de: float | None
    residual_p95: float | None

    def __init__(
        self, *, residual_de: float | None = None, residual_p95: float | None = None, **values: float
    ) -> None:
        numbers = [p.neutral for p in PARAMETERS]
        for name, value in values.items():
            parameter = find(name, aliases=False)
            numbers[INDEX[name]] = checked(parameter, value)
        self.__dict__.update(_values=tuple(numbers), residual_de=residual_de, residual_p95=residual_p95)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Recipe is immutable; use .replaced({name}=...)")

    def __getattr__(self, name: str) -> float:
        if name in INDEX:
            return self._values[INDEX[name]]
        raise AttributeError(f"a Recipe has no parameter {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *NAMES]

    def __getitem__(self, name: str) -> float:
        return self._values[INDEX[find(name, aliases=False).name]]

    def __iter__(self) -> Iterator[str]:
        """The names of the parameters that are not neutral, in order."""
        return (p.name for p, value in zip(PARAMETERS, self._values, strict=True) if value != p.neutral)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self._values == other._values

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        return f"Recipe({', '.join(f'{name}={value:g}' for name, value in self.to_dict().items())})"

    # -- rendering

    @cached_property
    def coefficients(self) -> Floats:
        """The values as the renderer reads them, (K,) float64, read-only."""
        coefficients = to_coefficients(self._values)
        coefficients.flags.writeable = False
        return coefficients

    @property
    def is_neutral(self) -> bool:
        """Whether rendering changes nothing (the hue of a tint of no strength does not count)."""
        return not self.coefficients.any()

    def apply(self, rgb: ArrayLike) -> Floats:
        """Render sRGB-encoded colours (..., 3) in float64; the result is finite and within 0..1."""
        colours = np.asarray(rgb, np.float64)
        return render(self.coefficients, colours.reshape(-1, 3)).reshape(colours.shape)

    def to_lut(self, size: int = 33) -> Lut:
        """The recipe as a display-referred cube of ``size`` points an edge."""
        if self.is_neutral:
            return Lut.identity(size)
        Lut.identity(2).resample(size)  # refuses a size out of range before the work
        return Lut(render_lattice(self.coefficients, size), title=self._title())

    def _title(self) -> str:
        steps = self.operations()
        words = ", ".join(step["words"] for step in steps) if len(steps) <= 4 else f"{len(steps)} changes"
        return words.replace("−", "-").replace("°", " degrees")  # files want ASCII

    @classmethod
    def fit(cls, lut: Lut) -> Recipe:
        """The recipe that comes nearest to a display-referred LUT of any origin, with its residual.

        Shaper and domain are baked in first. Takes 0.1 to 0.2 s on one core.
        """
        from .fit import fit_values

        values, mean, p95 = fit_values(lut)
        named = dict(zip(NAMES, values.tolist(), strict=True))
        return cls(residual_de=mean, residual_p95=p95, **named)

    # -- editing

    def replaced(self, **values: float) -> Recipe:
        """The recipe with some values changed."""
        return Recipe(**(self.to_dict() | values))

    def only(self, *groups: str) -> Recipe:
        """The part in these groups (light, colour, bands); the rest neutral."""
        kept = {group_named(group) for group in groups}
        return Recipe(**{name: v for name, v in self.to_dict().items() if BY_NAME[name].group in kept})

    def without(self, *groups: str) -> Recipe:
        """The recipe with these groups neutral."""
        dropped = {group_named(group) for group in groups}
        return self.only(*(group for group in GROUPS if group not in dropped))

    def merged(self, other: Recipe) -> Recipe:
        """Both recipes in one; where both set a parameter, ``other`` wins."""
        return Recipe(**(self.to_dict() | other.to_dict()))

    def scaled(self, strength: float) -> Recipe:
        """Every parameter at ``strength`` (0..1) of its value; the hues of tints stay."""
        if not 0 <= strength <= 1:
            raise BadInput(f"strength {strength} is out of range: 0..1")
        angles = {p.name for p in PARAMETERS if p.unit == "°" and p.group == "colour"}
        return Recipe(**{name: v if name in angles else v * strength for name, v in self.to_dict().items()})

    # -- reading and writing

    @classmethod
    def parse(cls, settings: Mapping[str, str | float]) -> Recipe:
        """Read settings as people type them: ``{"ev": "+0.5", "orange_sat": "−20"}``.

        Aliases, units ("0.3 ev", "50%"), signs and the typographic minus are understood.

        Raises
        ------
        BadInput : an unknown name (with the nearest known one), a value that is no number, has
            a decimal comma or another parameter's unit, or is out of range; one parameter set twice
        """
        values: dict[str, float] = {}
        for name, text in settings.items():
            parameter: Parameter = find(name)
            if parameter.name in values:
                raise BadInput(f"{name}: {parameter.name} is set twice; give it once")
            values[parameter.name] = number(parameter, text)
        return cls(**values)

    def to_dict(self) -> dict[str, float]:
        """The values that are not neutral, by name, in the order of PARAMETERS."""
        return {name: self._values[INDEX[name]] for name in self}

    def to_json(self) -> str:
        """The recipe as JSON, versioned; see :mod:`~gradewright.core.recipe.serial`."""
        from .serial import dumps

        return dumps(self)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read what :meth:`to_json` writes. Raises BadInput for anything else."""
        from .serial import loads

        return loads(text)

    # -- words

    def operations(self) -> tuple[dict[str, Any], ...]:
        """The steps that matter, in order: group, parameter, value, unit, words."""
        from .words import operations

        return operations(self)

    def describe(self, limit: int = 12) -> str:
        """The grade in words, its ``limit`` most visible changes; "no change" when there is none."""
        from .words import describe

        return describe(self, limit)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.to_dict(), self.residual_de, self.residual_p95)


def _rebuilt(values: dict[str, float], mean: float | None, p95: float | None) -> Recipe:
    return Recipe(residual_de=mean, residual_p95=p95, **values)
