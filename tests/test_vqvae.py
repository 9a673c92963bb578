"""The VQ-VAE, the looks it learns from, and that a run which was stopped goes on as if it had not been."""

from __future__ import annotations

import json
import os
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradewright.core.errors import BadInput, FileError  # noqa: E402
from gradewright.core.interp import lattice  # noqa: E402
from gradewright.core.train import codec_data, vqvae, vqvae_data, vqvae_fit, vqvae_run  # noqa: E402
from gradewright.core.train.vqvae_run import Run, Settings  # noqa: E402

TINY = Settings(seed=5, steps=6, batch=3, warm_up=2, every=2, recipes=4)
CLOCKS = ("minutes", "cpu_minutes")


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def recipes() -> np.ndarray:
    return codec_data.recipe_tables(6, np.random.default_rng(5)).astype(np.float32)


@pytest.fixture
def augmenter(recipes) -> vqvae_data.Augmenter:
    return vqvae_data.Augmenter(recipes[:4], recipes[4:], seeded())


@pytest.fixture
def pack(tmp_path, monkeypatch, recipes):
    """A data pack of made-up looks, and a network small enough for tests."""
    (tmp_path / "luts").mkdir()
    monkeypatch.setenv("GRADEWRIGHT_DATA", str(tmp_path))
    monkeypatch.setattr(codec_data, "load_luts", lambda *_: (recipes, []))
    monkeypatch.setattr(codec_data, "recipe_tables", lambda *_: recipes)
    monkeypatch.setattr(vqvae_run, "VqVae", lambda: vqvae.VqVae(4, 8, 16, 1))
    return tmp_path


def test_shapes_and_parameter_count():
    model = vqvae.VqVae(width=4, latent=8, count=16)
    luts = torch.randn(2, 3, 32, 32, 32) * 0.1
    made, commitment, _ = model(luts)
    assert made.shape == luts.shape
    assert commitment.item() > 0
    tokens = model.encode(luts)
    assert tokens.shape == (2, 64)
    assert model.decode(tokens).shape == luts.shape
    assert 3.8e6 < sum(p.numel() for p in vqvae.VqVae().parameters()) < 4.5e6  # the paper's 4 M


def test_evaluating_moves_no_codebook_and_decodes_what_it_encodes():
    model = vqvae.VqVae(width=4, latent=8, count=16)
    luts = torch.randn(2, 3, 32, 32, 32) * 0.1
    model(luts)
    before = model.eval().codebook.vectors.clone()
    made, *_ = model(luts)
    assert torch.equal(model.codebook.vectors, before)
    assert torch.allclose(made, model.decode(model.encode(luts)), atol=1e-6)


def test_a_first_batch_fills_the_codebook():
    book, latent = vqvae.Codebook(16, 8), torch.randn(64, 8, generator=seeded())
    assert book.update(latent, book.nearest(latent), seeded()) >= 15
    distances = torch.cdist(book.vectors, torch.cat([latent, latent.mean(0, keepdim=True)]))
    assert distances.min(1).values.max() < 0.5


def test_words_out_of_use_are_revived_and_the_others_kept():
    book, latent = vqvae.Codebook(4, 2), torch.tensor([[1.0, 0.0], [-1.0, 0.0]] * 8)
    code = torch.arange(16) % 2
    revived = [int(book.update(latent, code, seeded())) for _ in range(72)]
    assert revived == [4] + [0] * 70 + [2]  # all at first; a fourth of the mean use fades in 71 steps
    assert torch.allclose(book.vectors[:2], latent[:2], atol=0.1)
    assert all(any(torch.allclose(word, row) for row in latent) for word in book.vectors[2:])


def test_vectors_follow_the_average_of_what_is_nearest():
    book = vqvae.Codebook(1, 2, decay=0.9)
    for value in (0.0, 1.0):
        for _ in range(80):
            book.update(torch.full((8, 2), value), torch.zeros(8, dtype=torch.long))
    assert torch.allclose(book.vectors, torch.ones(1, 2), atol=1e-3)


