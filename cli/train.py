"""``gradewright train``: fit the weights that the package ships. Needs the "train" extra."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from . import options, train_vlm
from .output import note
from .train_options import needs, run_options, train_into

EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train codec --out codec.npz
  GRADEWRIGHT_DATA=data gradewright train codec --config mine.toml --out codec.npz --resume
  GRADEWRIGHT_DATA=data gradewright train codec --config codec_vqvae --out run/ --minutes 30 --device cuda
"""
POLICY_EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train policy --config policy_prompt --out run/
  GRADEWRIGHT_DATA=data gradewright train policy --config policy_reference --out run/ --minutes 20 --resume
"""

AUTO_EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train auto --out run/
  GRADEWRIGHT_DATA=data gradewright train auto --out run/ --minutes 20 --resume
"""
CRITIC_EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train critic --out run/
  GRADEWRIGHT_DATA=data gradewright train critic --config judge --out run2/ --minutes 10
"""


@click.group()
def command() -> None:
    """Fit the weights that gradewright ships, from a data pack (GRADEWRIGHT_DATA).

    Needs torch: pip install gradewright[train].
    """


@command.command(epilog=EPILOG)
@click.option(
    "--config",
    "path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="TOML file of the fit, or the name of a shipped one: codec_gw1, or codec_vqvae (the baseline).  "
    "[default: codec_gw1]",
)
@click.option(
    "--out",
    metavar="OUT",
    type=click.Path(path_type=Path),
    default="codec.npz",
    show_default=True,
    help="Weights to write (a JSON beside them says how they were made); for a VQ-VAE a folder.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with what an earlier run has left: the samples in OUT.samples (kept there only with this "
    "option), or a VQ-VAE's last checkpoint.",
)
@click.option(
    "--minutes",
    type=options.Number(0.01, 100000),
    help="Time budget. The codec is then fitted on fewer samples if need be (its JSON says on how many); "
    "a VQ-VAE counts all sittings of a resumed run.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    default="cpu",
    show_default=True,
    help="Where a VQ-VAE is trained.",
)
@click.option(
    "--set",
    "settings",
    metavar="SECTION.KEY=VALUE",
    multiple=True,
    help="Override a value of the config (a TOML value: text in quotes). Repeatable.",
)
@options.force
def codec(path: Path | None, out: Path, settings: tuple[str, ...], **wishes: Any) -> None:
    """Fit the LUT codec, or train the VQ-VAE that it is compared with."""
    needs("train", "torch")
    from gradewright.core.train import configs

    config_file = configs.find(path)
    run = _Run(configs.read(config_file, settings), config_file, out, **wishes)
    train = _vqvae if configs.is_vqvae(run.config) else _rvq
    train(run)
    note(f"wrote {out}")


@dataclass(frozen=True)
class _Run:
    """What one fit was asked for."""

    config: dict[str, Any]
    config_file: Path
    out: Path
    device: str
    resume: bool
    minutes: float | None
    force: bool


def _rvq(run: _Run) -> None:
    from gradewright.core.errors import BadInput, FileError
    from gradewright.core.train import codec_fit

    if run.device != "cpu":
        raise BadInput('--device is for a VQ-VAE (model = "vqvae"): this fit runs on the CPU')
    if run.out.suffix == ".json":
        raise FileError(
            run.out, "the JSON comes beside the weights", "name the weights, as in --out codec.npz"
        )
    made = codec_fit.make(
        run.config,
        run.out,
        cache=run.out.with_suffix(".samples") if run.resume else None,
        minutes=run.minutes,
        overwrite=run.force,
    )
    if run.minutes is not None:
        samples = made["config"]["data"]["samples"]
        note(f"note: {made['minutes']} minutes, fitted on {samples} samples")


def _vqvae(run: _Run) -> None:
    from gradewright.core.errors import FileError
    from gradewright.core.train import configs, vqvae_fit
    from gradewright.core.train.device import checked_device

    settings = configs.vqvae_settings(run.config, run.config_file, run.minutes)
    if run.out.is_file() or run.out.suffix == ".npz":
        raise FileError(run.out, "a VQ-VAE is kept in a folder", "give --out FOLDER")
    checked_device(run.device)
    checkpoint = run.out / "last.pt"
    if checkpoint.exists() and not run.resume:
        if not run.force:
            raise FileError(
                run.out, "holds a run already", "add --resume to go on with it, or --force to begin again"
            )
        for path in (checkpoint, run.out / "metrics.jsonl"):
            path.unlink(missing_ok=True)
    vqvae_fit.train(run.out, settings, run.device)


@command.command(epilog=POLICY_EPILOG)
@run_options(
    "policy_prompt", "policy_prompt, policy_reference", minutes="supervised", example="reward.minutes=5.0"
)
def policy(path: Path, out: Path, resume: bool, minutes: float | None, settings: tuple[str, ...]) -> None:
    """Train a network of the compact engine: for prompts, or for references.

    Stages: drawing captions (or looks), supervised training, for prompts reward fine-tuning, export.
    """
    needs("train", "torch")
    from gradewright.core.train import configs
    from gradewright.core.train.policy import fit

    config = configs.read_policy(configs.find(path), settings)
    if minutes is not None:
        config["minutes"] = minutes
    train_into(out, resume, config, fit.train)


@command.command(epilog=AUTO_EPILOG)
@run_options("auto", minutes="second", example="latents.steps=2000")
def auto(path: Path, out: Path, resume: bool, minutes: float | None, settings: tuple[str, ...]) -> None:
    """Train the auto engine: disentangled latents with their renderer, then what decides from a photo."""
    needs("train", "torch")
    from gradewright.core.train import configs
    from gradewright.core.train.retouch import fit

    config = configs.read_auto(configs.find(path), settings)
    if minutes is not None:
        config["auto"]["minutes"] = minutes
    train_into(out, resume, config, fit.train)


@command.command(epilog=CRITIC_EPILOG)
@run_options("critic", "critic, judge", minutes="first", example="rounds=2")
def critic(path: Path, out: Path, resume: bool, minutes: float | None, settings: tuple[str, ...]) -> None:
    """Train the image critic's ranking network, or the judge of edits."""
    needs("train", "torch")
    from gradewright.core.train import configs
    from gradewright.core.train.critic import fit, judge_run

    config = configs.read_critic(configs.find(path), settings)
    if minutes is not None:
        config["minutes"] = minutes
    train_into(out, resume, config, (fit if config["kind"] == "critic" else judge_run).train)


for _kind in train_vlm.WHAT:
    command.add_command(train_vlm.command(_kind))
