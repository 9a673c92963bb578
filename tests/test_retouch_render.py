"""The renderer's torch twin gives the numpy renderer's numbers, and gradients that are right."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradewright.core.recipe import PARAMETERS, Recipe  # noqa: E402
from gradewright.core.recipe import render as numpy_twin  # noqa: E402
from gradewright.core.recipe.knobs import TONING, to_coefficients  # noqa: E402
from gradewright.core.recipe.parameters import INDEX  # noqa: E402
from gradewright.core.train.retouch.render import render  # noqa: E402


def coefficients(rng, count, density):
    low, high = np.array([p.low for p in PARAMETERS]), np.array([p.high for p in PARAMETERS])
    values = rng.uniform(low, high, (count, len(low))) * (rng.random((count, len(low))) < density)
    return to_coefficients(values)


def colours(rng, count=400):
    grey = np.linspace(0, 1, 33)[:, None].repeat(3, 1)
    corners = np.stack(np.meshgrid(*[[0.0, 1.0]] * 3), -1).reshape(-1, 3)
    return np.concatenate([rng.random((count, 3)), grey, corners])


@pytest.mark.parametrize("density", [0.1, 0.4, 1.0])
def test_equals_the_numpy_renderer(density):
    rng = np.random.default_rng(int(density * 10))
    knobs, rgb = coefficients(rng, 40, density), colours(rng)
    expected = numpy_twin.render(knobs, rgb)
    found = render(torch.from_numpy(knobs), torch.from_numpy(rgb)).numpy()
    assert np.abs(found - expected).max() <= 1e-5


def test_float32_is_near():
    rng = np.random.default_rng(1)
    knobs, rgb = coefficients(rng, 20, 0.3), colours(rng)
    found = render(torch.from_numpy(knobs).float(), torch.from_numpy(rgb).float()).numpy()
    assert np.quantile(np.abs(found - numpy_twin.render(knobs, rgb)), 0.999) <= 2e-4


def test_neutral_is_the_identity():
    rgb = torch.from_numpy(colours(np.random.default_rng(2)))
    found = render(torch.zeros(1, len(PARAMETERS), dtype=torch.float64), rgb)[0]
    assert float((found - rgb).abs().max()) <= 1e-5


@pytest.mark.parametrize("name", [p.name for p in PARAMETERS])
def test_a_single_parameter_alone(name):
    """Where numpy skips every other stage."""
    parameter = PARAMETERS[INDEX[name]]
    other = name.replace("_hue", "_amount") if parameter.group == "colour" else name
    recipe = Recipe(**{name: 0.4 * parameter.high} | ({other: 40.0} if other != name else {}))
    rgb = colours(np.random.default_rng(3), 60)
    found = render(torch.from_numpy(recipe.coefficients.copy())[None], torch.from_numpy(rgb))[0]
    assert np.abs(found.numpy() - recipe.apply(rgb)).max() <= 1e-5


def test_gradients_by_finite_differences():
    """Around a recipe that uses everything a little, on colours well inside the gamut."""
    rng = np.random.default_rng(4)
    scale = np.array([0.15 * p.high for p in PARAMETERS])
    for pair in TONING:
        scale[list(pair)] = 15.0
    at = torch.from_numpy(rng.uniform(0.2, 1, len(scale)) * scale)[None].requires_grad_()
    rgb = torch.from_numpy(0.3 + 0.4 * rng.random((6, 3)))
    assert torch.autograd.gradcheck(lambda x: render(x, rgb), (at,), eps=1e-5, atol=1e-5)


def test_gradients_are_finite_everywhere():
    """From the neutral recipe, over black, white, greys and the surface of the cube."""
    at = torch.zeros(1, len(PARAMETERS), dtype=torch.float64, requires_grad=True)
    rgb = torch.from_numpy(colours(np.random.default_rng(5))).requires_grad_()
    render(at, rgb).square().sum().backward()
    assert torch.isfinite(at.grad).all()
    assert torch.isfinite(rgb.grad).all()
    assert int((at.grad != 0).sum()) >= len(PARAMETERS) - 1


def test_descends_to_a_recipe_it_is_shown():
    target = Recipe(exposure=0.5, contrast=20, temperature=15, saturation=-20)
    rgb = torch.from_numpy(colours(np.random.default_rng(6), 200))
    wanted = torch.from_numpy(target.apply(rgb.numpy()))
    at = torch.zeros(1, len(PARAMETERS), dtype=torch.float64, requires_grad=True)
    unit = torch.tensor([p.high / 100 for p in PARAMETERS], dtype=torch.float64)
    optimiser = torch.optim.Adam([at], 2.0)
    for _ in range(120):
        optimiser.zero_grad()
        loss = (render(at * unit, rgb)[0] - wanted).abs().mean()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.01
