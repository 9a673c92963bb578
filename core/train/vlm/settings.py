"""The settings that all trainings of the large engine share, and transformers' arguments made of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import transformers

from ...errors import BadInput

PRECISIONS = ("bfloat16", "float32")


def arguments(config: dict[str, Any], folder: Path, **more: Any) -> transformers.TrainingArguments:
    """TrainingArguments of a config; nothing is reported anywhere but in ``metrics.jsonl``.

    Raises
    ------
    BadInput : a value that cannot be
    """
    check(config)
    how = config["training"]
    sharded: dict[str, Any] = {}
    if how["fsdp"]:
        layers = {"transformer_layer_cls_to_wrap": config["fsdp_layers"]} if config["fsdp_layers"] else {}
        sharded = {
            "fsdp": True,
            "fsdp_config": {
                "version": 2,
                "state_dict_type": "FULL_STATE_DICT",
                "cpu_ram_efficient_loading": "false",
                **layers,
            },
        }
    return transformers.TrainingArguments(
        output_dir=str(folder),
        max_steps=how["steps"],
        per_device_train_batch_size=how["batch"],
        gradient_accumulation_steps=how["accumulate"],
        learning_rate=how["rate"],
        weight_decay=how["decay"],
        warmup_steps=how["warmup"],
        lr_scheduler_type=how["schedule"],
        max_grad_norm=1.0,
        adam_beta2=0.95,
        bf16=how["precision"] == "bfloat16",
        activation_checkpointing=how["checkpointing"],
        activation_checkpointing_kwargs={"use_reentrant": False} if how["checkpointing"] else None,
        dataloader_num_workers=how["workers"],
        logging_steps=how["report"],
        logging_first_step=True,
        save_steps=how["save"],
        save_total_limit=2,
        seed=config["seed"],
        data_seed=config["seed"],
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        ddp_find_unused_parameters=True,
        include_num_input_tokens_seen="no",
        use_cpu=how["cpu"],
        **sharded,
        **more,
    )


def check(config: dict[str, Any]) -> None:
    """Refuse what would fail hours later. Raises BadInput naming key and value."""
    how = config["training"]
    for name in ("steps", "batch", "accumulate", "save", "report"):
        if how[name] < 1:
            raise BadInput(f"training.{name} = {how[name]}: needs a whole number from 1")
    if how["precision"] not in PRECISIONS:
        raise BadInput(f"training.precision = {how['precision']!r}: there is {', '.join(PRECISIONS)}")
    if not 0 < how["rate"] < 1:
        raise BadInput(f"training.rate = {how['rate']}: needs a number between 0 and 1")
    if how["workers"] < 0 or how["warmup"] < 0 or how["decay"] < 0:
        raise BadInput("training.workers, warmup and decay are 0 or more")
    if not 28 <= config["side"] <= 4096:
        raise BadInput(f"side = {config['side']}: needs 28..4096 pixels")
    if how["fsdp"] and int(os.environ.get("WORLD_SIZE", "1")) < 2:
        raise BadInput("training.fsdp shards over several processes: start it with torchrun")
    if config["lora"]["rank"] < 0:
        raise BadInput(f"lora.rank = {config['lora']['rank']}: 0 trains the whole language model")
