"""The configs of the fits: finding, reading, overriding and checking them before hours are spent."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from ..errors import BadInput, FileError
from .vqvae_run import Settings

HERE = Path(__file__).resolve().parent
DEFAULT = "codec_gw1"


def find(path: Path | None) -> Path:
    """The file, or the shipped config of that name."""
    shipped = HERE / f"{path or DEFAULT}.toml"
    return path if path is not None and (path.exists() or not shipped.exists()) else shipped


def read(path: Path, settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """A config with SECTION.KEY=VALUE ``settings`` applied, checked against the shipped one.

    Raises
    ------
    FileError : it cannot be read, is no TOML, lacks a key or has one that is unknown
    BadInput : a setting is malformed or names nothing that the config has
    """
    config = _toml(path)
    if is_vqvae(config):
        config = {field.name: field.default for field in fields(Settings)} | config
    for setting in settings:
        _override(config, setting)
    if config.get("model", "rvq") not in ("rvq", "vqvae"):
        raise FileError(path, f"has model = {config['model']!r}", 'there is "rvq", the default, and "vqvae"')
    if not is_vqvae(config):
        _same_keys(path, config, _toml(HERE / f"{DEFAULT}.toml"))
    return config


def read_policy(path: Path, settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """A config of the compact engine's networks, likewise.

    Raises
    ------
    FileError, BadInput : as for :func:`read`
    """
    config = _toml(path)
    if config.get("kind") not in ("prompt", "reference"):
        raise FileError(path, f"has kind = {config.get('kind')!r}", 'there is "prompt" and "reference"')
    return _like(path, config, settings, f"policy_{config['kind']}")


def read_auto(path: Path, settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """A config of the auto engine, likewise.

    Raises
    ------
    FileError, BadInput : as for :func:`read`
    """
    config = _toml(path)
    if config.get("kind") != "auto":
        raise FileError(path, f"has kind = {config.get('kind')!r}", 'needs "auto"')
    return _like(path, config, settings, "auto")


def _like(path: Path, config: dict[str, Any], settings: tuple[str, ...], shipped: str) -> dict[str, Any]:
    for setting in settings:
        _override(config, setting)
    _same_keys(path, config, _toml(HERE / f"{shipped}.toml"))
    return config


def read_critic(path: Path, settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """A config of the critic or of its judge, likewise.

    Raises
    ------
    FileError, BadInput : as for :func:`read`
    """
    config = _toml(path)
    if config.get("kind") not in ("critic", "judge"):
        raise FileError(path, f"has kind = {config.get('kind')!r}", 'there is "critic" and "judge"')
    for setting in settings:
        _override(config, setting)
    _same_keys(path, config, _toml(HERE / f"{config['kind']}.toml"))
    return config


def read_vlm(path: Path, kind: str, settings: tuple[str, ...] = ()) -> dict[str, Any]:
    """A config of the large engine for one of its trainings (vlm-sft, vlm-grpo, vlm-dapo), likewise.

    Raises
    ------
    FileError, BadInput : as for :func:`read`
    """
    config = _toml(path)
    if config.get("kind") != kind:
        raise FileError(path, f"has kind = {config.get('kind')!r}", f'needs "{kind}"')
    return _like(path, config, settings, kind.replace("-", "_"))


def is_vqvae(config: dict[str, Any]) -> bool:
    """Whether it is a VQ-VAE's, not the codec's own."""
    return config.get("model") == "vqvae"


def vqvae_settings(config: dict[str, Any], path: Path, minutes: float | None) -> Settings:
    """Settings of a VQ-VAE; what the config leaves out is as in :class:`Settings`.

    Raises
    ------
    FileError : a name is unknown or a value cannot be
    """
    given = {name: value for name, value in config.items() if name != "model"}
    known = [field.name for field in fields(Settings)]
    if unknown := sorted(set(given) - set(known)):
        raise FileError(path, f"has an unknown {', '.join(unknown)}", f"a VQ-VAE has {', '.join(known)}")
    if minutes is not None:
        given |= {"minutes": minutes, "steps": 0}
    try:
        return Settings(**given)
    except BadInput as error:
        raise FileError(path, str(error)) from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(path, error.strerror or "cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(path, f"is no TOML ({error})") from None


def _override(config: dict[str, Any], setting: str) -> None:
    name, equals, value = setting.partition("=")
    *sections, leaf = name.split(".")
    target: Any = config
    for section in sections:
        target = target.get(section) if isinstance(target, dict) else None
    if not equals or not isinstance(target, dict) or isinstance(target.get(leaf, {}), dict):
        raise BadInput(f"--set {setting}: write SECTION.KEY=VALUE with a name from the config")
    try:
        target[leaf] = tomllib.loads(f"v = {value}")["v"]
    except tomllib.TOMLDecodeError:
        raise BadInput(f"--set {setting}: '{value}' is no TOML value") from None


def _same_keys(path: Path, config: dict[str, Any], model: dict[str, Any], section: str = "") -> None:
    for name, example in model.items():
        value = config.get(name)
        if type(value) is not type(example) and not (type(example) is float and type(value) is int):
            what = "a section" if isinstance(example, dict) else f"as in {name} = {example!r}"
            raise FileError(path, f"needs {section}{name}, {what}", "start from the shipped config")
        if isinstance(example, dict):
            _same_keys(path, config[name], example, f"{name}.")
    if unknown := sorted(set(config) - set(model) - {"model"}):
        raise FileError(path, f"has an unknown {section}{unknown[0]}", "start from the shipped config")
