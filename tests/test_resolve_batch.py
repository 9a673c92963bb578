"""Many clips in one run, and shot match, on the strict double."""

from __future__ import annotations

import numpy as np
import pytest
from gradewright.core.colour import delta_e_srgb
from gradewright.core.recipe import Recipe
from gradewright.hosts.resolve.inside import batch, grading, luts, timecode
from gradewright.hosts.resolve.inside.errors import ResolveError
from resolve_double import PROFILES, STUDIO_20_3, STUDIO_21_1
from resolve_double.session import WARM, Session, picture
from resolve_double.world import START, Node


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Four clips, the third with a user's LUT on its only node."""
    return made(tmp_path, monkeypatch)


def made(folder, monkeypatch, profile=STUDIO_20_3) -> Session:
    found = Session(folder, profile)
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(found.world.master))
    for number in range(4):
        found.world.add(f"A{number}", picture(number))
    found.world.tracks[0][2].nodes[0].lut = "Film/user.cube"
    return found


def run_all(session: Session, cancelled=None, **wish):
    with session.grading(cancelled) as run:
        return batch.grade_all(run, wish or WARM, batch.footage(run))


def test_every_clip_has_its_own_result(session):
    report = run_all(session)
    assert [result.done for result in report.results] == [True, True, False, True]
    assert "every node holds a LUT already" in report.results[2].error
    assert report.summary == "3 of 4 clips graded, 1 not"
    assert session.world.tracks[0][2].nodes[0].lut == "Film/user.cube"
    assert (session.world.page, session.world.playhead) == ("edit", START)
    assert all(result.check["ok"] for result in report.results if result.done)


def test_each_clip_is_predicted_from_its_own_frame(session):
    run_all(session)
    frames = [request["frame"] for kind, request in session.client.jobs if kind == "resolve-grade"]
    assert len(set(frames)) == 4


@pytest.mark.parametrize("profile", [p for p in PROFILES if p.python], ids=lambda profile: profile.name)
def test_cancelled_in_the_middle(profile, tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, profile)
    before = [clip.state() for clip in session.world.tracks[0]]
    done = []

    def cancelled():
        done.append(1)
        return len([c for c in session.world.calls if c[0] == "TimelineItem.AddVersion"]) == 1

    report = run_all(session, cancelled)
    assert report.stopped
    assert [result.done for result in report.results] == [True, False, False, False]
    assert report.text()[-1].startswith("1 of 4 clips graded, stopped by you")
    assert (session.world.page, session.world.playhead) == ("edit", START)
    assert [clip.state() for clip in session.world.tracks[0]][1:] == before[1:]
    grading.undo(session.host, session.state)
    assert [clip.state() for clip in session.world.tracks[0]] == before


def test_stopped_from_outside(session):
    """`gradewright resolve cancel`: the only way where scripts have no window."""
    assert not session.state.ask_to_stop()  # nothing is at work
    asked = []
    session.world.hooks["AddVersion"] = lambda: asked.append(session.state.ask_to_stop())
    report = run_all(session)
    assert asked == [True]
    assert [result.done for result in report.results] == [True, False, False, False]
    assert not session.state.stop_asked()
    session.world.hooks.clear()
    assert [result.done for result in run_all(session).results] == [True, True, False, True]


def test_a_match_that_is_stopped_says_what_is_done(session):
    scene(session)
    session.world.hooks["AddVersion"] = session.state.ask_to_stop
    report = matched(session)
    assert [result.done for result in report.results] == [True, False, False, False]
    assert report.stopped
    assert (session.world.page, session.world.playhead) == ("edit", START)


