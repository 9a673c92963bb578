"""The command line: results, messages, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli_runner import parts
from gradewright import lutio
from gradewright.cli.main import COMMANDS
from gradewright.core import Lut, Shaper
from gradewright.core.interp import lattice
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent


def read_image(path):
    with Image.open(path) as image:
        return np.asarray(image)


# -- help


def test_help_names_every_command(cli):
    text = cli.ok("--help").out
    for name in COMMANDS:
        assert f"  {name} " in text
    assert "Start here" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_summary(cli, name):
    text = cli.ok(name, "--help").out
    assert f"gradewright {name}" in text
    assert "--help" in text


def test_version(cli):
    from importlib.metadata import version

    assert cli.ok("--version").out == f"gradewright {version('gradewright')}\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["gradee"], "there is no command 'gradee'; did you mean 'grade'?"),
        (["zzz"], "there is no command 'zzz'; see gradewright --help"),
        (["grade", "--promt", "warm"], "No such option"),
        (["apply", "look.cube"], "Missing argument 'IMAGE...'"),
    ],
)
def test_wrong_words_are_explained(cli, args, message):
    assert message in cli.refused(*args)


# -- grade


def test_grade_from_parameters(cli, files):
    result = cli.ok(
        "grade",
        "photo.png",
        "--set",
        "exposure=+0.5",
        "-o",
        "new.cube",
        "--preview",
        "p.jpg",
        "--report",
        "r.json",
    )
    lut = lutio.read(files / "new.cube")
    assert lut.size == 33
    assert lut.sample([[0.4, 0.4, 0.4]]).mean() > 0.45
    assert read_image(files / "p.jpg").shape == (48, 64, 3)
    report = json.loads((files / "r.json").read_text())
    assert report["engine"] == "recipe"
    assert report["operations"][0]["parameter"] == "exposure"
    assert "new.cube (33^3, display-referred sRGB)" in result.err
    assert parts(files) == []


def test_grade_without_a_photo(cli, files):
    cli.ok("grade", "--set", "saturation=-100", "-o", "bw.cube")
    grey = lutio.read(files / "bw.cube").sample([[0.8, 0.2, 0.4]])
    assert np.ptp(grey) < 0.01


def test_grade_from_a_pair_recovers_the_look(cli, files, look, picture):
    cli.ok("grade", "--pair", "photo.png", "after.png", "-o", "pair.cube")
    learnt = lutio.read(files / "pair.cube").sample(picture)
    assert np.abs(learnt - look.sample(picture)).mean() < 0.02


def test_grade_writes_json_for_programs(cli, files):
    result = cli.ok("grade", "--set", "contrast=20", "-o", "c.cube", "--json")
    assert json.loads(result.out)[0]["settings"]["params"] == {"contrast": "20"}


def test_strength_weakens(cli, files):
    cli.ok("grade", "--set", "exposure=1", "-o", "full.cube")
    cli.ok("grade", "--set", "exposure=1", "--strength", "0.5", "-o", "half.cube")
    cli.ok("grade", "--set", "exposure=1", "--strength", "0", "-o", "none.cube")
    grey = [[0.4, 0.4, 0.4]]
    full, half = (lutio.read(files / f"{name}.cube").sample(grey).mean() for name in ("full", "half"))
    assert 0.4 < half < full
    assert lutio.read(files / "none.cube").is_identity(1e-6)


@pytest.mark.parametrize("size", [17, 33, 65])
def test_sizes(cli, files, size):
    cli.ok("grade", "--set", "contrast=10", "--size", size, "-o", "s.cube")
    assert lutio.read(files / "s.cube").size == size


def test_an_engine_without_choices_says_so(cli, files):
    result = cli.ok("grade", "--set", "contrast=10", "--variations", "3", "-o", "v.cube")
    assert "note: the recipe engine has 1 answer to this, not 3" in result.err
    assert (files / "v.cube").exists()


def test_recipe_file_round_trip(cli, files):
    cli.ok("grade", "--set", "contrast=25", "--save-recipe", "r.json", "-o", "a.cube")
    cli.ok("grade", "--recipe", "r.json", "-o", "b.cube")
    assert lutio.read(files / "a.cube") == lutio.read(files / "b.cube")


def test_grade_for_a_log_timeline(cli, files):
    result = cli.ok("grade", "--set", "temperature=20", "--space", "slog3 sgamut3.cine", "-o", "log.cube")
    assert "S-Log3" in result.err
    assert not lutio.read(files / "log.cube").is_identity(0.01)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--set", "exposure=1"], "nowhere to write to: add -o look.cube"),
        (["-o", "x.cube"], "nothing was asked for"),
        (["--set", "exposuer=1", "-o", "x.cube"], "exposuer"),
        (["--set", "exposuer=1", "-o", "x.cube"], "did you mean 'exposure'?"),
        (["--set", "exposure=99", "-o", "x.cube"], "-3"),
        (["--set", "exposure=0,5", "-o", "x.cube"], "0.5"),
        (["--set", "exposure=nan", "-o", "x.cube"], "exposure"),
        (["--set", "exposure", "-o", "x.cube"], "write NAME=VALUE"),
        (["--set", "exposure=1", "--set", "exposure=2", "-o", "x.cube"], "given twice"),
        (["--strength", "1.5", "--set", "exposure=1", "-o", "x.cube"], "1.5 is out of range: 0..1"),
        (["--strength", "0,5", "--set", "exposure=1", "-o", "x.cube"], "use a decimal point: 0.5"),
        (["--strength", "half", "--set", "exposure=1", "-o", "x.cube"], "'half' is not a number: use 0..1"),
        (["--auto", "-o", "x.cube"], "automatic grading looks at the photo: give one"),
        (["--set", "exposure=1", "-o", "x.txt"], ".txt"),
        (["--set", "exposure=1", "-o", "missing/x.cube"], "missing does not exist: create it first"),
        (["--set", "exposure=1", "-o", "look.cube"], "look.cube: already exists"),
        (["--set", "exposure=1", "--preview", "p.jpg"], "--preview needs a PHOTO"),
        (["no.png", "--set", "exposure=1", "--preview", "p.jpg", "-o", "x.cube"], "no.png"),
        (["--pair", "photo.png", "no.png", "-o", "x.cube"], "no.png"),
        (["--pair", "photo.png", "look.cube", "-o", "x.cube"], "look.cube"),
        (["--set", "exposure=1", "--space", "S-Log9", "-o", "x.cube"], "S-Log9"),
        (["--engine", "recpie", "--set", "exposure=1", "-o", "x.cube"], "did you mean 'recipe'?"),
        (
            ["--engine", "pair", "--set", "exposure=1", "-o", "x.cube"],
            "engine 'pair' cannot work from params",
        ),
        (["--recipe", "no.json", "-o", "x.cube"], "no.json: No such file"),
        (["--recipe", "photo.png", "-o", "x.cube"], "photo.png"),
        (["--variations", "0", "--set", "exposure=1", "-o", "x.cube"], "variations"),
    ],
)
def test_grade_refuses_with_a_reason_and_writes_nothing(cli, files, args, message):
    before = set(os.listdir(files))
    assert message in cli.refused("grade", *args)
    assert set(os.listdir(files)) == before


# -- apply


def test_apply_one_image(cli, files, look):
    cli.ok("apply", "look.cube", "photo.png", "-o", "out.png")
    expected = look.apply(read_image(files / "photo.png"))
    # The .cube file holds six decimals.
    assert np.abs(read_image(files / "out.png").astype(int) - expected).max() <= 1


def test_apply_weakened(cli, files):
    cli.ok("apply", "look.cube", "photo.png", "-o", "none.png", "--strength", "0")
    assert np.array_equal(read_image(files / "none.png"), read_image(files / "photo.png"))


@pytest.fixture
def album(files, rng):
    """Seven photos in a tree, and something that is none."""
    for index in range(7):
        path = files / "album" / f"day{index % 2}" / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(path)
    (files / "album" / "notes.txt").write_text("no picture")
    (files / "album" / ".hidden.png").write_bytes(b"")
    return files / "album"


def test_apply_a_folder_keeps_its_tree(cli, files, album):
    result = cli.ok("apply", "look.cube", "album", "-o", "graded")
    written = {str(p.relative_to(files / "graded")) for p in (files / "graded").rglob("*.png")}
    assert written == {f"day{i % 2}/{i}.png" for i in range(7)}
    assert "wrote 7 of 7 images to graded" in result.err


def test_apply_resumes(cli, files, album):
    cli.ok("apply", "look.cube", "album", "-o", "graded")
    first = {p: p.stat().st_mtime_ns for p in (files / "graded").rglob("*.png")}
    (files / "graded" / "day0" / "0.png").unlink()
    result = cli.ok("apply", "look.cube", "album", "-o", "graded", "--resume")
    assert "wrote 1 of 7 images to graded, 6 done before" in result.err
    kept = {p: p.stat().st_mtime_ns for p in (files / "graded").rglob("*.png") if p.name != "0.png"}
    assert all(first[p] == time for p, time in kept.items())


def test_apply_does_not_mix_two_looks_when_resuming(cli, files, album):
    cli.ok("apply", "look.cube", "album", "-o", "graded")
    (files / "graded" / "day0" / "0.png").unlink()
    message = cli.refused("apply", "look.cube", "album", "-o", "graded", "--resume", "--strength", "0.5")
    assert "was made with another LUT or other settings" in message


def test_resuming_an_interrupted_replacement_leaves_no_file_of_the_old_look(cli, files, album, monkeypatch):
    cli.ok("apply", "look.cube", "album", "-o", "graded")
    old = {p.name: p.read_bytes() for p in (files / "graded").rglob("*.png")}
    apply, calls = Lut.apply, []

    def interrupted(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return apply(self, *args, **kwargs)

    halved = ("apply", "look.cube", "album", "-o", "graded", "--strength", "0.5")
    with monkeypatch.context() as patched:
        patched.setattr(Lut, "apply", interrupted)
        assert cli(*halved, "--force", "--jobs", "1").code == 130
    assert any(p.read_bytes() == old[p.name] for p in (files / "graded").rglob("*.png"))
    cli.ok(*halved, "--resume")
    assert all(p.read_bytes() != old[p.name] for p in (files / "graded").rglob("*.png"))
    assert "wrote 0 of 7" in cli.ok(*halved, "--resume").err


def test_resume_tells_1d_luts_apart(cli, files, album):
    for name, power in (("a", 2), ("b", 3)):
        curve = np.linspace(0, 1, 9)[:, None].repeat(3, axis=1) ** power
        lutio.write(Lut(lattice(2), shaper=Shaper(curve)), files / f"{name}.cube")
    cli.ok("apply", "a.cube", "album", "-o", "graded")
    assert "made with another LUT" in cli.refused("apply", "b.cube", "album", "-o", "graded", "--resume")


def test_resume_does_not_take_strangers_files_for_its_own(cli, files, album):
    (files / "graded" / "day0").mkdir(parents=True)
    (files / "graded" / "day0" / "0.png").write_bytes(b"mine")
    message = cli.refused("apply", "look.cube", "album", "-o", "graded", "--resume")
    assert "or not by this command" in message
    assert (files / "graded" / "day0" / "0.png").read_bytes() == b"mine"


def test_apply_never_overwrites_silently(cli, files, album):
    cli.ok("apply", "look.cube", "album", "-o", "graded")
    message = cli.refused("apply", "look.cube", "album", "-o", "graded")
    assert "0.png: already exists (and 6 more)" in message
    assert "--resume" in message
    cli.ok("apply", "look.cube", "album", "-o", "graded", "--force")


def test_one_bad_image_does_not_stop_the_others(cli, files, album):
    (album / "day0" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    result = cli("apply", "look.cube", "album", "-o", "graded")
    assert result.code == 2
    assert "album/day0/0.png: " in result.err
    assert "wrote 6 of 7 images" in result.err
    assert "Traceback" not in result.err
    assert parts(files / "graded" / "day0") == []


def test_an_output_folder_inside_the_source_is_not_read_again(cli, files, album):
    cli.ok("apply", "look.cube", "album", "-o", "album/graded")
    result = cli.ok("apply", "look.cube", "album", "-o", "album/graded", "--resume")
    assert "wrote 0 of 7 images to album/graded, 7 done before" in result.err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["no.cube", "photo.png", "-o", "o.png"], "no.cube"),
        (["look.cube", "no.png", "-o", "o.png"], "no.png"),
        (["photo.png", "photo.png", "-o", "o.png"], "photo.png"),
        (["look.cube", "look.cube", "-o", "o.png"], "look.cube"),
        (["look.cube", "photo.png", "after.png", "-o", "o.png"], "several images need a folder as -o"),
        (["look.cube", "empty", "-o", "o"], "no images in empty"),
        (["look.cube", "photo.png", "-o", "photo.png"], "photo.png: already exists"),
        (["look.cube", "photo.png", "sub/photo.png", "-o", "o"], "would both be written to o/photo.png"),
    ],
)
def test_apply_refuses_with_a_reason(cli, files, args, message):
    (files / "empty").mkdir()
    (files / "sub").mkdir()
    (files / "sub" / "photo.png").write_bytes((files / "photo.png").read_bytes())
    before = (files / "photo.png").read_bytes()
    assert message in cli.refused("apply", *args)
    assert (files / "photo.png").read_bytes() == before
    assert not (files / "o.png").exists()


# -- convert, inspect, bake, spaces, parameters


@pytest.mark.parametrize("suffix", [".clf", ".3dl", ".png", ".ctf"])
def test_convert_there_and_back(cli, files, look, suffix):
    cli.ok("convert", "look.cube", f"b{suffix}")
    cli.ok("convert", f"b{suffix}", "c.cube", "--size", 17)
    assert np.abs(lutio.read(files / "c.cube").table - look.table).max() < 0.02


def test_convert_keeps_the_title(cli, files):
    cli.ok("convert", "look.cube", "b.cube", "--title", "My look")
    assert lutio.read(files / "b.cube").title == "My look"


def test_convert_refuses_a_malformed_file_by_line(cli, files):
    lines = (files / "look.cube").read_text().splitlines()
    lines[10] = "0.1 nan 0.3"
    (files / "bad.cube").write_text("\n".join(lines))
    assert "bad.cube:11: " in cli.refused("convert", "bad.cube", "c.cube")
    assert not (files / "c.cube").exists()


def test_inspect_speaks_and_draws(cli, files):
    result = cli.ok("inspect", "look.cube", "--plot", "plot.png")
    assert "look.cube: 17^3" in result.out
    assert "In words:" in result.out
    assert read_image(files / "plot.png").shape[1] >= 1000


def test_inspect_for_programs(cli, files):
    facts = json.loads(cli.ok("inspect", "look.cube", "--json").out)
    assert facts["size"] == 17
    assert isinstance(facts["ok"], bool)
    assert facts["figures"]


def test_inspect_names_what_is_no_plain_cube(cli, files):
    shaper = Shaper(np.linspace(0, 1, 5)[:, None].repeat(3, axis=1) ** 2)
    lutio.write(Lut(lattice(2), shaper=shaper), files / "one.cube")
    lutio.write(Lut(lattice(4), shaper=shaper), files / "both.cube")
    assert "one.cube: 1D, 5 entries" in cli.ok("inspect", "one.cube").out
    result = cli.ok("inspect", "both.cube")
    assert "both.cube: 4^3 behind a shaper" in result.out
    assert "judged as a display look" in result.err


def test_inspect_calls_a_negative_unsafe(cli, files):
    lutio.write(Lut.from_function(lambda p: 1 - p), files / "negative.cube")
    assert json.loads(cli.ok("inspect", "negative.cube", "--json").out)["ok"] is False


def test_bake_identity_stays_identity(cli, files):
    lutio.write(Lut.identity(17), files / "id.cube")
    cli.ok("bake", "id.cube", "--space", "ARRI LogC4", "-o", "b.cube")
    assert lutio.read(files / "b.cube").is_identity(1e-6)
    assert "baked" not in cli.ok("bake", "id.cube", "--space", "LogC4", "--to-display", "-o", "d.cube").out
    assert lutio.read(files / "d.cube").size == 65


def test_spaces_lists_and_searches(cli):
    everything = cli.ok("spaces").out
    assert "S-Log3" in everything
    assert "F-Log2" in everything
    found = json.loads(cli.ok("spaces", "logc4", "--json").out)
    assert found
    assert all("logc4" in json.dumps(s).lower().replace(" ", "") for s in found)
    assert "no space matches 'zzz'" in cli.ok("spaces", "zzz").out


def test_parameters_lists_what_set_takes(cli):
    assert "exposure" in cli.ok("parameters").out
    names = [p["name"] for p in json.loads(cli.ok("parameters", "--json").out)]
    assert {"exposure", "temperature", "orange_chroma"} <= set(names)


def test_doctor_shows_versions_engines_and_formats(cli):
    text = cli.ok("doctor").out
    assert "OpenColorIO" in text
    assert "recipe: " in text
    assert ".cube" in text
    assert json.loads(cli.ok("doctor", "--json").out)["critics"] == ["gradewright"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(cli, shell):
    assert "_GRADEWRIGHT_COMPLETE" in cli.ok("completion", shell).out


def test_completion_answers():
    env = os.environ | {
        "_GRADEWRIGHT_COMPLETE": "bash_complete",
        "COMP_WORDS": "gradewright ins",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "gradewright.cli"], env=env, capture_output=True, text=True, check=False
    )
    assert "inspect" in done.stdout
    assert "install" in done.stdout
