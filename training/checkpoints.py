"""What a long training needs before it starts: its packages, and a folder of checkpoints that is its own."""

import importlib.util
import json
import os
from pathlib import Path

from toolkit.types import ConfigError
from training.config import AnyTrainConfig, dump_train_config

_SETTINGS = "settings.json"


def check_accelerate(kind: str) -> None:
    """Check that accelerate is installed: the Trainer needs it and says so only after minutes.

    Raises:
        ConfigError: it is not.
    """
    if importlib.util.find_spec("accelerate") is None:
        raise ConfigError(f"training a {kind} needs accelerate: pip install 'wenzhai[train]'")


def prepare_checkpoints(folder: Path, config: AnyTrainConfig, data_digest: str, *, resume: bool) -> None:
    """Make the folder of checkpoints, or check that those in it are of the same training.

    Raises:
        ConfigError: there are some and ``resume`` is not asked for, or they are of another training.
    """
    if os.environ.get("RANK", "0") != "0":
        return
    settings = json.dumps({"config": dump_train_config(config), "data": data_digest}, ensure_ascii=False, indent=1)
    path = folder / _SETTINGS
    if path.is_file():
        if not resume:
            raise ConfigError(
                f"{folder}: an unfinished training lies there; add --resume to go on with it, or delete it"
            )
        if path.read_text(encoding="utf-8") != settings:
            raise ConfigError(
                f"{path}: the unfinished training had other settings or other data; use those, or delete"
                f" {folder} to begin anew"
            )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(settings, encoding="utf-8")