def test_cubes_become_differences_on_32(recipes):
    identity = np.broadcast_to(lattice(33), (2, 33, 33, 33, 3)).copy()
    assert vqvae_data.to_32(torch.from_numpy(identity)).abs().max() < 1e-6
    small = vqvae_data.to_32(torch.from_numpy(recipes[:1]))[0]
    assert small.shape == (3, 32, 32, 32)
    corner = recipes[0, 32, 0, 32] - [1, 0, 1]
    assert np.allclose(small[:, 31, 0, 31], corner, atol=1e-6)


def test_augmented_looks_stay_in_range_and_follow_the_generator(recipes, augmenter):
    batch = augmenter.batch(12)
    assert batch.shape == (12, 3, 32, 32, 32)
    colours = batch + vqvae_data.identity_32()
    assert -1e-6 <= colours.min() < colours.max() <= 1 + 1e-6
    again = vqvae_data.Augmenter(recipes[:4], recipes[4:], seeded()).batch(12)
    assert torch.equal(again, batch)
    assert not torch.equal(augmenter.batch(12), batch)


@pytest.mark.parametrize("name", ["_composed", "_remapped", "_toned", "_noisy"])
def test_every_augmentation_changes_colours_but_keeps_looks_plausible(augmenter, name):
    looks = torch.zeros(6, 3, 32, 32, 32)
    made = getattr(augmenter, name)(looks.clone())
    assert 1e-4 < (made - looks).abs().mean() < 0.25
    assert not torch.equal(made[0], made[1])


def test_composition_applies_the_second_look_to_the_colours_of_the_first(augmenter, monkeypatch):
    colours = augmenter.identity
    darker, inverted = (colours * 0.5 - colours)[None], (1 - 2 * colours)[None]
    monkeypatch.setattr(augmenter, "_picked", lambda _count: inverted)
    monkeypatch.setattr(augmenter, "_uniform", lambda *_: torch.ones(1, 1, 1, 1, 1))
    assert torch.allclose(augmenter._composed(darker)[0] + colours, 1 - colours * 0.5, atol=1e-5)


def test_remapping_is_a_curve_per_input_channel(augmenter):
    made = augmenter._remapped(torch.zeros(1, 3, 32, 32, 32))[0] + augmenter.identity
    red = made[0]
    assert torch.allclose(red, red[:, :1, :1].expand_as(red), atol=1e-5)
    assert (red[:, 0, 0].diff() >= -1e-6).all()


def test_permuted_channels_keep_greys_grey(augmenter):
    grey = augmenter.identity.mean(0, keepdim=True) - augmenter.identity
    augmenter.real = augmenter.recipes = grey[None].half()
    augmenter.SWAPPED = 1.0
    made = augmenter._picked(8)
    assert torch.allclose(made, grey[None].expand(8, -1, -1, -1, -1), atol=1e-3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch": 0}, "batch = 0: needs a whole number from 1 on"),
        ({"steps": 2.5}, "steps = 2.5: needs a whole number from 0 on"),
        ({"rate": True}, "rate = True: needs a number above 0"),
        ({"minutes": float("nan")}, "minutes = nan: needs a number above 0"),
        ({"precision": "half"}, "precision = 'half': needs float32 or bfloat16"),
    ],
)
def test_settings_are_checked(values, message):
    with pytest.raises(BadInput) as caught:
        Settings(**values)
    assert str(caught.value) == message


def test_the_rate_warms_up_and_falls_to_nothing(pack):
    run = Run(Settings(steps=100, warm_up=10, rate=1e-3), "cpu")
    rates = []
    for run.step in range(101):
        rates.append(run.rate())
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == pytest.approx(1e-3, rel=0.03)
    assert rates[100] == pytest.approx(0)
    assert np.all(np.diff(rates[10:]) < 0)


def state_of(folder):
    state = torch.load(folder / "last.pt", weights_only=True)
    return {name: value for name, value in state.items() if name not in CLOCKS}


def figures_of(folder):
    rows = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{name: value for name, value in row.items() if name not in CLOCKS} for row in rows]


