"""The screenshots of docs/darktable.md, from the real darktable of a chroot (as root on Debian).

    python docs/darktable_shots.py [trixie|forky]

The landscapes are drawn here; docs/media/darktable-*.jpg are written.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from realhosts.chroots import SUITES  # noqa: E402 - found through the path above
from realhosts.darktable_gui import Session  # noqa: E402

SHOTS = ("lighttable", "darkroom", "modules")
SCRIPT = r"""
      local first, second = pick("lake-1.jpg"), pick("lake-2.jpg")
      choose({ first, second })
      widgets.prompt.text = "warm golden hour, lifted teal shadows"
      panel.grade() wait("lut")
      widgets.output.selected = 2
      choose({ pick("lake-3.jpg") })
      widgets.prompt.text = "faded film, muted greens"
      panel.grade() wait("modules")
      dt.control.sleep(12000)
      shot("lighttable")
      for _, name in ipairs({ "darkroom", "modules" }) do
        dt.gui.views.darkroom.display_image(name == "darkroom" and first or pick("lake-3.jpg"))
        if dt.gui.current_view().id == "lighttable" then dt.gui.current_view(dt.gui.views.darkroom) end
        dt.control.sleep(6000)
        dt.gui.libs.gradewright.expanded = true
        dt.control.sleep(14000)
        shot(name)
      end
"""


def landscape(seed: int, height: int = 800, width: int = 1200) -> np.ndarray:
    """Mountains over a lake, uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / [[[height]], [[width]]]
    horizon = 0.62
    sky = np.array([0.36, 0.55, 0.78]) + (y / horizon)[..., None] * np.array([0.42, 0.22, 0.0])
    sun = np.exp(-((x - rng.uniform(0.3, 0.7)) ** 2 + (y - 0.42) ** 2) / 0.012)[..., None]
    picture = sky + sun * np.array([0.4, 0.35, 0.15])
    for layer, tone in enumerate(((0.50, 0.55, 0.62), (0.32, 0.40, 0.42), (0.16, 0.26, 0.18))):
        orders = (1, 2, 3, 5, 9, 17, 31)
        shifted = [rng.uniform(0.2, 1) / n * np.sin(2 * np.pi * n * (x[0] + rng.uniform())) for n in orders]
        waves = sum(shifted)
        ridge = 0.40 + 0.07 * layer + 0.035 * waves
        inside = np.clip((y - ridge) * height / 2, 0, 1)[..., None]
        texture = 1 + 0.04 * rng.normal(size=(height, width, 1))
        picture = picture * (1 - inside) + np.array(tone) * texture * inside
    water = y > horizon
    mirrored = picture[np.clip((2 * horizon * height - np.arange(height)).astype(int), 0, height - 1)]
    ripples = 0.78 + 0.08 * np.sin(y * 420 + 6 * np.sin(x * 9))[..., None]
    picture = np.where(water[..., None], mirrored * ripples * np.array([0.85, 0.98, 1.0]), picture)
    return np.rint(np.clip(picture + rng.normal(0, 0.008, picture.shape), 0, 1) * 255).astype(np.uint8)


def main(suite: str = "forky") -> None:
    """Take them."""
    with tempfile.TemporaryDirectory() as temporary:
        session = Session(SUITES[suite], Path(temporary))
        for number in (1, 2, 3):
            picture = Image.fromarray(landscape(number))
            picture.save(session.folder / "photos" / f"lake-{number}.jpg", quality=95)
        print(session.run(SCRIPT))
        for name in SHOTS:
            shot = Image.open(session.folder / f"{name}.png").convert("RGB")
            target = ROOT / "docs" / "media" / f"darktable-{name}.jpg"
            shot.resize((1280, 800), Image.Resampling.LANCZOS).save(target, quality=82, optimize=True)
            print(target, target.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
