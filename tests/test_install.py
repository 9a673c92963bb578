"""Installing adapters: only our files, whole or not at all, and nothing of the user's."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from gradewright.core.errors import FileError
from gradewright.hosts import client, install
from gradewright.hosts.install import manifest, transfer

FILES = {"plug.py": b"print('hi')\n", "data/words.txt": b"warm\n"}


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where the adapter goes."""
    return tmp_path / "plug-ins" / "gradewright"


def tree(folder: Path) -> list[str]:
    """Every file below, by name."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_installed_files_and_how_the_service_is_started(folder):
    lines = install.put("gimp", folder, FILES, executable=["plug.py"], scratch="/dev/shm")
    assert lines == [f"installed {folder} (3 files)"]
    assert tree(folder) == ["client.py", "data/words.txt", "gradewright.json", "plug.py"]
    assert os.access(folder / "plug.py", os.X_OK)
    assert not os.access(folder / "data/words.txt", os.X_OK) or os.name == "nt"
    assert (folder / "client.py").read_bytes() == Path(client.__file__).read_bytes()
    facts = json.loads((folder / "gradewright.json").read_text())
    assert facts["command"] == [sys.executable, "-m", "gradewright.cli"]
    assert (facts["host"], facts["scratch"]) == ("gimp", "/dev/shm")
    assert install.look(folder).verdict == "current"
    assert install.installed(folder).more == {"scratch": "/dev/shm"}


def test_another_command_for_sandboxes(folder):
    install.put("gimp", folder, FILES, command=["flatpak-spawn", "--host", "x"])
    assert json.loads((folder / "gradewright.json").read_text())["command"] == [
        "flatpak-spawn",
        "--host",
        "x",
    ]


def test_files_to_copy_may_be_named(folder, tmp_path):
    (tmp_path / "a.lua").write_bytes(b"--")
    install.put("darktable", folder, {"b.lua": tmp_path / "a.lua"})
    assert (folder / "b.lua").read_bytes() == b"--"


def test_an_update_takes_away_what_is_gone(folder):
    install.put("gimp", folder, {**FILES, "old.py": b""})
    assert install.put("gimp", folder, FILES) == [f"updated {folder} (3 files)"]
    assert tree(folder) == ["client.py", "data/words.txt", "gradewright.json", "plug.py"]


def test_a_file_of_the_users_is_never_replaced(folder):
    folder.mkdir(parents=True)
    (folder / "plug.py").write_bytes(b"mine")
    with pytest.raises(
        FileError, match=r"plug\.py: stands there and was not installed by gradewright: move it"
    ):
        install.put("gimp", folder, FILES)
    assert tree(folder) == ["plug.py"]
    assert (folder / "plug.py").read_bytes() == b"mine"


def test_a_link_of_the_users_is_not_followed(folder, tmp_path):
    folder.mkdir(parents=True)
    (tmp_path / "precious").write_bytes(b"mine")
    (folder / "plug.py").symlink_to(tmp_path / "precious")
    with pytest.raises(FileError, match="was not installed by gradewright"):
        install.put("gimp", folder, FILES)
    assert (tmp_path / "precious").read_bytes() == b"mine"


def test_edits_are_kept_aside_when_we_update_and_left_when_we_go(folder):
    install.put("gimp", folder, FILES)
    (folder / "plug.py").write_bytes(b"edited")
    assert install.look(folder).verdict == "changed"
    lines = install.put("gimp", folder, FILES)
    assert lines[0] == f"{folder / 'plug.py'} had been edited: your version is kept as plug.py.edited"
    assert (folder / "plug.py").read_bytes() == FILES["plug.py"]
    assert (folder / "plug.py.edited").read_bytes() == b"edited"
    (folder / "data/words.txt").write_bytes(b"mine")
    lines = install.remove(folder)
    assert lines[0] == f"left {folder / 'data/words.txt'}: it was edited after it was installed"
    assert tree(folder) == ["data/words.txt", "plug.py.edited"]


def test_uninstalling_leaves_no_trace_and_touches_nothing_else(folder):
    beside = folder.parent / "other"
    beside.mkdir(parents=True)
    (beside / "x.py").write_bytes(b"")
    install.put("gimp", folder, FILES)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "client.cpython-313.pyc").write_bytes(b"")
    assert install.remove(folder) == [f"removed {folder}"]
    assert not folder.exists()
    assert (beside / "x.py").exists()
    assert install.remove(folder) == []


def test_an_interrupted_installation_can_be_repeated_and_removed(folder, monkeypatch):
    real, calls = transfer._write, []

    def fail(path, data, executable):
        calls.append(path)
        if len(calls) == 2:
            raise FileError(path, "cannot be written (No space left on device)")
        real(path, data, executable)

    monkeypatch.setattr(transfer, "_write", fail)
    with pytest.raises(FileError, match="No space left"):
        install.put("gimp", folder, FILES)
    assert install.look(folder).verdict == "damaged"
    monkeypatch.undo()
    install.put("gimp", folder, FILES)
    assert install.look(folder).verdict == "current"
    calls.clear()
    monkeypatch.setattr(transfer, "_write", fail)
    with pytest.raises(FileError):
        install.put("gimp", folder, {"plug.py": b"2", "more.py": b"3"})
    assert install.remove(folder) == [f"removed {folder}"]


@pytest.mark.parametrize(
    ("change", "verdict", "line"),
    [
        (lambda facts: facts | {"version": "0.0"}, "outdated", "installed by version 0.0, this is"),
        (lambda facts: facts | {"command": ["/gone/python"]}, "outdated", "/gone/python is gone"),
        (lambda facts: facts | {"files": {**facts["files"], "x": ""}}, "damaged", "x missing"),
    ],
)
def test_how_it_stands(folder, change, verdict, line):
    install.put("gimp", folder, FILES)
    path = folder / "gradewright.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    assert install.look(folder).verdict == verdict
    assert line in install.look(folder).line


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "{", '{"host": "x", "version": "1", "command": [], "files": 3}', "\xff"]
)
def test_a_manifest_that_is_none_is_said_so(folder, text):
    folder.mkdir(parents=True)
    (folder / "gradewright.json").write_text(text, encoding="latin-1")
    with pytest.raises(FileError, match="is not the manifest of an installed adapter: remove it"):
        install.look(folder)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "", "c:\\x", "..\\x"])
def test_a_manifest_cannot_name_files_elsewhere(folder, name):
    install.put("gimp", folder, FILES)
    path = folder / "gradewright.json"
    facts = json.loads(path.read_text())
    path.write_text(json.dumps(facts | {"files": {name: "0"}}))
    with pytest.raises(FileError, match="is not the manifest"):
        install.remove(folder)


def test_a_read_only_place_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="Not a directory"):
        install.put("gimp", tmp_path / "file" / "x", FILES)


# -- a line in a file of the user's


def test_a_line_is_added_once_and_taken_away_again(tmp_path):
    path = tmp_path / "darktable" / "luarc"
    assert install.add_line(path, 'require "gradewright/gradewright"')
    assert path.read_bytes() == b'require "gradewright/gradewright"\n'
    assert not install.add_line(path, 'require "gradewright/gradewright"')
    assert install.remove_line(path, 'require "gradewright/gradewright"')
    assert not path.exists()
    assert not install.remove_line(path, 'require "gradewright/gradewright"')


@pytest.mark.parametrize("before", [b"-- mine\r\n\xff\n", b"a\n\n\nb", b"\n"])
def test_the_rest_of_the_file_stays(tmp_path, before):
    path = tmp_path / "luarc"
    path.write_bytes(before)
    path.chmod(0o640)
    install.add_line(path, "ours")
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().endswith(b"\nours\n")
    install.remove_line(path, "ours")
    assert path.read_bytes().rstrip(b"\n") == before.rstrip(b"\n")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_linked_dotfile_stays_a_link(tmp_path):
    (tmp_path / "repository").write_bytes(b"a\n")
    (tmp_path / "luarc").symlink_to(tmp_path / "repository")
    install.add_line(tmp_path / "luarc", "ours")
    assert (tmp_path / "luarc").is_symlink()
    assert (tmp_path / "repository").read_bytes() == b"a\nours\n"


# -- where hosts are


def test_configuration_folders_by_platform(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")  # to be ignored
    places = [".config/GIMP", ".var/app/org.gimp.GIMP/config/GIMP", "snap/gimp/current/.config/GIMP"]
    for place in places:
        (tmp_path / place).mkdir(parents=True)
    assert install.config_folders("GIMP") == [tmp_path / places[0]]
    found = install.config_folders("GIMP", flatpak="org.gimp.GIMP", snap="gimp")
    assert found == [tmp_path / place for place in places]
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    assert install.config_folders("GIMP") == []
    monkeypatch.setattr(sys, "platform", "darwin")
    (tmp_path / "Library/Application Support/GIMP").mkdir(parents=True)
    assert install.config_folders("GIMP")[0] == tmp_path / "Library/Application Support/GIMP"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("APPDATA", str(tmp_path / ".config"))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert install.config_folders("GIMP") == [tmp_path / ".config" / "GIMP"]


def test_digests_are_of_plain_files_only(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert manifest.digest_of(tmp_path / "link") is None
    assert manifest.digest_of(tmp_path) is None
