"""Words to vectors: the frozen encoder's token states, averaged over each word."""

import hashlib
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from toolkit.encoders import Encoder
from toolkit.encoders.loading import load_tokenizer
from toolkit.engines import Engine, EngineName, Precision, load_engine, run_batches

if TYPE_CHECKING:
    import torch

_MOST_TOKENS = 512  # an article of ``source.MAX_CHARS`` has fewer
_RESERVED_POSITIONS = 2  # of RoBERTa and its kin, whose positions begin after the padding's


class WordStates:
    """Computes the vectors of an article's words with one pass of the encoder."""

    def __init__(self, encoder: Encoder, layers: Sequence[int], engine: Engine) -> None:
        """Take an encoder, and an engine that runs it up to the layers whose states are set side by side."""
        self.layers = tuple(layers)
        self.engine = engine
        self._tokenizer = load_tokenizer(encoder.folder / "tokenizer.json")
        pair = self._tokenizer.encode("")
        self._marks = (pair.ids[:1], pair.ids[1:])
        config = json.loads((encoder.folder / "config.json").read_text(encoding="utf-8"))
        self._pad_id = int(config.get("pad_token_id") or 0)
        positions = int(config.get("max_position_embeddings", _MOST_TOKENS + _RESERVED_POSITIONS))
        self._room = min(_MOST_TOKENS, positions - _RESERVED_POSITIONS) - len(pair.ids)
        self._last: dict[tuple[str, ...], np.ndarray] = {}

    @classmethod
    def load(
        cls, encoder: Encoder, layers: Sequence[int], *, engine: EngineName = "auto", precision: Precision = "auto"
    ) -> "WordStates":
        """Load the encoder into a runtime.

        Raises:
            ConfigError: the engine is not installed.
            DataError: the encoder cannot be loaded.
        """
        digest = hashlib.sha256(f"{encoder.digest} states {list(layers)}".encode()).hexdigest()
        build = partial(_build, encoder.folder, tuple(layers))
        return cls(encoder, layers, load_engine(engine, build, digest=digest, precision=precision))

    def compute(self, articles: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """Return float16 (words, layers x hidden) for each list of words; a word beyond the encoder's reach is zero.

        What the call before computed is not computed again: abstract and headline of an article share its vectors.
        """
        keys = [tuple(words) for words in articles]
        fresh = [words for words in dict.fromkeys(keys) if words not in self._last]
        known = self._last | dict(zip(fresh, self._compute(fresh), strict=True))
        self._last = {words: known[words] for words in keys}
        return [known[words] for words in keys]

    def _compute(self, articles: Sequence[Sequence[str]]) -> list[np.ndarray]:
        before, after = self._marks
        encodings = self._tokenizer.encode_batch(["".join(words) for words in articles], add_special_tokens=False)
        windows = [before + encoding.ids[: self._room] + after for encoding in encodings]
        found = []
        for words, encoding, states in zip(
            articles, encodings, run_batches(self.engine, windows, pad_id=self._pad_id), strict=True
        ):
            body = states[len(before) : len(states) - len(after)]
            found.append(_mean_by_word(words, encoding.offsets[: self._room], body).astype(np.float16))
        return found


def _mean_by_word(words: Sequence[str], offsets: Sequence[tuple[int, int]], states: np.ndarray) -> np.ndarray:
    """Average token states, (tokens, width), over words: a token belongs to every word that it overlaps."""
    word_of = np.repeat(np.arange(len(words)), [len(word) for word in words])
    means = np.zeros((len(words), states.shape[1]), dtype=np.float32)
    counts = np.zeros(len(words), dtype=np.float32)
    for (start, end), state in zip(offsets, states, strict=True):
        if start >= end or start >= len(word_of):
            continue
        first, last = word_of[start], word_of[min(end, len(word_of)) - 1]
        means[first : last + 1] += state
        counts[first : last + 1] += 1
    means /= np.maximum(counts, 1)[:, None]
    return means


def _build(folder: Path, layers: tuple[int, ...]) -> "torch.nn.Module":
    import torch

    from toolkit.encoders.loading import load_encoder_module

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = load_encoder_module(folder)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            found = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            return torch.cat([found.hidden_states[layer] for layer in layers], dim=-1)

    return States().eval()
