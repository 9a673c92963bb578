"""Training of the critic: ladders whose order is known, and a network that learns to follow it."""

from __future__ import annotations

import json

import data_pack
import numpy as np
import pytest
from gradewright.core.colour import delta_e_srgb
from gradewright.core.recipe.points import photo_colours
from PIL import Image

torch = pytest.importorskip("torch")

from gradewright.core.critic.model import GAPS, SIDE  # noqa: E402
from gradewright.core.train import configs  # noqa: E402
from gradewright.core.train.critic import fit, ladders, rank_fit  # noqa: E402
from gradewright.core.train.critic.net import CriticGraph, CriticNet, Figures, Sight  # noqa: E402
from gradewright.core.train.degrade import UNSEEN  # noqa: E402


@pytest.fixture(scope="module")
def made():
    return ladders.make_ladders(12, 3)


@pytest.fixture(scope="module")
def photos():
    """Twenty pictures (3, 72, 72) uint8 with the colours of photos, each with a tone of its own."""
    colours, rng = photo_colours(20 * 72 * 72).reshape(20, 72, 72, 3), np.random.default_rng(0)
    shaped = colours ** rng.uniform(0.8, 1.25, (20, 1, 1, 1))
    return torch.from_numpy((shaped * 255).astype(np.uint8)).permute(0, 3, 1, 2).contiguous()


def small(photos):
    return torch.nn.functional.interpolate(photos.float() / 255, (SIDE, SIDE), mode="area")


class TestLadders:
    def test_every_rung_is_farther_from_the_photo(self, made, photos):
        steps = made.climb(small(photos[:12]), torch.arange(12)).permute(0, 1, 3, 4, 2).numpy()
        away = np.array([[delta_e_srgb(one[0], one[rung]).mean() for rung in range(4)] for one in steps])
        assert (away[:, 0] == 0).all()
        assert (np.diff(away, axis=1) > 0.2).all()

    def test_unseen_kinds_have_no_part(self):
        kinds = {kind for _ in range(200) for kind in map(str, ladders.SEEN)}
        assert not kinds & set(UNSEEN)
        drawn = ladders.make_ladders(40, 1, ladders.seen_flaws).kinds
        assert not any(kind in name for name in drawn for kind in UNSEEN)
        assert any(" + " in name for name in drawn)

    def test_one_kind_alone(self):
        assert set(ladders.make_ladders(3, 1, ladders.of_kind("haze")).kinds) == {"haze"}

    def test_same_seed_same_ladders(self, made):
        assert torch.equal(ladders.make_ladders(12, 3).tables, made.tables)


class TestNet:
    def test_sight_is_finite_and_knows_where(self, photos):
        picture = small(photos)
        picture[0], picture[1], picture[2] = 0, 1, 0.5
        seen = Sight()(picture)
        assert seen.shape == (20, Sight.size)
        assert torch.isfinite(seen).all()
        layout = slice(17 + 54, Figures.size)
        assert not torch.allclose(Sight()(picture.flip(2))[5, layout], seen[5, layout], atol=1e-3)

    def test_mirror_images_rank_alike(self, photos):
        graph = CriticGraph(CriticNet().eval())
        picture = small(photos)[:2]
        for one, other in zip(graph(picture), graph(picture.flip(3)), strict=True):
            assert torch.allclose(one, other, atol=1e-5)

    def test_the_exported_network_says_the_same(self, photos, tmp_path):
        import onnxruntime as ort

        net = CriticNet().eval()
        fit.export_critic(net, tmp_path / "c.onnx")
        picture = small(photos)[:1]
        found = ort.InferenceSession(str(tmp_path / "c.onnx")).run(None, {"photo": picture.numpy()})
        for one, other in zip(CriticGraph(net)(picture), found, strict=True):
            assert np.allclose(one.detach().numpy(), other, atol=1e-3)


