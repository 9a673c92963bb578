"""The reference picture, small, below the button that chooses it."""

from __future__ import annotations

from typing import Any

from gi.repository import GdkPixbuf, GLib, Gtk

_SIZE = 220, 150


def attach(config: Any, box: Any) -> None:
    """Show the file of the argument ``file`` in ``box``, after the first of its widgets."""
    picture = Gtk.Image(halign=Gtk.Align.END)
    box.pack_start(picture, False, False, 0)
    box.reorder_child(picture, 1)

    def show(*_: Any) -> None:
        small = _small(config.get_property("file"))
        picture.set_from_pixbuf(small)
        picture.set_visible(small is not None)

    picture.set_no_show_all(True)
    config.connect("notify::file", show)
    show()


def _small(file: Any) -> Any | None:
    path = file.get_path() if file is not None else None
    if path is None:
        return None
    try:
        return GdkPixbuf.Pixbuf.new_from_file_at_size(path, *_SIZE)
    except GLib.Error:  # the preview will say what is wrong with it
        return None
