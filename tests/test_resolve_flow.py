"""The flow for one clip, on the strict double."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gradewright.core import Recipe
from gradewright.core.space_list import RESOLVE_PAIRS
from gradewright.hosts.resolve import tasks
from gradewright.hosts.resolve.inside import grading, nodes
from gradewright.hosts.resolve.inside.errors import ResolveError, Stopped
from resolve_double import PROFILES, STUDIO_20_3, STUDIO_21_1, cube_grammar
from resolve_double import pixels as oracle
from resolve_double.session import WARM, Session, picture
from resolve_double.world import START, Node

SCIENCES = ("davinciYRGB", "davinciYRGBColorManagedv2", "acescct", "acescc")
PYTHON_PROFILES = tuple(profile for profile in PROFILES if profile.python)


@pytest.fixture(params=PYTHON_PROFILES, ids=lambda profile: profile.name)
def session(request, tmp_path, monkeypatch):
    """Every edition that runs Python, with two clips on an unmanaged Rec.709 timeline."""
    return made(tmp_path, monkeypatch, request.param)


def made(folder: Path, monkeypatch, profile=STUDIO_20_3, science="davinciYRGB", **settings) -> Session:
    found = Session(folder, profile, science)
    found.world.settings.update(settings)
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(found.world.master))
    found.world.add("A001", picture(1))
    found.world.add("A002", picture(2))
    return found


def refused(session: Session, **wish) -> str:
    """Grade, demand one readable line, an untouched timeline, the user's page and playhead."""
    before = snapshot(session)
    with pytest.raises(ResolveError) as error:
        session.grade(**wish)
    assert snapshot(session) == before
    assert "\n" not in str(error.value)
    return str(error.value)


def snapshot(session: Session) -> tuple:
    world = session.world
    clips = [clip.state() for row in world.tracks for clip in row]
    return clips, world.page, world.playhead if not world.playing else None, dict(world.markers)


def wanted(session: Session, clip) -> np.ndarray:
    """The look on what the viewer showed before, not by the adapter's way: sRGB -> recipe -> back."""
    world = session.world
    display = world.display or "sRGB - Display"
    seen = oracle.convert(before_look(session, clip), display, "sRGB - Display")
    return oracle.convert(Recipe(**WARM["params"]).apply(seen).astype(np.float32), "sRGB - Display", display)


def before_look(session: Session, clip) -> np.ndarray:
    loaded, clip.version = clip.version, "Version 1"
    shown = session.world.render(clip)
    clip.version = loaded
    return shown


@pytest.mark.parametrize("profile", PYTHON_PROFILES, ids=lambda profile: profile.name)
def test_a_look_arrives_in_a_new_version(profile, tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, profile)
    clip = session.world.tracks[0][0]
    result = session.grade(**WARM)
    assert result.done
    assert clip.version == "gradewright 1"
    assert clip.versions["Version 1"] == [Node()]
    assert clip.nodes[0].lut.startswith("gradewright/")
    assert session.world.page == "edit"
    assert session.world.playhead == START
    (marker,) = session.world.markers.values()
    assert marker["customData"].startswith("gradewright:")
    assert "space: Rec.709 Gamma 2.4" in marker["note"]


@pytest.mark.parametrize("science", SCIENCES)
def test_pixels_are_the_look_in_the_timelines_own_space(science, tmp_path, monkeypatch):
    """Against OpenColorIO and the recipe's own formula, not against the adapter's render."""
    session = made(tmp_path, monkeypatch, science=science)
    clip = session.world.tracks[0][0]
    result = session.grade(**WARM, size=33)
    error = np.abs(session.world.render(clip) - wanted(session, clip))
    assert error.mean() < 0.004
    assert np.quantile(error, 0.99) < 0.02
    assert result.check["ok"]
    assert result.check["mean_de"] < 1


