"""The torch twin of the attributes says the same as numpy."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core import Recipe
from gradewright.core.attributes import BY_NAME, Colours, measure
from gradewright.core.recipe.points import photo_colours

torch = pytest.importorskip("torch")

from gradewright.core.train.attributes import GLOBAL, PARTS, Twin  # noqa: E402


@pytest.fixture(scope="module")
def pair():
    before = photo_colours(1500)
    return before, Recipe(exposure=0.4, temperature=20, blue_chroma=-30, contrast=20).apply(before)


def as_batch(*pictures):
    return torch.from_numpy(np.stack([p.T for p in pictures]).astype(np.float32))


def test_globals_equal_numpy(pair):
    before, after = pair
    start = Twin(as_batch(before, after))
    first, then = start.globals()
    edited = Twin(as_batch(after, after), Twin(as_batch(before, before))).globals()[0]
    cases = ((first, Colours(before)), (then, Colours(after)), (edited, Colours(after, like=Colours(before))))
    for found, colours in cases:
        truth = measure(colours, *GLOBAL)
        for name, value in zip(GLOBAL, found.tolist(), strict=True):
            assert value == pytest.approx(truth[name], abs=0.02 * BY_NAME[name].step), name


def test_parts_equal_numpy(pair):
    means, there = Twin(as_batch(*pair)).parts()
    truth = measure(pair[0])
    for i, part in enumerate(PARTS):
        assert bool(there[0, i]) == (f"{part}_light" in truth)
        if there[0, i]:
            assert float(means[0, i, 0]) == pytest.approx(truth[f"{part}_light"], abs=0.05)
            assert float(means[0, i, 1]) == pytest.approx(truth[f"{part}_chroma"], abs=0.05)


def test_gradients_are_finite(pair):
    picture = as_batch(*pair).clone()
    picture[:, :, :40] = 0
    picture.requires_grad_(True)
    start = Twin(as_batch(pair[0], pair[0]))
    torch.autograd.backward(Twin(picture, start).globals().sum() + Twin(picture, start).parts()[0].sum())
    assert torch.isfinite(picture.grad).all()
    assert picture.grad.abs().sum() > 0
