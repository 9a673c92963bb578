"""What the parts of the prompt network are worth, on held-out captions of a training run. Needs torch.

    GRADEWRIGHT_DATA=... python benchmarks/ablations.py RUN [--rows 1500] [--captions 12000] [--minutes 8]

RUN is a folder of ``gradewright train policy --config policy_prompt``. Two tables:

streams: the trained network with one of its two streams of words, or the photo, taken away.

tokens: the same trained network with another head. "mean" is the shipped one, a normal distribution over
the codec's coefficients whose mean is quantised; "autoregressive" is a recurrent decoder over the 64 tokens
(teacher forcing, cross-entropy, greedy decoding, and the best of four samples by their likelihood), trained
for --minutes on the frozen network's features of --captions captions.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from common import data_root, table
from gradewright.core.codec import LutCodec
from gradewright.core.interp import lattice
from gradewright.core.train import codec_data
from gradewright.core.train.policy import colour
from gradewright.core.train.policy.basis import Basis, coefficient_scale
from gradewright.core.train.policy.photos import load_photos, through
from gradewright.core.train.policy.prompt_data import SIZE, STEP, Captions, Scenes, batch_of, make_scenes
from gradewright.core.train.policy.prompt_net import PromptNet
from torch import Tensor, nn

_HIDDEN, _WORDS, _LENGTH = 512, 256, 64


class TokenDecoder(nn.Module):
    """A recurrent decoder: features of a prompt -> 64 tokens, one after the other."""

    def __init__(self, width: int = 384) -> None:
        super().__init__()
        self.start = nn.Linear(_HIDDEN, width)
        self.words = nn.Embedding(_WORDS + 1, width)
        self.places = nn.Parameter(torch.randn(_LENGTH, width) * 0.02)
        self.cell = nn.GRU(width, width, batch_first=True)
        self.out = nn.Parameter(torch.randn(_LENGTH, width, _WORDS) * width**-0.5)

    def forward(self, features: Tensor, tokens: Tensor) -> Tensor:
        """(B, 512) and the true tokens (B, 64) -> logits (B, 64, 256)."""
        begun = torch.cat([torch.full_like(tokens[:, :1], _WORDS), tokens[:, :-1]], 1)
        states, _ = self.cell(self.words(begun) + self.places, self.start(features).tanh()[None])
        return torch.einsum("btw,twk->btk", states, self.out)

    def write(self, features: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
        """(B, 64) tokens and their log likelihoods (B,); greedy at temperature 0."""
        word = torch.full((len(features), 1), _WORDS)
        state, found, likelihood = self.start(features).tanh()[None], [], torch.zeros(len(features))
        for place in range(_LENGTH):
            seen, state = self.cell(self.words(word) + self.places[place], state)
            scores = (seen[:, 0] @ self.out[place]).log_softmax(-1)
            if temperature:
                word = torch.multinomial((scores / temperature).softmax(-1), 1)
            else:
                word = scores.argmax(-1, keepdim=True)
            likelihood += scores.gather(1, word)[:, 0]
            found.append(word)
        return torch.cat(found, 1), likelihood


class Judge:
    """Differences between looks on the colours of each caption's photo."""

    def __init__(self, captions: Captions, scenes: Scenes, basis: Basis) -> None:
        rng = np.random.default_rng(0)
        anything = rng.integers(len(scenes), size=len(captions))
        where = np.where(captions.scene >= 0, captions.scene, anything)
        self.points = scenes.pixels[torch.from_numpy(where)].float()
        self.truth = basis(captions.target)

    def __call__(self, differences: Tensor) -> float:
        """Mean difference, about CIEDE2000, of lattice differences (n, 3, 9, 9, 9) from the wanted ones."""
        count = len(differences)
        points, truth = self.points[:count], self.truth[:count]
        both = [(points + through(look, points)).clamp(0, 1) for look in (differences, truth)]
        one, other = (colour.lab(picture).flatten(2) for picture in both)
        return float(colour.difference(one, other).mean())


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--rows", type=int, default=1500, help="held-out captions that are judged")
    parser.add_argument("--captions", type=int, default=12000, help="captions the decoder learns from")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def features(net: PromptNet, captions: Captions, scenes: Scenes, drop: str = "") -> tuple[Tensor, Tensor]:
    """(n, 512) before the heads, and the predicted coefficients (n, size); ``drop`` takes an input away."""
    hidden: list[Tensor] = []
    hook = net.join.register_forward_hook(lambda _m, _i, out: hidden.append(out))
    means = []
    with torch.no_grad():
        for start in range(0, len(captions), 100):
            rows = list(range(start, min(start + 100, len(captions))))
            states, mask, grams, numbers, photo, given = batch_of(captions, scenes, rows)
            if drop == "language model":
                mask = torch.zeros_like(mask)
            if drop == "own words":
                grams = torch.zeros_like(grams)
            if drop == "photo":
                given = torch.zeros_like(given)
            means.append(net(states, mask, grams, numbers, photo, given)[0])
    hook.remove()
    return torch.cat(hidden), torch.cat(means)


