"""The self-test that a person runs in a real Resolve: on the double, and replayed from its record."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from gradewright.hosts.resolve import chart
from gradewright.hosts.resolve.inside import run
from gradewright.hosts.resolve.inside.errors import ResolveError
from gradewright.hosts.resolve.inside.host import Host
from gradewright.hosts.resolve.inside.service import Service
from gradewright.hosts.resolve.inside.state import State
from resolve_double import FREE_21_0, STUDIO_20_3, STUDIO_21_1, objects
from resolve_double.session import LocalClient, Session
from resolve_double.world import SIZE

EVIDENCE = sorted(
    (Path(__file__).parent / "resolve_evidence").glob("*.jsonl")
)  # from real Resolves; none yet


class Divergence(AssertionError):
    """The adapter asks something else than was asked when the record was made."""


class Replay:
    """Answers from a record, in order; exported pictures are written again."""

    def __init__(self, path: Path) -> None:
        body, _, last = path.read_text().rstrip("\n").rpartition("\n")
        assert json.loads(last)["sha256"] == hashlib.sha256(f"{body}\n".encode()).hexdigest(), "edited"
        self.entries = [json.loads(line) for line in body.split("\n")]
        self.calls = iter([entry for entry in self.entries if "method" in entry])
        self.steps = [entry for entry in self.entries if "step" in entry]
        self.luts: dict[str, str] = {}  # the LUT's name then -> now

    def next(self, owner: str, method: str, args: list | None) -> dict:
        entry = next(self.calls, None)
        asked = (owner, method, self.shown(args))
        if entry is None or (entry["object"], entry["method"], self.shown(entry["args"])) != asked:
            raise Divergence(f"asked {asked}, recorded {entry}")
        if method == "SetLUT" and args is not None:
            self.luts[_plain(entry["args"][1])] = args[1]
        if method == "GetLUT":
            # A digest of floating-point rows: another machine or version may round them elsewhere.
            said = entry["result"]
            return dict(entry, result=self.luts.get(_plain(said), said))
        return entry

    def shown(self, value):
        """Arguments without what differs between machines: folders, digests, numbers of a fit."""
        if isinstance(value, str) and ("/" in value or "\\" in value):
            return "path " + Path(value.replace("\\", "/")).suffix
        if isinstance(value, list):
            return [self.shown(item) for item in value]
        if isinstance(value, dict) and "$object" not in value:
            return sorted(value)
        if isinstance(value, str) and value.startswith(("look:", "gradewright:")):
            return "text"
        return value

    def wrapped(self, value):
        if isinstance(value, dict) and "$object" in value:
            return Replayed(self, value["$object"])
        if isinstance(value, list):
            return [self.wrapped(item) for item in value]
        if isinstance(value, dict):
            return {key: self.wrapped(item) for key, item in value.items()}
        return value


def _plain(path) -> str:
    return str(path).replace("\\", "/")


class Replayed:
    """An object of a record."""

    def __init__(self, replay: Replay, name: str) -> None:
        self._replay, self._name = replay, name

    def __dir__(self):
        return self._replay.next(self._name, "dir", [])["result"]

    def __getattr__(self, method):
        if method.startswith("_"):
            raise AttributeError(method)

        def call(*args):
            shown = [{"$object": arg._name} if isinstance(arg, Replayed) else arg for arg in args]
            shown = [[{"$object": a._name} for a in arg] if _objects(arg) else arg for arg in shown]
            entry = self._replay.next(self._name, method, shown)
            if "file" in entry:
                Path(args[0]).write_bytes(base64.b64decode(entry["file"]))
            return self._replay.wrapped(entry["result"])

        return call


def _objects(value) -> bool:
    return isinstance(value, list) and all(isinstance(item, Replayed) for item in value)


def prepared(folder: Path, monkeypatch, profile) -> tuple[Session, dict]:
    """A new, empty project; a small chart, since the double's frames are small."""
    session = Session(folder, profile)
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(session.world.master))
    session.world.has_timeline = False
    drawn = chart.write(folder / "chart.png", SIZE)
    return session, {"task": "selftest", "chart": str(drawn), "record": str(folder / "out.jsonl")}


