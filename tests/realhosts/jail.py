"""Running commands inside a chroot of :mod:`chroots`: own mounts and processes, and nothing kept.

The chroot lies under an overlay in memory, so a run leaves no trace in the cache and many may run
at once. ``/host`` inside is the machine outside: ``chroot /host PYTHON -m gradewright.cli`` starts the
product with its own libraries, the way an editing application starts it on a user's machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

if __package__:
    from .chroots import Suite, ensure
else:  # run from chroots.py as a script
    from chroots import Suite, ensure

_MOUNTS = r"""
set -e
base=$1 work=$2 binds=$3; shift 3
mount --make-rprivate /
mount -t tmpfs -o size=4g gradewright "$work"
mkdir "$work/upper" "$work/inner" "$work/root"
mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/inner" gradewright "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
[ -s "$root/etc/machine-id" ] || echo 00112233445566778899aabbccddeeff > "$root/etc/machine-id"
mkdir -p "$root/host"
mount --rbind / "$root/host"
while IFS= read -r folder; do
  [ -n "$folder" ] || continue
  mkdir -p "$root$folder"
  mount --rbind "$folder" "$root$folder"
done <<< "$binds"
set +e
# Not PID 1 itself: xvfb-run would hang, and timeout fail.
chroot "$root" "$@"
exit $?
"""


def run(
    suite: Suite,
    command: Sequence[str | Path],
    *,
    binds: Iterable[Path] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
    capture: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command as root inside; every process it left dies with it.

    Parameters
    ----------
    suite : which chroot; built when it is missing
    binds : folders of this machine that appear inside under their own path
    env : the whole environment inside, HOME and PATH aside, which have defaults
    timeout : seconds; then everything inside is killed and subprocess.TimeoutExpired raised
    """
    base = ensure(suite)
    inside = {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", **(env or {})}
    work = Path(tempfile.mkdtemp(prefix="gradewright-jail-"))
    try:
        return subprocess.run(
            [
                *("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"),
                *("bash", "-c", _MOUNTS, "jail", str(base), str(work), "\n".join(str(b) for b in binds)),
                *("env", "-i", *(f"{name}={value}" for name, value in inside.items())),
                *(str(part) for part in command),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=capture,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)  # empty outside the namespace
