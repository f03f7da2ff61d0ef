"""The parts of an encoder's folder, loaded: its tokenizer, and its network in torch."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.types import DataError

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import nn

_POOLED = {"bert", "roberta", "xlm-roberta", "ernie", "camembert", "data2vec-text", "megatron-bert", "nezha"}


def load_tokenizer(path: Path) -> "Tokenizer":
    """Load a ``tokenizer.json``, without truncation and padding.

    Raises:
        DataError: it is missing or no tokenizer file.
    """
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001 - the library raises plain Exception
        raise DataError(f"{path}: not a readable tokenizer file: {error}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_encoder_module(folder: Path, *, weights: bool = True, **changes: float) -> "nn.Module":
    """Load the encoder of a Hugging Face folder in float32.

    Args:
        folder: its config.json and safetensors.
        weights: False makes it with random weights, which others will replace.
        **changes: settings of its config, such as dropout; those that its kind does not have are left out.

    Raises:
        DataError: transformers cannot load it.
    """
    import torch
    from transformers import AutoConfig, AutoModel, logging

    shown = logging.get_verbosity()
    bars = logging.is_progress_bar_enabled()
    # It reports the missing pooler and head, which are not wanted here.
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
        for name, value in changes.items():
            if hasattr(config, name):
                setattr(config, name, value)
        options: dict[str, Any] = {"add_pooling_layer": False} if config.model_type in _POOLED else {}
        if not weights:
            options |= {"trust_remote_code": False, "dtype": torch.float32}
            fresh: nn.Module = AutoModel.from_config(config, **options)  # type: ignore[no-untyped-call]
            return fresh
        module: nn.Module = AutoModel.from_pretrained(
            folder, config=config, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, **options
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise DataError(f"{folder}: transformers cannot load this encoder: {error}") from None
    finally:
        logging.set_verbosity(shown)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
    return module
