"""Bugs put into the adapter on purpose: each must be caught by the double, the audit or the pixels.

A mock that answers everything with True catches none of them. A mutant is a copy of the adapter with one text
replaced; a battery of short runs is played on it until something is noticed.
"""

from __future__ import annotations

import importlib
import itertools
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Recipe
from gradewright.core.space_list import RESOLVE_PAIRS
from gradewright.hosts.resolve import pictures
from gradewright.hosts.resolve.adapter import INSIDE
from resolve_double import SurfaceViolation, World, objects
from resolve_double import pixels as oracle
from resolve_double.profiles import STUDIO_20_3, STUDIO_21_1
from resolve_double.session import LocalClient, picture
from resolve_double.surface import surface
from resolve_double.world import START, Node
from test_resolve_surface import calls, faults

WISH = {"params": {"temperature": 30, "exposure": 0.3}, "size": 17}
LOG = {
    "separateColorSpaceAndGamma": "1",
    "colorSpaceTimeline": "Sony S-Gamut3.Cine",
    "colorSpaceTimelineGamma": "S-Log3",
}
_numbers = itertools.count()


class Adapter:
    """A copy of the adapter, perhaps with a bug, on a world of its own."""

    def __init__(self, folder, monkeypatch, file="", old="", new=""):
        self.folder, self.monkeypatch = folder, monkeypatch
        self.name = f"mutant_{next(_numbers)}"
        package = folder / self.name
        package.mkdir()
        for path in INSIDE.glob("*.py"):
            text = path.read_text()
            if path.name == file:
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
                text = text.replace(old, new)
                compile(text, path.name, "exec")
                assert not faults(calls(text), surface()), "caught by the audit"
            (package / path.name).write_text(text)
        monkeypatch.syspath_prepend(str(folder))

    def module(self, name):
        return importlib.import_module(f"{self.name}.{name}")

    def world(self, profile=STUDIO_20_3, **settings):
        world = World(self.folder / f"world{next(_numbers)}", profile)
        world.settings.update(settings)
        self.monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(world.master))
        for number in range(2):
            world.add(f"A{number}", picture(number))
        return world

    def grade(self, world, every=False, client=None, **more):
        at = world.playhead
        wish = {**WISH, "task": "all" if every else "grade", **more}
        host = self.module("host").Host(world.resolve, sleep=lambda _s: None)
        state = self.module("state").State(str(self.folder / f"state-{id(world)}"))
        service = self.module("service").Service(client or LocalClient())
        world.new_run()
        try:
            return self.module("run").run(host, wish, state, service)
        finally:
            assert world.page == "edit", "the page was not restored"
            assert world.playhead == at, "the playhead was not restored"

    def undo(self, world):
        return self.grade(world, task="undo")


def refused(action, words):
    """Demand an error with these words."""
    said = "nothing"
    try:  # pytest.raises would fail with an exception that is no Exception
        action()
    except Exception as error:
        said = str(error)
    assert words in said, f"not refused: {words}, but {said}"


def unmanaged_log(adapter):
    """The pixels on a log timeline, on the second node: the first holds a user's LUT."""
    world = adapter.world(**LOG)
    clip = world.tracks[0][0]
    clip.nodes[:] = [Node(lut="Film/user.cube"), Node()]
    shown = oracle.viewed(world.render(clip), "S-Log3 S-Gamut3.Cine", "sRGB - Display")
    lines = adapter.grade(world)
    assert clip.versions["Version 1"] == [Node(lut="Film/user.cube"), Node()], (
        "the user's version was changed"
    )
    assert clip.version == "gradewright 1"
    assert clip.nodes[0].lut == "Film/user.cube", "the user's LUT was replaced"
    graded = oracle.viewed(world.render(clip), "S-Log3 S-Gamut3.Cine", "sRGB - Display")
    error = np.abs(graded - Recipe(**WISH["params"]).apply(shown)).mean()
    assert error < 0.008, f"the picture is off by {error:.3f}"
    assert any("agrees with our own render" in line for line in lines), lines
    assert list(world.markers) == [0], "the marker is not on the clip's first frame"
    assert world.markers[0]["customData"].startswith("gradewright:")
    adapter.undo(world)
    assert clip.version == "Version 1"
    assert list(clip.versions) == ["Version 1"]
    assert not world.markers


def own_settings(adapter):
    world = adapter.world(colorSpaceTimeline="GoPro")
    world.own_settings.update(useCustomSettings="1", colorSpaceTimeline="Rec.709 Gamma 2.4")
    adapter.grade(world)


def a_foreign_file(adapter):
    world = adapter.world()
    adapter.grade(world)
    (ours,) = world.master.rglob("*.cube")
    ours.write_text("somebody else's")
    adapter.grade(world)
    assert ours.read_text() == "somebody else's", "a file was overwritten"


