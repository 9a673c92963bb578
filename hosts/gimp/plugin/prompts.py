"""The prompt's entry with its history and suggestions."""

from __future__ import annotations

import os
from typing import Any

from gi.repository import Gimp, GLib, Gtk

from . import history

_FIRST = "Earlier prompts and suggestions …"


def _path() -> str:
    return os.path.join(Gimp.directory(), "gradewright-prompts.json")


def remember(prompt: str) -> None:
    """Put a prompt into the history."""
    history.remember(_path(), prompt)


def attach(entry: Any, config: Any, box: Any) -> None:
    """Complete what is typed from the history and the suggestions, and offer both in a list."""
    offered = list(dict.fromkeys([*history.read(_path()), *history.SUGGESTIONS]))
    field = _entry_inside(entry)
    if field is not None:
        rows = Gtk.ListStore(str)
        for text in offered:
            rows.append([text])
        completion = Gtk.EntryCompletion(model=rows, minimum_key_length=2, popup_single_match=False)
        completion.set_text_column(0)  # as a property of the constructor it would show nothing
        field.set_completion(completion)
        field.set_width_chars(44)
        field.set_activates_default(True)
        field.set_placeholder_text(history.SUGGESTIONS[0])
        # GIMP's dialog gives the focus to its button when it appears; typing is what comes first.
        field.connect("map", lambda *_: GLib.idle_add(lambda: field.grab_focus()))
    choice = Gtk.ComboBoxText()
    choice.append_text(_FIRST)
    for text in offered:
        choice.append_text(" ".join(text.split()))
    choice.set_active(0)
    for cell in choice.get_cells():
        cell.set_property("ellipsize", 3)
        cell.set_property("width-chars", 36)

    def chosen(_: Any) -> None:
        if choice.get_active() > 0:
            config.set_property("prompt", offered[choice.get_active() - 1])

    choice.connect("changed", chosen)
    choice.show()
    box.pack_start(choice, False, False, 0)
    box.reorder_child(choice, 1)


def _entry_inside(widget: Any) -> Any:
    """The text entry itself: GIMP wraps it together with its label."""
    if isinstance(widget, Gtk.Entry):
        return widget
    inside = widget.get_children() if isinstance(widget, Gtk.Container) else []
    return next((found for child in inside if (found := _entry_inside(child)) is not None), None)
