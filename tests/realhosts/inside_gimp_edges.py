"""Runs inside GIMP: layers that are more than a rectangle of pixels, and places where no grade can go.

Reads order.json, writes answer.json, and what the images show before and after; nothing is judged here.
"""

import json
import os
import sys
import traceback

SHARED = os.environ["GRADEWRIGHT_SHARED"]
with open(SHARED + "/order.json") as stream:
    ORDER = json.load(stream)
sys.path.insert(0, ORDER["scripts"])

from gi.repository import Gegl, Gimp, Gio  # noqa: E402 - found through the path above
from inside_tools import at, call, dump_shown, plain  # noqa: E402

REPLACE = Gimp.ChannelOps.REPLACE


def opened():
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(at("small.png")))
    return image, image.get_layers()[0]


def grouped():
    image, layer = opened()
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    return image, group


def masked(image, layer):
    """The left half is covered by the mask; below lies white."""
    size = image.get_width(), image.get_height()
    white = Gimp.Layer.new(image, "white", *size, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(white, None, 1)
    white.fill(Gimp.FillType.WHITE)
    mask = layer.create_mask(Gimp.AddMaskType.WHITE)
    layer.add_mask(mask)
    buffer = mask.get_buffer()
    half = Gegl.Rectangle.new(0, 0, size[0] // 2, size[1])
    buffer.set(half, "Y' u8", bytes([ORDER["mask"]]) * (size[0] // 2 * size[1]))
    buffer.flush()
    mask.update(0, 0, *size)
    return image, layer


def filtered(image, layer):
    """A filter of the user's own, which makes parts of the picture brighter than white."""
    own = Gimp.DrawableFilter.new(layer, "gegl:exposure", "mine")
    own.get_config().set_property("exposure", 2.0)
    own.update()
    layer.append_filter(own)
    return image, layer


def floating():
    image, layer = opened()
    image.select_rectangle(REPLACE, 5, 5, 30, 30)
    Gimp.Selection.float(image, [layer], 0, 0)
    return image, layer


def beside_the_selection():
    image, layer = opened()
    layer.set_offsets(60, 0)
    image.select_rectangle(REPLACE, 0, 0, 20, 20)
    return image, layer


def one_pixel():
    image = Gimp.Image.new(1, 1, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "x", 1, 1, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.WHITE)
    return image, layer


def linked():
    """GIMP 3.2 has layers that are another file, rendered anew when it changes."""
    image, _ = opened()
    layer = Gimp.LinkLayer.new(image, Gio.File.new_for_path(at("small.png")))
    image.insert_layer(layer, None, 0)
    return image, layer


def locked():
    image, layer = opened()
    for what in ("content", "position", "alpha"):
        getattr(layer, "set_lock_" + what)(True)
    return image, layer


CASES = {
    "layer mask": lambda: masked(*opened()),
    "group mask": lambda: masked(*grouped()),
    "filtered": lambda: filtered(*opened()),
    "filtered group": lambda: filtered(*grouped()),
    "filtered masked group": lambda: filtered(*masked(*grouped())),
    "floating": floating,
    "beside the selection": beside_the_selection,
    "one pixel": one_pixel,
    "locked": locked,
    **({"linked": linked} if Gimp.MINOR_VERSION >= 2 else {}),
}


def run(case, output):
    image, drawable = CASES[case]()
    dump_shown(image, f"{case}-{output}-before.f32")
    done = call("look", image, drawable, file=at("look.cube"), output=output)
    dump_shown(image, f"{case}-{output}-after.f32")
    layers = image.get_layers()
    answer = {
        **plain(done),
        "layers": len(layers),
        "visible": [layer.get_visible() for layer in layers],
        "rasterized": not hasattr(layers[0], "is_rasterized") or bool(layers[0].is_rasterized()),
        "filters": [made.get_name() for made in drawable.get_filters()],
    }
    image.delete()
    return answer


def explained():
    """What the critic says of a picture with a filter, and of its pixels without."""
    found = {}
    for name, make in (("filtered", CASES["filtered"]), ("plain", opened)):
        image, drawable = make()
        found[name] = call("explain", image, drawable)["values"][1]
        image.delete()
    return found


try:
    answer = {case: {output: run(case, output) for output in ("layer", "filters")} for case in CASES}
    answer["explained"] = explained()
except Exception:
    answer = {"failed": traceback.format_exc()}
with open(SHARED + "/answer.part", "w") as stream:
    json.dump(answer, stream)
os.rename(SHARED + "/answer.part", SHARED + "/answer.json")
