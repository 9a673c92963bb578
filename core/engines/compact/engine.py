"""The compact engine, as the grader knows it: light, since every command that grades imports it."""

from __future__ import annotations

from collections.abc import Sequence

from ...request import Candidate, Request


class CompactEngine:
    """Writes LUT tokens from words, from a reference, or from both (the reference's look, then the words)."""

    name = "compact"
    summary = "prompts and references, by small networks on one CPU core"
    serves = frozenset({"prompt", "reference"})
    rank = 20

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """Up to ``request.count`` looks, likeliest first.

        Raises
        ------
        BadInput : a picture that is tiny, of one colour, or holds values that are not finite
        FileError : the shipped weights are missing or damaged
        """
        from .answers import answers

        return answers(request)
