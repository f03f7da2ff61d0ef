"""Model folders: model.json, and the files that it lists with their digests."""

import hashlib
import json
from pathlib import Path
from typing import Any

from toolkit.types import DataError

MODEL_FORMAT = 1  # raise it when an older folder can no longer be read rightly
MODELS = Path(__file__).parent / "models"


def built_in_folders() -> list[Path]:
    """Return the folders of the models that ship with the package."""
    return sorted(path.parent for path in MODELS.glob("*/model.json"))


def read_model_card(folder: Path) -> dict[str, Any]:
    """Read ``model.json``.

    Raises:
        DataError: it is missing, not JSON, or names no kind.
    """
    path = folder / "model.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise DataError(f"{folder}: no model.json; name a folder that `wenzhai train` wrote") from None
    except ValueError as error:
        raise DataError(f"{path}: not JSON: {error}; train the model again") from None
    if not isinstance(card, dict) or not isinstance(card.get("kind"), str):
        raise DataError(f"{path}: it names no kind; train the model again")
    if card.get("format") != MODEL_FORMAT:
        raise DataError(
            f"{path}: format {card.get('format')!r}, this version reads {MODEL_FORMAT}; train the model again,"
            f" or use the version that made it: {card.get('versions', {}).get('wenzhai', 'unknown')}"
        )
    return card


def sha256(path: Path) -> str:
    """Return the sha256 of a file of any size, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_files(folder: Path, card: dict[str, Any], *, needed: str) -> None:
    """Compare the files that model.json lists with what is there. thresholds.yaml is not listed: it may be edited.

    ``needed`` is the file that must be among them.

    Raises:
        DataError: a file is missing or was changed after training.
    """
    files = card.get("files")
    if not isinstance(files, dict) or needed not in files:
        raise DataError(f"{folder}: model.json lists no {needed}; train the model again")
    for name, digest in files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise DataError(f"{folder}: {name} is missing; copy the whole folder, or train the model again")
        if sha256(path) != digest:
            raise DataError(f"{path}: changed after training (sha256 differs from model.json); train the model again")
