"""The ``gradewright`` command: lazy sub-commands, one-line errors, honest exit codes.

Nothing but click is imported here: ``gradewright --help`` has 0.15 s of CPU to spend.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module

import click

# name -> (module, one line for --help). Sub-commands are imported when they run.
COMMANDS = {
    "grade": "Make a look from parameters, a before/after pair, a reference or words.",
    "apply": "Run a LUT over images, or folders of them.",
    "inspect": "Say whether a LUT is safe to use, and what it does.",
    "convert": "Convert a LUT between file formats.",
    "look": "Turn a LUT into a line of text, and back.",
    "looks": "Keep looks in a library; find them by words or by likeness.",
    "bake": "Rewrite a display-referred look for a log or scene-linear timeline.",
    "export": "Write a look in a host's own language: a DCTL for Resolve.",
    "spaces": "List the working spaces that bake knows.",
    "parameters": "List what --set takes: names, ranges, meanings.",
    "review": "Have an image critic look at a photo.",
    "darktable": "Grade with darktable: batches, styles, and what its panel calls.",
    "resolve": "Grade in a running DaVinci Resolve; undo; Lua courier; self-test.",
    "install": "Install gradewright into GIMP, darktable or DaVinci Resolve.",
    "uninstall": "Remove gradewright from a host application.",
    "serve": "Run the warm grading service for the host adapters.",
    "train": "Fit the weights that gradewright ships (needs torch).",
    "doctor": "Show what is installed here and what works.",
    "completion": "Print the completion script for your shell.",
}

EPILOG = """\b
Start here:
  gradewright grade photo.jpg --set exposure=+0.3 --set temperature=15 -o look.cube --preview look.jpg
  gradewright grade --pair before.jpg after.jpg -o look.cube
  gradewright inspect look.cube --plot look.png
  gradewright apply look.cube photos/ -o graded/
  gradewright bake look.cube --space "S-Log3 S-Gamut3.Cine" -o look-slog3.cube
"""


class LazyGroup(click.Group):
    """A group that knows its sub-commands by name and imports one when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order of a working day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import ``cli/<name>.py`` and take its ``command``."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".{cmd_name}", __package__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the near name suggested when there is no such command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from gradewright.core.errors import nearest

            hint = nearest(args[0], list(COMMANDS)) or "; see gradewright --help"
            raise click.UsageError(f"there is no command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value:
        return
    from importlib.metadata import version

    click.echo(f"gradewright {version('gradewright')}")
    ctx.exit()


@click.command(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--version",
    is_flag=True,
    callback=_print_version,
    expose_value=False,
    is_eager=True,
    help="Show the version.",
)
def main() -> None:
    """Colour grades as LUTs: made locally, right in your colour space, never without an undo.

    Every command tells more with --help.
    """


def run(args: list[str] | None = None) -> None:
    """Entry point of the ``gradewright`` script: turn errors into one line and an exit code.

    0 done; 2 bad input; 1 our fault; 130 interrupted.
    """
    from gradewright.core.errors import BadInput

    # Our matrices are small: several BLAS threads cost more than they bring, on a busy machine 80 times
    # more (encoding a look: 21 ms against 1.6 s). numpy reads this when it is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        with warnings.catch_warnings():
            # What our layers and Pillow warn about (an approximated LUT, a broken tag) is for the user.
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = _show_warning
            sys.exit(main.main(args, prog_name="gradewright", standalone_mode=False) or 0)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except BadInput as error:
        _fail(str(error), 2)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped; files already finished are whole, nothing is half-written", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left: not an error
        sys.exit(0)
    except MemoryError:
        _fail("not enough memory for this; use smaller images or fewer --jobs", 1)
    except Exception as error:
        if os.environ.get("GRADEWRIGHT_DEBUG"):
            raise
        _fail(
            f"this is a fault in gradewright ({type(error).__name__}: {_one_line(str(error))}); "
            "please report it with the output of 'gradewright doctor' and of this command "
            "run again with GRADEWRIGHT_DEBUG=1",
            1,
        )


def _show_warning(message: Warning | str, *_where: object, **_more: object) -> None:
    click.echo(f"note: {_one_line(str(message))}", err=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fail(message: str, code: int) -> None:
    click.echo(f"gradewright: {_one_line(message)}", err=True)
    sys.exit(code)
