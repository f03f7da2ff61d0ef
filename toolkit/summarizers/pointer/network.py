"""The pointer network: at each step it copies a word of the article or writes one of a short list.

A pointer network (Vinyals et al., "Pointer Networks", 2015) with a list of words to write beside it (See et al., "Get
To The Point: Summarization with Pointer-Generator Networks", 2017), over the states of a frozen encoder. An item is a
whole number: below ``n_written`` it is a mark or a word of the list, from there on it is ``n_written`` plus the
position of a word in the article. Every position is scored by its distance from the word copied last, too: going on
with the next word is easy to learn, and copying comes in runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from toolkit.summarizers.pointer.source import FIGURES

PAD, END, FIRST_START = 0, 1, 2  # one start mark for each mode; then the words that can be written
_DISTANCES = 16  # words; farther ones share a value with their direction
_LEFT_STEP, _LEFT_MOST = 4, 40  # characters left, in steps of four, up to 160
_MASKED = -1e9


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network: ``states`` is the width of the word vectors, ``written`` counts marks and words."""

    states: int
    written: int
    width: int = 256
    heads: int = 4
    encoder_layers: int = 2
    decoder_layers: int = 3
    dropout: float = 0.1


@dataclass(slots=True)
class Memory:
    """Articles to point at: ``words`` (articles, words, width) and ``mask`` (articles, words), True for a word.

    ``keys`` and ``crossed`` are what the pointer and the decoder's layers compare with. ``apart`` (words + 1, words) is
    the number of each word's distance from the word copied last, whose place is one less than the row; row 0: none.
    """

    words: torch.Tensor
    mask: torch.Tensor
    keys: torch.Tensor
    crossed: list[tuple[torch.Tensor, torch.Tensor]]
    apart: torch.Tensor

    def keep(self, articles: torch.Tensor) -> "Memory":
        """Return some of the articles."""
        crossed = [(keys[articles], values[articles]) for keys, values in self.crossed]
        return Memory(self.words[articles], self.mask[articles], self.keys[articles], crossed, self.apart)


