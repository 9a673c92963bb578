"""Runs inside the GIMP with windows: opens the dialog, and says what the image holds after each step."""

import json
import os
import time
import traceback

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio  # noqa: E402

SHARED = os.environ["GRADEWRIGHT_SHARED"]


def call(mode, image, layer, name="words", **arguments):
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-gradewright-" + name)
    config = procedure.create_config()
    config.set_property("run-mode", mode)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [layer])
    for name, value in arguments.items():
        config.set_property(name, value)
    found = procedure.run(config)
    Gimp.displays_flush()
    status = found.index(0)
    names = {Gimp.PDBStatusType.SUCCESS: "True", Gimp.PDBStatusType.CANCEL: "cancelled"}
    told = next((name for value, name in names.items() if status == value), "False")
    return [told, *(str(found.index(i)) for i in range(1, found.length()))]


def wait(condition):
    for _ in range(240):
        if condition():
            return True
        time.sleep(0.25)
    return False


def mark(name):
    with open(os.path.join(SHARED, name), "w"):
        pass


def story():
    image, layer = opened()
    found = {"interactive": call(Gimp.RunMode.INTERACTIVE, image, layer)}
    found["title"] = image.get_layers()[0].get_name()
    mark("graded")
    found["undone"] = wait(lambda: len(image.get_layers()) == 1)
    prompt = "cold blue morning, low saturation"
    found["filters"] = call(Gimp.RunMode.NONINTERACTIVE, image, layer, prompt=prompt, output="filters")
    found["filter names"] = [made.get_name() for made in layer.get_filters()]
    mark("filtered")
    found["filters undone"] = wait(lambda: not layer.get_filters())
    mark("again")
    found["again"] = call(Gimp.RunMode.INTERACTIVE, image, layer)
    found["again title"] = image.get_layers()[0].get_name()
    # last what the dialog remembers: filters chosen
    return {**found, **grays(), **cancelled_at_work(), **editable()}


def opened():
    """The photo in a window, and its layer."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(SHARED + "/photo.png"))
    Gimp.Display.new(image)
    return image, image.get_layers()[0]


def editable():
    """The dialog with filters chosen, which fits them before one decides."""
    image, layer = opened()
    mark("editable")
    found = {"editable": call(Gimp.RunMode.INTERACTIVE, image, layer)}
    found["editable names"] = [made.get_name() for made in layer.get_filters()]
    return found


def grays():
    """Conversion and grade are one step; without the question's OK nothing happens."""
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(SHARED + "/photo.png"))
    image.convert_grayscale()
    Gimp.Display.new(image)
    (layer,) = image.get_layers()
    quiet = Gimp.RunMode.NONINTERACTIVE
    found = {"gray": call(quiet, image, layer, **{"prompt": "warm", "convert-gray": True})}
    found["gray converted"] = image.get_base_type() == Gimp.ImageBaseType.RGB and len(image.get_layers()) == 2
    mark("gray")
    gray = Gimp.ImageBaseType.GRAY
    found["gray undone"] = wait(lambda: image.get_base_type() == gray and len(image.get_layers()) == 1)
    mark("question")
    found["refused"] = call(Gimp.RunMode.INTERACTIVE, image, layer)
    found["refused type"] = image.get_base_type() == gray
    return found


def cancelled_at_work():
    """Escape in the middle of 24 megapixels."""
    image, layer = opened()
    image.scale(6000, 4000)
    mark("large")
    found = {"cancelled": call(Gimp.RunMode.INTERACTIVE, image, layer)}
    found["cancelled layers"] = len(image.get_layers()) - 1
    return found


try:
    answer = story()
except Exception:
    answer = {"failed": traceback.format_exc()}
with open(SHARED + "/answer.part", "w") as stream:
    json.dump(answer, stream)
os.rename(SHARED + "/answer.part", SHARED + "/answer.json")
