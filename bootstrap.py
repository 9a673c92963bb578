#!/usr/bin/env python3
"""From a bare Python 3.11+ to a working gradewright: ``python3 bootstrap.py demo|test|install``.

Needs python3 and pip (Debian: apt-get install python3 python3-pip). Makes the virtual environment
``.venv`` beside this file once, remakes it when pyproject.toml changes, and never touches the
system's packages. pip's own cache keeps the downloads.

    demo     grade the photos in docs/media, write LUTs, previews and an inspection plot to demo-out/
    test     linters, type checker and every test; as root on Debian also those in the real GIMP and
             darktable, in chroots that are built once (GRADEWRIGHT_CHROOTS, else ~/.cache/gradewright)
    install  only make the environment
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
REAL_HOSTS = "tests/realhosts"
NOT_POSSIBLE = 3  # what chroots.py exits with where a machine cannot have any
SOURCES = ["core", "lutio", "cli", "hosts", "tests", "benchmarks", "docs", "bootstrap.py"]


def run(*command: str | Path, **options: object) -> None:
    """Run a command from the repository's root; stop with its exit code when it fails."""
    print("+", " ".join(str(part) for part in command), flush=True)
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        sys.exit(done.returncode)


def fingerprint(extra: str) -> str:
    """What the environment was made from; another fingerprint means it is stale."""
    made_from = f"{sys.version} {ROOT} {extra}".encode() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def environment(extra: str) -> None:
    """Make or reuse ``.venv`` with gradewright and the extra's packages in it."""
    stamp = VENV / f"made-from-{extra or 'base'}"
    if stamp.is_file() and stamp.read_text() == fingerprint(extra) and works():
        return
    if not VENV.is_dir() or not PYTHON.exists():
        # Without ensurepip: Debian keeps that in python3-venv, which may not be installed.
        run(sys.executable, "-m", "venv", "--without-pip", VENV)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    run(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "--editable", target)
    if not works():
        shutil.rmtree(VENV)
        sys.exit("the environment in .venv does not import gradewright; it was removed: run this again")
    stamp.write_text(fingerprint(extra))


def works() -> bool:
    """The environment imports what the commands need."""
    check = "import PyOpenColorIO, PIL, numpy, onnxruntime, gradewright.core, gradewright.cli.main"
    return (
        PYTHON.exists()
        and not subprocess.run([PYTHON, "-c", check], cwd=ROOT, capture_output=True).returncode
    )


def typed_view() -> Path:
    """A folder in which mypy sees the layers as ``gradewright.*``: it does not follow editable installs."""
    view = ROOT / ".mypy_path"
    (view / "gradewright").mkdir(parents=True, exist_ok=True)
    for layer in ("core", "lutio", "cli", "hosts"):
        link = view / "gradewright" / layer
        if not link.is_symlink():
            link.symlink_to(Path("..", "..", layer), target_is_directory=True)
    return view


def test() -> None:
    """Every check there is; the tests come last."""
    environment("test,train,vlm")  # training and the large engine are tested too; torch is pinned
    chroots = building_chroots()
    run(PYTHON, "-m", "ruff", "check", *SOURCES)
    run(PYTHON, "-m", "ruff", "format", "--check", *SOURCES)
    run(PYTHON, "-m", "mypy", env={**os.environ, "MYPYPATH": str(typed_view())})
    everything = {**os.environ, "GRADEWRIGHT_REQUIRE_EXTRAS": "1"}  # a missing package fails, not skips
    run(PYTHON, "-m", "pytest", "-n", "2", "tests", f"--ignore={REAL_HOSTS}", env=everything)
    hosts = required_hosts(chroots)
    run(
        PYTHON,
        "-m",
        "pytest",
        "-n",
        "2",
        "--dist",
        "loadfile",
        "-rs",
        REAL_HOSTS,
        env={**os.environ, **hosts},
    )


def required_hosts(chroots: subprocess.Popen[bytes] | None) -> dict[str, str]:
    """The environment that makes a missing real host a failure, once the chroots stand.

    A machine on which they are not possible (exit code 3: no namespaces, say) goes on without, and the
    skipped tests say why; never so in CI, which sets CI, and never where building them failed.
    """
    code = None if chroots is None else chroots.wait()
    if code == 0:
        return {"GRADEWRIGHT_REQUIRE_HOSTS": "1"}
    if code not in (None, NOT_POSSIBLE) or (code and os.environ.get("CI")):
        sys.exit("the chroots with the real GIMP and darktable could not be built; the reason is above")
    why = "they need root on Debian" if code is None else "the reason is above"
    print(f"the tests in the real GIMP and darktable will be skipped: {why}", flush=True)
    return {}


def building_chroots() -> subprocess.Popen[bytes] | None:
    """Start building the chroots of the real hosts; None where there is no root or no Debian to do it.

    There the tests in the real hosts are skipped, each saying why; elsewhere a missing chroot is a failure.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        return None
    return subprocess.Popen([sys.executable, str(ROOT / REAL_HOSTS / "chroots.py"), "build"], cwd=ROOT)


def main() -> None:
    """Entry point."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is run by whatever python3 there is
        sys.exit(f"gradewright needs Python 3.11 or later; this is {sys.version.split()[0]}")
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command == "test":
        test()
    elif command == "demo":
        environment("")
        run(PYTHON, ROOT / "docs" / "demo.py")
    elif command == "install":
        environment("")
        print(f"ready: {BIN / 'gradewright'} --help")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
