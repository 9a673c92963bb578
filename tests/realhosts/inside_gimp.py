"""Runs inside GIMP (python-fu-eval): calls the procedures on many kinds of image and dumps what comes of it.

Reads order.json, writes answer.json and raw pixels (float32, sRGB-encoded) into the shared folder.
Nothing is judged here.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback

SHARED = os.environ["GRADEWRIGHT_SHARED"]
with open(SHARED + "/order.json") as stream:
    ORDER = json.load(stream)
sys.path.insert(0, ORDER["scripts"])

import inside_gimp_kinds  # noqa: E402 - found through the path above
from gi.repository import Gegl, Gimp, Gio  # noqa: E402
from inside_tools import RGB, at, call, dump, dump_shown, photo, plain, read  # noqa: E402
from inside_tools import new_image as image_of_size  # noqa: E402

P = Gimp.Precision


def new_image(precision, **options):
    return image_of_size(ORDER["size"], precision, **options)


KINDS = {
    "u8": (P.U8_NON_LINEAR, {}),
    "u8-alpha": (P.U8_NON_LINEAR, {"alpha": True}),
    "u8-linear": (P.U8_LINEAR, {}),
    "u16": (P.U16_NON_LINEAR, {}),
    "u16-linear": (P.U16_LINEAR, {"alpha": True}),
    "u32": (P.U32_NON_LINEAR, {}),
    "half": (P.HALF_NON_LINEAR, {}),
    "float": (P.FLOAT_NON_LINEAR, {}),
    "float-linear": (P.FLOAT_LINEAR, {"alpha": True}),
    "adobe-u8": (P.U8_NON_LINEAR, {"profile": "adobe.icc"}),
    "adobe-u16": (P.U16_NON_LINEAR, {"profile": "adobe.icc"}),
    "wide-float": (P.FLOAT_NON_LINEAR, {"profile": "wide.icc", "alpha": True}),
    "adobe-float": (P.FLOAT_NON_LINEAR, {"profile": "adobe.icc", "alpha": True}),
}


def kinds():
    """The look on every kind of image; before and after are dumped."""
    found = {}
    for name, (precision, options) in KINDS.items():
        image, layer = new_image(precision, **options)
        dump(layer, name + "-before.f32")
        done = call("look", image, layer, file=at("look.cube"))
        if done["ok"]:
            dump(done["values"][0], name + "-after.f32")
        layers = image.get_layers()
        found[name] = {**plain(done), "layers": len(layers), "visible": [x.get_visible() for x in layers]}
        image.delete()
    return found


def selection():
    image, layer = new_image(P.U16_NON_LINEAR)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 8, 30, 20)
    done = call("look", image, layer, file=at("look.cube"))
    dump(done["values"][0], "selection-after.f32")
    image.delete()
    return plain(done)


def group():
    image, layer = new_image(P.U16_NON_LINEAR)
    parent = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(parent, None, 0)
    image.reorder_item(layer, parent, 0)
    done = call("look", image, parent, file=at("look.cube"))
    dump(done["values"][0], "group-after.f32")
    above = image.get_item_position(done["values"][0]) < image.get_item_position(parent)
    image.delete()
    return {**plain(done), "above": above}


def gray():
    image, layer = new_image(P.U8_NON_LINEAR, base="GRAY")
    dump(layer, "gray-before.f32")
    refused = call("look", image, layer, file=at("look.cube"))
    still = image.get_base_type() == Gimp.ImageBaseType.GRAY
    done = call("look", image, layer, file=at("look.cube"), convert_gray=True)
    dump(done["values"][0], "gray-after.f32")
    now = image.get_base_type() == Gimp.ImageBaseType.RGB
    image.delete()
    return {"refused": plain(refused), "still": bool(still), "done": plain(done), "converted": bool(now)}


def filtered_layer():
    """A layer with a filter of the user's own: the grade sees what is shown."""
    image, layer = new_image(P.FLOAT_NON_LINEAR)
    own = Gimp.DrawableFilter.new(layer, "gegl:exposure", "mine")
    config = own.get_config()
    config.set_property("exposure", -0.5)
    own.update()
    layer.append_filter(own)
    dump_shown(image, "filtered-before.f32")
    done = call("look", image, layer, file=at("look.cube"))
    dump(done["values"][0], "filtered-after.f32")
    kept = len(layer.get_filters())
    image.delete()
    return {**plain(done), "kept": kept}


def procedures():
    """Every procedure by prompt, reference and so on; what is wrong is refused and changes nothing."""
    found = {}
    orders = {
        "words": ("words", {"prompt": "warm golden hour, lifted teal shadows"}),
        "awkward": ("words", {"prompt": "teal & orange; \"quoted\" 'x' $(rm)\n\tünïcode 🎞️ `y` \\ %s"}),
        "second": ("words", {"prompt": "warm golden hour, lifted teal shadows", "variation": 2}),
        "half": ("words", {"prompt": "warm golden hour, lifted teal shadows", "strength": 0.5}),
        "match": ("match", {"file": at("reference.png")}),
        "auto": ("auto", {}),
        "no-prompt": ("words", {"prompt": " \n"}),
        "no-reference": ("match", {}),
        "missing": ("match", {"file": at("missing.png")}),
        "corrupt": ("match", {"file": at("corrupt.png")}),
        "corrupt-look": ("look", {"file": at("corrupt.cube")}),
    }
    for name, (kind, arguments) in orders.items():
        image, layer = photo()
        done = call(kind, image, layer, **arguments)
        layers = image.get_layers()
        found[name] = {**plain(done), "layers": len(layers), "title": layers[0].get_name()}
        if done["ok"]:
            dump(done["values"][0], "p-" + name + ".f32", RGB)
        image.delete()
    image, layer = photo()
    found["explain"] = {**plain(call("explain", image, layer)), "layers": len(image.get_layers())}
    image.delete()
    return found