def first(captions: Captions, count: int) -> Captions:
    """The first captions of a set."""
    fields = {name: value[:count] for name, value in vars(captions).items() if name != "by_length"}
    return Captions(**fields)


def tokens_of(codec: LutCodec, coefficients: Tensor, to_codec: np.ndarray) -> Tensor:
    """(n, 64) rows of looks given in the network's coefficients."""
    return torch.from_numpy(
        np.stack([codec.quantise(row @ to_codec) for row in coefficients.numpy()]).astype(np.int64)
    )


def looks_of(codec: LutCodec, tokens: Tensor) -> Tensor:
    """(n, 64) -> lattice differences (n, 3, 9, 9, 9)."""
    made = [codec.decode(row).table[::STEP, ::STEP, ::STEP] - lattice(SIZE) for row in tokens.numpy()]
    return torch.from_numpy(np.stack(made).transpose(0, 4, 1, 2, 3).astype(np.float32))


def learn(decoder: TokenDecoder, seen: Tensor, tokens: Tensor, minutes: float, seed: int) -> int:
    """Train the decoder; the number of steps."""
    rng, steps = np.random.default_rng(seed), 0
    optimiser = torch.optim.AdamW(decoder.parameters(), 1e-3, weight_decay=0.02)
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        rows = torch.from_numpy(rng.integers(len(seen), size=128))
        logits = decoder(seen[rows], tokens[rows])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens[rows].flatten())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        steps += 1
    return steps


def by_tokens(
    options: argparse.Namespace,
    net: PromptNet,
    sets: tuple[Captions, Captions],
    scenes: Scenes,
    judge: Judge,
    mean: Tensor,
) -> list[list[str]]:
    """The second table."""
    codec = LutCodec.load()
    to_codec = np.load(options.run / "prompt_to_codec.npy")
    train, held = (features(net, one, scenes)[0] for one in sets)
    tokens = tokens_of(codec, sets[0].target, to_codec)
    torch.manual_seed(options.seed)
    decoder = TokenDecoder()
    steps = learn(decoder, train, tokens, options.minutes, options.seed)
    decoder.eval()
    with torch.no_grad():
        greedy, _ = decoder.write(held, 0.0)
        draws = [decoder.write(held, 0.7) for _ in range(4)]
    best = torch.stack([likelihood for _, likelihood in draws]).argmax(0)
    chosen = torch.stack([row for row, _ in draws])[best, torch.arange(len(held))]
    looks: dict[str, Callable[[], Tensor]] = {
        "mean, quantised (as shipped)": lambda: looks_of(codec, tokens_of(codec, mean, to_codec)),
        f"autoregressive, greedy ({steps} steps)": lambda: looks_of(codec, greedy),
        "autoregressive, likeliest of four at 0.7": lambda: looks_of(codec, chosen),
    }
    return [[name, f"{judge(make()):.3f}"] for name, make in looks.items()]


def main() -> None:
    options = arguments()
    root = data_root()
    record = json.loads((options.run / "compact_prompt.json").read_text(encoding="utf-8"))["config"]
    codec = LutCodec.load()
    basis = Basis(codec, record["size"], coefficient_scale(codec, root, record["size"]), STEP)
    photos = load_photos(codec_data.photo_paths(root, "train"))
    scenes = make_scenes(photos, record["scenes"], torch.Generator().manual_seed(record["seed"]))
    stage = "rewarded" if (options.run / "rewarded" / "last.pt").exists() else "supervised"
    net = PromptNet(record["size"], width=record["width"], layers=record["layers"])
    net.load_state_dict(torch.load(options.run / stage / "last.pt", weights_only=True)["average"])
    net.eval()
    held = first(Captions.load(options.run / "held_out.npz"), options.rows)
    judge = Judge(held, scenes, basis)
    rows, mean = [["doing nothing", f"{judge(torch.zeros_like(judge.truth)):.3f}"]], None
    for drop in ("", "language model", "own words", "photo"):
        made = features(net, held, scenes, drop)[1]
        mean = made if mean is None else mean
        rows.append([f"without {drop}" if drop else "everything", f"{judge(basis(made)):.3f}"])
    print(f"## Streams: dE from what {len(held)} held-out captions ask for\n")
    print(table(["network", "dE"], rows))
    assert mean is not None
    train = first(Captions.load(options.run / "captions.npz"), options.captions)
    print("\n## Tokens: the same network with another head\n", flush=True)
    print(table(["head", "dE"], by_tokens(options, net, (train, held), scenes, judge, mean)))


if __name__ == "__main__":
    main()
