"""Latents and the auto engine's training, in miniature."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import data_pack  # noqa: E402
from gradewright.core.engines.auto.ends import SIZE, ends  # noqa: E402
from gradewright.core.errors import BadInput, FileError  # noqa: E402
from gradewright.core.interp import lattice  # noqa: E402
from gradewright.core.recipe import PARAMETERS  # noqa: E402
from gradewright.core.train import configs  # noqa: E402
from gradewright.core.train.policy.photos import load_photos  # noqa: E402
from gradewright.core.train.retouch import auto_fit, fit, flaws, good, latents, latents_fit, recipes, samples  # noqa: E402
from gradewright.core.train.retouch.auto_net import AutoGraph, AutoNet, Look  # noqa: E402
from gradewright.core.train.retouch.calibrate import calibrate  # noqa: E402

SETTINGS = (
    "latents.steps=2",
    "latents.batch=4",
    "latents.every=10",
    "auto.flaws=6",
    "auto.looks=1",
    "auto.rounds=2",
    "auto.members=2",
    "auto.steps=2",
    "auto.batch=4",
    "auto.width=8",
    "auto.every=10",
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return data_pack.make(tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def photos(pack):
    return load_photos(good.good_photos(pack, "train"))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


class TestLatents:
    def test_a_masked_group_changes_nothing_at_all(self):
        torch.manual_seed(0)
        renderer, rgb = latents.Renderer(), torch.rand(2, 50, 3)
        z = torch.randn(2, latents.LATENT)
        with torch.no_grad():
            nothing, something = renderer(rgb, latents.masked(z, torch.zeros(2, 3))), renderer(rgb, z)
        assert float((nothing - rgb).abs().max()) < 2e-5
        assert float((something - rgb).abs().max()) > 0.01

    def test_masks_switch_their_own_group(self):
        z = torch.ones(1, latents.LATENT)
        for number, size in enumerate(latents.SIZES.values()):
            kept = latents.masked(z, torch.eye(3)[number : number + 1])
            assert float(kept.sum()) == size
            assert float(latents.split(kept)[number].sum()) == size

    def test_the_encoder_does_not_mind_the_order_of_the_points(self):
        torch.manual_seed(0)
        encoder, before, after = latents.Encoder(), torch.rand(1, 40, 3), torch.rand(1, 40, 3)
        order = torch.randperm(40)
        with torch.no_grad():
            one, other = encoder(before, after), encoder(before[:, order], after[:, order])
        assert torch.allclose(one, other, atol=1e-5)

    def test_gradients_reach_every_weight(self, photos):
        task, model = latents_fit.Task(photos, 4, 0.3), latents_fit.Retouch()
        task.loss(model, np.random.default_rng(0), generator()).backward()
        for name, weight in model.named_parameters():
            assert weight.grad is not None, name
            assert torch.isfinite(weight.grad).all(), name

    def test_the_target_of_a_mask_is_the_recipe_without_the_other_groups(self, photos):
        task = latents_fit.Task(photos, 16, 0.0)
        before, after, mask, colours, truth = task.draw(np.random.default_rng(0), generator())
        assert before.shape == after.shape == (16, latents.POINTS, 3)
        assert set(mask.unique().tolist()) == {0.0, 1.0}
        assert mask.sum(1).min() >= 1
        light_only = (mask == torch.tensor([1.0, 0, 0])).all(1)
        moved = (truth - colours).abs().mean((1, 2))
        assert float(moved.mean()) > 0.01
        if light_only.any():  # greys stay grey under the light group
            spread = truth[light_only].amax(-1) - truth[light_only].amin(-1)
            was = colours[light_only].amax(-1) - colours[light_only].amin(-1)
            assert float(spread[was < 1e-6].max() if (was < 1e-6).any() else 0.0) < 1e-4

    def test_a_few_steps_learn_something(self, photos):
        torch.manual_seed(0)
        model = latents_fit.Retouch(24, 32)
        before, after, mask, colours, truth = latents_fit.Task(photos, 8, 0.3).draw(
            np.random.default_rng(0), generator()
        )
        optimiser, losses = torch.optim.Adam(model.parameters(), 3e-3), []
        for _ in range(50):
            loss = latents_fit.difference(model(before, after, mask, colours), truth).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        assert losses[-1] < 0.8 * losses[0]

    def test_figures_name_the_masks(self, photos):
        found = latents_fit.evaluate(latents_fit.Retouch(), photos, rounds=1)
        assert "psnr_lcb" in found
        assert "dE" in found


class TestRecipes:
    def test_draws_stay_within_the_ranges(self):
        found = recipes.draw(300, generator())
        assert (found >= recipes.LOW).all()
        assert (found <= recipes.HIGH).all()
        assert 0.2 < float((found != 0).float().mean()) < 0.6

    def test_only_keeps_a_group(self):
        knobs = recipes.draw(4, generator()) + 1
        kept = recipes.only(knobs, torch.tensor([[0.0, 1.0, 0.0]] * 4))
        for i, p in enumerate(PARAMETERS):
            assert bool((kept[:, i] != 0).all()) == (p.group == "colour")

    def test_strength_is_a_figure(self):
        assert recipes.share_of_range(torch.zeros(2, len(PARAMETERS))) == 0
        assert 0.05 < recipes.share_of_range(recipes.draw(200, generator())) < 0.5


class TestAuto:
    def test_flaws_spoil_and_the_identity_does_not(self, photos):
        pictures = photos[:2].float() / 255
        tables = torch.from_numpy(flaws.flaw_tables(2, [], 3)).permute(0, 4, 1, 2, 3).float()
        spoilt = flaws.spoil(tables, pictures)
        assert float((spoilt - pictures).abs().mean()) > 0.005
        levels = spoilt * 255
        assert float((levels - levels.round()).abs().max()) < 1e-3
        identity = torch.from_numpy(lattice(flaws.SIDE)).permute(3, 0, 1, 2)[None].expand(2, -1, -1, -1, -1)
        assert float((flaws.spoil(identity, pictures) - pictures).abs().max()) < 0.003

    def test_inverse_looks_undo_real_ones(self, pack):
        made = flaws.inverse_looks(pack, "train", 1, 0)[0]
        assert made.size == flaws.SIDE
        assert not made.is_identity(0.01)

    def test_calibration_leaves_photos_alone_when_the_network_knows_nothing(self, pack):
        held = auto_fit.Held(good.good_photos(pack, "val"), [], 0, 1)

        class Wild(torch.nn.Module):
            """Inverts everything, and doubts it very much."""

            def forward(self, figures):
                return torch.zeros(len(figures), 1), torch.full((len(figures), 2), 9.0)

        found = calibrate(Wild(), lambda colours, _: 1 - colours, held)
        assert found["good_changed"] < 0.1
        assert found["recovered"] == pytest.approx(0.0, abs=0.02)

    def test_a_network_that_knows_everything_recovers_all(self, pack):
        held = auto_fit.Held(good.good_photos(pack, "val"), [], 0, 1)
        known = {len(one.figures): one.good for one in (held.degraded,)}
        assert held.before.mean() > 1

        def oracle(colours, _):
            return known[len(colours)] if colours is held.degraded.shown else colours

        class Any(torch.nn.Module):
            def forward(self, figures):
                return torch.zeros(len(figures), 1), torch.zeros(len(figures), 2)

        found = held.score(Any(), oracle)
        assert found["recovered"] == pytest.approx(1.0, abs=1e-3)
        assert found["good_changed"] == 0

    def test_sources_straight_out_of_the_camera_are_no_goal(self, tmp_path):
        folder = tmp_path / "photos" / "val"
        folder.mkdir(parents=True)
        for name in ("mei__a.jpg", "kodak24__b.jpg"):
            (folder / name).write_bytes(b"")
        assert [path.name for path in good.good_photos(tmp_path, "val")] == ["kodak24__b.jpg"]
        assert [path.name for path in good.camera_photos(tmp_path, "val")] == ["mei__a.jpg"]


@pytest.fixture(scope="module")
def stored(pack):
    """The photos, large."""
    return load_photos(good.good_photos(pack, "train"), samples.STORED)


@pytest.fixture(scope="module")
def tables():
    """Flaws."""
    return torch.from_numpy(flaws.flaw_tables(3, [], 3)).permute(0, 4, 1, 2, 3)


class TestSamples:
    def test_a_share_is_shown_as_it_is(self, stored, tables):
        everything = [samples.draw(stored, tables, share, np.random.default_rng(0)) for share in (0.0, 1.0)]
        for found, none in zip(everything, (False, True), strict=True):
            moved = (found.pixels[:, 0].int() - found.pixels[:, 1].int()).abs().float().mean()
            assert ((found.flaw == -1) == none).all()
            assert (float(moved) == 0) == none
            assert found.figures.shape == (len(stored), Look.size)
            assert torch.isfinite(found.figures).all()

    def test_rounds_that_are_there_are_kept(self, pack, tables, tmp_path):
        paths, ticks = good.good_photos(pack, "train"), []
        samples.write(tmp_path, paths, tables, 1, 0.2, 5)
        first = (tmp_path / "000.npz").read_bytes()
        samples.write(tmp_path, paths, tables, 2, 0.2, 5, lambda: ticks.append(1))
        assert (tmp_path / "000.npz").read_bytes() == first
        assert len(ticks) == 2
        assert len(samples.load(tmp_path).flaw) == 2 * len(paths)

    def test_the_figures_are_those_that_the_exported_graph_computes(self):
        torch.manual_seed(0)
        net = AutoNet(8).eval()
        photo = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
        picture, tones = torch.from_numpy(photo).permute(2, 0, 1)[None], torch.from_numpy(ends(photo))[None]
        with torch.no_grad():
            one = net(Look()(picture, tones))
            other = AutoGraph(net)(picture, tones)
        assert torch.equal(one[0], other[0])

    def test_a_dE_in_the_wrong_direction_costs_extra(self, stored, tables):
        drawn = samples.draw(stored, tables, 1.0, np.random.default_rng(0))
        torch.manual_seed(0)
        net = AutoNet(8).eval()

        def losses(worse):
            task = auto_fit.Task(drawn, lambda colours, _: colours * 0.9, 16, worse)
            return float(task.loss(net, np.random.default_rng(1), generator()).detach())

        assert losses(1.0) > losses(0.0) + 0.5


def test_a_whole_run_exports_what_the_engine_loads(pack, tmp_path):
    config = configs.read_auto(configs.find(configs.HERE / "auto.toml"), SETTINGS)
    fit.train(config, pack, tmp_path / "run")
    described = json.loads((tmp_path / "run" / "auto.json").read_text())
    assert described["config"]["latents"]["steps"] == 2
    assert {"doubt", "top"} <= set(described["gate"])
    assert set(described["weights_sha256"]) == {"auto_tower.onnx", "auto_renderer.onnx", "auto_encoder.onnx"}
    assert set(described["stages"]) == {"latents", "auto_0", "auto_1"}
    _check_export(tmp_path / "run")


def _check_export(folder):
    import onnxruntime as ort

    sessions = [
        ort.InferenceSession(str(folder / f"auto_{name}.onnx"), providers=["CPUExecutionProvider"])
        for name in ("tower", "renderer", "encoder")
    ]
    photo = np.random.default_rng(0).random((1, 3, 64, 64)).astype(np.float32)
    z, doubt = sessions[0].run(None, {"photo": photo, "ends": np.zeros((1, SIZE), np.float32)})
    assert z.shape == (1, latents.LATENT)
    assert doubt.shape == (1, 2)
    colours = np.random.default_rng(1).random((1, 7, 3)).astype(np.float32)
    assert sessions[1].run(None, {"colours": colours, "z": z})[0].shape == colours.shape
    still = sessions[1].run(None, {"colours": colours, "z": np.zeros_like(z)})[0]
    assert np.abs(still - colours).max() < 2e-5
    points = np.random.default_rng(2).random((1, latents.POINTS, 3)).astype(np.float32)
    assert sessions[2].run(None, {"before": points, "after": points})[0].shape == z.shape


class TestConfig:
    def test_another_kind_is_refused(self):
        with pytest.raises(FileError, match=r"has kind = 'reference'"):
            configs.read_auto(configs.HERE / "policy_reference.toml")

    def test_an_unknown_setting_is_refused(self):
        with pytest.raises(BadInput, match=r"write SECTION\.KEY=VALUE"):
            configs.read_auto(configs.HERE / "auto.toml", ("nonsense.key=1",))
        with pytest.raises(BadInput, match=r"auto\.speed=1: write SECTION\.KEY=VALUE with a name"):
            configs.read_auto(configs.HERE / "auto.toml", ("auto.speed=1",))
