"""The figures of the summarizers, in one run: ``python -m training.bench_seq2seq [-o out/bench-seq2seq.json]``.

It needs the real data beside the project, and measures every built-in summarizer on the validation part of the
abstracts: abstracts of at most 110 characters, as the references have, and headlines of at most 30.
"""

import json
import os
import platform
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from toolkit.summarizers import SUMMARIZERS
from toolkit.types import Article, Mode
from training.abstracts import join_abstracts
from training.bench import DATA, processor, say
from training.metrics import Figure
from training.summaries import Referenced, measure_summaries

LIMITS: dict[Mode, int] = {"abstract": 110, "headline": 30}


def main() -> None:
    """Measure, print, and write the JSON report."""
    if not DATA.is_dir():
        sys.exit(f"{DATA} is not there: the bench measures on the real data beside the project")
    output = Path(sys.argv[sys.argv.index("-o") + 1] if "-o" in sys.argv else "out/bench-seq2seq.json")
    machine = f"{os.cpu_count()} cores, {processor()}, Python {platform.python_version()}, {date.today().isoformat()}"
    rows = join_abstracts(DATA)["valid"]
    say(f"{machine}; {len(rows)} articles")
    report = {"machine": machine, "articles": len(rows)} | {mode: measure_mode(rows, mode) for mode in LIMITS}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    say(f"\nwrote {output}")


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
        cells = [_cell(figures[f"rouge{kind}_char"], 100) for kind in "12L"]
        cells += [_cell(figures["chars"], 1), f"{_cell(figures['unsupported'], 100)} %", f"{rate:.0f}"]
        say(f"| {name} | {' | '.join(cells)} |")
    return found


def _cell(figure: Figure, scale: float) -> str:
    value, low, high = (scale * (figure[name] or 0.0) for name in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


if __name__ == "__main__":
    main()
