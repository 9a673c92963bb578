"""``gradewright train``."""

from __future__ import annotations

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


def test_the_fit_gets_what_was_asked_for(with_torch, monkeypatch, tmp_path):
    from gradewright.core.train import codec_fit

    asked = []
    monkeypatch.setattr(codec_fit, "main", asked.append)
    args = ["--set", "data.samples=10", "--set", "seed=3", "--resume"]
    assert with_torch.ok("train", "codec", "--out", "w.npz", *args).err == "wrote w.npz\n"
    shipped = str(codec_fit.HERE / "codec_gw1.toml")
    assert asked == [["--config", shipped, "--out", "w.npz", "--cache", "w.samples", *args[:-1]]]
    with_torch.ok("train", "codec", "--out", "w.npz")
    assert asked[1] == ["--config", shipped, "--out", "w.npz"]


def test_the_fit_accepts_these_arguments(with_torch, monkeypatch, tmp_path):
    """The options that are passed on exist in the fit itself: a wrong one would exit with usage."""
    from gradewright.core.train import codec_fit

    class Reached(Exception):
        pass

    def stop(config, _root, cache):
        assert config["data"]["samples"] == 10
        assert str(cache) == "w.samples"
        raise Reached

    monkeypatch.setattr(codec_fit, "data_root", lambda: tmp_path)
    monkeypatch.setattr(codec_fit, "fit", stop)
    result = with_torch("train", "codec", "--out", "w.npz", "--resume", "--set", "data.samples=10")
    assert "fault in gradewright (Reached" in result.err


def test_a_vqvae_is_trained_and_resumed(with_torch, monkeypatch, tmp_path):
    from gradewright.core.train import vqvae_fit

    calls = []
    monkeypatch.setattr(vqvae_fit, "train", lambda *args: calls.append((*args, (tmp_path / "run").exists())))
    base = ["train", "codec", "--config", "vqvae.toml", "--out", "run"]
    with_torch.ok(*base)
    (tmp_path / "run").mkdir()
    checkpoint = tmp_path / "run" / "last.pt"
    checkpoint.touch()
    assert with_torch.refused(*base) == (
        "run: holds a run already: add --resume to go on with it, or --force to begin again"
    )
    with_torch.ok(*base, "--resume", "--minutes", "0.5")
    assert checkpoint.exists()
    with_torch.ok(*base, "--force")
    assert not checkpoint.exists()
    assert [call[1:4] for call in calls] == [(2.0, "cpu", 4), (0.5, "cpu", 4), (2.0, "cpu", 4)]


def test_the_shipped_vqvae_config_is_one(with_torch, monkeypatch):
    from gradewright.core.train import vqvae_fit

    calls = []
    monkeypatch.setattr(vqvae_fit, "train", lambda *args: calls.append(args))
    with_torch.ok("train", "codec", "--config", "codec_vqvae", "--out", "run")
    assert calls[0][1:] == (20.0, "cpu", 1)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--config", "no.toml"], "no.toml: No such file or directory"),
        (["--config", "bad.toml"], "bad.toml: is no TOML ("),
        (["--config", "thin.toml"], "thin.toml: has no space, quantiser: start from the shipped config"),
        (["--minutes", "3"], "--minutes and --device are for a VQ-VAE"),
        (["--minutes", "0"], "out of range"),
        (["--set", "data.sample=3"], "--set data.sample=3: write SECTION.KEY=VALUE with a name from the"),
        (["--set", "data=3"], "--set data=3: write SECTION.KEY=VALUE"),
        (["--set", "seed=x"], "--set seed=x: 'x' is no TOML value"),
        (["--out", "there.npz"], "there.npz: already exists"),
        (["--out", "no/where.npz"], "no/where.npz: the folder no does not exist"),
        (["--config", "vqvae.toml", "--out", "run.npz"], "run.npz: a VQ-VAE is kept in a folder"),
        (["--config", "odd.toml", "--out", "run"], "odd.toml: seed and minutes are numbers"),
        (["--config", "vqvae.toml", "--set", "seed=1"], "--set is for the codec's own fit"),
    ],
)
def test_refusals_are_one_line(with_torch, tmp_path, args, message):
    (tmp_path / "bad.toml").write_text("seed = = 1")
    (tmp_path / "thin.toml").write_text("seed = 1\n[data]\nsamples = 1\n")
    (tmp_path / "odd.toml").write_text('model = "vqvae"\nminutes = "long"\n')
    (tmp_path / "there.npz").touch()
    assert message in with_torch.refused("train", "codec", *args)


def test_a_missing_gpu_is_said(with_torch, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    message = with_torch.refused(
        "train", "codec", "--config", "vqvae.toml", "--out", "run", "--device", "cuda"
    )
    assert message == "--device cuda: torch finds no CUDA here; leave it out to use the CPU"
