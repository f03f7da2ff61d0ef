"""The figures of the summarizers, in one run: ``python -m training.bench_seq2seq [-o out/bench-seq2seq.json]``.

It needs the real data beside the project, and measures every built-in summarizer on the validation part of the
abstracts: abstracts of at most 110 characters, as the references have, and headlines of at most 30; headlines again on
television news of the last three months of 2025, which no model learned from. Then how fast the trained one is beside
the same network one article at a time in plain torch, and how much memory it takes.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from toolkit.folders import MODELS
from toolkit.residue import forget_sentences
from toolkit.summarizers import Summarizer, built_in_summarizers, load_summarizer
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.select import complete_sentences
from toolkit.types import Article, Mode, Summary
from training.abstracts import join_abstracts, split_headlines
from training.command import machine, output_path, real_data, say, write_report
from training.metrics import Figure, bootstrap_weights
from training.plain_search import plain_search
from training.similarity import similarity
from training.summaries import Referenced, format_figure, mean_figure, measure_summaries

LIMITS: dict[Mode, int] = {"abstract": 110, "headline": HEADLINE_CHARS}
TRAINED = "seq2seq"
TIMED_ARTICLES = 64
RUNS = 3
LATE_ARTICLES = 500


def main() -> None:
    """Measure, print, and write the JSON report."""
    output = output_path("out/bench-seq2seq.json")
    data, measured_on = real_data(), machine()
    rows = join_abstracts(data)["valid"]
    # The file is in the order of days: every third stands for all of them.
    late = split_headlines(data)["late"][::3][:LATE_ARTICLES]
    say(f"{measured_on}; {len(rows)} articles, {len(late)} of late 2025")
    parts: dict[str, tuple[Mode, Referenced]] = {
        "abstract": ("abstract", _referenced(rows, "abstract")),
        "headline": ("headline", _referenced(rows, "headline")),
        "headline of late 2025": ("headline", _untitled(late)),
    }
    figures = {name: measure_part(name, *part) for name, part in parts.items()}
    report = {"machine": measured_on, "articles": len(rows), "late_articles": len(late)} | figures
    if TRAINED in built_in_summarizers():
        articles = parts["abstract"][1].articles
        report |= {"speed": speed(articles[:TIMED_ARTICLES]), "memory": memory(articles)}
    write_report(report, output)


def _referenced(rows: list[dict[str, str]], mode: Mode) -> Referenced:
    articles = tuple(Article(id=row["id"], title=row["title"], text=row["text"], source=row["id"]) for row in rows)
    return Referenced(articles, tuple(row[mode] for row in rows))


def _untitled(rows: list[dict[str, str]]) -> Referenced:
    articles = tuple(Article(id=row["id"], title="", text=row["text"], source=row["id"]) for row in rows)
    return Referenced(articles, tuple(row["title"] for row in rows))


class FirstSentence:
    """The baseline of headlines: the whole first sentence, however long."""

    name = "first sentence"
    forkable = True

    def summarize(self, articles: tuple[Article, ...], *, mode: Mode, max_chars: int) -> list[Summary]:
        """Return the first complete sentence of each article."""
        return [Summary((complete_sentences(article) or [article.text])[0], self.name) for article in articles]


def measure_part(name: str, mode: Mode, referenced: Referenced) -> dict[str, Any]:
    """Return the figures of every summarizer for one kind of summary, and print them as a table."""
    say(f"\n| {name} | ROUGE-1 | ROUGE-2 | ROUGE-L | similarity | characters | not borne out | articles a second |")
    say("|---|---|---|---|---|---|---|---|")
    ways: dict[str, Any] = {known: load_summarizer(known) for known in built_in_summarizers()}
    if mode == "headline":
        ways[FirstSentence.name] = FirstSentence()
    return {known: _measure(known, way, mode, referenced) for known, way in ways.items()}


def _measure(name: str, summarizer: Summarizer, mode: Mode, referenced: Referenced) -> dict[str, Any]:
    forget_sentences()
    start = time.perf_counter()
    summaries = summarizer.summarize(referenced.articles, mode=mode, max_chars=LIMITS[mode])
    rate = len(summaries) / (time.perf_counter() - start)
    alike = similarity([summary.text for summary in summaries], referenced.references)
    found = measure_summaries(referenced, summaries) | {"articles_per_second": rate, "similarity": _mean(alike)}
    figures = found["figures"]
    cells = [format_figure(figures[f"rouge{kind}_char"], 100) for kind in "12L"]
    cells += [format_figure(found["similarity"], 100), format_figure(figures["chars"], 1)]
    say(f"| {name} | {' | '.join(cells)} | {format_figure(figures['unsupported'], 100)} % | {rate:.1f} |")
    for what in ("methods", "flags", "findings"):
        if found[what]:
            say(f"    {what}: " + ", ".join(f"{key} {100 * share:.1f} %" for key, share in found[what].items()))
    copied, repeated = (format_figure(figures[key], 100) for key in ("copied", "repeats"))
    say(f"    copied {copied} %, repeat themselves {repeated} %")
    return found


def _mean(values: list[float]) -> Figure:
    return mean_figure(np.array(values), bootstrap_weights(len(values), 13))


def speed(articles: tuple[Article, ...]) -> dict[str, Any]:
    """Return abstracts a second of the trained summarizer, and of the same network without the toolkit's ways.

    Plain is one article at a time: the encoder in torch, in f32, then a plain beam search for each of the lengths. The
    way between the two has the toolkit's search of one article instead.
    """
    from toolkit.summarizers.pointer.summarizer import PointerSummarizer

    ours = PointerSummarizer.load(MODELS / TRAINED, SummaryOptions())
    alone = PointerSummarizer.load(MODELS / TRAINED, SummaryOptions(), engine="torch", precision="f32")
    plain = replace(alone, writer=replace(alone.writer, search=plain_search))
    ways: dict[str, Callable[[], list[Summary]]] = {
        "one at a time, torch f32, plain search": lambda: _one_at_a_time(plain, articles),
        "one at a time, torch f32": lambda: _one_at_a_time(alone, articles),
        f"wenzhai, {ours.states.engine.name} {ours.states.engine.precision}": lambda: _abstracts(ours, articles),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    texts: dict[str, list[str]] = {}
    for _ in range(RUNS):  # in turn, so that a busy moment of the machine meets all alike
        for name, work in ways.items():
            forget_sentences()
            for one in (ours, alone, plain):
                one.states.compute([])  # forgets the vectors of the run before
            start = time.perf_counter()
            texts[name] = [summary.text for summary in work()]
            seconds[name].append(time.perf_counter() - start)
    middle = [sorted(taken)[RUNS // 2] for taken in seconds.values()]
    times = [slow / middle[-1] for slow in middle[:-1]]
    fast = list(texts.values())[-1]
    same = [sum(map(str.__eq__, found, fast)) for found in texts.values()][:-1]
    rates = [f"{name} {len(articles) / taken:.2f}" for name, taken in zip(ways, middle, strict=True)]
    say(f"\nabstracts a second, over {len(articles)} articles: {', '.join(rates)}")
    say(f"{times[0]:.1f} and {times[1]:.1f} times as fast; {same[0]} and {same[1]} are the same")
    return {"articles": len(articles), "times": times, "same": same, "seconds": seconds}


def _one_at_a_time(summarizer: Summarizer, articles: tuple[Article, ...]) -> list[Summary]:
    return [_abstracts(summarizer, (article,))[0] for article in articles]


def _abstracts(summarizer: Summarizer, articles: tuple[Article, ...]) -> list[Summary]:
    return summarizer.summarize(articles, mode="abstract", max_chars=LIMITS["abstract"])


def memory(articles: tuple[Article, ...]) -> dict[str, float]:
    """Return the peak memory in MiB after the articles once and after them three times more."""
    summarizer = load_summarizer(TRAINED)
    _abstracts(summarizer, articles)
    once = _peak_mib()
    again = [replace(article, id=f"{article.id}-{turn}") for turn in range(3) for article in articles]
    _abstracts(summarizer, tuple(again))
    found = {"after_once": once, "after_four_times": _peak_mib()}
    say(
        f"peak memory: {found['after_once']:.0f} MiB, after four times the articles {found['after_four_times']:.0f} MiB"
    )
    return found


def _peak_mib() -> float:
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 2**20


if __name__ == "__main__":
    main()
