"""Shared fixtures: small LUTs and pictures, made here."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
from cli_runner import Runner
from gradewright import lutio
from gradewright.core import Lut
from hypothesis import settings
from PIL import Image
from samples import bent

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # for tests that import onnxruntime themselves
os.environ["GRADEWRIGHT_NO_SERVICE"] = "1"  # a service that runs on this machine is not what is tested

with warnings.catch_warnings():
    warnings.simplefilter(
        "ignore"
    )  # it remarks on optional packages (matplotlib); tests import it after this
    import colour  # noqa: F401

settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def look() -> Lut:
    """``bent`` on 17^3."""
    return Lut.from_function(bent, 17, title="bent")


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded generator."""
    return np.random.default_rng(20261121)


@pytest.fixture
def picture(rng: np.random.Generator) -> np.ndarray:
    """Float32 (48, 64, 3), sRGB 0..1: gradients with some noise."""
    y, x = np.mgrid[0:48, 0:64] / [[[48]], [[64]]]
    base = np.stack([x, y, 1 - (x + y) / 2], axis=-1)
    return np.clip(base + rng.normal(0, 0.02, base.shape), 0, 1).astype(np.float32)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], tmp_path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Runs commands in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return Runner(capsys)


@pytest.fixture
def files(tmp_path, look: Lut, picture: np.ndarray):
    """A LUT, a photo and a graded copy in the working folder."""
    lutio.write(look, tmp_path / "look.cube")
    pixels = (picture * 255).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    Image.fromarray(look.apply(pixels)).save(tmp_path / "after.png")
    return tmp_path
