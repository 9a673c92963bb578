"""The parts that the compact engine is trained with: colours, photos, looks, networks, rewards."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Lut, Recipe
from gradewright.core import colour as reference
from gradewright.core.codec import LutCodec
from gradewright.core.engines.compact import controls
from gradewright.core.interp import lattice
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from gradewright.core.train.policy import adapt, basis, colour, photos, rewards  # noqa: E402
from gradewright.core.train.policy.prompt_net import PromptNet  # noqa: E402
from gradewright.core.train.policy.reference_net import Distribution, ReferenceNet, _shares  # noqa: E402

COLOURS = np.random.default_rng(3).random((500, 3))


def planes(rgb: np.ndarray) -> torch.Tensor:
    """(n, 3) -> (1, 3, n)."""
    return torch.from_numpy(np.ascontiguousarray(rgb.T[None], np.float32))


@pytest.fixture(scope="module")
def codec() -> LutCodec:
    return LutCodec.load()


@pytest.fixture(scope="module")
def coarse(codec) -> basis.Basis:
    return basis.Basis(codec, 96, torch.ones(96), step=4)


class TestColour:
    def test_twins_equal_the_reference(self):
        assert np.abs(colour.lab(planes(COLOURS))[0].T.numpy() - reference.srgb_to_lab(COLOURS)).max() < 1e-3
        ours = colour.oklab(planes(COLOURS))[0].T.numpy()
        assert np.abs(ours - reference.srgb_to_oklab(COLOURS)).max() < 1e-5

    def test_the_difference_is_about_ciede2000(self):
        other = np.clip(COLOURS + np.random.default_rng(4).normal(0, 0.06, COLOURS.shape), 0, 1)
        lab, lab_other = reference.srgb_to_lab(COLOURS), reference.srgb_to_lab(other)
        ours = colour.difference(planes(lab), planes(lab_other))[0].numpy()
        truth = reference.delta_e_2000(lab, lab_other)
        assert ours.mean() == pytest.approx(truth.mean(), rel=0.1)
        assert np.corrcoef(ours, truth)[0, 1] > 0.93

    def test_no_difference_and_finite_gradients_at_black_and_grey(self):
        rgb = torch.tensor([[[0.0, 0.5, 1.0]] * 3], requires_grad=True)
        found = colour.difference(colour.lab(rgb), colour.lab(rgb.detach()))
        assert found.abs().max() < 1e-5
        colour.difference(colour.lab(rgb), colour.lab(torch.rand(1, 3, 3))).sum().backward()
        assert torch.isfinite(rgb.grad).all()


class TestPhotos:
    def test_pictures_go_through_luts_indexed_red_green_blue(self):
        look = Recipe(temperature=40, exposure=0.3).to_lut()
        picture = torch.rand(1, 3, 9, 7)
        table = torch.from_numpy(look.table.copy()).permute(3, 0, 1, 2)[None]
        ours = photos.through(table, picture)[0].permute(1, 2, 0).numpy()
        assert np.abs(ours - look.sample(picture[0].permute(1, 2, 0).numpy())).max() < 4e-3  # trilinear

    def test_crops_are_windows_of_their_photo(self):
        gradient = torch.arange(144, dtype=torch.uint8).view(1, 1, 1, 144).expand(2, 3, 144, 144)
        found = photos.crops(gradient, 32, 0.5, torch.Generator().manual_seed(1))
        assert found.shape == (2, 3, 32, 32)
        steps = found[:, 0, 0].diff(dim=1)
        assert (steps > 0).all() or (steps < 0).all() or (steps[0] * steps[1] < 0).any()
        assert ((steps.abs() * 255 > 144 / 32 * 0.45) & (steps.abs() * 255 < 144 / 32 * 1.05)).all()


class TestBasis:
    def test_coefficients_mean_the_same_as_in_the_codec(self, codec):
        full = basis.Basis(codec, codec.size, torch.ones(codec.size))
        found = codec.coefficients(Recipe(contrast=30, temperature=-20).to_lut())
        ours = full(torch.from_numpy(found)[None])[0].permute(1, 2, 3, 0).numpy() + lattice(17)
        assert np.abs(np.clip(ours, 0, 1) - codec.from_coefficients(found).table[::2, ::2, ::2]).max() < 1e-4

    def test_projection_turns_back(self, coarse):
        wanted = torch.randn(3, 96)
        assert torch.allclose(coarse.project(coarse(wanted).flatten(1)), wanted, atol=2e-3)


class TestControls:
    @settings(max_examples=60, deadline=None)
    @given(st.floats(-2.5, 2.5), st.floats(-90, 90), st.floats(0, 359), st.floats(20, 90), st.floats(-40, 40))
    def test_vectors_turn_back(self, exposure, saturation, hue, amount, turn):
        params = {
            "exposure": exposure,
            "saturation": saturation,
            "shadow_hue": hue,
            "shadow_amount": amount,
            "blue_hue": turn,
        }
        back = controls.params_of(controls.vector(params), least=1e-6)
        for name, value in params.items():
            assert back.get(name, 0.0) == pytest.approx(value, abs=1e-3), name

    def test_small_ones_are_left_out(self):
        assert controls.params_of(controls.vector({"exposure": 0.05, "contrast": 1})) == {}


class TestAdaptation:
    def test_dark_photos_open_further_and_colourful_ones_get_less(self):
        wish = {"exposure": 0.5, "saturation": 20.0, "temperature": 10.0}
        dark, bright = adapt.adapted(wish, 0.3, 0.02), adapt.adapted(wish, 0.8, 0.15)
        assert dark["exposure"] > 0.5 > bright["exposure"] > 0
        assert dark["saturation"] > 20 > bright["saturation"] > 0
        assert dark["temperature"] == bright["temperature"] == 10

    def test_darkening_goes_the_other_way_and_greys_stay_grey(self):
        wish = {"exposure": -0.5, "saturation": -100.0}
        assert adapt.adapted(wish, 0.8, 0.1)["exposure"] < -0.5 < adapt.adapted(wish, 0.2, 0.1)["exposure"]
        assert adapt.adapted(wish, 0.8, 0.1)["saturation"] == -100


class TestDistribution:
    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 2**31), st.integers(1, 200))
    def test_shares_add_up_whatever_the_positions(self, seed, count):
        where = torch.randn((2, 3, count), generator=torch.Generator().manual_seed(seed)) * 6
        found = _shares(where, (4, 5, 6))
        assert torch.allclose(found.sum(1), torch.ones(2), atol=1e-4)
        assert (found >= 0).all()

    def test_a_point_is_shared_by_its_neighbours(self):
        assert _shares(torch.tensor([[[1.25]]]), (4,))[0].tolist() == pytest.approx([0, 0.75, 0.25, 0])

    def test_a_warm_picture_has_another_distribution(self):
        picture = torch.rand(1, 3, 64, 64)
        warm = (picture * torch.tensor([1.0, 0.9, 0.6])[:, None, None]).clamp(0, 1)
        one, other = (Distribution()(p, colour.oklab(p)) for p in (picture, warm))
        assert one.shape == (1, Distribution.size)
        assert (one - other).abs().max() > 0.2


def prompt_batch(rows: int = 2) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(5)
    return (
        torch.randn((rows, 6, 384), generator=generator),
        torch.ones(rows, 6, dtype=torch.bool),
        torch.randint(1, 500, (rows, 4, 24), generator=generator),
        torch.zeros(rows, 4, 4),
        torch.rand((rows, Distribution.size), generator=generator),
        torch.ones(rows, dtype=torch.bool),
    )


class TestNetworks:
    def test_padding_changes_nothing(self):
        torch.manual_seed(1)
        net = PromptNet(width=48, layers=2).eval()
        states, mask, grams, numbers, photo, given_ = prompt_batch()
        longer = torch.cat([states, torch.randn(2, 5, 384)], 1)
        longer_mask = torch.cat([mask, torch.zeros(2, 5, dtype=torch.bool)], 1)
        with torch.no_grad():
            plain = net(states, mask, grams, numbers, photo, given_)
            padded = net(longer, longer_mask, grams, numbers, photo, given_)
        for one, other in zip(plain, padded, strict=True):
            assert torch.allclose(one, other, atol=1e-5)

    def test_a_photo_that_is_not_given_is_not_looked_at(self):
        torch.manual_seed(1)
        net = PromptNet(width=48, layers=1).eval()
        states, mask, grams, numbers, photo, _ = prompt_batch()
        none = torch.zeros(2, dtype=torch.bool)
        with torch.no_grad():
            one = net(states, mask, grams, numbers, photo, none)[0]
            other = net(states, mask, grams, numbers, photo * 0, none)[0]
            seen = net(states, mask, grams, numbers, photo, ~none)[0]
        assert torch.equal(one, other)
        assert not torch.allclose(one, seen)
        net = ReferenceNet(8, 8).eval()
        picture, reference_ = torch.rand(2, 2, 3, 64, 64)
        with torch.no_grad():
            assert torch.equal(net(picture, reference_, none)[0], net(picture * 0, reference_, none)[0])
            assert not torch.equal(net(picture, reference_, none)[0], net(picture, picture, none)[0])


class TestRewards:
    def test_the_wanted_look_gets_most_and_the_opposite_least(self, codec, coarse):
        wanted = coarse.project(
            torch.from_numpy(
                np.ascontiguousarray(
                    np.stack(
                        [
                            (Recipe(temperature=t).to_lut(9).table - lattice(9)).transpose(3, 0, 1, 2).ravel()
                            for t in (35, 0, -35)
                        ]
                    ),
                    np.float32,
                )
            )
        )
        points = torch.rand((3, 3, 12, 12), generator=torch.Generator().manual_seed(2))
        truth = coarse(wanted[:1]).expand(3, -1, -1, -1, -1)
        same, nothing, opposite = rewards.Judge()(coarse(wanted), truth, points).tolist()
        assert same == pytest.approx(1, abs=0.02)
        assert same > nothing + 0.1
        assert nothing > opposite + 0.05

    def test_what_was_not_asked_for_costs(self, coarse):
        def look(**params):
            table = Recipe(**params).to_lut(9).table - lattice(9)
            return torch.from_numpy(np.ascontiguousarray(table.transpose(3, 0, 1, 2)[None], np.float32))

        points = torch.rand((1, 3, 12, 12), generator=torch.Generator().manual_seed(2))
        judge = rewards.Judge(rewards.Shares(0, 1, 0))
        exact = judge(look(temperature=30), look(temperature=30), points)
        leaking = judge(look(temperature=30, saturation=40), look(temperature=30), points)
        assert exact > leaking + 0.02

    def test_a_reversal_is_unsafe(self):
        points = torch.rand(1, 3, 8, 8)
        smooth = torch.zeros(1, 3, 9, 9, 9)
        bent = smooth.clone()
        bent[:, :, 4, 4, 4] = -0.4
        judge = rewards.Judge(rewards.Shares(0, 0, 1))
        assert judge(smooth, smooth, points).item() == pytest.approx(1)
        assert judge(bent, smooth, points).item() < 0.5


def test_identity_lut_is_the_zero_of_the_basis(codec):
    assert np.abs(codec.coefficients(Lut.identity())).max() < 1e-4


def test_weights_are_stored_by_halves_and_compute_in_full():
    onnx = pytest.importorskip("onnx")
    from gradewright.core.train.policy.export import halved

    values = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    few = np.ones(64, np.float32)
    make = onnx.helper
    graph = make.make_graph(
        [make.make_node("MatMul", ["x", "w"], ["m"]), make.make_node("Add", ["m", "b"], ["y"])],
        "g",
        [make.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 64])],
        [make.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 64])],
        [onnx.numpy_helper.from_array(values, "w"), onnx.numpy_helper.from_array(few, "b")],
    )
    whole = make.make_model(graph, opset_imports=[make.make_opsetid("", 18)], ir_version=9)
    small = halved(whole.SerializeToString())
    assert len(small) < 0.6 * len(whole.SerializeToString())
    kinds = {t.name: t.data_type for t in onnx.load_from_string(small).graph.initializer}
    assert kinds == {"w_half": onnx.TensorProto.FLOAT16, "b": onnx.TensorProto.FLOAT}
    import onnxruntime

    x = np.random.default_rng(1).normal(size=(1, 64)).astype(np.float32)
    session = onnxruntime.InferenceSession(small, providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"x": x})[0], x @ values + few, atol=0.02)


def test_the_mean_of_two_networks_is_a_run(tmp_path):
    import json

    from gradewright.core.errors import BadInput
    from gradewright.core.train.policy import soup

    config = {"kind": "prompt", "size": 8, "width": 12, "layers": 1}
    runs, nets = [], []
    for seed in (0, 1):
        torch.manual_seed(seed)
        nets.append(PromptNet(8, width=12, layers=1))
        runs.append(tmp_path / f"run{seed}")
        (runs[-1] / "rewarded").mkdir(parents=True)
        torch.save({"average": nets[-1].state_dict()}, runs[-1] / "rewarded" / "last.pt")
        np.save(runs[-1] / "prompt_to_codec.npy", np.eye(8, dtype=np.float32))
        (runs[-1] / "compact_prompt.json").write_text(json.dumps({"config": config, "seed": seed}))
    soup.soup(runs, tmp_path / "out")
    mean = torch.load(tmp_path / "out" / "rewarded" / "last.pt", weights_only=True)["average"]
    weights = [net.state_dict()["join.0.weight"] for net in nets]
    torch.testing.assert_close(mean["join.0.weight"], (weights[0] + weights[1]) / 2)
    record = json.loads((tmp_path / "out" / "compact_prompt.json").read_text())
    assert [run["seed"] for run in record["mean_of"]] == [0, 1]
    (runs[1] / "compact_prompt.json").write_text(json.dumps({"config": config | {"width": 24}}))
    with pytest.raises(BadInput, match="run1: another size than"):
        soup.soup(runs, tmp_path / "other")


def test_a_network_is_read_back_from_what_it_was_exported_to(tmp_path):
    pytest.importorskip("onnx")
    import json

    from gradewright.core.errors import FileError
    from gradewright.core.train.policy import export, shipped

    torch.manual_seed(0)
    net = PromptNet(8, width=12, layers=1).eval()
    for parameter in net.parameters():  # the exporter writes equal weights once; trained ones never are
        parameter.data += 0.1 * torch.randn(parameter.shape)
    export.export_prompt(net, tmp_path / "compact_prompt.onnx")
    record = {"config": {"kind": "prompt", "size": 8, "width": 12, "layers": 1}}
    (tmp_path / "compact_prompt.json").write_text(json.dumps(record))
    np.savez(tmp_path / "compact.npz", prompt_to_codec=np.eye(8, dtype=np.float32))
    shipped.unpack(tmp_path / "run", tmp_path)
    state = torch.load(tmp_path / "run" / "rewarded" / "last.pt", weights_only=True)["average"]
    for name, values in net.state_dict().items():
        torch.testing.assert_close(state[name], values, atol=1e-3, rtol=1e-3)  # float16 where they are large

    record["config"]["width"] = 18
    (tmp_path / "compact_prompt.json").write_text(json.dumps(record))
    with pytest.raises(FileError, match="use its sizes"):
        shipped.unpack(tmp_path / "other", tmp_path)


def test_assembling_leaves_what_is_not_given(tmp_path):
    from gradewright.core.train.policy.assemble import assemble

    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    out.mkdir()
    for name in ("compact_prompt.onnx", "compact_prompt.json"):
        (run / name).write_text("new")
    np.save(run / "prompt_to_codec.npy", np.ones((2, 2), np.float32))
    np.savez(out / "compact.npz", prompt_gain=np.float32(1.15), reference_to_codec=np.zeros((2, 2)))
    assemble(run, None, None, out)
    tables = np.load(out / "compact.npz")
    assert sorted(tables) == ["prompt_gain", "prompt_to_codec", "reference_to_codec"]
    assert float(tables["prompt_gain"]) == pytest.approx(1.15)
    assert (out / "compact_prompt.onnx").read_text() == "new"


def test_what_a_run_can_begin_with(tmp_path):
    from gradewright.core.errors import BadInput
    from gradewright.core.train.policy import fit
    from gradewright.core.train.policy.loop import checkpoint_of

    with pytest.raises(BadInput, match="no finished run in this folder"):
        checkpoint_of(tmp_path)
    (tmp_path / "rewarded").mkdir()
    (tmp_path / "rewarded" / "last.pt").write_bytes(b"weights")
    begun = fit._begun({"start": str(tmp_path), "kind": "prompt"})  # read back: it has no metrics
    assert begun is not None
    assert begun["last"] is None
    assert len(begun["checkpoint_sha256"]) == 64
