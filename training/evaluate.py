"""A model on articles that people judged; of a classifier, all figures, and the same without the doubtful articles."""

from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers import Classifier, load_classifier
from toolkit.decide import decide
from toolkit.engines import EngineName
from toolkit.summarizers import is_summarizer, load_summarizer
from toolkit.types import Article, Mode
from training.data import data_digest, gold_matrix, read_labelled
from training.metrics import Judged, measure
from training.summaries import evaluate_summarizer, format_summary_report


def evaluate_model(
    name: str, path: Path, *, engine: EngineName, mode: Mode, max_chars: int
) -> tuple[dict[str, Any], str]:
    """Measure what ``name`` is, a classifier or a summarizer, on a file; return the report, and the same as text.

    Raises:
        ConfigError: there is no such model.
        DataError: the model or the file cannot be used.
    """
    if is_summarizer(name):
        report = evaluate_summarizer(load_summarizer(name), path, mode=mode, max_chars=max_chars)
        return report, format_summary_report(report)
    report = evaluate_classifier(load_classifier(name, engine=engine), path)
    return report, format_report(report)


def evaluate_classifier(classifier: Classifier, path: Path) -> dict[str, Any]:
    """Measure a classifier on a labelled file.

    Raises:
        DataError: the file cannot be used; see ``read_labelled``.
    """
    articles = read_labelled(path, classifier.topics)
    return {"model": classifier.name, "data": str(path)} | evaluate_articles(classifier, articles)


def evaluate_articles(classifier: Classifier, articles: list[Article]) -> dict[str, Any]:
    """Measure a classifier on labelled articles; ``without_unsure`` leaves out those marked as doubtful."""
    keys = [topic.key for topic in classifier.topics]
    judged = judge(classifier, articles)
    sure = np.array([not article.unsure for article in articles], dtype=bool)
    return {
        "data_digest": data_digest(articles),
        "all": measure(judged, keys),
        "without_unsure": measure(judged.where(sure), keys),
    }


def judge(classifier: Classifier, articles: list[Article]) -> Judged:
    """Predict labelled articles and set the predictions beside the truth."""
    keys = [topic.key for topic in classifier.topics]
    probabilities = classifier.score(articles).probabilities
    exclusive = classifier.task == "single-label"
    decided = decide(probabilities, keys, classifier.thresholds, exclusive=exclusive)
    review = np.array([decision == "review" for decision in decided.decisions], dtype=bool)
    return Judged(gold_matrix(articles, classifier.topics), decided.given, probabilities, review)


_NAMES = {
    "exact_match": "exact match",
    "none_given_a_topic": "topic-less articles given a topic",
    "coverage": "not sent to review",
    "kept_right": "topic decisions right, of those",
}


def format_report(report: dict[str, Any]) -> str:
    """Return the report as text: one table for all articles, one without the doubtful ones."""
    parts = [f"model {report['model']}"] if "model" in report else []
    for part, heading in (("all", "all articles"), ("without_unsure", "without the unsure articles")):
        block = report[part]
        parts.append(f"\n{heading}: {block['articles']}")
        if block["articles"]:
            parts += _format_block(block)
    return "\n".join(parts)


def _format_block(block: dict[str, Any]) -> list[str]:
    columns = ("precision", "recall", "f1", "average_precision")
    lines = [f"{'':<12}{'articles':>8}  " + "".join(f"{name.replace('_', ' '):<21}" for name in columns)]
    for key, figures in block["topics"].items():
        cells = "".join(f"{_cell(figures[name]):<21}" for name in columns)
        lines.append(f"{key:<12}{figures['articles']:>8}  {cells}".rstrip())
    lines.append(f"{'macro':<20}  " + "".join(f"{_cell(block['macro'][name]):<21}" for name in columns).rstrip())
    lines += [f"{name:<34}{_cell(block[key])}" for key, name in _NAMES.items()]
    return lines


def _cell(figure: dict[str, float | None]) -> str:
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
