"""A finished run -> the weights that the package ships, and their card.

    python -m gradewright.core.train.retouch.assemble --run RUN [--note TEXT] [--results TEXT] [--out FOLDER]

``--note`` says what the record does not know (the machine, interruptions); ``--results`` what a benchmark
printed.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from ...engines.compact.networks import WEIGHTS
from ...files import write_bytes

NETWORKS = ("auto_tower", "auto_renderer", "auto_encoder")

CARD = """# Model card: auto

The networks of the auto engine: `auto_tower.onnx` ({auto_tower:.1f} MB, a photo -> latents),
`auto_renderer.onnx` ({auto_renderer:.2f} MB, latents -> a colour mapping) and `auto_encoder.onnx`
({auto_encoder:.2f} MB, before and after -> latents; only the benchmarks use it). Arrays are float16.

**Use.** `gradewright.core.engines.auto`; the method is described in docs/auto.md.

**Trained on.** Photos of the data pack's train split that count as good ({manifest}), degraded by
{flaws} flaws drawn from core/train/degrade.py ({looks} of the looks' inverses among them), and recipes drawn
from core/train/retouch/recipes.py. Every photo was drawn {rounds} times. Config with seed {seed}, versions,
SHA256 of data and weights and the last figures of each stage stand in `auto.json`.

**How.** `gradewright train auto --out RUN`; latents {latent_steps} steps, then {auto_steps} steps of each of
{members} networks that decide, {auto_minutes:.0f} minutes by the clock, one thread. {note}

**Choices on val.** Gate: {top} change^2 / (change^2 + {doubt} left^2) of the retouch is carried out.
With it {recovered:.0%} of the dE of degraded val photos is recovered, {worse:.0%} are made worse,
good ones change by {good} dE.

**Results.** {results}

**Licence of the data.** Research sets and free photos (ImageNet samples, BSDS500, Food-101, Flickr CC and
others); none is contained in the weights as such.

**Limits.**
- What a photo should look like is a matter of taste; the network knows the taste of its training photos.
- It works on 64 x 64 pixels and figures of the tones: what hangs on a small detail is not seen.
- One mapping for the whole picture.
- What was clipped cannot be brought back.
"""


def card(run: Path, note: str, results: str) -> str:
    """The card's text, from the run's own record."""
    described: dict[str, Any] = json.loads((run / "auto.json").read_text(encoding="utf-8"))
    config, gate, stages = described["config"], described["gate"], described["stages"]
    sizes = {name: (run / f"{name}.onnx").stat().st_size / 1e6 for name in NETWORKS}
    return CARD.format(
        **sizes,
        manifest=", ".join(name for name in described["data_sha256"] if name.endswith("*.jpg")),
        flaws=config["auto"]["flaws"],
        looks=config["auto"]["looks"],
        seed=config["seed"],
        latent_steps=stages["latents"]["step"],
        rounds=config["auto"]["rounds"],
        members=config["auto"]["members"],
        auto_steps=stages["auto_0"]["step"],
        auto_minutes=sum(stage["minutes"] for name, stage in stages.items() if name.startswith("auto")),
        note=note,
        doubt=gate["doubt"],
        top=gate["top"],
        recovered=gate["recovered"],
        worse=gate["worse"],
        good=gate["good_changed"],
        results=results,
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--note", default="")
    parser.add_argument("--results", default="see docs/auto.md")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    for name in (*(f"{name}.onnx" for name in NETWORKS), "auto.json"):
        shutil.copyfile(options.run / name, options.out / name)
    text = card(options.run, options.note, options.results)
    write_bytes(options.out / "auto.md", text.encode(), overwrite=True)


if __name__ == "__main__":
    main()
