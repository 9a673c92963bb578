"""``gradewright train``."""

from __future__ import annotations

import pytest
from cli_runner import Runner


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Runner:
    monkeypatch.chdir(tmp_path)
    return Runner(capsys)


def test_without_torch_it_says_what_to_install(cli, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    for model in ("codec", "vqvae"):
        assert cli.refused("train", model) == "training needs torch: pip install 'gradewright[train]'"


def test_help_of_a_model_lists_its_options(cli):
    pytest.importorskip("torch")
    assert "--config" in cli.ok("train", "codec", "--help").out
    assert "--minutes" in cli.ok("train", "vqvae", "--help").out


def test_without_data_it_names_the_folder(cli, monkeypatch, tmp_path):
    pytest.importorskip("torch")
    monkeypatch.setenv("GRADEWRIGHT_DATA", str(tmp_path / "none"))
    refusal = cli.refused("train", "codec", "--out", tmp_path / "w.npz")
    assert refusal == f"{tmp_path / 'none'}: no data pack here: set GRADEWRIGHT_DATA to its folder"
