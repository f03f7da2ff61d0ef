"""Weights in skops, kept in a cache that opens at once."""

import contextlib
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.types import DataError
from toolkit.words import cache_folder

# Everything a weights file may hold; skops refuses any type but these and its own list of scikit-learn's.
_ARRAYS = ("idf", "coefficients", "intercepts", "slopes", "offsets")


def load_arrays(path: Path, *, digest: str) -> dict[str, Any]:
    """Load the weights of a skops file: the text ``terms`` and the arrays.

    skops takes seconds to load, as it imports all of scikit-learn; what it has once checked and read is kept as plain
    numpy arrays in the user's own cache folder under the file's digest.

    Raises:
        DataError: the file is no skops file, holds types that could run code, or lacks a part.
    """
    kept = cache_folder() / "weights" / f"{digest}.npz"
    if kept.is_file():
        with contextlib.suppress(OSError, ValueError, KeyError), np.load(kept, allow_pickle=False) as arrays:
            return {"terms": str(arrays["terms"]), **{name: arrays[name] for name in _ARRAYS}}
    content = _read_skops(path)
    # A cache that cannot be written (a full or read-only home) costs time, not the run.
    with contextlib.suppress(OSError):
        _keep(content, kept)
    return content


def _read_skops(path: Path) -> dict[str, Any]:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        content = skops.io.load(path, trusted=[])
    except UntrustedTypesFoundException as error:
        raise DataError(f"{path}: refused, it holds types that are not plain model weights: {error}") from None
    except Exception as error:  # noqa: BLE001 - a damaged file can fail anywhere inside zip, json, numpy or skops
        raise DataError(f"{path}: not a readable skops file: {type(error).__name__}: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("terms"), str):
        raise DataError(f"{path}: it holds no vocabulary; train the model again")
    try:
        model = content["classifier"]
        return {
            "terms": content["terms"],
            "idf": np.asarray(content["idf"], dtype=np.float64),
            "coefficients": np.vstack([part.coef_ for part in model.estimators_]).astype(np.float32),
            "intercepts": np.concatenate([np.atleast_1d(part.intercept_) for part in model.estimators_]),
            "slopes": np.asarray(content["slopes"], dtype=np.float64),
            "offsets": np.asarray(content["offsets"], dtype=np.float64),
        }
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise DataError(f"{path}: it lacks a part of the model ({error}); train the model again") from None


def _keep(content: dict[str, Any], kept: Path) -> None:
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, suffix=".npz", delete=False) as file:
        np.savez(file, **content)
    # Two runs may do this at once: the rename is atomic and both files hold the same.
    Path(file.name).replace(kept)
