"""Probabilities and thresholds to decisions. Thresholds are data beside the model: editing them needs no training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from pydantic import Field

from toolkit.config import StrictModel, read_yaml, validate
from toolkit.types import ConfigError, DataError, Decision


class Band(StrictModel):
    """One topic's thresholds, as probabilities in [0, 1].

    The topic is given at or above ``threshold``; from ``review_from`` up to, not including, ``review_below`` the
    program is unsure and a person should look. Equal ends mean no band.
    """

    threshold: float = Field(ge=0, le=1)
    review_from: float = Field(ge=0, le=1)
    review_below: float = Field(ge=0, le=1)


Thresholds = Mapping[str, Band]

_HEADER = """\
# When a topic is given, and when a person should look: probabilities from 0 to 1. Edit freely; no training is needed.
#   threshold      the topic is given at or above it
#   review_from    from here ...
#   review_below   ... up to here (not included) the article goes to review; make both equal for no review
"""


def load_thresholds(path: Path, topics: Sequence[str]) -> dict[str, Band]:
    """Read a thresholds file.

    Raises:
        ConfigError: it is missing or malformed, lacks a topic, names another, or a band's ends are reversed.
    """
    content = read_yaml(path)
    if set(content) != set(topics):
        raise ConfigError(f"{path}: found thresholds for {', '.join(content)}; needed: {', '.join(topics)}")
    bands = {key: validate(content[key], Band, path=f"{path}: {key}") for key in topics}
    for key, band in bands.items():
        if band.review_from > band.review_below:
            raise ConfigError(
                f"{path}: {key}: review_from {band.review_from} is above review_below {band.review_below}"
            )
    return bands


def dump_thresholds(thresholds: Thresholds) -> str:
    """Return the thresholds as commented YAML that ``load_thresholds`` reads."""
    blocks = [
        f"{_as_key(key)}:\n" + "".join(f"  {name}: {value:.4f}\n" for name, value in band.model_dump().items())
        for key, band in thresholds.items()
    ]
    return _HEADER + "".join(blocks)


def _as_key(label: str) -> str:
    # YAML takes 0, no and the like for other things than text unless they are quoted.
    return yaml.safe_dump({label: 0}, allow_unicode=True).rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided for n articles.

    ``given`` and ``unsure`` are bool arrays of shape (n, topics): the topic is at its threshold; it lies in its band.
    """

    given: np.ndarray
    unsure: np.ndarray
    decisions: tuple[Decision, ...]


def decide(
    probabilities: np.ndarray, topics: Sequence[str], thresholds: Thresholds, *, exclusive: bool = False
) -> Decided:
    """Give each topic at or above its threshold; send an article to review when a topic lies in its unsure band.

    Args:
        probabilities: shape (n, len(topics)), in the order of ``topics``.
        topics: keys.
        thresholds: one band for each topic.
        exclusive: only the most probable topic of an article can be given, or be in doubt.

    Raises:
        DataError: the shape does not fit, or a probability is not a number.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] != len(topics):
        raise DataError(f"probabilities have shape {probabilities.shape}; expected (n, {len(topics)})")
    if np.isnan(probabilities).any():
        raise DataError("the model gave a probability that is not a number; train it again")
    bands = [thresholds[key] for key in topics]
    given = probabilities >= np.array([band.threshold for band in bands])
    unsure = (probabilities >= np.array([band.review_from for band in bands])) & (
        probabilities < np.array([band.review_below for band in bands])
    )
    if exclusive:
        first = np.zeros(probabilities.shape, dtype=bool)
        first[np.arange(len(first)), probabilities.argmax(axis=1)] = True
        given, unsure = given & first, unsure & first
    rows = zip(np.any(given, axis=1).tolist(), np.any(unsure, axis=1).tolist(), strict=True)
    return Decided(given, unsure, tuple(_word(some, doubt) for some, doubt in rows))


def _word(given: bool, unsure: bool) -> Decision:
    if unsure:
        return "review"
    return "labelled" if given else "none"
