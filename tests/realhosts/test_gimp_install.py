"""As a user does it: start GIMP, ``gradewright install gimp``, start GIMP again, look, uninstall."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from . import jail
from .hosts import suite_or_skip

HERE = Path(__file__).parent
PHOTO = HERE.parents[1] / "docs" / "media" / "astronaut.jpg"
# Inside the chroot, gradewright's Python is a door to the machine outside, with its temporary folders.
_STORY = """
mount --bind /host/dev/shm /dev/shm
mkdir -p "$(dirname {python})"
printf '#!/bin/sh\\nexec chroot /host {python} "$@"\\n' > {python}
chmod +x {python}
gradewright() {{ {python} -m gradewright.cli "$@"; }}
gimp() {{ gimp-console-{version} -i -d -f -s --quit --batch-interpreter=python-fu-eval -b "$1"; }}
grade="exec(compile(open('{script}').read(), 'inside', 'exec'))"
cd {shared}
gimp 'pass'
for step in install doctor seen uninstall; do
  case $step in
    install | uninstall) gradewright $step gimp ;;
    *) gradewright doctor ;;
  esac > $step.txt 2>&1
  echo "exit code $?" >> $step.txt
  [ $step = doctor ] && gimp "$grade" && mv answer.json installed.json
done
gimp "$grade" && mv answer.json removed.json
gradewright serve --stop
"""


@pytest.fixture(scope="module", params=["trixie", "forky"])
def story(request, tmp_path_factory):
    """What the steps printed, and what GIMP had with the plug-in and without."""
    suite = suite_or_skip(request.param)
    shared = tmp_path_factory.mktemp("install")
    Image.open(PHOTO).resize((160, 160)).save(shared / "photo.png")
    (shared / "order.json").write_text(json.dumps({"scripts": f"/host{HERE}"}))
    script = _STORY.format(
        python=sys.executable,
        version=suite.gimp,
        shared=shared,
        script=f"/host{HERE}/inside_gimp_installed.py",
    )
    env = {
        "XDG_CONFIG_HOME": str(shared / "xdg"),
        "GRADEWRIGHT_RUNTIME": str(shared / "run"),
        "GRADEWRIGHT_SHARED": str(shared),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }
    done = jail.run(suite, ["bash", "-c", script], binds=[shared], env=env, timeout=900)
    answers = [shared / "installed.json", shared / "removed.json"]
    assert all(path.exists() for path in answers), done.stdout[-3000:] + done.stderr[-3000:]
    steps = {
        name: (shared / f"{name}.txt").read_text() for name in ("install", "doctor", "seen", "uninstall")
    }
    return suite, shared, steps, *(json.loads(path.read_text()) for path in answers)


pytestmark = pytest.mark.timeout(1200)


def test_every_step_ends_well_and_says_what_it_did(story):
    suite, shared, steps, _, _ = story
    folder = shared / "xdg" / "GIMP" / suite.gimp / "plug-ins" / "gradewright"
    assert all(text.endswith("exit code 0\n") for text in steps.values()), steps
    assert f"installed {folder} (" in steps["install"]
    assert "restart GIMP; the procedures are under Colors > Gradewright" in steps["install"]
    assert f"removed {folder}" in steps["uninstall"]
    assert not folder.exists()


def test_doctor_tells_whether_gimp_has_seen_it(story):
    suite, _, steps, _, _ = story
    assert f"GIMP {suite.gimp}: it has not seen the plug-in yet" in steps["doctor"]
    assert f"GIMP {suite.gimp}: it lists the plug-in" in steps["seen"]
    assert "up to date" in steps["seen"]
    assert "running in" in steps["seen"]  # the service that the plug-in has started


def test_the_procedures_are_in_the_menu_and_grade_without_any_setting(story):
    _, _, _, installed, _ = story
    assert installed["labels"] == [
        "Grade with _Words...",
        "_Match a Reference...",
        "_Auto Grade...",
        "Apply _Look File...",
        "_Explain This Photo...",
    ]
    assert {path for paths in installed["menus"] for path in paths} == {"<Image>/Colors/_Gradewright"}
    assert installed["words"]["ok"], installed["words"]["message"]
    assert installed["auto"]["ok"], installed["auto"]["message"]


def test_uninstalled_it_is_gone(story):
    *_, removed = story
    assert removed["labels"] == [None] * 5


def test_nothing_is_left_running(story):
    _, shared, *_ = story
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(shared) not in running