def test_a_full_disk_is_one_clips_error(session, monkeypatch):
    """What the file system refuses is told like any other error; the other clips go on."""
    original = luts.place

    def place(source, *more):
        if len([c for c in session.world.calls if c[0] == "TimelineItem.AddVersion"]) == 1:
            monkeypatch.setattr(luts, "place", original)
            raise OSError(28, "No space left on device")
        return original(source, *more)

    monkeypatch.setattr(luts, "place", place)
    report = run_all(session)
    assert [result.done for result in report.results] == [True, False, False, True]
    assert report.results[1].error == "[Errno 28] No space left on device"


def test_one_undo_for_the_whole_run(session):
    before = [clip.state() for clip in session.world.tracks[0]]
    session.grade(params={"exposure": 0.1})
    run_all(session)
    lines = grading.undo(session.host, session.state)
    assert lines == ["A3: back to 'Version 1'", "A1: back to 'Version 1'", "A0: back to 'gradewright 1'"]
    assert len(session.world.markers) == 1
    grading.undo(session.host, session.state)
    assert [clip.state() for clip in session.world.tracks[0]] == before
    assert not session.world.markers
    assert (session.world.page, session.world.playhead) == ("edit", START)


def test_undo_of_what_somebody_else_has_changed(session):
    clip = session.world.tracks[0][0]
    session.grade()
    clip.versions = {"mine": [Node()]}
    clip.version = "mine"
    assert grading.undo(session.host, session.state) == ["A0: the version 'gradewright 1' is gone already"]
    assert clip.version == "mine"


def test_undo_of_a_clip_that_is_gone(session):
    session.grade()
    session.world.tracks[0][0].uid = "another"
    assert grading.undo(session.host, session.state) == ["A0: no longer on the timeline"]


def test_titles_transitions_and_disabled_clips_are_left_out(session):
    session.world.add("Cross Dissolve", kind="transition")
    session.world.add("Text+", kind="title")
    session.world.add("off", picture(9), enabled=False)
    assert [result.clip for result in run_all(session).results] == ["A0", "A1", "A2", "A3"]


def test_a_covered_clip_is_told(session):
    session.world.add("over", picture(7), track=2, start=START)
    report = run_all(session)
    assert "covered by another track at 01:00:01:00" in report.results[0].error
    assert report.results[4].done


def test_empty_timeline(session):
    session.world.tracks = [[]]
    with pytest.raises(ResolveError, match="is empty"):
        run_all(session)


def test_21_1_hands_out_old_stills_so_thumbnails_serve(tmp_path, monkeypatch):
    """From the second clip on ExportCurrentFrameAsStill repeats the first clip's frame."""
    session = made(tmp_path, monkeypatch, STUDIO_21_1)
    seen = []
    original = session.client.job

    def job(kind, request, *more):
        if kind == "resolve-grade":
            from gradewright.hosts.resolve import pictures

            seen.append(pictures.values(__import__("pathlib").Path(request["frame"])))
        return original(kind, request, *more)

    session.client.job = job
    run_all(session)
    for number, clip in enumerate(session.world.tracks[0]):
        assert np.abs(seen[number] - clip.picture).max() < 1 / 255, number


def test_21_1_shows_the_frame_from_before_the_playhead_was_moved(tmp_path, monkeypatch):
    """So that no clip of a batch is predicted from a still; without thumbnails none is graded."""
    session = made(tmp_path, monkeypatch, STUDIO_21_1)
    session.world.playhead = session.world.tracks[0][3].start
    run_all(session)
    assert "Project.ExportCurrentFrameAsStill" not in dict(session.world.calls)
    session.world.foreground = False
    report = run_all(session)
    assert not any(result.done for result in report.results)
    assert "bring it to the front" in report.results[0].error


def test_a_second_match_is_told_from_the_shots_without_the_first(session):
    scene(session)
    shots = session.world.tracks[0][1:]
    first = matched(session)
    looks = [clip.nodes[0].lut for clip in shots]
    second = matched(session)
    assert [clip.nodes[0].lut for clip in shots] == looks
    assert second.lines == first.lines
    assert all(result.check["ok"] for result in second.results)


