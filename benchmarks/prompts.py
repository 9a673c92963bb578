"""Prompts in wordings the training grammar has not seen: does the photo change as they say?

    python benchmarks/prompts.py [--split val|test] [--engine NAME] [--photos 8] [--kind KIND ...]
                                 [--failures] [--show] [--no-retrieval] [--overlap FILE]
                                 [--sheet PICTURE] [--json OUT]

The prompts and their checks are in benchmarks/data (the language of the checks: benchmarks/checks.py).
"checks": share of the checks that hold on the mean over the photos; "prompts": share of prompts with
all their checks; "single photos": share of checks that hold photo by photo. Choose on val; test is
reported, its failures are not listed unless --show asks for it. "Film stock retrieval": the LUT made from
a film stock's name alone, ranked among the split's real film-stock LUTs.
--overlap counts how many prompts stand word for word in a file of training wordings, one a line.
--sheet draws 24 photos of the split graded by 8 prompts, to be judged by eye.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from common import has_data, photo_files, table
from gradewright.core import Grader, Lut
from gradewright.core.errors import BadInput
from pictures import contact_sheet, load
from prompt_bench import GradePhoto, Outcome, Prompt, Session, photos, read_prompts, run, save, shares
from retrieval import retrieve

SHEET = (
    "warm golden hour, lifted teal shadows",
    "cold and bleak, barely any colour",
    "high contrast black and white",
    "faded seventies print",
    "teal and orange",
    "bright, soft and airy",
    "moody, but keep the skin natural",
    "a little less yellow, a bit more contrast",
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--engine", help="the engine to ask; default: the best installed")
    parser.add_argument("--photos", type=int, default=8, help="use only the first of the eight photos")
    parser.add_argument("--kind", action="append", help="only prompts of this kind; may be repeated")
    parser.add_argument("--failures", action="store_true", help="list what failed (val only)")
    parser.add_argument("--show", action="store_true", help="with --failures: list test failures too")
    parser.add_argument("--no-retrieval", dest="retrieval", action="store_false")
    parser.add_argument("--overlap", type=Path, help="a file of training wordings, one a line")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of 24 photos x 8 prompts here")
    parser.add_argument("--json", type=Path, help="write the result here")
    return parser.parse_args()


def normal(words: str) -> str:
    """Lower case, one space between words, no punctuation but signs of numbers."""
    return " ".join(re.findall(r"[+-]?\w+", words.casefold()))


def overlap(prompts: list[Prompt], path: Path) -> int:
    """How many prompts stand in a file of wordings."""
    known = {normal(line) for line in path.read_text(encoding="utf-8").splitlines()}
    return sum(normal(prompt.prompt) in known for prompt in prompts)


def failures(outcomes: list[Outcome]) -> str:
    lines = [
        f"{one.prompt.kind:24} {one.prompt.prompt!r}: {one.check}  [{one.seen}]"
        for one in outcomes
        if not one.passed
    ]
    return "\n".join(lines) or "none"


def retrieval_row(result: dict[str, Any]) -> list[Any]:
    keys = ("asked", "stocks", "top1", "top5", "mrr", "chance", "error", "identity_error")
    return [result[key] for key in keys]


def sheet(split: str, path: Path, graded: GradePhoto) -> None:
    """A contact sheet: 24 photos of the split, as they are and graded by the prompts of ``SHEET``."""
    files = photo_files(split)
    rows = []
    for file in files[:: max(1, len(files) // 24)][:24]:
        photo, small = load(file, 512), load(file, 150)
        rows.append([small, *(graded(photo, prompt)[0].apply(small) for prompt in SHEET)])
    contact_sheet(rows, path, side=156, heads=("as it is", *(prompt[:25] for prompt in SHEET)))


def main() -> None:
    """Entry point."""
    args = arguments()
    grader = Grader(args.engine)

    def graded(photo: np.ndarray, prompt: str) -> tuple[Lut, int]:
        grade = grader.grade(photo, prompt)
        return grade.lut, len(grade.warnings)

    prompts = [one for one in read_prompts(args.split) if not args.kind or one.kind in args.kind]
    if args.overlap:
        print(f"{overlap(prompts, args.overlap)} of {len(prompts)} prompts stand in {args.overlap}\n")
    session = Session(photos(args.split, args.photos), graded)
    outcomes = run(prompts, session, lambda line: print(line, file=sys.stderr, flush=True))
    heads = ["kind", "prompts", "checks", "share of checks", "of prompts", "on single photos"]
    print(f"## Prompts, {args.split}, {len(session.photos)} photos\n\n{table(heads, shares(outcomes))}\n")
    if args.failures and (args.split == "val" or args.show):
        print(f"## Failures\n\n{failures(outcomes)}\n")
    retrieval = {}
    if args.retrieval and has_data():
        retrieval = retrieve(args.split, lambda label: grader.grade(prompt=label).lut)
        heads = ["asked", "film stocks", "top-1", "top-5", "MRR", "MRR by chance", "dE to it", "identity's"]
        print(f"## Film stock retrieval, {args.split}\n\n{table(heads, [retrieval_row(retrieval)])}")
    if args.sheet:
        sheet(args.split, args.sheet, graded)
    if args.json:
        save(args.json, args.split, args.engine or "default", outcomes, retrieval)


if __name__ == "__main__":
    try:
        main()
    except BadInput as fault:
        sys.exit(str(fault))
