"""Which parameters learn: stages, LoRA, the rows of new tokens."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from ...engines.vlm.loading import freeze_vision
from ...engines.vlm.net import GradingNet
from ...errors import BadInput

STAGES = ("pretrain", "sft", "align", "rsft")
_LINEAR = r".*(?:language_model|text_model).*\.(?:q|k|v|o|gate|up|down)_proj"


def choose(
    net: GradingNet, stage: str, frozen_vision: bool, new_ids: list[int], lora: dict[str, Any]
) -> None:
    """Let learn what a stage teaches.

    pretrain, sft : language model and connector. align : the adaptor alone (VeraRetouch's domain alignment).
    rsft : the language model alone. With LoRA of rank > 0 the language model learns through adapters and the
    rows of ``new_ids``.

    Raises
    ------
    BadInput : an unknown stage; align without an adaptor
    """
    if stage not in STAGES:
        raise BadInput(f"stage = {stage!r}: there is {', '.join(STAGES)}")
    if stage == "align":
        if net.adaptor is None:
            raise BadInput("stage 'align' trains the retouch adaptor: set bottleneck above 0")
        net.requires_grad_(False)
        net.adaptor.requires_grad_(True)
        return
    net.requires_grad_(True)
    if net.adaptor is not None and stage == "rsft":
        net.adaptor.requires_grad_(False)
    if frozen_vision or stage == "rsft":
        freeze_vision(net.vlm)
    if stage == "rsft":
        _freeze_connector(net.vlm)
    if lora["rank"]:
        _adapters(net, new_ids, lora)


def _freeze_connector(vlm: Any) -> None:
    for name, part in vlm.named_modules():
        if name.rpartition(".")[2] in ("visual", "vision_tower", "multi_modal_projector"):
            part.requires_grad_(False)


def _adapters(net: GradingNet, new_ids: list[int], lora: dict[str, Any]) -> None:
    from peft import LoraConfig, get_peft_model

    trained = [name for name, p in net.vlm.named_parameters() if p.requires_grad and _is_connector(name)]
    config = LoraConfig(
        r=lora["rank"],
        lora_alpha=lora["alpha"],
        lora_dropout=lora["dropout"],
        target_modules=_LINEAR,
        trainable_token_indices=_rows(net, new_ids),
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", FutureWarning
        )  # peft 0.21 calls transformers by a name of before 5.23
        net.vlm = get_peft_model(net.vlm, config)
    for name, parameter in net.core.named_parameters():
        if name in trained:
            parameter.requires_grad_(True)


def _rows(net: GradingNet, new_ids: list[int]) -> dict[str, list[int]] | None:
    """The rows of new tokens, of the output layer too where it is another one than the input's."""
    if not new_ids:
        return None
    inside, outside = net.core.get_input_embeddings().weight, net.core.get_output_embeddings().weight
    rows = {"embed_tokens": new_ids}
    return rows if inside is outside else {**rows, "lm_head": new_ids}


def _is_connector(name: str) -> bool:
    return any(part in name for part in ("merger", "multi_modal_projector"))


def merged(net: GradingNet) -> GradingNet:
    """The net without LoRA around it: adapters added into the weights."""
    if not hasattr(net.vlm, "merge_and_unload"):
        return net
    return GradingNet(net.vlm.merge_and_unload(), net.adaptor)


def learnt(net: nn.Module) -> dict[str, Tensor]:
    """The tensors that training changes, by name, on the CPU; of a sharded model whole, in every process."""
    return {name: _whole(p) for name, p in net.named_parameters() if p.requires_grad}


def _whole(parameter: nn.Parameter) -> Tensor:
    found = parameter.detach()
    if hasattr(found, "full_tensor"):
        found = found.full_tensor()
    return found.to("cpu", copy=True).contiguous()


def restore(net: nn.Module, state: dict[str, Tensor]) -> None:
    """Put back what :func:`learnt` took. Raises BadInput for another model's."""
    own = {name: p for name, p in net.named_parameters() if p.requires_grad}
    if own.keys() != state.keys() or any(own[n].shape != state[n].shape for n in own):
        raise BadInput("the checkpoint is of another model or config than this one")
    with torch.no_grad():
        for name, tensor in state.items():
            own[name].copy_(tensor)
