"""A model that an inference server has loaded: vLLM's OpenAI-compatible endpoint, or vLLM in this process.

The server is an engine that exists; nothing of one is here. What is sent: the picture, the prompt, and which
tokens may be said (the ids are read from the folder's tokenizer, so neither torch nor transformers is
needed).
"""

from __future__ import annotations

import base64
import http.client
import io
import ipaddress
import json
import os
import re
import socket
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

import numpy as np

from ...errors import BadInput, FileError
from ...request import Pixels
from .answers import Look, Retouch
from .card import Card
from .shown import shown
from .vocabulary import BEGIN, LENGTH, Vocabulary
from .wording import Wish

KEY = "GRADEWRIGHT_ENDPOINT_KEY"
OFFLINE = "vllm"  # in place of an address: vLLM's offline class
_CODE = re.compile(r"<\|lut_(\d{1,3})\|>")
_SECONDS, _MOST = 300, 1 << 23
_LONGEST = 512


class Chat(Protocol):
    """Sends messages, gets the text of the answer and the mean log probability of its tokens."""

    def __call__(self, messages: list[dict[str, Any]], settings: dict[str, Any]) -> tuple[str, float]:
        """Raises BadInput where there is no answer."""
        ...


class Served:
    """Answers of a served model; see :class:`~.answers.Model`.

    Raises
    ------
    BadInput : an address that is none, or of another machine without ``allow_remote``; vLLM is not installed
    FileError : the folder's tokenizer lacks the grading tokens; a family that servers show pictures otherwise
    """

    def __init__(self, folder: Path, card: Card, endpoint: str, allow_remote: bool = False) -> None:
        self._ids, self._side = Vocabulary.of_folder(folder), card.side
        _same_pictures(folder)
        self._chat: Chat = Offline(folder) if endpoint == OFFLINE else Endpoint(endpoint, allow_remote)

    def look(self, wish: Wish, pictures: Sequence[Pixels], seed: int, temperature: float) -> Look:
        """Exactly 64 LUT tokens."""
        messages = [self._message(wish.prompt, pictures), {"role": "assistant", "content": BEGIN}]
        only = {
            "allowed_token_ids": list(self._ids.lut),
            "min_tokens": LENGTH,
            "max_tokens": LENGTH,
            "ignore_eos": True,
            "continue_final_message": True,
            "add_generation_prompt": False,
        }
        text, score = self._chat(messages, {**only, "seed": seed, "temperature": temperature})
        codes = [int(code) for code in _CODE.findall(text)]
        if len(codes) != LENGTH or max(codes) > 255 or _CODE.sub("", text).replace(BEGIN, "").strip():
            raise BadInput(
                f"the server answered with {len(codes)} LUT tokens, not {LENGTH}: is it the --model folder?"
            )
        return Look(np.array(codes, np.uint8), score)

    def retouch(self, wish: Wish, pictures: Sequence[Pixels], seed: int, temperature: float) -> Retouch:
        """Not to be had: servers give tokens, and latents are made of hidden states."""
        raise BadInput(
            "retouch latents need the model's hidden states, which servers do not give: no --endpoint"
        )

    def text(self, prompt: str, pictures: Sequence[Pixels], seed: int, temperature: float) -> str:
        """A text."""
        how = {"max_tokens": _LONGEST, "seed": seed, "temperature": temperature}
        return self._chat([self._message(prompt, pictures)], how)[0]

    def _message(self, prompt: str, pictures: Sequence[Pixels]) -> dict[str, Any]:
        parts: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": _data(picture, self._side)}} for picture in pictures
        ]
        return {"role": "user", "content": [*parts, {"type": "text", "text": prompt}]}


