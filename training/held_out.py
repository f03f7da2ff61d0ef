"""What a model says of training articles that its weights had not learned from; a blend is fitted on it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.types import DataError

FILE = "held_out.jsonl"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Ids of articles, and their probabilities, (articles, topics)."""

    ids: tuple[str, ...]
    probabilities: np.ndarray


def write_held_out(held_out: HeldOut, folder: Path) -> None:
    """Write one row an article: its id and the probability of every topic, in the model's order."""
    rows = zip(held_out.ids, held_out.probabilities.tolist(), strict=True)
    lines = (json.dumps([name, *(round(value, 4) for value in values)], ensure_ascii=False) for name, values in rows)
    (folder / FILE).write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def read_held_out(folder: Path, n_topics: int) -> HeldOut:
    """Read what ``write_held_out`` wrote.

    Raises:
        DataError: the model has no such file, or it is malformed.
    """
    path = folder / FILE
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError:
        raise DataError(f"{folder}: no {FILE}; a model that joins a blend must be trained by this version") from None
    except ValueError as error:
        raise DataError(f"{path}: not JSON lines: {error}; train the model again") from None
    if not rows or any(not isinstance(row, list) or len(row) != n_topics + 1 for row in rows):
        raise DataError(f"{path}: expected an id and {n_topics} probabilities in every line; train the model again")
    return HeldOut(tuple(str(row[0]) for row in rows), np.array([row[1:] for row in rows], dtype=np.float64))
