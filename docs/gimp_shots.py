"""The screenshots of docs/gimp.md, from the real GIMP of a chroot (as root on Debian).

    python docs/gimp_shots.py [forky|trixie]

Writes docs/media/gimp-*.jpg.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
MEDIA = ROOT / "docs" / "media"
sys.path.insert(0, str(ROOT / "tests"))

from realhosts.chroots import SUITES  # noqa: E402 - found through the path above
from realhosts.gimp_jail import Gimp  # noqa: E402

# What happens in GIMP, while the driver below looks and types.
_INSIDE = """
import json, os, sys, time, traceback
sys.path.insert(0, ORDER["scripts"])
from gi.repository import Gimp, Gio
from inside_tools import at

def call(name, image, layer, mode=Gimp.RunMode.INTERACTIVE, **arguments):
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-gradewright-" + name)
    config = procedure.create_config()
    config.set_property("run-mode", mode)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [layer])
    for key, value in arguments.items():
        config.set_property(key, value)
    procedure.run(config)
    Gimp.displays_flush()

def step(name):
    open(at("begin-" + name), "w").close()

def wait(name):
    while not os.path.exists(at("end-" + name)):
        time.sleep(0.1)

def opened(name):
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(at(name)))
    return image, image.get_layers()[0], Gimp.Display.new(image)

image, layer, display = opened("portrait.png")
step("words"); call("words", image, layer); wait("words")
display.delete()
image, layer, display = opened("dull.png")
step("match"); call("match", image, layer, file=Gio.File.new_for_path(at("rocket.png")))
step("explain"); call("explain", image, layer)
display.delete()
image, layer, display = opened("portrait.png")
call("words", image, layer, Gimp.RunMode.NONINTERACTIVE, prompt="faded film, warm skin", output="filters")
step("filters"); wait("filters")
open(at("answer.json"), "w").write("{}")
"""
_DRIVER = """
cd "$GRADEWRIGHT_SHARED" || exit 1
until_true() {
  for _ in $(seq 2400); do eval "$1" >/dev/null 2>&1 && return; sleep 0.25; done
  import -window root failed.png
  exit 1
}
window() { xdotool search --onlyvisible --name "$1" | tail -1; }
begin() { until_true "[ -e begin-$1 ]"; }
ready() {  # the dialog of that title, with its candidates
  until_true "window '^Gradewright: $1' | grep ."
  until_true '[ "$(xdotool getactivewindow)" = "$(window ^Gradewright:)" ] ||
    xdotool windowactivate "$(window ^Gradewright:)"'
  sleep 1
}
candidates() { until_true 'ls gradewright-*/round-*/*preview-4.png'; sleep 6; }
shot() { sleep 1; import -window root "$1.png"; }
begin words; ready 'Grade with Words'
xdotool type --delay 40 'warm golden hour, lifted teal shadows'; candidates
xdotool mousemove 500 250 mousedown 1 mousemove 390 250 mouseup 1 mousemove 1000 600; shot words
xdotool key Escape; touch end-words
begin match; ready 'Match a Reference'; candidates; shot match; xdotool key Escape
begin explain; ready 'Explain This Photo'; shot explain; xdotool key Escape
begin filters; sleep 3
xdotool windowactivate --sync "$(window 'GIMP$')" mousemove 828 533 click 1; sleep 2; shot filters
touch end-filters
until_true '[ -e answer.json ]'
"""
_CROPS = {"filters": (0, 0, 1010, 690)}


def main(suite: str = "forky") -> None:
    """Take them."""
    with tempfile.TemporaryDirectory() as temporary:
        gimp = Gimp(SUITES[suite], Path(temporary))
        portrait = Image.open(MEDIA / "astronaut.jpg")
        Image.open(MEDIA / "rocket.jpg").save(gimp.shared / "rocket.png")
        portrait.save(gimp.shared / "portrait.png")
        dull = (np.asarray(portrait) / 255) ** 1.8 * [0.6, 0.75, 0.9] + 0.03
        Image.fromarray(np.uint8(np.round(dull * 255))).save(gimp.shared / "dull.png")
        inside, driver = gimp.shared / "inside.py", gimp.shared / "driver.sh"
        inside.write_text(f"ORDER = {{'scripts': '/host{ROOT}/tests/realhosts'}}\n{_INSIDE}")
        driver.write_text(_DRIVER)
        try:
            gimp.show(str(inside), str(driver), {})
        finally:
            for shot in sorted(gimp.shared.glob("*.png")):
                if shot.stem in ("rocket", "portrait", "dull"):
                    continue
                picture = Image.open(shot).convert("RGB")
                picture = picture.crop(_CROPS[shot.stem]) if shot.stem in _CROPS else _trimmed(picture)
                target = MEDIA / f"gimp-{shot.stem}.jpg"
                picture.save(target, quality=85, optimize=True)
                print(target, picture.size, target.stat().st_size)


def _trimmed(picture: Image.Image) -> Image.Image:
    """Without the empty screen around the windows."""
    box = picture.point(lambda value: 255 * (value > 0)).getbbox()
    return picture.crop(box) if box else picture


if __name__ == "__main__":
    main(*sys.argv[1:])
