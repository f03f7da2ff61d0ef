"""What an encoder-decoder reads of an article: whole sentences, as many as its window holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.residue import body_sentences
from toolkit.summarizers.textrank import rank_sentences
from toolkit.types import Article, Mode

_FROM_START = 0.5  # of the window: news says first what matters, and the rest of it goes to what is central
_MOST_SENTENCES = 400  # that are looked at, as in textrank


@dataclass(frozen=True, slots=True)
class Source:
    """An article as token ids: ``input_ids`` with the prefix and special tokens, ``own_ids`` without; both cut to fit.

    ``in_part`` says that some of the article was left out.
    """

    input_ids: list[int]
    own_ids: list[int]
    in_part: bool


@dataclass(frozen=True, slots=True)
class SourceReader:
    """Reads articles for one tokenizer; ``prefixes`` are put before the text, ``max_tokens`` counts everything."""

    tokenizer: Any
    prefixes: Mapping[Mode, str]
    max_tokens: int

    def read(self, article: Article, mode: Mode) -> Source:
        """Return the tokens of the article's running text; its title is not read.

        Of an article that is too long, the first sentences fill half the window, then the most central ones, all in the
        order of the article. A sentence that is longer than the window by itself is cut.
        """
        prefix = self.prefixes.get(mode, "")
        sentences = body_sentences(article)
        room = self.max_tokens - len(self.tokenizer(prefix)["input_ids"])
        chosen = self._choose(sentences, room)
        text = "".join(sentences[place] for place in chosen)
        whole = self.tokenizer(prefix + text, truncation=True, max_length=self.max_tokens)["input_ids"]
        own = self.tokenizer(text, add_special_tokens=False, truncation=True, max_length=room)["input_ids"]
        # A first sentence that had to be cut was chosen all the same.
        in_part = len(chosen) < len(sentences) or len(whole) == self.max_tokens
        return Source(whole, own, in_part)

    def _choose(self, sentences: Sequence[str], room: int) -> list[int]:
        """Return the places of the sentences to read."""
        if not sentences:
            return []
        looked_at = sentences[:_MOST_SENTENCES]
        lengths = [len(ids) for ids in self.tokenizer(list(looked_at), add_special_tokens=False)["input_ids"]]
        if sum(lengths) <= room and len(looked_at) == len(sentences):
            return list(range(len(sentences)))
        chosen, used = [0], lengths[0]
        for place in range(1, len(looked_at)):
            if used + lengths[place] > room * _FROM_START:
                break
            chosen.append(place)
            used += lengths[place]
        for place in rank_sentences(looked_at):
            if place not in chosen and used + lengths[place] <= room:
                chosen.append(place)
                used += lengths[place]
        return sorted(chosen)
