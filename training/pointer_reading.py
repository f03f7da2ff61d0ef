"""Articles and references as the pointer network learns from them; the encoder's states lie on disk."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.summarizers.pointer.source import PointerSource, read_source
from toolkit.summarizers.pointer.states import WordStates
from toolkit.types import Article, DataError, Mode
from training.config import PointerConfig
from training.pointer_examples import Example, Itemizer, paths_of
from training.taught import Pair, Taught, split_taught
from training.trainer import Say

_CHUNK = 512  # articles whose states are computed before they are written


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles with references: ``references[mode]`` has one for each article."""

    articles: list[Article]
    references: dict[Mode, list[str]]

    @classmethod
    def of_pairs(cls, pairs: Sequence[Pair], modes: Sequence[Mode]) -> "Corpus":
        """Bring the summaries of an article together; the article is the one of the first mode."""
        by_mode = {mode: {pair.article.source: pair for pair in pairs if pair.mode == mode} for mode in modes}
        sources = [source for source in by_mode[modes[0]] if all(source in found for found in by_mode.values())]
        articles = [by_mode[modes[0]][source].article for source in sources]
        return cls(articles, {mode: [found[source].summary for source in sources] for mode, found in by_mode.items()})


@dataclass(frozen=True, slots=True)
class Read:
    """A corpus as the network reads it.

    ``states`` is float16 (all words, width) and lies on disk; article n has the rows from starts[n] to starts[n + 1].
    """

    corpus: Corpus
    sources: list[PointerSource]
    paths: dict[Mode, list[list[int | str]]]
    states: np.ndarray
    starts: np.ndarray

    def states_of(self, number: int) -> np.ndarray:
        """Return the states of one article's words."""
        found: np.ndarray = self.states[self.starts[number] : self.starts[number + 1]]
        return found

    def examples(self, itemizer: Itemizer, numbers: dict[Mode, int]) -> list[Example]:
        """Return one example for each article, with a target for each of its modes; ``numbers`` are the modes'."""
        return [
            Example(
                source,
                self.states_of(row),
                tuple(itemizer.target(paths[row], source, numbers[mode]) for mode, paths in self.paths.items()),
            )
            for row, source in enumerate(self.sources)
        ]


def split_corpus(taught: Taught, options: PointerConfig, seed: int) -> tuple[Corpus, list[int]]:
    """Return the articles with their summaries, and the numbers of those that are held back.

    Raises:
        DataError: there are too few for both.
    """
    corpus = Corpus.of_pairs(taught.pairs, options.modes)
    _, held_pairs = split_taught(taught.pairs, held_back=options.held_back, seed=seed)
    sources = {pair.article.source for pair in held_pairs}
    held = [number for number, article in enumerate(corpus.articles) if article.source in sources]
    if not held or len(held) == len(corpus.articles):
        raise DataError(f"{len(corpus.articles)} articles have a summary of every mode; too few to hold some back")
    return corpus, held


def read_corpus(corpus: Corpus, states: WordStates, kept: Path, say: Say) -> Read:
    """Read a corpus; the encoder's states are computed once, and found again in the file ``kept`` after a kill."""
    sources = [read_source(article) for article in corpus.articles]
    starts = np.cumsum([0, *(len(source.words) for source in sources)])
    if not kept.is_file():
        say(f"computing the encoder's states of {len(sources)} articles")
        # Each process of a distributed training computes them: whoever is done first leaves the same file.
        partial = kept.with_suffix(f".partial-{os.environ.get('RANK', '0')}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            for start in range(0, len(sources), _CHUNK):
                for found in states.compute([source.words for source in sources[start : start + _CHUNK]]):
                    file.write(found.tobytes())
        partial.replace(kept)
    flat = np.memmap(kept, dtype=np.float16, mode="r")
    paths = {mode: paths_of(sources, references) for mode, references in corpus.references.items()}
    return Read(corpus, sources, paths, flat.reshape(int(starts[-1]), -1), starts)