def _data(picture: Pixels, side: int) -> str:
    """A picture as a data: address, PNG."""
    buffer = io.BytesIO()
    shown(picture, side).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _same_pictures(folder: Path) -> None:
    path = folder / "config.json"
    try:
        kind = json.loads(path.read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError(path, f"is no config of a model ({error})", "name a model folder") from None
    if kind == "llava_onevision":
        raise FileError(path, "servers show this family closer views that it was not trained with",
                        "leave --endpoint out")  # fmt: skip


class Endpoint:
    """An OpenAI-compatible server: ``http://localhost:8000/v1``, or ``unix:/run/vllm.sock``."""

    def __init__(self, address: str, allow_remote: bool = False) -> None:
        self._address, self._parts = address, _checked(address, allow_remote)
        self._model: str | None = None

    def __call__(self, messages: list[dict[str, Any]], settings: dict[str, Any]) -> tuple[str, float]:
        """One answer."""
        if self._model is None:
            self._model = self._first(self._send("GET", "/models", None))
        body = {
            "model": self._model,
            "messages": messages,
            "logprobs": True,
            "skip_special_tokens": False,
            "repetition_penalty": 1.0,
            "top_p": 1.0,
            "top_k": -1,
            **settings,
        }
        found = self._send("POST", "/chat/completions", body)
        try:
            choice = found["choices"][0]
            rows = (choice.get("logprobs") or {}).get("content") or []
            score = float(np.mean([row["logprob"] for row in rows])) if rows else 0.0
            return str(choice["message"]["content"] or ""), score
        except (KeyError, IndexError, TypeError, AttributeError):
            raise BadInput(f"{self._address}: the answer is no chat completion") from None

    def _first(self, found: dict[str, Any]) -> str:
        try:
            return str(found["data"][0]["id"])
        except (KeyError, IndexError, TypeError):
            raise BadInput(f"{self._address}: lists no models; is it an OpenAI-compatible server?") from None

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        """Neither proxies nor redirects are followed: the photo goes where the user said, or nowhere."""
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY):
            headers["Authorization"] = f"Bearer {key}"
        connection = self._connection()
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, self._root() + path, data, headers)
            answer = connection.getresponse()
            raw = answer.read(_MOST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise BadInput(f"{self._address}: no answer ({error}); is the server running?") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise BadInput(f"{self._address}: {answer.status} {answer.reason}: {_said(raw)}")
        return _json(raw, self._address)

    def _root(self) -> str:
        return "/v1" if self._parts.scheme == "unix" else self._parts.path.rstrip("/")

    def _connection(self) -> http.client.HTTPConnection:
        parts = self._parts
        if parts.scheme == "unix":
            return _Unix(parts.path)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=_SECONDS)


class _Unix(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)


def _checked(address: str, allow_remote: bool) -> SplitResult:
    parts = urlsplit(address)
    try:
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        port_is_one = False
    whole = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in ("http", "https", "unix") or not whole or not port_is_one:
        raise BadInput(
            f"--endpoint {address}: write http://localhost:8000/v1, unix:/path/to.sock or {OFFLINE}"
        )
    if parts.scheme != "unix" and not allow_remote and not _here(parts.hostname or ""):
        raise BadInput(
            f"--endpoint {address} is another machine, and your photo would be sent there: "
            "add --allow-remote if that is meant"
        )
    return parts


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _json(raw: bytes, address: str) -> dict[str, Any]:
    try:
        found = json.loads(raw) if len(raw) <= _MOST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadInput(f"{address}: the answer is no JSON object")
    return found


def _said(raw: bytes) -> str:
    return " ".join(raw[:300].decode("utf-8", "replace").split())


class Offline:
    """vLLM's own class in this process; it wants its GPU."""

    def __init__(self, folder: Path) -> None:
        if find_spec("vllm") is None:
            raise BadInput("--endpoint vllm needs vLLM: pip install vllm, or leave it out")
        import vllm

        self._vllm = vllm
        self._model = vllm.LLM(model=str(folder), trust_remote_code=False, limit_mm_per_prompt={"image": 2})

    def __call__(self, messages: list[dict[str, Any]], settings: dict[str, Any]) -> tuple[str, float]:
        """One answer."""
        how = dict(settings)
        chat = {
            name: how.pop(name) for name in ("continue_final_message", "add_generation_prompt") if name in how
        }
        plan = self._vllm.SamplingParams(**how, logprobs=0, skip_special_tokens=False)
        [found] = self._model.chat(messages, sampling_params=plan, use_tqdm=False, **chat)
        said = found.outputs[0]
        count = len(said.token_ids)
        score = float(said.cumulative_logprob or 0.0) / count if count else 0.0
        return str(said.text), score
