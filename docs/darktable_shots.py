"""The screenshots of docs/darktable.md, from the real darktable of a chroot (as root on Debian).

    python docs/darktable_shots.py [trixie|forky] [FOLDER]

The photos of docs/media are graded there; darktable-*.jpg are written to FOLDER, docs/media if none is named.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
MEDIA = ROOT / "docs" / "media"
sys.path.insert(0, str(ROOT / "tests"))

from realhosts.chroots import SUITES  # noqa: E402 - found through the path above
from realhosts.darktable_gui import Session  # noqa: E402

PHOTOS = ("astronaut.jpg", "rocket.jpg")
SHOTS = ("lighttable", "darkroom", "modules")
SCRIPT = r"""
      local woman, rocket = pick("astronaut.jpg"), pick("rocket.jpg")
      local function open(image, name)
        dt.gui.views.darkroom.display_image(image)
        if dt.gui.current_view().id == "lighttable" then dt.gui.current_view(dt.gui.views.darkroom) end
        dt.control.sleep(6000)
        dt.gui.libs.gradewright.expanded = true
        dt.gui.action("iop/" .. name, 0, "show", "on", 1)
        dt.control.sleep(14000)
      end
      choose({ woman, rocket })
      widgets.prompt.text = "warm golden hour, lifted teal shadows"
      widgets.variations.value = 3
      panel.grade() wait("variations")
      dt.control.sleep(12000) -- until darktable's messages are gone
      shot("lighttable")
      panel.undo() wait("undone")
      dt.control.sleep(1500)
      widgets.variations.value = 1
      choose({ woman })
      panel.grade() wait("lut")
      open(woman, "lut3d")
      shot("darkroom")
      widgets.output.selected = 2
      widgets.prompt.text = "faded film, muted greens"
      open(rocket, "colorequal")
      panel.grade() wait("modules")
      dt.control.sleep(12000)
      shot("modules")
"""


def main(suite: str = "forky", folder: str | Path = MEDIA) -> None:
    """Take them."""
    with tempfile.TemporaryDirectory() as temporary:
        session = Session(SUITES[suite], Path(temporary))
        for name in PHOTOS:
            shutil.copy(MEDIA / name, session.folder / "photos")
        print(session.run(SCRIPT))
        for name in SHOTS:
            shot = Image.open(session.folder / f"{name}.png").convert("RGB")
            target = Path(folder) / f"darktable-{name}.jpg"
            shot.resize((1280, 800), Image.Resampling.LANCZOS).save(target, quality=82, optimize=True)
            print(target, target.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
