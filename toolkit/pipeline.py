"""Articles to results: label, decide, explain, summarize, a batch at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from toolkit.classifiers import Classifier
from toolkit.decide import decide
from toolkit.summarizers import Summarizer
from toolkit.types import Article, Mode, Prediction, Reject, Result

BATCH_ARTICLES = 256  # enough for numpy to work in bulk, few enough that memory stays small


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do with each article; None leaves a step out."""

    classifier: Classifier | None = None
    summarizer: Summarizer | None = None
    mode: Mode = "abstract"
    max_chars: int = 120


def process(articles: Iterable[Article], steps: Steps) -> Iterator[Result]:
    """Yield one result per article, in order; memory does not grow with their number."""
    source = iter(articles)
    while batch := list(islice(source, BATCH_ARTICLES)):
        yield from process_batch(batch, steps)


def process_batch(batch: Sequence[Article], steps: Steps) -> list[Result]:
    """Return one result per article, in order."""
    predictions = predict(batch, steps.classifier) if steps.classifier else [None] * len(batch)
    if steps.summarizer is None:
        return [Result(article, prediction) for article, prediction in zip(batch, predictions, strict=True)]
    summaries = steps.summarizer.summarize(batch, mode=steps.mode, max_chars=steps.max_chars)
    return [Result(*found) for found in zip(batch, predictions, summaries, strict=True)]


def predict(articles: Sequence[Article], classifier: Classifier) -> list[Prediction]:
    """Label articles, with the evidence for every topic that was given or that sent the article to review."""
    keys = [topic.key for topic in classifier.topics]
    scored = classifier.score(articles)
    decided = decide(scored.probabilities, keys, classifier.thresholds)
    spoken_for = (decided.given | decided.unsure).tolist()
    given = decided.given.tolist()
    return [
        Prediction(
            topics=tuple(key for key, is_given in zip(keys, given[row], strict=True) if is_given),
            decision=decided.decisions[row],
            scores=dict(zip(keys, probabilities, strict=True)),
            evidence=tuple(scored.explain(row, topic) for topic, needed in enumerate(spoken_for[row]) if needed),
            model=classifier.name,
        )
        for row, probabilities in enumerate(scored.probabilities.tolist())
    ]


def keep_articles(found: Iterable[Article | Reject], on_reject: Callable[[Reject], None]) -> Iterator[Article]:
    """Yield the articles; hand everything that could not be read to ``on_reject``."""
    for item in found:
        if isinstance(item, Reject):
            on_reject(item)
        else:
            yield item
