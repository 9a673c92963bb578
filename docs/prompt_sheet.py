"""docs/media/prompts.jpg: the shipped photos through some prompts.

python docs/prompt_sheet.py [OUT.jpg] [--prompt TEXT ...]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from gradewright.core import Grader, photo
from gradewright.core.canvas import font
from PIL import Image, ImageDraw

MEDIA = Path(__file__).resolve().parent / "media"
PHOTOS = ("astronaut.jpg", "rocket.jpg")
PROMPTS = (
    "warm golden hour, lifted teal shadows",
    "gloomy November afternoon",
    "Kodak Portra 400",
    "noir",
    "a bit brighter, not too saturated",
    "faded Polaroid from the 70s",
    "bleach bypass, but warmer",
    "teal shadows, orange highlights",
)
SIDE, LABEL = 300, 26


def tile(pixels: np.ndarray, text: str) -> Image.Image:
    """A picture cut to a square, its prompt below."""
    height, width = pixels.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    middle = np.clip(pixels[top : top + edge, left : left + edge], 0, 1)
    square = Image.fromarray(np.rint(middle * 255).astype(np.uint8))
    out = Image.new("RGB", (SIDE, SIDE + LABEL), "white")
    out.paste(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (0, 0))
    ImageDraw.Draw(out).text((4, SIDE + 5), text, fill=(40, 40, 44), font=font(13))
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", nargs="?", type=Path, default=MEDIA / "prompts.jpg")
    parser.add_argument("--prompt", action="append")
    options = parser.parse_args()
    prompts, grader = options.prompt or PROMPTS, Grader()
    tiles = []
    for i, prompt in enumerate(prompts):
        picture = photo.load(MEDIA / PHOTOS[i % len(PHOTOS)])
        tiles.append(tile(grader.grade(picture, prompt).lut.apply(picture), prompt))
    tiles[:0] = [tile(photo.load(MEDIA / name), "(as shot)") for name in PHOTOS]
    columns = 5
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * (SIDE + 6), rows * (SIDE + LABEL + 6)), "white")
    for i, one in enumerate(tiles):
        sheet.paste(one, (i % columns * (SIDE + 6), i // columns * (SIDE + LABEL + 6)))
    sheet.save(options.out, quality=88)


if __name__ == "__main__":
    main()