@pytest.mark.parametrize("profile", [STUDIO_20_3, FREE_21_0], ids=lambda profile: profile.name)
def test_every_step_passes_and_replays(profile, tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, profile)
    lines = run.run(session.host, wish, session.state, Service(session.client))
    assert [line[:4] for line in lines[:-1]] == ["ok  "] * 6, lines
    replay = Replay(Path(wish["record"]))
    assert replay.entries[0]["version"] == ".".join(map(str, profile.version[:2]))
    assert [step["ok"] for step in replay.steps] == [True] * 6
    again = replayed(replay, wish, tmp_path)
    assert [line[:4] for line in again[:-1]] == ["ok  "] * 6, again
    assert next(replay.calls, None) is None


def replayed(replay: Replay, wish: dict, folder: Path) -> list[str]:
    """The self-test on a record instead of a Resolve."""
    more = dict(wish, record=str(folder / "again.jsonl"))
    host = Host.__new__(Host)
    host.resolve, host.fusion, host.bmd, host.sleep = Replayed(replay, "Resolve"), None, None, lambda _s: None
    host.product = host.version = None
    host.describe = dict  # the environment line is that of the record
    state = State(str(folder / "replay"))
    return run.run(host, more, state, Service(LocalClient()))


@pytest.mark.parametrize("path", EVIDENCE, ids=lambda path: path.stem)
def test_evidence_from_real_resolves_replays(path, tmp_path, monkeypatch):
    (tmp_path / "luts").mkdir()
    monkeypatch.setenv("BMD_RESOLVE_LUT_DIR", str(tmp_path / "luts"))
    drawn = chart.write(tmp_path / "chart.png")
    replay = Replay(path)
    lines = replayed(replay, {"task": "selftest", "chart": str(drawn), "record": ""}, tmp_path)
    assert [line.startswith("ok") for line in lines[:-1]] == [step["ok"] for step in replay.steps]


def test_a_record_replays_where_the_luts_digest_differs(tmp_path, monkeypatch):
    """Rows that are rounded otherwise give the file another name; the record is as good as before."""
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    run.run(session.host, wish, session.state, Service(session.client))
    monkeypatch.setattr("gradewright.hosts.resolve.inside.luts._HEX", 12)
    again = replayed(Replay(Path(wish["record"])), wish, tmp_path)
    assert [line[:4] for line in again[:-1]] == ["ok  "] * 6, again


def test_evidence_is_not_overwritten(tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    Path(wish["record"]).write_text("evidence")
    with pytest.raises(ResolveError, match="is there already: give another name, or --force"):
        run.run(session.host, wish, session.state, Service(session.client))
    assert Path(wish["record"]).read_text() == "evidence"
    assert run.run(session.host, {**wish, "force": True}, session.state, Service(session.client))


def test_an_edited_record_is_noticed(tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    run.run(session.host, wish, session.state, Service(session.client))
    path = Path(wish["record"])
    path.write_text(path.read_text().replace('"ok": true', '"ok": false', 1))
    with pytest.raises(AssertionError, match="edited"):
        Replay(path)


def test_a_divergence_is_noticed(tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    run.run(session.host, wish, session.state, Service(session.client))
    with monkeypatch.context() as changed:
        changed.setattr("gradewright.hosts.resolve.inside.markers.COLOUR", "Blue")
        with pytest.raises(Divergence, match="recorded"):
            replayed(Replay(Path(wish["record"])), wish, tmp_path)


def test_21_1_cannot_compare_twice_in_a_run(tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_21_1)
    lines = run.run(session.host, wish, session.state, Service(session.client))
    assert lines[2].startswith("ok   a LUT on a node: applied, not compared")


def test_a_resolve_that_ignores_luts_fails(tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    session.world.bypass = True
    lines = run.run(session.host, wish, session.state, Service(session.client))
    assert lines[2].startswith("FAIL a LUT on a node: warning: the frame did not change at all")


def test_it_wants_an_empty_project(tmp_path, monkeypatch):
    session, wish = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    session.world.has_timeline = True
    session.world.add("user's", None)
    before = session.world.tracks[0][0].state()
    (line, _) = run.run(session.host, wish, session.state, Service(session.client))
    assert line.startswith("FAIL a timeline with the chart: make a new, empty project")
    assert session.world.tracks[0][0].state() == before


def test_without_a_chart(tmp_path, monkeypatch):
    session, _ = prepared(tmp_path, monkeypatch, STUDIO_20_3)
    with pytest.raises(ResolveError, match="gradewright resolve selftest --record"):
        run.run(session.host, {"task": "selftest"}, session.state, Service(session.client))


def test_the_chart():
    drawn = chart.chart(SIZE)
    assert drawn.shape == (*SIZE, 3)
    assert len({tuple(pixel) for pixel in drawn.reshape(-1, 3)}) > 200
    assert objects.START == 86400