class TestFit:
    def test_gaps_are_what_the_good_photo_has_more(self, photos):
        good = small(photos[:1])
        darker = good * 0.5
        found = rank_fit.gaps(torch.stack([good, darker, darker, darker], 1))
        assert torch.allclose(found[0], torch.zeros(len(GAPS)), atol=1e-4)
        assert found[1, GAPS.index("exposure")] > 2

    def test_it_learns_the_order(self, photos, made):
        torch.manual_seed(0)
        generator = torch.Generator().manual_seed(1)
        climbs = rank_fit.climb(photos, made, generator)
        assert climbs.sight.shape == (20, 4, Sight.size)
        task, net, rng = rank_fit.RankTask(climbs, 20), CriticNet(64, 0.0), np.random.default_rng(0)
        before = rank_fit.climbed(net, climbs).accuracy()
        search = torch.optim.AdamW(net.parameters(), 3e-3)
        net.train()
        for _ in range(60):
            search.zero_grad()
            torch.autograd.backward(task.loss(net, rng, generator))
            search.step()
        after = rank_fit.climbed(net, climbs)
        assert after.accuracy() > max(0.9, before + 0.1)
        assert after.discrimination() > 0.8

    def test_copies_rank_as_the_photo_does(self, photos, tmp_path):
        """What recompressing changes in a network that has seen copies is less than in one that has not."""
        paths = []
        for number, photo in enumerate(photos[:6]):
            noisy = photo.permute(1, 2, 0).numpy().repeat(3, 0).repeat(3, 1)
            paths.append(tmp_path / f"{number}.png")
            Image.fromarray(noisy).save(paths[-1])
        copies = rank_fit.seen_copies(paths)
        assert copies.photo.shape == copies.copy.shape == (24, Sight.size)
        assert copies.change.abs().max() > 0
        climbs = rank_fit.climb(
            photos, ladders.make_ladders(8, 2), torch.Generator().manual_seed(1), crop=False
        )
        moved = {}
        for name, task in (
            ("blind", rank_fit.RankTask(climbs, 12)),
            ("steady", rank_fit.RankTask(climbs, 12, copies)),
        ):
            torch.manual_seed(0)
            net, rng, generator = CriticNet(48, 0.0), np.random.default_rng(0), torch.Generator()
            search = torch.optim.AdamW(net.parameters(), 3e-3)
            for _ in range(40):
                search.zero_grad()
                torch.autograd.backward(task.loss(net, rng, generator))
                search.step()
            with torch.no_grad():
                spread = net(climbs.sight[:, 0].float())[0].std()
                moved[name] = float((net(copies.photo)[0] - net(copies.copy)[0]).abs().mean() / spread)
        assert moved["steady"] < 0.7 * moved["blind"]

    def test_calibration_puts_half_where_good_and_spoilt_are_even(self):
        rank = torch.tensor([[1.0, 0.0, 0.0, 0.0], [3.0, 0.5, 0.0, -1.0], [2.0, 1.5, 1.0, 0.0]])
        ones = torch.ones(12, 2)
        found = rank_fit.calibrate(rank_fit.Climbed(rank, ones, ones, ones * 1.5))
        assert 0.5 < found["middle"] < 2
        assert found["scale"] > 0
        assert found["sigma"] == pytest.approx(0.5)


def test_from_a_config_to_weights_and_on_again(tmp_path):
    pack = data_pack.make(tmp_path / "pack")
    config = configs.read_critic(
        configs.find(configs.HERE / "critic.toml"), ("ladders=6", "rounds=1", "steps=3", "batch=4", "every=2")
    )
    fit.train(config, pack, tmp_path / "run")
    made = json.loads((tmp_path / "run" / "critic.json").read_text())
    assert set(made["calibration"]) == {"middle", "scale", "sigma"}
    assert made["kinds"]["unseen"] == list(UNSEEN)
    assert set(made["typical"]) >= {"noise", "sharpness", "haze"}
    rows = (tmp_path / "run" / "rank" / "metrics.jsonl").read_text().splitlines()
    fit.train(config | {"steps": 5}, pack, tmp_path / "run")
    more = (tmp_path / "run" / "rank" / "metrics.jsonl").read_text().splitlines()
    assert more[: len(rows)] == rows
    assert json.loads(more[-1])["step"] == 5
