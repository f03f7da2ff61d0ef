"""From out-of-fold margins to probabilities, thresholds and the review band. Nothing here sees validation data."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit

from toolkit.classifiers import Task
from toolkit.decide import Band
from training.config import DecisionConfig

_SMOOTHING = 9  # points; a threshold should lie on a plateau of F1, not on one lucky article
_RESAMPLES = 20
_PENALTIES = np.concatenate([[0.0], np.geomspace(0.02, 10_000, 140)])
_WIDTHS = np.arange(0, 5.01, 0.1)  # of the band, in log-odds; e^5 is odds of 148 to 1
_ALMOST = 1e-9  # keeps log-odds finite
_LOG_TEMPERATURES = (-3.0, 3.0)
_NEARLY_UNREGULARISED = 1e6  # LogisticRegression's C; Platt's method itself has no penalty


@dataclass(frozen=True, slots=True)
class Scaling:
    """Platt's scaling: log-odds = slope * margin + offset; both of shape (topics,)."""

    slopes: np.ndarray
    offsets: np.ndarray

    def probabilities(self, margins: np.ndarray) -> np.ndarray:
        """Turn margins of shape (n, topics) into probabilities."""
        scaled: np.ndarray = expit(margins * self.slopes + self.offsets)
        return scaled


def fit_scaling(margins: np.ndarray, gold: np.ndarray) -> Scaling:
    """Fit one sigmoid per topic (Platt, "Probabilistic outputs for support vector machines", 1999)."""
    from sklearn.linear_model import LogisticRegression

    fits = [
        LogisticRegression(C=_NEARLY_UNREGULARISED).fit(margins[:, [topic]], gold[:, topic])
        for topic in range(gold.shape[1])
    ]
    return Scaling(np.array([fit.coef_[0, 0] for fit in fits]), np.array([fit.intercept_[0] for fit in fits]))


def fit_temperatures(margins: np.ndarray, gold: np.ndarray, task: Task) -> np.ndarray:
    """Return one temperature per label, (labels,), by which log-odds are divided; all alike for a single-label task.

    Each minimises the log-loss (Guo et al., "On Calibration of Modern Neural Networks", 2017).
    """

    def loss_of_classes(log_temperature: float) -> float:
        return float(-log_softmax(margins / np.exp(log_temperature), axis=1)[gold].mean())

    def loss_of_topic(log_temperature: float, topic: int) -> float:
        signed = np.where(gold[:, topic], 1, -1) * margins[:, topic] / np.exp(log_temperature)
        return float(np.logaddexp(0, -signed).mean())

    if task == "single-label":
        found = minimize_scalar(loss_of_classes, bounds=_LOG_TEMPERATURES, method="bounded")
        return np.full(gold.shape[1], np.exp(found.x))
    fits = [
        minimize_scalar(loss_of_topic, args=(topic,), bounds=_LOG_TEMPERATURES, method="bounded")
        for topic in range(gold.shape[1])
    ]
    return np.exp([fit.x for fit in fits])


def choose_confidence(
    probabilities: np.ndarray, gold: np.ndarray, *, kept_right_at_least: float
) -> tuple[list[Band], float]:
    """Return the bands of a single-label task, all alike, and the coverage.

    The most probable label is always given; below a confidence the article goes to review. The confidence is the lowest
    with which ``kept_right_at_least`` of the articles at or above it are right; the highest seen if none is.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == gold.argmax(axis=1)
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= kept_right_at_least)
    kept = int(enough[-1]) + 1 if len(enough) else 1
    below = round(float(confidence[order][kept - 1]), 4)
    band = Band(threshold=0.0, review_from=0.0, review_below=below)
    return [band] * gold.shape[1], float((confidence >= below).mean())


def choose_thresholds(
    probabilities: np.ndarray, gold: np.ndarray, *, none_given_at_most: float, seed: int = 13
) -> np.ndarray:
    """Return one threshold per topic: the best F1 that keeps topic-less articles without a topic.

    Each threshold maximises its topic's smoothed F1 minus a penalty times the share of topic-less articles above it;
    the penalty is the smallest for which at most ``none_given_at_most`` of them are given any topic. This is done on
    bootstrap samples of the articles and averaged in log-odds, so that no single article decides.

    Args:
        probabilities: out of fold, shape (n, topics).
        gold: bool, the same shape.
        none_given_at_most: a share in [0, 1].
        seed: of the samples.
    """
    random = np.random.default_rng(seed)
    drawn = (random.integers(0, len(gold), len(gold)) for _ in range(_RESAMPLES))
    chosen = [_thresholds_of_one(probabilities[rows], gold[rows], none_given_at_most) for rows in drawn]
    averaged: np.ndarray = expit(np.mean(logit(np.clip(chosen, _ALMOST, 1 - _ALMOST)), axis=0))
    return averaged


def _thresholds_of_one(probabilities: np.ndarray, gold: np.ndarray, none_given_at_most: float) -> np.ndarray:
    none = ~np.any(gold, axis=1)
    curves = [_f1_curve(probabilities[:, topic], gold[:, topic], none) for topic in range(gold.shape[1])]
    thresholds = np.full(gold.shape[1], 0.5)
    for penalty in _PENALTIES:
        thresholds = np.array([cuts[np.argmax(f1 - penalty * alarms)] for cuts, f1, alarms in curves])
        if not none.any() or (probabilities[none] >= thresholds).any(axis=1).mean() <= none_given_at_most:
            break
    return thresholds


def _f1_curve(
    probabilities: np.ndarray, gold: np.ndarray, none: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return possible thresholds, the smoothed F1 at each, and the share of topic-less articles at or above it."""
    order = np.argsort(-probabilities, kind="stable")
    ranked, hits = probabilities[order], np.cumsum(gold[order])
    f1 = 2 * hits / (np.arange(1, len(ranked) + 1) + gold.sum())
    around = min(_SMOOTHING, len(f1)) // 2
    f1 = np.convolve(np.pad(f1, around, mode="edge"), np.ones(2 * around + 1) / (2 * around + 1), mode="valid")
    cuts = np.append((ranked[:-1] + ranked[1:]) / 2, ranked[-1])
    return cuts, f1, np.cumsum(none[order]) / max(int(none.sum()), 1)


