"""``gradewright train``."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from cli_runner import Runner


@pytest.fixture
def with_torch(cli, tmp_path) -> Runner:
    pytest.importorskip("torch")
    (tmp_path / "vqvae.toml").write_text('model = "vqvae"\nseed = 4\nminutes = 2\n')
    return cli


def test_without_torch_it_says_what_to_install(cli, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert cli.refused("train", "codec") == "training needs torch: pip install 'gradewright[train]'"


def test_help_lists_the_options_without_torch(cli):
    text = cli.ok("train", "codec", "--help").out
    for option in ("--config", "--out", "--resume", "--minutes", "--device", "--set", "--force"):
        assert option in text


def test_without_data_it_names_the_folder(with_torch, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADEWRIGHT_DATA", str(tmp_path / "none"))
    message = f"{tmp_path / 'none'}: no data pack here: set GRADEWRIGHT_DATA to its folder"
    assert with_torch.refused("train", "codec", "--out", "w.npz") == message
    assert with_torch.refused("train", "codec", "--config", "vqvae.toml", "--out", "run") == message
    assert not (tmp_path / "w.npz").exists()


def test_the_fit_gets_what_was_asked_for(with_torch, monkeypatch):
    from gradewright.core.train import codec_fit

    asked = []

    def make(config, out, **wishes):
        asked.append((config["data"]["samples"], config["seed"], str(out), wishes))
        return {"minutes": 2.6, "config": config}

    monkeypatch.setattr(codec_fit, "make", make)
    args = ["--set", "data.samples=10", "--set", "seed=3", "--resume", "--minutes", "2.5"]
    assert with_torch.ok("train", "codec", "--out", "w.npz", *args).err == (
        "note: 2.6 minutes, fitted on 10 samples\nwrote w.npz\n"
    )
    with_torch.ok("train", "codec", "--out", "w.npz", "--force")
    shipped = tomllib.loads((codec_fit.HERE / "codec_gw1.toml").read_text())
    assert asked == [
        (10, 3, "w.npz", {"cache": Path("w.samples"), "minutes": 2.5, "overwrite": False}),
        (
            shipped["data"]["samples"],
            shipped["seed"],
            "w.npz",
            {"cache": None, "minutes": None, "overwrite": True},
        ),
    ]


def test_a_vqvae_is_trained_and_resumed(with_torch, monkeypatch, tmp_path):
    from gradewright.core.train import vqvae_fit

    calls = []

    def train(_out, settings, device):
        calls.append((settings.minutes, settings.seed, settings.batch, device))

    monkeypatch.setattr(vqvae_fit, "train", train)
    base = ["train", "codec", "--config", "vqvae.toml", "--out", "run"]
    with_torch.ok(*base, "--set", "batch=8")
    (tmp_path / "run").mkdir()
    checkpoint, metrics = (tmp_path / "run" / name for name in ("last.pt", "metrics.jsonl"))
    checkpoint.touch()
    metrics.touch()
    assert with_torch.refused(*base) == (
        "run: holds a run already: add --resume to go on with it, or --force to begin again"
    )
    with_torch.ok(*base, "--resume", "--minutes", "0.5")
    assert checkpoint.exists()
    assert metrics.exists()
    with_torch.ok(*base, "--force")
    assert not checkpoint.exists()
    assert not metrics.exists()
    assert calls == [(2, 4, 8, "cpu"), (0.5, 4, 16, "cpu"), (2, 4, 16, "cpu")]


def test_the_shipped_vqvae_config_is_one(with_torch, monkeypatch):
    from gradewright.core.train import vqvae_fit

    calls = []
    monkeypatch.setattr(vqvae_fit, "train", lambda *args: calls.append(args))
    with_torch.ok("train", "codec", "--config", "codec_vqvae", "--out", "run")
    assert calls[0][1] == vqvae_fit.Settings(minutes=48.0, every=200, precision="bfloat16")


def test_minutes_replace_a_budget_in_steps(with_torch, monkeypatch, tmp_path):
    from gradewright.core.train import vqvae_fit

    calls = []
    (tmp_path / "vqvae.toml").write_text('model = "vqvae"\nsteps = 9\n')
    monkeypatch.setattr(vqvae_fit, "train", lambda *args: calls.append(args[1]))
    for more in ([], ["--minutes", "3"]):
        with_torch.ok("train", "codec", "--config", "vqvae.toml", "--out", "run", *more)
    assert [(s.steps, s.minutes) for s in calls] == [(9, 20), (0, 3)]


def test_stopping_a_vqvae_is_no_fault(with_torch, monkeypatch):
    from gradewright.core.train import vqvae_fit

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(vqvae_fit, "train", stopped)
    result = with_torch("train", "codec", "--config", "vqvae.toml", "--out", "run")
    assert result.code == 130
    assert "nothing is half-written" in result.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--config", "no.toml"], "no.toml: No such file or directory"),
        (["--config", "bad.toml"], "bad.toml: is no TOML ("),
        (
            ["--config", "thin.toml"],
            "thin.toml: needs licensed_only, as in licensed_only = False: start from",
        ),
        (["--set", "data.swap='x'"], "codec_gw1.toml: needs data.swap, as in swap = 0.3: start from"),
        (
            ["--config", "banana.toml"],
            "banana.toml: has model = 'banana': there is \"rvq\", the default, and",
        ),
        (["--device", "cuda"], '--device is for a VQ-VAE (model = "vqvae"): this fit runs on the CPU'),
        (["--out", "w.json"], "w.json: the JSON comes beside the weights: name the weights"),
        (["--minutes", "0"], "out of range"),
        (["--set", "data.sample=3"], "--set data.sample=3: write SECTION.KEY=VALUE with a name from the"),
        (["--set", "data=3"], "--set data=3: write SECTION.KEY=VALUE"),
        (["--set", "seed=x"], "--set seed=x: 'x' is no TOML value"),
        (["--out", "there.npz"], "there.npz: already exists"),
        (["--out", "no/where.npz"], "no/where.npz: the folder no does not exist"),
        (["--config", "vqvae.toml", "--out", "run.npz"], "run.npz: a VQ-VAE is kept in a folder"),
        (["--config", "odd.toml", "--out", "run"], "odd.toml: minutes = 'long': needs a number above 0"),
        (
            ["--config", "vqvae.toml", "--set", "seed=-1"],
            "vqvae.toml: seed = -1: needs a whole number from 0",
        ),
        (
            ["--config", "vqvae.toml", "--set", "speed=1"],
            "--set speed=1: write SECTION.KEY=VALUE with a name",
        ),
        (
            ["--config", "fast.toml"],
            "fast.toml: has an unknown speed: a VQ-VAE has seed, minutes, steps, batch",
        ),
    ],
)
def test_refusals_are_one_line(with_torch, tmp_path, monkeypatch, args, message):
    (tmp_path / "bad.toml").write_text("seed = = 1")
    (tmp_path / "thin.toml").write_text("seed = 1\n[data]\nsamples = 1\n")
    (tmp_path / "odd.toml").write_text('model = "vqvae"\nminutes = "long"\n')
    (tmp_path / "banana.toml").write_text('model = "banana"\n')
    (tmp_path / "fast.toml").write_text('model = "vqvae"\nspeed = 2\n')
    (tmp_path / "there.npz").touch()
    monkeypatch.setenv("GRADEWRIGHT_DATA", str(tmp_path / "none"))
    assert message in with_torch.refused("train", "codec", *args)


def test_a_missing_gpu_is_said(with_torch, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    message = with_torch.refused(
        "train", "codec", "--config", "vqvae.toml", "--out", "run", "--device", "cuda"
    )
    assert message == "--device cuda: torch finds no CUDA here; leave it out to use the CPU"
