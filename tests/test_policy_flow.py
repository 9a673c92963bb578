"""SemiNFT's update at compact scale: its equations on small tensors, and that it finds a known optimum."""

# ruff: noqa: E402 - what needs torch is imported once it is known to be there
from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch")

from gradewright.core.train.policy.flow import Flow, Normal, Offline, matching_loss, nft_loss, optimality


class Still(torch.nn.Module):
    """A flow whose velocity is one number everywhere."""

    def __init__(self, value, size=2):
        super().__init__()
        self.size, self.value = size, torch.nn.Parameter(torch.tensor(value))

    def forward(self, x, c, t):
        return self.value.expand(len(x), self.size)


def generator():
    return torch.Generator().manual_seed(3)


def test_optimality_by_hand():
    """Equations 5 and 6: standardised over the group, clipped to -1..1, moved to 0..1."""
    found = optimality(torch.tensor([[0.0, 2.0, 1.0, 1.0], [0.3, 0.3, 0.3, 0.3]]))
    assert found[0].tolist() == pytest.approx([0, 1, 0.5, 0.5], abs=1e-3)
    assert found[1].tolist() == [0.5] * 4
    assert float(optimality(torch.tensor([[0.0, 3.0, 2.0, 2.0]]))[0, 2]) == pytest.approx(
        0.5 + 0.25 / (1.1875**0.5) / 2, abs=1e-3
    )


@pytest.mark.parametrize("r", [0.0, 0.25, 1.0])
def test_the_loss_by_hand(r):
    """Equations 1 to 3 with constant velocities; the noise is drawn as the loss draws it."""
    c, looks = torch.zeros(4, 4), torch.ones(4, 2)
    flow, old, beta = Still(0.7), Still(0.2), 0.5
    found = nft_loss(flow, old, c, looks, torch.full((4,), r), beta, generator())
    source = generator()
    torch.rand(4, generator=source)
    v = torch.randn(4, 2, generator=source) - looks
    positive, negative = 0.5 * 0.2 + 0.5 * 0.7, 1.5 * 0.2 - 0.5 * 0.7
    wanted = r * (positive - v).square().mean() + (1 - r) * (negative - v).square().mean()
    assert found.item() == pytest.approx(wanted.item(), rel=1e-5)


def test_the_bounded_loss_by_hand():
    flow, c, looks = Still(0.5, 1), torch.zeros(3, 2), torch.full((3, 1), 9.0)
    found = nft_loss(flow, Still(0.5, 1), c, looks, torch.ones(3), 1.0, generator(), bounded=True)
    source = generator()
    t, noise = torch.rand(3, generator=source), torch.randn(3, 1, generator=source)
    off = (0.5 - (noise - looks))[:, 0]
    assert found.item() == pytest.approx(float((t * off.abs()).mean()), rel=1e-5)


def test_good_samples_draw_and_bad_ones_repel():
    c, looks = torch.zeros(2000, 4), torch.ones(2000, 2)
    for r, sign in ((1.0, -1), (0.0, 1)):
        flow = Still(0.0)
        nft_loss(flow, Still(0.0), c, looks, torch.full((2000,), r), 1.0, generator()).backward()
        # the target velocity is noise minus look, -1 on average: towards it the gradient is positive
        assert float(flow.value.grad) * sign < 0


def test_a_flow_learns_a_distribution_from_noise():
    torch.manual_seed(0)
    flow, source = Flow(2, 48), generator()
    optimiser = torch.optim.Adam(flow.parameters(), 3e-3)
    c = torch.tensor([[1.0, -1.0, 0.0, 0.0]]).expand(128, -1)
    for _ in range(150):
        looks = torch.tensor([3.0, -2.0]) + 0.1 * torch.randn(128, 2, generator=source)
        optimiser.zero_grad()
        matching_loss(flow, c, looks, source).backward()
        optimiser.step()
    with torch.no_grad():
        drawn = flow.draw(c, torch.randn(128, 2, generator=source))
    assert drawn.mean(0).tolist() == pytest.approx([3, -2], abs=0.25)
    assert float(drawn.std(0).max()) < 0.6


@pytest.mark.parametrize("offline", [None, Offline()])
def test_rewards_move_a_flow_to_a_known_optimum(offline):
    torch.manual_seed(0)
    flow, source = Flow(2, 48), generator()
    goal = torch.tensor([1.0, 1.0])
    old, optimiser = copy.deepcopy(flow), torch.optim.Adam(flow.parameters(), 3e-3)
    count, c = 8, torch.zeros(16 * 8, 4)

    def distance():
        with torch.no_grad():
            return float((flow.draw(c, torch.randn(128, 2, generator=generator())) - goal).norm(dim=1).mean())

    start = distance()
    for _ in range(60):
        with torch.no_grad():
            looks = old.draw(c, torch.randn(128, 2, generator=source)).view(16, count, 2)
        scores = (1 - (looks - goal).norm(dim=2) / 4).clamp(0, 1)
        if offline is not None:
            more, labels = offline.samples(goal.expand(16, 2))
            looks = torch.cat([looks[:, 2:], more], 1)
            scores = torch.cat([scores[:, 2:], labels], 1)
        optimiser.zero_grad()
        r = optimality(scores).flatten()
        nft_loss(flow, old, c, looks.reshape(-1, 2), r, 1.0, source).backward()
        optimiser.step()
        with torch.no_grad():
            for before, now in zip(old.parameters(), flow.parameters(), strict=True):
                before.lerp_(now, 0.3)
    assert distance() < 0.7 * start


def test_a_normal_begins_as_what_its_condition_says():
    c = torch.tensor([[0.5, -0.5, 0.1, 0.2]])
    mean, spread = Normal(2)(c)
    assert mean.tolist() == [[0.5, -0.5]]
    assert spread[0].tolist() == pytest.approx([0.1, 0.2])
    looks = mean + spread.exp()
    assert Normal(2).density(c, looks).item() == pytest.approx(-0.5 - 0.15, abs=1e-6)


def test_anchors_are_the_truth_and_too_much_of_it():
    looks, labels = Offline(0.9, 0.2, 2.0).samples(torch.tensor([[1.0, -1.0]]))
    assert looks.tolist() == [[[1.0, -1.0], [2.0, -2.0]]]
    assert labels[0].tolist() == pytest.approx([0.9, 0.2])
