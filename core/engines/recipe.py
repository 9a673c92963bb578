"""The engine of explicit parameters."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import BadInput
from ..recipe import Recipe
from ..request import Candidate, Request


class RecipeEngine:
    """Renders the parameters that the request names; draws nothing, guesses nothing."""

    name = "recipe"
    summary = "explicit parameters: exposure, contrast, temperature, hue bands, ..."
    serves = frozenset({"params"})
    rank = 10

    def candidates(self, request: Request) -> Sequence[Candidate]:
        """One candidate, whatever ``request.count``: parameters have one rendering.

        Raises
        ------
        BadInput : no parameters, or a name or a value that :meth:`Recipe.parse` refuses
        """
        if not request.params:
            raise BadInput("the recipe engine needs parameters; give it some, such as exposure=+0.3")
        recipe = Recipe.parse(request.params)
        plan = tuple(step["words"] for step in recipe.operations())
        return [Candidate(recipe.to_lut(), plan=plan, recipe=recipe)]
