#!/usr/bin/env python3
"""Chroots of newer Debian suites with the real GIMP and darktable in them, built once and cached.

    python3 tests/realhosts/chroots.py build [trixie|forky]...     build what is missing, print the folders;
                                            exit code 3 and the reason where that is not possible at all
    python3 tests/realhosts/chroots.py check                       say what stands, and whether one can build
    python3 tests/realhosts/chroots.py shell trixie COMMAND...     run a command inside

Needs root on Debian 12 or later (mmdebstrap comes from apt), 3 GB of disk and, when nothing is
cached, the Debian mirror. The cache lies in GRADEWRIGHT_CHROOTS, else ~/.cache/gradewright/chroots.
Standard library only: it runs before there is an environment.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIRROR = os.environ.get("GRADEWRIGHT_DEBIAN_MIRROR", "http://deb.debian.org/debian")
STAMP = "gradewright-stamp.json"

_PACKAGES = [
    "gimp",
    "gir1.2-gimp-3.0",
    "python3-gi",
    "python3-gi-cairo",
    "gir1.2-gtk-3.0",
    "darktable",
    "lua5.4",
    "sqlite3",
    "xvfb",
    "xauth",
    "dbus",
    "openbox",
    "xdotool",
    "x11-utils",
    "imagemagick",
    "fonts-dejavu-core",
    "adwaita-icon-theme",
    "ca-certificates",
]
_OPTIONS = (
    "--variant=minbase",
    "--components=main",
    "--format=directory",
    "--mode=root",
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::Check-Valid-Until "false"',  # some mirrors keep an expired Release of testing
    '--aptopt=APT::Install-Recommends "false"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    '--customize-hook=chroot "$1" useradd -m -u 1500 tester',
    '--customize-hook=chroot "$1" dbus-uuidgen --ensure=/etc/machine-id',
)


class CannotBuild(Exception):
    """Why there is no chroot; one sentence."""


class NotHere(CannotBuild):
    """Why this machine cannot have chroots at all."""


@dataclass(frozen=True)
class Suite:
    """One chroot: a Debian suite, and which series of the hosts it must hold."""

    name: str
    gimp: str
    darktable: str

    @property
    def folder(self) -> Path:
        """Where it lies once it is built."""
        return cache_folder() / self.name

    def command(self, target: Path) -> list[str]:
        """The mmdebstrap call that builds it."""
        return [
            "mmdebstrap",
            "--quiet",
            *_OPTIONS,
            f"--include={','.join(_PACKAGES)}",
            self.name,
            str(target),
            MIRROR,
        ]

    @property
    def recipe(self) -> str:
        """Hash of everything that decides what is in the chroot, the day of building aside."""
        made_from = [self.name, self.gimp, self.darktable, _PACKAGES, _OPTIONS]
        return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]


SUITES = {s.name: s for s in (Suite("trixie", "3.0", "5.0"), Suite("forky", "3.2", "5.4"))}


def cache_folder() -> Path:
    """The folder of the chroots."""
    named = os.environ.get("GRADEWRIGHT_CHROOTS")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(named) if named else Path(base) / "gradewright" / "chroots"


def versions(suite: Suite) -> dict[str, str]:
    """{"gimp": version, "darktable": version} of a chroot; {} with none, a stale or a broken one."""
    try:
        stamp = json.loads((suite.folder / STAMP).read_text())
        whole = stamp["recipe"] == suite.recipe and stamp["manifest"] == manifest(
            suite.folder, stamp["built"]
        )
        return dict(stamp["versions"]) if whole and _has_programs(suite.folder, suite) else {}
    except (OSError, ValueError, KeyError):
        return {}


def ensure(suite: Suite) -> Path:
    """The chroot's folder; built now when it is missing, stale or broken.

    Raises
    ------
    NotHere, CannotBuild : with the reason
    """
    if versions(suite):
        return suite.folder
    reason = why_not()
    if reason:
        raise NotHere(reason)
    with _lock(suite):
        if not versions(suite):  # the other builder may have done it while this one waited
            _build(suite)
    return suite.folder


def why_not() -> str:
    """Why chroots cannot be built or entered here; empty when they can. Installs mmdebstrap where it may."""
    if sys.platform != "linux":
        return f"chroots need Linux, this is {sys.platform}"
    if os.geteuid() != 0:
        return "chroots need root"
    if not Path("/etc/debian_version").exists():
        return "chroots are built with Debian's mmdebstrap, and this is not Debian"
    if subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, check=False
    ).returncode:
        return "this machine does not let root make mount namespaces"
    return "" if shutil.which("mmdebstrap") else _install_mmdebstrap()


def _install_mmdebstrap() -> str:
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", "mmdebstrap", "arch-test"]):
        done = subprocess.run([*apt, *step], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"mmdebstrap is not installed and apt-get cannot get it ({_last_line(done.stderr)})"
    return ""


def _build(suite: Suite) -> None:
    """Build beside the final place and move it there whole: an interrupted build leaves no chroot."""
    part = cache_folder() / f".{suite.name}.part"
    _remove(part)
    print(
        f"building the {suite.name} chroot (GIMP {suite.gimp}, darktable {suite.darktable}) ...",
        file=sys.stderr,
    )
    # In its own namespaces: whatever happens to the builder, no mount and no process stays behind.
    jail = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    done = subprocess.run([*jail, *suite.command(part)], capture_output=True, text=True, check=False)
    if done.returncode:
        _remove(part)
        raise CannotBuild(f"mmdebstrap {suite.name} failed: {_last_line(done.stderr)}")
    found = {program: _package_version(part, program) for program in ("gimp", "darktable")}
    if not _has_programs(part, suite) or not all(found.values()):
        raise CannotBuild(f"{suite.name} has {found}, not GIMP {suite.gimp} and darktable {suite.darktable}")
    stamp = {
        "recipe": suite.recipe,
        "manifest": manifest(part, "just now"),
        "versions": found,
        "built": time.strftime("%F %T"),
    }
    (part / STAMP).write_text(json.dumps(stamp, indent=1))
    _remove(suite.folder)
    part.rename(suite.folder)


def _has_programs(root: Path, suite: Suite) -> bool:
    needed = (
        f"usr/bin/gimp-console-{suite.gimp}",
        f"usr/bin/gimp-{suite.gimp}",
        "usr/bin/darktable-cli",
        "usr/bin/Xvfb",
    )
    return all((root / name).exists() for name in needed) and (
        _package_version(root, "darktable").startswith(suite.darktable)
    )


def _package_version(root: Path, package: str) -> str:
    for block in (root / "var/lib/dpkg/status").read_text(errors="replace").split("\n\n"):
        if block.startswith(f"Package: {package}\n"):
            return next((line[9:] for line in block.splitlines() if line.startswith("Version: ")), "")
    return ""


@functools.cache
def manifest(root: Path, _built: str) -> str:
    """Hash of the names, kinds, sizes, modes and link targets of all files: what is missing or cut off shows.

    A second's time for a chroot; once per process and build.
    """
    found = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*files, *folders]):
            path = os.path.join(folder, name)
            facts = os.lstat(path)
            size = facts.st_size if stat.S_ISREG(facts.st_mode) else 0
            target = os.readlink(path) if stat.S_ISLNK(facts.st_mode) else ""
            if path != str(root / STAMP):
                line = (os.path.relpath(path, root), facts.st_mode, size, target)
                found.update(repr(line).encode(errors="surrogateescape"))
    return found.hexdigest()


def _remove(folder: Path) -> None:
    """Never across a mount."""
    if folder.exists():
        subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


@contextlib.contextmanager
def _lock(suite: Suite) -> Iterator[None]:
    cache_folder().mkdir(parents=True, exist_ok=True)
    with open(cache_folder() / f"{suite.name}.lock", "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # goes with the process, however that ends
        yield


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E:")]
    return (errors or lines or ["no message"])[-1]


def main(arguments: list[str]) -> int:
    """Entry point."""
    what, *rest = arguments or ["help"]
    if what == "shell" and len(rest) > 1 and rest[0] in SUITES:
        from jail import run

        return run(SUITES[rest[0]], rest[1:], capture=False).returncode
    if what == "check":
        for suite in SUITES.values():
            print(suite.name, suite.folder, versions(suite) or "not built")
        print("building here:", why_not() or "possible")
        return 0
    if what != "build" or not set(rest) <= set(SUITES):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        for name in rest or SUITES:
            print(name, ensure(SUITES[name]), *versions(SUITES[name]).values(), flush=True)
    except CannotBuild as reason:
        print(f"no chroots: {reason}", file=sys.stderr)
        return 3 if isinstance(reason, NotHere) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
