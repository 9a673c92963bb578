"""What reading a prompt costs: CPU milliseconds cold and warm on one thread, and memory.

    python benchmarks/text_encoder.py [--rounds 7]

Cold numbers are those of fresh processes with the files in the page cache. Also prints how far
the hashed n-grams and the word pieces of a misspelt word stay from those of the right one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys

import numpy as np
from common import cpu_seconds, table
from gradewright.core.text import TextEncoder, words
from gradewright.core.text.ngrams import word_ids
from gradewright.core.text.split import split

PROMPTS = {
    "3 pieces": "noir",
    "10 pieces": "warm golden hour, lifted teal shadows",
    "26 pieces": "make it a bit less saturated and cooler, lift the shadows by +0.7 ev, "
    "but keep the skin natural",
    "64 pieces": "soft light and a little more warmth in the highlights " * 8,
    "Chinese": "更暖一点，提高对比度20%，曝光+0.7档，胶片感",
    "Japanese": "夕方の柔らかい光、コントラストを下げて、肌は自然に",
}
SLIPS = ("saturaton", "conrtast", "shaddows", "wramer", "cinamatic", "vintge", "highligths", "brigther")
RIGHT = ("saturation", "contrast", "shadows", "warmer", "cinematic", "vintage", "highlights", "brighter")
COLD = """
import json, resource, time
start = time.process_time()
def megabytes():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmRSS")).split()[1]) / 1024
def lap(name):
    global start
    found[name], start = (time.process_time() - start) * 1000, time.process_time()
found = {}
import numpy
from gradewright.core.text import TextEncoder
lap("import numpy, core.text")
encoder = TextEncoder.load()
encoder.ids("warm")
lap("vocabulary")
import onnxruntime
lap("import onnxruntime")
before = megabytes()
encoder._session
lap("session")
encoder.states("warm golden hour, lifted teal shadows")
lap("first prompt")
found["MB"] = megabytes() - before
print(json.dumps(found))
"""


def cold(rounds: int) -> dict[str, float]:
    """Medians over fresh processes; memory needs Linux."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, "-c", COLD], capture_output=True, text=True, check=True, env=environment
            ).stdout
        )
        for _ in range(rounds)
    ]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def milliseconds(work, times: int) -> float:
    """CPU ms of one call, from blocks of ``times`` calls."""
    return cpu_seconds(lambda: [work() for _ in range(times)]) * 1000 / times


def warm_rows(encoder: TextEncoder) -> list[tuple[str, int, str, str, str, str]]:
    """Costs of single prompts."""

    def fresh(text: str) -> None:
        word_ids.cache_clear()
        words(text)

    return [
        (
            name,
            len(encoder.ids(text)),
            f"{milliseconds(lambda t=text: encoder.ids(t), 20):.3f}",
            f"{milliseconds(lambda t=text: encoder.states(t), 10):.2f}",
            f"{milliseconds(lambda t=text: fresh(t), 20):.3f}",
            f"{milliseconds(lambda t=text: words(t), 20):.3f}",
        )
        for name, text in PROMPTS.items()
    ]


def slips(encoder: TextEncoder) -> list[tuple[str, str]]:
    """Mean share of ids kept through a slip, and between different words."""

    def grams(word: str) -> set[int]:
        return set(word_ids(split(word)[0]))

    def pieces(word: str) -> set[int]:
        return set(encoder.ids(word)[1:-1].tolist())

    pairs = list(zip(RIGHT, SLIPS, strict=True))
    others = [(right, slip) for right in RIGHT for i, slip in enumerate(SLIPS) if RIGHT[i] != right]
    rows = []
    for name, ids in (("n-grams", grams), ("word pieces", pieces)):
        kept, chance = (
            np.mean([len(ids(a) & ids(b)) / len(ids(a)) for a, b in group]) for group in (pairs, others)
        )
        rows.append((name, f"{kept:.2f}", f"{chance:.2f}"))
    return rows


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    found = cold(rounds)
    memory = found.pop("MB")
    print(table(["cold, a fresh process", "CPU ms"], [(k, f"{v:.0f}") for k, v in found.items()]))
    print(f"\nmemory of session and first prompt: {memory:.0f} MB\n")
    encoder = TextEncoder.load()
    headers = ["warm, CPU ms", "pieces", "tokenise", "states", "n-grams, words unseen", "n-grams, seen"]
    print(table(headers, warm_rows(encoder)))
    batch = [PROMPTS["10 pieces"]] * 256
    print(f"\nstates_batch: {cpu_seconds(lambda: encoder.states_batch(batch), 3) / 256 * 1000:.2f} ms/prompt")
    print(f"words, cached: {cpu_seconds(lambda: [words(t) for t in batch], 3) / 256 * 1000:.3f} ms/prompt\n")
    print(table(["share of ids", "kept through a slip", "with another word"], slips(encoder)))


if __name__ == "__main__":
    main()