def test_an_unmanaged_log_timeline_gets_a_baked_look(tmp_path, monkeypatch):
    log = {
        "separateColorSpaceAndGamma": "1",
        "colorSpaceTimeline": "Sony S-Gamut3.Cine",
        "colorSpaceTimelineGamma": "S-Log3",
    }
    session = made(tmp_path, monkeypatch, **log)
    clip = session.world.tracks[0][0]
    result = session.grade(**WARM, size=33)
    assert result.grade["space"] == "S-Log3 S-Gamut3.Cine"
    seen = [
        oracle.viewed(values, "S-Log3 S-Gamut3.Cine", "sRGB - Display")
        for values in (before_look(session, clip), session.world.render(clip))
    ]
    error = np.abs(seen[1] - Recipe(**WARM["params"]).apply(seen[0]))
    assert error.mean() < 0.005
    assert result.check["ok"]


def test_the_timelines_own_settings_win(session):
    session.world.own_settings.update(
        useCustomSettings="1",
        separateColorSpaceAndGamma="1",
        colorSpaceTimeline="DaVinci WG",
        colorSpaceTimelineGamma="DaVinci Intermediate",
    )
    assert session.grade(**WARM, size=17).grade["space"] == "DaVinci Intermediate WideGamut"


@pytest.mark.parametrize("profile", PYTHON_PROFILES, ids=lambda profile: profile.name)
def test_cdl_only(profile, tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, profile)
    clip = session.world.tracks[0][0]
    result = session.grade(**WARM, mode="cdl")
    assert clip.nodes[0].lut == ""
    assert clip.nodes[0].cdl["saturation"] == pytest.approx(result.grade["cdl"]["saturation"], abs=1e-6)
    assert any("dE2000 from the look" in line for line in result.lines)
    error = np.abs(session.world.render(clip) - wanted(session, clip))
    assert error.mean() < 0.02
    assert not list(session.world.master.rglob("*.cube"))


@pytest.mark.parametrize("science", ["davinciYRGBColorManagedv2", "acescct"])
def test_a_cdl_works_in_the_values_of_the_primaries(science, tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, science=science)
    clip = session.world.tracks[0][0]
    result = session.grade(**WARM, mode="cdl")
    assert result.check["mean_de"] < 1
    assert np.abs(session.world.render(clip) - wanted(session, clip)).mean() < 0.02


def test_a_remote_version_comes_back_as_one(session):
    clip = session.world.tracks[0][0]
    clip.remote, clip.version, clip.version_type = {"Version 1": [Node(tools=["Corrector"])]}, "Version 1", 1
    before = clip.state()
    session.grade(**WARM)
    assert (clip.version, clip.version_type) == ("gradewright 1", 0)
    assert clip.nodes[0].tools == ["Corrector"]
    grading.undo(session.host, session.state)
    assert clip.state() == before


def test_undo_gives_everything_back(session):
    before = snapshot(session)
    session.grade(**WARM)
    (line,) = grading.undo(session.host, session.state)
    assert line == "A001: back to 'Version 1'"
    assert snapshot(session) == before
    with pytest.raises(ResolveError, match="nothing of ours to undo"):
        grading.undo(session.host, session.state)


def test_what_undo_cannot_take_back_can_be_tried_again(session, monkeypatch):
    session.grade(**WARM)
    with monkeypatch.context() as refusing:
        refusing.setattr("resolve_double.objects.ItemObject._LoadVersionByName", lambda *_: False)
        (line,) = grading.undo(session.host, session.state)
    assert "did not go back to 'Version 1'; load it by hand" in line
    assert session.world.markers
    assert grading.undo(session.host, session.state) == ["A001: back to 'Version 1'"]


def test_the_journal_is_written_clip_by_clip(session, monkeypatch):
    """Resolve may end in the middle: what was done can still be undone."""

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradewright.hosts.resolve.inside.markers.add", crash)
    with pytest.raises(KeyboardInterrupt):
        session.grade(**WARM)
    assert session.world.page == "edit"
    assert grading.undo(session.host, session.state) == ["A001: back to 'Version 1'"]