def same(a, b) -> bool:
    """Deep equality to the bit."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def interrupt(run: Run) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def crash(run: Run) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("event", "kind", "kept"), [(interrupt, KeyboardInterrupt, 4), (crash, ZeroDivisionError, 2)]
)
def test_interrupted_and_resumed_equals_uninterrupted_bit_for_bit(pack, monkeypatch, event, kind, kept):
    vqvae_fit.train(pack / "whole", TINY, "cpu")
    with monkeypatch.context() as patch:
        advance = Run.advance

        def third(self, luts):
            if self.step == 3:
                event(self)
            advance(self, luts)

        patch.setattr(Run, "advance", third)
        with pytest.raises(kind):
            vqvae_fit.train(pack / "parted", TINY, "cpu")
    assert state_of(pack / "parted")["step"] == kept
    torch.rand(7)  # the global generator has nothing to do with it
    vqvae_fit.train(pack / "parted", TINY, "cpu")
    whole, parted = state_of(pack / "whole"), state_of(pack / "parted")
    assert whole["step"] == 6
    assert same(parted, whole)
    assert figures_of(pack / "parted") == figures_of(pack / "whole")


def test_another_seed_is_another_run(pack):
    vqvae_fit.train(pack / "a", TINY, "cpu")
    vqvae_fit.train(pack / "b", Settings(**(TINY.__dict__ | {"seed": 6})), "cpu")
    assert not same(state_of(pack / "a")["model"], state_of(pack / "b")["model"])


def test_metrics_and_description(pack):
    last = vqvae_fit.train(pack / "run", TINY, "cpu")
    rows = [json.loads(line) for line in (pack / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4, 6]
    assert rows[-1] == last
    assert set(last) == {
        "step", *CLOCKS, "rate", "error", "commitment", "revived", "psnr_val", "words"
    }  # fmt: skip
    described = json.loads((pack / "run" / "run.json").read_text())
    assert described["settings"] == TINY.__dict__
    assert described["device"] == "cpu"


def test_training_learns(pack):
    settings = Settings(steps=30, batch=4, warm_up=3, every=10, rate=3e-3)
    vqvae_fit.train(pack / "run", settings, "cpu")
    rows = figures_of(pack / "run")
    assert rows[-1]["error"] < 0.9 * rows[0]["error"]


def test_bfloat16_keeps_checkpoints_in_float32(pack):
    vqvae_fit.train(pack / "run", Settings(**(TINY.__dict__ | {"precision": "bfloat16", "steps": 2})), "cpu")
    model = state_of(pack / "run")["model"]
    assert {value.dtype for value in model.values()} == {torch.float32}


def test_minutes_count_over_all_sittings(pack):
    settings = Settings(**(TINY.__dict__ | {"steps": 0, "minutes": 1e-4}))
    vqvae_fit.train(pack / "run", settings, "cpu")
    with pytest.raises(FileError, match=r"run: has had its 0.0001 minutes already: give it more to go on"):
        vqvae_fit.train(pack / "run", settings, "cpu")
    before = state_of(pack / "run")["step"]
    more = Settings(**(settings.__dict__ | {"steps": before + 1}))
    assert vqvae_fit.train(pack / "run", more, "cpu")["step"] == before + 1


def test_other_settings_and_damaged_checkpoints_are_refused(pack):
    vqvae_fit.train(pack / "run", TINY, "cpu")
    other = Settings(**(TINY.__dict__ | {"steps": 9, "batch": 4}))
    with pytest.raises(FileError, match=r"last\.pt: was begun with batch = 3, not 4: resume with the same"):
        vqvae_fit.train(pack / "run", other, "cpu")
    checkpoint = pack / "run" / "last.pt"
    for damage in (checkpoint.read_bytes()[:5000], b"", b"text", b"PK\x03\x04"):
        checkpoint.write_bytes(damage)
        with pytest.raises(FileError, match=r"last\.pt: is no checkpoint of this version: begin again"):
            vqvae_fit.train(pack / "run", TINY, "cpu")


def test_divergence_is_said_and_keeps_the_last_good_checkpoint(pack, monkeypatch):
    advance = Run.advance
    monkeypatch.setattr(
        Run, "advance", lambda self, luts: advance(self, luts * (1 if self.step < 3 else torch.nan))
    )
    with pytest.raises(FileError, match=r"run: diverged before step 4: begin again with a lower rate"):
        vqvae_fit.train(pack / "run", TINY, "cpu")
    assert state_of(pack / "run")["step"] == 2


def test_signals_are_handed_back(pack):
    before = signal.getsignal(signal.SIGINT)
    vqvae_fit.train(pack / "run", TINY, "cpu")
    assert signal.getsignal(signal.SIGINT) is before
