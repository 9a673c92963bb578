"""The window of Studio and the menu script of the free edition, on the double."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gradewright.hosts.resolve import chart, pictures
from gradewright.hosts.resolve.inside import menu
from gradewright.hosts.resolve.inside.service import Service
from PIL import Image
from resolve_double import FREE_19_1, FREE_21_0, STUDIO_20_3, STUDIO_21_1, ui
from resolve_double.session import Session, picture
from resolve_double.world import SIZE


@pytest.fixture
def session(tmp_path, monkeypatch):
    return made(tmp_path, monkeypatch, STUDIO_20_3)


def made(folder, monkeypatch, profile) -> Session:
    found = Session(folder, profile)
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(found.world.master))
    for number in range(2):
        found.world.add(f"A{number}", picture(number))
    return found


class Played:
    """What a user's actions in the window left behind."""

    def __init__(self, session: Session, *actions, fusion=None) -> None:
        self.bmd = ui.Bmd(session.world, list(actions))
        self.fusion = fusion or ui.Fusion(session.world)
        self.said: list[str] = []
        names = {"bmd": self.bmd, "fusion": self.fusion, "resolve": session.world.resolve}
        self.code = menu.main(names, Service(session.client), session.state, self.said.append)

    @property
    def widgets(self):
        return self.bmd.dispatcher.window.widgets

    @property
    def status(self) -> str:
        return self.widgets["status"].PlainText


def close(window):
    window.On["gradewright"]["Close"](None)


def test_four_looks_choose_apply_undo(session):
    clip = session.world.tracks[0][0]
    thumbnails = []

    def look(window):
        for number in range(4):
            with Image.open(window.widgets[f"look{number}"].Icon.File) as icon:
                thumbnails.append(icon.size)

    played = Played(
        session,
        ui.write("prompt", "Text", "warm golden hour"),
        ui.press("predict"),
        look,
        ui.press("look2"),
        ui.press("apply"),
        close,
    )
    assert played.code == 0
    assert thumbnails == [(64, 36)] * 4
    assert clip.version == "gradewright 1"
    assert [played.widgets[f"look{k}"].Checked for k in range(4)] == [False, False, True, False]
    assert "A0: graded" in played.status
    assert session.state.history() == ["warm golden hour"]
    chosen = {request["variations"] for kind, request in session.client.jobs if kind == "resolve-grade"}
    assert chosen == {4}
    again = Played(session, ui.press("undo"), close)
    assert again.status == "A0: back to 'Version 1'"
    assert clip.version == "Version 1"
    assert again.widgets["prompt"].Text == "warm golden hour"
    assert again.widgets["history"].choices == ["-", "warm golden hour"]
    assert not list(Path(session.state.folder).glob("window-*"))


def test_apply_at_once_with_sliders_and_cdl(session):
    played = Played(
        session,
        ui.write("prompt", "Text", "cooler"),
        ui.write("strength", "Value", 40),
        ui.write("chroma", "Value", 0),
        ui.write("mode", "CurrentIndex", 1),
        ui.press("apply"),
        close,
    )
    ((_, request),) = [job for job in session.client.jobs if job[0] == "resolve-grade"]
    assert (request["strength"], request["luma"], request["chroma"]) == (0.4, 1.0, 0.0)
    assert session.world.tracks[0][0].nodes[0].cdl is not None
    assert "CDL" in played.status


def test_the_playhead_has_moved_meanwhile(session):
    def move(_window):
        session.world.playhead = session.world.tracks[0][1].start

    played = Played(
        session, ui.write("prompt", "Text", "warm"), ui.press("predict"), move, ui.press("apply"), close
    )
    assert played.status == "the playhead is on another clip now: press Looks again"
    assert {clip.version for clip in session.world.tracks[0]} == {"Version 1"}


def test_a_slider_moved_after_the_looks(session):
    Played(
        session,
        ui.write("prompt", "Text", "warm"),
        ui.press("predict"),
        ui.press("look1"),
        ui.write("strength", "Value", 30),
        ui.write("mode", "CurrentIndex", 1),
        ui.press("apply"),
        close,
    )
    asked = [request for kind, request in session.client.jobs if kind == "resolve-grade"]
    assert [(request["strength"], request["mode"]) for request in asked] == [(1.0, "lut"), (0.3, "cdl")]
    assert session.world.tracks[0][0].nodes[0].cdl is not None


def test_old_stills_of_21_1_in_a_window_that_stays_open(tmp_path, monkeypatch):
    """The window's life is one script run: the second clip's still is the first one's again."""
    session = made(tmp_path, monkeypatch, STUDIO_21_1)
    seen = []
    original = session.client.job

    def job(kind, request, *more):
        if kind == "resolve-grade":
            seen.append(pictures.values(Path(request["frame"])))
        return original(kind, request, *more)

    def move(_window):
        session.world.playhead = session.world.tracks[0][1].start

    session.client.job = job
    text = ui.write("prompt", "Text", "warm")
    Played(session, text, ui.press("predict"), move, ui.press("predict"), close)
    for frame, clip in zip(seen, session.world.tracks[0], strict=True):
        assert np.abs(frame - clip.picture).max() < 1 / 255


