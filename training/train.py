"""Train a model from its config and write its folder."""

import json
import platform
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

from toolkit.classifiers import MODEL_FORMAT
from toolkit.classifiers.folder import sha256
from toolkit.decide import dump_thresholds
from toolkit.topics import dump_topics, load_topics
from toolkit.types import Article, ConfigError, DataError, Topic
from toolkit.words import load_segmenter, probe
from training.config import TfidfConfig, TrainConfig, dump_train_config
from training.data import data_digest, read_labelled, without_repeats_of

_VERSIONS = ("wenzhai", "scikit-learn", "numpy", "scipy", "skops", "jieba", "rjieba")


def train(config: TrainConfig, folder: Path) -> Iterator[str]:
    """Train, measure on the validation data if there is any, and write the model folder; yields what is being done.

    The folder appears complete or not at all; a model folder of the same name is replaced.

    Raises:
        ConfigError: a path does not exist, or ``folder`` exists and is no model folder.
        DataError: the labelled data cannot be used.
    """
    check_folder(folder)
    topics, articles = read_training_data(config)
    valid = read_labelled(config.valid, topics) if config.valid else []
    kept = without_repeats_of(articles, valid)
    yield f"{len(kept)} articles to learn from" + (
        f" ({len(articles) - len(kept)} left out: they stand in {config.valid} too)"
        if len(kept) < len(articles)
        else ""
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        match config.model:
            case TfidfConfig():
                yield from _train_tfidf(config, config.model, kept, topics, made)
        if valid:
            yield from _measure(made, valid)
        _replace(made, folder)
    yield f"wrote {folder}"


def read_training_data(config: TrainConfig) -> tuple[tuple[Topic, ...], list[Article]]:
    """Return the taxonomy and the labelled articles of all training files.

    Raises:
        DataError: a file cannot be used, or an id stands in two of them.
    """
    topics = load_topics(config.topics)
    articles = [article for path in config.train_paths for article in read_labelled(path, topics)]
    first: dict[str, Article] = {}
    for article in articles:
        if (other := first.setdefault(article.id, article)) is not article:
            raise DataError(f"{article.source}: id {article.id!r} stands in {other.source} too")
    return topics, articles


def check_folder(folder: Path) -> None:
    """Refuse to replace anything but a model folder.

    Raises:
        ConfigError: ``folder`` exists and holds something else.
    """
    if folder.exists() and not (folder / "model.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"-o {folder}: it exists and is no model folder; name another")


def _train_tfidf(
    config: TrainConfig, model: TfidfConfig, articles: list[Article], topics: tuple[Topic, ...], folder: Path
) -> Iterator[str]:
    from zipfile import ZIP_DEFLATED

    import skops.io

    from training.tfidf import fit_tfidf

    segmenter = load_segmenter(model.segmenter, model.dictionary)
    yield f"fitting {config.decisions.repeats * config.decisions.folds + 1} times"
    fitted = fit_tfidf(articles, topics, segmenter, model, config.decisions, config.seed)
    skops.io.dump(fitted.weights, folder / "pipeline.skops", compression=ZIP_DEFLATED, compresslevel=9)
    if model.dictionary is not None:
        shutil.copyfile(model.dictionary, folder / "dictionary.txt")
    bands = {topic.key: band for topic, band in zip(topics, fitted.bands, strict=True)}
    _write(folder / "thresholds.yaml", dump_thresholds(bands))
    _write(folder / "topics.yaml", dump_topics(topics))
    _write(folder / "train.yaml", dump_train_config(config))
    features = {
        "word_terms": fitted.n_word_terms,
        "word_weight": model.word_weight,
        "title_weight": model.title_weight,
        "lead_chars": model.lead_chars,
        "segmenter": model.segmenter,
        "dictionary_digest": segmenter.dictionary_digest,
        "segmenter_probe": probe(segmenter),
    }
    card = _card(config, articles, topics, folder) | {"features": features, "out_of_fold": fitted.out_of_fold}
    _write(folder / "model.json", json.dumps(card, ensure_ascii=False, indent=1) + "\n")
    figures = fitted.out_of_fold
    yield (
        f"out of fold: macro-F1 {figures['macro_f1']:.3f}, topic-less articles given a topic "
        f"{figures['none_given_a_topic']:.1%}, not sent to review {figures['coverage']:.1%}"
    )


def _card(config: TrainConfig, articles: list[Article], topics: tuple[Topic, ...], folder: Path) -> dict[str, Any]:
    labelled = {topic.key: sum(topic.key in (article.topics or ()) for article in articles) for topic in topics}
    listed = sorted(path.name for path in folder.iterdir() if path.name != "thresholds.yaml")
    return {
        "kind": config.model.kind,
        "format": MODEL_FORMAT,
        "summary": f"trained on {len(articles)} articles, {date.today().isoformat()}",
        "topics": [topic.key for topic in topics],
        "seed": config.seed,
        "data": {
            "articles": len(articles),
            "none": sum(not article.topics for article in articles),
            "unsure": sum(bool(article.unsure) for article in articles),
            "per_topic": labelled,
            "digest": data_digest(articles),
        },
        "versions": {"python": platform.python_version()} | {name: metadata.version(name) for name in _VERSIONS},
        "files": {name: sha256(folder / name) for name in listed},
    }


def _measure(folder: Path, valid: list[Article]) -> Iterator[str]:
    from toolkit.classifiers import load_classifier
    from training.evaluate import evaluate_articles, format_report

    report = evaluate_articles(load_classifier(str(folder)), valid)
    _write(folder / "report.json", json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    yield format_report(report)


def _replace(made: Path, folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    except OSError as error:
        raise DataError(f"cannot write {folder}: {error.strerror or error}") from None


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
