"""Train a model from its config and write its folder."""

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.folders import MODEL_FORMAT, sha256
from toolkit.topics import dump_topics, label_topics, load_topics
from toolkit.types import Article, ConfigError, DataError, Topic
from training.card import model_card, summarizer_card
from training.checkpoints import check_accelerate, prepare_checkpoints
from training.config import (
    FROM_DATA,
    AnyTrainConfig,
    BertConfig,
    BlendConfig,
    PointerConfig,
    Seq2seqConfig,
    SummaryTrainConfig,
    TfidfConfig,
    TrainConfig,
    dump_train_config,
)
from training.data import labels_in, read_labelled, without_repeats_of
from training.kinds import Run, Say, train_bert, train_blend, train_tfidf, training_totals

if TYPE_CHECKING:
    from training.taught import Taught

_VERSIONS = {
    "tfidf": ("wenzhai", "scikit-learn", "numpy", "scipy", "skops", "jieba", "rjieba"),
    "bert": ("wenzhai", "torch", "transformers", "tokenizers", "safetensors", "peft", "accelerate", "numpy"),
    "blend": ("wenzhai", "numpy", "scipy"),
    "pointer": ("wenzhai", "torch", "transformers", "tokenizers", "safetensors", "accelerate", "rjieba", "numpy"),
    "seq2seq": ("wenzhai", "torch", "transformers", "tokenizers", "safetensors", "accelerate", "numpy"),
}
_EDITABLE = "thresholds.yaml"  # it is not checked against a digest


def train(config: AnyTrainConfig, folder: Path, *, say: Say = lambda line: None, resume: bool = False) -> None:
    """Train, measure on the validation data if there is any, and write the model folder.

    The folder appears complete or not at all; a model folder of the same name is replaced.

    Args:
        config: the settings.
        folder: the model folder.
        say: told what is being done, line by line.
        resume: go on from the checkpoints of a killed training; only kinds with long trainings write any.

    Raises:
        ConfigError: a path does not exist, or ``folder`` exists and is no model folder.
        DataError: the training data cannot be used.
    """
    check_folder(folder)
    if os.environ.get("RANK", "0") != "0":
        say = _silent
    folder.parent.mkdir(parents=True, exist_ok=True)
    checkpoints = folder.with_name(f"{folder.name}.checkpoints")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        if isinstance(config, SummaryTrainConfig):
            filled = _fill_summarizer(config, (made, checkpoints), say=say, resume=resume)
        else:
            filled = _fill_classifier(config, (made, checkpoints), say=say, resume=resume)
        if not filled:
            return
        _replace(made, folder)
    shutil.rmtree(checkpoints, ignore_errors=True)
    say(f"wrote {folder}")


def _fill_classifier(config: TrainConfig, folders: tuple[Path, Path], *, say: Say, resume: bool) -> bool:
    """Train and fill the model folder, the first of ``folders``; False in processes that only help."""
    made, checkpoints = folders
    topics, articles = read_training_data(config)
    valid = read_labelled(config.valid, topics) if config.valid else []
    kept = without_repeats_of(articles, valid)
    left_out = f" ({len(articles) - len(kept)} left out: they stand in {config.valid} too)"
    say(f"{len(kept)} articles to learn from" + (left_out if len(kept) < len(articles) else ""))
    own = _train_kind(Run(config, topics, kept, valid, made, checkpoints, resume, say))
    if own is None:
        return False
    _write(made / "topics.yaml", dump_topics(topics))
    _write(made / "train.yaml", dump_train_config(config))
    about = {"topics": [topic.key for topic in topics], "data": training_totals(kept, topics)}
    card = _card(config, made, len(kept), about) | own
    _write(made / "model.json", to_json(card))
    report = _measure(made, valid, say) if valid else None
    _write(made / "README.md", model_card(card, report))
    return True


