"""Is the larger model worth it? Models on the same labelled articles: quality set against each other, and cost."""

import json
import os
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.cells import set_cell_size

from toolkit.classifiers import Classifier, load_classifier, model_folder
from toolkit.classifiers.bert import SELF
from toolkit.classifiers.blend import member_folder
from toolkit.encoders import load_encoder
from toolkit.folders import read_model_card
from toolkit.pipeline import BATCH_ARTICLES, predict
from toolkit.readers import read_articles
from toolkit.types import Article, ConfigError, DataError, ToolkitError
from training.data import data_digest, read_labelled
from training.evaluate import judge
from training.metrics import Figure
from training.paired import compare_judged, format_p, is_clear

FIGURES = {
    "macro_f1": "macro-F1",
    "macro_f1_without_unsure": "macro-F1, unsure articles left out",
    "mean_average_precision": "mean average precision",
    "exact_match": "exact match",
    "none_given_a_topic": "topic-less articles given a topic",
    "coverage": "not sent to review",
    "kept_right": "topic decisions right, of those",
}
COSTS = {
    "load_seconds": "seconds to load",
    "articles_per_second": "articles a second",
    "disk_mb": "on disk, with its encoder, MB",
    "peak_memory_mb": "peak memory, MB",
}
TIMED_SECONDS = 2.0
_COLUMNS = 3  # side by side: 36 + 3 x 26 characters
_NOTES = """\
[low, high]: 95 % bootstrap interval over the articles; for a difference, both models on the same samples (paired).
*: the interval of the difference leaves out 0. McNemar: exact, two-sided, on articles where only one model is right.
Every test stands alone: where no models differ, one test in twenty still looks clear.
Cost: each model in a process of its own, its second run (the first may fill a cache); labelling with evidence."""
_WARM_UP_ARTICLES = 32
_LAUNCHER = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
_CHILD = """
import time
start = time.perf_counter()
import sys
from toolkit.classifiers import load_classifier
classifier = load_classifier(sys.argv[1])
seconds = time.perf_counter() - start
from training.compare import write_cost
write_cost(classifier, sys.argv[2], load_seconds=seconds, timed_seconds=float(sys.argv[3]))
"""


def compare_models(models: Sequence[str], path: Path, *, split_chars: int | None = None) -> dict[str, Any]:
    """Measure models on a labelled file, each against each, and what each costs.

    Args:
        models: two or more built-in models or model folders; the first is what the others are compared with.
        path: labelled articles.
        split_chars: articles of up to so many characters (title and text) are the short ones; None = the median.

    Raises:
        ConfigError: fewer than two models, one named twice, or one that is not there.
        DataError: the models know different topics, or a model or the file cannot be used.
        ToolkitError: a process that measures a model's cost failed.
    """
    if len(models) < 2:
        found = f"the model {models[0]} and the data {path}" if models else f"only {path}"
        raise ConfigError(f"found {found}; name two or more models, then the labelled articles")
    twice = [model for model, times in Counter(models).items() if times > 1]
    if twice:
        raise ConfigError(f"model {twice[0]!r} is named twice; name each model once")
    classifiers = {model: load_classifier(model) for model in models}
    check_topics(classifiers)
    first = classifiers[models[0]]
    articles = read_labelled(path, first.topics)
    judged = {model: judge(classifier, articles) for model, classifier in classifiers.items()}
    report = compare_judged(judged, articles, [topic.key for topic in first.topics], split_chars=split_chars)
    digest = data_digest(articles)
    for model, classifier in classifiers.items():
        report["models"][model] |= {
            "name": classifier.name,
            "task": classifier.task,
            "trained_on_this_data": read_model_card(model_folder(model)).get("data", {}).get("digest") == digest,
            "cost": measure_cost(model, path),
        }
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return {"data": str(path), "data_digest": digest, "machine": machine} | report


def check_topics(classifiers: dict[str, Classifier]) -> None:
    """Make sure that all models know the same topics in the same order.

    Raises:
        DataError: one does not.
    """
    first, *others = classifiers
    known = {model: [topic.key for topic in classifier.topics] for model, classifier in classifiers.items()}
    for model in others:
        if known[model] != known[first]:
            differ = [key for key in [*known[first], *known[model]] if (key in known[first]) != (key in known[model])]
            raise DataError(
                f"{model} has the topics {', '.join(known[model])}; {first} has {', '.join(known[first])}; "
                + (f"not in both: {', '.join(differ)}" if differ else "the same in another order")
                + "; only models trained with the same topics file can be compared"
            )


def measure_cost(model: str, path: Path, *, timed_seconds: float = TIMED_SECONDS) -> dict[str, float | None]:
    """Measure a model in a fresh process, so that nothing another model has loaded counts for it.

    ``load_seconds``: its imports and ``load_classifier``. ``articles_per_second``: labelling with evidence, in whole
    passes over the articles. ``disk_mb``, with a blend's members and the encoder, and ``peak_memory_mb`` of the
    process, articles included, are in millions of bytes; the memory is None where the system does not say.
    """
    # The first time a model is used it may leave a cache behind: an untimed process does that first.
    _run_child(model, path, 0.0)
    folders = set(_needed_folders(model_folder(model)))
    size = sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())
    return {**_run_child(model, path, timed_seconds), "disk_mb": round(size / 1e6, 2)}


def _needed_folders(folder: Path) -> Iterator[Path]:
    """Yield a model's folder and those it cannot do without: a blend's members, the encoder of a transformer."""
    yield folder
    card = read_model_card(folder)
    for member in card.get("members", ()):
        yield from _needed_folders(member_folder(member["name"], folder))
    if (encoder := card.get("encoder", {}).get("name", SELF)) != SELF:
        yield load_encoder(encoder, revision=card["encoder"]["revision"]).folder


