"""Articles to windows of tokens: title and a stretch of the text; a long article is read to its end, or says it is not.

Every window holds the title and the next ``max_tokens`` worth of text; neighbours share ``stride`` tokens of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.encoders.loading import load_tokenizer
from toolkit.types import Article, DataError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_TITLE_SHARE = 2  # the title may fill one half of a window
_CHARS_PER_TOKEN = 8  # beyond that many characters for each token nothing could be read; saves tokenizing whole books


@dataclass(frozen=True, slots=True)
class WindowRule:
    """How articles are cut: tokens in a window, tokens that neighbours share, and the most windows of an article."""

    max_tokens: int
    stride: int
    max_windows: int


@dataclass(frozen=True, slots=True)
class Window:
    """One window of an article.

    ``token_ids`` is what the encoder reads. ``spans`` has one (part, begin, end) for each token: part 0 is the title, 1
    the text, -1 a special token, and begin and end are character positions in that part.
    """

    article: int
    token_ids: list[int]
    spans: list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Cut:
    """A batch of articles as windows, in order; for each article how many, and whether something of it is unread."""

    windows: list[Window]
    counts: list[int]
    truncated: list[bool]


def title_of(article: Article) -> str:
    """Return the title with the subtitle, as the encoder reads it."""
    return f"{article.title} {article.subtitle}" if article.subtitle else article.title


class WindowCutter:
    """Cuts articles with a tokenizer of the ``tokenizers`` library."""

    def __init__(self, tokenizer: "Tokenizer", rule: WindowRule) -> None:
        """Take a tokenizer without truncation and padding, and how to cut.

        Raises:
            DataError: a window is too small for the tokenizer's own marks.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._rule = rule
        self._marks = _marks(tokenizer)
        self._room = rule.max_tokens - sum(map(len, self._marks))
        if self._room < 2 * _TITLE_SHARE or rule.stride * _TITLE_SHARE >= self._room:
            raise DataError(
                f"windows of {rule.max_tokens} tokens with a stride of {rule.stride} leave no room to go on; the stride"
                " must be less than half of max_tokens"
            )

    @classmethod
    def load(cls, path: Path, rule: WindowRule) -> "WindowCutter":
        """Load a ``tokenizer.json``.

        Raises:
            DataError: it is missing or no tokenizer file.
        """
        return cls(load_tokenizer(path), rule)

    def cut(self, articles: Sequence[Article]) -> Cut:
        """Cut articles into windows; each has at least one."""
        # Whatever lies beyond could not be read; the tokenizer need not see it.
        limit = self._rule.max_tokens * self._rule.max_windows * _CHARS_PER_TOKEN
        titles = self._encode([title_of(article)[:limit] for article in articles])
        texts = self._encode([article.text[:limit] for article in articles])
        windows: list[Window] = []
        counts, truncated = [], []
        for number, article in enumerate(articles):
            found, unread = self._windows(number, titles[number], texts[number])
            windows += found
            counts.append(len(found))
            truncated.append(unread or len(article.text) > limit)
        return Cut(windows, counts, truncated)

    def _encode(self, parts: list[str]) -> "list[Encoding]":
        return self._tokenizer.encode_batch(parts, add_special_tokens=False)

    def _windows(self, number: int, title: "Encoding", text: "Encoding") -> tuple[list[Window], bool]:
        before, between, after = self._marks
        longest_title = self._room // _TITLE_SHARE
        head = before + title.ids[:longest_title] + between
        head_spans = _spans(-1, before) + _spans(0, title.offsets[:longest_title]) + _spans(-1, between)
        room = self._rule.max_tokens - len(head) - len(after)
        step = room - self._rule.stride
        ids, offsets = text.ids, text.offsets
        # A window that began within the last one's stride would hold nothing new.
        starts = range(0, max(1, len(ids) - self._rule.stride), step)
        windows = [
            Window(
                number,
                head + ids[start : start + room] + after,
                head_spans + _spans(1, offsets[start : start + room]) + _spans(-1, after),
            )
            for start in starts[: self._rule.max_windows]
        ]
        return windows, len(starts) > self._rule.max_windows or len(title.ids) > longest_title


def _spans(part: int, tokens: Sequence[int] | Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    return [(part, *token) if isinstance(token, tuple) else (part, 0, 0) for token in tokens]


def _marks(tokenizer: "Tokenizer") -> tuple[list[int], list[int], list[int]]:
    """Return the tokenizer's own tokens before, between and after a pair of texts, as its file lays them down."""
    pair = tokenizer.encode("一", "一")
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    at = 0
    for token, special, sequence in zip(pair.ids, pair.special_tokens_mask, pair.sequence_ids, strict=True):
        if special:
            parts[at].append(token)
        else:
            at = 1 if sequence == 0 else 2
    return parts
