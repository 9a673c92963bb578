"""The left half of the window: the picture before and after, and the candidates."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Any

from gi.repository import Gdk, Gtk

from . import pictures, pixels
from .background import Latest
from .compare import Compare
from .service import job
from .wish import VARIATIONS, Wish

_BESIDE = 640, 430  # pixels of the screen that the large preview leaves to everything else
_SMALLEST, _LARGEST = (400, 300), (960, 720)
_THUMBNAIL = 106, 72


class Previews:
    """Renders what a wish would give on a proxy of the layer, beside the window.

    ``choose(variation)`` is called when the user clicks a thumbnail, ``say(line)`` with news, and
    ``shown(wish, grade)`` when a candidate is shown.
    """

    def __init__(
        self,
        drawable: Any,
        folder: str,
        many: bool,
        choose: Callable[[int], None],
        say: Callable[[str], None],
        shown: Callable[[Wish, dict[str, Any]], None],
    ) -> None:
        self._folder, self._choose, self._say, self._shown = folder, choose, say, shown
        self.proxy = os.path.join(folder, "preview-proxy.gwpx")
        self._side = _side(drawable, *_room())
        pixels.write_proxy(drawable, self.proxy, self._side)
        self._before, self._alpha = pictures.of_buffer(self.proxy)
        self._after: list[Any] = []
        self._wish: Wish | None = None
        self._grades: list[dict[str, Any]] = []
        self._latest = Latest()
        self._round = self._kept = 0
        self._compare = Compare(self._before)
        self._texts = [Gtk.Label() for _ in range(VARIATIONS)]
        self._thumbnails = self._buttons() if many else []
        self.box = self._packed()

    def refresh(self, wish: Wish) -> None:
        """Show what ``wish`` gives; another variation of what is there already is shown at once."""
        if self._wish is not None and _same(wish, self._wish):
            self._wish = wish
            self._show()
            return
        self._round += 1
        number = self._round
        os.mkdir(self._folder_of(number))
        self._say("making previews …")
        self._latest.start(
            lambda cancelled: self._rendered(wish, self._folder_of(number), cancelled),
            lambda found: self._arrived(wish, number, *found),
            self._say,
        )

    def grades_for(self, wish: Wish) -> list[dict[str, Any]] | None:
        """The grades that are shown, when they are those of this wish: the result is what was seen."""
        return self._grades if self._wish is not None and self._grades and _same(wish, self._wish) else None

    def chosen(self) -> dict[str, Any] | None:
        """The grade that is shown large."""
        number = min(self._wish.variation, len(self._grades)) if self._wish else 0
        return self._grades[number - 1] if number else None

    def stop(self) -> None:
        """Drop what is being made."""
        self._latest.stop()

    def _folder_of(self, number: int) -> str:
        return os.path.join(self._folder, f"round-{number}")

    def _rendered(
        self, wish: Wish, folder: str, cancelled: Callable[[], bool]
    ) -> tuple[list[Any], list[str]]:
        """The grades and their preview files; in the thread."""
        if wish.kind == "look":
            shown = os.path.join(folder, "look.gwpx")
            request = {"lut": wish.file, "photo": self.proxy, "output": shown, **wish.amounts}
            job("apply", request, None, cancelled)
            return [{"files": {"cube": wish.file}}], [shown]
        found = job("grade", wish.request(self.proxy, folder, self._side), None, cancelled)["grades"]
        return found, [grade["files"]["preview"] for grade in found]

    def _arrived(self, wish: Wish, number: int, grades: list[dict[str, Any]], files: list[str]) -> None:
        for old in range(self._kept, number):  # they may lie in memory, and a slider makes many
            shutil.rmtree(self._folder_of(old), ignore_errors=True)
        self._kept = number
        self._wish, self._grades = wish, grades
        self._after = [pictures.of_file(path, self._alpha) for path in files]
        captions = _captions([str(grade.get("title", "")) for grade in grades])
        for place, button in enumerate(self._thumbnails):
            there = place < len(self._after)
            button.set_sensitive(there)
            button.get_child().set_from_pixbuf(self._thumbnail(self._after[place] if there else None))
            self._texts[place].set_text(captions[place] if there else "")
        self._say("\n".join(dict.fromkeys(grades[0].get("notes", []))))
        self._show()

    def _show(self) -> None:
        """The large picture and the pressed thumbnail follow the chosen variation."""
        number = min(self._wish.variation if self._wish else 1, max(len(self._after), 1))
        self._compare.show(self._after[number - 1] if self._after else None)
        if self._thumbnails:
            self._thumbnails[number - 1].set_active(True)
        if self._wish is not None and (grade := self.chosen()) is not None:
            self._shown(self._wish, grade)

    def _thumbnail(self, picture: Any | None) -> Any:
        small = pictures.scaled(picture or self._before, *_THUMBNAIL)
        return small if picture else pictures.empty(small)

    def _buttons(self) -> list[Any]:
        buttons: list[Any] = []
        for number in range(1, VARIATIONS + 1):
            button = Gtk.RadioButton.new_from_widget(buttons[0] if buttons else None)
            button.set_mode(False)
            button.set_tooltip_text(f"Candidate {number}")
            button.add(Gtk.Image.new_from_pixbuf(self._thumbnail(None)))
            button.set_sensitive(False)
            button.connect("toggled", self._clicked, number)
            buttons.append(button)
        return buttons

    def _clicked(self, button: Any, number: int) -> None:
        if button.get_active() and self._after:
            self._choose(number)

    def _packed(self) -> Any:
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=9)
        self._compare.box.set_size_request(_SMALLEST[0], -1)
        box.pack_start(self._compare.box, False, False, 0)
        if self._thumbnails:
            row = Gtk.Box(spacing=6, homogeneous=True, halign=Gtk.Align.CENTER)
            for button, text in zip(self._thumbnails, self._texts, strict=True):
                column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=3)
                column.pack_start(button, False, False, 0)
                column.pack_start(text, False, False, 0)
                row.pack_start(column, False, False, 0)
            box.pack_start(row, False, False, 0)
        return box


def _room() -> tuple[int, int]:
    """Width and height that the screen has for the large preview."""
    display = Gdk.Display.get_default()
    monitor = display.get_primary_monitor() or display.get_monitor(0)
    area = monitor.get_workarea()
    sides = zip((area.width, area.height), _BESIDE, _SMALLEST, _LARGEST, strict=True)
    width, height = (min(max(side - beside, least), most) for side, beside, least, most in sides)
    return width, height


def _side(drawable: Any, room_width: int, room_height: int) -> int:
    """The longer side of the large preview, so that both sides find room."""
    width, height = drawable.get_width(), drawable.get_height()
    scale = min(room_width / width, room_height / height)
    return max(16, round(max(width, height) * scale))


def _captions(titles: list[str]) -> list[str]:
    """What tells the candidates apart: "bolder" of "auto, bolder"; their numbers where nothing does."""
    parts = [title.partition(", ")[2] for title in titles]
    return [
        part if part and len(set(titles)) > 1 else "best" if number == 1 else str(number)
        for number, part in enumerate(parts, 1)
    ]


def _same(one: Wish, other: Wish) -> bool:
    """Whether two wishes differ in nothing that changes the candidates."""

    def core(wish: Wish) -> Any:
        return (wish.kind, wish.prompt, wish.file, wish.amounts, wish.seed)

    return bool(core(one) == core(other))