def test_a_second_look_replaces_our_own_and_not_the_users(session):
    clip = session.world.tracks[0][0]
    clip.nodes[:] = [Node(lut=""), Node(tools=["Corrector"])]
    first = session.grade(**WARM)
    second = session.grade(params={"exposure": -0.5})
    assert clip.version == "gradewright 2"
    assert clip.nodes[0].lut != clip.versions["gradewright 1"][0].lut
    assert clip.nodes[1] == Node(tools=["Corrector"])
    assert first.done
    assert second.done


@pytest.mark.parametrize("mode", ["lut", "cdl"])
def test_a_second_look_is_told_from_the_clip_without_the_first(mode, session):
    """What it replaces must not be in the frame that it is predicted from and compared with."""
    clip = session.world.tracks[0][0]
    clip.nodes[0].label = "gradewright"
    session.grade(**WARM, mode=mode)
    first = clip.state()[0]
    seen = []
    session.world.hooks["ExportCurrentFrameAsStill"] = lambda: seen.append(session.world.render(clip))
    result = session.grade(params={"exposure": -0.5}, mode=mode)
    assert np.array_equal(seen[0], before_look(session, clip))
    assert verdict(session, "the frame agrees with our own render") in result.lines[-1]
    assert {name: clip.versions[name] for name in first} == first
    assert list(clip.versions) == ["Version 1", "gradewright 1", "gradewright 2"]
    assert session.world.page == "edit"


@pytest.mark.parametrize("label", ["", "gradewright"])
def test_a_cdl_instead_of_our_lut(label, session):
    clip = session.world.tracks[0][0]
    clip.nodes[0].label = label
    session.grade(**WARM)
    result = session.grade(**WARM, mode="cdl")
    assert clip.nodes[0].lut == ""
    assert clip.nodes[0].cdl is not None
    assert clip.versions["gradewright 1"][0].lut.startswith("gradewright/")
    assert verdict(session, "the frame agrees with our own render") in result.lines[-1]


def test_a_cdl_leaves_a_users_lut_on_the_labelled_node(session):
    session.world.tracks[0][0].nodes[0] = Node(label="gradewright", lut="Film/k.cube")
    session.grade(**WARM, mode="cdl")
    session.grade(**WARM, mode="cdl")
    assert session.world.tracks[0][0].nodes[0].lut == "Film/k.cube"


def test_what_fails_while_the_last_look_is_off_puts_it_on_again(session):
    session.grade(**WARM)
    session.world.exports = session.world.foreground = False
    assert "exported no frame" in refused(session)
    session.world.exports = session.world.foreground = True
    session.client.alive = False
    assert "not running" in refused(session)


def test_the_last_look_that_resolve_does_not_take_off(session, monkeypatch):
    session.grade(**WARM)
    monkeypatch.setattr("resolve_double.objects.GraphObject._SetLUT", lambda *_: False)
    assert refused(session) == "Resolve did not take the last look off node 1"


class TestNodes:
    """A user's LUT is never replaced."""

    @pytest.mark.parametrize(
        ("graph", "taken"),
        [
            ([Node(), Node()], 1),
            ([Node(lut="Film/k.cube"), Node()], 2),
            ([Node(tools=["Corrector"]), Node()], 2),
            ([Node(tools=["Corrector"]), Node(lut="Film/k.cube")], 1),
            ([Node(), Node(label="gradewright")], 2),
            ([Node(), Node(label=" GradeWright ")], 2),
            ([Node(), Node(lut="gradewright/old-1.cube")], 2),
            ([Node(), Node(lut="sub\\gradewright\\old-1.cube")], 2),
            ([Node(label="gradewright", lut="gradewright/old-1.cube"), Node()], 1),
        ],
    )
    def test_choice(self, graph, taken):
        found = [nodes.Node(k, n.label, n.lut, n.tools) for k, n in enumerate(graph, 1)]
        assert nodes.for_lut(found).index == taken

    def test_only_user_luts(self, session):
        session.world.tracks[0][0].nodes[0].lut = "Film/k.cube"
        assert "every node holds a LUT already" in refused(session)

    def test_a_users_lut_on_the_labelled_node(self, session):
        session.world.tracks[0][0].nodes[:] = [Node(), Node(label="gradewright", lut="Film/k.cube")]
        assert "holds the LUT Film/k.cube, which is not ours" in refused(session)

    def test_a_cdl_never_replaces_primaries(self, session):
        session.world.tracks[0][0].nodes[0].tools = ["Primary"]
        assert "every node has a grade" in refused(session, **WARM, mode="cdl")

    def test_no_nodes(self, session):
        session.world.tracks[0][0].nodes.clear()
        assert "has no nodes" in refused(session)


