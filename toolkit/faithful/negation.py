"""A negation that the summary lost or added: the same words, denied in the one and affirmed in the other."""

import re
from collections.abc import Iterator

_NEGATOR = re.compile("没有|并非|绝非|禁止|严禁|无需|无须|不|没|未|无|勿|莫")
# What may say no in other words, without being a negation that could get lost.
_REFUSAL = re.compile(_NEGATOR.pattern + "|别|非|何[忍必须]|岂|避免|防止|防返|杜绝|拒|否认|难以|停止|切忌|谨防")
# Words that only look denied, and denials that another denial takes back.
_FIXED = re.compile(
    "不断|不仅|不但|不少|不同|不久|不过|不管|不论|不禁|不由|不只|不止|不愧|不妨|不惜|不锈|不动产|不法|不良|不料|不等|不一|不单|不光|不已"
    "|不满[0-9]|不得不|不无|无不|无非|无论|无人机|无线|无锡|无穷|无数|无比|未来|未必不|没收|没落|淹没|沉没|要不|差不多|了不起|对不起|不好意思"
    "|[一二三四五六七八九十]不|不[忘负]初心|是不是|能不能|会不会|好不好"
)
_MODAL = re.compile("[得能会可应准许再曾要必宜有]{1,2}")
_CAN = "能会可得许应"  # 能消除 of 不能消除 is no other sentence
_CLAUSE = re.compile(r"[^，。；！？：,;:!?\n]+")
_SAME_CLAUSE = re.compile(_CLAUSE.pattern + "$")
_KEY = 3  # characters after a negation that tell what is denied; two are enough at the end of a clause
_SHORTEST_KEY = 2
_CONTEXT = 3  # characters before a negation of which one is close before those words without it
_CLOSE = 6
_MORE = 3  # that many equal characters more after those words show the same sentence
_WINDOW = 12  # characters before those words in which any negation counts


class Polarity:
    """Which words an article denies and which it affirms."""

    def __init__(self, article: str) -> None:
        """Prepare a normal text."""
        self._text = article
        self._denied = {
            (clause[max(0, start - _CONTEXT) : start], key, clause[end : end + _MORE])
            for clause, _ in _clauses(article)
            for start, end, key in _denials(clause)
        }

    def reversed_in(self, summary: str) -> Iterator[tuple[int, int]]:
        """Yield the spans of words denied in the summary and only affirmed in the article, or the other way round."""
        for clause, offset in _clauses(summary):
            for start, end, key in _denials(clause):
                if self._is_never(key, denied=True) and self._goes_on(
                    clause[max(0, start - _CONTEXT) : start], key, clause[end : end + _MORE]
                ):
                    yield offset + start, offset + end
                    break
            yield from self._lost(clause, offset)

    def _goes_on(self, chars: str, key: str, after: str) -> bool:
        """Say whether the article has ``key`` with one of ``chars``, or in a new clause nothing, close before it.

        Or with ``after`` following it: one of both shows the same sentence.
        """
        starts = [match.start() for match in re.finditer(re.escape(key), self._text)]
        return any(
            _is_close(chars, self._text, start) or (after and self._text.startswith(after, start + len(key)))
            for start in starts
        )

    def _lost(self, clause: str, offset: int) -> Iterator[tuple[int, int]]:
        for before, key, after in self._denied:
            start = clause.find(key)
            if (
                start >= 0
                and (
                    key[0] in _CAN
                    or _is_close(before, clause, start)
                    or (after and clause.startswith(after, start + len(key)))
                )
                and not _is_denied(clause, start)
                and self._is_never(key, denied=False)
            ):
                yield offset + start, offset + start + len(key)
                return

    def _is_never(self, key: str, *, denied: bool) -> bool:
        """Say whether the article has ``key`` and never with the polarity asked for."""
        starts = [match.start() for match in re.finditer(re.escape(key), self._text)]
        return bool(starts) and all(_is_denied(self._text, start) != denied for start in starts)


def _clauses(text: str) -> Iterator[tuple[str, int]]:
    for match in _CLAUSE.finditer(text):
        yield match.group(), match.start()


def _denials(clause: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, key): the negation with what it denies, and that alone."""
    fixed = [match.span() for match in _FIXED.finditer(clause)]
    for match in _NEGATOR.finditer(clause):
        if any(start <= match.start() < end for start, end in fixed):
            continue
        modal = _MODAL.match(clause, match.end())
        for start in {match.end(), modal.end() if modal else match.end()}:
            key = clause[start : start + _KEY]
            if len(key) >= _SHORTEST_KEY:
                yield match.start(), start + len(key), key


def _is_close(chars: str, text: str, start: int) -> bool:
    """Say whether what is around a negation is there without it: a character before it, before the words it denies.

    It tells a negation that got lost from another sentence with the same words.
    """
    before = text[max(0, start - _CLOSE) : start]
    return not set(chars).isdisjoint(before) if chars else start == 0 or not before[-1:].isalnum()


def _is_denied(text: str, start: int) -> bool:
    before = _SAME_CLAUSE.search(text, max(0, start - _WINDOW), start)
    return before is not None and bool(_REFUSAL.search(before.group()))


def clause_around(text: str, position: int) -> str:
    """Return the clause of ``text`` that ``position`` is in."""
    return next((clause for clause, start in _clauses(text) if start <= position < start + len(clause)), "")
