"""Prompts in wordings the training grammar has not seen: does the photo change as they say?

    python benchmarks/prompts.py [--split val|test] [--engine NAME] [--photos 8] [--kind KIND ...]
                                 [--failures] [--show] [--no-retrieval] [--overlap FILE] [--json OUT]

The prompts and their checks are in benchmarks/data (the language of the checks: benchmarks/checks.py).
"checks": share of the checks that hold on the mean over the photos; "prompts": share of prompts with
all their checks; "single photos": share of checks that hold photo by photo. Choose on val; test is
reported, its failures are not listed unless --show asks for it. "Film stock retrieval": the LUT made from
a film stock's name alone, ranked among the split's real film-stock LUTs.
--overlap counts how many prompts stand word for word in a file of training wordings, one a line.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from common import has_data, table
from gradewright.core import Grader, Lut
from gradewright.core.errors import BadInput
from prompt_bench import Outcome, Prompt, Session, photos, read_prompts, run, save, shares
from retrieval import retrieve


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
    if args.json:
        save(args.json, args.split, args.engine or "default", outcomes, retrieval)


if __name__ == "__main__":
    try:
        main()
    except BadInput as fault:
        sys.exit(str(fault))
