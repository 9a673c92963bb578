"""Requests of plain values: whatever is sent is a task or one line."""

from __future__ import annotations

import json
import math

import pytest
from gradewright.core import Grader
from gradewright.core.errors import BadInput
from gradewright.hosts.tasks import fields, grade, request, work
from gradewright.hosts.tasks.apply import ApplyTask
from gradewright.hosts.tasks.grade import GradeTask, Targets
from gradewright.hosts.tasks.review import ReviewTask
from hypothesis import given
from hypothesis import strategies as st

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("/tmp/a.jpg"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
GRADE = st.dictionaries(st.sampled_from(sorted(request.FIELDS)), PLAIN, max_size=4)
RIGHT = st.fixed_dictionaries(
    {},
    optional={
        "photo": st.just("/tmp/a.jpg"),
        "prompt": st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
        "pair": st.just(["/a", "/b"]),
        "params": st.dictionaries(
            st.sampled_from(["exposure", "contrast"]), st.floats(-1, 1) | st.just("+0.3")
        ),
        "auto": st.booleans(),
        "strength": st.floats(0, 1) | st.integers(0, 1),
        "seed": st.integers(0, 2**32 - 1),
        "variations": st.integers(1, 16),
        "size": st.sampled_from([17, 33, 65]),
        "describe": st.booleans(),
        "name": st.sampled_from(["look", "Größe 1", "a.b"]),
        "formats": st.just(["cube", "clf"]),
        "overwrite": st.booleans(),
        "engine": st.none(),
    },
)


def said(function, *args) -> str:
    """The refusal's line, or nothing."""
    try:
        function(*args)
    except BadInput as error:
        line = str(error)
        assert line
        assert "\n" not in line
        assert len(line) < 1000
        line.encode()
        return line
    return ""


@given(PLAIN | GRADE)
def test_any_grade_request_is_taken_or_refused_in_one_line(value):
    said(request.parse, value)


@given(PLAIN | st.dictionaries(st.sampled_from(["lut", "photo", "output", "strength", "x"]), PLAIN))
def test_any_other_request_too(value):
    said(ApplyTask.parse, value)
    said(ReviewTask.parse, value)


@given(RIGHT)
def test_right_requests_become_tasks(tmp_path_factory, wanted):
    folder = tmp_path_factory.getbasetemp()
    wanted = json.loads(json.dumps(wanted))
    task = request.task(request.parse(wanted), lambda: folder)
    assert isinstance(task, GradeTask)
    for name in ("prompt", "auto", "strength", "seed", "variations", "size", "describe"):
        if wanted.get(name) is not None:
            assert getattr(task, name) == wanted[name]
    stem = wanted.get("name", "grade")
    names = {role: path.name for role, path in task.targets.numbered(1, 1).items()}
    assert names == {kind: f"{stem}.{kind}" for kind in wanted.get("formats", ["cube"])}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"prompt": "x" * 5000}, "prompt: 5000 characters are too many: at most 4000"),
        ({"prompt": "\ud800"}, "prompt: holds half a character"),
        ({"photo": "/a\0b"}, "photo: a path is needed"),
        ({"strength": math.nan}, "strength nan is out of range: 0..1"),
        ({"seed": 10**5000}, "seed with thousands of digits is out of range"),
        ({"params": {"exposure": math.inf}}, "exposure inf is out of range"),
        ({"params": {str(n): 1 for n in range(300)}}, "params: an object of parameters is needed"),
        ({"pair": ["/a"]}, "pair: two paths are needed: [before, after]"),
        ({"formats": []}, "formats: a list of 1..8 is needed"),
        ({"targets": {"lut": "/a"}}, "a targets request has no field 'lut'"),
        ({"name": ".hidden"}, "cannot name files"),
        ({"name": 'quo"te'}, "cannot name files"),
        ({"name": "new\nline"}, "cannot name files"),
        ({"size": True}, "size: True is not possible"),
    ],
)
def test_what_refusals_say(value, line):
    assert line in said(request.parse, value)


def test_absent_and_null_are_the_same():
    assert request.parse({"prompt": None, "seed": None}) == {}


def test_free_names_for_several_grades(tmp_path):
    (tmp_path / "look-2.cube").touch()
    values = request.parse({"folder": str(tmp_path), "name": "look", "variations": 3, "prompt": "x"})
    targets = request.task(values, lambda: tmp_path).targets
    assert targets.numbered(3, 3)["cube"] == tmp_path / "look-3-3.cube"
    (tmp_path / "look-3-3.cube").touch()
    targets = request.task(values, lambda: tmp_path).targets
    assert targets.numbered(1, 3)["cube"] == tmp_path / "look-4-1.cube"
    overwriting = request.parse({"folder": str(tmp_path), "name": "look", "overwrite": True})
    assert (
        request.task(overwriting, lambda: tmp_path).targets.numbered(1, 1)["cube"] == tmp_path / "look.cube"
    )


def test_the_command_lines_own_targets(tmp_path):
    targets = {"output": "/a/x.cube", "preview": "/a/p.jpg", "recipe": "/a/r.json", "report": "/a/t.json"}
    values = request.parse({"targets": targets, "photo": "/a.jpg", "from": "/b.cube", "prompt": "x"})
    task = request.task(values, lambda: tmp_path)
    assert {role: str(path) for role, path in task.targets.numbered(1, 1).items()} == targets
    assert str(task.base) == "/b.cube"
    assert not task.targets.overwrite


def test_every_kind_of_job_refuses_what_is_no_request(tmp_path):
    for kind in work.KINDS:
        assert said(work.work, kind, 3, lambda: tmp_path)


def test_auto_that_changes_nothing_says_so(monkeypatch):
    still = Grader().grade(params={"exposure": 0.0})
    monkeypatch.setattr(grade, "_predicted", lambda task: ([still], []))
    for auto in (True, False):
        [written] = grade.run(GradeTask(auto=auto, describe=False))
        assert any("this grade changes nothing" in line for line in written.notes) is auto


def test_numbering():
    from pathlib import Path

    targets = Targets({"cube": Path("a/x.cube")}, preview=Path("p.png"))
    assert targets.numbered(1, 1) == {"cube": Path("a/x.cube"), "preview": Path("p.png")}
    assert targets.numbered(2, 3) == {"cube": Path("a/x-2.cube"), "preview": Path("p-2.png")}


def test_values_in_messages_are_short():
    assert fields.short("x" * 200) == "x" * 77 + "..."
    assert fields.short("a\n b") == "a b"
    assert fields.kind_of(None) == "null"
