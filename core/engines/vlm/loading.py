"""Model folders: reading and writing them, adding the grading tokens. Safetensors only, nothing remote."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a model folder is all that is ever read

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers.utils import logging

from ...errors import FileError
from .adaptor import Adaptor
from .batching import START, STOP, Speaker
from .card import ADAPTOR, Card
from .net import GradingNet
from .pictures import family_of, image_token
from .vocabulary import TOKENS, Vocabulary

_NOISE = 0.1  # of the spread of the old embeddings, around their mean: new tokens begin alike, not equal


@dataclass(frozen=True)
class Loaded:
    """A model that can be asked or trained."""

    net: GradingNet
    speaker: Speaker
    card: Card


def load(folder: Path, device: str | None = None, card: Card | None = None) -> Loaded:
    """A folder that was trained to grade; on a GPU in bfloat16 if there is one, else in float32.

    Raises
    ------
    FileError : the folder, its card, tokens or weights are missing, damaged or not safetensors
    BadInput : a type of model that is not supported
    """
    card = card or Card.load(folder)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
    vlm, tokenizer, processor = checkpoint(folder, dtype)
    vocabulary = Vocabulary.of_tokenizer(tokenizer, folder)
    adaptor = None
    if card.bottleneck:
        adaptor = Adaptor(hidden_size(vlm), card.bottleneck)
        load_adaptor(adaptor, folder / ADAPTOR)
    net = GradingNet(vlm, adaptor).to(device).eval()
    family = family_of(vlm.config)
    return Loaded(net, Speaker(tokenizer, processor, vlm.config, family, vocabulary, card.side), card)


def checkpoint(folder: Path, dtype: torch.dtype = torch.float32) -> tuple[Any, Any, Any]:
    """Model, tokenizer and image processor of any supported checkpoint on disk.

    Raises
    ------
    FileError : see :func:`load`
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if not folder.is_dir():
        raise FileError(folder, "there is no such model folder", "name a folder with a checkpoint in it")
    if not list(folder.glob("*.safetensors")):
        raise FileError(
            folder, "holds no *.safetensors", "other weights may run code when read: convert them"
        )
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = transformers.AutoConfig.from_pretrained(folder, **local)
        family_of(config)
        vlm = transformers.AutoModelForImageTextToText.from_pretrained(
            folder, use_safetensors=True, dtype=dtype, **local
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **local)
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
    except FileError:
        raise
    except Exception as error:  # transformers' own errors have no common base
        if isinstance(error, MemoryError):
            raise
        what = " ".join(str(error).split())[:200]
        raise FileError(folder, f"is no usable checkpoint ({type(error).__name__}: {what})") from error
    return vlm, tokenizer, processor


def hidden_size(vlm: Any) -> int:
    """Width of the language model."""
    return int(vlm.get_input_embeddings().weight.shape[1])


def extend(vlm: Any, tokenizer: Any, seed: int = 0) -> list[int]:
    """Add the grading tokens to tokenizer and embeddings; the ids that are new to this checkpoint.

    The tokenizer says where they land. Rows that the checkpoint has in reserve are used, none is cut off.
    Doing it twice does nothing.
    """
    known = tokenizer.get_vocab()
    wanted = [token for token in (START, STOP, *TOKENS) if token not in known]
    tokenizer.add_tokens(wanted, special_tokens=False)
    new: list[int] = [int(tokenizer.convert_tokens_to_ids(token)) for token in wanted]
    rows = vlm.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        vlm.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    old = sorted(set(range(min(rows, len(tokenizer)))) - set(new))
    generator = torch.Generator().manual_seed(seed)
    seen: set[int] = set()
    for layer in (vlm.get_input_embeddings(), vlm.get_output_embeddings()):
        if new and layer.weight.data_ptr() not in seen:  # tied ones are one and the same
            seen.add(layer.weight.data_ptr())
            _begin(layer.weight, old, new, generator)
    return new


def _begin(weight: Tensor, old: list[int], new: list[int], generator: torch.Generator) -> None:
    with torch.no_grad():
        rows = weight[torch.tensor(old)].float()
        noise = torch.randn((len(new), weight.shape[1]), generator=generator)
        weight[torch.tensor(new)] = (rows.mean(0) + _NOISE * rows.std(0) * noise).to(weight.dtype)


def freeze_vision(vlm: Any) -> None:
    """The vision tower learns nothing more; what connects it to the language model still does."""
    for name, part in vlm.named_modules():
        if name.rpartition(".")[2] in ("visual", "vision_tower"):
            part.requires_grad_(False)
    for name, part in vlm.named_modules():
        if name.rpartition(".")[2] in ("merger", "multi_modal_projector", "deepstack_merger_list"):
            part.requires_grad_(True)


def save(
    folder: Path, net: GradingNet, speaker: Speaker, card: Card, state: dict[str, Tensor] | None = None
) -> None:
    """Write a model folder: weights (LoRA merged in by the caller), tokenizer, processor, adaptor, card."""
    folder.mkdir(parents=True, exist_ok=True)
    inner = None if state is None else _under(state, "vlm.")
    net.core.save_pretrained(folder, state_dict=inner)
    speaker.tokenizer.chat_template = chat_template(speaker)
    speaker.tokenizer.save_pretrained(folder)
    speaker.processor.save_pretrained(folder)
    if net.adaptor is not None:
        own = net.adaptor.state_dict() if state is None else _under(state, "adaptor.")
        save_file({k: v.contiguous().cpu() for k, v in own.items()}, folder / ADAPTOR)
    card.save(folder)


def _under(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def load_adaptor(adaptor: nn.Module, path: Path) -> None:
    """Read the adaptor's weights. Raises FileError where they are missing or of another shape."""
    try:
        adaptor.load_state_dict(load_file(path))
    except Exception as error:  # safetensors' own error has no base but Exception
        what = " ".join(str(error).split())[:120]
        raise FileError(path, f"is no adaptor of this model ({what})", "train it with vlm_align") from error


def chat_template(speaker: Speaker) -> str:
    """The wording around pictures and prompts as a Jinja template, for servers that render chats."""
    family = speaker.family
    picture = family.begin + speaker.tokenizer.convert_ids_to_tokens(image_token(speaker.config)) + family.end
    inside = (
        "{% if m['content'] is string %}{{ m['content'] }}{% else %}{% for part in m['content'] %}"
        "{% if part['type'] in ('image', 'image_url') %}"
        + picture
        + "{% else %}{{ part['text'] }}{% endif %}"
        "{% endfor %}{% endif %}"
    )
    return (
        "{% for m in messages %}" + START + "{{ m['role'] }}\n" + inside + "{% if not loop.last or "
        "m['role'] != 'assistant' %}" + STOP + "\n{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}" + START + "assistant\n{% endif %}"
    )
