"""Train the pointer network: on many headlines first, if there are any, then on abstracts and headlines together."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from toolkit.encoders import Encoder, load_encoder
from toolkit.summarizers.pointer.network import FIRST_START, PointerNetwork, Shape
from toolkit.summarizers.pointer.ranking import RANKING, rank_figures
from toolkit.summarizers.pointer.source import FIGURES
from toolkit.summarizers.pointer.states import WordStates
from toolkit.summarizers.pointer.summarizer import WEIGHTS, WRITTEN
from toolkit.summarizers.pointer.writer import PointerWriter, limit_of
from toolkit.types import Article, DataError, Mode
from training.config import PointerConfig, PretrainConfig, SummaryTrainConfig
from training.data import without_repeats_of
from training.listnet import Ranked, cross_validate, fit, judge_candidates
from training.pointer_examples import Itemizer, written_words
from training.pointer_learner import Course, learn
from training.pointer_reading import Corpus, Read, read_corpus
from training.rouge import rouge
from training.summaries import read_referenced
from training.taught import Pair, Taught, split_taught
from training.trainer import Say

_PENALTY = 3e-3  # of the ranking's weights: there are few articles to learn them from
_LEAST_GAIN = 0.01  # in ROUGE-L, out of fold: less does not carry over to other articles, as headlines showed
_WATCHED = 200  # pretraining articles that pick its checkpoint
_BATCH = 16
_SLACK = 1.09  # the longest summary over the mean one, where the ranking is learned: the references' own spread


@dataclass(frozen=True)
class _School:
    """What both trainings share."""

    config: SummaryTrainConfig
    options: PointerConfig
    itemizer: Itemizer
    writer: PointerWriter
    say: Say

    @property
    def numbers(self) -> dict[Mode, int]:
        return {mode: number for number, mode in enumerate(self.options.modes)}

    def teach(self, read: Read, held: Sequence[int], options: PointerConfig, folder: Path) -> None:
        """Train on all of a corpus but the articles numbered ``held``, which pick the best checkpoint."""
        examples = read.examples(self.itemizer, self.numbers)
        left_out = set(held)
        course = Course(
            examples=[example for number, example in enumerate(examples) if number not in left_out],
            written=self.writer.written,
            judge=lambda: self.rouge_l(read, held),
            folder=folder,
        )
        learn(self.writer.network, course, options, self.config.seed, self.say)

    def rouge_l(self, read: Read, held: Sequence[int]) -> float:
        """Return the mean ROUGE-L of what the network likes best, one search each, in the corpus's first mode."""
        mode = next(iter(read.paths))
        references = read.corpus.references[mode]
        writer = replace(self.writer, lengths=(1.0,), ranking={})
        scores = []
        for number, paths in _written(writer, read, held, mode):
            text = writer.text(paths[0].items, read.sources[number]) if paths else ""
            scores.append(rouge(text, references[number])["rougeL"])
        return float(np.mean(scores))

    def rank(self, read: Read, held: Sequence[int], mode: Mode) -> list[Ranked]:
        """Return the candidates for articles that the network has not learned from, with what they are worth."""
        limit = _limit(self.writer, mode)
        found = []
        for number, paths in _written(self.writer, read, held, mode):
            if not paths:
                continue
            source = read.sources[number]
            texts = [self.writer.text(path.items, source) for path in paths]
            figures = rank_figures(source, self.writer.written, paths, limit)
            found.append(judge_candidates(figures, texts, read.corpus.references[mode][number]))
        return found


