"""The judge in training: pairs whose order is known, a reward that torch and numpy agree on."""

from __future__ import annotations

import json

import data_pack
import numpy as np
import pytest
from gradewright.core import Recipe
from gradewright.core.attributes import Colours
from gradewright.core.critic.judge import METRICS, Expectation, changes
from gradewright.core.interp import lattice
from gradewright.core.recipe.points import photo_colours

torch = pytest.importorskip("torch")

from gradewright.core.errors import BadInput  # noqa: E402
from gradewright.core.train import configs  # noqa: E402
from gradewright.core.train.attributes import Twin  # noqa: E402
from gradewright.core.train.critic import judge_fit, judge_run  # noqa: E402
from gradewright.core.train.critic.judge_net import JudgeNet  # noqa: E402
from gradewright.core.train.critic.pairs import KINDS, POLICY, WEAK, Pairs, weakened  # noqa: E402
from gradewright.core.train.critic.reward import JudgeReward, moved_by, reward_of  # noqa: E402
from gradewright.core.train.policy.prompt_net import HIDDEN, PromptNet  # noqa: E402

K = len(METRICS)


def look(**values):
    """A recipe as a lattice difference (1, 3, 33, 33, 33)."""
    cube = Recipe(**values).to_lut(33).table - lattice(33)
    return torch.from_numpy(np.ascontiguousarray(cube.transpose(3, 0, 1, 2)[None], np.float32))


@pytest.fixture(scope="module")
def points():
    return torch.from_numpy(photo_colours(1024).T.reshape(1, 3, 32, 32).astype(np.float32))


def read(rows=1, seed=0):
    """Requests as the prompt network would have read them."""
    return torch.randn(rows, HIDDEN, generator=torch.Generator().manual_seed(seed))


def test_changes_and_reward_equal_numpy(points):
    edit = look(exposure=0.5, temperature=15, blue_chroma=-30)
    before = Twin(points.flatten(2))
    moved, there = moved_by(edit, points, before)
    colours = points[0].flatten(1).T.numpy().astype(np.float64)
    after = (
        colours
        + torch.nn.functional.grid_sample(
            edit, (points.permute(0, 2, 3, 1)[:, None] * 2 - 1).flip(-1), align_corners=True, mode="bilinear"
        )[:, :, 0]
        .flatten(2)[0]
        .T.numpy()
    )
    start = Colours(colours)
    values, present = changes(start, Colours(np.clip(after, 0, 1), like=start))
    assert (there[0].numpy() == present).all()
    assert np.allclose(moved[0].numpy(), values, atol=0.05)
    rng = np.random.default_rng(0)
    wanted, tolerance, weight = (rng.uniform(0.3, 2, len(METRICS)).astype(np.float32) for _ in range(3))
    wish = tuple(torch.from_numpy(x)[None] for x in (wanted, tolerance, weight))
    expected = Expectation(wanted, tolerance, weight).reward(values, present)
    assert float(reward_of(wish, moved, there)) == pytest.approx(expected, abs=0.005)


def test_the_reward_is_batched_and_has_gradients_for_the_look_alone(points):
    net = JudgeNet()
    reward = JudgeReward(net)
    looks = torch.cat([look(exposure=0.5), look(temperature=-20)]).requires_grad_(True)
    found = reward(looks, points.expand(2, -1, -1, -1), read(2))
    assert found.shape == (2,)
    assert ((found >= 0) & (found <= 1)).all()
    torch.autograd.backward(found.sum())
    assert torch.isfinite(looks.grad).all()
    assert looks.grad.abs().sum() > 0
    assert all(p.grad is None for p in net.parameters())


def test_weak_edits_are_weak_in_the_way_they_are_named():
    strong, other = look(exposure=0.6, temperature=20), look(saturation=-60)
    made = dict(zip(WEAK, weakened(strong, other, torch.Generator().manual_seed(0)), strict=True))
    size = {name: float(x.abs().mean() / strong.abs().mean()) for name, x in made.items()}
    assert size["too little"] < 0.5
    assert size["too much"] > 1.6
    assert size["nothing"] == 0
    assert float((made["reversed"] * strong).sum()) < 0
    assert torch.equal(made["another's"], other)
    assert torch.allclose(made["light only"] + made["colour only"], strong, atol=1e-6)
    assert float(made["light only"].std(1).max()) < 1e-6
    assert all(not torch.allclose(x, strong) for x in made.values())


@pytest.fixture
def pairs():
    """Two requests that want opposite things; of the weak edits only two kinds are visibly weaker."""
    torch.manual_seed(0)
    strong = torch.randn(1, K)
    moved = torch.stack([torch.cat([strong, -strong])] * (1 + len(KINDS)), 1)
    apart = torch.zeros(2, len(KINDS))
    for kind in ("reversed", POLICY[0]):
        moved[:, 1 + KINDS.index(kind)] *= -1
        apart[:, KINDS.index(kind)] = 5
    return Pairs(read(2), torch.zeros(2, 15), torch.ones(2, K, dtype=torch.bool), moved, apart)


