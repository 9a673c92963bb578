"""The window in Studio: say what you want, see four looks of the clip, take one.

UIManager's widgets, as the Fusion community documents them; Blackmagic publishes no reference.
"""

import contextlib
import os
import shutil
import tempfile
from typing import Any, Dict, List

from . import gallery, run
from .errors import ResolveError, Stopped
from .grading import Grading
from .host import Host
from .service import Service
from .state import State

LOOKS = 4
_THUMBNAIL = 240  # pixels along the longer side
_WINDOW = "gradewright"


class Window:
    """Builds the window and answers its buttons. Resolve calls everything here in one thread."""

    def __init__(self, host: Host, service: Service, kept: State) -> None:
        self.host, self.service, self.state = host, service, kept
        self.ui = host.fusion.UIManager
        self.dispatcher = host.bmd.UIDispatcher(self.ui)
        self.looks: List[Dict[str, Any]] = []
        self.chosen = 0
        self.looked_at = ""  # the clip that the looks were made for
        self.asked: Dict[str, Any] = {}  # and what was asked for
        self.stopped = False
        self.folder = tempfile.mkdtemp(prefix="window-", dir=os.path.dirname(kept.path("window")))
        self.window = self.dispatcher.AddWindow(
            {"ID": _WINDOW, "WindowTitle": "gradewright", "Geometry": [200, 120, 620, 560]},
            [self.ui.VGroup(self._rows())],
        )
        self.items = self.window.GetItems()
        self._fill()
        self._connect()

    def run(self) -> None:
        """Show the window and come back when it is closed."""
        self.window.Show()
        try:
            self.dispatcher.RunLoop()
        finally:
            self.window.Hide()
            shutil.rmtree(self.folder, ignore_errors=True)

    # -- building

    def _rows(self) -> List[Any]:
        ui = self.ui
        looks = [
            ui.Button({"ID": "look%d" % k, "Text": str(k + 1), "Checkable": True, "IconSize": [136, 78]})
            for k in range(LOOKS)
        ]
        return [
            ui.HGroup({"Weight": 0}, [self._label("Look"), ui.LineEdit({"ID": "prompt"})]),
            ui.HGroup({"Weight": 0}, [self._label("Earlier"), ui.ComboBox({"ID": "history"})]),
            ui.HGroup(
                {"Weight": 0},
                [
                    self._label("Reference"),
                    ui.LineEdit({"ID": "reference"}),
                    ui.Button({"ID": "file", "Text": "File...", "Weight": 0}),
                    ui.ComboBox({"ID": "stills"}),
                ],
            ),
            *[
                ui.HGroup({"Weight": 0}, [self._label(name.title()), ui.Slider(dict(_SLIDER, ID=name))])
                for name in ("strength", "luma", "chroma")
            ],
            ui.HGroup(
                {"Weight": 0},
                [
                    self._label("As"),
                    ui.ComboBox({"ID": "mode"}),
                    ui.CheckBox({"ID": "auto", "Text": "Decide from the picture"}),
                ],
            ),
            ui.HGroup({"Weight": 0}, [ui.Button({"ID": name, "Text": text}) for name, text in _ACTIONS]),
            ui.HGroup({"Weight": 1}, looks),
            ui.TextEdit({"ID": "status", "ReadOnly": True, "Weight": 1}),
        ]

    def _label(self, text: str) -> Any:
        return self.ui.Label({"Text": text, "Weight": 0, "MinimumSize": [80, 0]})

    def _fill(self) -> None:
        items = self.items
        items["mode"].AddItems(["LUT", "CDL only"])
        items["history"].AddItems(["-"] + [" ".join(text.split()) for text in self.state.history()])
        items["stills"].AddItems(["gallery still..."])
        with contextlib.suppress(ResolveError):
            items["stills"].AddItems(gallery.labels(self.host.project()))
        items["prompt"].Text = str(self.state.wish().get("prompt") or "")
        for name in ("strength", "luma", "chroma"):
            items[name].Value = 100

    def _connect(self) -> None:
        on = self.window.On
        on[_WINDOW].Close = lambda event: self.dispatcher.ExitLoop()
        on["prompt"].ReturnPressed = self._guarded(self.predict)
        on["history"].CurrentIndexChanged = self._guarded(self.take_from_history)
        on["stills"].CurrentIndexChanged = self._guarded(self.take_still)
        on["file"].Clicked = self._guarded(self.ask_for_file)
        on["predict"].Clicked = self._guarded(self.predict)
        on["apply"].Clicked = self._guarded(self.apply)
        on["all"].Clicked = self._guarded(lambda: self.run_task("all"))
        on["match"].Clicked = self._guarded(lambda: self.run_task("match"))
        on["undo"].Clicked = self._guarded(lambda: self.run_task("undo"))
        on["cancel"].Clicked = lambda event: self.stop()
        for number in range(LOOKS):
            on["look%d" % number].Clicked = self._guarded(lambda number=number: self.choose(number))

    def _guarded(self, action: Any) -> Any:
        """An event handler that tells errors in the window; an exception would end the script."""

        def handler(_event: Any) -> None:
            self.stopped = False
            try:
                action()
            except Stopped:
                self.say("stopped")
            except (ResolveError, OSError) as error:
                self.say(str(error))

        return handler

    # -- what the buttons do

    def predict(self) -> None:
        """Four looks for the clip under the playhead, as thumbnails."""
        wish = self.wish()
        with self._grading() as work:
            item = work.host.clip(work.timeline)
            answer = work.predict(item, dict(wish, variations=LOOKS, preview=_THUMBNAIL), "look")
            self.looks = [self._kept(grade) for grade in answer["grades"]]
            self.looked_at, self.asked = str(item.GetUniqueId()), wish
        self.state.remember(wish)
        for number in range(LOOKS):
            button = self.items["look%d" % number]
            there = number < len(self.looks)
            button.Enabled = there
            preview = self.looks[number]["files"].get("preview") if there else None
            if preview:
                button.Icon = self.ui.Icon({"File": preview})
        self.choose(0)
        self.say("%d looks: choose one, then Apply" % len(self.looks))

    def choose(self, number: int) -> None:
        """Mark one of the looks."""
        self.chosen = number
        for other in range(LOOKS):
            self.items["look%d" % other].Checked = other == number

    def apply(self) -> None:
        """Put the chosen look on the clip it was made for; without looks, predict and apply at once."""
        if not self.looks:
            self.run_task("grade")
            return
        if self.wish() != self.asked:  # a slider has moved: the same look, weighed anew
            chosen = self.chosen
            self.predict()
            self.choose(min(chosen, len(self.looks) - 1))
        with self._grading() as work:
            item = work.host.clip(work.timeline)
            if str(item.GetUniqueId()) != self.looked_at:
                raise ResolveError("the playhead is on another clip now: press Looks again")
            result = work.apply(item, self.looks[self.chosen], self.wish())
        self.say("\n".join(["%s: graded" % result.clip] + result.lines))

    def run_task(self, task: str) -> None:
        """Grade, all, match or undo."""
        wish = dict(self.wish(), task=task)
        if task in ("grade", "all"):
            self.state.remember(wish)
        lines = run.run(self.host, wish, self.state, self.service, self.progress, self.cancelled)
        self.say("\n".join(lines))

    def take_from_history(self) -> None:
        """Put an earlier prompt into the field."""
        index = int(self.items["history"].CurrentIndex or 0)
        history = self.state.history()
        if 0 < index <= len(history):
            self.items["prompt"].Text = history[index - 1]

    def take_still(self) -> None:
        """Export the chosen gallery still and take it as the reference."""
        index = int(self.items["stills"].CurrentIndex or 0)
        if index > 0:
            self.items["reference"].Text = gallery.export(self.host.project(), index - 1, self.folder)

    def ask_for_file(self) -> None:
        """Let the user choose a reference picture."""
        path = self.host.fusion.RequestFile()
        if path:
            self.items["reference"].Text = str(path)

    def stop(self) -> None:
        """Cancel what runs."""
        self.stopped = True

    # -- helpers

    def wish(self) -> Dict[str, Any]:
        """What the fields say."""
        items = self.items
        found: Dict[str, Any] = {
            "prompt": str(items["prompt"].Text or "").strip() or None,
            "reference": str(items["reference"].Text or "").strip() or None,
            "auto": bool(items["auto"].Checked) or None,
            "mode": "cdl" if int(items["mode"].CurrentIndex or 0) == 1 else "lut",
        }
        for name in ("strength", "luma", "chroma"):
            found[name] = min(max(int(items[name].Value), 0), 100) / 100.0
        return found

    def _grading(self) -> Grading:
        return Grading(self.host, self.service, self.state, self.progress, self.cancelled)

    def _kept(self, grade: Dict[str, Any]) -> Dict[str, Any]:
        """A look whose files outlive the run that made them."""
        moved = {}
        for role, path in grade["files"].items():
            moved[role] = shutil.copy(path, self.folder)
        return dict(grade, files=moved, frame=shutil.copy(grade["frame"], self.folder))

    def progress(self, share: float, text: str) -> None:
        """Show how far the service is."""
        self.say("%d %%: %s" % (round(100 * share), text))

    def cancelled(self) -> bool:
        """Whether Cancel was pressed; lets the window take the click first."""
        step = getattr(self.dispatcher, "StepLoop", None)
        if step is not None:
            step()
        return self.stopped

    def say(self, text: str) -> None:
        """Show lines in the window."""
        self.items["status"].PlainText = text


_SLIDER = {"Minimum": 0, "Maximum": 100, "Value": 100}
_ACTIONS = (
    ("predict", "Looks"),
    ("apply", "Apply"),
    ("all", "All clips"),
    ("match", "Match scene to this clip"),
    ("undo", "Undo"),
    ("cancel", "Cancel"),
)
