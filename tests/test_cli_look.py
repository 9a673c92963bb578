"""``gradewright look``."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from cli_runner import Runner
from gradewright import lutio
from gradewright.core import Lut, Recipe, Shaper


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
    assert 0 < answer["mean_de"] < 1.5


def test_damaged_text_is_one_line(cli, tmp_path):
    assert "would begin with gw1:" in cli.refused("look", "decode", "gw2:AAAA", "-o", "x.cube")
    assert not (tmp_path / "x.cube").exists()


def test_an_existing_file_stays(cli):
    text = cli.ok("look", "encode", "warm.cube").out.strip()
    assert "warm.cube" in cli.refused("look", "decode", text, "-o", "warm.cube")
    cli.ok("look", "decode", text, "-o", "warm.cube", "--force")


def test_text_from_stdin(cli, monkeypatch):
    text = cli.ok("look", "encode", "warm.cube").out
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert cli.ok("look", "decode", "-", "-o", "piped.clf").err == "wrote piped.clf (33^3)\n"
    cli.ok("look", "decode", text.strip(), "-o", "given.cube")
    assert np.allclose(lutio.read("piped.clf").table, lutio.read("given.cube").table, atol=1e-6)


def test_a_one_dimensional_lut_is_flattened_with_a_note(cli):
    ramp = np.linspace(0, 1, 64)[:, None] ** [[1.0, 1.0, 0.9]]
    lutio.write(Lut(Lut.identity(2).table, shaper=Shaper(ramp)), "curve.cube")
    result = cli.ok("look", "encode", "curve.cube")
    assert result.out.startswith("gw1:")
    assert result.err == "note: a 1D LUT: kept as a cube\n"


def test_other_luts_that_lose_something_say_so(cli):
    table = Recipe(contrast=20).to_lut().table
    lutio.write(Lut(table, domain=((0, 0, 0), (2, 2, 2))), "wide.cube")
    assert "input domain is baked into the cube" in cli.ok("look", "encode", "wide.cube").err
    lutio.write(Lut(table * 1.5), "bright.cube")
    assert "values 0.00..1.50 are clipped to 0..1" in cli.ok("look", "encode", "bright.cube").err


def test_a_missing_lut_is_one_line(cli):
    assert "nothing.cube" in cli.refused("look", "encode", "nothing.cube")
