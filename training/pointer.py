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
from toolkit.summarizers.pointer.source import FIGURES
from toolkit.summarizers.pointer.states import WordStates
from toolkit.summarizers.pointer.summarizer import WEIGHTS, WRITTEN
from toolkit.summarizers.pointer.writer import PointerWriter
from toolkit.types import Article, Mode
from training.config import PointerConfig, PretrainConfig, SummaryTrainConfig
from training.data import without_repeats_of
from training.pointer_examples import Itemizer, rehearsed, written_words
from training.pointer_held_back import rouge_l
from training.pointer_learner import Course, learn
from training.pointer_reading import Corpus, Read, read_corpus, split_corpus
from training.summaries import read_referenced
from training.taught import Pair, Taught
from training.trainer import Say

_WATCHED = 200  # pretraining articles that pick its checkpoint


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

    def teach(
        self, read: Read, held: Sequence[int], options: PointerConfig, folder: Path, rehearse: Read | None = None
    ) -> None:
        """Train on all of a corpus but the articles numbered ``held``, which pick the best checkpoint.

        Some headlines of ``rehearse`` are learned beside them.
        """
        left_out = set(held)
        examples = read.examples(self.itemizer, self.numbers)
        learned = [example for number, example in enumerate(examples) if number not in left_out]
        if rehearse is not None and options.pretrain is not None and "headline" in self.numbers:
            learned += rehearsed(
                rehearse.examples(self.itemizer, self.numbers),
                share=options.pretrain.rehearsed,
                of=len(learned),
                mode=self.numbers["headline"],
                n_modes=len(self.numbers),
            )
        course = Course(
            examples=learned,
            written=self.writer.written,
            judge=lambda network: rouge_l(replace(self.writer, network=network), read, held),
            folder=folder,
        )
        learn(self.writer.network, course, options, self.config.seed, self.say)


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
    corpus, held = split_corpus(taught, options, config.seed)
    read = read_corpus(corpus, states, checkpoints / "train.states", say)
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
    school.teach(read, held, options, checkpoints / "train", rehearse=first)
    if os.environ.get("RANK", "0") != "0":
        return None
    school.writer.network.half().float()  # as it is saved: what is measured is what the folder will find
    _save(school.writer, made)
    measured = {"articles": len(held), "rougeL": round(rouge_l(school.writer, read, held), 4)}
    return _card(options, encoder, school.writer) | {"held_back": measured}


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
    )
    return _School(config, options, itemizer, writer, say)


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
