"""UIManager and its dispatcher: known widgets, known events, known properties, and nothing else.

Source: the UI Manager threads of the We Suck Less forum (t=1411), the only published reference; widgets and
events that do not stand there are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WIDGETS = {
    "Label": {"Text"},
    "LineEdit": {"Text", "PlaceholderText"},
    "TextEdit": {"PlainText", "ReadOnly"},
    "Button": {"Text", "Checkable", "Checked", "Icon", "IconSize"},
    "CheckBox": {"Text", "Checked"},
    "ComboBox": {"CurrentIndex", "CurrentText"},
    "Slider": {"Minimum", "Maximum", "Value", "Orientation"},
    "Icon": {"File"},
}
COMMON = {"ID", "Weight", "Enabled", "MinimumSize", "ToolTip"}
EVENTS = {
    "LineEdit": {"ReturnPressed", "TextChanged"},
    "Button": {"Clicked"},
    "CheckBox": {"Clicked"},
    "ComboBox": {"CurrentIndexChanged", "Activated"},
    "Slider": {"ValueChanged"},
    "Window": {"Close"},
}


class Widget:
    def __init__(self, kind: str, values: dict) -> None:
        self.__dict__.update(
            kind=kind, values={"CurrentIndex": 0, "Checked": False, "Enabled": True}, choices=[]
        )
        for name, value in values.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in WIDGETS[self.kind] | COMMON, f"{self.kind} has no property {name}"
        self.values[name] = value

    def __getattr__(self, name: str) -> Any:
        assert name in WIDGETS[self.kind] | COMMON, f"{self.kind} has no property {name}"
        return self.values.get(name, "" if name in ("Text", "PlainText") else None)

    def AddItems(self, texts: list) -> None:
        assert self.kind == "ComboBox"
        self.choices.extend(texts)


class Group:
    def __init__(self, *args: Any) -> None:
        *options, self.children = args
        assert len(options) <= 1
        assert all(set(option) <= COMMON for option in options)


class Manager:
    def __getattr__(self, name: str) -> Any:
        if name in ("VGroup", "HGroup"):
            return Group
        assert name in WIDGETS, f"UIManager has no {name}"
        return lambda values=None: Widget(name, values or {})


class Handlers(dict):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.__dict__["kind"] = kind

    def __setattr__(self, event: str, handler: Callable) -> None:
        assert event in EVENTS.get(self.kind, ()), f"{self.kind} has no event {event}"
        self[event] = handler


class Window:
    def __init__(self, options: dict, children: list) -> None:
        self.widgets: dict[str, Widget] = {}
        for child in children:
            self._collect(child)
        self.On = {name: Handlers(widget.kind) for name, widget in self.widgets.items()}
        self.On[options["ID"]] = Handlers("Window")
        self.id, self.shown = options["ID"], False

    def _collect(self, child: Any) -> None:
        for inner in getattr(child, "children", ()) if isinstance(child, Group) else ():
            self._collect(inner)
        if isinstance(child, Widget) and child.values.get("ID"):
            assert child.ID not in self.widgets, f"two widgets are called {child.ID}"
            self.widgets[child.ID] = child

    def GetItems(self) -> dict:
        return self.widgets

    def Show(self) -> None:
        self.shown = True

    def Hide(self) -> None:
        self.shown = False


class Dispatcher:
    """``RunLoop`` plays what a user does: callables that get the window."""

    actions: list[Callable[[Window], None]]

    def __init__(self, manager: Manager) -> None:
        assert isinstance(manager, Manager)
        self.open, self.stepping = True, None

    def AddWindow(self, options: dict, children: list) -> Window:
        self.window = Window(options, children)
        return self.window

    def RunLoop(self) -> None:
        for action in self.actions:
            if self.open:
                action(self.window)

    def StepLoop(self) -> None:
        if self.stepping is not None:
            self.stepping(self.window)

    def ExitLoop(self) -> None:
        self.open = False


class Fusion:
    """What scripts get as ``fusion``; UIManager is None where the edition has none."""

    def __init__(self, world: Any) -> None:
        self.UIManager = Manager() if world.profile.ui_manager else None
        self.file = ""

    def RequestFile(self) -> str:
        return self.file


class Bmd:
    """What scripts get as ``bmd``."""

    def __init__(self, world: Any, actions: list | None = None) -> None:
        self.world, self.actions, self.dispatcher = world, actions or [], None

    def scriptapp(self, name: str) -> Any:
        return self.world.resolve if name == "Resolve" else None

    def UIDispatcher(self, manager: Manager) -> Dispatcher:
        self.dispatcher = Dispatcher(manager)
        self.dispatcher.actions = self.actions
        return self.dispatcher


def press(name: str, event: str = "Clicked") -> Callable[[Window], None]:
    return lambda window: window.On[name][event](None)


def write(name: str, prop: str, value: Any) -> Callable[[Window], None]:
    return lambda window: setattr(window.widgets[name], prop, value)
