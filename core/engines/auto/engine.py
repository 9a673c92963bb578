"""The auto engine, as the grader knows it: light, since every command that grades imports it."""

from __future__ import annotations

from collections.abc import Sequence

from ...request import Candidate, Request


class AutoEngine:
    """Decides from the photo alone; with a prompt, that comes on top of what was decided."""

    name = "auto"
    summary = "decides from the photo alone, conservatively; a prompt comes on top"
    serves = frozenset({"auto", "prompt"})
    rank = 10  # below the compact engine, which prompts alone go to

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """Up to ``request.count`` grades: the one that was decided, then plausible alternatives.

        Raises
        ------
        BadInput : there is no photo, it holds values that are not finite, or only a prompt is given
        FileError : the shipped weights are missing or damaged
        """
        from .answers import answers

        return answers(request)
