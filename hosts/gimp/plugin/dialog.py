"""The windows: what is wanted on the right, what comes of it on the left."""

from __future__ import annotations

import random
from typing import Any

import gi

gi.require_version("GimpUi", "3.0")
gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
gi.require_version("GdkPixbuf", "2.0")

from gi.repository import Gimp, GimpUi, GLib, Gtk  # noqa: E402

from . import procedures, prompts, reference, work  # noqa: E402
from .background import Pump  # noqa: E402
from .fitting import Fitting  # noqa: E402
from .previews import Previews  # noqa: E402

_TYPING, _SLIDING = 500, 150  # ms without a change before previews are made
_CONTROLS = 390  # pixels that the sliders need
_OTHER_CANDIDATES = ("prompt", "file", "seed")  # what makes the one that was chosen another
_SEEDS = 10_000


def run(entry: Any, procedure: Any, image: Any, drawable: Any, config: Any) -> dict[str, Any] | None:
    """Ask, grade, and return what :meth:`work.Order.carry_out` does; None when the user cancels."""
    GimpUi.init("gradewright")
    if entry.kind == "explain":
        from . import explain

        return explain.run(drawable)
    if not _may_convert(image, config):
        return None
    with work.scratch() as folder:
        return Window(entry, procedure, image, drawable, config, folder).run()


def _may_convert(image: Any, config: Any) -> bool:
    """Ask before an image that is not RGB is converted."""
    if image.get_base_type() == Gimp.ImageBaseType.RGB:
        return True
    question = Gtk.MessageDialog(
        message_type=Gtk.MessageType.QUESTION,
        buttons=Gtk.ButtonsType.OK_CANCEL,
        text="Convert the image to RGB?",
        secondary_text="A grade adds colour, which a grayscale or indexed image cannot hold. "
        "The conversion is part of the same undo step.",
    )
    question.set_title("Gradewright")
    agreed = bool(question.run() == Gtk.ResponseType.OK)
    question.destroy()
    config.set_property("convert-gray", agreed)
    return agreed


class Window:
    """The dialog of one procedure."""

    def __init__(
        self, entry: Any, procedure: Any, image: Any, drawable: Any, config: Any, folder: str
    ) -> None:
        self.entry, self.image, self.drawable, self.config = entry, image, drawable, config
        self.dialog = GimpUi.ProcedureDialog.new(procedure, config, "Gradewright: " + entry.title)
        self.dialog.set_ok_label("_Grade")
        self.status = Gtk.Label(xalign=0, wrap=True, max_width_chars=44)
        self.bar = Gtk.ProgressBar()
        self.previews = Previews(drawable, folder, entry.many, self._choose, self._say, self._shown)
        self.fitting = Fitting(image, self.previews.proxy, self._say)
        self.pump = Pump(self._progress)
        self._timer = 0
        self._fill()

    def run(self) -> dict[str, Any] | None:
        """Until it is done or cancelled; what fails is said in the window, and can be tried again."""
        self.config.connect("notify", self._changed)
        self._changed()
        try:
            while self.dialog.run():
                try:
                    return self._carry_out()
                except (work.Unusable, work.ClientError) as error:
                    if self.pump.cancelled:
                        return None
                    self._say(str(error))
                finally:
                    self._busy(False)
            return None
        finally:
            self.previews.stop()
            self.fitting.stop()
            if self._timer:
                GLib.source_remove(self._timer)
            self.dialog.destroy()

    def _carry_out(self) -> dict[str, Any]:
        wish = procedures.wish_of(self.entry, self.config).checked()
        self.previews.stop()
        self._busy(True)
        if wish.prompt:
            prompts.remember(wish.prompt)
        order = work.Order(
            self.image, self.drawable, self._progress, lambda: self.pump.cancelled, self.pump.job
        )
        grades = self.previews.grades_for(wish)
        fitted = self.fitting.found_for(wish, self.previews.chosen()) if grades else None
        done = order.carry_out(wish, grades, fitted)
        Gimp.displays_flush()
        return {**done, "notes": "\n".join(done["notes"])}

    # -- what it is made of

    def _fill(self) -> None:
        columns = Gtk.Box(spacing=18, border_width=12)
        columns.pack_start(self.previews.box, False, False, 0)
        columns.pack_start(self._controls(), True, True, 0)
        self.content = columns
        area = self.dialog.get_content_area()
        area.pack_start(columns, True, True, 0)
        columns.show_all()
        self.bar.set_no_show_all(True)
        self.bar.hide()
        self.dialog.connect("response", self._response)

    def _controls(self) -> Any:
        amounts = ("strength", "luma", "chroma")
        for name in amounts:
            self.dialog.get_scale_entry(name, 1.0)
        wanted = [name for name, has in (("prompt", self.entry.prompt), ("file", self.entry.file)) if has]
        box = self.dialog.fill_box("gradewright-controls", [*wanted, *amounts, "output"])
        box.set_spacing(9)
        box.set_size_request(_CONTROLS, -1)
        if self.entry.prompt:
            prompts.attach(self.dialog.get_widget("prompt", Gtk.Entry), self.config, box)
        if self.entry.kind == "match":
            reference.attach(self.config, box)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12)
        if self.entry.many:
            self.previews.box.pack_start(self._other_candidates(), False, False, 0)
        column.pack_start(box, False, False, 0)
        column.pack_end(self.bar, False, False, 0)
        column.pack_end(self.status, False, False, 0)
        return column

    def _other_candidates(self) -> Any:
        button = Gtk.Button.new_with_mnemonic("Other can_didates")
        button.set_halign(Gtk.Align.CENTER)
        button.connect("clicked", lambda _: self.config.set_property("seed", random.randrange(1, _SEEDS)))
        return button

    # -- what happens

    def _changed(self, _config: Any = None, changed: Any = None) -> None:
        """Something was changed: new previews, once the hands are still."""
        name = changed.name if changed is not None else ""
        if name in _OTHER_CANDIDATES:
            self._choose(1)
        if self._timer:
            GLib.source_remove(self._timer)
        self._timer = GLib.timeout_add(_TYPING if name == "prompt" else _SLIDING, self._refresh)

    def _refresh(self) -> bool:
        self._timer = 0
        try:
            wish = procedures.wish_of(self.entry, self.config).checked()
        except work.Unusable as error:
            self._say(str(error))
        else:
            self.previews.refresh(wish)
        return False

    def _choose(self, variation: int) -> None:
        if self.entry.many and self.config.get_property("variation") != variation:
            self.config.set_property("variation", variation)

    def _shown(self, wish: Any, grade: dict[str, Any]) -> None:
        self.fitting.refresh(wish, grade)

    def _say(self, text: str) -> None:
        self.status.set_text(text)

    def _progress(self, fraction: float, text: str) -> None:
        self.bar.set_fraction(fraction)
        self._say(text)

    def _busy(self, busy: bool) -> None:
        self.content.set_sensitive(not busy)
        self.dialog.set_response_sensitive(Gtk.ResponseType.OK, not busy)
        self.bar.set_visible(busy)

    def _response(self, _dialog: Any, response: Any) -> None:
        if response in (Gtk.ResponseType.CANCEL, Gtk.ResponseType.DELETE_EVENT, Gtk.ResponseType.CLOSE):
            self.pump.cancelled = True
