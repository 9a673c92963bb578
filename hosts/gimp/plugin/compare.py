"""The large picture: before, after, or both with a divider that is dragged."""

from __future__ import annotations

from typing import Any

from gi.repository import Gdk, Gtk

BEFORE, SPLIT, AFTER = "Before", "Split", "After"
_LINE = 2  # pixels of the divider


class Compare:
    """Shows two pictures (GdkPixbuf without alpha) of the same size; ``box`` is the widget."""

    def __init__(self, before: Any) -> None:
        self._before, self._after = before, before
        self._share, self._mode = 0.5, AFTER
        self._image = Gtk.Image.new_from_pixbuf(before)
        self.box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        self.box.pack_start(self._area(), False, False, 0)
        self.box.pack_start(self._choice(), False, False, 0)

    def show(self, after: Any | None) -> None:
        """Another picture after; None shows the one before."""
        self._after = after or self._before
        self._draw()

    def _area(self) -> Any:
        """The picture, in a box that hears the pointer."""
        # No window of its own is stretched: the pointer's place is the picture's.
        area = Gtk.EventBox(halign=Gtk.Align.CENTER)
        area.add(self._image)
        area.add_events(Gdk.EventMask.BUTTON_PRESS_MASK | Gdk.EventMask.BUTTON1_MOTION_MASK)
        area.connect("button-press-event", self._dragged)
        area.connect("motion-notify-event", self._dragged)
        return area

    def _choice(self) -> Any:
        row = Gtk.Box(halign=Gtk.Align.CENTER)
        row.get_style_context().add_class("linked")
        self._buttons: dict[str, Any] = {}
        first = None
        for mode in (BEFORE, SPLIT, AFTER):
            button = Gtk.RadioButton.new_with_mnemonic_from_widget(first, "_" + mode)
            button.set_mode(False)
            button.set_active(mode == AFTER)
            button.set_tooltip_text("Drag across the picture to compare" if mode == SPLIT else None)
            button.connect("toggled", self._toggled, mode)
            row.pack_start(button, False, False, 0)
            self._buttons[mode] = first = button
        return row

    def _toggled(self, button: Any, mode: str) -> None:
        if button.get_active():
            self._mode = mode
            self._draw()

    def _dragged(self, _area: Any, event: Any) -> bool:
        self._share = min(max(event.x / self._before.get_width(), 0.0), 1.0)
        self._buttons[SPLIT].set_active(True)
        self._draw()
        return True

    def _draw(self) -> None:
        whole = {BEFORE: self._before, AFTER: self._after}.get(self._mode)
        self._image.set_from_pixbuf(whole or self._split())

    def _split(self) -> Any:
        width, height = self._before.get_width(), self._before.get_height()
        place = round(self._share * width)
        both = self._after.copy()
        if place:
            self._before.copy_area(0, 0, place, height, both, 0, 0)
        line = min(max(place - _LINE // 2, 0), max(width - _LINE, 0))
        both.new_subpixbuf(line, 0, min(_LINE, width), height).fill(0xFFFFFFFF)
        return both