class TestRefusals:
    """Each bad situation: one clear line, nothing changed, the page restored."""

    def test_no_project(self, session):
        session.world.has_project = False
        assert "Resolve gives no project" in refused(session)

    def test_busy_for_ever(self, session):
        session.world.busy = 99
        assert "busy" in refused(session)

    def test_busy_for_a_moment(self, session):
        session.world.busy = 2
        assert session.grade().done

    def test_no_timeline(self, session):
        session.world.has_timeline = False
        assert refused(session) == "the project 'Untitled Project' has no timeline open: open one"

    def test_empty_timeline(self, session):
        session.world.tracks = [[]]
        assert "the timeline 'Timeline 1' is empty" in refused(session)

    def test_gap(self, session):
        session.world.tracks[0][0].start += 5
        assert refused(session) == "the playhead stands in a gap: move it onto a clip"

    def test_title(self, session):
        session.world.add("Text+", track=2, start=START, kind="title")
        assert "'Text+' is a title, a generator or a transition" in refused(session)

    def test_playback(self, session):
        session.world.playing = True
        assert refused(session) == "playback is running: stop it and try again"

    def test_unknown_colour_science(self, tmp_path, monkeypatch):
        session = made(tmp_path, monkeypatch, colorScienceMode="filmlightTCAM")
        message = refused(session)
        assert "'filmlightTCAM' is not known" in message
        assert "acescct" in message

    def test_unknown_space(self, session):
        session.world.settings.update(colorSpaceTimeline="GoPro Protune Native")
        message = refused(session)
        assert "'GoPro Protune Native' is not supported; these are: Rec.709 / Gamma 2.4" in message

    def test_service_not_running(self, session):
        session.client.alive = False
        assert "the grading service is not running" in refused(session)

    def test_read_only_lut_folder(self, session, monkeypatch):
        def denied(*_args, **_more):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("gradewright.hosts.resolve.inside.luts._write_new", denied)
        message = refused(session)
        assert f"{session.world.master}/gradewright cannot be written (Permission denied)" in message
        assert "sudo" in message
        assert "custom LUT path" in message

    @pytest.mark.skipif(os.geteuid() == 0 or os.name == "nt", reason="root may write anywhere")
    def test_read_only_lut_folder_for_real(self, session):
        session.world.master.chmod(stat.S_IRUSR | stat.S_IXUSR)
        try:
            assert "cannot be written" in refused(session)
        finally:
            session.world.master.chmod(0o755)

    def test_no_lut_folder(self, session, monkeypatch):
        monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", "")
        assert "no LUT folder of Resolve was found" in refused(session)

    def test_nothing_asked(self, session):
        assert "nothing was asked for" in refused(session, strength=0.5)

    def test_too_old(self, session):
        session.world.profile = replace(session.world.profile, version=(17, 4, 6))
        assert "is too old" in refused(session)

    def test_no_frame(self, session):
        session.world.exports = session.world.foreground = False
        assert "exported no frame" in refused(session)

    def test_a_frame_from_the_thumbnail(self, session):
        session.world.exports = False
        assert session.grade().done

    def test_a_version_without_a_name(self, session, monkeypatch):
        monkeypatch.setattr("resolve_double.objects.ItemObject._GetCurrentVersion", lambda *_: {})
        assert "does not say which version of 'A001' is loaded" in refused(session)

    def test_a_modal_waits(self, session):
        session.world.modal = True
        assert "close its dialogs" in refused(session)

    def test_versions_that_start_empty(self, session):
        session.world.empty_versions = True
        session.world.tracks[0][0].nodes[:] = [Node(tools=["Corrector"]), Node()]
        assert "did not start as a copy of the grade" in refused(session)

    def test_two_of_us(self, session):
        with session.state.alone():
            assert "another gradewright run is at work" in refused(session)

    def test_a_lock_of_a_dead_process_does_not_count(self, session):
        Path(session.state.path("at-work.lock")).write_text("999999999")
        assert session.grade().done

    def test_a_long_run_keeps_its_lock(self, session):
        long_ago = 1_000_000_000
        with session.grading() as run:
            lock = session.state.path("at-work.lock")
            os.utime(lock, (long_ago, long_ago))
            run.check_stop()
            assert os.path.getmtime(lock) > long_ago
            with pytest.raises(ResolveError, match="another gradewright run"), session.state.alone():
                pass

    def test_cancelled(self, session):
        before = snapshot(session)
        with pytest.raises(Stopped), session.grading(cancelled=lambda: True) as run:
            run.current(WARM)
        assert snapshot(session) == before


