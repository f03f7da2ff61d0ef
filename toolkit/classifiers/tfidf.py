"""The TF-IDF classifier: one linear model per topic over words and characters, fast and exactly explainable.

A term's value is its count times its idf. The word block and the character block are each divided by their Euclidean
length, the word block is multiplied by ``word_weight``, and the row is divided by its length again. A topic's log-odds
are ``slope * (coefficients . values + intercept) + offset``; slope and offset are Platt's, fitted out of fold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers import Scored, Task, read_model_card
from toolkit.classifiers.features import Counter, Occurrences, Reading
from toolkit.classifiers.folder import load_arrays
from toolkit.classifiers.reasons import Reasons
from toolkit.decide import Thresholds, load_thresholds
from toolkit.folder import check_files
from toolkit.topics import load_topics
from toolkit.types import Article, DataError, Evidence, Topic
from toolkit.words import Segmenter, load_segmenter, probe

WEIGHTS = "pipeline.skops"


@dataclass(frozen=True)
class TfidfClassifier:
    """A loaded model.

    ``idf`` has shape (terms,), ``coefficients`` (topics, terms) and ``intercepts`` (topics,), the last two in log-odds.
    """

    name: str
    topics: tuple[Topic, ...]
    thresholds: Thresholds
    counter: Counter
    n_word_terms: int
    word_weight: float
    idf: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray
    task: Task = "multi-label"
    forkable: bool = True

    @classmethod
    def load(cls, folder: Path) -> "TfidfClassifier":
        """Load a model folder.

        Raises:
            DataError: a file is missing, was changed, or does not fit the others; the words are cut by a dictionary
                that has changed since training.
            ConfigError: thresholds.yaml or topics.yaml is malformed.
        """
        card = read_model_card(folder)
        check_files(folder, card, needed=WEIGHTS)
        topics = load_topics(folder / "topics.yaml")
        if [topic.key for topic in topics] != card["topics"]:
            raise DataError(f"{folder}: topics.yaml and model.json list other topics; train the model again")
        arrays = load_arrays(folder / WEIGHTS, digest=card["files"][WEIGHTS])
        features = card["features"]
        terms = str(arrays["terms"]).split("\n") if arrays["terms"] else []
        n_word_terms = int(features["word_terms"])
        if len(terms) != len(arrays["idf"]) or arrays["coefficients"].shape != (len(topics), len(terms)):
            raise DataError(f"{folder}: pipeline.skops does not fit model.json; train the model again")
        reading = Reading(int(features["lead_chars"]), int(features["title_weight"]))
        return cls(
            name=f"{folder.name}@{card['files']['pipeline.skops'][:8]}",
            topics=topics,
            thresholds=load_thresholds(folder / "thresholds.yaml", [topic.key for topic in topics]),
            counter=Counter(terms[:n_word_terms], terms[n_word_terms:], reading, _segmenter(folder, card)),
            n_word_terms=n_word_terms,
            word_weight=float(features["word_weight"]),
            idf=arrays["idf"],
            coefficients=arrays["slopes"][:, None] * arrays["coefficients"],
            intercepts=arrays["slopes"] * arrays["intercepts"] + arrays["offsets"],
        )

    @cached_property
    def _by_term(self) -> np.ndarray:
        # Rows of one term lie together in memory: the look-up of a batch touches each once.
        return np.ascontiguousarray(self.coefficients.T)

    def score(self, articles: Sequence[Article]) -> Scored:
        """Score articles; see ``Classifier.score``."""
        found = self.counter.find(articles)
        rows, columns, counts = self._count(found)
        scale = self._scale(rows, columns, counts * self.idf[columns], len(articles))
        values = counts * self.idf[columns] * scale[(columns >= self.n_word_terms).astype(np.int64), rows]
        odds = np.zeros((len(articles), len(self.topics)))
        spoken = self._by_term[columns] * values[:, None]
        here, starts = np.unique(rows, return_index=True)
        if len(here):
            odds[here] = np.add.reduceat(spoken, starts)
        reasons = Reasons(articles, found, self.counter.reading, partial(self._spoken, found, scale))
        return Scored(1 / (1 + np.exp(-odds - self.intercepts)), partial(self._explain, reasons))

    def _explain(self, reasons: Reasons, asked: np.ndarray) -> list[Evidence]:
        return [Evidence(self.topics[topic].key, *found) for topic, found in reasons.strongest(asked)]

    def _spoken(self, found: Occurrences, scale: np.ndarray, topics: np.ndarray) -> np.ndarray:
        """Return what each occurrence adds to the log-odds of one topic of its article; 0 where that is -1."""
        topic = topics[found.rows]
        which = topic >= 0
        columns, rows = found.columns[which], found.rows[which]
        weights = np.where(found.in_title[which], float(self.counter.reading.title_weight), 1.0)
        values = weights * self.idf[columns] * scale[(columns >= self.n_word_terms).astype(np.int64), rows]
        spoken = np.zeros(len(topic))
        spoken[which] = self._by_term[columns, topic[which]] * values
        return spoken

    def _count(self, found: Occurrences) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Join the occurrences of one term in one article: rows, columns and weighted counts, sorted by row."""
        keys = np.sort(((found.rows * len(self.idf) + found.columns) << 1) | found.in_title)
        terms = keys >> 1
        if not len(terms):
            return terms, terms, np.zeros(0)
        runs = np.flatnonzero(np.concatenate([[True], terms[1:] != terms[:-1]]))
        counts = np.add.reduceat(np.where(keys & 1, float(self.counter.reading.title_weight), 1.0), runs)
        rows, columns = np.divmod(terms[runs], len(self.idf))
        return rows, columns, counts

    def _scale(self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray, n_articles: int) -> np.ndarray:
        """Return what the values of each block of each article are multiplied by: (2 blocks, articles)."""
        in_words = columns < self.n_word_terms
        squares = values**2
        lengths = np.sqrt(
            [np.bincount(rows[block], squares[block], minlength=n_articles) for block in (in_words, ~in_words)]
        )
        weights = np.array([[self.word_weight], [1.0]]) * (lengths > 0)
        whole = np.sqrt((weights**2).sum(axis=0))
        scale: np.ndarray = weights / np.where(lengths > 0, lengths, 1) / np.where(whole > 0, whole, 1)
        return scale


def _segmenter(folder: Path, card: dict[str, Any]) -> Segmenter:
    features = card["features"]
    dictionary = folder / "dictionary.txt" if features["dictionary_digest"] else None
    segmenter = load_segmenter(features["segmenter"], dictionary)
    if segmenter.dictionary_digest != features["dictionary_digest"]:
        raise DataError(
            f"{folder}: dictionary.txt is not the dictionary of the training (sha256 {features['dictionary_digest']});"
            " put that file back or train the model again"
        )
    if probe(segmenter) != features["segmenter_probe"]:
        name = features["segmenter"]
        raise DataError(
            f"{folder}: {name} cuts words otherwise than at the training, when it was version {card['versions'][name]};"
            f" install {name}=={card['versions'][name]} or train the model again"
        )
    return segmenter
