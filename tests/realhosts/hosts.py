"""Which real hosts the tests here may use, and what happens when there are none."""

from __future__ import annotations

import os

import pytest

from .chroots import SUITES, CannotBuild, Suite, ensure, versions


def required() -> bool:
    """Whether a missing host is a failure: in CI, and wherever ``bootstrap.py test`` says so."""
    return bool(os.environ.get("CI") or os.environ.get("GRADEWRIGHT_REQUIRE_HOSTS") == "1")


def suite_or_skip(name: str) -> Suite:
    """The suite whose chroot stands; otherwise the test is skipped, or fails where hosts are required."""
    suite = SUITES[name]
    if versions(suite):
        return suite
    if not required():
        pytest.skip(f"no {name} chroot here: run 'python3 tests/realhosts/chroots.py build {name}' as root")
    try:
        ensure(suite)
    except CannotBuild as reason:
        pytest.fail(f"the real-host tests are required here and cannot run: {reason}")
    return suite