class TestRollBack:
    """What fails after the version was made is taken back."""

    def test_set_lut_refused(self, session):
        def outside():
            session.world.listed = {}

        session.world.hooks["SetLUT"] = outside
        message = refused(session)
        assert "Resolve did not take the LUT gradewright/" in message

    def test_read_back_differs(self, session, monkeypatch):
        monkeypatch.setattr("resolve_double.objects.GraphObject._SetLUT", lambda *_: True)
        assert "Resolve says ''" in refused(session)

    def test_no_version(self, session, monkeypatch):
        monkeypatch.setattr("resolve_double.objects.ItemObject._AddVersion", lambda *_: False)
        assert "nothing was changed" in refused(session)

    def test_a_version_that_is_not_loaded(self, session, monkeypatch):
        def add(item, name, _kind):
            item._of.versions[name] = [Node()]
            return True

        monkeypatch.setattr("resolve_double.objects.ItemObject._AddVersion", add)
        assert session.grade().done  # it is loaded by name then
        assert session.world.tracks[0][0].version == "gradewright 1"

    @pytest.mark.parametrize("again", [False, True], ids=["first look", "a look again"])
    def test_playback_that_starts_in_the_middle(self, again, session):
        """Resolve takes nothing then, not even the way back: undo has it later."""
        clip = session.world.tracks[0][0]
        if again:
            session.grade(**WARM)
        before = clip.state()

        def play():
            session.world.playing = True

        session.world.hooks["GetLUT"] = lambda: clip.version == before[1] or play()
        with pytest.raises(ResolveError, match=r"did not go back to the version '.*undo, or load it by hand"):
            session.grade(params={"exposure": -0.5})
        session.world.playing, session.world.playhead, session.world.hooks = False, START, {}
        assert {name: clip.versions[name] for name in before[0]} == before[0]
        grading.undo(session.host, session.state)
        assert clip.state() == before

    def test_cdl_refused(self, session, monkeypatch):
        monkeypatch.setattr("resolve_double.objects.ItemObject._SetCDL", lambda *_: False)
        assert refused(session, **WARM, mode="cdl") == "Resolve did not take the CDL on node 1"


class TestCollisions:
    """Names that are taken."""

    def test_files_are_named_by_content(self, session):
        session.grade(**WARM)
        (first,) = session.world.master.rglob("*.cube")
        before = first.read_bytes(), first.stat().st_mtime_ns
        session.grade(**WARM)
        assert [first] == list(session.world.master.rglob("*.cube"))
        assert (first.read_bytes(), first.stat().st_mtime_ns) == before

    def test_a_foreign_file_of_our_name_stays(self, session):
        session.grade(**WARM)
        (ours,) = session.world.master.rglob("*.cube")
        ours.write_text("somebody else's")
        session.world.refresh()
        assert session.grade(**WARM).done
        assert ours.read_text() == "somebody else's"
        assert len(list(session.world.master.rglob("*.cube"))) == 2

    def test_version_names_count_on(self, session):
        clip = session.world.tracks[0][0]
        clip.versions["gradewright 1"] = [Node()]
        session.grade()
        assert clip.version == "gradewright 2"

    def test_a_frame_with_a_marker(self, session):
        session.world.markers[0] = {"color": "Blue", "name": "mine", "note": "", "customData": ""}
        session.grade()
        assert session.world.markers[0]["name"] == "mine"
        assert session.world.markers[1]["customData"].startswith("gradewright:")

    def test_custom_lut_paths(self, session, tmp_path, monkeypatch):
        monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", "")
        own = tmp_path / "my luts"
        own.mkdir()
        session.world.custom.append(own)
        session.state.set_lut_folders([str(own)])
        assert session.grade().done
        assert list(own.rglob("*.cube"))


