"""Runs inside GIMP: every procedure, and both results, on every kind of image.

Before and after go into the shared folder as ``every-KIND-...``; nothing is judged here.
"""

from gi.repository import Gimp, Gio
from inside_tools import at, call, dump, dump_shown, plain

PROMPT = "warm golden hour, lifted teal shadows"
PROCEDURES = {
    "words": {"prompt": PROMPT},
    "match": {"file": "reference.png"},
    "auto": {},
    "look": {"file": "portrait.cube"},
}


def deep(name):
    """Another precision."""

    def make(image):
        image.convert_precision(getattr(Gimp.Precision, name))

    return make


def profiled(name, precision=None):
    """Another profile, the colours kept."""

    def make(image):
        if precision:
            deep(precision)(image)
        profile = Gimp.ColorProfile.new_from_file(Gio.File.new_for_path(at(name)))
        image.convert_color_profile(profile, Gimp.ColorRenderingIntent.RELATIVE_COLORIMETRIC, False)

    return make


def with_alpha(image):
    image.get_layers()[0].add_alpha()


def grouped(image):
    (layer,) = image.get_layers()
    parent = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(parent, None, 0)
    image.reorder_item(layer, parent, 0)


def selected(image):
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 16, 40, 30)


KINDS = {
    "u8": lambda image: None,
    "u16": deep("U16_NON_LINEAR"),
    "u32-linear": deep("U32_LINEAR"),
    "float": deep("FLOAT_NON_LINEAR"),
    "float-linear": deep("FLOAT_LINEAR"),
    "alpha": with_alpha,
    "gray": lambda image: image.convert_grayscale(),
    "group": grouped,
    "selection": selected,
    "adobe-u8": profiled("adobe.icc"),
    "adobe-float": profiled("adobe.icc", "FLOAT_NON_LINEAR"),
}


def opened(kind):
    """The small photo as an image of that kind; its top item is the drawable."""
    file = Gio.File.new_for_path(at("small.png"))
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
    KINDS[kind](image)
    return image, image.get_layers()[0]


def run():
    """Kind -> what each procedure answered."""
    found = {}
    for kind in KINDS:
        image, drawable = opened(kind)
        dump(drawable, f"every-{kind}-before.f32")
        form = "R'G'B'A u8" if drawable.has_alpha() else "R'G'B' u8"
        dump(drawable, f"every-{kind}-proxy.u8", form)
        explained = call("explain", image, drawable)
        image.delete()
        answers = {name: layer_of(kind, name) for name in PROCEDURES}
        found[kind] = {**answers, "filters": filters_of(kind), "explain": plain(explained)}
    return found


def arguments_of(name):
    given = dict(PROCEDURES[name], convert_gray=True)
    return {**given, "file": at(given["file"])} if "file" in given else given


def layer_of(kind, name):
    image, drawable = opened(kind)
    done = call(name, image, drawable, **arguments_of(name))
    if done["ok"]:
        dump(done["values"][0], f"every-{kind}-{name}.f32")
    answer = {**plain(done), "layers": len(image.get_layers())}
    image.delete()
    return answer


def filters_of(kind):
    """The look as filters: what the whole image looks like."""
    image, drawable = opened(kind)
    dump_shown(image, f"every-{kind}-shown.f32")
    done = call("look", image, drawable, output="filters", **arguments_of("look"))
    dump_shown(image, f"every-{kind}-filters.f32")
    answer = {**plain(done), "filters": len(drawable.get_filters())}
    image.delete()
    return answer
