"""The quantisers and the decoder that the codec is compared with."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradewright.core.train import codec_baselines as baselines  # noqa: E402
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def vectors() -> torch.Tensor:
    return torch.randn(3000, 24, generator=generator()) * torch.logspace(0.5, -1.5, 24)


@pytest.fixture(scope="module")
def weights(vectors) -> torch.Tensor:
    return torch.ones(len(vectors))


@settings(max_examples=40)
@given(
    st.lists(st.floats(-12, 12), min_size=8, max_size=60), st.sampled_from([1, 2, 4, 7]), st.floats(0.1, 30)
)
def test_bits_are_allotted_once_and_in_order(logs, tokens, unit):
    variance = np.sort(2.0 ** np.array(logs))[::-1] * unit
    groups = baselines.allotted(variance, tokens)
    together = np.concatenate(groups)
    assert 1 <= len(groups) <= tokens
    assert np.array_equal(together, np.arange(len(together)))  # the largest variances, none twice
    assert all(len(group) for group in groups)


def test_equal_variances_share_the_bits_equally():
    groups = baselines.allotted(np.full(32, 3.0), 4)
    assert [len(group) for group in groups] == [8, 8, 8, 8]


def test_large_variances_get_a_token_of_their_own():
    groups = baselines.allotted(np.array([1e6, 1e6, *[1.0] * 16]), 4)
    assert [len(group) for group in groups[:2]] == [1, 1]


def test_more_tokens_of_a_product_leave_less(vectors, weights):
    left = [float(vectors.norm())]
    for tokens in (2, 4, 8):
        code = baselines.fit_product(vectors, weights, tokens, generator())
        assert len(code.groups) == len(code.words) == tokens
        rows = [code.encode(vector) for vector in vectors.numpy()]
        left.append(float(np.linalg.norm(vectors.numpy() - np.stack([code.decode(row) for row in rows]))))
    assert left == sorted(left, reverse=True)
    assert left[-1] < 0.3 * left[0]


def test_product_words_are_the_nearest(vectors, weights):
    code = baselines.fit_product(vectors, weights, 4, generator())
    row = code.encode(vectors[5].numpy())
    best = np.sum((code.decode(row) - vectors[5].numpy()) ** 2)
    for place in range(4):
        other = row.copy()
        other[place] = (row[place] + 1) % 256
        assert np.sum((code.decode(other) - vectors[5].numpy()) ** 2) >= best


def test_plain_stages_refine_one_another(vectors, weights):
    ticks = []
    code = baselines.fit_plain(vectors, weights, 5, generator(), lambda: ticks.append(1))
    assert code.words.shape == (5, 256, 24)
    assert len(ticks) == 4
    rows = [code.encode(vector) for vector in vectors[:300].numpy()]
    errors = [
        sum(
            np.sum((code.decode(row[:n]) - vector) ** 2)
            for row, vector in zip(rows, vectors.numpy(), strict=False)
        )
        for n in (1, 2, 3, 4, 5)
    ]
    assert errors == sorted(errors, reverse=True)


def test_a_residual_decoder_starts_as_nothing_and_learns_what_can_be_learned():
    wanted = torch.randn(900, 12, generator=generator())
    quantised = wanted + 0.5 * torch.tanh(wanted.roll(1, 1))  # a systematic error
    train, val = (quantised[:700], wanted[:700]), (quantised[700:], wanted[700:])
    untaught = baselines.ResidualDecoder(torch.ones(12), torch.ones(12)).eval()
    assert torch.equal(untaught(quantised), quantised)
    model, history = baselines.fit_residual(train, val, generator(), epochs=10)
    found = baselines._distance(model.eval(), *val)
    assert found == pytest.approx(min(history))  # the best epoch is what comes back
    assert found < 0.7 * history[0]
    again, _ = baselines.fit_residual(train, val, generator(), epochs=10)
    assert all(
        torch.equal(one, other) for one, other in zip(model.parameters(), again.parameters(), strict=True)
    )


def test_a_residual_decoder_of_noise_stays_nothing():
    wanted = torch.randn(400, 12, generator=generator())
    quantised = wanted + torch.randn(400, 12, generator=generator(2))
    val = quantised[300:], quantised[300:]
    model, history = baselines.fit_residual(
        (quantised[:300], wanted[:300]), val, generator(), epochs=12, patience=3
    )
    assert history.index(min(history)) == 0
    assert torch.equal(model(quantised), quantised)


def test_coefficients_of_the_samples(tmp_path, monkeypatch):
    from gradewright.core.codec.weights import load

    weights, rng = load(), np.random.default_rng(1)
    size = weights.terms**3 * 3
    sets = rng.normal(size=(3, size)).astype(np.float32), rng.normal(size=(40, size)).astype(np.float32)
    monkeypatch.setattr(baselines, "load_luts", lambda *_: (None, []))
    monkeypatch.setattr(baselines, "cached_cores", lambda *_: (None, *sets))
    config = json.loads('{"licensed_only": false, "data": {"real_weight": 2.5}}')
    vectors, counts = baselines.sample_coefficients(config, weights, tmp_path, tmp_path)
    assert counts.tolist() == [2.5] * 3 + [1.0] * 40
    expected = np.concatenate(sets)[:, weights.kept] @ weights.analysis
    assert np.allclose(vectors.numpy(), expected, rtol=1e-4, atol=1e-4)
