"""An encoder-decoder of any family from its Hugging Face folder or from a hub: network, tokenizer and settings."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from toolkit.config import StrictModel, validate
from toolkit.encoders import Encoder, Wanted, find_model
from toolkit.types import ConfigError, DataError, Mode

WRITER = Wanted("summarizer", "extractive", "AutoModelForSeq2SeqLM")
SETTINGS = "wenzhai.json"
_DEFAULT_SOURCE_TOKENS = 512  # what T5 was trained on; its positions are relative and set no limit
_UNLIMITED = 1_000_000  # a tokenizer that knows no limit says 10 ** 30
# What counts of a folder's generation_config.json. Other settings would sample, or ask a hub for code.
_HONOURED = (
    *("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id"),
    *("num_beams", "length_penalty", "early_stopping", "max_length", "max_new_tokens", "min_length", "min_new_tokens"),
    *("no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "repetition_penalty", "bad_words_ids", "suppress_tokens"),
)


class WriterSettings(StrictModel):
    """The file wenzhai.json in a model folder. A mode without a prefix or a limit has none."""

    prefix: dict[Mode, str] = Field({}, description="text that is put before the article")
    max_source_tokens: int | None = Field(None, ge=16, description="None: what the model's config says, or 512")
    max_target_tokens: dict[Mode, int] = Field({}, description="the most that are written")


@dataclass(frozen=True, slots=True)
class Writer:
    """A loaded model. ``network`` and ``tokenizer`` are those of transformers; ``max_source_tokens`` is set."""

    found: Encoder
    network: Any
    tokenizer: Any
    settings: WriterSettings
    max_source_tokens: int


def load_writer(name: str, *, revision: str | None) -> Writer:
    """Load an encoder-decoder in float32: a local folder, ``org/name`` on the hub, or ``modelscope:ORG/NAME``.

    Raises:
        ConfigError: there is no such model, it cannot be had, or its tokenizer needs a package that is not installed.
        DataError: it cannot be used: a part is missing or damaged, its weights are pickled, or it does not write.
    """
    found = find_model(name, revision=revision, wanted=WRITER)
    settings = read_settings(found.folder)
    _check_family(found.folder)
    with _quiet():
        network = _load_network(found.folder)
        tokenizer = _load_tokenizer(found.folder)
    _keep_honoured(network, found.folder)
    return Writer(found, network, tokenizer, settings, _source_tokens(network, tokenizer, settings, found.folder))


def read_settings(folder: Path) -> WriterSettings:
    """Read wenzhai.json; the defaults where there is none.

    Raises:
        DataError: it is no JSON, or holds an unknown key or a wrong value.
    """
    path = folder / SETTINGS
    if not path.is_file():
        return WriterSettings()
    try:
        return validate(json.loads(path.read_text(encoding="utf-8")), WriterSettings, path=str(path))
    except ConfigError as error:
        raise DataError(str(error)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: not readable JSON ({error}); mend it or delete it") from None


def position_limit(config: Any, side: str) -> int | None:  # noqa: ANN401 - each family has a config of its own
    """Return how many tokens the encoder or the decoder, ``side``, has positions for; None for relative positions."""
    part = getattr(config, side, config)
    limit = getattr(part, "max_position_embeddings", None)
    return limit if isinstance(limit, int) else None


def _check_family(folder: Path) -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES as FAMILIES

    kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    if kind not in FAMILIES:
        raise DataError(
            f"{folder}: model_type is {kind!r}, which does not write; take an encoder-decoder such as bart or mt5"
        )


def _load_network(folder: Path) -> Any:  # noqa: ANN401 - as above
    import torch
    from transformers import AutoModelForSeq2SeqLM

    try:
        network, report = AutoModelForSeq2SeqLM.from_pretrained(
            folder, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        raise DataError(f"{folder}: transformers cannot load this model: {error}") from None
    if missing := sorted(report["missing_keys"]):
        raise DataError(
            f"{folder}: its weights lack {missing[0]} and {len(missing) - 1} more; save the whole model again"
        )
    return network.eval()


def _load_tokenizer(folder: Path) -> Any:  # noqa: ANN401 - as above
    from transformers import AutoTokenizer, BertTokenizer

    names = {path.name for path in folder.iterdir()}
    # Chinese BARTs come with BERT's vocabulary, which the class that belongs to their family does not read.
    is_bert = "vocab.txt" in names and not names & {"tokenizer.json", "vocab.json"}
    try:
        if is_bert:
            return BertTokenizer.from_pretrained(folder)
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except ImportError:
        raise ConfigError(
            f"{folder}: its tokenizer is a SentencePiece file; pip install 'wenzhai[sentencepiece]'"
        ) from None
    except Exception as error:  # noqa: BLE001 - tokenizers raises Exception itself for a damaged file
        raise DataError(f"{folder}: transformers cannot load its tokenizer: {error}; copy the model again") from None


def _keep_honoured(network: Any, folder: Path) -> None:  # noqa: ANN401 - as above
    from transformers import GenerationConfig

    found = network.generation_config
    honoured = {name: value for name in _HONOURED if (value := getattr(found, name, None)) is not None}
    network.generation_config = GenerationConfig(**honoured)  # type: ignore[no-untyped-call]
    for name in ("eos_token_id", "decoder_start_token_id"):
        if honoured.get(name) is None:
            raise DataError(f"{folder}: neither generation_config.json nor config.json has {name}; add it there")


def _source_tokens(network: Any, tokenizer: Any, settings: WriterSettings, folder: Path) -> int:  # noqa: ANN401
    known = [position_limit(network.config, "encoder"), tokenizer.model_max_length]
    limits = [int(limit) for limit in known if limit is not None and limit < _UNLIMITED]
    wanted = settings.max_source_tokens
    if wanted is not None and limits and wanted > min(limits):
        raise DataError(f"{folder / SETTINGS}: max_source_tokens is {wanted}; the model reads at most {min(limits)}")
    return wanted or min(limits, default=_DEFAULT_SOURCE_TOKENS)


@contextmanager
def _quiet() -> Iterator[None]:
    from transformers import logging

    shown, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(shown)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
