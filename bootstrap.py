#!/usr/bin/env python3
"""From a bare Python 3.11+ to a working gradewright: ``python3 bootstrap.py demo|test|install``.

Needs python3 and pip (Debian: apt-get install python3 python3-pip). Makes the virtual environment
``.venv`` beside this file once, remakes it when pyproject.toml changes, and never touches the
system's packages. pip's own cache keeps the downloads.

    demo     grade the photos in docs/media, write LUTs, previews and an inspection plot to demo-out/
    test     linters, type checker and every test
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
    environment("test,train")  # the training code is tested too; torch is pinned in pyproject.toml
    run(PYTHON, "-m", "ruff", "check", *SOURCES)
    run(PYTHON, "-m", "ruff", "format", "--check", *SOURCES)
    run(PYTHON, "-m", "mypy", env={**os.environ, "MYPYPATH": str(typed_view())})
    run(PYTHON, "-m", "pytest", "-n", "2")


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
