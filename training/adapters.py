"""Which weights of an encoder learn, and what of them is saved: all, the last layers, low-rank updates, or none."""

import re
import warnings
from typing import Any

import torch
from torch import nn

from toolkit.classifiers.scorer import TokenScorer
from toolkit.types import ConfigError
from training.config import BertConfig

_LAYER = re.compile(r"\b(?:layer|layers|h|block)\.(\d+)\.")
_PEFT = re.compile(r"^encoder\.base_model\.model\.(.+)\.lora_([AB])\.default\.weight$")


def choose_weights(scorer: TokenScorer, config: BertConfig) -> None:
    """Mark the encoder's weights that learn; with ``lora``, put low-rank updates (of ``peft``) beside its matrices.

    Raises:
        ConfigError: ``top_layers`` is more than the encoder has, or peft is not installed.
    """
    encoder = scorer.encoder
    first = _first_layer(encoder, config.top_layers)
    for name, parameter in encoder.named_parameters():
        learns = config.tune == "full" or (config.tune == "top" and _layer_of(name) >= first)
        parameter.requires_grad_(learns)
    if config.tune == "lora":
        targets = [
            name
            for name, module in encoder.named_modules()
            if isinstance(module, nn.Linear) and _layer_of(f"{name}.") >= first
        ]
        scorer.encoder = _with_updates(encoder, targets, config)


def _with_updates(encoder: nn.Module, targets: list[str], config: BertConfig) -> nn.Module:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise ConfigError(
            "model.tune lora needs peft: pip install 'wenzhai[train]'; or set model.tune to top"
        ) from None
    settings = LoraConfig(r=config.lora_rank, lora_alpha=config.lora_alpha, lora_dropout=0.0, target_modules=targets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that is being renamed
        wrapped: nn.Module = get_peft_model(encoder, settings)
    return wrapped


def _layer_of(name: str) -> int:
    """Return the number of the layer that a parameter belongs to; -1 for the embeddings and the like."""
    found = _LAYER.search(name)
    return int(found.group(1)) if found else -1


def _first_layer(encoder: nn.Module, top_layers: int | None) -> int:
    count = max((_layer_of(name) for name, _ in encoder.named_parameters()), default=-1) + 1
    if top_layers is not None and top_layers > count:
        raise ConfigError(f"model.top_layers is {top_layers}; the encoder has {count} layers")
    return 0 if top_layers is None else count - top_layers


def trainable_parameters(scorer: TokenScorer, config: BertConfig) -> list[dict[str, Any]]:
    """Return the optimizer's parameter groups: the head has its own learning rate, and vectors do not decay."""
    matrices: list[nn.Parameter] = []
    vectors: list[nn.Parameter] = []
    for parameter in scorer.encoder.parameters():
        if parameter.requires_grad:
            (matrices if parameter.ndim > 1 else vectors).append(parameter)
    groups = [
        {"params": matrices, "lr": config.learning_rate, "weight_decay": config.weight_decay},
        {"params": vectors, "lr": config.learning_rate, "weight_decay": 0.0},
        {"params": list(scorer.head.parameters()), "lr": config.head_learning_rate, "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def learned_weights(scorer: TokenScorer) -> dict[str, torch.Tensor]:
    """Return what training changed, under the names of ``toolkit.classifiers.scorer``.

    Low-rank updates are kept in float16: rounding them changes log-odds by less than a thousandth. What replaces a
    weight keeps float32.
    """
    found = {f"head.{name}": values.detach().float() for name, values in scorer.head.named_parameters()}
    scale = _scale(scorer.encoder)
    for name, values in scorer.named_parameters():
        if name.startswith("head.") or not values.requires_grad:
            continue
        if update := _PEFT.match(name):
            part = update.group(2).lower()
            kept = values.detach() * (scale if part == "b" else 1.0)
            found[f"encoder.{update.group(1)}.weight.lora_{part}"] = kept.half()
        else:
            found[name] = values.detach().float()
    return {name: values.cpu().contiguous() for name, values in found.items()}


def _scale(encoder: nn.Module) -> float:
    settings = getattr(encoder, "peft_config", {}).get("default")
    return 1.0 if settings is None else float(settings.lora_alpha / settings.r)
