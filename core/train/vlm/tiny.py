"""Random models of the supported families, small enough for a CPU: to try every command without weights.

    python -m gradewright.core.train.vlm.tiny --family qwen2_5_vl --out FOLDER

A byte-level tokenizer with the family's own special tokens, two layers each of vision and language. They know
nothing; what holds for them is that the same code runs on the real checkpoints.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

_HIDDEN, _HEADS, _LAYERS = 64, 4, 2
_QWEN = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
)
_SPECIAL = {
    "qwen2_5_vl": (*_QWEN, "<|image_pad|>", "<|video_pad|>"),
    "qwen3_vl": (*_QWEN, "<|image_pad|>", "<|video_pad|>"),
    "llava": ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>"),
    "llava_onevision": ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>"),
}
_TEXT = {
    "vocab_size": 272,
    "hidden_size": _HIDDEN,
    "intermediate_size": 2 * _HIDDEN,
    "num_hidden_layers": _LAYERS,
    "num_attention_heads": _HEADS,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
}
_SIGLIP = {
    "model_type": "siglip_vision_model",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": _LAYERS,
    "num_attention_heads": 2,
    "image_size": 56,
    "patch_size": 14,
    "vision_use_head": False,
}


def make(family: str, folder: Path, seed: int = 0) -> Path:
    """Write a random checkpoint of a family (see FAMILIES); its folder."""
    torch.manual_seed(seed)
    tokenizer = _tokenizer(_SPECIAL[family])
    model, processor = _BUILDERS[family](tokenizer)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _tokenizer(special: tuple[str, ...]) -> Any:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE({letter: i for i, letter in enumerate(alphabet)}, []))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # type: ignore[assignment]
    inner.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.add_special_tokens({"additional_special_tokens": list(special)})
    return fast


def _ids(tokenizer: Any, *tokens: str) -> list[int]:
    return [int(tokenizer.convert_tokens_to_ids(token)) for token in tokens]


def _rope(sections: list[int], interleaved: bool = False) -> dict[str, Any]:
    more = {"mrope_interleaved": True} if interleaved else {}
    return {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": sections, **more}


def _qwen_ids(tokenizer: Any) -> dict[str, int]:
    names = ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")
    tokens = ("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
    return dict(zip(names, _ids(tokenizer, *tokens), strict=True))


def _qwen25(tokenizer: Any) -> tuple[Any, Any]:
    config = transformers.Qwen2_5_VLConfig(
        text_config={**_TEXT, "rope_parameters": _rope([2, 3, 3])},
        vision_config={
            "depth": _LAYERS,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": _HIDDEN,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "window_size": 56,
            "fullatt_block_indexes": [1],
        },
        tie_word_embeddings=True,
        **_qwen_ids(tokenizer),
    )
    return transformers.Qwen2_5_VLForConditionalGeneration(config), _qwen_pictures(14)


def _qwen3(tokenizer: Any) -> tuple[Any, Any]:
    text = {**_TEXT, "head_dim": _HIDDEN // _HEADS, "rope_parameters": _rope([4, 2, 2], interleaved=True)}
    config = transformers.Qwen3VLConfig(
        text_config=text,
        vision_config={
            "depth": _LAYERS,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": _HIDDEN,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
        },
        tie_word_embeddings=False,
        **_qwen_ids(tokenizer),
    )
    return transformers.Qwen3VLForConditionalGeneration(config), _qwen_pictures(16)


def _qwen_pictures(patch: int) -> Any:
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    edge = 2 * patch
    size = {"shortest_edge": edge * edge, "longest_edge": 4 * edge * edge}
    return Qwen2VLImageProcessorPil(patch_size=patch, merge_size=2, size=size)


def _llava(tokenizer: Any) -> tuple[Any, Any]:
    config = transformers.LlavaConfig(
        vision_config=_SIGLIP,
        text_config={"model_type": "qwen2", **_TEXT},
        image_token_index=_ids(tokenizer, "<image>")[0],
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
        image_seq_length=16,
        tie_word_embeddings=False,
    )
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    return transformers.LlavaForConditionalGeneration(config), SiglipImageProcessorPil(
        size={"height": 56, "width": 56}
    )


def _onevision(tokenizer: Any) -> tuple[Any, Any]:
    from transformers.models.llava_onevision.image_processing_pil_llava_onevision import (
        LlavaOnevisionImageProcessorPil,
    )

    grid = [[56, 56], [56, 112], [112, 56], [112, 112]]
    config = transformers.LlavaOnevisionConfig(
        vision_config=_SIGLIP,
        text_config={"model_type": "qwen2", **_TEXT},
        image_token_index=_ids(tokenizer, "<image>")[0],
        video_token_index=_ids(tokenizer, "<video>")[0],
        vision_feature_select_strategy="full",
        vision_feature_layer=-1,
        image_grid_pinpoints=grid,
        tie_word_embeddings=False,
    )
    pictures = LlavaOnevisionImageProcessorPil(size={"height": 56, "width": 56}, image_grid_pinpoints=grid)
    return transformers.LlavaOnevisionForConditionalGeneration(config), pictures


_BUILDERS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "qwen2_5_vl": _qwen25,
    "qwen3_vl": _qwen3,
    "llava": _llava,
    "llava_onevision": _onevision,
}
FAMILIES = tuple(_BUILDERS)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--family", choices=FAMILIES, default=FAMILIES[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    make(options.family, options.out, options.seed)


if __name__ == "__main__":
    main()
