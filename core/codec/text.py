"""Tokens as text: ``gw1:`` and base64url, fit for a chat message, a file name or an EXIF tag."""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import BadInput

NAME = "gw1"
TOKENS = 64


def checked(tokens: ArrayLike, most: int = TOKENS) -> NDArray[np.uint8]:
    """1..``most`` tokens as uint8.

    Raises
    ------
    BadInput : not a flat list of integers 0..255, empty, or too long
    """
    array = np.frombuffer(tokens, np.uint8) if isinstance(tokens, bytes) else np.asarray(tokens)
    if array.ndim != 1 or not 1 <= len(array) <= most:
        raise BadInput(f"tokens have shape {array.shape}: a look is a flat row of 1..{most} tokens")
    if not np.issubdtype(array.dtype, np.integer):
        raise BadInput(f"tokens are {array.dtype}: a token is an integer 0..255")
    if array.min() < 0 or array.max() > 255:
        wrong = int(array.min() if array.min() < 0 else array.max())
        raise BadInput(f"token {wrong} is out of range: 0..255")
    return array.astype(np.uint8)


def to_text(tokens: ArrayLike) -> str:
    """``gw1:`` and 2..86 characters of base64url (A-Z a-z 0-9 - _), no padding."""
    return f"{NAME}:{base64.urlsafe_b64encode(checked(tokens).tobytes()).decode().rstrip('=')}"


def from_text(text: str) -> NDArray[np.uint8]:
    """The tokens of a ``gw1:...`` string, uint8 (1..64,).

    Raises
    ------
    BadInput : another codec's name, foreign characters, a wrong length
    """
    name, colon, body = text.strip().partition(":")
    if not colon or name != NAME:
        raise BadInput(f"{_short(text)} is no look of this codec: it would begin with {NAME}:")
    try:
        padded = body.encode("ascii") + b"=" * (-len(body) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise BadInput(
            f"{_short(text)} is damaged: after {NAME}: come only letters, digits, - and _"
        ) from error
    if not 1 <= len(data) <= TOKENS:
        raise BadInput(f"{_short(text)} holds {len(data)} tokens: a look has 1..{TOKENS}")
    return np.frombuffer(data, np.uint8).copy()


def _short(text: str) -> str:
    return repr(text if len(text) <= 24 else text[:21] + "...")
