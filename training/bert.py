"""Fit the BERT classifier: fine-tune, then calibrate and set thresholds on articles that were held back."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.classifiers.bert import SELF, WEIGHTS, Pooling, build_scorer, pool, to_probabilities
from toolkit.classifiers.scorer import TokenScorer, hidden_size
from toolkit.classifiers.windows import Cut, WindowCutter, WindowRule
from toolkit.decide import Band
from toolkit.encoders import Encoder, load_encoder
from toolkit.encoders.loading import load_encoder_module
from toolkit.engines import load_engine, run_batches
from toolkit.folders import sha256
from toolkit.types import Article, ConfigError, DataError, Topic
from training.adapters import choose_weights, learned_weights
from training.config import BertConfig, DecisionConfig
from training.data import gold_matrix, repeat_groups
from training.finetune import Examples, finetune
from training.held_out import HeldOut
from training.trainer import Say
from training.tune import choose_decisions, fit_temperatures, log_loss

POOLINGS: tuple[Pooling, ...] = ("mean", "max")


@dataclass(frozen=True, slots=True)
class FittedBert:
    """A trained model as it will be saved: what goes into model.json, the bands, and the held-back predictions."""

    card: dict[str, Any]
    bands: tuple[Band, ...]
    held_out: HeldOut
    figures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Parts:
    """The training articles cut in two: ``learn`` teaches the weights, ``held_back`` sets what follows them."""

    learn: list[Article]
    held_back: list[Article]


def split(articles: Sequence[Article], topics: Sequence[Topic], config: BertConfig, seed: int) -> Parts:
    """Hold back a share of the articles, with their reprints, that has the same mixture of topics.

    Raises:
        DataError: a topic has too few articles to stand in both parts.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    from training.data import strata

    gold = gold_matrix(articles, topics)
    folds = max(2, round(1 / config.held_back))
    marks = strata(gold, folds)
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    learn, held = next(iter(splitter.split(marks, marks, repeat_groups(articles))))
    learn = np.array([row for row in learn if config.use_unsure or not articles[row].unsure], dtype=int)
    for topic, taught, kept in zip(topics, gold[learn].sum(axis=0), gold[held].sum(axis=0), strict=True):
        if not taught or not kept:
            raise DataError(
                f"{topic.key}: {taught} articles to learn from and {kept} held back carry it; both must have some."
                " Add articles, or change model.held_back"
            )
    return Parts([articles[row] for row in learn], [articles[row] for row in held])


def fit_bert(
    parts: Parts,
    watched: Sequence[Article],
    topics: Sequence[Topic],
    settings: tuple[BertConfig, DecisionConfig, int],
    folders: tuple[Path, Path],
    say: Say,
) -> FittedBert | None:
    """Fine-tune and write weights.safetensors (and what else the model needs of its encoder).

    Args:
        parts: see ``split``.
        watched: the articles whose macro-F1 picks the best checkpoint.
        topics: the labels.
        settings: model, decisions, seed.
        folders: the model folder, which exists, and the folder of the checkpoints.
        say: told the progress.

    Returns:
        None in all but the first process of a distributed run.
    """
    from safetensors.torch import save_file

    config, _, seed = settings
    made, checkpoints = folders
    encoder = load_encoder(config.encoder, revision=config.revision)
    tokenizer = _tokenizer_file(encoder, made)
    scorer = _scorer(encoder, config, len(topics), seed)
    cutter = WindowCutter.load(tokenizer, WindowRule(config.max_tokens, config.stride, config.train_windows))
    seen = (_examples(cutter, parts.learn, topics), _examples(cutter, watched, topics))
    finetune(scorer, config, seen, checkpoints, seed, say)
    if os.environ.get("RANK", "0") != "0":
        return None
    weights = learned_weights(scorer)
    if config.tune == "full":
        scorer.encoder.config.save_pretrained(made)  # type: ignore[union-attr, operator]
        if not (made / "tokenizer.json").is_file():
            shutil.copyfile(tokenizer, made / "tokenizer.json")
    save_file(weights, made / WEIGHTS)
    return _calibrate(parts, topics, settings, (made, encoder, tokenizer), say)


def _scorer(encoder: Encoder, config: BertConfig, n_labels: int, seed: int) -> TokenScorer:
    from transformers import set_seed

    set_seed(seed)
    # Dropping out attention would rule out torch's fused attention: half the speed, for nothing that we could measure.
    module = load_encoder_module(encoder.folder, hidden_dropout_prob=config.dropout, attention_probs_dropout_prob=0.0)
    _check_length(module, config.max_tokens)
    scorer = TokenScorer(module, hidden_size(module), n_labels)
    choose_weights(scorer, config)
    return scorer