def _run_child(model: str, path: Path, timed_seconds: float) -> dict[str, float | None]:
    # A small process starts it: a child is charged with the memory of the process that it was forked from.
    launch = [sys.executable, "-c", _LAUNCHER]
    # The child imports what we import, not what happens to lie in the current folder.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)}
    command = [*launch, sys.executable, "-P", "-c", _CHILD, model, str(path), str(timed_seconds)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["it was killed; is there enough memory?"])[-1]
        raise ToolkitError(f"{model}: measuring its cost ended with code {done.returncode}: {reason}")
    cost: dict[str, float | None] = json.loads(done.stdout.splitlines()[-1])
    return cost


def write_cost(classifier: Classifier, source: str, *, load_seconds: float, timed_seconds: float) -> None:
    """Time a classifier and write what was found as one line of JSON: the whole work of the measuring process."""
    articles = [found for found in read_articles([source]) if isinstance(found, Article)]
    speed = time_articles(classifier, articles, timed_seconds)
    cost = {
        "load_seconds": round(load_seconds, 3),
        "articles_per_second": None if speed is None else round(speed, 1),
        "peak_memory_mb": _peak_memory_mb(),
    }
    sys.stdout.write("\n" + json.dumps(cost) + "\n")  # a library may have left half a line


def time_articles(classifier: Classifier, articles: Sequence[Article], timed_seconds: float) -> float | None:
    """Return articles labelled a second, over whole passes that take at least ``timed_seconds``; None for 0 seconds."""
    predict(articles[:_WARM_UP_ARTICLES], classifier)
    if timed_seconds <= 0:
        return None
    done, spent, start = 0, 0.0, time.perf_counter()
    while spent < timed_seconds:
        for at in range(0, len(articles), BATCH_ARTICLES):
            predict(articles[at : at + BATCH_ARTICLES], classifier)
        done, spent = done + len(articles), time.perf_counter() - start
    return done / spent


def _peak_memory_mb() -> float | None:
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def format_comparison(report: dict[str, Any]) -> str:
    """Return the comparison as text for a terminal of 120 columns; only long names and paths are wider."""
    models = list(report["models"])
    lines = [f"{report['data']}: {report['articles']} articles, {report['unsure']} of them marked unsure"]
    lines.append(f"measured on {report['machine']}")
    for number, (model, found) in enumerate(report["models"].items(), 1):
        lines.append(f"[{number}] {model} ({found['name']}, {found['task']})")
        if found["trained_on_this_data"]:
            lines.append("    learned from exactly these articles: its figures say nothing about new ones")
    later = [pair for pair in report["pairs"] if pair["against"] == models[0]]
    rows = _rows(report, later)
    columns = len(models) + len(later)
    # Few models stand beside their difference; many stand together, and the differences below them.
    parts = [range(columns)] if columns <= _COLUMNS else [range(len(models)), range(len(models), columns)]
    for part in parts:
        for at in range(0, len(part), _COLUMNS):
            lines += [
                "",
                *(_line(name, [cells[column] for column in part[at : at + _COLUMNS]]) for name, cells in rows),
            ]
    for number, pair in enumerate(later, 2):
        lines += ["", f"[{number}] against [1], macro-F1: {pair['verdict']}", *_format_tests(pair["mcnemar"], number)]
    return "\n".join([*lines, "", _NOTES])


def _rows(report: dict[str, Any], later: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    models, length = report["models"].values(), report["length"]
    names = {
        "figures": FIGURES,
        "topic_f1": {key: f"F1 of {key} ({count} articles)" for key, count in report["topics"].items()},
        "length_macro_f1": {
            "short": f"macro-F1 to {length['split_chars']} characters ({length['short']})",
            "long": f"macro-F1 of longer articles ({length['long']})",
        },
    }
    heads = [f"[{number}] {Path(model).name or model}" for number, model in enumerate(report["models"], 1)]
    rows = [("", heads + [f"[{number}] less [1]" for number in range(2, len(models) + 1)])]
    for part, part_names in names.items():
        for key, name in part_names.items():
            cells = [_cell(found[part][key]) for found in models]
            rows.append((name, cells + [_difference(pair[part][key]) for pair in later]))
    first, *others = (found["cost"] for found in models)
    for key, name in COSTS.items():
        cells = ["-" if cost[key] is None else f"{cost[key]:g}" for cost in (first, *others)]
        rows.append((name, cells + [_ratio(cost[key], first[key]) for cost in others]))
    return rows


def _line(name: str, cells: list[str]) -> str:
    # Names may be Chinese, and a Chinese character fills two columns.
    return (set_cell_size(name, 36) + "".join(set_cell_size(cell, 24) + "  " for cell in cells)).rstrip()


def _cell(figure: Figure) -> str:
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def _difference(figure: Figure) -> str:
    if figure["value"] is None:
        return "-"
    mark = "*" if is_clear(figure) else ""
    return f"{figure['value']:+.3f} [{figure['low']:+.3f}, {figure['high']:+.3f}]{mark}"


def _ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.3g} times" if value is not None and base else "-"


def _format_tests(tests: dict[str, Any], number: int) -> list[str]:
    rows = {"whole articles": tests["exact_match"]} | tests["topics"]
    lines = [f"  {'right only in':<20}{f'[{number}]':>6}{'[1]':>6}  McNemar"]
    for name, test in rows.items():
        counts = f"{test['only_this_right']:>6}{test['only_base_right']:>6}"
        lines.append(f"  {set_cell_size(name, 20)}{counts}  {format_p(test['p'])}")
    return lines
