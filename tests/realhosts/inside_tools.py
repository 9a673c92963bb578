"""What the scripts that run inside GIMP share: images, calls of procedures, pixels to files and back."""

import os
import time

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp, Gio  # noqa: E402

SHARED = os.environ["GRADEWRIGHT_SHARED"]
RGB, RGBA = "R'G'B' float", "R'G'B'A float"


def at(name):
    return os.path.join(SHARED, name)


def read(path):
    with open(path, "rb") as stream:
        return stream.read()


def call(name, image, drawable, **arguments):
    """A procedure as scripts call it: its status, values and message."""
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-gradewright-" + name)
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [drawable])
    for key, value in arguments.items():
        value = Gio.File.new_for_path(value) if key == "file" else value
        config.set_property(key.replace("_", "-"), value)
    started = time.time()
    found = procedure.run(config)
    ok = found.index(0) == Gimp.PDBStatusType.SUCCESS
    values = [found.index(i) for i in range(1, found.length())]
    # What GIMP itself refuses is told only here, and not by get_last_error().
    told = next((value for value in values if isinstance(value, str)), Gimp.get_pdb().get_last_error())
    message = "" if ok else str(told)
    return {"ok": bool(ok), "values": values, "message": message, "seconds": time.time() - started}


def plain(done):
    """What of an answer JSON can hold."""
    values = [value if isinstance(value, (int, float, str)) else None for value in done["values"]]
    return {**done, "values": values}


def fill(layer, name, size, form):
    buffer = layer.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, *size), form, read(at(name)))
    buffer.flush()
    layer.update(0, 0, *size)


def dump(drawable, name, form=RGBA):
    rectangle = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    with open(at(name), "wb") as out:
        out.write(bytes(drawable.get_buffer().get(rectangle, 1.0, form, Gegl.AbyssPolicy.NONE)))


def dump_shown(image, name):
    """What the whole image looks like."""
    copy = image.duplicate()
    dump(copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE), name)
    copy.delete()


def new_image(size, precision, alpha=False, base="RGB", picture="picture", profile=None):
    """An image of one layer, filled with a picture of the shared folder."""
    image = Gimp.Image.new_with_precision(*size, getattr(Gimp.ImageBaseType, base), precision)
    if profile:
        image.set_color_profile(Gimp.ColorProfile.new_from_file(Gio.File.new_for_path(at(profile))))
    kind = getattr(Gimp.ImageType, base + ("A_IMAGE" if alpha else "_IMAGE"))
    layer = Gimp.Layer.new(image, "photo", *size, kind, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    fill(layer, picture + ("-alpha.f32" if alpha else ".f32"), size, RGBA if alpha else RGB)
    return image, layer


def photo():
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(at("photo.png")))
    return image, image.get_layers()[0]
