"""Mutate valid LUT files of every format and see nothing but success or the typed error.

``python benchmarks/fuzz_lutio.py [COUNT] [SEED]`` runs COUNT mutations (default 100,000) and
prints outcomes and CPU time per format; then the cost of refusing headers that claim 10 GB.
"""

import random
import re
import resource
import sys
import tempfile
import time
import tracemalloc
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from gradewright import lutio
from gradewright.core.errors import BadInput
from gradewright.core.lut import Lut, Shaper

WORDS = [
    *(b"nan inf -inf 1e999 -1 0 1 2 2.5 130 950 65537 99999999999999999999 1e-320 0,5 0x1p3 1_0".split()),
    *("٣ − \ufeff \0 \x1a".encode().split()),
    *(b'LUT_3D_SIZE LUT_1D_SIZE DOMAIN_MIN LUT_3D_INPUT_RANGE TITLE # " < > & / <Array> <!-- 3DMESH'.split()),
    b"",
]


def seeds() -> dict[str, tuple[str, bytes]]:
    """A valid file of each format and dialect: suffix and content."""
    look = Lut.from_function(lambda p: p ** [1.2, 0.9, 1.1] * [0.9, 1, 0.8], 4, "look")
    curve = np.linspace(0, 1, 5)[:, None] ** [0.5, 0.6, 0.7]
    wide = ((-1.0,) * 3, (2.0,) * 3)
    luts = {
        "cube": (".cube", look, {"comments": ["seed"]}),
        "cube adobe": (".cube", Lut(look.resample(2).table, wide), {}),
        "cube 1D": (".cube", Lut(Lut.identity(2).table, shaper=Shaper(curve, wide)), {}),
        "cube shaper": (".cube", Lut(look.resample(3).table, shaper=Shaper(curve, wide)), {}),
        "3dl": (".3dl", look, {}),
        "3dl 16 bit": (".3dl", look.resample(5), {"bits": 16}),
        "clf": (".clf", look.resample(2), {}),
        "ctf shaper": (".ctf", Lut(look.resample(3).table, wide, Shaper(curve, wide)), {}),
        "hald 8 bit": (".png", look, {"level": 2, "bits": 8}),
        "hald 16 bit": (".png", look, {"level": 2, "bits": 16}),
    }
    with tempfile.TemporaryDirectory() as folder:
        contents = {}
        for name, (suffix, lut, options) in luts.items():
            path = Path(folder) / f"{name}{suffix}"
            lutio.write(lut, path, **options)
            contents[name] = suffix, path.read_bytes()
        config = lutio.write_ocio_config(look, Path(folder) / "config")
        return {**contents, "ocio": (".ocio", config.read_bytes())}


def prepare(folder: Path) -> None:
    """Put the LUT of the config seed where mutated configs look for it."""
    (folder / "luts").mkdir()
    lutio.write(Lut.identity(2), folder / "luts" / "look.cube")


def mutate(data: bytes, rng: random.Random) -> bytes:
    """One to three random edits: bytes, spans, lines or numbers."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        data = rng.choice(EDITS)(data, rng)
    return data


def flip(data: bytes, rng: random.Random) -> bytes:
    where = rng.randrange(len(data) or 1)
    return data[:where] + bytes([rng.randrange(256)]) + data[where + 1 :]


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def insert(data: bytes, rng: random.Random) -> bytes:
    where = rng.randrange(len(data) + 1)
    return data[:where] + rng.choice([rng.choice(WORDS), rng.randbytes(rng.randrange(1, 9))]) + data[where:]


def cut(data: bytes, rng: random.Random) -> bytes:
    where = rng.randrange(len(data) + 1)
    return data[:where] + data[where + rng.randrange(1, 40) :]


def edit_number(data: bytes, rng: random.Random) -> bytes:
    numbers = list(re.finditer(rb"[0-9.]+", data))
    if not numbers:
        return data
    chosen = rng.choice(numbers)
    return data[: chosen.start()] + rng.choice(WORDS) + data[chosen.end() :]


def duplicate_line(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"\n".join(lines)


def swap_lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def other_line_ends(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice([b"\r\n", b"\r", b"\n\n", b" \n", b"\t\n"]))


EDITS = (flip, truncate, insert, cut, edit_number, edit_number, duplicate_line, swap_lines, other_line_ends)


def outcome(path: Path) -> str:
    """``"read"`` or ``"refused"``; anything else is a fault of ours and raises.

    Raises
    ------
    AssertionError : a table that is not finite, or a message that is not one line with the name
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", lutio.LutApproximated)
            lut = lutio.read(path)
    except BadInput as error:
        message = str(error)
        assert str(path) in message, message
        assert "\n" not in message, message
        return "refused"
    assert np.isfinite(lut.table).all()
    assert lut.shaper is None or np.isfinite(lut.shaper.table).all()
    return "read"