class Past:
    """The keys and values of earlier steps, in a buffer that is made once: a fresh one at each step costs more than it.

    Its shape is (layers, 2, rows, heads, steps, width of a head); ``length`` counts the steps that are filled.
    """

    def __init__(self, shape: Shape, *, rows: int, steps: int) -> None:
        """Make room for so many rows and steps."""
        self.length = 0
        self._filled = torch.empty(shape.decoder_layers, 2, rows, shape.heads, steps, shape.width // shape.heads)

    def append(self, layer: int, keys_values: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Add a step's keys and values, (rows, heads, 1, width of a head); return those of all steps so far."""
        for part, values in enumerate(keys_values):
            self._filled[layer, part, :, :, self.length] = values[:, :, 0]
        keys, values = self._filled[layer, :, :, :, : self.length + 1]
        return keys, values

    def reorder(self, parents: torch.Tensor) -> None:
        """Let every row go on from the row ``parents[row]``; only what changes its row is moved."""
        moved = (parents != torch.arange(len(parents))).nonzero()[:, 0]
        if len(moved):
            filled = self._filled[..., : self.length, :]
            filled.index_copy_(2, moved, filled.index_select(2, parents[moved]))

    def keep(self, rows: torch.Tensor) -> None:
        """Forget the other rows."""
        filled = self._filled
        shape = list(filled.shape)
        shape[2] = len(rows)
        self._filled = torch.empty(shape)
        self._filled[..., : self.length, :] = filled[..., : self.length, :].index_select(2, rows)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def split(self, states: torch.Tensor) -> torch.Tensor:
        batch, length, width = states.shape
        return states.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

    def keys_values(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        key, value = self.key_value(states).chunk(2, dim=-1)
        return self.split(key), self.split(value)

    def forward(
        self,
        states: torch.Tensor,
        keys_values: tuple[torch.Tensor, torch.Tensor],
        mask: torch.Tensor | None,
        *,
        causal: bool = False,
    ) -> torch.Tensor:
        query = self.split(self.query(states))
        mixed = scaled_dot_product_attention(query, *keys_values, attn_mask=mask, is_causal=causal)
        out: torch.Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return out


class _Layer(nn.Module):
    def __init__(self, shape: Shape, *, crossed: bool) -> None:
        super().__init__()
        width = shape.width
        self.attention = _Attention(width, shape.heads)
        self.cross = _Attention(width, shape.heads) if crossed else None
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3 if crossed else 2))
        self.feed = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.dropout = nn.Dropout(shape.dropout)

    def forward(
        self,
        states: torch.Tensor,
        mask: torch.Tensor | None,
        crossed: tuple[tuple[torch.Tensor, torch.Tensor], torch.Tensor] | None = None,
        past: tuple[Past, int] | None = None,
    ) -> torch.Tensor:
        normed = self.norms[0](states)
        present = self.attention.keys_values(normed)
        if past is not None:
            cache, layer = past
            present = cache.append(layer, present)
        causal = crossed is not None and past is None
        states = states + self.attention(normed, present, mask, causal=causal)
        if self.cross is not None and crossed is not None:
            # All rows of an article ask at once: copies of what they ask would cost more than the asking.
            asking = _together(self.norms[1](states), len(crossed[0][0]))
            states = states + self.cross(asking, *crossed).view(states.shape)
        found: torch.Tensor = states + self.dropout(self.feed(self.norms[-1](states)))
        return found


def _together(states: torch.Tensor, articles: int) -> torch.Tensor:
    """Bring the rows of each article together: (rows, steps, width) to (articles, rows of one x steps, width)."""
    return states.reshape(articles, -1, states.shape[-1])


class PointerNetwork(nn.Module):
    """Word vectors and figures in, log-probabilities of items out."""

    def __init__(self, shape: Shape) -> None:
        """Build it with fresh weights."""
        super().__init__()
        width = shape.width
        self.shape = shape
        self.project = nn.Linear(shape.states, width)
        self.scale = nn.LayerNorm(shape.states)
        self.figures = nn.ModuleList(nn.Embedding(size, width) for size in FIGURES.values())
        self.encoder = nn.ModuleList(_Layer(shape, crossed=False) for _ in range(shape.encoder_layers))
        self.encoded = nn.LayerNorm(width)
        self.kept = nn.Linear(width, 1)
        self.written = nn.Embedding(shape.written, width)
        self.copied = nn.Linear(width, width)
        self.left = nn.Embedding(_LEFT_MOST + 1, width)
        self.decoder = nn.ModuleList(_Layer(shape, crossed=True) for _ in range(shape.decoder_layers))
        self.decoded = nn.LayerNorm(width)
        self.write = nn.Linear(width, width)
        self.point = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.distance = nn.Linear(width, 2 * _DISTANCES + 2)
        self.again = nn.Linear(width, 1)
        self.drop = nn.Dropout(shape.dropout)
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, std=0.05)

    def encode(self, states: torch.Tensor, figures: torch.Tensor, mask: torch.Tensor) -> Memory:
        """Prepare articles: states (batch, words, states), figures (batch, words, figures), mask (batch, words)."""
        words = self.project(self.scale(states))
        for number, embed in enumerate(self.figures):
            words = words + embed(figures[..., number])
        words = self.drop(words)
        attended = mask[:, None, None, :]
        for layer in self.encoder:
            words = layer(words, attended)
        words = self.encoded(words)
        crossed = [layer.cross.keys_values(words) for layer in self.decoder]  # type: ignore[union-attr, operator]
        return Memory(words, mask, self.key(words), crossed, _apart(words.shape[1], words.device))

    def decode(self, memory: Memory, items: torch.Tensor, left: torch.Tensor, past: Past | None = None) -> torch.Tensor:
        """Return hidden states (rows, steps, width) for items of that shape.

        Every article of ``memory`` has as many rows as the others, one after another. ``left`` says how many
        characters are left at each step. With ``past``, items are one more step, which is added to it.
        """
        written = self.written(items.clamp(max=self.shape.written - 1))
        places = (items - self.shape.written).clamp(min=0).view(len(memory.words), -1, 1)
        copied = torch.gather(memory.words, 1, places.expand(-1, -1, self.shape.width)).view(written.shape)
        is_copy = (items >= self.shape.written)[..., None]
        states = torch.where(is_copy, self.copied(copied), written)
        states = self.drop(states + self.left((left // _LEFT_STEP).clamp(0, _LEFT_MOST)))
        attended = memory.mask[:, None, None, :]
        for number, layer in enumerate(self.decoder):
            cache = None if past is None else (past, number)
            states = layer(states, None, (memory.crossed[number], attended), cache)
        if past is not None:
            past.length += 1
        hidden: torch.Tensor = self.decoded(states)
        return hidden

    def score(self, memory: Memory, hidden: torch.Tensor, last: torch.Tensor, taken: torch.Tensor) -> torch.Tensor:
        """Return log-probabilities of the next item: (rows, steps, written + words).

        ``last`` (rows, steps) is the position of the word copied last, -1 before the first; ``taken`` (rows, steps,
        words) says which were copied already.
        """
        articles, words = memory.mask.shape
        write = self.write(hidden) @ self.written.weight.T / self.shape.width**0.5
        point = _together(self.point(hidden), articles) @ memory.keys.transpose(1, 2) / self.shape.width**0.5
        point = point.masked_fill(~memory.mask[:, None, :], _MASKED).view(*hidden.shape[:2], words)
        point = point + torch.gather(self.distance(hidden), 2, memory.apart[last + 1]) + taken * self.again(hidden)
        return torch.log_softmax(torch.cat([write, point], dim=-1).float(), dim=-1)


def _apart(words: int, device: torch.device) -> torch.Tensor:
    at = torch.arange(words, device=device)
    apart = (at - at[:, None]).clamp(-_DISTANCES, _DISTANCES) + _DISTANCES
    return torch.cat([torch.full_like(apart[:1], 2 * _DISTANCES + 1), apart])


def last_copied(items: Sequence[int], n_written: int) -> list[int]:
    """Return for each step the position of the word copied last up to it, -1 before the first."""
    found, last = [], -1
    for item in items:
        last = item - n_written if item >= n_written else last
        found.append(last)
    return found
