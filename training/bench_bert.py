"""The figures of the transformer models, in one run: ``python -m training.bench_bert [-o out/bench-bert.json]``.

It needs the real data beside the project. Quality is measured on valid; speed is that of the shipped BERT classifier
against ``transformers.pipeline("text-classification")`` at its defaults, over the same network and articles. Models of
the published benchmarks are measured where they have been trained (see CONTRIBUTING.md).
"""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers import built_in_models, load_classifier, model_folder
from toolkit.classifiers.bert import BertClassifier, to_probabilities
from toolkit.decide import decide
from toolkit.pipeline import predict
from toolkit.types import Article
from training.bench import both, figure, quality_row
from training.command import machine, output_path, real_data, say, write_report
from training.data import gold_matrix, read_labelled
from training.evaluate import evaluate_classifier, judge
from training.metrics import Judged, measure

RUNS = 3
TIMED_ARTICLES = 120
ENGINES = ("torch", "onnx", "openvino")
BENCHMARKS = {
    "models/bert-inews": "data/inews-sentiment-test.jsonl",
    "models/bert-chnsenticorp": "../shared/data/bench/chnsenticorp-dev.jsonl",
    "models/inews-topics": "data/inews-topics-valid.jsonl",
}


def main() -> None:
    """Measure, print, and write the JSON report."""
    output = output_path("out/bench-bert.json")
    data, measured_on = real_data(), machine()
    say(measured_on)
    classifier = load_classifier("bert")
    if not isinstance(classifier, BertClassifier):
        raise TypeError(type(classifier))
    valid = read_labelled(data / "topics/valid.jsonl", classifier.topics)
    report = {"machine": measured_on, "quality": quality(valid), "speed": speed(classifier, valid)}
    report["benchmarks"] = benchmarks()
    write_report(report, output)


def quality(valid: list[Article]) -> dict[str, Any]:
    """Return the figures of every model that ships, on valid."""
    sure = np.array([not article.unsure for article in valid], dtype=bool)
    found = {}
    say("\n| on valid | macro-F1 | without unsure | mean AP | topic-less given a topic |\n|---|---|---|---|---|")
    for name in sorted(built_in_models(), key=["tfidf", "bert", "blend"].index):
        classifier = load_classifier(name)
        found[name] = both(judge(classifier, valid), sure, [topic.key for topic in classifier.topics])
        say(quality_row(name, found[name]))
    for name, blocks in found.items():
        whole = blocks["all"]
        say(f"  {name}: not sent to review {figure(whole['coverage'])}; right there {figure(whole['kept_right'])}")
        per_topic = ", ".join(f"{key} {figure(figures['f1'])}" for key, figures in whole["topics"].items())
        say(f"  {name}: F1 {per_topic}")
    return found


def speed(classifier: BertClassifier, valid: list[Article]) -> dict[str, Any]:
    """Return articles a second of the pipeline and of each engine, in turn, and the macro-F1 of both ways."""
    some = valid[:TIMED_ARTICLES]
    folder = model_folder("bert")
    pipeline = rival_pipeline(folder, classifier)
    ways: dict[str, Callable[[], object]] = {"transformers.pipeline": lambda: pipeline(some)}
    for name in ENGINES:
        loaded = BertClassifier.load(folder, name)  # type: ignore[arg-type]
        ways[f"wenzhai, {name} {loaded.engine.precision}"] = lambda loaded=loaded: predict(some, loaded)  # type: ignore[misc]
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):  # in turn, so that a busy moment of the machine meets all alike
        for name, work in ways.items():
            start = time.perf_counter()
            work()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    base = medians["transformers.pipeline"]
    say("\n| over the same articles | articles a second | times as fast |\n|---|---|---|")
    for name, taken in medians.items():
        say(f"| {name} | {len(some) / taken:.1f} | {base / taken:.1f} |")
    rates = {name: len(some) / taken for name, taken in medians.items()}
    return {"articles": len(some), "articles_per_second": rates} | _same_quality(pipeline, classifier, valid)


def _same_quality(
    pipeline: Callable[[Sequence[Article]], np.ndarray], classifier: BertClassifier, valid: list[Article]
) -> dict[str, float]:
    keys = [topic.key for topic in classifier.topics]
    probabilities = pipeline(valid)
    decided = decide(probabilities, keys, classifier.thresholds)
    nobody = np.zeros(len(valid), dtype=bool)
    theirs = measure(Judged(gold_matrix(valid, classifier.topics), decided.given, probabilities, nobody), keys)
    ours = measure(judge(classifier, valid), keys)
    found = {"pipeline": theirs["macro"]["f1"]["value"], "wenzhai": ours["macro"]["f1"]["value"]}  # type: ignore[index]
    say(f"\nmacro-F1 by the pipeline {found['pipeline']:.4f}, by wenzhai {found['wenzhai']:.4f}")
    return {f"macro_f1_{name}": value for name, value in found.items()}


def rival_pipeline(folder: Path, classifier: BertClassifier) -> Callable[[Sequence[Article]], np.ndarray]:
    """Return what scores articles with transformers' pipeline over the same network: the first window of each."""
    from transformers import AutoTokenizer, TextClassificationPipeline

    from toolkit.classifiers.bert import build_scorer
    from toolkit.classifiers.windows import title_of
    from toolkit.encoders import load_encoder
    from training.rival_network import as_sequence_classifier

    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    encoder = load_encoder(card["encoder"]["name"], revision=card["encoder"]["revision"])
    network = as_sequence_classifier(build_scorer(folder, encoder.folder), [topic.key for topic in classifier.topics])
    pipeline: Any = TextClassificationPipeline(  # type: ignore[no-untyped-call]
        model=network, tokenizer=AutoTokenizer.from_pretrained(encoder.folder), top_k=None, function_to_apply="none"
    )
    options = {"truncation": "only_second", "max_length": card["reading"]["max_tokens"]}

    def score(articles: Sequence[Article]) -> np.ndarray:
        inputs = [{"text": title_of(article), "text_pair": article.text} for article in articles]
        found = [{entry["label"]: entry["score"] for entry in entries} for entries in pipeline(inputs, **options)]
        margins = np.array([[entries[topic.key] for topic in classifier.topics] for entries in found])
        return to_probabilities(margins, classifier.temperatures, classifier.task)

    return score


def benchmarks() -> dict[str, Any]:
    """Return the figures of the published tasks whose models and data are there."""
    found = {}
    for folder, data in BENCHMARKS.items():
        if not (Path(folder) / "model.json").is_file() or not Path(data).is_file():
            say(f"{folder}: not measured; it must be trained first, and {data} be there")
            continue
        report = evaluate_classifier(load_classifier(folder), Path(data))
        found[folder] = report
        block = report["all"]
        say(f"{folder} on {data}: exact {figure(block['exact_match'])}, macro-F1 {figure(block['macro']['f1'])}")
    return found


if __name__ == "__main__":
    main()