CASTS = (Recipe(temperature=-40, exposure=-0.3), Recipe(temperature=35))


def scene(session: Session) -> None:
    """A hero and four shots by two cameras: one cold and dark, the other warm."""
    session.world.tracks = [[]]
    wide = np.kron(picture(3), np.ones((4, 4, 1), np.float32))
    rng = np.random.default_rng(5)
    detail = np.kron(rng.normal(0, 0.12, (36, 64, 1)), np.ones((4, 4, 1)))
    wide = np.clip(wide + detail, 0.03, 0.97).astype(np.float32)
    session.world.add("hero", wide)
    for number in range(4):
        shifted = np.roll(wide, 3 * number, axis=1)
        session.world.add(f"S{number}", CASTS[number % 2].apply(shifted).astype(np.float32))


def matched(session: Session, **wish):
    with session.grading() as run:
        items = batch.footage(run)
        return batch.match_scene(run, run.host.clip(run.timeline), items, wish)


def test_a_scene_is_matched_to_its_hero_with_one_look_per_camera(session):
    scene(session)
    hero, *shots = session.world.tracks[0]
    before = [
        delta_e_srgb(clip.picture, np.roll(hero.picture, 3 * k, axis=1)).mean()
        for k, clip in enumerate(shots)
    ]
    report = matched(session)
    assert [result.done for result in report.results] == [True] * 4, [r.error for r in report.results]
    after = [
        delta_e_srgb(session.world.render(clip), np.roll(hero.picture, 3 * k, axis=1)).mean()
        for k, clip in enumerate(shots)
    ]
    assert all(now < 0.35 * was for now, was in zip(after, before, strict=True)), (before, after)
    looks = [clip.nodes[0].lut for clip in shots]
    assert looks[0] == looks[2]
    assert looks[1] == looks[3] != looks[0]
    assert hero.version == "Version 1"
    assert report.lines[1].startswith("S0: ")
    assert " -> " in report.lines[1]
    assert report.lines[1].endswith("look 1")
    grading.undo(session.host, session.state)
    assert {clip.version for clip in shots} == {"Version 1"}


def test_a_match_needs_other_clips(session):
    session.world.tracks = [session.world.tracks[0][:1]]
    with pytest.raises(ResolveError, match="no other clips to match to 'A0'"):
        matched(session)


class TestTimecode:
    """SMPTE ST 12-1."""

    @pytest.mark.parametrize(
        ("code", "frames", "rate", "later"),
        [
            ("01:00:00:00", 24, "24", "01:00:01:00"),
            ("00:59:59:23", 1, "23.976", "01:00:00:00"),
            ("01:00:00:00", -1, "25.0", "00:59:59:24"),
            ("00:00:59;29", 1, "29.97 DF", "00:01:00;02"),
            ("00:09:59;29", 1, "29.97 DF", "00:10:00;00"),
            ("00:00:00;00", 17982, "29.97", "00:10:00;00"),
            ("00:00:59;59", 1, "59.94 DF", "00:01:00;04"),
        ],
    )
    def test_shifted(self, code, frames, rate, later):
        assert timecode.shifted(code, frames, rate) == later

    def test_drop_frame_counts_through_a_day(self):
        """Each code is the one before plus one frame, and dropped numbers never appear."""
        code = "00:00:58;00"
        seen = set()
        for _ in range(2000):
            assert code not in seen
            seen.add(code)
            after = timecode.shifted(code, 1, "29.97 DF")
            assert timecode.shifted(after, -1, "29.97 DF") == code
            code = after
        assert "00:01:00;00" not in seen
        assert "00:01:00;01" not in seen

    @pytest.mark.parametrize(("code", "rate"), [("1:2:3", "24"), ("01:00:00:00", ""), ("01:00:00:00", "0")])
    def test_unreadable(self, code, rate):
        with pytest.raises(ResolveError, match="cannot be read"):
            timecode.shifted(code, 1, rate)
