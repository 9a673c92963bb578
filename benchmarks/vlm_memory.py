"""Memory and time of the large engine's training, calculated (not measured) from a model's shape.

    python benchmarks/vlm_memory.py [--side 448] [--rows 2]

Weights, gradients, optimiser, activations with checkpointing, logits and the KV cache by arithmetic; time
from floating-point operations at a share of the card's peak that is assumed (--share). The shapes are those
that the models' config.json files state; they are written here because nothing is downloaded.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from common import table

GIB = 2**30


@dataclass(frozen=True)
class Shape:
    """A model: parameters of language model, tower and connector, and the language model's shape."""

    name: str
    language: float
    vision: float
    layers: int
    hidden: int
    inner: int
    heads: int
    groups: int
    head: int
    vocabulary: int
    patch: int  # pixels along the edge of what becomes one image token; 0: a fixed number
    tokens: int = 0
    connector: float = 0.0

    def image_tokens(self, side: int) -> int:
        """Of a 3:2 picture whose longer side has so many pixels."""
        if not self.patch:
            return self.tokens
        return round(side / self.patch) * round(side * 2 / 3 / self.patch)


SHAPES = (
    Shape("Qwen2.5-VL-3B", 3.09e9, 0.67e9, 36, 2048, 11008, 16, 2, 128, 151936, 28, connector=37e6),
    Shape("Qwen3-VL-2B", 1.72e9, 0.41e9, 28, 2048, 6144, 16, 8, 128, 151936, 32, connector=101e6),
    Shape("LLaVA 0.5B (SigLIP, Qwen2)", 0.49e9, 0.43e9, 24, 896, 4864, 14, 2, 64, 152000, 0, 729, 1.8e6),
)


def lora_parameters(shape: Shape, rank: int) -> float:
    """Of adapters on every linear layer of the language model, and the rows of the 264 new tokens."""
    q, kv = shape.heads * shape.head, shape.groups * shape.head
    ends = [(shape.hidden, q), (shape.hidden, kv), (shape.hidden, kv), (q, shape.hidden)]
    ends += [(shape.hidden, shape.inner)] * 2 + [(shape.inner, shape.hidden)]
    return shape.layers * sum(rank * (a + b) for a, b in ends) + 264 * shape.hidden


PICTURES, TEXT = 2, 160  # in an example


def length(shape: Shape, side: int) -> int:
    """Tokens of an example."""
    return PICTURES * shape.image_tokens(side) + TEXT


def training(shape: Shape, side: int, rows: int, rank: int) -> dict[str, float]:
    """GiB by cause of a supervised step with LoRA (rank > 0) or of the whole language model (0)."""
    trained = (lora_parameters(shape, rank) if rank else shape.language) + shape.connector
    frozen = (shape.language if rank else 0.0) + shape.vision
    # Checkpointing keeps each layer's input, and one layer's inside at a time: about 8 widths, 3 inner ones.
    kept = shape.layers * length(shape, side) * shape.hidden * 2
    inside = length(shape, side) * (8 * shape.hidden + 3 * shape.inner) * 2 * 2
    return {
        "weights that do not learn": frozen * (2 if rank else 4) / GIB,
        "weights that learn, float32": trained * 4 / GIB,
        "gradients, float32": trained * 4 / GIB,
        "AdamW, float32": trained * 8 / GIB,
        "activations": rows * (kept + inside) / GIB,
        "logits of 67 tokens, float32": rows * 67 * shape.vocabulary * 4 * 3 / GIB,
    }


def cache(shape: Shape, side: int, answers: int) -> float:
    """GiB of keys and values while a group of answers is drawn, bfloat16."""
    return answers * length(shape, side) * shape.layers * 2 * shape.groups * shape.head * 2 / GIB


def seconds(shape: Shape, side: int, rows: int, reached: float) -> float:
    """Of a supervised step: forward, again for the checkpoints, backward to activations; the tower once."""
    tokens, patches = rows * length(shape, side), rows * PICTURES * shape.image_tokens(side) * 4
    return (tokens * shape.language * 2 * 4 + patches * shape.vision * 2) / reached


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--side", type=int, default=448)
    parser.add_argument("--rows", type=int, default=2, help="examples at once")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--peak", type=float, default=165.0, help="TFLOP/s in bfloat16; 165: RTX 4090")
    parser.add_argument("--share", type=float, default=0.3, help="of the peak that is reached")
    o = parser.parse_args()
    print("Calculated, not measured. GiB, one process:")
    parts = {s.name: training(s, o.side, o.rows, o.rank) for s in SHAPES}
    causes = list(next(iter(parts.values())))
    rows = [(cause, *(parts[s.name][cause] for s in SHAPES)) for cause in causes]
    rows.append((f"sum, LoRA {o.rank}, {o.rows} at once", *(sum(parts[s.name].values()) for s in SHAPES)))
    whole = [sum(training(s, o.side, o.rows, 0).values()) for s in SHAPES]
    rows.append((f"sum, whole language model, {o.rows} at once", *whole))
    rows.append(("KV cache of 8 answers at once, in reward training", *(cache(s, o.side, 8) for s in SHAPES)))
    print(table(["", *(s.name for s in SHAPES)], rows))
    steps = [("image tokens a picture", *(s.image_tokens(o.side) for s in SHAPES))]
    per = [seconds(s, o.side, 32, o.peak * 1e12 * o.share) for s in SHAPES]
    steps.append((f"seconds a step of 32 examples at {o.share:.0%} of {o.peak:g} TFLOP/s", *per))
    steps.append(("hours for 4000 steps", *(4000 * value / 3600 for value in per)))
    print(table(["", *(s.name for s in SHAPES)], steps))


if __name__ == "__main__":
    main()
