"""The Lua courier for the free edition of 21.1, in a real LuaJIT without io, os, package and ffi."""

from __future__ import annotations

import hashlib

import pytest
from gradewright import lutio
from gradewright.core.bake import to_space
from gradewright.core.errors import BadInput
from gradewright.core.recipe import Recipe
from gradewright.hosts.resolve import courier
from gradewright.hosts.resolve.inside import luts
from hypothesis import given
from hypothesis import strategies as st
from lupa import luajit21
from resolve_double import FREE_21_1, World, lua
from resolve_double.session import picture
from resolve_double.world import START, Node

LOOK = Recipe(temperature=25).to_lut()
SHOWN = "Rec.709 Gamma 2.4"


class Courier:
    """A world, the courier's script and its job."""

    def __init__(self, folder, science="davinciYRGB", space=SHOWN, note="warm") -> None:
        folder.mkdir(exist_ok=True)
        self.world = World(folder, FREE_21_1, science)
        for number in range(2):
            self.world.add(f"A{number}", picture(number))
        source = folder / "look.cube"
        lutio.write(to_space(LOOK, space, 17).lut, source)
        self.placed = luts.place(str(source), "warm", [str(self.world.master)])
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        self.job = folder / 'it\'s a "job".lua'
        courier.write(self.job, courier.job(self.placed.relative, digest, space, {"prompt": note}))
        self.script = folder / "gradewright.lua"
        self.script.write_bytes(courier.script(self.job))

    @property
    def clip(self):
        return self.world.tracks[0][0]

    def run(self, **options) -> str:
        (line,) = lua.Host(self.world, **options).run(self.script)
        return line.removeprefix("gradewright: ")

    def refused(self, **options) -> str:
        before = [clip.state() for clip in self.world.tracks[0]], self.world.page, dict(self.world.markers)
        line = self.run(**options)
        assert (
            [clip.state() for clip in self.world.tracks[0]],
            self.world.page,
            self.world.markers,
        ) == before
        return line


@pytest.fixture
def box(tmp_path):
    return Courier(tmp_path)


def test_it_delivers(box):
    line = box.run()
    assert line == (
        f"A0: {box.placed.relative} on node 1, version 'gradewright 1'; the version before is 'Version 1'"
    )
    assert box.clip.nodes[0].lut == box.placed.relative
    assert box.clip.versions["Version 1"] == [Node()]
    assert box.world.page == "edit"
    marker = box.world.markers[0]
    assert marker["note"] == "prompt: warm\nversion: gradewright 1"
    assert marker["customData"].startswith("gradewright:")


@pytest.mark.parametrize(
    ("science", "space"), [("davinciYRGBColorManagedv2", "DaVinci Intermediate"), ("acescct", "ACEScc")]
)
def test_it_delivers_to_managed_timelines(science, space, tmp_path):
    assert "on node 1" in Courier(tmp_path, science, space).run()


def test_it_refuses_a_timeline_of_another_space(tmp_path):
    line = Courier(tmp_path, "davinciYRGBColorManagedv2", SHOWN).refused()
    assert line.startswith(
        "the LUT was baked for Rec.709 Gamma 2.4; this timeline is davinciYRGBColorManagedv2"
    )
    box = Courier(tmp_path / "b")
    box.world.own_settings.update(useCustomSettings="1", colorSpaceTimeline="DaVinci WG/Intermediate")
    assert "baked for Rec.709 Gamma 2.4" in box.refused()


@pytest.mark.parametrize(
    ("graph", "taken"),
    [
        ([Node(lut="Film/k.cube"), Node()], 2),
        ([Node(), Node(label=" GradeWright ")], 2),
        ([Node(tools=["Corrector"]), Node()], 2),
        ([Node(), Node(lut="gradewright/old.cube")], 2),
        ([Node(tools=["Corrector"])], 1),
    ],
)
def test_it_chooses_the_same_node_as_the_python_adapter(graph, taken, box):
    box.clip.nodes[:] = graph
    assert f"on node {taken}," in box.run()


