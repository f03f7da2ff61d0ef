"""Commands that use models: run, ingest, label, summarize."""

import gc
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from toolkit.cli.options import (
    DEFAULT_MODEL,
    DEFAULT_SUMMARIZER,
    EngineChoice,
    Free,
    Inputs,
    MaxChars,
    ModelName,
    NumBeams,
    Output,
    Revision,
    ShowTable,
    SummarizerName,
    SummaryEngineChoice,
    SummaryMode,
    WithHeadline,
)
from toolkit.types import Article, Reject, Result

if TYPE_CHECKING:
    from toolkit.pipeline import Steps


def run(
    inputs: Inputs,
    output: Output = None,
    model: ModelName = DEFAULT_MODEL,
    summarizer: SummarizerName = DEFAULT_SUMMARIZER,
    mode: SummaryMode = "abstract",
    max_chars: MaxChars = 120,
    table: ShowTable = None,
    engine: EngineChoice = "auto",
    headline: WithHeadline = False,
    num_beams: NumBeams = None,
    free: Free = False,
    revision: Revision = None,
) -> None:
    """Label and summarize articles: topics, how sure, why, and a short summary in one record each."""
    from toolkit.classifiers import load_classifier
    from toolkit.cli.deliver import check_output
    from toolkit.pipeline import Steps
    from toolkit.summarizers import load_summarizer
    from toolkit.summarizers.options import SummaryOptions

    check_output(output)
    writer = load_summarizer(summarizer, options=SummaryOptions(num_beams, free, revision))
    steps = Steps(load_classifier(model, engine=engine), writer, mode, max_chars, headline)
    _deliver(inputs, steps, output, table)


def ingest(inputs: Inputs, output: Output = None, table: ShowTable = None) -> None:
    """Read pages, files and tables into article records, without judging them."""
    from toolkit.cli.deliver import check_output, deliver

    check_output(output)

    def results(on_reject: Callable[[Reject], None]) -> Iterable[Result]:
        return map(Result, _articles(inputs, on_reject))

    deliver(results, output=output, table=table, names={})


def label(
    inputs: Inputs,
    output: Output = None,
    model: ModelName = DEFAULT_MODEL,
    table: ShowTable = None,
    engine: EngineChoice = "auto",
) -> None:
    """Give each article its topics, a decision (labelled, none, review), the scores and the evidence."""
    from toolkit.classifiers import load_classifier
    from toolkit.cli.deliver import check_output
    from toolkit.pipeline import Steps

    check_output(output)
    _deliver(inputs, Steps(load_classifier(model, engine=engine)), output, table)


def summarize(
    inputs: Inputs,
    output: Output = None,
    summarizer: SummarizerName = DEFAULT_SUMMARIZER,
    mode: SummaryMode = "abstract",
    max_chars: MaxChars = 120,
    table: ShowTable = None,
    num_beams: NumBeams = None,
    free: Free = False,
    revision: Revision = None,
    engine: SummaryEngineChoice = "auto",
) -> None:
    """Write a short summary, or a headline, of each article."""
    from toolkit.cli.deliver import check_output
    from toolkit.pipeline import Steps
    from toolkit.summarizers import load_summarizer
    from toolkit.summarizers.options import SummaryOptions

    check_output(output)
    writer = load_summarizer(summarizer, options=SummaryOptions(num_beams, free, revision, engine))
    _deliver(inputs, Steps(None, writer, mode, max_chars), output, table)


def _deliver(inputs: list[str], steps: "Steps", output: Output, table: ShowTable) -> None:
    from toolkit.cli.deliver import deliver
    from toolkit.pipeline import process, usable_workers

    def results(on_reject: Callable[[Reject], None]) -> Iterable[Result]:
        return process(_articles(inputs, on_reject), steps, workers=usable_workers())

    # Millions of small objects come and go, and none of them in circles: looking for circles costs a tenth of the time.
    gc.set_threshold(100_000, 50, 50)
    topics = steps.classifier.topics if steps.classifier else ()
    deliver(results, output=output, table=table, names={topic.key: topic.zh for topic in topics})


def _articles(inputs: list[str], on_reject: Callable[[Reject], None]) -> Iterable[Article]:
    from toolkit.pipeline import keep_articles
    from toolkit.readers import read_articles

    return keep_articles(read_articles(inputs), on_reject)
