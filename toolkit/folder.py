"""Model folders: the digests of their files, and whether these are still the files that were trained."""

import hashlib
from pathlib import Path
from typing import Any

from toolkit.types import DataError


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
