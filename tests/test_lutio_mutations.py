"""About 10^4 mutated files of every format: success with a finite table, or the typed one-line error.

The seeds and the edits are those of ``benchmarks/fuzz_lutio.py``, which runs ten times as many.
"""

import importlib.util
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

_PATH = Path(__file__).parent.parent / "benchmarks" / "fuzz_lutio.py"
_SPEC = importlib.util.spec_from_file_location("fuzz_lutio", _PATH)
fuzz = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fuzz)

SEEDS = fuzz.seeds()
BATCH = 20  # mutations an example: hypothesis picks the seed, so that a failure can be run again
EXAMPLES = {"ocio": 10, "clf": 30, "ctf shaper": 30}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("mutations")
    fuzz.prepare(path)
    return path


@pytest.mark.parametrize("name", SEEDS)
def test_seeds_are_valid(name, folder):
    suffix, data = SEEDS[name]
    path = folder / f"seed{suffix}"
    path.write_bytes(data)
    assert fuzz.outcome(path) == "read"


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files_are_read_or_refused(name, folder):
    suffix, data = SEEDS[name]
    path = folder / f"file{suffix}"
    seen = set()

    @settings(
        max_examples=EXAMPLES.get(name, 56),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.integers(0, 2**32 - 1))
    def batch(seed):
        rng = random.Random(seed)
        for _ in range(BATCH):
            path.write_bytes(fuzz.mutate(data, rng))
            seen.add(fuzz.outcome(path))

    batch()
    assert seen == {"read", "refused"}


def test_every_edit_changes_something():
    _, data = SEEDS["cube"]
    for edit in fuzz.EDITS:
        changed = {edit(data, random.Random(seed)) for seed in range(20)}
        assert changed - {data}, edit.__name__


def test_the_number_of_mutations():
    assert sum(BATCH * EXAMPLES.get(name, 56) for name in SEEDS) >= 10_000