def _fill_summarizer(config: SummaryTrainConfig, folders: tuple[Path, Path], *, say: Say, resume: bool) -> bool:
    """As ``_fill_classifier``."""
    from training.seq2seq import measure_modes
    from training.taught import read_taught

    made, checkpoints = folders
    taught = read_taught(config)
    left_out = f" ({taught.left_out} left out: they stand in {config.valid} too)"
    say(f"{len(taught.pairs)} summaries to learn from" + (left_out if taught.left_out else ""))
    check_accelerate(config.model.kind)
    prepare_checkpoints(checkpoints, config, taught.digest, resume=resume)
    own = _fit_summarizer(taught, config, folders, say)
    if own is None:
        return False
    _write(made / "train.yaml", dump_train_config(config))
    card = _card(config, made, len(taught.pairs), {"data": taught.totals}, what="summaries") | own
    _write(made / "model.json", to_json(card))
    report = None
    if config.valid:
        report = measure_modes(made, config.valid, config.model.modes, say)
        _write(made / "report.json", to_json(report))
    _write(made / "README.md", summarizer_card(card, report))
    return True


def _train_kind(run: Run) -> dict[str, Any] | None:
    match run.config.model:
        case TfidfConfig() as model:
            return train_tfidf(run, model)
        case BertConfig() as model:
            return train_bert(run, model)
        case BlendConfig() as model:
            return train_blend(run, model)


def _fit_summarizer(
    taught: "Taught", config: SummaryTrainConfig, folders: tuple[Path, Path], say: Say
) -> dict[str, Any] | None:
    match config.model:
        case Seq2seqConfig() as model:
            from training.seq2seq import fit_seq2seq

            return fit_seq2seq(taught, model, folders, config.seed, say)
        case PointerConfig() as model:
            from training.pointer import fit_pointer

            return fit_pointer(taught, config, model, folders, say)


def _silent(line: str) -> None:
    """Say nothing: the first of several processes speaks for all."""


def read_training_data(config: TrainConfig) -> tuple[tuple[Topic, ...], list[Article]]:
    """Return the taxonomy and the labelled articles of all training files.

    Raises:
        DataError: a file cannot be used, or an id stands in two of them.
    """
    topics = _topics(config)
    articles = [article for path in config.train_paths for article in read_labelled(path, topics)]
    first: dict[str, Article] = {}
    for article in articles:
        if (other := first.setdefault(article.id, article)) is not article:
            raise DataError(f"{article.source}: id {article.id!r} stands in {other.source} too")
    return topics, articles


def _topics(config: TrainConfig) -> tuple[Topic, ...]:
    if isinstance(config.topics, tuple):
        return label_topics(config.topics)
    if str(config.topics) == FROM_DATA:
        return label_topics(labels_in(config.train_paths))
    return load_topics(config.topics)


def check_folder(folder: Path) -> None:
    """Refuse to replace anything but a model folder.

    Raises:
        ConfigError: ``folder`` exists and holds something else.
    """
    if folder.exists() and not (folder / "model.json").is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"-o {folder}: it exists and is no model folder; name another")


def _card(
    config: AnyTrainConfig, made: Path, count: int, about: dict[str, Any], *, what: str = "articles"
) -> dict[str, Any]:
    kind = config.model.kind
    listed = sorted(path.name for path in made.iterdir() if path.name != _EDITABLE)
    return {
        "kind": kind,
        "format": MODEL_FORMAT,
        "summary": f"trained on {count} {what}, {date.today().isoformat()}",
        **about,
        "seed": config.seed,
        "versions": {"python": platform.python_version()} | _versions(_VERSIONS[kind]),
        "files": {name: sha256(made / name) for name in listed},
    }


def to_json(content: dict[str, Any]) -> str:
    """Return JSON as the files of a model folder have it."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # one of an extra that this training did not need
            continue
    return found


def _measure(folder: Path, valid: list[Article], say: Callable[[str], None]) -> dict[str, Any]:
    from toolkit.classifiers import load_classifier
    from training.evaluate import evaluate_articles, format_report

    report = evaluate_articles(load_classifier(str(folder)), valid)
    _write(folder / "report.json", to_json(report))
    say(format_report(report))
    return report


def _replace(made: Path, folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
    except OSError as error:
        raise DataError(f"cannot write {folder}: {error.strerror or error}") from None


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
