"""Training the compact engine's networks, in miniature."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import data_pack  # noqa: E402
from gradewright.core.codec import LutCodec  # noqa: E402
from gradewright.core.engines.compact.networks import INTENTS  # noqa: E402
from gradewright.core.interp import lattice  # noqa: E402
from gradewright.core.train import captions as language  # noqa: E402
from gradewright.core.train import configs  # noqa: E402
from gradewright.core.train.policy import basis, fit, prompt_data  # noqa: E402
from gradewright.core.train.policy.loop import Budget, Run  # noqa: E402
from gradewright.core.train.policy.photos import load_photos  # noqa: E402
from gradewright.core.train.policy.prompt_fit import Task, evaluate, unknown_words  # noqa: E402
from gradewright.core.train.policy.prompt_net import PromptNet  # noqa: E402
from gradewright.core.train.policy.reward_fit import RewardTask  # noqa: E402

SIZE = 24


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return data_pack.make(tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def coarse(pack):
    codec = LutCodec.load()
    scale = basis.coefficient_scale(codec, pack, SIZE).clamp_min(0.1)
    return basis.Basis(codec, SIZE, scale, prompt_data.STEP)


@pytest.fixture(scope="module")
def scenes(pack):
    photos = load_photos(sorted((pack / "photos" / "train").glob("*.jpg")))
    return prompt_data.make_scenes(photos, 20, torch.Generator().manual_seed(1))


def caption(text: str, kind: str = "direction", film: str | None = None, **params: float) -> language.Caption:
    return language.Caption(text, language.Wish(params, film), kind, "en")


WISHES = [
    caption("warmer", temperature=28.0),
    caption("colder", temperature=-28.0),
    caption("shot on Noir Pan", "film", film="Noir Pan 400"),
    caption("leave it", "identity"),
    caption("my cat", "nothing"),
    caption("+1 EV", "numeric", exposure=1.0),
    caption("brighter", exposure=1.0),
]


@pytest.fixture(scope="module")
def made(pack, scenes, coarse):
    films = prompt_data.Films(pack)
    return prompt_data.make_captions(
        WISHES, scenes, films, coarse, np.random.default_rng(2), with_states=False
    )


class TestLoop:
    @staticmethod
    def run(folder, steps: int) -> Run:
        def loss(model, rng, generator):
            x = torch.from_numpy(rng.normal(size=(8, 3)).astype(np.float32))
            noise = torch.randn((8, 1), generator=generator) * 0.01
            return (model(x) - x.sum(1, keepdim=True) - noise).square().mean() + torch.rand(()) * 0

        torch.manual_seed(3)
        net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1))
        return Run(folder, net, loss, lambda _m: {"x": 1.0}, Budget(1, steps), 5, every=4, bfloat=False)

    def test_a_resumed_run_repeats_an_uninterrupted_one(self, tmp_path):
        whole = self.run(tmp_path / "whole", 12)
        whole.budget.steps = 12
        whole.train()
        first = self.run(tmp_path / "parts", 12)
        for _ in range(5):
            first._step(first._done())
        first._save()
        second = self.run(tmp_path / "parts", 12)
        assert second.state["step"] == 5
        second.train()
        for one, other in zip(whole.average.parameters(), second.average.parameters(), strict=True):
            assert torch.equal(one, other)

    def test_metrics_are_lines_of_json(self, tmp_path):
        run = self.run(tmp_path / "run", 9)
        run.train()
        rows = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
        assert [row["step"] for row in rows] == [4, 8, 9]
        assert rows[0]["x"] == 1.0
        assert rows[-1]["loss"] < rows[0]["loss"] * 3


class TestCaptions:
    def test_targets_are_the_wished_looks(self, made, coarse):
        cube = coarse(made.target[2:3])[0].permute(1, 2, 3, 0).numpy() + lattice(9)
        assert np.ptp(cube[2:7, 4, 4], axis=1).max() < 0.12, "black and white"
        warm, cold = coarse(made.target[:2])[:, :, 4, 4, 4]
        assert warm[0] - warm[2] > 0.03 > -0.03 > cold[0] - cold[2]

    def test_numbers_are_exact_and_words_follow_the_photo(self, pack, scenes, coarse):
        films, rng = prompt_data.Films(pack), np.random.default_rng(9)
        drawn = [WISHES[5]] * 12 + [WISHES[6]] * 12
        found = prompt_data.make_captions(drawn, scenes, films, coarse, rng, with_states=False)
        assert torch.allclose(found.controls[:12], found.controls[:1].expand(12, -1))
        assert found.controls[12:].std(0).max() > 0.01

    def test_intents_and_the_mild_grade(self, made, coarse):
        assert [INTENTS[i] for i in made.intent] == ["grade"] * 3 + ["identity", "nothing", "grade", "grade"]
        assert made.target[3].abs().max() < 1e-3
        assert 0 < coarse(made.target[4:5]).abs().max() < 0.06

    def test_saved_and_loaded(self, made, scenes, tmp_path):
        made.save(tmp_path / "c.npz")
        back = prompt_data.Captions.load(tmp_path / "c.npz")
        rows = [0, 2, 5]
        for one, other in zip(
            prompt_data.batch_of(made, scenes, rows), prompt_data.batch_of(back, scenes, rows), strict=True
        ):
            assert torch.equal(one, other)
        assert back.texts == made.texts
        assert torch.equal(back.target, made.target)

    def test_an_unknown_film_is_named(self, pack, scenes, coarse):
        with pytest.raises(Exception, match="No Such Film"):
            prompt_data.make_captions(
                [caption("x", "film", film="No Such Film")],
                scenes,
                prompt_data.Films(pack),
                coarse,
                np.random.default_rng(1),
                with_states=False,
            )


class TestDescribed:
    def test_a_real_lut_is_the_target_and_has_no_recipe(self, pack, scenes, coarse):
        lexicon = language.load(data=pack)
        looks = prompt_data.load_looks(pack, "train")
        said = prompt_data.described_captions(6, lexicon, scenes, looks, coarse, np.random.default_rng(3))
        assert len(said) == 6
        assert set(said.kinds) == {"described"}
        assert said.controls.isnan().all()
        assert said.target.isfinite().all()
        assert said.target.abs().sum(1).min() > 0.1
        loss = Task(said, scenes, coarse, 4).loss(
            PromptNet(SIZE, width=24, layers=1), np.random.default_rng(1), torch.Generator().manual_seed(1)
        )
        assert loss.isfinite()


class TestWithoutOwnWords:
    def test_only_english_without_figures_loses_them(self, made, scenes, coarse):
        task = Task(made, scenes, coarse, 4, away=1.0)
        rows = list(range(len(made)))
        gone = task._without_words(made, rows, np.random.default_rng(1))
        exact = [kind == "numeric" for kind in made.kinds]
        assert any(exact)
        assert gone.tolist() == [not figures for figures in exact]
        made.english[:] = False
        try:
            assert not task._without_words(made, rows, np.random.default_rng(1)).any()
        finally:
            made.english[:] = True


class TestUnknownWords:
    def test_a_share_of_the_words_becomes_random(self):
        grams = torch.zeros(50, 8, 24, dtype=torch.int64)
        grams[:, :6, :5] = 7
        noisy = unknown_words(grams, 0.25, torch.Generator().manual_seed(1))
        changed = (noisy != grams).any(-1)
        assert 0.15 < changed[:, :6].float().mean() < 0.35
        assert not changed[:, 6:].any()
        assert ((noisy > 0) == (grams > 0)).all()
        assert unknown_words(grams, 0.0, torch.Generator()) is grams


def test_a_run_begins_with_anothers_weights(tmp_path):
    def run(folder, steps, start=None):
        net = torch.nn.Linear(2, 1)
        loss = lambda model, _r, _g: model(torch.ones(1, 2)).square().sum()  # noqa: E731
        return Run(folder, net, loss, lambda _m: {}, Budget(1, steps), 5, every=4, bfloat=False, start=start)

    first = run(tmp_path / "a", 30).train()
    second = run(tmp_path / "b", 30, tmp_path / "a" / "last.pt")
    assert torch.equal(second.model.weight, first.weight)


class TestRewardTuning:
    def test_it_learns_what_is_rewarded(self, made, scenes, coarse, tmp_path):
        torch.manual_seed(2)
        net = PromptNet(SIZE, width=24, layers=1, dropout=0.0, stream_dropout=0.0)
        task = Task(made, scenes, coarse, 14)
        tuned = RewardTask(task, net, group=16, divergence=0.0, anchor=0.0)
        with torch.no_grad():
            net.spread.bias.fill_(-1.8)
        before = tuned.reward(net)
        run = Run(
            tmp_path, net, tuned.loss, lambda _m: {}, Budget(1, 40), 1, rate=3e-2, averaging=0.8, bfloat=False
        )
        after = tuned.reward(run.train())
        assert after > before + 0.03

    def test_the_divergence_holds_it_back(self, made, scenes, coarse):
        net = PromptNet(SIZE, width=24, layers=1, dropout=0.0)
        task = Task(made, scenes, coarse, 4)
        tuned = RewardTask(task, net, group=2, divergence=1.0, anchor=0.0)
        same = tuned.loss(net, np.random.default_rng(1), torch.Generator().manual_seed(1))
        with torch.no_grad():
            net.mean.bias += 2.0
        moved = tuned.loss(net, np.random.default_rng(1), torch.Generator().manual_seed(1))
        assert moved > same + 1

    def test_a_learnt_judge_is_asked_in_place_of_the_captions_look(self, made, scenes, coarse):
        net, seen = PromptNet(SIZE, width=24, layers=1, dropout=0.0), []

        def learnt(looks, points, hidden):
            seen.append((looks.shape, points.shape, hidden.shape))
            return looks.mean((1, 2, 3, 4))

        task = Task(made, scenes, coarse, 4)
        tuned = RewardTask(task, net, group=3, divergence=0.0, anchor=0.0, learnt=learnt)
        tuned.loss(net, np.random.default_rng(1), torch.Generator().manual_seed(1))
        assert len(seen) == 3
        assert {(look[0], points[0], hidden) for look, points, hidden in seen} == {(4, 4, (4, 512))}


def tiny(kind: str) -> dict:
    config = configs.read_policy(configs.HERE / f"policy_{kind}.toml")
    if kind == "reference":
        return config | {"minutes": 0.03, "made_looks": 8, "size": SIZE, "width": 8, "batch": 4, "every": 50}
    small = {"captions": 24, "light_captions": 24, "held_out": 12, "scenes": 12, "width": 24, "layers": 1}
    return (
        config
        | small
        | {
            "minutes": 0.03,
            "batch": 4,
            "size": SIZE,
            "every": 50,
            "pretraining": {"minutes": 0.02, "captions": 12},
            "reward": config["reward"] | {"minutes": 0.02, "batch": 4, "group": 2},
        }
    )


@pytest.mark.parametrize("kind", ["reference", "prompt"])
def test_from_the_pack_to_onnx(kind, pack, tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    import onnxruntime

    lexicon = language.load(data=pack)  # its own looks may name LUTs that only the real pack has
    lexicon = replace(lexicon, looks=tuple(look for look in lexicon.looks if look.film is None))
    monkeypatch.setattr(fit.language, "load", lambda data: lexicon)
    fit.train(tiny(kind), pack, tmp_path)
    card = json.loads((tmp_path / f"compact_{kind}.json").read_text())
    assert card["config"]["seed"] == 1
    stages = {"supervised"} if kind == "reference" else {"pretrained", "supervised", "rewarded"}
    assert set(card["stages"]) == stages
    assert np.isfinite(card["stages"]["supervised"]["dE"])
    assert np.load(tmp_path / f"{kind}_to_codec.npy").shape == (SIZE, LutCodec.load().size)
    session = onnxruntime.InferenceSession(
        tmp_path / f"compact_{kind}.onnx", providers=["CPUExecutionProvider"]
    )
    inputs = {i.name: i for i in session.get_inputs()}
    feed = {"photo": np.full((1, 3, 64, 64), 0.4, np.float32), "given": np.array([True])}
    if kind == "reference":
        feed["reference"] = feed["photo"]
    else:
        feed["states"] = np.zeros((1, 9, 384), np.float32)
        feed["grams"] = np.ones((1, 7, 24), np.int64)
        feed["numbers"] = np.zeros((1, 7, 4), np.float32)
    assert set(feed) == set(inputs)
    mean = session.run(["mean"], feed)[0]
    assert mean.shape == (1, SIZE)
    assert np.isfinite(mean).all()


def test_held_out_figures_are_by_kind(made, scenes, coarse):
    net = PromptNet(SIZE, width=24, layers=1).eval()
    figures = evaluate(net, Task(made, scenes, coarse, 4))
    assert {"dE", "direction", "film", "numeric", "identity", "nothing"} <= set(figures)
    assert figures["film"] > figures["identity"]
