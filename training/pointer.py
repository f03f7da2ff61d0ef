"""Train the pointer network: on many headlines first, if there are any, then on abstracts and headlines together."""

import os
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from toolkit.encoders import Encoder, load_encoder
from toolkit.readers import read_articles
from toolkit.summarizers.pointer.joints import JOINT_FIGURES, JointJudge, JointNetwork
from toolkit.summarizers.pointer.network import FIRST_START, PointerNetwork, Shape
from toolkit.summarizers.pointer.source import FIGURES, read_source
from toolkit.summarizers.pointer.states import WordStates
from toolkit.summarizers.pointer.summarizer import JOINTS, WEIGHTS, WRITTEN
from toolkit.summarizers.pointer.writer import PointerWriter
from toolkit.types import Article, Mode
from training.config import JointsConfig, PointerConfig, PretrainConfig, SummaryTrainConfig
from training.data import without_repeats_of
from training.pointer_examples import Itemizer, rehearsed, written_words
from training.pointer_joints import learn_joints, networks_joints, peoples_joints
from training.pointer_learner import Course, learn
from training.pointer_ranking import judge_held_back, rouge_l
from training.pointer_reading import Corpus, Read, read_corpus, split_corpus
from training.summaries import read_referenced
from training.taught import Pair, Taught
from training.trainer import Say

_SHORTEST_TEXT = 150  # characters of an article whose candidates say something about joints
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

    def judge(
        self, joints: JointsConfig, read: Read, held: Sequence[int], known: Sequence[Article], states: WordStates
    ) -> tuple[JointNetwork, float] | None:
        """Learn to judge joints from the references and from candidates for articles that are none of ``known``."""
        left_out = set(held)
        taught = [number for number in range(len(read.sources)) if number not in left_out]
        sources = [
            read_source(article)
            for path in joints.articles
            for article in _drawn(path, known, joints.most_per_file, self.config.seed)
        ]
        self.say(f"candidates for {len(sources)} articles without summaries teach which joints people do not make")
        vectors = states.compute([source.words for source in sources])
        articles = list(zip(sources, vectors, strict=True))
        people, found = [], []
        for mode in self.options.modes:
            people += peoples_joints(read, taught, mode, states.compute)
            found += networks_joints(self.writer, articles, mode, states.compute, self.config.seed)
        return learn_joints(people, found, self.config.seed, self.say)


def _drawn(path: Path, known: Sequence[Article], most: int, seed: int) -> list[Article]:
    """Return some articles of a file that stand nowhere in ``known`` and have more text than is returned whole."""
    articles = [found for found in read_articles([str(path)]) if isinstance(found, Article)]
    order = random.Random(seed).sample(range(len(articles)), len(articles))
    shuffled = [articles[number] for number in order if len(articles[number].text) >= _SHORTEST_TEXT]
    return without_repeats_of(shuffled, known)[:most]


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
    writer, joints = school.writer, {}
    writer.network.half().float()  # as it is saved: the ranking is learned from what the folder will find
    if options.joints is not None:
        learned = school.judge(options.joints, read, held, [*read.corpus.articles, *kept_apart], states)
        if learned is not None:
            writer = replace(writer, judge=JointJudge(learned[0].half().float(), states.compute))
            joints = {"joint_figures": JOINT_FIGURES, "joints_roc_auc": round(learned[1], 4)}
    _save(writer, made)
    return _card(options, encoder, writer) | joints | judge_held_back(writer, read, held, say)


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


def _save(writer: PointerWriter, made: Path) -> None:
    _save_half(writer.network, made / WEIGHTS)
    if writer.judge is not None:
        _save_half(writer.judge.network, made / JOINTS)
    words = [word for word in writer.written if word]
    (made / WRITTEN).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")


def _save_half(network: torch.nn.Module, path: Path) -> None:
    from safetensors.torch import save_file

    save_file({name: values.detach().half().contiguous() for name, values in network.state_dict().items()}, path)


def _card(options: PointerConfig, encoder: Encoder, writer: PointerWriter) -> dict[str, Any]:
    return {
        "modes": list(options.modes),
        "encoder": {"name": options.encoder, "revision": encoder.revision, "digest": encoder.digest},
        "layers": list(options.layers),
        "shape": asdict(writer.network.shape),
        "figures": FIGURES,
        "typical_chars": dict(writer.typical_chars),
    }