def filters():
    """Each look as filters: what is shown, before and after a round through XCF."""
    found = {}
    for name in ORDER["looks"]:
        image, layer = photo()
        done = call("look", image, layer, file=at(name + ".cube"), output="filters")
        names = [[f.get_name(), f.get_operation_name()] for f in layer.get_filters()]
        dump_shown(image, name + "-filters.f32")
        found[name] = {**plain(done), "filters": names, "layers": len(image.get_layers())}
        if name == ORDER["looks"][0]:
            file = Gio.File.new_for_path(at("saved.xcf"))
            Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
            again = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)
            dump_shown(again, name + "-reloaded.f32")
            reloaded = again.get_layers()[0].get_filters()
            found[name]["reloaded"] = [[f.get_name(), f.get_operation_name()] for f in reloaded]
            for made in reloaded:
                made.set_visible(False)
            dump_shown(again, name + "-hidden.f32")
            again.delete()
        image.delete()
    return found


def probes():
    """Chains of operations on the lattice, for the models."""
    import importlib.util

    path = os.path.join(ORDER["plug_in"], "gradewright_gimp", "chain.py")
    spec = importlib.util.spec_from_file_location("chain", path)
    chain = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(chain)
    for name, operations in ORDER["probes"].items():
        image, layer = new_image(P.FLOAT_NON_LINEAR, picture="lattice")
        chain.append(layer, operations)
        layer.merge_filters()
        dump(layer, "probe-" + name + ".f32", RGB)
        image.delete()
    return sorted(ORDER["probes"])


class Peak(threading.Thread):
    """The largest resident size of the plug-in's process, in MiB; kills the service once when told to."""

    def __init__(self, kill_service):
        super().__init__(daemon=True)
        self.peak, self.killed, self._kill, self._go = 0, 0, kill_service, True

    def run(self):
        while self._go:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    line = read(f"/proc/{pid}/cmdline")
                    if b"gradewright/gradewright.py" in line:
                        pages = int(read(f"/proc/{pid}/statm").split()[1])
                        self.peak = max(self.peak, pages * os.sysconf("SC_PAGESIZE") >> 20)
                    service = line.rstrip(b"\0").endswith(b"gradewright.cli\0serve")
                    strip = os.path.exists(at("strip-seen"))
                    if self._kill and service and strip and b"start.sh" not in line:
                        os.kill(int(pid), signal.SIGKILL)
                        self.killed, self._kill = int(pid), False
                except (OSError, ValueError):
                    pass
            if any(name.startswith("gradewright-") and self._graded(name) for name in os.listdir(SHARED)):
                open(at("strip-seen"), "w").close()
            time.sleep(0.03)

    @staticmethod
    def _graded(name):
        return os.path.exists(os.path.join(SHARED, name, "graded.gwpx"))

    def stop(self):
        self._go = False
        self.join()


def large():
    """24 megapixels, while somebody kills the service."""
    width, height = 6000, 4000
    image = Gimp.Image.new_with_precision(width, height, Gimp.ImageBaseType.RGB, P.U8_NON_LINEAR)
    layer = Gimp.Layer.new(image, "x", width, height, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    row = bytes((i * k) % 256 for i in range(width) for k in (1, 3, 7))
    buffer = layer.get_buffer()
    for top in range(0, height, 100):
        part = bytes((v + top // 100) % 256 for v in row) * 100
        buffer.set(Gegl.Rectangle.new(0, top, width, 100), "R'G'B' u8", part)
    buffer.flush()
    watch = Peak(kill_service=True)
    watch.start()
    done = call("look", image, layer, file=at("look.cube"))
    watch.stop()
    for name, drawable in (("before", layer), ("after", done["values"][0] if done["ok"] else layer)):
        rectangle = Gegl.Rectangle.new(0, 1990, width, 20)
        with open(at(f"large-{name}.u8"), "wb") as out:
            out.write(bytes(drawable.get_buffer().get(rectangle, 1.0, "R'G'B' u8", Gegl.AbyssPolicy.NONE)))
    image.delete()
    return {**plain(done), "peak": watch.peak, "killed": watch.killed}


def services():
    """The service absent (a process for the job instead), and slow to start."""
    found = {}
    for name in ("no-service", "slow-service"):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                line = read(f"/proc/{pid}/cmdline")
                if line.rstrip(b"\0").endswith(b"gradewright.cli\0serve"):
                    os.kill(int(pid), signal.SIGKILL)
            except OSError:
                pass
        open(at(name), "w").close()
        image, layer = new_image(P.U8_NON_LINEAR)
        done = call("look", image, layer, file=at("look.cube"))
        if done["ok"]:
            dump(done["values"][0], name + "-after.f32")
        found[name] = plain(done)
        image.delete()
        os.unlink(at(name))
    return found


def every_kind():
    return inside_gimp_kinds.run()


PARTS = (
    kinds,
    every_kind,
    selection,
    group,
    gray,
    filtered_layer,
    procedures,
    filters,
    probes,
    services,
    large,
)
answer = {"version": [Gimp.MAJOR_VERSION, Gimp.MINOR_VERSION, Gimp.MICRO_VERSION]}
try:
    for part in PARTS:
        began = time.time()
        if not ORDER.get("only") or part.__name__ in ORDER["only"]:
            print("part", part.__name__, flush=True)
            answer[part.__name__] = part()
            answer.setdefault("seconds", {})[part.__name__] = round(time.time() - began, 1)
except Exception:
    answer["failed"] = traceback.format_exc()
with open(SHARED + "/answer.part", "w") as stream:
    json.dump(answer, stream)
os.rename(SHARED + "/answer.part", SHARED + "/answer.json")
