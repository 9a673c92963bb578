"""The panel's Lua under Lua 5.4, on a strict double of darktable's API and a stand-in for the program."""

from __future__ import annotations

import json
import stat
import time
from pathlib import Path

import pytest
from gradewright.hosts.darktable import adapter
from lupa import lua54

HERE = Path(__file__).parent
LOOK = {
    "photo": 0,
    "variation": 0,
    "name": "warm-1234",
    "path": "@FOLDER@/warm.dtstyle",
    "kind": "lut",
    "title": "warm",
    "modules": ["lut3d"],
    "residual_de": 0.0,
}
# What the panel starts instead of gradewright: it answers with answer.json, after `delay` looks at cancel.
PROGRAM = """#!/bin/sh
cd "$3" || exit 3
cp request.json "@FOLDER@/sent.json"
printf '0.500 grading' > progress
i=0
while [ $i -lt @DELAY@ ]; do
  [ -e cancel ] && { printf '{"error": "cancelled", "cancelled": true}' > result.json; exit 0; }
  sleep 0.05; i=$((i + 1))
done
@END@
"""
ANSWER = 'cp "@FOLDER@/answer.json" result.json'


class Panel:
    """The panel in a Lua state of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours = folder / "config" / "lua" / "gradewright"
        for name, data in adapter.panel_files().items():
            (self.ours / name).parent.mkdir(parents=True, exist_ok=True)
            (self.ours / name).write_bytes(data)
        (folder / "warm.dtstyle").write_text("<name>warm-1234</name>")
        self.errors: list[str] = []
        self.answer([LOOK])
        self.program()
        self.start()

    def start(self, view: str = "lighttable") -> None:
        self.lua = lua54.LuaRuntime(unpack_returned_tuples=True, encoding="utf-8")
        self.lua.execute(f"package.path = {lua_text(str(self.folder / 'config/lua/?.lua'))}")
        api = json.loads((HERE / "darktable_api.json").read_text())
        host = self.lua.table_from(
            {
                "api": self.lua.table_from(api),
                "folder": str(self.folder),
                "sleep": lambda ms: time.sleep(ms / 20000),
                "log": self.errors.append,
            }
        )
        self.lua.globals().host = host
        double = lua_text(str(HERE / "darktable_double.lua"))
        self.world = self.lua.eval(f"assert(loadfile({double}))(host)")
        self.world.view = view
        self.script = self.lua.eval('require "gradewright/gradewright"')
        self.panel = self.lua.eval('require "gradewright/panel"')
        self.session = self.lua.eval('require "gradewright/session"')
        self.widgets = self.panel.widgets

    def answer(self, looks: list[dict], **more: object) -> None:
        text = json.dumps({"looks": looks, "notes": [], **more})
        (self.folder / "answer.json").write_text(text.replace("@FOLDER@", str(self.folder)))

    def program(self, end: str = ANSWER, delay: int = 0) -> None:
        text = PROGRAM.replace("@END@", end).replace("@DELAY@", str(delay))
        path = self.folder / "program"
        path.write_text(text.replace("@FOLDER@", str(self.folder)))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        (self.ours / "gradewright.json").write_text(json.dumps({"command": [str(path)], "version": "1"}))

    def select(self, *images: object) -> None:
        self.world.selected = self.lua.table_from(images)

    def grade(self) -> str:
        self.panel.grade()
        return self.said

    @property
    def said(self) -> str:
        """The status line, its breaks taken out."""
        return " ".join(self.widgets.status.label.split())

    @property
    def sent(self) -> dict:
        return json.loads((self.folder / "sent.json").read_text())

    @property
    def applied(self) -> list[tuple[int, str]]:
        return [(a.image, a.style) for a in self.world.applied.values()]


def lua_text(text: str) -> str:
    return '"' + "".join(f"\\{b:03d}" for b in text.encode()) + '"'


@pytest.fixture
def panel(tmp_path):
    made = Panel(tmp_path)
    made.photo = made.world.image("photo.jpg", False)
    made.select(made.photo)
    made.widgets.prompt.text = "warm"
    return made


# -- JSON


@pytest.fixture(scope="module")
def lua():
    state = lua54.LuaRuntime(unpack_returned_tuples=True)
    state.globals().text = (Path(adapter.__file__).parent / "lua" / "json.lua").read_text()
    state.execute("json = load(text)()")
    return state


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1, 2.5, -3],
        {"a": [True, False]},
        {"prompt": 'say "hi" \\ / \t\n \x01 é 日本 🎞'},
        "x",
        0,
        [[], {"b": 1}],
    ],
)
def test_json_survives_lua(lua, value):
    again = lua.eval("function(text) return json.encode(json.decode(text)) end")(json.dumps(value))
    assert json.loads(again) == value


def test_json_numbers_and_escapes_of_python_are_read(lua):
    decode = lua.eval("function(text) return json.decode(text) end")
    assert decode('{"a": 1e-3}').a == 0.001
    assert decode('"\\ud83c\\udf9e"') == "🎞"
    assert decode(" null ") is None


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a" 1}', "[1,]", "[1 2]", '"open', "tru", "01x", '{"a":1} x', '"\\q"', '"\\u12"', "{1:2}"],
)
def test_json_refuses_what_is_none(lua, text):
    worked, message = lua.eval("function(text) return pcall(json.decode, text) end")(text)
    assert not worked
    assert "json:" in message


# -- starting


def test_the_panel_is_registered_in_both_views(panel):
    assert panel.world.lib.name == "gradewright"
    assert sorted(place[1] for place in panel.world.lib.places.values()) == [
        "DT_UI_CONTAINER_PANEL_LEFT_CENTER",
        "DT_UI_CONTAINER_PANEL_RIGHT_CENTER",
    ]


def test_started_in_another_view_the_panel_comes_with_the_lighttable(panel):
    panel.start("darkroom")
    assert panel.world.lib is None
    changed = panel.world.events.gradewright.action
    changed(None, None, panel.lua.table(id="map"))
    assert panel.world.lib is None
    changed(None, None, panel.lua.table(id="lighttable"))
    assert panel.world.lib.name == "gradewright"
    panel.world.lib = None
    changed(None, None, panel.lua.table(id="lighttable"))
    assert panel.world.lib is None  # once


def test_shortcuts(panel):
    labels = {event.label for event in panel.world.events.values() if event.event == "shortcut"}
    assert labels == {f"gradewright: {name}" for name in ("grade", "undo", "remove", "cancel")}
    panel.world.events.gradewright_grade.action()
    assert panel.applied == [(1, "warm-1234")]


def test_an_unknown_member_is_an_error(panel):
    with pytest.raises(lua54.LuaError, match="has no member 'gui_of_the_future'"):
        panel.lua.execute('local dt = require "darktable" print(dt.gui_of_the_future)')
    with pytest.raises(lua54.LuaError, match="slider has no member 'maximum'"):
        panel.lua.execute('require "gradewright/panel".widgets.strength.maximum = 3')


# -- grading


def test_one_image(panel):
    assert panel.grade() == "warm"
    assert panel.applied == [(1, "warm-1234")]
    assert len(panel.world.styles) == 0  # it leaves no style behind
    sent = panel.sent
    assert sent["prompt"] == "warm"
    assert sent["output"] == "lut"
    assert (sent["strength"], sent["luma"], sent["chroma"]) == (1, 1, 1)
    assert [Path(p).name for p in sent["photos"]] == ["photo1.jpg"]
    assert sent["raw"] == [False]
    assert panel.world.printed[1] == "gradewright: warm"


@pytest.mark.parametrize("prompt", ['it\'s $(rm -rf /) `x` "quoted" %PATH%', "é 日本 🎞", "a\\b\tc"])
def test_prompts_reach_the_program_as_typed(panel, prompt):
    panel.widgets.prompt.text = prompt
    assert panel.grade() == "warm"
    assert panel.sent["prompt"] == prompt


def test_the_widgets_are_sent_and_remembered(panel):
    for name, value in {"strength": 50, "luma": 25, "chroma": 0, "variations": 3}.items():
        panel.widgets[name].value = value
    panel.widgets.output.selected, panel.widgets.scope.selected, panel.widgets.auto.value = 2, 2, True
    panel.grade()
    sent = panel.sent
    assert (sent["strength"], sent["luma"], sent["chroma"]) == (0.5, 0.25, 0)
    assert (sent["output"], sent["each"], sent["auto"], sent["variations"]) == ("modules", True, True, 3)
    kept = dict(panel.world.preferences.items())
    panel.start()
    assert panel.widgets.strength.value == 100  # a new state: nothing remembered
    for name, value in kept.items():
        panel.world.preferences[name] = value
    again = panel.lua.eval('require "gradewright/settings"')
    assert (again.read("strength"), again.read("output"), again.read("prompt")) == (50, 2, "warm")
    assert list(again.history().values()) == ["warm"]


def test_prompt_history_is_short_and_without_repeats(panel):
    settings = panel.lua.eval('require "gradewright/settings"')
    for number in range(20):
        settings.remember_prompt(f"prompt {number % 15}")
    history = list(settings.history().values())
    assert history[:2] == ["prompt 4", "prompt 3"]
    assert len(history) == len(set(history)) == 12


def test_choosing_an_earlier_prompt(panel):
    panel.grade()
    panel.widgets.prompt.text = ""
    panel.widgets.history.selected = 2
    assert panel.widgets.prompt.text == "warm"


def test_one_look_for_all_looks_at_the_first(panel):
    second = panel.world.image("second.jpg", False)
    panel.select(panel.photo, second)
    assert panel.grade() == "warm, 2 images"
    assert panel.applied == [(1, "warm-1234"), (2, "warm-1234")]
    assert len(panel.sent["photos"]) == 1
    assert panel.sent["raw"] == [False, False]


def test_each_its_own(panel):
    second = panel.world.image("second.dng", True)
    (panel.folder / "cool.dtstyle").write_text("<name>cool-1</name>")
    panel.answer([LOOK, {**LOOK, "photo": 1, "name": "cool-1", "path": "@FOLDER@/cool.dtstyle"}])
    panel.widgets.scope.selected = 2
    panel.select(panel.photo, second)
    panel.grade()
    assert panel.applied == [(1, "warm-1234"), (2, "cool-1")]
    assert panel.sent["raw"] == [False, True]


def test_variations_go_on_duplicates(panel):
    panel.answer([LOOK, {**LOOK, "variation": 1}])
    assert panel.grade() == "2 variations on duplicates"
    assert panel.applied == [(2, "warm-1234"), (3, "warm-1234")]
    assert len(list(panel.folder.glob("*.xmp"))) == 2
    panel.panel.undo()
    assert not list(panel.folder.glob("*.xmp"))  # or they would be there again after an import
    assert list(panel.world.deleted.values()) == [2, 3]
    assert panel.said == "undone: 2 duplicates removed"
    assert panel.world.collected == "the rules"  # read again: the lighttable shows no skulls


def test_native_modules_tell_their_distance(panel):
    panel.answer(
        [{**LOOK, "kind": "modules", "modules": ["rgbcurve"], "residual_de": 1.26}], notes=["a note"]
    )
    assert panel.grade() == "warm (darktable's modules, 1.3 dE from the look) a note"


def test_each_its_own_with_variations_says_both(panel):
    """And of several looks the one that is furthest from what its modules make."""
    second = panel.world.image("second.jpg", False)
    panel.select(panel.photo, second)
    panel.widgets.scope.selected = 2
    native = {**LOOK, "kind": "modules", "modules": ["rgbcurve"]}
    looks = [(photo, variation, 0.2 + photo + variation) for photo in (0, 1) for variation in (0, 1)]
    panel.answer([{**native, "photo": p, "variation": v, "residual_de": r} for p, v, r in looks])
    assert panel.grade() == (
        "2 variations on duplicates, 2 images (darktable's modules, 2.2 dE from the look)"
    )
    assert [image for image, _ in panel.applied] == [3, 4, 5, 6]


def test_darkroom_grades_what_it_shows_and_saves_it_first(panel):
    panel.world.view, panel.world.displayed = "darkroom", panel.photo
    panel.select()
    panel.grade()
    assert panel.applied == [(1, "gradewright-nothing"), (1, "warm-1234")]


def test_reference_file_and_image(panel):
    panel.widgets.reference.selected = 2
    assert panel.grade() == "choose a reference file first"
    panel.widgets.file.value = "/pictures/a b.jpg"
    panel.grade()
    assert panel.sent["reference"] == "/pictures/a b.jpg"
    other = panel.world.image("other.jpg", False)
    panel.widgets.reference.selected = 3
    assert "press 'selected image is the reference'" in panel.grade()
    panel.select(other)
    panel.widgets.take.clicked_callback()
    assert panel.said == "the reference is other.jpg; now select the images to grade"
    panel.select(panel.photo)
    panel.widgets.prompt.text = ""  # a reference is enough
    assert panel.grade() == "warm"
    assert Path(panel.sent["reference"]).name == "reference.jpg"
    assert list(panel.world.renders.values())[-2:] == [1, 2]


def test_in_the_darkroom_the_reference_is_the_other_image_of_the_filmstrip(panel):
    other, third = panel.world.image("other.jpg", False), panel.world.image("third.jpg", False)
    panel.world.view, panel.world.displayed = "darkroom", panel.photo
    panel.select(panel.photo, other)
    panel.panel.take_reference()
    assert panel.said.startswith("the reference is other.jpg")
    panel.grade()
    assert list(panel.world.renders.values())[-2:] == [1, 2]
    panel.select(third, other)
    panel.panel.take_reference()
    assert panel.said == "select exactly one image to be the reference"
    panel.select(panel.photo)
    panel.panel.take_reference()  # for the image that is opened next
    assert panel.said.startswith("the reference is photo.jpg")


# -- undo and removal


def test_undo_switches_off_and_brings_the_earlier_look_back(panel):
    panel.grade()
    (panel.folder / "cool.dtstyle").write_text("<name>cool-1</name>")
    panel.answer([{**LOOK, "name": "cool-1", "path": "@FOLDER@/cool.dtstyle", "modules": ["rgbcurve"]}])
    panel.grade()
    assert panel.applied[1:] == [(1, "gradewright-off-lut3d"), (1, "cool-1")]
    panel.panel.undo()
    assert panel.said == "undone on 1 image"
    assert panel.applied[3:] == [(1, "gradewright-off-rgbcurve"), (1, "warm-1234")]
    panel.panel.undo()
    assert panel.applied[5:] == [(1, "gradewright-off-lut3d")]
    panel.panel.undo()
    assert panel.said == "nothing to undo"


def test_remove(panel):
    panel.panel.remove()
    assert panel.said == "no look of gradewright's on these images"
    panel.grade()
    panel.panel.remove()
    assert panel.said == "removed from 1 image"
    assert panel.applied[1:] == [(1, "gradewright-off-lut3d")]
    panel.panel.undo()
    assert panel.applied[2:] == [(1, "warm-1234")]


def test_images_that_have_left_the_library_are_passed_over(panel):
    """For instance the variations that were not wanted."""
    panel.answer([LOOK, {**LOOK, "variation": 1}])
    panel.grade()
    image = panel.lua.eval('require "darktable".database.get_image')
    image(2).delete(None)
    panel.panel.undo()
    assert panel.said == "undone: 1 duplicate removed"
    assert list(panel.world.deleted.values()) == [2, 3]
    panel.answer([LOOK])
    panel.grade()
    panel.panel.take_reference()
    panel.photo.delete(None)
    panel.panel.undo()
    assert panel.said == "nothing to undo: the images have left the library"
    other = panel.world.image("other.jpg", False)
    panel.select(other)
    assert panel.grade() == "the reference image has left the library: select another"
    panel.widgets.reference.selected = 1
    panel.world.while_waiting = lambda: image(4) and other.delete(None)  # while gradewright works
    assert panel.grade() == "the images have left the library"
    panel.world.while_waiting = None
    panel.panel.undo()
    assert panel.said == "nothing to undo"
    assert panel.errors == []


# -- what goes wrong


def test_nothing_selected_or_asked(panel):
    panel.select()
    assert panel.grade() == "select the images to grade first"
    panel.widgets.prompt.text = "  "
    assert panel.grade() == "type what you want, choose a reference, or tick 'auto'"
    assert panel.applied == []


def test_the_programs_refusal_is_shown(panel):
    panel.program('printf \'{"error": "LUT root /x cannot be written"}\' > result.json')
    assert panel.grade() == "LUT root /x cannot be written"
    assert panel.applied == []


def test_a_crash_shows_the_last_line(panel):
    panel.program("echo one >&2; echo 'gradewright: this is a fault' >&2; exit 1")
    assert panel.grade() == "gradewright: this is a fault"


def test_a_silent_crash_shows_the_exit_code(panel):
    panel.program("exit 9")
    assert panel.grade() == "gradewright stopped with exit code 9"


def test_a_program_that_is_gone(panel):
    (panel.folder / "program").unlink()
    assert "gradewright is not where it was" in panel.grade()


def test_no_manifest(panel):
    (panel.ours / "gradewright.json").unlink()
    assert "gradewright.json is missing beside the panel" in panel.grade()


def test_a_picture_that_cannot_be_rendered(panel):
    panel.world.cannot_render = True
    assert panel.grade() == "darktable could not render photo.jpg"


def test_a_temporary_folder_that_cannot_be_written(panel):
    panel.lua.execute('require "darktable".configuration.tmp_dir = "/proc/nowhere"')
    assert panel.grade() == "the temporary folder /proc/nowhere cannot be written"


def test_cancel_by_button_and_by_darktables_cross(panel):
    panel.program(delay=2000)
    for cancel in (panel.panel.stop, lambda: panel.world.jobs[2].cancel()):
        panel.world.while_waiting = cancel
        assert panel.grade() == "cancelled"
    assert panel.applied == []
    assert not any(job.job.valid for job in panel.world.jobs.values())


def test_closing_darktable_ends_the_job(panel):
    panel.program(delay=2000)
    panel.lua.execute('closing = function() require "darktable".control.ending = true end')
    panel.world.while_waiting = panel.lua.globals().closing
    assert panel.grade() == "darktable is closing"


def test_only_one_job_at_a_time(panel):
    panel.session.busy = True
    assert "still working" in panel.grade()


def test_a_fault_in_the_panel_is_shown_and_does_not_block(panel):
    panel.lua.execute('require "gradewright/session".grade = function() error("oops", 0) end')
    assert panel.grade() == "a fault in the panel: oops"
    assert panel.session.busy is False
    assert panel.errors == ["gradewright: oops"]


def test_folders_go_at_exit(panel):
    panel.grade()
    made = list(panel.folder.glob("gradewright-*"))
    assert made
    panel.world.events.gradewright_exit.action()
    assert not any(folder.exists() for folder in made)


def test_stop_without_a_job(panel):
    panel.panel.stop()
    assert panel.said == "nothing is running"


def test_windows_commands():
    """The lines for Windows, which cannot run here."""
    state = lua54.LuaRuntime()
    state.globals().source = (Path(adapter.__file__).parent / "lua" / "system.lua").read_text()
    state.execute('package.config = "\\\\\\n;\\n?\\n!\\n-\\n" system = load(source)() written = {}')
    state.execute("system.write = function(path, text) written[path] = text return true end")
    line = state.eval(r"system.background({'C:\\py thon.exe', '-m', 'x 100%'}, 'C:\\job')")
    script = state.globals().written["C:\\job\\run.bat"]
    assert line == 'start "" /b cmd /c "C:\\job\\run.bat"'
    assert "chcp 65001" in script
    assert '"C:\\py thon.exe" "-m" "x 100%%" > out 2> err < nul' in script
    assert "set PYTHONHOME=\r\n" in script
