"""A reference's look on a photo of something else: the product beside statistics matchers.

    python benchmarks/transfer.py [--split val|test] [--engine NAME] [--limit N] [--lpips FILE]
                                  [--sheet sheet.png] [--dpst dpst.png] [--json OUT]

Three protocols on the LUTs of the pack's reference triplets, 192 px, results against LUT(content):
"unrelated": the triplets themselves, content and reference chosen at random; also by how far apart the
ungraded palettes of the two are, in thirds. "like content": the reference replaced by the photo of the
split whose ungraded palette is nearest. "same scene": left and right 45 % of one photo, nothing in common.
"oracle pair" is the pair engine, shown the content with and without the grade: what a LUT can reach.
"better" is the share of cases better than doing nothing. --lpips takes the file that
benchmarks/lpips_alex.py names. --sheet: content, reference, ours, truth of 24 triplets; --dpst: content,
style, ours of the 60 pairs of deep-photo-styletransfer, which have no truth.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from common import data_root, load_luts, photo_files
from gradewright.core import Grader, Lut
from gradewright.core.colour import srgb_to_oklab
from gradewright.core.engines.transport import distance
from gradewright.core.errors import BadInput
from gradewright.core.interp import tetrahedral
from lpips_alex import Lpips
from matchers import STATISTICS, Apply, Method, flat, pair_engine
from pictures import contact_sheet, eight_bit, load
from protocol import Protocol

SIDE = 192
Case = tuple[np.ndarray, np.ndarray, np.ndarray]  # content, ungraded reference, LUT table


def product(grader: Grader) -> Method:
    """The grader as a matcher."""

    def method(content: np.ndarray, reference: np.ndarray) -> Apply:
        lut = grader.grade(content, reference=reference).lut
        return lambda rgb: lut.apply(rgb.astype(np.float32))

    return method


def oracle(content: np.ndarray, truth: np.ndarray) -> Method:
    """A matcher that was shown the content's own grade."""
    return lambda source, target: pair_engine(content, eight_bit(truth))


def palette_distance(one: np.ndarray, other: np.ndarray) -> float:
    """How far apart the colours of two pictures are, in Oklab units."""
    return distance(srgb_to_oklab(flat(one)), srgb_to_oklab(flat(other)))


def triplets(split: str) -> list[Case]:
    """The pack's list."""
    tables, described = load_luts(split, group=None)
    by_id = {row["id"]: lut for row, lut in zip(described, tables, strict=True)}
    rows = json.loads((data_root() / "bench" / f"ref_triplets_{split}.json").read_text(encoding="utf-8"))
    return [
        (
            load(data_root() / "photos" / row["content"], SIDE),
            load(data_root() / "photos" / row["reference"], SIDE),
            Lut(by_id[row["lut"]]).blend(row["strength"]).table,
        )
        for row in rows
    ]


def like_content(split: str, cases: list[Case]) -> Iterator[Case]:
    """The same contents and LUTs, the reference the photo with the nearest palette."""
    photos = [load(file, SIDE) for file in photo_files(split)]
    small = [photo[::4, ::4] for photo in photos]
    for content, _, lut in cases:
        others = [
            np.inf if _same(content, photo) else palette_distance(content[::4, ::4], few)
            for photo, few in zip(photos, small, strict=True)
        ]
        yield content, photos[int(np.argmin(others))], lut


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other))


def same_scene(cases: list[Case]) -> Iterator[Case]:
    """Left part of each content; its right part as the reference."""
    for content, _, lut in cases:
        part = round(0.45 * content.shape[1])
        yield content[:, :part], content[:, -part:], lut


def run(name: str, methods: dict[str, Method], cases: Iterable[Case], lpips: Lpips | None) -> Protocol:
    """Every method on every case."""
    protocol = Protocol(name, methods, show=("ours",), perceptual=lpips)
    for number, (content, reference, lut) in enumerate(cases, 1):
        truth = tetrahedral(lut, content)
        known = {"oracle pair": oracle(content, truth)}
        protocol.case(content, eight_bit(tetrahedral(lut, reference)), [(content, truth)], known)
        if number % 25 == 0:
            print(f"{name}: {number} cases", file=sys.stderr, flush=True)
    return protocol


def by_distance(protocol: Protocol, cases: list[Case]) -> str:
    """The protocol's table for each third of the cases, nearest palettes first."""
    apart = np.array([palette_distance(content, reference) for content, reference, _ in cases])
    parts = []
    names = ("nearest palettes", "middle", "furthest")
    for which, chosen in zip(names, np.array_split(np.argsort(apart), 3), strict=True):
        if len(chosen):
            ends = f"{apart[chosen].min():.3f} to {apart[chosen].max():.3f}"
            keep = np.isin(np.arange(len(cases)), chosen)
            parts.append(protocol.report(keep, f"{protocol.name}, {which} ({ends})"))
    return "\n".join(parts)


def dpst(method: Method, path: Path) -> None:
    """A contact sheet of deep-photo-styletransfer's pairs, three to a row."""
    folder, rows = data_root() / "bench" / "dpst60", []
    for file in sorted(folder.glob("in[0-9][0-9].jpg")):
        style = folder / file.name.replace("in", "tar")
        if style.is_file():
            content, reference = load(file, 512), load(style, 512)
            rows.append([content, reference, method(content, reference)(content)])
    contact_sheet(rows, path, side=180, heads=("content", "style", "ours"), across=3)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--engine", help="the engine to ask; default: the best installed")
    parser.add_argument("--limit", type=int, help="only the first N triplets")
    parser.add_argument(
        "--only", choices=PROTOCOLS, action="append", help="only this protocol; may be repeated"
    )
    parser.add_argument("--lpips", type=Path, help="AlexNet weights, see benchmarks/lpips_alex.py")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of 24 triplets here")
    parser.add_argument("--dpst", type=Path, help="write a contact sheet of the DPST pairs here")
    parser.add_argument("--json", type=Path, help="write the result here")
    return parser.parse_args()


PROTOCOLS: dict[str, Callable[[str, list[Case]], Iterable[Case]]] = {
    "unrelated": lambda split, cases: cases,
    "like content": like_content,
    "same scene": lambda split, cases: same_scene(cases),
}


def main() -> None:
    """Entry point."""
    args = arguments()
    ours = product(Grader(args.engine))
    lpips = Lpips(args.lpips) if args.lpips else None
    cases = triplets(args.split)[: args.limit]
    result: dict[str, Any] = {"split": args.split, "engine": args.engine or "default", "protocols": {}}
    for name in args.only or PROTOCOLS:
        protocol = run(name, STATISTICS | {"ours": ours}, PROTOCOLS[name](args.split, cases), lpips)
        print(protocol.report(), flush=True)
        result["protocols"][name] = protocol.summary()
        if name == "unrelated":
            print(by_distance(protocol, cases))
            if args.sheet:
                contact_sheet(
                    protocol.shown[:24], args.sheet, heads=("content", "reference", "ours", "truth")
                )
    if args.dpst:
        dpst(ours, args.dpst)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1, default=float) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except BadInput as fault:
        sys.exit(str(fault))