NASTY = "warm \"golden\" hour,\nteal shadows 'n' 🌅 \\ ]] %s"


def test_a_prompt_with_quotes_newlines_and_emoji(session):
    result = session.grade(prompt=NASTY)
    assert result.done
    (path,) = session.world.master.rglob("*.cube")
    assert path.name.startswith("warm-golden-hour-teal-shadows-n-")
    note = next(iter(session.world.markers.values()))["note"]
    assert "prompt: warm \"golden\" hour, teal shadows 'n' 🌅 \\ ]] %s" in note
    session.state.remember({"prompt": NASTY})
    assert session.state.history() == [NASTY]


def test_a_second_client_that_moves_the_playhead(session):
    """The look stays on the clip it was made for, and no other clip's frame is compared with it."""
    first, second = session.world.tracks[0]

    def move():
        session.world.playhead = second.start

    session.world.hooks["RefreshLUTList"] = move
    result = session.grade()
    assert first.version == "gradewright 1"
    assert second.version == "Version 1"
    assert any("not compared" in line for line in result.lines)
    assert session.world.playhead == START


def test_a_second_client_that_moves_the_playhead_before_the_frame_is_exported(session):
    second = session.world.tracks[0][1]
    hook = "GetCurrentClipThumbnailImage" if session.world.profile.one_still else "ExportCurrentFrameAsStill"
    session.world.exports = not session.world.profile.one_still
    session.world.hooks[hook] = lambda: setattr(session.world, "playhead", second.start)
    assert "the playhead left 'A001' while its frame was exported" in refused(session)


def test_a_look_that_cannot_be_seen_is_told(session):
    session.world.hooks["AddMarker"] = lambda: setattr(session.world, "bypass", True)
    assert verdict(session, "the frame did not change at all") in session.grade().lines[-1]


def verdict(session: Session, said: str) -> str:
    """What the last line says; where a run has one fresh still only, nothing can be compared."""
    return "was not compared with our own render" if session.world.profile.one_still else said


def test_another_nodes_interference_is_told(session):
    clip = session.world.tracks[0][0]

    def meddle():
        clip.nodes[0].cdl = {"slope": [1.3] * 3, "offset": [0.0] * 3, "power": [1.0] * 3, "saturation": 1.0}

    session.world.hooks["AddMarker"] = meddle
    said = "warning: the frame differs from our own render"
    assert verdict(session, said) in session.grade().lines[-1]


def test_21_1_gives_one_still_a_run(tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, STUDIO_21_1)
    result = session.grade()
    assert result.done
    assert any("not compared with our own render" in line for line in result.lines)


def test_log_footage_in_a_display_timeline_is_pointed_out(session):
    session.world.tracks[0][0].metadata["Gamma Notes"] = "LOG-C"
    result = session.grade()
    assert any("Gamma Notes 'LOG-C'" in line and "--space" in line for line in result.lines)
    quiet = session.grade(**WARM, space="Rec.709 Gamma 2.4")
    assert not any("LOG-C" in line for line in quiet.lines)


def test_an_hdr_output_is_not_looked_at(tmp_path, monkeypatch):
    more = {"colorSpaceOutput": "Rec.2020", "colorSpaceOutputGamma": "Rec.2100 ST2084"}
    session = made(tmp_path, monkeypatch, science="davinciYRGBColorManagedv2", **more)
    result = session.grade(**WARM, size=17)
    assert result.done
    assert any("not one whose pictures can be read here" in line for line in result.lines)


