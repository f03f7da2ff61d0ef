"""What each kind of model writes into its folder: the weights, and what goes into model.json beside the common part."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.decide import Band, dump_thresholds
from toolkit.types import Article, ConfigError, DataError, Topic
from toolkit.words import load_segmenter, probe
from training.checkpoints import check_accelerate, prepare_checkpoints
from training.config import BertConfig, BlendConfig, TfidfConfig, TrainConfig
from training.data import data_digest, gold_matrix
from training.held_out import HeldOut, write_held_out

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One training: what to learn from, and where things go.

    ``made`` is the folder to fill, ``checkpoints`` outlives a killed run. ``valid`` is empty where there is none.
    """

    config: TrainConfig
    topics: tuple[Topic, ...]
    articles: list[Article]
    valid: list[Article]
    made: Path
    checkpoints: Path
    resume: bool
    say: Say


def train_tfidf(run: Run, model: TfidfConfig) -> dict[str, Any]:
    """Fit and save the TF-IDF classifier; return its part of model.json."""
    from zipfile import ZIP_DEFLATED

    import skops.io

    from training.tfidf import fit_tfidf

    decisions = run.config.decisions
    segmenter = load_segmenter(model.segmenter, model.dictionary)
    run.say(f"fitting {decisions.repeats * decisions.folds + 1} times")
    fitted = fit_tfidf(run.articles, run.topics, segmenter, model, decisions, run.config.seed)
    skops.io.dump(fitted.weights, run.made / "pipeline.skops", compression=ZIP_DEFLATED, compresslevel=9)
    if model.dictionary is not None:
        shutil.copyfile(model.dictionary, run.made / "dictionary.txt")
    _write_decisions(run, fitted.bands, fitted.held_out)
    run.say(_figures("out of fold", fitted.out_of_fold))
    features = {
        "word_terms": fitted.n_word_terms,
        "word_weight": model.word_weight,
        "title_weight": model.title_weight,
        "lead_chars": model.lead_chars,
        "segmenter": model.segmenter,
        "dictionary_digest": segmenter.dictionary_digest,
        "segmenter_probe": probe(segmenter),
    }
    return {"features": features, "out_of_fold": fitted.out_of_fold}


def train_bert(run: Run, model: BertConfig) -> dict[str, Any] | None:
    """Fine-tune and save the BERT classifier; return its part of model.json, None in processes that only help."""
    check_accelerate(model.kind)
    from training.bert import fit_bert, split

    if model.task == "single-label":
        _check_single(run.articles)
    parts = split(run.articles, run.topics, model, run.config.seed)
    if model.stop_on == "valid" and not run.valid:
        raise ConfigError("model.stop_on is valid, but the config names no valid data")
    prepare_checkpoints(run.checkpoints, run.config, data_digest(run.articles), resume=run.resume)
    run.say(f"{len(parts.learn)} articles teach the weights, {len(parts.held_back)} are held back")
    watched = run.valid if model.stop_on == "valid" else parts.held_back
    settings = (model, run.config.decisions, run.config.seed)
    fitted = fit_bert(parts, watched, run.topics, settings, (run.made, run.checkpoints), run.say)
    if fitted is None:
        return None
    _write_decisions(run, fitted.bands, fitted.held_out)
    run.say(_figures("held back", fitted.figures))
    return fitted.card | {"held_back": fitted.figures}


def train_blend(run: Run, model: BlendConfig) -> dict[str, Any]:
    """Fit and save a blend; return its part of model.json."""
    from training.blend import fit_blend

    fitted = fit_blend(run.articles, run.topics, model, run.config.decisions, run.made)
    _write_decisions(run, fitted.bands, fitted.held_out)
    shares = ", ".join(f"{member['name']} {member['weight']:.2f}" for member in fitted.members)
    run.say(f"weights: {shares}")
    run.say(_figures(f"on {len(fitted.held_out.ids)} articles that no member had learned from", fitted.figures))
    return {"members": fitted.members, "held_back": fitted.figures}


def _write_decisions(run: Run, bands: Sequence[Band], held_out: HeldOut) -> None:
    by_topic = {topic.key: band for topic, band in zip(run.topics, bands, strict=True)}
    (run.made / "thresholds.yaml").write_text(dump_thresholds(by_topic), encoding="utf-8")
    write_held_out(held_out, run.made)


def _figures(where: str, figures: dict[str, float]) -> str:
    said = {
        "macro_f1": "macro-F1 {:.3f}",
        "accuracy": "accuracy {:.1%}",
        "none_given_a_topic": "topic-less articles given a topic {:.1%}",
        "coverage": "not sent to review {:.1%}",
    }
    return f"{where}: " + ", ".join(text.format(figures[name]) for name, text in said.items() if name in figures)


def _check_single(articles: Sequence[Article]) -> None:
    for article in articles:
        if len(article.topics or ()) != 1:
            found = ", ".join(article.topics or ()) or "none"
            raise DataError(f"{article.source}: labels {found}; a single-label task needs exactly one for each article")


def training_totals(articles: Sequence[Article], topics: Sequence[Topic]) -> dict[str, Any]:
    """Return what model.json says of the data."""
    carried = gold_matrix(articles, topics).sum(axis=0).tolist()
    return {
        "articles": len(articles),
        "none": sum(not article.topics for article in articles),
        "unsure": sum(bool(article.unsure) for article in articles),
        "per_topic": {topic.key: count for topic, count in zip(topics, carried, strict=True)},
        "digest": data_digest(articles),
    }
