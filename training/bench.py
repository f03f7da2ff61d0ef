"""Every figure of the README, in one run: ``python -m training.bench [-o out/bench.json]`` from the project's folder.

It needs the real data beside the project. Quality is measured on valid, side by side with what a desk could put
together itself; speed is that of the whole ``wenzhai label`` command against a program that does the same with the
ordinary pipeline, but for the loading of its model, which is not counted.
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers import load_classifier, model_folder
from toolkit.classifiers.tfidf import TfidfClassifier
from toolkit.decide import decide
from toolkit.pipeline import Steps, process
from toolkit.readers import read_articles
from toolkit.types import Article
from toolkit.writers.records import result_to_record
from toolkit.writers.tables import to_json
from training.command import DATA, machine, output_path, real_data, say, write_report
from training.data import gold_matrix, read_labelled
from training.evaluate import judge
from training.metrics import Judged, measure
from training.reference import reference_probabilities
from training.rivals import fasttext_pairs, ordinary, tuned_pairs

ARTICLES = 5_000
SIZES = (500, 5_000, 50_000)
RUNS = 3
_RIVAL = [sys.executable, "-W", "ignore", "-m", "training.rivals"]
_LAUNCHER = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def main() -> None:
    """Measure, print, and write the JSON report."""
    output = output_path("out/bench.json")
    real_data()
    report: dict[str, Any] = {"machine": machine()}
    say(report["machine"])
    report["quality"] = quality()
    with tempfile.TemporaryDirectory() as folder:
        report["speed"] = speed(Path(folder))
        report["growth"] = growth(Path(folder))
    write_report(report, output)


def quality() -> dict[str, Any]:
    """Return the figures of our model and of its rivals on valid, all trained on train."""
    classifier = load_classifier("tfidf")
    train, valid = (read_labelled(DATA / f"topics/{name}.jsonl", classifier.topics) for name in ("train", "valid"))
    gold, gold_valid = gold_matrix(train, classifier.topics), gold_matrix(valid, classifier.topics)
    sure = np.array([not article.unsure for article in valid], dtype=bool)
    keys = [topic.key for topic in classifier.topics]
    found: dict[str, Any] = {}
    say("\n| on valid | macro-F1 | without unsure | mean AP | topic-less given a topic |\n|---|---|---|---|---|")
    rivals = {
        "jieba + TF-IDF + logistic regression": ordinary,
        "fastText, one-vs-all, bigrams": fasttext_pairs,
        "(1,2)-grams, balanced, tuned thresholds": tuned_pairs,
    }
    nobody = np.zeros(len(valid), dtype=bool)
    for name, fit in rivals.items():
        try:
            probabilities, given = fit(train, gold)(valid)
        except ImportError as error:
            say(f"| {name} | not measured: {error}; pip install '.[bench]' | | | |")
            continue
        found[name] = both(Judged(gold_valid, given, probabilities, nobody), sure, keys)
        say(quality_row(name, found[name]))
    found["wenzhai tfidf"] = both(judge(classifier, valid), sure, keys)
    say(quality_row("**wenzhai tfidf**", found["wenzhai tfidf"]))
    block = found["wenzhai tfidf"]["all"]
    for key, figures in block["topics"].items():
        say(f"  {key}: " + ", ".join(f"{name} {figure(figures[name])}" for name in ("precision", "recall", "f1")))
    say(f"  not sent to review {figure(block['coverage'])}; of those right {figure(block['kept_right'])}")
    return found


def both(judged: Judged, sure: np.ndarray, keys: list[str]) -> dict[str, Any]:
    """Measure all articles, and again without those that are not sure."""
    return {"all": measure(judged, keys), "without_unsure": measure(judged.where(sure), keys)}


def quality_row(name: str, block: dict[str, Any]) -> str:
    """Return one row of the quality table."""
    whole, clear = block["all"], block["without_unsure"]
    figures = (
        whole["macro"]["f1"],
        clear["macro"]["f1"],
        whole["macro"]["average_precision"],
        whole["none_given_a_topic"],
    )
    return "| " + " | ".join([name, *map(figure, figures)]) + " |"


def figure(found: dict[str, float]) -> str:
    """Return a figure with its interval as text."""
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def real_articles(count: int) -> list[dict[str, str]]:
    """Return ``count`` real articles: all labelled ones, then full-length television news, repeated if need be."""
    import gzip

    rows = [
        json.loads(line)
        for name in ("train", "valid")
        for line in (DATA / f"topics/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    with gzip.open(DATA / "headlines/cctv-2022-2025.jsonl.gz", "rt", encoding="utf-8") as file:
        rows += [row for row in map(json.loads, file) if row["kind"] == "article"]
    drawn = random.Random(13).sample(rows[3014:], len(rows) - 3014)
    rows = (rows[:3014] + drawn) * (1 + count // len(rows))
    return [{"id": str(number), "title": row["title"], "text": row["text"]} for number, row in enumerate(rows[:count])]


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def speed(folder: Path) -> dict[str, Any]:
    """Return articles a second of our command and of the ordinary pipeline, in turn, over the same articles."""
    rows = real_articles(ARTICLES)
    source = _write(folder / "articles.jsonl", rows)
    command = [sys.executable, "-m", "toolkit.cli", "label", str(source), "--model", "tfidf", "-o"]
    _seconds([*command, str(folder / "warm.jsonl")])
    ours, theirs, starts, their_starts = [], [], [], []
    one = [*command[:4], str(_write(folder / "one.jsonl", rows[:1])), *command[5:], str(folder / "1.jsonl")]
    for _ in range(RUNS):
        theirs.append(_rival_seconds(source, folder / "rival.jsonl"))
        their_starts.append(_seconds(_RIVAL)[0])
        ours.append(_seconds([*command, str(folder / "ours.jsonl")])[0])
        starts.append(_seconds(one)[0])
    our, start, labelling, their_start = map(statistics.median, (ours, starts, theirs, their_starts))
    mean_chars = statistics.mean(len(row["text"]) for row in rows)
    say(f"\nlabel {ARTICLES} articles of {mean_chars:.0f} characters on average, medians of {RUNS} runs in turn:")
    say(f"  jieba + TF-IDF + logistic regression: start {their_start:.2f} s, labelling {labelling:.2f} s")
    say(f"  wenzhai label: start {start:.2f} s, labelling {our - start:.2f} s, {ARTICLES / our:.0f} articles a second")
    ratio, steady = (their_start + labelling) / our, labelling / (our - start)
    say(f"  times as fast: {ratio:.1f} with the start, {steady:.1f} without, {labelling / our:.1f} with ours alone")
    same = _same_decisions(source)
    say(f"  decisions that differ from scikit-learn's and jieba's: {same} of {ARTICLES}")
    stages = dict(_stages(source))
    say("  where one core's time goes: " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in stages.items()))
    seconds = {"ours": ours, "our_start": starts, "rival_labelling": theirs, "rival_start": their_starts}
    return {"seconds": seconds, "ratio": ratio, "ratio_without_start": steady, "differ": same, "stages": stages}


def _rival_seconds(source: Path, output: Path) -> float:
    command = [*_RIVAL, str(DATA / "topics/train.jsonl"), str(source), str(output)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(found.stdout)


def _seconds(command: list[str]) -> tuple[float, float]:
    """Run a command; return its seconds and the peak memory of its largest process in MB."""
    # A small process starts it: a child is charged with the memory of the process that it was forked from.
    found = subprocess.run([sys.executable, "-c", _LAUNCHER, *command], check=True, capture_output=True, text=True)
    seconds, kilobytes = found.stdout.split()[-2:]
    return float(seconds), float(kilobytes) / 1024


def _same_decisions(source: Path) -> int:
    articles = [found for found in read_articles([str(source)]) if isinstance(found, Article)]
    classifier = load_classifier("tfidf")
    keys = [topic.key for topic in classifier.topics]
    fast = decide(classifier.score(articles).probabilities, keys, classifier.thresholds)
    slow = decide(reference_probabilities(model_folder("tfidf"), articles), keys, classifier.thresholds)
    same = (fast.given == slow.given).all(axis=1) & (np.array(fast.decisions) == np.array(slow.decisions))
    return int((~same).sum())


def _stages(source: Path) -> Iterator[tuple[str, float]]:
    def timed(name: str, work: Callable[[], Any]) -> tuple[str, float]:
        start = time.perf_counter()
        kept[name] = work()
        return name, time.perf_counter() - start

    kept: dict[str, Any] = {}
    classifier = load_classifier("tfidf")
    if not isinstance(classifier, TfidfClassifier):
        raise TypeError(type(classifier))
    yield timed("read", lambda: list(read_articles([str(source)])))
    batches = [kept["read"][at : at + 256] for at in range(0, len(kept["read"]), 256)]
    find = timed("cut and look up", lambda: [classifier.counter.find(batch) for batch in batches])
    score = timed("score", lambda: [classifier.score(batch) for batch in batches])
    whole = timed("decide and explain", lambda: list(process(kept["read"], Steps(classifier))))
    yield find
    yield score[0], score[1] - find[1]
    yield whole[0], whole[1] - score[1]
    yield timed("write", lambda: [to_json(result_to_record(result)) for result in kept["decide and explain"]])


def growth(folder: Path) -> list[dict[str, float]]:
    """Return seconds and peak memory over files of growing size."""
    found = []
    say("\n| articles | seconds | articles a second | largest process, MB |\n|---|---|---|---|")
    for size in SIZES:
        source = _write(folder / f"{size}.jsonl", real_articles(size))
        command = [sys.executable, "-m", "toolkit.cli", "label", str(source), "--model", "tfidf"]
        command += ["-o", str(folder / "out.jsonl")]
        seconds, megabytes = _seconds(command)
        found.append({"articles": size, "seconds": seconds, "megabytes": megabytes})
        say(f"| {size} | {seconds:.2f} | {size / seconds:.0f} | {megabytes:.0f} |")
    return found


if __name__ == "__main__":
    main()
