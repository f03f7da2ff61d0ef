"""A Hugging Face folder: which of its files are used, what must be there, and the digest of its weights."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.folders import sha256
from toolkit.types import DataError

_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
# One of these is enough for a tokenizer.
_TOKENIZERS = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tokenizer.model",
)
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_DIGITS = "[0-9]" * 5

# The only files that are ever downloaded. No name here can match a path, code or a pickled file: a * would match them.
USED_FILES = [
    "config.json",
    "generation_config.json",
    "wenzhai.json",
    *_TOKENIZERS,
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
    _WEIGHTS,
    _INDEX,
    f"model-{_DIGITS}-of-{_DIGITS}.safetensors",
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a pretrained model is wanted for, as messages say it."""

    noun: str
    built_in: str  # what to use where there is no such model
    auto_class: str  # of transformers: what loads it with all of its weights


ENCODER = Wanted("encoder", "e5-small-zh", "AutoModel")


def check_names(names: Collection[str], place: str, wanted: Wanted) -> None:
    """Check that a folder or a repository, ``place`` in messages, lists all that a model needs.

    Raises:
        DataError: there is no config.json, no tokenizer, or no weights as safetensors.
    """
    if _WEIGHTS not in names and _INDEX not in names:
        raise DataError(_no_weights(names, place, wanted))
    if "config.json" not in names:
        raise DataError(f"{place}: config.json is missing; a model is saved with save_pretrained")
    if not any(name in names for name in _TOKENIZERS):
        raise DataError(f"{place}: a tokenizer is missing; found none of {', '.join(_TOKENIZERS)}")


def _no_weights(names: Collection[str], place: str, wanted: Wanted) -> str:
    pickled = sorted(name for name in names if name.endswith(_PICKLED) and "/" not in name)
    if not pickled:
        return f"{place}: {_WEIGHTS} is missing; a model is saved with save_pretrained"
    return (
        f"{place}: found {pickled[0]} but no {_WEIGHTS}; weights are read only as safetensors, as a pickled file can "
        "run code when it is opened. If you trust it, convert it once and name FOLDER: "
        f'python -c "from transformers import {wanted.auto_class} as M, AutoTokenizer as T; '
        "[x.from_pretrained('MODEL').save_pretrained('FOLDER') for x in (M, T)]\""
    )


def check_folder(folder: Path, wanted: Wanted) -> None:
    """Check that a folder holds a whole model of a kind that transformers knows. No weights are read.

    Raises:
        DataError: a file is missing or damaged, or the kind of model is unknown.
    """
    check_names({path.name for path in folder.iterdir() if path.is_file()}, str(folder), wanted)
    for path in _weights(folder):
        if not path.is_file():
            raise DataError(f"{folder}: {path.name} is missing, {_INDEX} lists it; copy or download the whole model")
    _check_kind(folder / "config.json")


def weights_digest(folder: Path) -> str:
    """Return the sha256 of model.safetensors, or that of the hex digests of its parts, joined in name order."""
    paths = _weights(folder)
    digests = [sha256(path) for path in paths]
    return digests[0] if paths[0].name == _WEIGHTS else hashlib.sha256("".join(digests).encode()).hexdigest()


def _weights(folder: Path) -> list[Path]:
    if (folder / _WEIGHTS).is_file():
        return [folder / _WEIGHTS]  # transformers, too, takes it before an index
    index = _read_json(folder / _INDEX)
    parts = index.get("weight_map")
    if not isinstance(parts, dict) or not parts:
        raise DataError(f"{folder / _INDEX}: it has no weight_map of tensors to files; save the model again")
    names = sorted({str(name) for name in parts.values()})
    for name in names:
        if Path(name).name != name or "\\" in name or not name.endswith(".safetensors"):
            raise DataError(f"{folder / _INDEX}: {name!r} is no safetensors file of this folder; save the model again")
    return [folder / name for name in names]


def _check_kind(path: Path) -> None:
    from transformers import CONFIG_MAPPING, __version__

    config = _read_json(path)
    kind = config.get("model_type")
    if not isinstance(kind, str) or kind not in CONFIG_MAPPING:
        code = "; the model brings its own code (auto_map), which is never run" if "auto_map" in config else ""
        found = f"model_type is {kind!r}, unknown to transformers {__version__}"
        raise DataError(f"{path}: {found}{code}; use another model")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: not readable JSON ({error}); copy or download the model again") from None
    if not isinstance(content, dict):
        raise DataError(f"{path}: found {type(content).__name__}, expected a JSON object; copy the model again")
    return content
