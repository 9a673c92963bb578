"""The README's demo: grade the shipped photos and say where everything is.

Runs the same commands that a user would type, and prints them. Output goes to ``demo-out/``.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import PyOpenColorIO as ocio
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
OUT = Path("demo-out")
PHOTO, OTHER = Path("docs/media/astronaut.jpg"), Path("docs/media/rocket.jpg")
PROMPT = "warm golden hour, lifted teal shadows"
LOOK = {
    "contrast": "+10",
    "black_fade": "22",
    "saturation": "-6",
    "shadow_hue": "205",
    "shadow_amount": "55",
    "highlight_hue": "65",
    "highlight_amount": "18",
    "red_chroma": "-12",
    "orange_chroma": "-8",
    "blue_hue": "-22",
    "blue_chroma": "-10",
}


def gradewright(*words: str | Path) -> None:
    """Run a gradewright command of this environment and show it."""
    words = tuple(str(word) for word in words)
    print("\n$ gradewright " + shlex.join(words), flush=True)
    done = subprocess.run([sys.executable, "-m", "gradewright.cli", *words], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def beside(left: Path, right: Path, target: Path) -> None:
    """Two pictures of one height, side by side."""
    pictures = [Image.open(ROOT / path).convert("RGB") for path in (left, right)]
    height = min(picture.height for picture in pictures)
    pictures = [
        p.resize((round(p.width * height / p.height), height), Image.Resampling.LANCZOS) for p in pictures
    ]
    sheet = Image.new("RGB", (sum(p.width for p in pictures) + 8, height), "white")
    sheet.paste(pictures[0], (0, 0))
    sheet.paste(pictures[1], (sheet.width - pictures[1].width, 0))
    sheet.save(ROOT / target, quality=92, subsampling=0)


def stack(rows: list[Path], target: Path) -> None:
    """Pictures below each other, at the width of the first."""
    pictures = [Image.open(ROOT / path) for path in rows]
    width = pictures[0].width
    pictures = [
        p.resize((width, round(p.height * width / p.width)), Image.Resampling.LANCZOS) for p in pictures
    ]
    sheet = Image.new("RGB", (width, sum(p.height for p in pictures) + 8 * (len(pictures) - 1)), "white")
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height + 8
    sheet.save(ROOT / target, quality=90)


def check_with_opencolorio(cube: Path) -> None:
    """An independent reader must accept what we wrote."""
    transform = ocio.FileTransform(str(ROOT / cube))
    size = next(
        step.getGridSize()
        for step in ocio.Config.CreateRaw().getProcessor(transform).createGroupTransform()
        if isinstance(step, ocio.Lut3DTransform)
    )
    print(f"OpenColorIO {ocio.__version__} reads {cube}: {size}^3")


def main() -> None:
    """Entry point."""
    shutil.rmtree(ROOT / OUT, ignore_errors=True)
    (ROOT / OUT).mkdir()
    words = OUT / "words.cube"
    gradewright("grade", PHOTO, "--prompt", PROMPT, "-o", words, "--preview", OUT / "words.jpg")
    check_with_opencolorio(words)

    print("\nA look by hand, from a recipe of eleven parameters:")
    settings = [word for name, value in LOOK.items() for word in ("--set", f"{name}={value}")]
    look, pair = OUT / "look.cube", OUT / "pair.cube"
    gradewright(
        "grade", PHOTO, *settings, "-o", look, "--preview", OUT / "look.jpg", "--report", OUT / "look.json"
    )
    check_with_opencolorio(look)
    gradewright("inspect", look, "--plot", OUT / "look-inspected.png")

    print("\nThe same look, learnt from the two pictures alone and put on another photo:")
    gradewright("grade", "--pair", PHOTO, OUT / "look.jpg", "-o", pair)
    check_with_opencolorio(pair)
    gradewright("apply", pair, OTHER, "-o", OUT / "rocket-graded.jpg")
    gradewright("bake", look, "--space", "S-Log3 S-Gamut3.Cine", "-o", OUT / "look-slog3.cube")

    beside(PHOTO, OUT / "words.jpg", OUT / "words-before-after.jpg")
    beside(PHOTO, OUT / "look.jpg", OUT / "astronaut-before-after.jpg")
    beside(OTHER, OUT / "rocket-graded.jpg", OUT / "rocket-before-after.jpg")
    stack([OUT / "astronaut-before-after.jpg", OUT / "rocket-before-after.jpg"], OUT / "before-after.jpg")
    print(f"\nWritten to {ROOT / OUT}:")
    for path in sorted((ROOT / OUT).iterdir()):
        print(f"  {path.name:<28} {path.stat().st_size / 1000:8.0f} kB")
    first, then, last = (
        OUT / name for name in ("words-before-after.jpg", "before-after.jpg", "look-inspected.png")
    )
    print(f"\nOpen {first} first, then {then} and {last}.")


if __name__ == "__main__":
    main()
