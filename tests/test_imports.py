"""Start-up: what a command imports, and what the layers may know."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"torch", "transformers", "colour", "scipy", "matplotlib", "onnxruntime", "tifffile", "imagecodecs"}
HEAVY |= {"uvicorn", "h11", "asyncio"}  # the service's
RUN = """
import sys
from gradewright.cli.main import run
try:
    run({args})
except SystemExit as stop:
    code = stop.code
"""
SHOW = "print('MODULES', code, *sorted({m.partition('.')[0] for m in sys.modules}))"


def modules_after(*args: str, cwd: Path) -> tuple[str, set[str]]:
    """Exit code and top-level modules of a fresh process that ran one command."""
    code = RUN.format(args=list(args)) + SHOW
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=False)
    line = next(line for line in done.stdout.splitlines() if line.startswith("MODULES"))
    _, exit_code, *names = line.split()
    return exit_code, set(names)


def test_help_imports_click_and_nothing_else(tmp_path):
    code, loaded = modules_after("--help", cwd=tmp_path)
    assert code == "0"
    assert not loaded & (HEAVY | {"numpy", "PyOpenColorIO", "PIL", "rich", "pluggy"})


@pytest.mark.parametrize(
    "command",
    [
        "grade",
        "apply",
        "convert",
        "inspect",
        "bake",
        "spaces",
        "doctor",
        "look",
        "looks",
        "train",
        "serve",
        "install",
        "uninstall",
    ],
)
def test_help_of_a_command_imports_no_numpy(command, tmp_path):
    code, loaded = modules_after(command, "--help", cwd=tmp_path)
    assert code == "0"
    assert not loaded & (HEAVY | {"numpy", "PyOpenColorIO", "PIL"})


@pytest.mark.parametrize(
    "args",
    [
        ("apply", "look.cube", "photo.jpg", "-o", "graded.jpg"),
        ("inspect", "look.cube"),
        ("convert", "look.cube", "look2.cube"),
        ("grade", "photo.jpg", "--set", "exposure=0.2", "-o", "new.cube", "--preview", "p.jpg"),
        ("bake", "look.cube", "--space", "ACEScct", "-o", "baked.cube"),
        ("look", "encode", "look.cube"),
        ("looks", "add", "look.cube", "--library", "my.sqlite"),
    ],
    ids=lambda args: args[0],
)
def test_working_commands_stay_light(args, tmp_path, look, picture):
    from gradewright import lutio
    from PIL import Image

    lutio.write(look, tmp_path / "look.cube")
    Image.fromarray((picture * 255).astype("uint8")).save(tmp_path / "photo.jpg")
    code, loaded = modules_after(*args, cwd=tmp_path)
    assert code == "0"
    assert not loaded & HEAVY


def test_a_prompt_loads_the_network_runtime_and_nothing_else_heavy(tmp_path):
    code, loaded = modules_after("grade", "--prompt", "warmer", "-o", "new.cube", cwd=tmp_path)
    assert code == "0"
    assert loaded & HEAVY == {"onnxruntime"}


def imports_of(path: Path) -> set[str]:
    """Absolute dotted names of everything a module of ours imports."""
    package = ["gradewright", *path.relative_to(ROOT).parent.parts]
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize(
    ("layer", "forbidden"),
    [
        ("core", ("gradewright.lutio", "gradewright.cli", "gradewright.hosts", "click")),
        ("lutio", ("gradewright.cli", "gradewright.hosts", "click", "rich")),
        ("hosts", ("gradewright.cli",)),
    ],
)
def test_layers_point_one_way(layer, forbidden):
    for path in (ROOT / layer).rglob("*.py"):
        wrong = [name for name in imports_of(path) if name.startswith(forbidden)]
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_the_network_runtime_is_only_loaded_where_its_telemetry_is_switched_off():
    for layer in ("core", "lutio", "cli", "hosts"):
        for path in (ROOT / layer).rglob("*.py"):
            names = {name.partition(".")[0] for name in imports_of(path)}
            assert "onnxruntime" not in names or path == ROOT / "core" / "ort.py", path


def test_a_prompt_leaves_no_trace_in_the_users_home(tmp_path):
    """With telemetry, onnxruntime keeps a device id and a queue of events under ~/.cache."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_", "CI"))}
    command = [sys.executable, "-m", "gradewright.cli", "grade", "--prompt", "warmer", "-o", "new.cube"]
    subprocess.run(command, env={**env, "HOME": str(home)}, cwd=work, check=True, capture_output=True)
    assert list(home.rglob("*")) == []


def test_the_client_needs_the_standard_library_only():
    names = {name.partition(".")[0] for name in imports_of(ROOT / "hosts" / "client.py")}
    assert names <= sys.stdlib_module_names


def test_only_the_service_knows_its_http_library():
    for layer in ("core", "lutio", "cli", "hosts"):
        for path in (ROOT / layer).rglob("*.py"):
            if (ROOT / "hosts" / "service") not in path.parents:
                wrong = {name.partition(".")[0] for name in imports_of(path)} & {"uvicorn", "h11"}
                assert not wrong, path
                wrong = [name for name in imports_of(path) if name.startswith("gradewright.hosts.service")]
                assert not wrong or path.name == "serve.py", path


def test_only_training_shows_progress_bars():
    """Core gives results; a fit, which takes hours, also says on stderr how far it is."""
    for path in (ROOT / "core").rglob("*.py"):
        if "train" not in path.relative_to(ROOT).parts:
            assert "rich" not in {name.partition(".")[0] for name in imports_of(path)}, path


RUNS_MODELS = {  # of the large engine: answers.py imports them when a model was named, nothing else does
    ROOT / "core" / "engines" / "vlm" / f"{name}.py"
    for name in ("adaptor", "batching", "loading", "local", "net", "pictures", "sampling")
}


def test_runtime_never_imports_training_libraries():
    for layer in ("core", "lutio", "cli", "hosts"):
        for path in (ROOT / layer).rglob("*.py"):
            if "train" in path.parts or path in RUNS_MODELS:
                continue
            wrong = {name.partition(".")[0] for name in imports_of(path)} & {
                "torch",
                "transformers",
                "colour",
                "scipy",
            }
            assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"