def a_lying_set_lut(adapter):
    world = adapter.world()
    with adapter.monkeypatch.context() as lie:
        lie.setattr(objects.GraphObject, "_SetLUT", lambda *_: True)
        refused(lambda: adapter.grade(world), "Resolve says")
    assert world.tracks[0][0].version == "Version 1", "a failed grade was not taken back"


def every_clip(adapter):
    world = adapter.world()
    frames = [np.array(clip.picture) for clip in world.tracks[0]]
    adapter.grade(world, every=True)
    for clip, frame in zip(world.tracks[0], frames, strict=True):
        assert clip.version == "gradewright 1"
        assert (clip.picture == frame).all()


def old_stills(adapter):
    """21.1 repeats the first still: the second clip must not be compared with it."""
    world = adapter.world(STUDIO_21_1)
    lines = adapter.grade(world)
    assert any("not compared" in line for line in lines), lines


def moved_playhead(adapter):
    """21.1's one still shows what stood under the playhead before the run moved it."""
    world = adapter.world(STUDIO_21_1)
    world.playhead = world.tracks[0][1].start
    seen = frames_seen(adapter, world)
    for frame, clip in zip(seen, world.tracks[0], strict=True):
        assert np.abs(frame - clip.picture).max() < 1 / 255, "predicted from another clip's frame"


def frames_seen(adapter, world):
    """What the service was given to look at, while every clip was graded."""
    seen = []

    class Client(LocalClient):
        def job(self, kind, request, *more):
            if kind == "resolve-grade":
                seen.append(pictures.values(Path(request["frame"])))
            return super().job(kind, request, *more)

    adapter.grade(world, every=True, client=Client())
    return seen


def a_second_look(adapter):
    """It replaces the first: what it does is told from the frame without the first."""
    world = adapter.world()
    clip = world.tracks[0][0]
    for mode in ("lut", "cdl"):
        clip.versions, clip.version = {"Version 1": [Node(label="gradewright")]}, "Version 1"
        adapter.grade(world, mode=mode)
        first = clip.state()[0]
        lines = adapter.grade(world, params={"exposure": -0.6}, mode=mode)
        assert any("agrees with our own render" in line for line in lines), lines
        assert {name: clip.versions[name] for name in first} == first
        assert list(clip.versions) == ["Version 1", "gradewright 1", "gradewright 2"]


def typed_cdl(adapter):
    for profile in (STUDIO_20_3, STUDIO_21_1):
        world = adapter.world(profile)
        adapter.grade(world, mode="cdl")
        assert world.tracks[0][0].nodes[0].cdl is not None


def a_title(adapter):
    world = adapter.world()
    title = world.add("Text+", track=2, start=START, kind="title")
    refused(lambda: adapter.grade(world), "is a title")
    assert title.version == "Version 1"


def playback(adapter):
    world = adapter.world()
    world.playing = True
    host = adapter.module("host").Host(world.resolve, sleep=lambda _s: None)
    state = adapter.module("state").State(str(adapter.folder / "playing"))
    service = adapter.module("service").Service(LocalClient())
    refused(lambda: adapter.module("run").run(host, dict(WISH), state, service), "playback is running")


BATTERY = (
    unmanaged_log,
    own_settings,
    a_foreign_file,
    a_lying_set_lut,
    old_stills,
    moved_playhead,
    a_second_look,
    typed_cdl,
    every_clip,
    a_title,
    playback,
)


def test_the_adapter_itself_passes(tmp_path, monkeypatch):
    adapter = Adapter(tmp_path, monkeypatch)
    for check in BATTERY:
        check(adapter)


