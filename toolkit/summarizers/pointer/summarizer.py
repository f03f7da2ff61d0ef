"""The pointer network as a summarizer: a model folder, batches, and checks of what it wrote."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from toolkit.encoders import load_recorded_encoder
from toolkit.engines import EngineName, Precision
from toolkit.folders import check_files, read_model_card
from toolkit.summarizers.checked import Candidate, choose_checked, choose_reranked, whole_text
from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.pointer.network import FIRST_START, PointerNetwork, Shape
from toolkit.summarizers.pointer.source import FIGURES, PointerSource, read_source
from toolkit.summarizers.pointer.states import WordStates
from toolkit.summarizers.pointer.threads import map_in_threads
from toolkit.summarizers.pointer.writer import BEAMS, PointerWriter
from toolkit.types import Article, ConfigError, DataError, Mode, Summary

WEIGHTS = "weights.safetensors"
WRITTEN = "written.txt"
_WIDE = dict(zip(",;:?!()", "，；：？！（）", strict=True))
_HALF_WIDTH = re.compile(r"(?<![0-9A-Za-z])[,:]|[,:](?![0-9A-Za-z/])|[;?!()]")
_CHUNK = 64  # articles whose vectors are held at a time
_BATCH = 8  # articles searched together


@dataclass(frozen=True)
class PointerSummarizer:
    """A loaded model; ``states`` gives the vectors of an article's words, ``writer`` points at them."""

    name: str
    states: WordStates
    writer: PointerWriter
    forkable: bool = False

    @classmethod
    def load(
        cls, folder: Path, options: SummaryOptions, *, engine: EngineName = "auto", precision: Precision = "auto"
    ) -> "PointerSummarizer":
        """Load a model folder; the encoder comes from the user's cache or the hub.

        Raises:
            DataError: a file is missing, was changed, or does not fit the others, or the encoder is another one than
                at the training.
            ConfigError: the encoder cannot be found, or the engine is not installed.
        """
        card = read_model_card(folder)
        check_files(folder, card, needed=WEIGHTS)
        marks = FIRST_START + len(card["modes"])
        written = (folder / WRITTEN).read_text(encoding="utf-8").split("\n")[:-1]
        encoder = load_recorded_encoder(card["encoder"], folder)
        states = WordStates.load(encoder, card["layers"], engine=engine, precision=precision)
        writer = PointerWriter(
            network=_load_network(folder / WEIGHTS, card),
            written=(*[""] * marks, *written),
            starts={mode: FIRST_START + number for number, mode in enumerate(card["modes"])},
            typical_chars=card["typical_chars"],
            beams=options.num_beams or BEAMS,
            free=options.free,
        )
        return cls(f"{folder.name}@{card['files'][WEIGHTS][:8]}", states, writer)

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """See ``Summarizer.summarize``. A summary that the article does not bear out is replaced by whole sentences.

        Raises:
            ConfigError: the model has not learned to write this mode.
        """
        if mode not in self.writer.starts:
            raise ConfigError(f"{self.name} has not learned mode {mode!r}; known: {', '.join(self.writer.starts)}")
        found: list[Summary] = []
        for start in range(0, len(articles), _CHUNK):
            found += self._chunk(articles[start : start + _CHUNK], mode, max_chars)
        return found

    def _chunk(self, articles: Sequence[Article], mode: Mode, max_chars: int) -> list[Summary]:
        found: dict[int, Summary] = {}
        sources: dict[int, PointerSource] = {}
        for number, article in enumerate(articles):
            whole = whole_text(article, max_chars=max_chars)
            if whole is not None and (mode == "abstract" or not whole.text):
                found[number] = whole
            else:
                sources[number] = read_source(_full_width(article))
        order = sorted(sources, key=lambda number: len(sources[number].words))
        states = dict(zip(order, self.states.compute([sources[number].words for number in order]), strict=True))

        def write(batch: Sequence[int]) -> dict[int, Summary]:
            read = [sources[number] for number in batch]
            written = self.writer.candidates(read, [states[number] for number in batch], mode, max_chars)
            chosen = {}
            for number, candidates in zip(batch, written, strict=True):
                summary = self._choose(articles[number], candidates, mode, max_chars)
                flags = (*summary.flags, "read_in_part") if sources[number].part else summary.flags
                chosen[number] = replace(summary, flags=flags)
            return chosen

        # The longest first: the last batches even out the threads.
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)][::-1]
        for chosen in map_in_threads(write, batches):
            found |= chosen
        return [found[number] for number in range(len(articles))]

    def _choose(self, article: Article, candidates: Sequence[Candidate], mode: Mode, max_chars: int) -> Summary:
        if mode == "headline" or self.writer.free:
            return choose_checked(article, candidates, mode=mode, max_chars=max_chars, method=self.name)
        texts = [candidate.text for candidate in candidates]
        return choose_reranked(article, texts, max_chars=max_chars, method=self.name)


def _full_width(article: Article) -> Article:
    """Return the article with the punctuation that the network knows; a comma between digits stays."""
    return replace(article, title=_widen(article.title), text=_widen(article.text))


def _widen(text: str) -> str:
    return _HALF_WIDTH.sub(lambda found: _WIDE[found.group()], text)


def _load_network(path: Path, card: dict[str, Any]) -> PointerNetwork:
    """Load the network's weights.

    Raises:
        DataError: the file is damaged, or its weights are those of another shape or of other figures.
    """
    if card["figures"] != FIGURES:
        raise DataError(f"{path}: it was trained on other figures of words than this version's; train the model again")
    network = PointerNetwork(Shape(**card["shape"]))
    _load_weights(network, path)
    return network.eval()


def _load_weights(network: torch.nn.Module, path: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        network.load_state_dict({name: values.float() for name, values in load_file(path).items()})
    except (SafetensorError, OSError, RuntimeError) as error:
        raise DataError(f"{path}: its weights do not fit model.json: {error}; train the model again") from None
