"""Pictures and texts as the tensors that each family of models takes.

AutoProcessor is not used: for the Qwen families it needs torchvision (for videos, which grading never has).
The image processor and the tokenizer are the checkpoint's own; what is done here is the one step between
them, an image token for each feature that the vision tower will give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from ...errors import BadInput


@dataclass(frozen=True)
class Family:
    """How a model type takes pictures.

    ``begin``, ``end`` : texts around a picture. ``count`` : image tokens of the i-th picture, from the
    processed tensors and the config.
    """

    begin: str
    end: str
    count: Callable[[dict[str, Tensor], Any, int], int]


def _grid(inputs: dict[str, Tensor], config: Any, i: int) -> int:
    merge = config.vision_config.spatial_merge_size
    return int(inputs["image_grid_thw"][i].prod()) // merge**2


def _patches(_inputs: dict[str, Tensor], config: Any, _i: int) -> int:
    vision = config.vision_config
    cls = vision.model_type.startswith("clip")
    dropped = config.vision_feature_select_strategy == "default"
    return int((vision.image_size // vision.patch_size) ** 2 + cls - dropped)


def _base(inputs: dict[str, Tensor], config: Any, i: int) -> int:
    """LLaVA-OneVision's base view and a newline: its closer views show detail that no grade needs."""
    return _patches(inputs, config, i) + 1


FAMILIES = {
    "qwen2_vl": Family("<|vision_start|>", "<|vision_end|>", _grid),
    "qwen2_5_vl": Family("<|vision_start|>", "<|vision_end|>", _grid),
    "qwen3_vl": Family("<|vision_start|>", "<|vision_end|>", _grid),
    "llava": Family("", "", _patches),
    "llava_onevision": Family("", "", _base),
}


def family_of(config: Any) -> Family:
    """The family of a model's config. Raises BadInput for one that is not supported."""
    if config.model_type not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise BadInput(f"models of type {config.model_type!r} are not supported: there is {known}")
    return FAMILIES[config.model_type]


def image_token(config: Any) -> int:
    """The id that stands for a feature of a picture."""
    found = getattr(config, "image_token_id", None)
    return int(config.image_token_index if found is None else found)


def features(processor: Any, family: Family, images: Sequence[Image.Image]) -> dict[str, Tensor]:
    """The tensors of some pictures; none for none."""
    if not images:
        return {}
    if family.count is not _base:
        return dict(processor(images=list(images), return_tensors="pt"))
    # A list of several pictures is shown without closer views; one picture alone is made two for that.
    pair = list(images) if len(images) > 1 else [images[0], images[0]]
    found = dict(processor(images=[pair], return_tensors="pt"))
    found = {name: found[name][: len(images)] for name in ("pixel_values", "image_sizes")}
    return {**found, "batch_num_images": torch.tensor([max(2, len(images))])}
