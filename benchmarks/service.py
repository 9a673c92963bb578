"""The grading service under a thousand jobs: latency, memory, descriptors; what the command line saves.

    python benchmarks/service.py [--jobs 1000]

Starts a service of its own in a temporary folder, on a Unix socket, with one BLAS thread. Jobs alternate
between a prompt (predicted LUT, 33^3 .cube written, no recipe fitted), explicit parameters, a LUT over a
0.3 MP buffer, and a request that is refused. Linux only: memory and descriptors are read from /proc.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import table
from gradewright.hosts.client import Client, ClientError, write_pixels

COMMAND = [sys.executable, "-m", "gradewright.cli"]
TICK = os.sysconf("SC_CLK_TCK")


def rss(pid: int) -> float:
    """Resident memory, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def cpu(pid: int) -> float:
    """User and system CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def descriptors(pid: int) -> int:
    """Open files of a process."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def refused(client: Client) -> None:
    """A request that fails."""
    try:
        client.grade({"photo": "/nowhere.jpg", "prompt": "warm"})
    except ClientError:
        return
    raise AssertionError("was not refused")


def kinds(client: Client, folder: Path) -> dict[str, Callable[[], object]]:
    """Name -> one job."""
    pixels = np.random.default_rng(1).random((480, 640, 4), np.float32)
    source, look = str(folder / "in.gwpx"), str(folder / "look.cube")
    write_pixels(source, 640, 480, 4, "float32", [pixels.tobytes()])
    quick = {"folder": str(folder), "overwrite": True, "describe": False}
    client.grade({**quick, "params": {"exposure": 0.3}, "name": "look"})
    return {
        "prompt": lambda: client.grade({**quick, "prompt": "warm golden hour", "name": "prompt"}),
        "parameters": lambda: client.grade({**quick, "params": {"contrast": 20}, "name": "params"}),
        "apply": lambda: client.apply(look, source, str(folder / "out.gwpx"), overwrite=True),
        "refused": lambda: refused(client),
    }


def hammer(client: Client, folder: Path, jobs: int) -> None:
    """Run the jobs one after the other and print what they cost."""
    work, pid = kinds(client, folder), client.status()["pid"]
    times: dict[str, list[float]] = {name: [] for name in work}
    rows = []
    for number in range(jobs + 1):
        if number in {jobs // 20, jobs // 4, jobs // 2, jobs * 3 // 4, jobs}:
            rows.append([number, round(rss(pid), 1), descriptors(pid), round(cpu(pid), 2)])
        name = list(work)[number % len(work)]
        start = time.perf_counter()
        work[name]()
        times[name].append((time.perf_counter() - start) * 1000)
    print(table(["jobs", "RSS MB", "open files", "CPU s"], rows), end="\n\n")
    latency = [
        [
            name,
            len(found),
            round(statistics.median(found), 1),
            round(sorted(found)[int(0.95 * len(found))], 1),
        ]
        for name, found in times.items()
    ]
    print(table(["job", "runs", "median ms (wall)", "p95 ms"], latency), end="\n\n")


def command_line(folder: Path) -> None:
    """CPU of ``grade --prompt`` with and without the running service."""
    rows = []
    os.environ["GRADEWRIGHT_DEBUG"] = "1"  # it says whether the service was used
    for name, options in (("with the service", []), ("--no-service", ["--no-service"])):
        Client.connect(COMMAND, timeout=120)  # replaces one whose code has been edited meanwhile
        args = ["grade", "--prompt", "warm golden hour", "-o", str(folder / "c.cube"), "--force", *options]
        times, used = [], 0
        for _ in range(7):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run([*COMMAND, *args], check=True, capture_output=True, text=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            used += "grading service: used" in done.stderr
        rows.append([name, round(statistics.median(times), 3), f"{used} of 7"])
    print(table(["gradewright grade --prompt", "CPU s of the command (median)", "service used"], rows))


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000)
    jobs = parser.parse_args().jobs
    with tempfile.TemporaryDirectory(prefix="gw") as base:
        os.environ["GRADEWRIGHT_RUNTIME"] = f"{base}/run"
        os.environ["OMP_NUM_THREADS"] = "1"
        start = time.perf_counter()
        client = Client.connect(COMMAND, timeout=120)
        print(f"started and reachable in {time.perf_counter() - start:.2f} s (wall)")
        start = time.perf_counter()
        client.grade({"prompt": "warm", "describe": False})
        print(f"first prompt, networks loaded: {time.perf_counter() - start:.2f} s (wall)\n")
        hammer(client, Path(base), jobs)
        command_line(Path(base))
        client.shutdown()


if __name__ == "__main__":
    main()
