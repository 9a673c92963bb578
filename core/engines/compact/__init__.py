"""The compact engine: small networks, shipped with the package, that write LUT tokens on one CPU core."""

from .engine import CompactEngine

__all__ = ["CompactEngine"]
