"""The plug-in: declares the procedures and runs them."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from gi.repository import Gimp

from . import procedures, work
from .procedures import BY_NAME, ENTRIES


class Gradewright(Gimp.PlugIn):  # type: ignore[misc]
    """Gradewright for GIMP 3."""

    def do_set_i18n(self, _name: str) -> bool:
        """There are no translations."""
        return False

    def do_query_procedures(self) -> list[str]:
        """What this plug-in brings."""
        return [entry.name for entry in ENTRIES]

    def do_create_procedure(self, name: str) -> Any:
        """One of them."""
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, _run, None)
        procedures.declare(procedure, BY_NAME[name])
        return procedure


def _run(procedure: Any, run_mode: Any, image: Any, drawables: Any, config: Any, _data: Any) -> Any:
    entry = BY_NAME[procedure.get_name()]
    if len(drawables) != 1 or not isinstance(drawables[0], Gimp.Layer):
        return procedures.failure(procedure, "select one layer (a layer group is one)")
    interactive = run_mode == Gimp.RunMode.INTERACTIVE
    try:
        run = _windows() if interactive else _silent
        done = run(entry, procedure, image, drawables[0], config)
    except (work.Unusable, work.ClientError) as error:
        return procedures.failure(procedure, str(error))
    except Exception as error:  # GIMP would say only that the plug-in crashed
        traceback.print_exc()
        message = f"this is a fault in gradewright ({type(error).__name__}: {error}); please report it"
        return procedures.failure(procedure, message)
    if done is None:
        return procedures.failure(procedure, "cancelled", Gimp.PDBStatusType.CANCEL)
    return procedures.success(procedure, done)


def _windows() -> Any:
    """The interactive way; GTK is loaded only for it."""
    from .dialog import run

    return run


def _silent(entry: Any, _procedure: Any, image: Any, drawable: Any, config: Any) -> dict[str, Any]:
    Gimp.progress_init("Gradewright")
    try:
        if entry.kind == "explain":
            found = work.review(drawable)
            return {"score": float(found["score"]), "report": "\n".join(work.review_lines(found))}
        done = work.Order(image, drawable, _show).carry_out(procedures.wish_of(entry, config))
        return {**done, "notes": "\n".join(done["notes"])}
    finally:
        Gimp.progress_end()


def _show(fraction: float, text: str) -> None:
    Gimp.progress_set_text(text)
    Gimp.progress_update(fraction)


def main() -> None:
    """Entry point."""
    Gimp.main(Gradewright.__gtype__, sys.argv)
