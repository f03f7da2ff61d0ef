"""Classifiers by kind: a saved model is a folder, and its model.json says which kind it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from toolkit.config import nearest
from toolkit.decide import Thresholds
from toolkit.folders import MODELS, built_in_folders, read_model_card
from toolkit.types import Article, ConfigError, DataError, Evidence, Topic

if TYPE_CHECKING:
    from toolkit.engines import EngineName

Task = Literal["multi-label", "single-label"]  # any number of topics, or exactly one label an article


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model says of n articles.

    ``probabilities`` has shape (n, topics) in the model's topic order. ``explain`` takes a bool array of the same shape
    and says why for each True in it, row by row and in topic order. ``windows`` (int) and ``truncated`` (bool), both
    (n,), say in how many pieces each article was read and whether some of it was not; None for a model without them.
    """

    probabilities: np.ndarray
    explain: Callable[[np.ndarray], list[Evidence]]
    windows: np.ndarray | None = None
    truncated: np.ndarray | None = None


class Classifier(Protocol):
    """A trained model. It gives probabilities; ``toolkit.decide`` turns them into decisions."""

    @property
    def name(self) -> str:
        """What the ``model`` field of a record says: kind and digest."""
        ...

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics it knows, in the order of its probabilities."""
        ...

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds saved beside it."""
        ...

    @property
    def task(self) -> Task:
        """Whether an article may carry any number of topics or carries exactly one label."""
        ...

    @property
    def forkable(self) -> bool:
        """Whether forked processes may share it; a model that runs threads of its own may not be forked."""
        ...

    def score(self, articles: Sequence[Article]) -> Scored:
        """Score any number of articles, in order."""
        ...


def built_in_models() -> list[str]:
    """Return the names of the classifiers that ship with the package."""
    return sorted(folder.name for folder in built_in_folders() if read_model_card(folder)["kind"] in LOADERS)


def model_folder(name: str) -> Path:
    """Return the folder of a built-in model or of a path.

    Raises:
        ConfigError: there is neither.
    """
    if name in built_in_models():
        return MODELS / name
    folder = Path(name)
    if not folder.is_dir():
        known = built_in_models()
        raise ConfigError(
            f"model {name!r} is neither built in nor a folder; built in: {', '.join(known)}{nearest(name, known)}"
        )
    return folder


def load_classifier(name: str, *, engine: "EngineName" = "auto") -> Classifier:
    """Load a built-in model by its name, or a model folder.

    Args:
        name: a built-in model's name, or a path.
        engine: what runs a transformer; a model without one ignores it.

    Raises:
        ConfigError: there is no such model, or the engine is not installed.
        DataError: the folder holds no classifier of a known kind, or its files do not fit together.
    """
    folder = model_folder(name)
    kind = read_model_card(folder)["kind"]
    if kind not in LOADERS:
        raise DataError(f"{folder}: model.json says kind {kind!r}; known: {', '.join(LOADERS)}")
    return LOADERS[kind](folder, engine)


def _load_tfidf(folder: Path, engine: "EngineName") -> Classifier:
    from toolkit.classifiers.tfidf import TfidfClassifier

    return TfidfClassifier.load(folder)


def _load_bert(folder: Path, engine: "EngineName") -> Classifier:
    from toolkit.classifiers.bert import BertClassifier

    return BertClassifier.load(folder, engine)


def _load_blend(folder: Path, engine: "EngineName") -> Classifier:
    from toolkit.classifiers.blend import BlendClassifier

    return BlendClassifier.load(folder, engine)


LOADERS: dict[str, Callable[[Path, "EngineName"], Classifier]] = {
    "tfidf": _load_tfidf,
    "bert": _load_bert,
    "blend": _load_blend,
}