def _check_length(module: Any, max_tokens: int) -> None:  # noqa: ANN401 - every encoder has a class of its own
    longest = getattr(module.config, "max_position_embeddings", None)
    if longest and max_tokens > longest:
        raise ConfigError(f"model.max_tokens is {max_tokens}; the encoder reads at most {longest}")


def _tokenizer_file(encoder: Encoder, made: Path) -> Path:
    """Return the encoder's tokenizer.json; one that comes only in an older form is converted into the model folder."""
    path = encoder.folder / "tokenizer.json"
    if path.is_file():
        return path
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(encoder.folder, trust_remote_code=False)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise DataError(f"{encoder.folder}: its tokenizer has no fast form (tokenizer.json); use another encoder")
    backend.save(str(made / "tokenizer.json"))
    return made / "tokenizer.json"


def _examples(cutter: WindowCutter, articles: Sequence[Article], topics: Sequence[Topic]) -> Examples:
    cut = cutter.cut(articles)
    gold = gold_matrix(articles, topics)
    return Examples([window.token_ids for window in cut.windows], gold[[window.article for window in cut.windows]])


def _calibrate(
    parts: Parts,
    topics: Sequence[Topic],
    settings: tuple[BertConfig, DecisionConfig, int],
    files: tuple[Path, Encoder, Path],
    say: Say,
) -> FittedBert:
    """Set temperatures, pooling, thresholds and bands on the held-back articles, as the saved model scores them."""
    config, decisions, _ = settings
    made, encoder, tokenizer = files
    say(f"calibrating on {len(parts.held_back)} held-back articles")
    cutter = WindowCutter.load(tokenizer, WindowRule(config.max_tokens, config.stride, config.max_windows))
    cut = cutter.cut(parts.held_back)
    base = made if config.tune == "full" else encoder.folder
    pad_id = int(json.loads((base / "config.json").read_text(encoding="utf-8")).get("pad_token_id") or 0)
    margins = _margins(made, base, cut, pad_id)
    gold = gold_matrix(parts.held_back, topics)
    temperatures, pooling, probabilities = _pooled(margins, cut, gold, config)
    bands, figures = choose_decisions(probabilities, gold, config.task, decisions)
    by_topic = {topic.key: round(value, 4) for topic, value in zip(topics, temperatures.tolist(), strict=True)}
    reading = {"pooling": pooling, "pad_id": pad_id}
    reading |= {"max_tokens": config.max_tokens, "stride": config.stride, "max_windows": config.max_windows}
    card: dict[str, Any] = {"task": config.task, "encoder": _encoder_entry(encoder, config)}
    card |= {"reading": reading, "temperatures": by_topic}
    held_out = HeldOut(tuple(article.id for article in parts.held_back), probabilities)
    return FittedBert(card, tuple(bands), held_out, figures)


def _margins(made: Path, base: Path, cut: Cut, pad_id: int) -> np.ndarray:
    """Return the log-odds of each window before scaling, (windows, labels), by the network as it was saved."""
    network = build_scorer(made, base)
    engine = load_engine("torch", lambda: network, digest=sha256(made / WEIGHTS))
    outputs = run_batches(engine, [window.token_ids for window in cut.windows], pad_id=pad_id)
    margins: np.ndarray = np.array([scores.mean(axis=0) for scores in outputs]) + network.head.bias.detach().numpy()
    return margins


def _encoder_entry(encoder: Encoder, config: BertConfig) -> dict[str, str | None]:
    if config.tune == "full":
        return {"name": SELF, "revision": None, "digest": None}
    return {"name": config.encoder, "revision": encoder.revision, "digest": encoder.digest}


def _pooled(
    margins: np.ndarray, cut: Cut, gold: np.ndarray, config: BertConfig
) -> tuple[np.ndarray, Pooling, np.ndarray]:
    """Return temperatures, pooling and the probabilities of articles, of the pooling with the smaller log-loss."""
    starts = np.concatenate([[0], np.cumsum(cut.counts)]).astype(int)
    first = margins[starts[:-1]]
    temperatures = fit_temperatures(first, gold, config.task)
    by_window = to_probabilities(margins, temperatures, config.task)
    wanted = POOLINGS if config.pooling == "auto" else (config.pooling,)
    pooled = {way: pool(by_window, starts, way, config.task) for way in wanted}
    best = min(wanted, key=lambda way: log_loss(pooled[way], gold, exclusive=config.task == "single-label"))
    return temperatures, best, pooled[best]
