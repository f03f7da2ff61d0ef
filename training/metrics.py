"""What is measured of multi-label predictions, each figure with a bootstrap interval.

All arrays have one row per article and one column per topic; a weight per article lets one function serve the figure
itself (all ones) and its bootstrap samples (how often each article was drawn).
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

SAMPLES = 1000
Figure = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """Predictions beside the truth: ``gold``, ``given`` bool; ``probabilities`` float; ``review`` bool, (articles,)."""

    gold: np.ndarray
    given: np.ndarray
    probabilities: np.ndarray
    review: np.ndarray

    def where(self, rows: np.ndarray) -> "Judged":
        """Return the selected articles."""
        return Judged(self.gold[rows], self.given[rows], self.probabilities[rows], self.review[rows])


def measure(judged: Judged, topics: Sequence[str], *, seed: int = 13) -> dict[str, object]:
    """Return every figure as {value, low, high}: low and high bound the 95 % bootstrap interval over articles.

    A topic that no article carries has no recall, F1 or average precision: they are None and left out of the macro
    averages. ``none_given_a_topic`` is the share of topic-less articles that were given one; ``coverage`` the share
    not sent to review; ``kept_right`` the share of right topic decisions among those not sent to review.
    """
    if len(judged.gold) == 0:
        return {"articles": 0}
    samples = bootstrap_weights(len(judged.gold), seed)
    per_topic = {
        key: {name: _figure(judge, judged, column, samples) for name, judge in TOPIC_FIGURES.items()}
        for column, key in enumerate(topics)
    }
    carried = [column for column in range(len(topics)) if judged.gold[:, column].any()]
    return {
        "articles": len(judged.gold),
        "topics": {
            key: {"articles": int(judged.gold[:, column].sum()), **per_topic[key]} for column, key in enumerate(topics)
        },
        "macro": {name: _macro(judge, judged, carried, samples) for name, judge in TOPIC_FIGURES.items()},
        **{name: interval(partial(judge, judged), samples) for name, judge in FIGURES.items()},
    }


def bootstrap_weights(count: int, seed: int) -> np.ndarray:
    """Return how often each bootstrap sample draws each article, (samples + 1, count); row 0 is all ones."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, count, size=(SAMPLES, count))
    weights = np.zeros((SAMPLES + 1, count), dtype=np.float32)
    weights[0] = 1
    for row in range(SAMPLES):
        weights[row + 1] = np.bincount(drawn[row], minlength=count)
    return weights


def _precision(judged: Judged, column: int, weights: np.ndarray) -> np.ndarray:
    hits, given, _ = _counts(judged, column, weights)
    return _share(hits, given, empty=0.0)


def _recall(judged: Judged, column: int, weights: np.ndarray) -> np.ndarray:
    hits, _, gold = _counts(judged, column, weights)
    return _share(hits, gold)


def f1_of_topic(judged: Judged, column: int, weights: np.ndarray) -> np.ndarray:
    """Return the F1 of one topic for every row of weights: (samples,); nan where no article carries it."""
    hits, given, gold = _counts(judged, column, weights)
    f1: np.ndarray = np.where(gold > 0, _share(2 * hits, given + gold, empty=0.0), np.nan)
    return f1


def average_precision_of_topic(judged: Judged, column: int, weights: np.ndarray) -> np.ndarray:
    """Mean, over the articles that carry the topic, of the precision among all that score at least as high."""
    order = np.argsort(-judged.probabilities[:, column], kind="stable")
    scores = judged.probabilities[order, column]
    gold = judged.gold[order, column]
    # Articles of equal score count together: precision is read at the last of them.
    last = np.searchsorted(-scores, -scores, side="right") - 1
    found = np.empty(len(weights))
    for row, weight in enumerate(weights[:, order]):
        hits = np.cumsum(weight * gold)
        seen = np.cumsum(weight)
        precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
        found[row] = (weight * gold * precision[last]).sum() / hits[-1] if hits[-1] > 0 else np.nan
    return found


def _counts(judged: Judged, column: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gold, given = judged.gold[:, column].astype(np.float32), judged.given[:, column].astype(np.float32)
    return weights @ (gold * given), weights @ given, weights @ gold


def _exact_match(judged: Judged, weights: np.ndarray) -> np.ndarray:
    return _share(weights @ (judged.gold == judged.given).all(axis=1), weights.sum(axis=1))


def _none_given(judged: Judged, weights: np.ndarray) -> np.ndarray:
    none = ~judged.gold.any(axis=1)
    return _share(weights @ (none & judged.given.any(axis=1)), weights @ none)


def _coverage(judged: Judged, weights: np.ndarray) -> np.ndarray:
    return _share(weights @ ~judged.review, weights.sum(axis=1))


def _kept_right(judged: Judged, weights: np.ndarray) -> np.ndarray:
    kept = ~judged.review
    right = (judged.gold == judged.given).mean(axis=1) * kept
    return _share(weights @ right, weights @ kept)


def _share(part: np.ndarray, whole: np.ndarray, empty: float = np.nan) -> np.ndarray:
    shares: np.ndarray = np.divide(part, whole, out=np.full(len(whole), empty, dtype=float), where=whole > 0)
    return shares


TOPIC_FIGURES: dict[str, Callable[[Judged, int, np.ndarray], np.ndarray]] = {
    "precision": _precision,
    "recall": _recall,
    "f1": f1_of_topic,
    "average_precision": average_precision_of_topic,
}
FIGURES: dict[str, Callable[[Judged, np.ndarray], np.ndarray]] = {
    "exact_match": _exact_match,
    "none_given_a_topic": _none_given,
    "coverage": _coverage,
    "kept_right": _kept_right,
}


def _figure(
    judge: Callable[[Judged, int, np.ndarray], np.ndarray], judged: Judged, column: int, samples: np.ndarray
) -> Figure:
    return interval(lambda weights: judge(judged, column, weights), samples)


def _macro(
    judge: Callable[[Judged, int, np.ndarray], np.ndarray], judged: Judged, carried: list[int], samples: np.ndarray
) -> Figure:
    def mean(weights: np.ndarray) -> np.ndarray:
        columns = np.array([judge(judged, column, weights) for column in carried])
        with warnings.catch_warnings():
            # A bootstrap sample may hold no article of any topic; its mean is then rightly nan.
            warnings.simplefilter("ignore", RuntimeWarning)
            means: np.ndarray = np.nanmean(columns, axis=0)
        return means

    return interval(mean, samples) if carried else {"value": None, "low": None, "high": None}


def interval(judge: Callable[[np.ndarray], np.ndarray], samples: np.ndarray) -> Figure:
    """Return the figure of the first row of weights, and the 95 % interval over the other rows."""
    found = judge(samples)
    value, drawn = found[0], found[1:][~np.isnan(found[1:])]
    if np.isnan(value) or not len(drawn):
        return {"value": None, "low": None, "high": None}
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"value": round(float(value), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