def test_it_refuses(box):
    box.clip.nodes[:] = [Node(lut="Film/k.cube")]
    assert "every node holds a LUT already" in box.refused()
    box.clip.nodes[:] = [Node(label="gradewright", lut="Film/k.cube")]
    assert "holds the LUT Film/k.cube, which is not ours" in box.refused()
    box.clip.nodes[:] = [Node()]
    box.world.playhead = START + 4000
    assert "stands in a gap" in box.refused()
    box.world.playhead = START
    box.world.add("Text+", track=2, start=START, kind="title")
    assert "'Text+' is a title" in box.refused()
    box.world.tracks.pop()
    box.world.has_timeline = False
    assert "no timeline open" in box.refused()
    box.world.has_project = False
    assert "gives no project" in box.refused()


def test_bad_situations(box):
    box.world.tracks, clips = [[]], box.world.tracks
    assert "the timeline is empty" in box.refused()
    box.world.tracks = clips
    box.world.busy = 99
    assert "gives no project: it is busy" in box.refused()
    box.world.busy = 0
    box.world.modal = True
    assert "close its dialogs" in box.refused()
    box.world.modal = False
    box.world.settings["colorScienceMode"] = "filmlightTCAM"
    assert "this timeline is filmlightTCAM" in box.refused()
    box.world.settings["colorScienceMode"] = "davinciYRGB"
    box.world.playing = True
    assert box.run() == "playback is running: stop it and try again"
    assert [clip.version for clip in box.world.tracks[0]] == ["Version 1"] * 2
    box.world.playing, box.world.playhead = False, START
    box.world.busy = 2  # for a moment
    box.clip.versions["gradewright 1"] = [Node()]  # a name that is taken
    assert "version 'gradewright 2'" in box.run()


def test_a_second_client_that_moves_the_playhead(box):
    box.world.hooks["RefreshLUTList"] = lambda: setattr(box.world, "playhead", box.world.tracks[0][1].start)
    assert box.run().startswith("A0: ")
    assert [clip.version for clip in box.world.tracks[0]] == ["gradewright 1", "Version 1"]


BUGS = {
    "wrong page": ('not host:OpenPage("color")', "false"),
    "page not restored": ("        host:OpenPage(page)\n", ""),
    "no version": ("not item:AddVersion(name, 0)", "false"),
    "no refresh": ("not project:RefreshLUTList()", "false"),
    "node 0": ("graph:SetLUT(node, job.lut)", "graph:SetLUT(node - 1, job.lut)"),
    "missing read-back": ("if said ~= job.lut then", "if false then"),
    "over the user's LUT": ('elseif lut == "" and (tools == nil', "elseif (tools == nil"),
    "the wrong timeline": ("    check_colour(project, timeline, job)\n", ""),
    "no roll-back": ("            back_to(item, before, version)\n", ""),
    "invented method": ("graph:SetLUT(", "graph:ApplyLUT("),
    "wrong arity": ("item:AddVersion(name, 0)", "item:AddVersion(name)"),
    "marker at an absolute frame": ("item:GetStart() - timeline:GetStartFrame(), ", "item:GetStart(), "),
}


def battery(folder, monkeypatch, old="", new=""):
    """Short runs of the courier, perhaps with a bug."""

    def box(name, *more):
        made = Courier(folder / name, *more)
        source = made.script.read_text()
        assert source.count(old) == 1 or not old, f"{old!r} stands {source.count(old)} times in the courier"
        made.script.write_text(source.replace(old, new) if old else source)
        return made

    plain = box("plain")
    plain.clip.nodes[:] = [Node(lut="Film/k.cube"), Node()]
    assert plain.run().startswith(f"A0: {plain.placed.relative} on node 2, version 'gradewright 1'")
    assert plain.clip.nodes == [Node(lut="Film/k.cube"), Node(lut=plain.placed.relative)]
    assert plain.clip.versions["Version 1"] == [Node(lut="Film/k.cube"), Node()]
    assert (plain.world.page, list(plain.world.markers)) == ("edit", [0])
    assert "baked for" in box("managed", "davinciYRGBColorManagedv2", SHOWN).refused()
    lying = box("lying")
    with monkeypatch.context() as lie:
        lie.setattr("resolve_double.objects.GraphObject._SetLUT", lambda *_: True)
        assert "Resolve says ''" in lying.refused()


