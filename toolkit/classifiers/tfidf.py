"""The TF-IDF classifier: one linear model per topic over words and characters, fast and exactly explainable.

A term's value is its count times its idf. The word block and the character block are each divided by their Euclidean
length, the word block is multiplied by ``word_weight``, and the row is divided by its length again. A topic's log-odds
are ``slope * (coefficients . values + intercept) + offset``; slope and offset are Platt's, fitted out of fold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers import Scored, read_model_card
from toolkit.classifiers.features import Counter, Counts, Reading
from toolkit.classifiers.folder import check_files, load_arrays
from toolkit.classifiers.reasons import WordShares
from toolkit.decide import Thresholds, load_thresholds
from toolkit.topics import load_topics
from toolkit.types import Article, DataError, Evidence, Topic
from toolkit.words import Segmenter, load_segmenter


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

    @classmethod
    def load(cls, folder: Path) -> "TfidfClassifier":
        """Load a model folder.

        Raises:
            DataError: a file is missing, was changed, or does not fit the others; the words are cut by a dictionary
                that has changed since training.
            ConfigError: thresholds.yaml or topics.yaml is malformed.
        """
        card = read_model_card(folder)
        check_files(folder, card)
        topics = load_topics(folder / "topics.yaml")
        if [topic.key for topic in topics] != card["topics"]:
            raise DataError(f"{folder}: topics.yaml and model.json list other topics; train the model again")
        arrays = load_arrays(folder / "pipeline.skops", digest=card["files"]["pipeline.skops"])
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
        if not articles:
            return Scored(np.zeros((0, len(self.topics))), self._explain_nothing)
        counts = self.counter.count(articles)
        values = self._values(counts, len(articles))
        # Each occurrence speaks for itself; an article's log-odds are their sum.
        spoken = self._by_term[counts.columns] * values[:, None]
        odds = (
            np.stack([np.bincount(counts.rows, column, minlength=len(articles)) for column in spoken.T], axis=1)
            + self.intercepts
        )
        shares = WordShares(articles, counts, values, self.counter)

        def explain(row: int, topic: int) -> Evidence:
            words, sentence = shares.strongest(row, self.coefficients[topic])
            return Evidence(self.topics[topic].key, words, sentence)

        return Scored(1 / (1 + np.exp(-odds)), explain)

    def _explain_nothing(self, row: int, topic: int) -> Evidence:
        raise IndexError(row)

    def _values(self, counts: Counts, n_articles: int) -> np.ndarray:
        """Return, for each occurrence, its share of its term's normalised value: weight * idf / length."""
        values = counts.weights * self.idf[counts.columns]
        is_word = counts.columns < self.n_word_terms
        # A block's length needs each term's whole count, so occurrences of one term in one article are joined first.
        keys, inverse = np.unique(counts.rows * len(self.idf) + counts.columns, return_inverse=True)
        totals = np.bincount(inverse, values)
        rows, in_words = keys // len(self.idf), keys % len(self.idf) < self.n_word_terms
        squares = [
            np.bincount(rows[block], totals[block] ** 2, minlength=n_articles) for block in (in_words, ~in_words)
        ]
        lengths = np.sqrt(squares)
        weights = np.array([self.word_weight, 1.0])
        whole = np.sqrt(((weights[:, None] * (lengths > 0)) ** 2).sum(axis=0))
        scale = weights[:, None] / np.maximum(lengths, 1e-12) / np.maximum(whole, 1e-12)
        scaled: np.ndarray = values * scale[np.where(is_word, 0, 1), counts.rows]
        return scaled


def _segmenter(folder: Path, card: dict[str, Any]) -> Segmenter:
    features = card["features"]
    dictionary = folder / "dictionary.txt" if features["dictionary_digest"] else None
    segmenter = load_segmenter(features["segmenter"], dictionary)
    if segmenter.dictionary_digest != features["dictionary_digest"]:
        raise DataError(
            f"{folder}: dictionary.txt is not the dictionary of the training (sha256 {features['dictionary_digest']});"
            " put that file back or train the model again"
        )
    return segmenter
