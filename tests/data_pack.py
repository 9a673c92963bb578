"""A data pack in miniature, made here: the shape of the training data without the data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from gradewright.core import Recipe
from PIL import Image

LOOKS = {
    "Warm Film 100": {"temperature": 35, "contrast": 15},
    "Cold Film 400": {"temperature": -35, "saturation": -20},
    "Faded 64": {"black_fade": 30, "saturation": -25},
    "Noir Pan 400": {"saturation": -100, "contrast": 40},
}


def make(root: Path) -> Path:
    """Write the pack; its root."""
    for split in ("train", "val"):
        _luts(root / "luts", split)
        _photos(root / "photos" / split, 6)
    (root / "photos" / "train2").mkdir()
    (root / "text").mkdir()
    (root / "text" / "xkcd_colors.tsv").write_text("name\thex\nteal\t#029386\nbrick red\t#8f1402\n")
    (root / "bench").mkdir()
    rows = [
        {"content": "val/0.jpg", "reference": f"val/{i + 1}.jpg", "lut": f"val-{i}", "strength": 1.0}
        for i in range(3)
    ]
    (root / "bench" / "ref_triplets_val.json").write_text(json.dumps(rows))
    return root


def _luts(folder: Path, split: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables = np.stack([Recipe(**params).to_lut(33).table for params in LOOKS.values()])
    steps = np.rint(tables.transpose(0, 3, 2, 1, 4) * 1023).astype(np.int16)  # stored b, g, r
    for axis in (1, 2, 3):
        steps = np.diff(steps, axis=axis, prepend=np.zeros_like(np.take(steps, [0], axis)))
    np.savez_compressed(
        folder / f"luts_{split}.npz", d=steps, ids=[f"{split}-{i}" for i in range(len(LOOKS))]
    )
    rows = [
        {
            "id": f"{split}-{i}",
            "label": label,
            "label_kind": "film-stock",
            "category": "film-stock",
            "group": "core",
            "family": "openshot-freshluts",
            "stats": {"de00_photo": 6.0},
        }
        for i, label in enumerate(LOOKS)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / f"luts_{split}.jsonl").write_text(text)


def _photos(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(count)
    for i in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
        coarse.resize((160, 120), Image.Resampling.BICUBIC).save(folder / f"{i}.jpg")
