"""``gradewright look``."""

from __future__ import annotations

import json

import numpy as np
import pytest
from cli_runner import Runner
from gradewright import lutio
from gradewright.core import Recipe


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch) -> Runner:
    monkeypatch.chdir(tmp_path)
    lutio.write(Recipe(contrast=20, temperature=15).to_lut(), "warm.cube")
    return Runner(capsys)


def test_there_and_back(cli):
    text = cli.ok("look", "encode", "warm.cube").out.strip()
    assert text.startswith("gw1:")
    assert len(text) == 90
    assert cli.ok("look", "decode", text, "-o", "back.cube").err == "wrote back.cube (33^3)\n"
    one, other = lutio.read("warm.cube"), lutio.read("back.cube")
    assert np.abs(one.table - other.table).mean() < 0.01


def test_json_says_how_near_it_comes(cli):
    answer = json.loads(cli.ok("look", "encode", "warm.cube", "--json").out)
    assert len(answer["tokens"]) == 64
    assert 0 < answer["mean_de_lattice"] < 1.5


def test_damaged_text_is_one_line(cli, tmp_path):
    assert "would begin with gw1:" in cli.refused("look", "decode", "gw2:AAAA", "-o", "x.cube")
    assert not (tmp_path / "x.cube").exists()


def test_an_existing_file_stays(cli):
    text = cli.ok("look", "encode", "warm.cube").out.strip()
    assert "warm.cube" in cli.refused("look", "decode", text, "-o", "warm.cube")
    cli.ok("look", "decode", text, "-o", "warm.cube", "--force")
