"""Fitting the codec, on a few made-up looks."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradewright.core import Lut  # noqa: E402
from gradewright.core.codec import LutCodec  # noqa: E402
from gradewright.core.errors import FileError  # noqa: E402
from gradewright.core.interp import lattice  # noqa: E402
from gradewright.core.train import codec_data, codec_fit, codec_rvq, codec_space  # noqa: E402
from gradewright.core.train.budget import Budget  # noqa: E402
from gradewright.core.train.codec_fit import save  # noqa: E402


@pytest.fixture(scope="module")
def recipes() -> np.ndarray:
    return codec_data.recipe_tables(12, np.random.default_rng(5))


@pytest.fixture(scope="module")
def axes(recipes) -> np.ndarray:
    return codec_space.axis_bases([recipes.astype(np.float32)], 8)


def cores_of(tables, axes):
    identity = lattice(33)
    return np.stack([codec_space.to_core(np.asarray(t, np.float32) - identity, axes) for t in tables])


def test_axes_are_orthonormal(axes):
    for basis in axes:
        assert np.allclose(basis.T @ basis, np.eye(8), atol=1e-5)


def test_core_keeps_the_energy_of_what_the_basis_spans(axes, rng):
    core = rng.normal(size=(8, 8, 8, 3)).astype(np.float32)
    table = np.einsum("xyzc,rx,gy,bz->rgbc", core, *axes)
    assert np.allclose(codec_space.to_core(table, axes), core.ravel(), atol=1e-4)


def test_features_are_trilinear_values_of_the_basis(axes, rng):
    core = rng.normal(size=(8, 8, 8, 3)).astype(np.float32)
    table = np.einsum("xyzc,rx,gy,bz->rgbc", core, *axes)
    on_lattice = np.array([[3, 4, 5], [32, 0, 16]])
    features = codec_space.photo_features((on_lattice / 32).astype(np.float32), axes)
    assert np.allclose(features @ core.reshape(-1, 3), table[tuple(on_lattice.T)], atol=1e-3)


def test_difference_matrices_agree_with_ciede2000(rng):
    from gradewright.core.colour import delta_e_srgb

    colours = rng.uniform(0.2, 0.8, (50, 3)).astype(np.float32)
    steps = rng.normal(0, 0.002, (50, 3))
    linear = np.linalg.norm(np.einsum("nij,nj->ni", codec_space.difference_matrices(colours), steps), axis=1)
    exact = delta_e_srgb(colours.astype(np.float64), colours + steps)
    assert np.median(np.abs(linear / exact - 1)) < 0.1


def test_klt_is_orthonormal_under_the_metric(recipes, axes, rng):
    cores = cores_of(recipes, axes)
    pixels = rng.uniform(0, 1, (200, 3)).astype(np.float32)
    metric = codec_space.joint_metric(codec_space.photo_metric(pixels, axes, cores[:3]), 0.4)
    more = np.repeat(cores, 30, axis=0) + rng.normal(0, 0.05, (360, cores.shape[1])).astype(np.float32)
    space = codec_space.karhunen_loeve(more, np.ones(len(more), np.float32), metric, axes, 300, 129, 0.5)
    gram = space.synthesis.T @ metric[np.ix_(space.kept, space.kept)] @ space.synthesis
    assert np.allclose(gram, np.eye(129), atol=1e-3)
    assert np.allclose(space.analysis.T @ space.synthesis, np.eye(129), atol=1e-3)


def test_more_stages_leave_less():
    generator = torch.Generator().manual_seed(1)
    vectors = torch.randn(3000, 24, generator=generator) * torch.logspace(0.5, -1, 24)
    vectors *= torch.rand(3000, 1, generator=generator) * 3
    books = codec_rvq.fit_codebooks(vectors, torch.ones(3000), 6, 4, 2, generator)
    assert books.words.shape == (6, 256, 24)
    assert torch.all(books.gains.diff() > 0)
    assert books.gains.min() < 1 < books.gains.max()
    left = [vectors - books.words[0, :64][codec_rvq.nearest(vectors, books.words[0, :64])]]
    left.append(left[0] - books.words[1][codec_rvq.nearest(left[0], books.words[1])])
    assert vectors.norm() > left[0].norm() > left[1].norm()


def test_fit_is_reproducible(tmp_path, axes, rng):
    vectors = torch.randn(600, 20, generator=torch.Generator().manual_seed(2))
    books = [
        codec_rvq.fit_codebooks(vectors.clone(), torch.ones(600), 4, 2, 2, torch.Generator().manual_seed(3))
        for _ in range(2)
    ]
    assert torch.equal(books[0].words, books[1].words)
    kept = np.arange(40)
    matrix = np.linalg.qr(rng.normal(size=(40, 20)))[0].astype(np.float32)
    save(tmp_path / "w.npz", codec_space.Space(axes, kept, matrix, matrix), books[0])
    codec = LutCodec.load(tmp_path / "w.npz")
    tokens = codec.encode(Lut.identity())
    assert tokens.shape == (4,)
    assert codec.decode(tokens).size == 33


def test_augmented_looks_are_looks(recipes):
    augmenter = codec_data.Augmenter(
        recipes.astype(np.float32), recipes, [1, 1, 1, 1, 1], 0.5, np.random.default_rng(1)
    )
    for _, made in zip(range(12), augmenter, strict=False):
        assert made.shape == (33, 33, 33, 3)
        assert 0 <= float(made.min()) <= float(made.max()) <= 1


def test_same_seed_same_augmentation(recipes):
    made = [
        codec_data.Augmenter(
            recipes.astype(np.float32), recipes, [1] * 5, 0.5, np.random.default_rng(8)
        ).draw()
        for _ in range(2)
    ]
    assert torch.equal(*made)


def test_swapping_channels_keeps_greys(recipes):
    cube = torch.from_numpy(recipes[0].astype(np.float32))
    order = [2, 0, 1]
    swapped = cube.permute(*order, 3)[..., order]
    assert torch.allclose(swapped[16, 16, 16], cube[16, 16, 16][order])


def test_sample_cube_of_the_identity_returns_the_colours(recipes):
    identity, colours = torch.from_numpy(lattice(33)), torch.from_numpy(recipes[1].astype(np.float32))
    assert torch.allclose(codec_data.sample_cube(identity, colours), colours, atol=1e-5)


def test_manifest_names_files_and_folders(tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("a/1.jpg", "a/2.jpg", "b.npz"):
        (tmp_path / name).write_bytes(name.encode())
    paths = [tmp_path / name for name in ("a/1.jpg", "a/2.jpg", "b.npz")]
    found = codec_data.manifest(paths, tmp_path)
    assert set(found) == {"a/*.jpg", "b.npz"}
    (tmp_path / "a/2.jpg").write_bytes(b"other")
    assert codec_data.manifest(paths, tmp_path)["a/*.jpg"] != found["a/*.jpg"]


SMALL = {
    "seed": 3,
    "licensed_only": False,
    "data": {"recipes": 70, "samples": 300, "mix": [1, 1, 1, 1, 1], "swap": 0.3, "real_weight": 2.0},
    "space": {
        "terms": 4,
        "kept": 150,
        "size": 129,
        "alpha": 0.45,
        "emphasis": 0.7,
        "photo_pixels": 40,
        "looks": 3,
    },
    "quantiser": {"stages": 3, "levels": 2, "gain_from": 2},
}


@pytest.fixture
def small_pack(tmp_path, monkeypatch, recipes):
    """A data pack of the made-up looks and one grey ramp."""
    pixels = np.linspace(0, 1, 120, dtype=np.float32).reshape(40, 3)
    monkeypatch.setattr(codec_data, "load_luts", lambda *_: (recipes.astype(np.float32), []))
    monkeypatch.setattr(codec_data, "photo_pixels", lambda *_: pixels)
    monkeypatch.setattr(codec_data, "render_lattice", lambda *_: recipes[0])
    monkeypatch.setattr(codec_fit, "FEWEST", 260)
    (tmp_path / "luts").mkdir()
    for name in ("luts_train.npz", "luts_train.jsonl"):
        (tmp_path / "luts" / name).write_bytes(b"made up")
    monkeypatch.setenv("GRADEWRIGHT_DATA", str(tmp_path))
    return tmp_path


def test_make_writes_weights_and_what_they_come_from(small_pack):
    out = small_pack / "w.npz"
    made = codec_fit.make(SMALL, out)
    assert made == json.loads((small_pack / "w.json").read_text())
    assert made["config"] == SMALL
    assert made["weights_sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert set(made["data_sha256"]) == {"luts/luts_train.npz", "luts/luts_train.jsonl"}
    assert "budget" not in made
    assert LutCodec.load(out).encode(Lut.identity()).shape == (3,)


def test_a_budget_makes_fewer_samples_and_says_so(small_pack):
    cut = codec_fit.make(SMALL, small_pack / "cut.npz", minutes=1e-6)
    assert cut["config"]["data"] == SMALL["data"] | {"recipes": 64, "samples": 260}
    assert cut["budget"] == {"minutes": 1e-6, "asked_for": {"recipes": 70, "samples": 300}}
    again = codec_fit.make(cut["config"], small_pack / "again.npz")
    assert again["weights_sha256"] == cut["weights_sha256"]


def test_a_generous_budget_changes_nothing(small_pack):
    plain = codec_fit.make(SMALL, small_pack / "plain.npz")
    bounded = codec_fit.make(SMALL, small_pack / "bounded.npz", minutes=1000, cache=small_pack / "kept")
    assert bounded["weights_sha256"] == plain["weights_sha256"]
    assert bounded["config"] == SMALL


def test_kept_samples_are_used_again(small_pack, monkeypatch):
    kept = small_pack / "kept"
    first = codec_fit.make(SMALL, small_pack / "first.npz", cache=kept)
    monkeypatch.setattr(codec_fit, "draw_cores", None)
    assert (
        codec_fit.make(SMALL, small_pack / "then.npz", cache=kept)["weights_sha256"]
        == (first["weights_sha256"])
    )


def test_samples_cut_short_are_not_taken_for_all(small_pack):
    kept = small_pack / "kept"
    codec_fit.make(SMALL, small_pack / "cut.npz", cache=kept, minutes=1e-6)
    assert codec_fit.make(SMALL, small_pack / "all.npz", cache=kept)["config"] == SMALL
    counts = {len(np.load(path)) for path in kept.glob("*-samples.npy")}
    assert counts == {260, 300}


def test_nothing_is_overwritten_unless_asked(small_pack):
    (small_pack / "w.json").write_text("mine")
    with pytest.raises(FileError, match=r"w\.json: already exists: choose another name, or add --force"):
        codec_fit.make(SMALL, small_pack / "w.npz")
    assert not (small_pack / "w.npz").exists()
    codec_fit.make(SMALL, small_pack / "w.npz", overwrite=True)
    assert json.loads((small_pack / "w.json").read_text())["config"] == SMALL


def test_a_failure_leaves_no_half_written_weights(small_pack, monkeypatch):
    def full_disk(*_args, **_arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    (small_pack / "w.npz").write_bytes(b"earlier")
    with pytest.raises(FileError, match=r"w\.npz: cannot be written \(No space left on device\)"):
        codec_fit.make(SMALL, small_pack / "w.npz", overwrite=True)
    assert (small_pack / "w.npz").read_bytes() == b"earlier"
    assert not list(small_pack.glob(".*.part"))


def test_budget_without_a_limit_is_never_past():
    assert not Budget().past(0)
    assert Budget(1e-9).past(0.5)
    assert not Budget(1000).past(0.5)
    assert Budget(1000).past(0.5, reserve=1000)