def test_errors_are_told_in_the_window(session):
    session.world.has_project = False
    played = Played(session, ui.press("apply"), close)
    assert "Resolve gives no project" in played.status
    assert played.code == 0


def test_a_full_disk_does_not_end_the_window(session, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradewright.hosts.resolve.inside.window.shutil.copy", full)
    played = Played(session, ui.write("prompt", "Text", "warm"), ui.press("predict"), close)
    assert played.status == "[Errno 28] No space left on device"
    assert played.code == 0


def test_reference_from_the_gallery(session):
    session.world.stills = [picture(5), picture(6)]
    choose = ui.write("stills", "CurrentIndex", 2)
    changed = ui.press("stills", "CurrentIndexChanged")
    closed = Played(session, choose, changed, close)
    assert "open the Gallery panel" in closed.status
    session.world.gallery_open = True
    seen = []
    played = Played(
        session, choose, changed, lambda w: seen.append(w.widgets["reference"].Text), ui.press("apply"), close
    )
    assert played.widgets["stills"].choices == ["gallery still...", "1.1.1", "1.2.1"]
    assert seen[0].endswith(".png")
    ((_, request),) = [job for job in session.client.jobs if job[0] == "resolve-grade"]
    assert request["reference"] == seen[0]
    assert session.world.tracks[0][0].version == "gradewright 1"


def test_reference_from_a_file(session, tmp_path):
    fusion = ui.Fusion(session.world)
    fusion.file = str(tmp_path / "ref.png")
    played = Played(session, ui.press("file"), close, fusion=fusion)
    assert played.widgets["reference"].Text == fusion.file


def test_cancel_in_the_middle_of_all_clips(session):
    def late_cancel(window):
        if [c for c in session.world.calls if c[0] == "TimelineItem.AddVersion"]:
            window.On["cancel"]["Clicked"](None)

    def arm(_window):
        session_bmd.dispatcher.stepping = late_cancel

    session_bmd = ui.Bmd(session.world, [arm, ui.write("prompt", "Text", "warm"), ui.press("all"), close])
    names = {"bmd": session_bmd, "fusion": ui.Fusion(session.world)}
    assert menu.main(names, Service(session.client), session.state) == 0
    assert "1 of 2 clips graded, stopped by you" in session_bmd.dispatcher.window.widgets["status"].PlainText
    assert session.world.page == "edit"


@pytest.mark.parametrize("profile", [FREE_19_1, FREE_21_0], ids=lambda profile: profile.name)
def test_without_windows_the_last_wish_is_carried_out(profile, tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, profile)
    first = Played(session)
    assert (first.code, first.said) == (1, [menu.NO_WISH])
    session.state.remember({"prompt": "warm", "task": "all"})
    second = Played(session)
    assert second.code == 0
    assert second.said[-1] == "2 of 2 clips graded"
    assert second.bmd.dispatcher is None  # no Studio-only call was made: it would open a modal


@pytest.mark.parametrize("profile", [FREE_21_0, STUDIO_20_3], ids=lambda profile: profile.name)
def test_what_is_asked_once_is_done_once(profile, tmp_path, monkeypatch):
    """An undo or a self-test from the menu, in Studio too; the wish from before stays."""
    session = made(tmp_path, monkeypatch, profile)
    clip = session.world.tracks[0][0]
    session.state.remember({"prompt": "warm"})
    session.grade(params={"exposure": 0.2})
    session.grade(params={"exposure": 0.4})
    session.state.ask_once({"task": "undo"})
    played = Played(session, close)
    assert played.said == ["A0: back to 'gradewright 1'"]
    assert played.bmd.dispatcher is None
    again = Played(session, close)
    assert clip.version == ("gradewright 1" if profile.studio else "gradewright 2")
    assert bool(again.bmd.dispatcher) == profile.studio


def test_a_selftest_from_studios_menu_never_runs_twice(tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, STUDIO_20_3)
    session.world.has_timeline = False
    drawn, record = chart.write(tmp_path / "chart.png", SIZE), tmp_path / "out.jsonl"
    session.state.ask_once({"task": "selftest", "chart": str(drawn), "record": str(record)})
    assert Played(session, close).said[-1] == f"evidence: {record}"
    evidence = record.read_bytes()
    Played(session, close)
    assert record.read_bytes() == evidence


def test_without_resolve():
    said = []
    assert menu.main({}, None, None, said.append) == 1
    assert said == ["gradewright: start this from Resolve's menu Workspace > Scripts"]


def test_studio_from_outside_has_no_window(tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, STUDIO_21_1)
    session.state.remember({"prompt": "warm"})
    said = []
    names = {"resolve": session.world.scriptapp("Resolve")}
    assert menu.main(names, Service(session.client), session.state, said.append) == 0
    assert "A0: graded" in said
    assert made(tmp_path / "free", monkeypatch, FREE_21_0).world.scriptapp("Resolve") is None
