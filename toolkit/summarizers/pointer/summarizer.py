"""The pointer network as a summarizer: a model folder, batches, and checks of what it wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from toolkit.encoders import load_encoder
from toolkit.engines import EngineName
from toolkit.folders import check_files, read_model_card
from toolkit.summarizers.checked import Candidate, choose_checked, whole_text
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.summarizers.pointer.network import Memory, PointerNetwork, Shape
from toolkit.summarizers.pointer.search import Rules, search
from toolkit.summarizers.pointer.source import FIGURES, PointerSource, read_source
from toolkit.summarizers.pointer.states import WordStates
from toolkit.types import Article, DataError, Mode, Summary

WEIGHTS = "weights.safetensors"
WRITTEN = "written.txt"
MODES: tuple[Mode, ...] = ("abstract", "headline")
FIRST_WORD = 2 + len(MODES)  # of the items: padding, the end, one start for each mode, then words
_CHUNK = 64  # articles whose vectors are held at a time
_BATCH = 16  # articles searched together
_BEAMS = 4
_FILLED = 0.92  # share of the limit to aim at, so that the last sentence fits


@dataclass(frozen=True)
class PointerSummarizer:
    """A loaded model.

    ``written`` are the words that it can write, after an empty string for each mark; ``typical_chars`` is how long the
    summaries were that it learned from.
    """

    name: str
    states: WordStates
    network: PointerNetwork
    written: tuple[str, ...]
    typical_chars: dict[str, int]
    beams: int = _BEAMS
    free: bool = False

    @classmethod
    def load(
        cls, folder: Path, *, engine: EngineName = "auto", beams: int | None = None, free: bool = False
    ) -> "PointerSummarizer":
        """Load a model folder; the encoder comes from the user's cache or the hub.

        Raises:
            DataError: a file is missing, was changed, or does not fit the others, or the encoder is another one than
                at the training.
            ConfigError: the encoder cannot be found, or the engine is not installed.
        """
        card = read_model_card(folder)
        check_files(folder, card, needed=WEIGHTS)
        written = ("",) * FIRST_WORD + tuple((folder / WRITTEN).read_text(encoding="utf-8").split("\n")[:-1])
        encoder = load_encoder(card["encoder"]["name"], revision=card["encoder"]["revision"])
        if encoder.digest != card["encoder"]["digest"]:
            raise DataError(
                f"{folder}: it was trained on {encoder.name} with sha256 {card['encoder']['digest'][:12]}..., found"
                f" {encoder.digest[:12]}... in {encoder.folder}; get that one back or train the model again"
            )
        return cls(
            name=f"{folder.name}@{card['files'][WEIGHTS][:8]}",
            states=WordStates.load(encoder, card["layers"], engine=engine),
            network=load_network(folder / WEIGHTS, Shape(**card["shape"]), card["figures"]),
            written=written,
            typical_chars=card["typical_chars"],
            beams=beams or _BEAMS,
            free=free,
        )

    def summarize(self, articles: Sequence[Article], *, mode: Mode, max_chars: int) -> list[Summary]:
        """See ``Summarizer.summarize``. A summary that the article does not bear out is replaced by whole sentences."""
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
                sources[number] = read_source(article)
        order = sorted(sources, key=lambda number: len(sources[number].words))
        states = dict(zip(order, self.states.compute([sources[number].words for number in order]), strict=True))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            written = self._write([sources[n] for n in batch], [states[n] for n in batch], mode, max_chars)
            for number, candidates in zip(batch, written, strict=True):
                summary = choose_checked(articles[number], candidates, mode=mode, max_chars=max_chars, method=self.name)
                found[number] = summary if not sources[number].part else _flagged(summary, "read_in_part")
        return [found[number] for number in range(len(articles))]

    def _write(
        self, sources: Sequence[PointerSource], states: Sequence[Any], mode: Mode, max_chars: int
    ) -> list[list[Candidate]]:
        limit = min(max_chars, HEADLINE_CHARS) if mode == "headline" else max_chars
        rules = Rules(
            mode=mode,
            start=2 + MODES.index(mode),
            target_chars=min(self.typical_chars[mode], round(_FILLED * limit)),
            max_chars=limit,
            beams=self.beams,
            free=self.free,
        )
        memory = remember(self.network, sources, states)
        paths = search(self.network, memory, sources, self.written, rules)
        return [
            [Candidate(self.text(path.items, source), path.score) for path in found]
            for source, found in zip(sources, paths, strict=True)
        ]

    def text(self, items: Sequence[int], source: PointerSource) -> str:
        """Return the summary that items make."""
        n = len(self.written)
        return "".join(source.words[item - n] if item >= n else self.written[item] for item in items)


def remember(network: PointerNetwork, sources: Sequence[PointerSource], states: Sequence[Any]) -> Memory:
    """Return what the network makes of articles: padded, in the order given."""
    n, width = len(sources), max(1, *(len(source.words) for source in sources))
    vectors = torch.zeros(n, width, network.shape.states)
    figures = torch.zeros(n, width, len(FIGURES), dtype=torch.long)
    mask = torch.zeros(n, width, dtype=torch.bool)
    for row, (source, state) in enumerate(zip(sources, states, strict=True)):
        length = len(source.words)
        vectors[row, :length] = torch.from_numpy(state).float()
        figures[row, :length] = torch.from_numpy(source.figures).long()
        mask[row, :length] = True
    with torch.inference_mode():
        return network.encode(vectors, figures, mask)


def load_network(path: Path, shape: Shape, figures: dict[str, int]) -> PointerNetwork:
    """Load the network's weights; ``figures`` are those that it was trained with.

    Raises:
        DataError: the file is damaged, or its weights are those of another shape or of other figures.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if figures != FIGURES:
        raise DataError(f"{path}: it was trained on other figures of words than this version's; train the model again")
    network = PointerNetwork(shape)
    try:
        network.load_state_dict({name: values.float() for name, values in load_file(path).items()})
    except (SafetensorError, OSError, RuntimeError) as error:
        raise DataError(f"{path}: its weights do not fit model.json: {error}; train the model again") from None
    return network.eval()


def _flagged(summary: Summary, flag: str) -> Summary:
    return Summary(summary.text, summary.method, (*summary.flags, flag), summary.support)
