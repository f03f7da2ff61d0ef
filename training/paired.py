"""Models on the same articles, set against each other: paired bootstrap intervals and McNemar's exact test.

Every model meets the same bootstrap samples, so a difference is taken within a sample and then over the samples. What
makes an article hard or easy for all models cancels out, and the interval of a difference is narrower than the two
intervals beside each other suggest.
"""

import statistics
import warnings
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from toolkit.types import Article
from training.metrics import (
    FIGURES,
    SAMPLES,
    Figure,
    Judged,
    average_precision_of_topic,
    bootstrap_weights,
    f1_of_topic,
    interval,
)

Draws = dict[str, np.ndarray]  # by figure: its value, then one value for each bootstrap sample


def compare_judged(
    judged: Mapping[str, Judged], articles: Sequence[Article], topics: Sequence[str], *, split_chars: int | None = None
) -> dict[str, Any]:
    """Set predictions of the same articles against each other; every figure has a 95 % bootstrap interval.

    Args:
        judged: predictions by model, the one to compare with first.
        articles: what was predicted, in that order.
        topics: keys, in the order of the predictions.
        split_chars: articles of up to so many characters (title and text) are the short ones; None = the median.
    """
    chars = [len(article.title) + len(article.text) for article in articles]
    split = max(10, round(statistics.median(chars), -1)) if split_chars is None else split_chars
    short = np.array(chars) <= split
    unsure = np.array([bool(article.unsure) for article in articles])
    drawn = {model: _draw_all(found, topics, unsure=unsure, short=short) for model, found in judged.items()}
    gold = next(iter(judged.values())).gold
    return {
        "articles": len(articles),
        "unsure": int(unsure.sum()),
        "topics": {key: int(gold[:, column].sum()) for column, key in enumerate(topics)},
        "length": {"split_chars": int(split), "short": int(short.sum()), "long": int((~short).sum())},
        "models": {model: {part: figures(draws) for part, draws in drawn[model].items()} for model in judged},
        "pairs": [
            _with_verdict(
                {"model": model, "against": base}
                | {part: differences(draws, drawn[base][part]) for part, draws in drawn[model].items()}
                | {"mcnemar": mcnemar_all(judged[model], judged[base], topics)}
            )
            for base, model in combinations(judged, 2)
        ],
    }


def _with_verdict(pair: dict[str, Any]) -> dict[str, Any]:
    return {"verdict": verdict(pair)} | pair


def _draw_all(judged: Judged, topics: Sequence[str], *, unsure: np.ndarray, short: np.ndarray) -> dict[str, Draws]:
    return {
        "figures": draw_figures(judged) | {"macro_f1_without_unsure": draw_macro_f1(judged.where(~unsure))},
        "topic_f1": draw_topic_f1(judged, topics),
        "length_macro_f1": {
            "short": draw_macro_f1(judged.where(short)),
            "long": draw_macro_f1(judged.where(~short)),
        },
    }


def draw_figures(judged: Judged, *, seed: int = 13) -> Draws:
    """Return the figures over all topics. ``seed`` and the number of articles fix the samples, whatever the model."""
    weights = _weights(judged, seed)
    topic_draws = [average_precision_of_topic(judged, column, weights) for column in range(judged.gold.shape[1])]
    return {
        "macro_f1": draw_macro_f1(judged, seed=seed),
        "mean_average_precision": _macro(judged, topic_draws),
        **{name: figure(judged, weights) for name, figure in FIGURES.items()},
    }


def draw_topic_f1(judged: Judged, topics: Sequence[str], *, seed: int = 13) -> Draws:
    """Return the F1 of each topic; not a number where no article carries it."""
    weights = _weights(judged, seed)
    return {key: f1_of_topic(judged, column, weights) for column, key in enumerate(topics)}


def draw_macro_f1(judged: Judged, *, seed: int = 13) -> np.ndarray:
    """Return the mean F1 of the topics that some article carries."""
    weights = _weights(judged, seed)
    return _macro(judged, [f1_of_topic(judged, column, weights) for column in range(judged.gold.shape[1])])


def _weights(judged: Judged, seed: int) -> np.ndarray:
    if len(judged.gold) == 0:
        return np.zeros((SAMPLES + 1, 0), dtype=np.float32)
    return bootstrap_weights(len(judged.gold), seed)


def _macro(judged: Judged, topic_draws: list[np.ndarray]) -> np.ndarray:
    carried = [drawn for column, drawn in enumerate(topic_draws) if judged.gold[:, column].any()]
    if not carried:
        return np.full(SAMPLES + 1, np.nan)
    with warnings.catch_warnings():
        # A bootstrap sample may hold no article of any topic; its mean is then rightly nan.
        warnings.simplefilter("ignore", RuntimeWarning)
        means: np.ndarray = np.nanmean(np.array(carried), axis=0)
    return means


def figures(draws: Draws) -> dict[str, Figure]:
    """Return each figure as {value, low, high}."""
    return {name: _figure(drawn) for name, drawn in draws.items()}


def differences(draws: Draws, base: Draws) -> dict[str, Figure]:
    """Return each figure less that of the base as {value, low, high}: the interval is paired."""
    return {name: _figure(drawn - base[name]) for name, drawn in draws.items()}


def _figure(drawn: np.ndarray) -> Figure:
    return interval(lambda samples: samples, drawn)


def mcnemar(right: np.ndarray, base_right: np.ndarray) -> dict[str, float]:
    """Test whether two models are right equally often, by the articles on which only one of them is.

    The p value is exact and two-sided: with equal models each such article is a fair coin (Q. McNemar, "Note on the
    sampling error of the difference between correlated proportions or percentages", Psychometrika 12, 1947).

    Args:
        right: bool, one for each article.
        base_right: the same of the model to compare with.
    """
    # Imported late: the processes that measure a model's cost read this file, and scipy's memory is not the model's.
    from scipy.stats import binomtest

    only, only_base = int((right & ~base_right).sum()), int((base_right & ~right).sum())
    p = float(binomtest(only, only + only_base).pvalue) if only + only_base else 1.0
    return {"only_this_right": only, "only_base_right": only_base, "p": p}


def mcnemar_all(judged: Judged, base: Judged, topics: Sequence[str]) -> dict[str, Any]:
    """Test on articles that got all their topics and no other, and on each topic's decisions, given or not."""
    right, base_right = judged.gold == judged.given, base.gold == base.given
    by_topic = {key: mcnemar(right[:, column], base_right[:, column]) for column, key in enumerate(topics)}
    return {"exact_match": mcnemar(right.all(axis=1), base_right.all(axis=1)), "topics": by_topic}


def is_clear(difference: Figure) -> bool:
    """Return whether the interval of a difference leaves out zero."""
    low, high = difference["low"], difference["high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def verdict(pair: Mapping[str, Any]) -> str:
    """Say in words whether the macro-F1 of a pair's model is clear of chance."""
    difference, p = pair["figures"]["macro_f1"], format_p(pair["mcnemar"]["exact_match"]["p"])
    value, low, high = difference["value"], difference["low"], difference["high"]
    if value is None:
        return "no article carries a topic: macro-F1 cannot be compared"
    if not is_clear(difference):
        return f"no clear difference: {value:+.3f} [{low:+.3f}, {high:+.3f}], McNemar {p}"
    if low > 0:
        return f"better by {value:.3f} [{low:.3f}, {high:.3f}], McNemar {p}"
    return f"worse by {-value:.3f} [{-high:.3f}, {-low:.3f}], McNemar {p}"


def format_p(p: float) -> str:
    """Return a p value with three digits."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
