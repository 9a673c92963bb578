"""``gradewright completion``."""

from __future__ import annotations

import click

_WHERE = {
    "bash": '~/.bashrc:  eval "$(gradewright completion bash)"',
    "zsh": '~/.zshrc:  eval "$(gradewright completion zsh)"',
    "fish": "run once:  gradewright completion fish > ~/.config/fish/completions/gradewright.fish",
}


@click.command(epilog="\b\nTo keep it:\n" + "\n".join(f"  {line}" for line in _WHERE.values()))
@click.argument("shell", type=click.Choice(list(_WHERE)))
def command(shell: str) -> None:
    """Print the completion script for SHELL."""
    from click.shell_completion import get_completion_class

    from .main import main

    maker = get_completion_class(shell)
    assert maker is not None  # click.Choice lists only shells that click knows
    click.echo(maker(main, {}, "gradewright", "_GRADEWRIGHT_COMPLETE").source())
