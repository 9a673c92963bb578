"""``gradewright train``: fit the weights that the package ships. Needs the "train" extra."""

from __future__ import annotations

import click


@click.group(epilog="\b\nExample:\n  GRADEWRIGHT_DATA=data gradewright train codec --out codec.npz\n")
def command() -> None:
    """Fit the weights that gradewright ships, from a data pack (GRADEWRIGHT_DATA).

    Needs torch: pip install gradewright[train].
    """


_PASS = {"ignore_unknown_options": True}


def _needs_torch() -> None:
    from importlib.util import find_spec

    from gradewright.core.errors import BadInput

    if find_spec("torch") is None:
        raise BadInput("training needs torch: pip install 'gradewright[train]'")


@command.command(context_settings=_PASS, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def codec(arguments: tuple[str, ...]) -> None:
    """The LUT codec: --config FILE --out FILE --cache FOLDER --set SECTION.KEY=VALUE."""
    _needs_torch()
    from gradewright.core.train.codec_fit import main

    main(list(arguments))


@command.command(context_settings=_PASS, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def vqvae(arguments: tuple[str, ...]) -> None:
    """AceTone's tokenizer, the baseline: --out FOLDER --minutes M --device cpu|cuda --seed N."""
    _needs_torch()
    from gradewright.core.train.vqvae_fit import main

    main(list(arguments))
