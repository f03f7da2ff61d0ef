"""Fit a blend: the weights of its members, its thresholds and bands, on articles that no member had learned from."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from toolkit.classifiers import Task, built_in_models, model_folder, read_model_card
from toolkit.decide import Band
from toolkit.folder import sha256
from toolkit.types import Article, DataError, Topic
from training.config import BlendConfig, DecisionConfig
from training.data import gold_matrix
from training.held_out import HeldOut, read_held_out
from training.tune import choose_decisions, log_loss

_FEWEST = 20  # articles; fewer say nothing about weights


@dataclass(frozen=True, slots=True)
class FittedBlend:
    """A fitted blend: ``members`` as model.json lists them (name, weight, digest)."""

    members: list[dict[str, Any]]
    bands: tuple[Band, ...]
    held_out: HeldOut
    figures: dict[str, float]


def fit_blend(
    articles: Sequence[Article], topics: Sequence[Topic], config: BlendConfig, decisions: DecisionConfig, made: Path
) -> FittedBlend:
    """Fit the weights that give the smallest log-loss; each is at least 0 and they add up to 1.

    Args:
        articles: the labelled articles that the members were trained on.
        topics: the taxonomy.
        config: names the members.
        decisions: how thresholds and bands are chosen.
        made: the folder that is being filled; it lies one level below the final folder's parent.

    Raises:
        DataError: the members have other topics, or too few articles in common that none had learned from.
    """
    folders = [model_folder(name) for name in config.members]
    cards = [read_model_card(folder) for folder in folders]
    keys = [topic.key for topic in topics]
    for name, card in zip(config.members, cards, strict=True):
        if card["topics"] != keys:
            raise DataError(f"member {name} has the topics {', '.join(card['topics'])}; needed: {', '.join(keys)}")
    tasks = {card.get("task", "multi-label") for card in cards}
    if len(tasks) > 1:
        raise DataError("the members mix multi-label and single-label models; a blend needs one kind")
    task: Task = tasks.pop()
    known = {article.id: article for article in articles}
    ids, probabilities = _common([read_held_out(folder, len(keys)) for folder in folders], known)
    gold = gold_matrix([known[name] for name in ids], topics)
    weights = fit_weights(probabilities, gold, exclusive=task == "single-label")
    blended = np.tensordot(weights, probabilities, axes=1)
    bands, figures = choose_decisions(blended, gold, task, decisions)
    # Names are kept as seen from the final folder, so that models that lie side by side can be moved together.
    members = [
        {
            "name": name if name in built_in_models() else os.path.relpath(folder, made.parents[1] / made.name),
            "weight": weight,
            "digest": sha256(folder / "model.json"),
        }
        for name, folder, weight in zip(config.members, folders, _rounded(weights), strict=True)
    ]
    return FittedBlend(members, tuple(bands), HeldOut(ids, blended), figures)


def _rounded(weights: np.ndarray) -> list[float]:
    kept = weights.round(3)
    kept[kept.argmax()] += 1 - kept.sum()
    return [round(value, 3) for value in kept.tolist()]


def _common(parts: Sequence[HeldOut], known: dict[str, Article]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the ids that all members have in common, and their probabilities: (members, articles, topics)."""
    rows = [{name: row for row, name in enumerate(part.ids)} for part in parts]
    ids = tuple(name for name in parts[0].ids if name in known and all(name in own for own in rows))
    if len(ids) < _FEWEST:
        raise DataError(
            f"the members have {len(ids)} training articles in common that none of them learned from; at least"
            f" {_FEWEST} are needed: name in `train` the files that they were trained on"
        )
    picked = [part.probabilities[[own[name] for name in ids]] for part, own in zip(parts, rows, strict=True)]
    return ids, np.array(picked)


def fit_weights(probabilities: np.ndarray, gold: np.ndarray, *, exclusive: bool = False) -> np.ndarray:
    """Return the weights, (members,), at which the average of ``probabilities`` has the smallest log-loss.

    Args:
        probabilities: (members, articles, topics).
        gold: bool, (articles, topics).
        exclusive: whether each article has exactly one label.
    """
    count = len(probabilities)

    def loss(weights: np.ndarray) -> float:
        return log_loss(np.tensordot(weights, probabilities, axes=1), gold, exclusive=exclusive)

    found = minimize(
        loss,
        np.full(count, 1 / count),
        bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        method="SLSQP",
    )
    weights: np.ndarray = np.clip(found.x, 0, 1) / np.clip(found.x, 0, 1).sum()
    return weights
