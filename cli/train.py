"""``gradewright train``: fit the weights that the package ships. Needs the "train" extra."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from . import options
from .output import note

_SECTIONS = ("data", "space", "quantiser")
EPILOG = """\b
Examples:
  GRADEWRIGHT_DATA=data gradewright train codec --out codec.npz
  GRADEWRIGHT_DATA=data gradewright train codec --config mine.toml --out codec.npz --resume
  GRADEWRIGHT_DATA=data gradewright train codec --config codec_vqvae --out run/ --minutes 30 --device cuda
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
@click.option("--minutes", type=options.Number(0.01, 100000), help="Time budget of a VQ-VAE.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option(
    "--set",
    "settings",
    metavar="SECTION.KEY=VALUE",
    multiple=True,
    help="Override a value of the config. Repeatable.",
)
@options.force
def codec(path: Path | None, out: Path, settings: tuple[str, ...], device: str, **wishes: Any) -> None:
    """Fit the LUT codec, or train the VQ-VAE that it is compared with."""
    _needs_torch()
    config_file = _config_file(path)
    run = _Run(_read(config_file), config_file, out, device, settings, **wishes)
    train = _vqvae if run.config.get("model", "rvq") == "vqvae" else _rvq
    train(run)
    note(f"wrote {out}")


@dataclass(frozen=True)
class _Run:
    """What one fit was asked for."""

    config: dict[str, Any]
    config_file: Path
    out: Path
    device: str
    settings: tuple[str, ...]
    resume: bool
    minutes: float | None
    force: bool


def _rvq(run: _Run) -> None:
    from gradewright.core.errors import BadInput, FileError
    from gradewright.core.files import refuse_existing
    from gradewright.core.train import codec_fit

    if run.minutes is not None or run.device != "cpu":
        raise BadInput(
            '--minutes and --device are for a VQ-VAE (model = "vqvae"): this fit runs once, on the CPU'
        )
    missing = [name for name in _SECTIONS if not isinstance(run.config.get(name), dict)]
    if missing or "seed" not in run.config:
        raise FileError(
            run.config_file, f"has no {', '.join(missing) or 'seed'}", "start from the shipped config"
        )
    _check_settings(run.config, run.settings)
    refuse_existing(run.out, run.force)
    refuse_existing(run.out.with_suffix(".json"), run.force)
    arguments = ["--config", str(run.config_file), "--out", str(run.out)]
    arguments += ["--cache", str(run.out.with_suffix(".samples"))] if run.resume else []
    codec_fit.main([*arguments, *(part for setting in run.settings for part in ("--set", setting))])


def _vqvae(run: _Run) -> None:
    from gradewright.core.errors import BadInput, FileError
    from gradewright.core.train import vqvae_fit
    from gradewright.core.train.device import checked_device

    if run.settings:
        raise BadInput("--set is for the codec's own fit: a VQ-VAE has seed and minutes in its config")
    if not all(isinstance(run.config.get(name, 1), int | float) for name in ("seed", "minutes")):
        raise FileError(run.config_file, "seed and minutes are numbers", "see the shipped codec_vqvae")
    if run.out.is_file() or run.out.suffix == ".npz":
        raise FileError(run.out, "a VQ-VAE is kept in a folder", "give --out FOLDER")
    checked_device(run.device)
    checkpoint = run.out / "last.pt"
    if checkpoint.exists() and run.force and not run.resume:
        checkpoint.unlink()
    if checkpoint.exists() and not run.resume:
        raise FileError(
            run.out, "holds a run already", "add --resume to go on with it, or --force to begin again"
        )
    vqvae_fit.train(
        run.out,
        run.minutes or float(run.config.get("minutes", 20)),
        run.device,
        int(run.config.get("seed", 1)),
    )


def _needs_torch() -> None:
    from importlib.util import find_spec

    from gradewright.core.errors import BadInput

    if find_spec("torch") is None:
        raise BadInput("training needs torch: pip install 'gradewright[train]'")


def _config_file(path: Path | None) -> Path:
    """The file, or the shipped config of that name."""
    from gradewright.core.train import codec_fit

    shipped: Path = codec_fit.HERE / f"{path or 'codec_gw1'}.toml"
    return path if path is not None and (path.exists() or not shipped.exists()) else shipped


def _read(path: Path) -> dict[str, Any]:
    import tomllib

    from gradewright.core.errors import FileError

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(path, f"is no TOML ({error})") from None


def _check_settings(config: dict[str, Any], settings: tuple[str, ...]) -> None:
    import tomllib

    from gradewright.core.errors import BadInput

    for setting in settings:
        name, equals, value = setting.partition("=")
        target: Any = config
        for part in name.split("."):
            target = target.get(part) if isinstance(target, dict) else None
        if not equals or target is None or isinstance(target, dict):
            raise BadInput(f"--set {setting}: write SECTION.KEY=VALUE with a name from the config")
        try:
            tomllib.loads(f"v = {value}")
        except tomllib.TOMLDecodeError:
            raise BadInput(f"--set {setting}: '{value}' is no TOML value") from None
