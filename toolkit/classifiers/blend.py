"""A blend: the weighted average of the probabilities of several models."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from toolkit.classifiers import (
    Classifier,
    Scored,
    Task,
    built_in_models,
    load_classifier,
    model_folder,
    read_model_card,
)
from toolkit.decide import Thresholds, load_thresholds
from toolkit.folder import sha256
from toolkit.topics import load_topics
from toolkit.types import Article, DataError, Evidence, Topic

if TYPE_CHECKING:
    from toolkit.engines import EngineName

_WORDS_SHOWN = 6


@dataclass(frozen=True)
class BlendClassifier:
    """A loaded blend; ``weights`` has shape (members,) and adds up to 1."""

    name: str
    topics: tuple[Topic, ...]
    thresholds: Thresholds
    task: Task
    members: tuple[Classifier, ...]
    weights: np.ndarray
    forkable: bool = False

    @classmethod
    def load(cls, folder: Path, engine: "EngineName" = "auto") -> "BlendClassifier":
        """Load a blend's folder and its members.

        Raises:
            DataError: a member was trained again since the weights were fitted, or knows other topics.
            ConfigError: a member is missing, or a YAML file is malformed.
        """
        card = read_model_card(folder)
        topics = load_topics(folder / "topics.yaml")
        members = []
        for entry in card["members"]:
            path = member_folder(entry["name"], folder)
            if sha256(path / "model.json") != entry["digest"]:
                raise DataError(f"{folder}: its member {path} was trained again since; train the blend again too")
            members.append(load_classifier(str(path), engine=engine))
        for member in members:
            if member.topics != topics or member.task != members[0].task:
                raise DataError(f"{folder}: its member {member.name} has other topics; train the blend again")
        return cls(
            name=f"{folder.name}@{sha256(folder / 'model.json')[:8]}",
            topics=topics,
            thresholds=load_thresholds(folder / "thresholds.yaml", [topic.key for topic in topics]),
            task=members[0].task,
            members=tuple(members),
            weights=np.array([entry["weight"] for entry in card["members"]]),
            forkable=all(member.forkable for member in members),
        )

    def score(self, articles: Sequence[Article]) -> Scored:
        """Score articles; see ``Classifier.score``."""
        parts = [member.score(articles) for member in self.members]
        probabilities = np.tensordot(self.weights, np.array([part.probabilities for part in parts]), axes=1)
        explain = partial(self._explain, [part.explain for part in parts])
        read = next((part for part in parts if part.windows is not None), None)
        return Scored(probabilities, explain, read.windows, read.truncated) if read else Scored(probabilities, explain)

    def _explain(self, explains: list[Callable[[np.ndarray], list[Evidence]]], asked: np.ndarray) -> list[Evidence]:
        found = zip(*(explain(asked) for explain in explains), strict=True)
        return [self._join(entries) for entries in found]

    def _join(self, entries: Sequence[Evidence]) -> Evidence:
        """Average what the members name: a word that one does not name counts nothing there."""
        totals: dict[str, float] = {}
        for weight, entry in zip(self.weights.tolist(), entries, strict=True):
            for word, contribution in entry.words:
                totals[word] = totals.get(word, 0.0) + weight * contribution
        words = sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:_WORDS_SHOWN]
        heaviest = entries[int(self.weights.argmax())]
        return Evidence(heaviest.topic, tuple(words), heaviest.sentence)


def member_folder(name: str, folder: Path) -> Path:
    """Return the folder of a blend's member: a built-in model, or a path as seen from the blend's folder."""
    if name in built_in_models():
        return model_folder(name)
    path = Path(os.path.normpath(folder / name))
    if not (path / "model.json").is_file():
        raise DataError(f"{folder}: its member {path} is missing; put it back beside the blend")
    return path
