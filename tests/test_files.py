"""Atomic output: whole or absent, and never over somebody's file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from gradewright.core import files
from gradewright.core.errors import BadInput, FileError, LutFileError, nearest
from gradewright.core.files import atomic_output, refuse_existing, write_bytes


def leftovers(folder):
    return [name for name in os.listdir(folder) if name.endswith(".part")]


def test_written_whole(tmp_path):
    write_bytes(tmp_path / "a.cube", b"abc")
    assert (tmp_path / "a.cube").read_bytes() == b"abc"
    assert leftovers(tmp_path) == []


def test_an_existing_file_is_kept(tmp_path):
    target = tmp_path / "a.cube"
    target.write_bytes(b"mine")
    with pytest.raises(FileError, match=r"a\.cube: already exists: choose another name, or add --force"):
        write_bytes(target, b"theirs")
    assert target.read_bytes() == b"mine"
    write_bytes(target, b"theirs", overwrite=True)
    assert target.read_bytes() == b"theirs"


def test_overwriting_keeps_the_permissions(tmp_path):
    target = tmp_path / "a.cube"
    target.write_bytes(b"mine")
    target.chmod(0o640)
    write_bytes(target, b"new", overwrite=True)
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_failure_in_the_middle_leaves_nothing(tmp_path):
    target = tmp_path / "a.cube"
    target.write_bytes(b"old")

    def write_half():
        with atomic_output(target, overwrite=True) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path):
    target = tmp_path / "a.cube"

    def race():
        with atomic_output(target) as temporary:
            temporary.write_bytes(b"slow")
            target.write_bytes(b"quick")

    with pytest.raises(FileError, match="already exists"):
        race()
    assert target.read_bytes() == b"quick"
    assert leftovers(tmp_path) == []


def test_of_many_writers_of_one_name_exactly_one_wins(tmp_path):
    target, results = tmp_path / "a.cube", []
    gate = threading.Barrier(8)

    def writer(mark: bytes) -> None:
        gate.wait()
        try:
            write_bytes(target, mark * 1000)
            results.append(mark)
        except FileError:
            pass

    threads = [threading.Thread(target=writer, args=(bytes([65 + i]),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 1
    assert target.read_bytes() == results[0] * 1000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/a.cube", "the folder .*missing does not exist: create it first"),
        ("folder", "is a folder: name a file"),
    ],
)
def test_hopeless_targets_are_refused_before_the_work(tmp_path, name, message):
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=message):
        refuse_existing(tmp_path / name, overwrite=True)


def test_a_full_disk_is_said_so():
    with pytest.raises(FileError, match=r"/dev/full|cannot be written|already exists"):
        write_bytes("/dev/full", b"x" * 100_000)


def test_an_os_error_inside_becomes_one_line(tmp_path):
    def fail():
        with atomic_output(tmp_path / "a.cube"):
            raise OSError(28, "No space left on device")

    with pytest.raises(FileError, match=r"a\.cube: cannot be written \(No space left on device\)"):
        fail()


def test_a_killed_writer_leaves_no_file_under_the_name(tmp_path):
    code = (
        "import os, signal, sys\n"
        "from gradewright.core.files import atomic_output\n"
        "with atomic_output(sys.argv[1]) as t:\n"
        "    t.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.cube")], check=False)
    assert not (tmp_path / "a.cube").exists()
    if sys.platform == "linux":
        assert os.listdir(tmp_path) == []


def test_where_files_need_names_it_works_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_nameless", lambda folder: None)
    write_bytes(tmp_path / "a.cube", b"abc")
    with pytest.raises(FileError, match="already exists"):
        write_bytes(tmp_path / "a.cube", b"abc")
    write_bytes(tmp_path / "a.cube", b"new", overwrite=True)
    assert (tmp_path / "a.cube").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.cube"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_bytes(tmp_path / "a.cube", b"abc")
    assert (tmp_path / "a.cube").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_error_text():
    assert str(LutFileError("a.cube", "NaN", "a finite number", 7)) == "a.cube:7: NaN: a finite number"
    assert str(FileError("a.cube", "is a folder")) == "a.cube: is a folder"
    assert isinstance(LutFileError("a", "b"), BadInput)


def test_near_names():
    assert nearest("exposuer", ["exposure", "contrast"]) == "; did you mean 'exposure'?"
    assert nearest("EXPOSURE", ["exposure"]) == "; did you mean 'exposure'?"
    assert nearest("zzz", ["exposure"]) == ""
