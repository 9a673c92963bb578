"""Where training runs."""

from __future__ import annotations

import torch

from ..errors import BadInput


def checked_device(device: str) -> str:
    """``cpu`` or ``cuda``.

    Raises
    ------
    BadInput : cuda is asked for and torch finds none
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise BadInput("--device cuda: torch finds no CUDA here; leave it out to use the CPU")
    return device
