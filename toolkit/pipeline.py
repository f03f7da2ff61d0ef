"""Articles to results: label, decide, explain, summarize, a batch at a time."""

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_all_start_methods, get_context
from typing import TYPE_CHECKING

from toolkit.classifiers import Classifier
from toolkit.decide import decide
from toolkit.types import Article, Mode, Prediction, Reject, Result, Summary

if TYPE_CHECKING:
    from toolkit.summarizers import Summarizer

_BATCHES_ALONE = 1
_TOGETHER = 64  # articles of which both abstract and headline are wanted
BATCH_ARTICLES = 256  # enough for numpy to work in bulk, few enough that memory stays small


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do with each article; None leaves a step out; ``headline`` asks the summarizer for one, too."""

    classifier: Classifier | None = None
    summarizer: "Summarizer | None" = None
    mode: Mode = "abstract"
    max_chars: int = 120
    headline: bool = False


def process(articles: Iterable[Article], steps: Steps, *, workers: int = 1) -> Iterator[Result]:
    """Yield one result per article, in order; memory does not grow with their number.

    Args:
        articles: taken a batch at a time.
        steps: what to do.
        workers: how many processes share the work once there are more than a few batches; a model that cannot be forked
            uses all cores by itself.
    """
    if not all(step.forkable for step in (steps.classifier, steps.summarizer) if step is not None):
        workers = 1
    source = iter(articles)
    batches = iter(lambda: list(islice(source, BATCH_ARTICLES)), [])
    # The first batch is done before other processes would have started.
    for batch in islice(batches, _BATCHES_ALONE if workers > 1 else None):
        yield from join_results(batch, *process_batch(batch, steps))
    if workers > 1:
        yield from _process_together(batches, steps, workers)


Found = tuple[list[Prediction] | None, list[Summary] | None, list[Summary] | None]


def process_batch(batch: Sequence[Article], steps: Steps) -> Found:
    """Return the predictions, the summaries and the headlines of a batch; None for a step that is left out."""
    predictions = predict(batch, steps.classifier) if steps.classifier else None
    if steps.summarizer is None:
        return predictions, None, None
    if not steps.headline:
        return predictions, steps.summarizer.summarize(batch, mode=steps.mode, max_chars=steps.max_chars), None
    summaries: list[Summary] = []
    headlines: list[Summary] = []
    # Both of a few articles, one after the other: a summarizer may keep what it computed for the first.
    for start in range(0, len(batch), _TOGETHER):
        part = batch[start : start + _TOGETHER]
        summaries += steps.summarizer.summarize(part, mode=steps.mode, max_chars=steps.max_chars)
        headlines += steps.summarizer.summarize(part, mode="headline", max_chars=steps.max_chars)
    return predictions, summaries, headlines


def join_results(
    batch: Sequence[Article],
    predictions: Sequence[Prediction] | None,
    summaries: Sequence[Summary] | None,
    headlines: Sequence[Summary] | None,
) -> Iterator[Result]:
    """Set what was found beside the articles."""
    nothing = [None] * len(batch)
    for found in zip(batch, predictions or nothing, summaries or nothing, headlines or nothing, strict=True):
        yield Result(*found)


def _process_together(batches: Iterator[list[Article]], steps: Steps, workers: int) -> Iterator[Result]:
    first = next(batches, None)
    if first is None:
        return
    # Forked processes share the loaded model; started in any other way, each would have to load it.
    pool = ProcessPoolExecutor(workers, get_context("fork"), initializer=_take_steps, initargs=(steps,))
    try:
        waiting: deque[tuple[list[Article], Future[Found]]] = deque()
        for batch in chain([first], batches):
            waiting.append((batch, pool.submit(_process_taken, batch)))
            # Few batches wait at a time: memory stays flat, and nobody is idle.
            if len(waiting) > 2 * workers:
                done, future = waiting.popleft()
                yield from join_results(done, *future.result())
        for done, future in waiting:
            yield from join_results(done, *future.result())
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_taken: list[Steps] = []


def _take_steps(steps: Steps) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _taken[:] = [steps]


def _process_taken(batch: list[Article]) -> Found:
    return process_batch(batch, _taken[0])


def usable_workers() -> int:
    """Return how many processes may share the work: the cores we may use, or 1 where processes cannot be forked."""
    if "fork" not in get_all_start_methods() or sys.platform == "darwin":  # macOS libraries break when forked
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def predict(articles: Sequence[Article], classifier: Classifier) -> list[Prediction]:
    """Label articles, with the evidence for every topic that was given or that sent the article to review."""
    keys = [topic.key for topic in classifier.topics]
    scored = classifier.score(articles)
    exclusive = classifier.task == "single-label"
    decided = decide(scored.probabilities, keys, classifier.thresholds, exclusive=exclusive)
    windows = scored.windows.tolist() if scored.windows is not None else [None] * len(articles)
    truncated = scored.truncated.tolist() if scored.truncated is not None else [None] * len(articles)
    asked = decided.given | decided.unsure
    evidence = iter(scored.explain(asked))
    given = decided.given.tolist()
    return [
        Prediction(
            topics=tuple(key for key, is_given in zip(keys, given[row], strict=True) if is_given),
            decision=decided.decisions[row],
            scores=dict(zip(keys, probabilities, strict=True)),
            evidence=tuple(islice(evidence, int(asked[row].sum()))),
            model=classifier.name,
            windows=windows[row],
            truncated=truncated[row],
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
