"""The window of "Explain This Photo"."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp, GLib, Gtk

from . import pictures, work
from .background import Pump

_PICTURE = 300, 300
_PARTS = (("findings", "What is seen"), ("suggestions", "What would help"))


def run(drawable: Any) -> dict[str, Any]:
    """Show what the critic says; returns the procedure's values."""
    Gimp.progress_init("Looking at the photo")
    with work.scratch() as folder:
        photo = work.review_proxy(drawable, folder)
        found = work.reviewed(photo, Pump(lambda *_: None).job)
        picture = pictures.scaled(pictures.of_file(photo), *_PICTURE)
    Gimp.progress_end()
    dialog = Gtk.Dialog(title="Gradewright: Explain This Photo")
    dialog.add_button("_Close", Gtk.ResponseType.CLOSE)
    columns = Gtk.Box(spacing=18, border_width=12)
    columns.pack_start(Gtk.Image(pixbuf=picture, valign=Gtk.Align.START), False, False, 0)
    columns.pack_start(_report(found), True, True, 0)
    dialog.get_content_area().pack_start(columns, True, True, 0)
    columns.show_all()
    dialog.run()
    dialog.destroy()
    return {"score": float(found["score"]), "report": "\n".join(work.review_lines(found))}


def _report(found: dict[str, Any]) -> Any:
    """The score, what was found, and what would help."""
    column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
    score = float(found["score"])
    column.pack_start(_label(f"<big><b>{score:.0f}</b></big> of 100"), False, False, 0)
    column.pack_start(Gtk.LevelBar(max_value=100, value=score), False, False, 0)
    for part, title in _PARTS:
        lines = work.texts(found.get(part, []))
        if lines:
            column.pack_start(_label(f"<b>{title}</b>"), False, False, 6)
        for line in lines:
            column.pack_start(_label("• " + GLib.markup_escape_text(line)), False, False, 0)
    return column


def _label(markup: str) -> Any:
    label = Gtk.Label(
        xalign=0, wrap=True, width_chars=52, max_width_chars=52, selectable=True, can_focus=False
    )
    label.set_markup(markup)
    return label