def test_the_run_folder_is_gone_afterwards(session):
    session.grade()
    assert not list(Path(session.state.folder).glob("run-*"))


def test_the_service_knows_these_jobs(tmp_path):
    from gradewright.core.errors import BadInput
    from gradewright.hosts.resolve.tasks import KINDS
    from gradewright.hosts.tasks import work

    assert set(KINDS) <= set(work.KINDS)
    settings = {"colorScienceMode": "davinciYRGB", "colorSpaceTimeline": "Rec.709 Gamma 2.4"}
    request = {"settings": settings, "folder": str(tmp_path), **WARM}
    answer = work.work("resolve-grade", request, lambda: tmp_path)(lambda *_: None)
    assert Path(answer["grades"][0]["files"]["cube"]).is_file()
    for kind, wrong, message in (
        ("resolve-grade", {}, "a resolve-grade request needs 'settings'"),
        ("resolve-grade", {"hero": "/a"}, "has no field 'hero'"),
        ("resolve-grade", {"settings": []}, "settings: an object of texts is needed"),
        ("resolve-match", {"names": "a"}, "names: a list of texts is needed"),
        ("resolve-compare", {"tolerance": True}, r"tolerance: a number 0\.\.100 is needed"),
    ):
        with pytest.raises(BadInput, match=message):
            work.work(kind, wrong, lambda: tmp_path)


@pytest.mark.parametrize(
    ("settings", "lut", "cdl", "frame"),
    [
        ({"colorAcesNodeLUTProcessingSpace": "acesAp0Linear"}, "ACES2065-1", "ACEScct", "sRGB"),
        ({"colorAcesNodeLUTProcessingSpace": "projectSetting"}, "ACEScc", "ACEScct", "sRGB"),
        ({"colorAcesODT": "Rec.709"}, "ACEScc", "ACEScct", "Rec.709 Gamma 2.4"),
        ({"colorAcesODT": "P3-D65 ST2084 (1000 nits)"}, "ACEScc", "ACEScct", None),
        ({"colorScienceMode": "acescc"}, "ACEScc", "ACEScc", "sRGB"),
    ],
)
def test_aces_settings(settings, lut, cdl, frame):
    from gradewright.hosts.resolve.situation import understand

    aces = {
        "colorScienceMode": "acescct",
        "colorAcesODT": "sRGB",
        "colorAcesNodeLUTProcessingSpace": "acesccAp1",
    }
    found = understand({**aces, **settings})
    assert (found.lut.name, found.cdl.name, found.frame and found.frame.name) == (lut, cdl, frame)


def test_a_linear_aces_look_passes_the_grammar_with_its_shaper(tmp_path, monkeypatch):
    session = made(tmp_path, monkeypatch, science="acescct", colorAcesNodeLUTProcessingSpace="acesAp0Linear")
    clip = session.world.tracks[0][0]
    result = session.grade(**WARM, size=33)
    assert "LUT_1D_SIZE" in Path(next(session.world.master.rglob("*.cube"))).read_text()[:300]
    assert result.check["mean_de"] < 2
    assert np.abs(session.world.render(clip) - wanted(session, clip)).mean() < 0.01


@pytest.mark.parametrize("pair", RESOLVE_PAIRS, ids=" / ".join)
def test_every_known_space_gets_a_cube_that_resolve_reads(pair, tmp_path):
    settings = {"colorScienceMode": "davinciYRGB", "separateColorSpaceAndGamma": "1"}
    settings.update(colorSpaceTimeline=pair[0], colorSpaceTimelineGamma=pair[1])
    asked = {"settings": settings, "folder": str(tmp_path), "size": 17, **WARM}
    answer = tasks.grade(asked)
    assert answer["space"] == RESOLVE_PAIRS[pair]
    assert cube_grammar.fault(Path(answer["grades"][0]["files"]["cube"])) == ""
