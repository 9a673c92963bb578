"""Finished runs -> the weights that the package ships.

    python -m gradewright.core.train.policy.assemble --prompt RUN --reference RUN [--out FOLDER]

Copies the networks and their records, and writes ``compact.npz``: the maps to the codec's coefficients
as it is now, the calibration of the reference network, and the gain of the prompt network (a mean over
what a prompt may mean is milder than what is meant; the gain is chosen on the val prompts).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np

from ...files import atomic_output

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"


def assemble(prompt: Path | None, reference: Path | None, gain: float | None, out: Path) -> None:
    """Write the shipped files into ``out``; what is not given stays as it is there."""
    tables: dict[str, np.ndarray] = {}
    if (out / "compact.npz").exists():
        with np.load(out / "compact.npz") as before:
            tables |= dict(before)
    for kind, run in (("prompt", prompt), ("reference", reference)):
        if run is None:
            continue
        for name in (f"compact_{kind}.onnx", f"compact_{kind}.json"):
            shutil.copyfile(run / name, out / name)
        tables[f"{kind}_to_codec"] = np.load(run / f"{kind}_to_codec.npy")
    if gain is not None:
        tables["prompt_gain"] = np.array(gain, np.float32)
    if reference is not None:
        found = json.loads((reference / "calibration.json").read_text(encoding="utf-8"))
        tables["reference_trust"] = np.array([found["start"], found["slope"]], np.float32)
    with atomic_output(out / "compact.npz", overwrite=True) as path, open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **tables)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--prompt", type=Path, help="run folder of the prompt network")
    parser.add_argument("--reference", type=Path, help="run folder of the reference network")
    parser.add_argument("--gain", type=float, help="what the prompt network's looks are multiplied by")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    assemble(options.prompt, options.reference, options.gain, options.out)


if __name__ == "__main__":
    main()