def test_the_courier_passes_the_battery(tmp_path, monkeypatch):
    battery(tmp_path, monkeypatch)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_in_the_courier_is_caught(name, tmp_path, monkeypatch):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever notices it
        battery(tmp_path, monkeypatch, *BUGS[name])
    assert " times in the courier" not in str(caught.value)


def test_without_a_job_and_without_dofile(box):
    assert "load the LUT by hand" in box.refused(dofile=False)
    box.job.unlink()
    assert "run 'gradewright resolve courier' in a terminal first" in box.refused()
    box.job.write_text("this is no Lua")
    assert "there is no job" in box.refused()


def test_what_fails_is_taken_back(box):
    (box.world.master / box.placed.relative).write_text("LUT_3D_SIZE 2\n0 0 nan\n")
    assert box.refused() == f"Resolve did not take the LUT {box.placed.relative} on node 1"


class TestVersions:
    """Nothing is set on a version of the user's."""

    def test_a_version_that_is_not_loaded(self, box, monkeypatch):
        def add(item, name, _kind):
            item._of.versions[name] = [Node()]
            return True

        monkeypatch.setattr("resolve_double.objects.ItemObject._AddVersion", add)
        with monkeypatch.context() as refusing:
            refusing.setattr("resolve_double.objects.ItemObject._LoadVersionByName", lambda *_: False)
            assert box.refused() == "Resolve did not load the new colour version"
        assert "version 'gradewright 1'" in box.run()  # it is loaded by name then
        assert box.clip.versions["Version 1"] == [Node()]

    def test_a_version_that_starts_empty(self, box):
        box.world.empty_versions = True
        box.clip.nodes[:] = [Node(tools=["Corrector"]), Node()]
        assert "did not start as a copy of the grade" in box.refused()

    def test_a_version_without_a_name(self, box, monkeypatch):
        for answer in (None, {}):
            monkeypatch.setattr(
                "resolve_double.objects.ItemObject._GetCurrentVersion", lambda *_, said=answer: said
            )
            assert "does not say which version of the clip is loaded" in box.refused()


def test_the_marker_stays_on_its_clip(box):
    last = box.clip.end - START
    box.world.markers = {frame: {"customData": "mine"} for frame in range(last)}
    assert "on node 1" in box.run()
    assert len(box.world.markers) == last


def test_a_nasty_prompt(tmp_path):
    note = 'warm "golden" ]] 🌅 \\ 1\n%s'
    box = Courier(tmp_path, note=note)
    assert "on node 1" in box.run()
    assert box.world.markers[0]["note"].startswith('prompt: warm "golden" ]] 🌅 \\ 1 %s')


@given(st.text())
def test_any_text_survives_as_a_lua_string(text):
    text = text.encode("utf-8", "ignore").decode()
    assert LUA.eval(courier.quoted(text)) == text
    assert courier.quoted(text).isascii()


LUA = luajit21.LuaRuntime(encoding="utf-8")


def test_a_space_that_no_timeline_has():
    with pytest.raises(BadInput, match="no timeline of Resolve works in 'Adobe RGB'"):
        courier.job("a.cube", "0" * 64, "Adobe RGB", {})


def test_the_script_needs_nothing_but_the_language(box):
    source = box.script.read_text()
    code = "\n".join(line.partition("--")[0] for line in source.splitlines())
    for name in ("io.", "os.", "require", "package", "ffi", "loadstring", "getmetatable"):
        assert name not in code.replace("markers.", "").replace("versions.", ""), name
