"""The figures of the summarizers, in one run: ``python -m training.bench_seq2seq [-o out/bench-seq2seq.json]``.

It needs the real data beside the project, and measures every built-in summarizer on the validation part of the
abstracts: abstracts of at most 110 characters, as the references have, and headlines of at most 30.
"""

import time
from typing import Any

from toolkit.summarizers import SUMMARIZERS
from toolkit.types import Article, Mode
from training.abstracts import join_abstracts
from training.command import machine, output_path, real_data, say, write_report
from training.summaries import Referenced, format_figure, measure_summaries

LIMITS: dict[Mode, int] = {"abstract": 110, "headline": 30}


def main() -> None:
    """Measure, print, and write the JSON report."""
    output = output_path("out/bench-seq2seq.json")
    rows, measured_on = join_abstracts(real_data())["valid"], machine()
    say(f"{measured_on}; {len(rows)} articles")
    figures = {mode: measure_mode(rows, mode) for mode in LIMITS}
    write_report({"machine": measured_on, "articles": len(rows)} | figures, output)


def measure_mode(rows: list[dict[str, str]], mode: Mode) -> dict[str, Any]:
    """Return the figures of every summarizer for one kind of summary, and print them as a table."""
    articles = tuple(Article(id=row["id"], title=row["title"], text=row["text"], source=row["id"]) for row in rows)
    referenced = Referenced(articles, tuple(row[mode] for row in rows))
    say(f"\n| {mode} | ROUGE-1 | ROUGE-2 | ROUGE-L | characters | not borne out | articles a second |")
    say("|---|---|---|---|---|---|---|")
    found = {}
    for name, summarizer in SUMMARIZERS.items():
        start = time.perf_counter()
        summaries = summarizer.summarize(articles, mode=mode, max_chars=LIMITS[mode])
        rate = len(articles) / (time.perf_counter() - start)
        found[name] = measure_summaries(referenced, summaries) | {"articles_per_second": rate}
        figures = found[name]["figures"]
        cells = [format_figure(figures[f"rouge{kind}_char"], 100) for kind in "12L"]
        cells += [format_figure(figures["chars"], 1), f"{format_figure(figures['unsupported'], 100)} %", f"{rate:.0f}"]
        say(f"| {name} | {' | '.join(cells)} |")
    return found


if __name__ == "__main__":
    main()
