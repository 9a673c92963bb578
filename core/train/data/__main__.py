"""Write triples: python -m gradewright.core.train.data --photos FOLDER --out FOLDER [--count 100]."""

from __future__ import annotations

import argparse
from pathlib import Path

from .triples import triples, write


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m gradewright.core.train.data", description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, help="folder of good photos (.jpg, .png)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100, help="of the photos, in the order of their names")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    photos = sorted(p for p in options.photos.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    print(write(options.out, triples(photos[: options.count], options.seed)), "triples in", options.out)


if __name__ == "__main__":
    main()
