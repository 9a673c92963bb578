"""Does SemiNFT's DiffusionNFT on a rectified flow beat GRPO on a normal distribution, for reference transfer?

    GRADEWRIGHT_DATA=data python benchmarks/flow.py [--seconds 40] [--scenes 1500] [--split val] [--plain]

Both policies see the shipped reference network's answer and have some 200,000 weights, the same rewards, as
many looks an update, and the same CPU seconds: first supervised, then by rewards. Anchors of the hybrid
batches are labelled by rule, not by people. Prints mean dE2000 on the triplets of a split.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from common import data_root, table
from gradewright.core.codec import LutCodec
from gradewright.core.colour import delta_e_srgb
from gradewright.core.engines.compact.networks import _session, _tables
from gradewright.core.train import codec_data
from gradewright.core.train.policy.basis import Basis
from gradewright.core.train.policy.flow import Flow, Normal, Offline, matching_loss, nft_loss, optimality
from gradewright.core.train.policy.looks import as_volumes, load_looks
from gradewright.core.train.policy.photos import crops, load_photos, through
from gradewright.core.train.policy.reference_fit import Triplets, pixels
from gradewright.core.train.policy.rewards import Judge
from torch import Tensor, nn

SIZE, STEP, GROUP, BATCH = 96, 4, 8, 16


@dataclass(frozen=True)
class How:
    """``bounded`` : see nft_loss. ``rate`` of the optimiser; ``follow`` : how fast the old policy follows."""

    bounded: bool = True
    rate: float = 1e-4
    follow: float = 0.02


PLAIN = How(False, 2e-4, 0.1)  # equation 1 as it stands


@dataclass
class Scenes:
    """``c`` (n, 2 SIZE) conditions, ``truth`` (n, SIZE) looks in the network's units, photos' ``points``."""

    c: Tensor
    truth: Tensor
    points: Tensor


def condition(photo: Tensor, reference: Tensor) -> Tensor:
    """The shipped network's mean and log sigma, side by side."""
    network, rows = _session("compact_reference.onnx"), []
    for one, other in zip(photo, reference, strict=True):
        wanted = {"photo": one[None].numpy(), "reference": other[None].numpy(), "given": np.array([True])}
        rows.append(np.concatenate([part[0] for part in network.run(None, wanted)]))
    found = torch.from_numpy(np.stack(rows))
    return torch.cat([found[:, :SIZE], found[:, SIZE:].clamp(-4, 2)], 1)


def units() -> Basis:
    """The network's units -> lattice differences, through the codec as it is now."""
    codec = LutCodec.load()
    to_codec = torch.from_numpy(_tables()["reference_to_codec"])
    basis = Basis(codec, codec.size, torch.ones(codec.size), STEP)
    basis.cube = to_codec @ basis.cube
    basis.back = torch.linalg.pinv(basis.cube.double()).float()
    basis.scale = torch.ones(SIZE)
    return basis


def scenes(root: object, basis: Basis, count: int, seed: int) -> Scenes:
    """Train photos and train LUTs, drawn as the reference network's were."""
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    photos = load_photos(codec_data.photo_paths(root, "train"), 80)
    looks = as_volumes(load_looks(root, "train"))
    first, second = torch.from_numpy(rng.integers(len(photos), size=(2, count)))
    chosen = looks[torch.from_numpy(rng.integers(len(looks), size=count))].float()
    photo, shown = crops(photos[first], 64, 0.55, generator), crops(photos[second], 64, 0.55, generator)
    c = condition(photo, through(chosen, shown))
    side = (chosen.shape[-1] - 1) // (STEP // 2)
    axis = torch.linspace(0, 1, side + 1)
    identity = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"))
    step = STEP // 2
    truth = basis.project((chosen[:, :, ::step, ::step, ::step] - identity).flatten(1))
    return Scenes(c, truth, photo[:, :, 2::4, 2::4].contiguous())


def within(seconds: float, work: Callable[[int], None]) -> int:
    """Do steps for so many CPU seconds; how many there were."""
    start, step = time.process_time(), 0
    while time.process_time() - start < seconds:
        work(step)
        step += 1
    return step


def supervised(net: nn.Module, loss: Callable[[Tensor, Tensor], Tensor], data: Scenes, seconds: float) -> int:
    """The cold start."""
    optimiser, rng = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.05), np.random.default_rng(0)

    def step(_number: int) -> None:
        rows = torch.from_numpy(rng.integers(len(data.c), size=128))
        optimiser.zero_grad()
        loss(data.c[rows], data.truth[rows]).backward()
        optimiser.step()

    return within(seconds, step)


def scored(judge: Judge, basis: Basis, looks: Tensor, truth: Tensor, points: Tensor) -> Tensor:
    """(B,) rewards."""
    with torch.no_grad():
        return judge(basis(looks), basis(truth), points)


def by_nft(flow: Flow, data: Scenes, basis: Basis, seconds: float, offline: Offline | None, how: How) -> int:
    """Hybrid batches: GROUP samples a prompt, two of them anchors if there are any."""
    judge, rng, generator = Judge(), np.random.default_rng(1), torch.Generator().manual_seed(1)
    optimiser, old = torch.optim.AdamW(flow.parameters(), how.rate), copy.deepcopy(flow)
    count = GROUP - 2 * (offline is not None)

    def step(_number: int) -> None:
        rows = torch.from_numpy(rng.integers(len(data.c), size=BATCH)).repeat_interleave(count)
        with torch.no_grad():
            looks = old.draw(data.c[rows], torch.randn((len(rows), SIZE), generator=generator))
        scores = scored(judge, basis, looks, data.truth[rows], data.points[rows]).view(BATCH, count)
        looks, c = looks.view(BATCH, count, SIZE), data.c[rows].view(BATCH, count, -1)
        if offline is not None:
            more, labels = offline.samples(data.truth[rows[::count]])
            looks, scores = torch.cat([looks, more], 1), torch.cat([scores, labels], 1)
            c = c[:, :1].expand(-1, GROUP, -1)
        r = optimality(scores)
        optimiser.zero_grad()
        nft_loss(
            flow,
            old,
            c.reshape(BATCH * GROUP, -1),
            looks.reshape(-1, SIZE),
            r.flatten(),
            1.0,
            generator,
            bounded=how.bounded,
        ).backward()
        optimiser.step()
        with torch.no_grad():
            for before, now in zip(old.parameters(), flow.parameters(), strict=True):
                before.lerp_(now, how.follow)

    return within(seconds, step)