def run(count: int, seed: int) -> None:
    """Mutate and print the table."""
    rng = random.Random(seed)
    print(
        f"{count:,} mutations, seed {seed}\n{'format':14}{'read':>8}{'refused':>9}{'CPU s':>8}{'ms each':>9}"
    )
    everything = seeds()
    share = {name: 0.2 if name == "ocio" else 1.0 for name in everything}
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        for name, (suffix, data) in everything.items():
            path = Path(folder) / f"file{suffix}"
            seen: Counter[str] = Counter()
            rounds = round(count * share[name] / sum(share.values()))
            start = time.process_time()
            for _ in range(rounds):
                mutated = mutate(data, rng)
                path.write_bytes(mutated)
                try:
                    seen[outcome(path)] += 1
                except Exception:
                    keep = Path(tempfile.mkdtemp()) / path.name
                    keep.write_bytes(mutated)
                    print(f"FAULT: {keep}")
                    raise
            spent = time.process_time() - start
            print(f"{name:14}{seen['read']:8}{seen['refused']:9}{spent:8.1f}{spent / rounds * 1e3:9.2f}")


def ten_gigabytes() -> None:
    """Cost of refusing files that claim, or are, 10 GB."""
    rows = "0 0 0\n" * 8
    clf = (
        '<?xml version="1.0"?><ProcessList compCLFversion="3" id="x">'
        '<LUT3D inBitDepth="32f" outBitDepth="32f">'
        '<Array dim="950 950 950 3">0 0 0</Array></LUT3D></ProcessList>'
    )
    claims = {
        "cube, size 950": ("a.cube", f"LUT_3D_SIZE 950\n{rows}".encode(), 0),
        "cube, size 129": ("b.cube", f"LUT_3D_SIZE 129\n{rows}".encode(), 0),
        "cube, 10 GB long": ("c.cube", f"LUT_3D_SIZE 129\n{rows}".encode(), 10 * 2**30),
        "clf, size 950": ("d.clf", clf.encode(), 0),
        "hald, 2^31 px": (
            "e.png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x10\x02" + bytes(9),
            0,
        ),
    }
    print(f"\n{'10 GB claimed':18}{'ms':>8}{'Python MB':>11}{'RSS +MB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        outcome(Path(folder) / "warm-up.cube")
        for name, (file_name, data, length) in claims.items():
            path = Path(folder) / file_name
            with path.open("wb") as stream:
                stream.write(data)
                stream.truncate(length or len(data))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start = time.process_time()
            assert outcome(path) == "refused"
            spent = (time.process_time() - start) * 1e3
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            tracemalloc.start()
            outcome(path)
            peak = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            print(f"{name:18}{spent:8.2f}{peak:11.2f}{grown:9.1f}")


if __name__ == "__main__":
    ten_gigabytes()
    run(*(int(a) for a in (*sys.argv[1:], *("100000", "0")[len(sys.argv) - 1 :])))