def learnt(task, steps=60):
    net, generator = JudgeNet(64, 0.0), torch.Generator().manual_seed(0)
    search = torch.optim.AdamW(net.parameters(), 3e-3)
    for _ in range(steps):
        search.zero_grad()
        torch.autograd.backward(task.loss(net, np.random.default_rng(0), generator))
        search.step()
    return net


class TestFit:
    def test_it_learns_what_a_request_wants(self, pairs):
        net = learnt(judge_fit.JudgeTask(pairs, 16))
        found = judge_fit.accuracy(net, pairs)
        assert found["reversed"] == 1
        wish, moved, there, _ = judge_fit.judged(net, pairs, torch.arange(2))
        rewards = judge_fit.rewards_of(wish, moved, there)
        assert (rewards[:, 0] - rewards[:, 1 + WEAK.index("reversed")] > 0.1).all()

    def test_invisible_pairs_do_not_count(self, pairs):
        found = judge_fit.accuracy(learnt(judge_fit.JudgeTask(pairs, 16)), pairs)
        assert np.isnan(found["too much"])

    def test_guided_training_sees_the_engines_own_looks(self, pairs):
        generator = torch.Generator().manual_seed(0)
        plain = judge_fit.JudgeTask(pairs, 200)._drawn(generator)
        guided = judge_fit.JudgeTask(pairs, 200, guided=True)._drawn(generator)
        assert plain.max() < len(WEAK)
        assert (guided >= len(WEAK)).float().mean() == pytest.approx(0.2, abs=0.06)
        assert guided.max() == len(KINDS) - 1

    def test_likelihood_is_best_where_the_change_is(self, pairs):
        wish, moved, there, _ = judge_fit.judged(JudgeNet(), pairs, torch.arange(2))
        right = (moved[:, 0], torch.full_like(wish[1], 0.2), wish[2])
        assert judge_fit.unlikelihood(right, moved[:, 0], there) < judge_fit.unlikelihood(
            wish, moved[:, 0], there
        )


def test_the_exported_judge_says_the_same(tmp_path):
    import onnxruntime as ort

    net = JudgeNet().eval()
    judge_run.export_judge(net, tmp_path / "j.onnx")
    feed = {"hidden": read(seed=2), "photo": torch.randn(1, 15)}
    found = ort.InferenceSession(str(tmp_path / "j.onnx")).run(None, {k: v.numpy() for k, v in feed.items()})
    for one, other in zip(net(*feed.values()), found, strict=True):
        assert np.allclose(one.detach().numpy(), other, atol=2e-3)


@pytest.fixture
def prompt_run(tmp_path):
    """The run folder of a prompt network that has learnt nothing."""
    folder = tmp_path / "prompt"
    (folder / "supervised").mkdir(parents=True)
    shape = {"size": 12, "width": 48, "layers": 1}
    net = PromptNet(12, width=48, layers=1)
    torch.save({"average": net.state_dict()}, folder / "supervised" / "last.pt")
    (folder / "compact_prompt.json").write_text(
        json.dumps({"config": shape, "weights_sha256": {"p.onnx": "f00"}})
    )
    return folder


def test_from_a_config_to_weights_and_on_again(tmp_path, prompt_run):
    pack = data_pack.make(tmp_path / "pack")
    small = ("captions=40", "held_out=20", "scenes=8", "width=16", "batch=8", "steps=3", "guided_steps=2")
    config = configs.read_critic(
        configs.find(configs.HERE / "judge.toml"), (*small, "every=2", f"prompt={str(prompt_run)!r}")
    )
    judge_run.train(config, pack, tmp_path / "run")
    made = json.loads((tmp_path / "run" / "judge.json").read_text())
    assert set(made["accuracy"]["after"]) == {"perturbed", "policy", *KINDS}
    assert made["config"]["prompt"] == "prompt"
    assert made["reads_with"] == {"p.onnx": "f00"}
    assert len(Pairs.load(tmp_path / "run" / "captions.npz")) == 40
    reward = JudgeReward.load(tmp_path / "run" / "judge.pt")
    assert reward.net.width == 16
    rows = (tmp_path / "run" / "guided" / "metrics.jsonl").read_text().splitlines()
    judge_run.train(config | {"guided_steps": 4}, pack, tmp_path / "run")
    more = (tmp_path / "run" / "guided" / "metrics.jsonl").read_text().splitlines()
    assert more[: len(rows)] == rows
    assert json.loads(more[-1])["step"] == 4


def test_a_judge_needs_a_prompt_network(tmp_path):
    with pytest.raises(BadInput, match="no finished run of the prompt network; make one with"):
        judge_run.load_prompt_net(tmp_path)
