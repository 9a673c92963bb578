"""The auto engine: looks at a photo, predicts the retouch it needs as latents, renders them as a LUT."""

from .engine import AutoEngine

__all__ = ["AutoEngine"]