def choose_bands(
    probabilities: np.ndarray, gold: np.ndarray, thresholds: np.ndarray, *, kept_right_at_least: float
) -> tuple[list[Band], float]:
    """Return one band per topic and the coverage: the share of articles that no band sends to review.

    All bands reach equally far from their thresholds in log-odds, below and above; of all such pairs of widths the one
    of largest coverage is taken with which ``kept_right_at_least`` of the topic decisions outside are right. If none
    reaches that, the widest band is taken.
    """
    odds = logit(np.clip(probabilities, _ALMOST, 1 - _ALMOST)) - logit(thresholds)
    right = ((odds >= 0) == gold).mean(axis=1)
    best = (-1.0, float(_WIDTHS[-1]), float(_WIDTHS[-1]))
    for below in _WIDTHS:
        for above in _WIDTHS:
            kept = ~((odds >= -below) & (odds < above)).any(axis=1)
            if kept.mean() > best[0] and kept.any() and right[kept].mean() >= kept_right_at_least:
                best = (float(kept.mean()), float(below), float(above))
    coverage, below, above = best
    bands = [_band(threshold, below, above) for threshold in thresholds.tolist()]
    return bands, max(coverage, 0.0)


def _band(threshold: float, below: float, above: float) -> Band:
    low, high = expit(logit(threshold) - below), expit(logit(threshold) + above)
    return Band(threshold=round(threshold, 4), review_from=round(float(low), 4), review_below=round(float(high), 4))


def choose_decisions(
    probabilities: np.ndarray, gold: np.ndarray, task: Task, decisions: DecisionConfig
) -> tuple[list[Band], dict[str, float]]:
    """Return the bands for a model's predictions of articles that it had not learned from, and the figures there."""
    right = decisions.kept_right_at_least
    if task == "single-label":
        bands, coverage = choose_confidence(probabilities, gold, kept_right_at_least=right)
        accuracy = float((probabilities.argmax(axis=1) == gold.argmax(axis=1)).mean())
        return bands, {"accuracy": round(accuracy, 4), "coverage": round(coverage, 4)}
    thresholds = choose_thresholds(probabilities, gold, none_given_at_most=decisions.none_given_at_most)
    bands, coverage = choose_bands(probabilities, gold, thresholds, kept_right_at_least=right)
    return bands, figures(probabilities >= thresholds, gold) | {"coverage": round(coverage, 4)}


def log_loss(probabilities: np.ndarray, gold: np.ndarray, *, exclusive: bool) -> float:
    """Return the mean negative log-likelihood of the labels, in nats a label (an article if exclusive)."""
    kept = np.clip(probabilities, _ALMOST, 1 - _ALMOST)
    return (
        float(-np.log(kept[gold]).mean())
        if exclusive
        else float(-np.where(gold, np.log(kept), np.log(1 - kept)).mean())
    )


def figures(given: np.ndarray, gold: np.ndarray) -> dict[str, float]:
    """Return the macro-F1 and the share of topic-less articles given a topic; both arrays bool, (articles, topics)."""
    hits = (given & gold).sum(axis=0)
    f1 = 2 * hits / np.maximum(given.sum(axis=0) + gold.sum(axis=0), 1)
    none = ~gold.any(axis=1)
    alarms = given[none].any(axis=1).mean() if none.any() else 0.0
    return {"macro_f1": round(float(f1.mean()), 4), "none_given_a_topic": round(float(alarms), 4)}