def fit_pointer(
    taught: Taught, config: SummaryTrainConfig, options: PointerConfig, folders: tuple[Path, Path], say: Say
) -> dict[str, Any] | None:
    """Train, and write the weights and the words into the model folder; see ``training.seq2seq.fit_seq2seq``.

    ``options`` is the model of ``config``.

    Raises:
        ConfigError: the encoder cannot be had.
        DataError: the encoder cannot be used, or there are too few articles.
    """
    made, checkpoints = folders
    encoder = load_encoder(options.encoder, revision=options.revision)
    states = WordStates.load(encoder, options.layers)
    read, held = _read_taught(taught, options, config.seed, states, checkpoints, say)
    kept_apart = [read.corpus.articles[number] for number in held]
    if config.valid is not None:
        kept_apart += read_referenced(config.valid, options.modes[0]).articles
    first = _read_pretraining(options.pretrain, kept_apart, states, checkpoints, say)
    school = _school(config, options, [found for found in (first, read) if found is not None], say)
    say(f"{len(read.sources) - len(held)} articles teach the weights, {len(held)} are held back")
    if first is not None and options.pretrain is not None:
        earlier = options.model_copy(
            update={
                "learning_rate": options.pretrain.learning_rate,
                "num_train_epochs": options.pretrain.num_train_epochs,
            }
        )
        school.teach(first, range(min(_WATCHED, len(first.sources) // 2)), earlier, checkpoints / "pretrain")
    school.teach(read, held, options, checkpoints / "train")
    if os.environ.get("RANK", "0") != "0":
        return None
    ranking, figures = _learn_ranking(school, read, held, say)
    _save(school.writer, made)
    return _card(options, encoder, school.writer) | {
        "ranking": ranking,
        "held_back": {"articles": len(held), "rougeL": round(school.rouge_l(read, held), 4), "ranked": figures},
    }


def _read_taught(
    taught: Taught, options: PointerConfig, seed: int, states: WordStates, checkpoints: Path, say: Say
) -> tuple[Read, list[int]]:
    corpus = Corpus.of_pairs(taught.pairs, options.modes)
    _, held_pairs = split_taught(taught.pairs, held_back=options.held_back, seed=seed)
    sources = {pair.article.source for pair in held_pairs}
    held = [number for number, article in enumerate(corpus.articles) if article.source in sources]
    if not held or len(held) == len(corpus.articles):
        raise DataError(f"{len(corpus.articles)} articles have a summary of every mode; too few to hold some back")
    return read_corpus(corpus, states, checkpoints / "train.states", say), held


def _read_pretraining(
    pretrain: PretrainConfig | None, kept_apart: Sequence[Article], states: WordStates, checkpoints: Path, say: Say
) -> Read | None:
    """Read the headlines that are learned first, without reprints of what is held back or measured on later."""
    if pretrain is None:
        return None
    pairs = [
        Pair(article, "headline", title)
        for path in pretrain.train
        for article, title in read_referenced(path, "headline").pairs()
    ]
    kept = {id(article) for article in without_repeats_of([pair.article for pair in pairs], kept_apart)}
    corpus = Corpus.of_pairs([pair for pair in pairs if id(pair.article) in kept], ("headline",))
    return read_corpus(corpus, states, checkpoints / "pretrain.states", say)


def _school(config: SummaryTrainConfig, options: PointerConfig, corpora: Sequence[Read], say: Say) -> _School:
    paths = [path for read in corpora for found in read.paths.values() for path in found]
    words = written_words(paths, most=options.written_words, least=options.written_at_least)
    itemizer = Itemizer(words, len(options.modes))
    torch.manual_seed(config.seed)
    shape = Shape(
        states=corpora[-1].states.shape[1],
        written=itemizer.n_written,
        width=options.width,
        heads=options.heads,
        encoder_layers=options.encoder_layers,
        decoder_layers=options.decoder_layers,
        dropout=options.dropout,
    )
    references = corpora[-1].corpus.references
    writer = PointerWriter(
        network=PointerNetwork(shape),
        written=(*[""] * itemizer.first, *words),
        starts={mode: FIRST_START + number for number, mode in enumerate(options.modes)},
        typical_chars={mode: round(float(np.mean([*map(len, found)])), 1) for mode, found in references.items()},
        ranking={},
    )
    return _School(config, options, itemizer, writer, say)


def _written(writer: PointerWriter, read: Read, numbers: Sequence[int], mode: Mode) -> list[tuple[int, list[Any]]]:
    """Search for some articles of a corpus, in batches of like length; return each number with what was found."""
    order = sorted(numbers, key=lambda number: len(read.sources[number].words))
    found: list[tuple[int, list[Any]]] = []
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        sources, states = [read.sources[number] for number in batch], [read.states_of(number) for number in batch]
        found += zip(batch, writer.paths(sources, states, mode, _limit(writer, mode)), strict=True)
    return found


def _limit(writer: PointerWriter, mode: Mode) -> int:
    return limit_of(mode, round(_SLACK * writer.typical_chars[mode])) if mode == "abstract" else limit_of(mode, 10**6)


def _learn_ranking(
    school: _School, read: Read, held: Sequence[int], say: Say
) -> tuple[dict[str, dict[str, float]], dict[str, Any]]:
    ranking: dict[str, dict[str, float]] = {}
    figures: dict[str, Any] = {}
    for mode in read.paths:
        ranked = school.rank(read, held, mode)
        if len(ranked) < 2:  # noqa: PLR2004 - one to fit, one to try
            continue
        probable = round(float(np.mean([item.rouge_l[0] for item in ranked])), 4)
        figures[mode] = {"most_probable": probable} | cross_validate(ranked, penalty=_PENALTY)
        say(f"{mode}, ranked: " + ", ".join(f"{name} {value:.3f}" for name, value in figures[mode].items()))
        if figures[mode]["rouge_l"] - probable > _LEAST_GAIN:
            weights = fit(ranked, penalty=_PENALTY).tolist()
            ranking[mode] = {name: round(weight, 4) for name, weight in zip(RANKING, weights, strict=True)}
    return ranking, figures


def _save(writer: PointerWriter, made: Path) -> None:
    from safetensors.torch import save_file

    half = {name: values.detach().half().contiguous() for name, values in writer.network.state_dict().items()}
    save_file(half, made / WEIGHTS)
    words = [word for word in writer.written if word]
    (made / WRITTEN).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")


def _card(options: PointerConfig, encoder: Encoder, writer: PointerWriter) -> dict[str, Any]:
    return {
        "modes": list(options.modes),
        "encoder": {"name": options.encoder, "revision": encoder.revision, "digest": encoder.digest},
        "layers": list(options.layers),
        "shape": asdict(writer.network.shape),
        "figures": FIGURES,
        "typical_chars": dict(writer.typical_chars),
    }