MUTANTS = {
    "wrong page": (
        "grading.py",
        "        self.host.to_color_page()\n        before = nodes",
        "        before = nodes",
    ),
    "the user's LUT folder": (
        "luts.py",
        '    listed.append(os.environ.get("BMD_RESOLVE_LUT_DIR", ""))',
        '    listed.append(os.environ.get("BMD_RESOLVE_LUT_DIR", "").replace("/LUT", "/user/LUT"))',
    ),
    "no refresh": ("grading.py", "if not self.project.RefreshLUTList():", "if False:"),
    "node 0": ("grading.py", "graph.SetLUT(node.index, placed", "graph.SetLUT(node.index - 1, placed"),
    "one node too far": (
        "grading.py",
        "graph.SetLUT(node.index, placed",
        "graph.SetLUT(node.index + 1, placed",
    ),
    "invented method": (
        "grading.py",
        "        said = graph.GetLUT(node.index)",
        '        graph.SetNodeLabel(node.index, "x")\n        said = graph.GetLUT(node.index)',
    ),
    "wrong arity": ("versions.py", "item.AddVersion(name, LOCAL)", "item.AddVersion(name)"),
    "keyword arguments": (
        "versions.py",
        "item.AddVersion(name, LOCAL)",
        "item.AddVersion(name, versionType=LOCAL)",
    ),
    "overwriting a LUT": (
        "luts.py",
        'with open(path, "rb") as file:\n            return file.read() == data',
        "os.unlink(path)",
    ),
    "names without content": ("luts.py", "(name, digest[:digits])", "(name, 'look')"),
    "display LUT in a log timeline": (
        "settings.py",
        "    found = _all(project)\n",
        "    found = _all(project)\n"
        '    found.update(colorSpaceTimeline="Rec.709", colorSpaceTimelineGamma="Gamma 2.4")\n',
    ),
    "missing read-back": ("grading.py", "if not placed.is_named_by(said):", "if False:"),
    "no roll-back": ("grading.py", "            self._roll_back(version, error)\n", ""),
    "over the user's LUT": (
        "nodes.py",
        "    return choices[0]\n\n\ndef for_cdl",
        "    return found[0]\n\n\ndef for_cdl",
    ),
    "no version": ("versions.py", "if not item.AddVersion(name, LOCAL):", "name = before\n    if False:"),
    "page not restored": ("host.py", "self.resolve.OpenPage(page)", "pass"),
    "playhead not restored": (
        "host.py",
        "                self.move(timeline, timecode)",
        "                pass",
    ),
    "the timeline's own settings ignored": ("settings.py", 'own.get("useCustomSettings") == "1"', "False"),
    "marker at an absolute frame": ("markers.py", "start = int(timeline.GetStartFrame())", "start = 0"),
    "marker in a colour that is none": ("markers.py", 'COLOUR = "Sand"', 'COLOUR = "Orange"'),
    "tracks from 0": ("host.py", "range(1, (timeline", "range(0, -1 + (timeline"),
    "an old still taken for fresh": ("frames.py", "if self._may_repeat and _digest", "if False and _digest"),
    "numbers alone in a CDL": ("cdl.py", "if item.SetCDL(texts):", "if False:"),
    "texts alone in a CDL": (
        "cdl.py",
        "dict(numbers, NodeIndex=index, Saturation=float(",
        "dict(numbers, NodeIndex=str(index), Saturation=str(",
    ),
    "a still after the playhead was moved": ("frames.py", "self._may_repeat and self.host.moved", "False"),
    "looked at with the last look on": (
        "bare.py",
        'node if node.has_our_lut or (mode == "cdl" and ours) else None',
        "None",
    ),
    "the last look taken off for good": ("bare.py", "if not version.discard():", "if False:"),
    "grades copied": (
        "batch.py",
        "timeline = grading.timeline\n",
        "timeline = grading.timeline\n    item.CopyGrades([])\n",
    ),
    "titles graded": ("host.py", "        if clip.GetMediaPoolItem() is None:", "        if False:"),
    "written while it plays": ("host.py", "!= first:", "!= first and False:"),
    "a page that is none": ("host.py", 'OpenPage("color")', 'OpenPage("colour")'),
    "undo forgets the marker": ("grading.py", 'if entry.get("marker"):', "if False:"),
}


# By what the mutants of the issue's list are caught.
CAUGHT = {
    "wrong page": "Resolve added no colour version",
    "the user's LUT folder": "Resolve did not take the LUT",
    "no refresh": "Resolve did not take the LUT",
    "node 0": "Resolve says ''",
    "invented method": "caught by the audit",
    "wrong arity": "caught by the audit",
    "keyword arguments": "caught by the audit",
    "overwriting a LUT": "a file was overwritten",
    "display LUT in a log timeline": "the picture is off by",
    "missing read-back": "not refused: Resolve says",
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_is_caught(name, tmp_path, monkeypatch):
    adapter = caught = None
    try:
        adapter = Adapter(tmp_path, monkeypatch, *MUTANTS[name])
        for check in BATTERY:
            check(adapter)
    except Exception as error:
        caught = str(error) or "assertion"
    assert caught is not None
    assert " times in " not in caught, "the mutant does not apply any more"
    assert CAUGHT.get(name, "") in caught


@pytest.mark.parametrize("name", ["invented method", "wrong arity", "keyword arguments"])
def test_the_double_catches_them_without_the_audit(name, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "faults", lambda *_: [])
    adapter = Adapter(tmp_path, monkeypatch, *MUTANTS[name])
    with pytest.raises((TypeError, SurfaceViolation)):
        unmanaged_log(adapter)


def test_every_bug_of_the_issue_is_there():
    assert set(CAUGHT) <= set(MUTANTS)
    assert len(MUTANTS) >= 10
    docs = Path(__file__).parent.parent / "docs/resolve.md"
    assert f"| {len(MUTANTS)} bugs put" in docs.read_text(encoding="utf-8")
    assert f"the {len(RESOLVE_PAIRS)} gamut and gamma pairs" in docs.read_text(encoding="utf-8")
