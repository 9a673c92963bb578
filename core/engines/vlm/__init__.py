"""The large engine: a vision-language model that writes LUT tokens, retouch latents or operations."""

from .engine import VlmEngine

__all__ = ["VlmEngine"]
