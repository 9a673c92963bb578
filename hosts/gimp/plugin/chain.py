"""A list of operations becomes GIMP's own filters on a layer, editable afterwards.

The list comes as JSON from gradewright (:mod:`gradewright.hosts.gimp.filters` makes it)::

    [{"operation": "gimp:curves", "name": "Gradewright: Light", "mode": null,
      "updates": [{"trc": "perceptual", "channel": "value", "curve": [256 numbers 0..1]}, ...]}, ...]

Each entry of ``updates`` is set and sent before the next: that is how one filter gets several
channels or hue ranges. ``mode`` is a blend mode, ``opacity`` 0..1; colours are lists of linear sRGB.
"""

from typing import Any

from gi.repository import Gegl, Gimp

_CHANNELS = {"value": "VALUE", "red": "RED", "green": "GREEN", "blue": "BLUE"}
_RANGES = ("ALL", "RED", "YELLOW", "GREEN", "CYAN", "BLUE", "MAGENTA")
_CURVE_SAMPLES = 256


def append(layer: Any, operations: list[dict[str, Any]]) -> list[Any]:
    """Append the operations to the layer's filters, the first one lowest; returns the filters."""
    return [_filter(layer, operation) for operation in operations]


def _filter(layer: Any, operation: dict[str, Any]) -> Any:
    made = Gimp.DrawableFilter.new(layer, operation["operation"], operation["name"])
    if made is None:
        raise ValueError("this GIMP has no filter {}".format(operation["operation"]))
    config = made.get_config()
    for update in operation["updates"]:
        for name, value in update.items():
            config.set_property(name, _value(name, value))
        made.update()
    if operation.get("mode"):
        made.set_blend_mode(getattr(Gimp.LayerMode, operation["mode"].upper()))
    made.set_opacity(operation.get("opacity", 1.0))
    made.update()
    # A filter is rendered after those that were appended before it: they are applied in order.
    layer.append_filter(made)
    return made


def _value(name: str, value: Any) -> Any:
    if name == "curve":
        return _curve(value)
    if name == "trc":
        return getattr(Gimp.TRCType, value.upper())
    if name == "channel":
        return getattr(Gimp.HistogramChannel, _CHANNELS[value])
    if name == "range":
        return getattr(Gimp.HueRange, _RANGES[value])
    if isinstance(value, list):
        return _colour(value)
    return value


def _colour(rgb: list[float]) -> Any:
    """A Gegl.Color from linear sRGB values."""
    colour = Gegl.Color.new("black")
    colour.set_rgba(*rgb, 1.0)
    return colour


def _curve(samples: list[float]) -> Any:
    """A free curve of 256 samples: what is drawn is what is computed, without a spline's overshoot."""
    curve = Gimp.Curve.new()
    curve.set_curve_type(Gimp.CurveType.FREE)
    curve.set_n_samples(_CURVE_SAMPLES)
    for position, sample in enumerate(samples):
        curve.set_sample(position / (_CURVE_SAMPLES - 1), sample)
    return curve