def by_grpo(net: Normal, data: Scenes, basis: Basis, seconds: float) -> int:
    """GRPO with a KL term to the cold start; one update a draw, so no ratio needs clipping."""
    judge, rng, generator = Judge(), np.random.default_rng(1), torch.Generator().manual_seed(1)
    optimiser, first = torch.optim.AdamW(net.parameters(), 2e-4), copy.deepcopy(net)

    def step(_number: int) -> None:
        rows = torch.from_numpy(rng.integers(len(data.c), size=BATCH)).repeat_interleave(GROUP)
        c = data.c[rows]
        with torch.no_grad():
            mean, spread = net(c)
            looks = mean + spread.exp() * torch.randn(mean.shape, generator=generator)
            scores = scored(judge, basis, looks, data.truth[rows], data.points[rows]).view(BATCH, GROUP)
            advantage = (scores - scores.mean(1, keepdim=True)) / (scores.std(1, keepdim=True) + 0.01)
            start_mean, start = first(c)
        mean, spread = net(c)
        gap = ((mean - start_mean).square() + (2 * spread).exp()) * (-2 * start).exp()
        divergence = (start - spread + 0.5 * gap - 0.5).mean()
        optimiser.zero_grad()
        (0.05 * divergence - (advantage.flatten() * net.density(c, looks)).mean()).backward()
        optimiser.step()

    return within(seconds, step)


def errors(held: Triplets, basis: Basis, looks: Tensor) -> np.ndarray:
    """(n,) mean dE2000 of looks on the triplets' photos."""
    with torch.no_grad():
        graded = (held.points + through(basis(looks), held.points)).clamp(0, 1)
    return np.asarray(delta_e_srgb(pixels(graded), held.truth)).mean(1)


def answers(flow: Flow, c: Tensor) -> tuple[Tensor, Tensor]:
    """One sample from noise, and the mean of eight."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        drawn = torch.stack(
            [flow.draw(c, torch.randn((len(c), SIZE), generator=generator), 28) for _ in range(8)]
        )
    return drawn[0], drawn.mean(0)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--seconds", type=float, default=40.0, help="CPU seconds of each stage of each policy"
    )
    parser.add_argument("--scenes", type=int, default=1500)
    parser.add_argument("--split", default="val")
    parser.add_argument("--plain", action="store_true", help="equation 1 without bounded errors")
    options = parser.parse_args()
    how = PLAIN if options.plain else How()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    root, basis = data_root(), units()
    data = scenes(root, basis, options.scenes, 0)
    held = Triplets(root, options.split)
    seen = condition(held.photo, held.reference)
    steps: dict[str, int] = {}
    flow, normal = Flow(SIZE), Normal(SIZE)
    generator = torch.Generator().manual_seed(0)
    steps["flow, supervised"] = supervised(
        flow, lambda c, x: matching_loss(flow, c, x, generator), data, options.seconds
    )
    steps["normal, supervised"] = supervised(
        normal, lambda c, x: -normal.density(c, x).mean(), data, options.seconds
    )
    hybrid, online, rewarded = copy.deepcopy(flow), copy.deepcopy(flow), copy.deepcopy(normal)
    steps["flow, DiffusionNFT, hybrid"] = by_nft(hybrid, data, basis, options.seconds, Offline(), how)
    steps["flow, DiffusionNFT, online only"] = by_nft(online, data, basis, options.seconds, None, how)
    steps["normal, GRPO"] = by_grpo(rewarded, data, basis, options.seconds)
    looks: dict[str, tuple[Tensor, Tensor]] = {}
    for name, net in (
        ("supervised", flow),
        ("DiffusionNFT, hybrid", hybrid),
        ("DiffusionNFT, online only", online),
    ):
        looks[f"flow, {name}"] = answers(net, seen)
    for name, policy in (("supervised", normal), ("GRPO", rewarded)):
        with torch.no_grad():
            mean, spread = policy(seen)
        draw = torch.randn(mean.shape, generator=torch.Generator().manual_seed(0))
        looks[f"normal, {name}"] = (mean + spread.exp() * draw, mean)
    shipped = seen[:, :SIZE]
    rows = [("doing nothing", "", float(held.identity.mean()), float(held.identity.mean()))]
    rows.append(("the condition's mean as it is", "", "", float(errors(held, basis, shipped).mean())))
    for name, (one, best) in looks.items():
        rows.append(
            (
                name,
                steps[name],
                float(errors(held, basis, one).mean()),
                float(errors(held, basis, best).mean()),
            )
        )
    print(
        f"{options.split}, {len(seen)} triplets, {options.seconds:g} CPU s a stage, {options.scenes} scenes"
    )
    print(table(["policy", "steps", "one sample, dE", "mean or mean of 8, dE"], rows))
    print(
        json.dumps(
            {
                "weights": {
                    n: sum(p.numel() for p in net.parameters())
                    for n, net in (("flow", flow), ("normal", normal))
                }
            }
        )
    )


if __name__ == "__main__":
    main()
