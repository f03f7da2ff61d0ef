"""Writing with the article's own words: at each step a model may choose only tokens whose text the article has.

Beside them are function words and punctuation, which say nothing by themselves. A run of digits or letters (2023, 3.5%,
COVID-19) comes as a whole that the article has, whatever tokens it is cut into: the first token of a run must begin one
of the article's, each next one must go on with it, and nothing else may come before it is complete.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from unicodedata import normalize

import torch
from transformers import LogitsProcessor

from toolkit.summarizers.pieces import WORD_START, Pieces
from toolkit.summarizers.runs import INNER_MARKS, RUN, is_glued, is_letter

# No numerals, no negation, no tense, no time and no measure: those say something, and come from the article.
FUNCTION_WORDS = (
    *"的了着在是和与及并或对为以于从自至到由被把让使向往给等也都还又再就而但则因所其之该此这那各者中内外上下里间",
    *("以及", "并且", "或者", "其中", "同时", "通过", "根据", "按照", "关于", "对于", "由于", "因此", "为了", "从而"),
    *("作为", "进行", "有关", "相关", "之间", "方面", "他们", "自己"),
    *"，。、；：？！“”‘’（）《》—…·",
)
_LONGEST_RUN = 40  # characters: what is longer, such as an address on the web, is in no summary
_LONGEST_PIECE = 12  # characters of a token that are looked for in an article
_HOPELESS = -1e9


class Vocabulary:
    """What is the same for all articles: the tokens' texts, and which of them may always come."""

    def __init__(self, pieces: Pieces, *, opening: Collection[int], ending: Collection[int]) -> None:
        """Take the pieces, the ids of the special tokens that may come first, and of those that end a text."""
        self.pieces = pieces
        self.opening = frozenset(opening)
        self.ending = frozenset(ending)
        wanted = {spelling for word in (" ", *FUNCTION_WORDS) for spelling in (word, normalize("NFKC", word))}
        self.function_ids = frozenset(number for number, text in enumerate(pieces.texts) if text in wanted)
        self._by_text: dict[str, int] = {}
        for number, text in enumerate(pieces.texts):
            self._by_text.setdefault(text, number)

    def ids_within(self, text: str) -> set[int]:
        """Return the ids of the tokens whose text stands in ``text``, however that would be cut into tokens."""
        parts = {
            text[start:end]
            for start in range(len(text))
            for end in range(start + 1, min(len(text), start + _LONGEST_PIECE) + 1)
        }
        spellings = (mark + part for part in parts for mark in ("", " ", WORD_START))
        return {self._by_text[spelling] for spelling in spellings if spelling in self._by_text}


class ArticleRules:
    """What may be written of one article. A state is the run that has begun, empty outside of any.

    After each token in ``plain`` it is empty.
    """

    def __init__(self, vocabulary: Vocabulary, source_ids: Sequence[int]) -> None:
        """Take the vocabulary and the ids of the article's own tokens."""
        self._pieces = vocabulary.pieces
        self._ending = vocabulary.ending
        text = self._pieces.join(source_ids)
        self._runs = {run for run in RUN.findall(text) if len(run) <= _LONGEST_RUN}
        self._prefixes = {run[:end] for run in self._runs for end in range(1, len(run) + 1)}
        # A summary may cut the same words into other tokens than the article.
        usable = (vocabulary.ids_within(text) | set(source_ids)) - self._pieces.special
        self._inner, self.plain = _sort_tokens(self._pieces, usable | vocabulary.function_ids)
        self._after: dict[tuple[str, int], str | None] = {}
        self._allowed: dict[str, torch.Tensor] = {}
        self._good = self._states_with_a_way_out()

    def allowed(self, state: str) -> torch.Tensor:
        """Return the ids that may come next."""
        if state not in self._allowed:
            found = {*self.plain, *self._ending} if self._is_whole(state) else set()
            found.update(token for token, after in self._steps(state) if after in self._good)
            self._allowed[state] = torch.tensor(sorted(found), dtype=torch.long)
        return self._allowed[state]

    def state(self, token_ids: Sequence[int]) -> str | None:
        """Return the state after a text, or None where it breaks the rules."""
        state: str | None = ""
        for token_id in token_ids:
            if state is None:
                return None
            state = self._next(state, token_id)
        return state

    def is_followed_by(self, token_ids: Sequence[int]) -> bool:
        """Say whether a text keeps the rules to its end."""
        state = self.state(token_ids)
        return state is not None and self._is_whole(state)

    def _states_with_a_way_out(self) -> set[str]:
        """Return the states from which the article's tokens lead to a whole run.

        34 begins 347, but where the tokens are 12, 34 and 347 (of 1234 and 347), nothing goes on from it.
        """
        good = {state for state in ("", *self._prefixes) if self._is_whole(state)}
        ways = {state: [after for _, after in self._steps(state)] for state in self._prefixes - good}
        while found := {state for state, ends in ways.items() if state not in good and not good.isdisjoint(ends)}:
            good |= found
        return good

    def _steps(self, state: str) -> Iterable[tuple[int, str]]:
        whole = self._is_whole(state)
        for char, tokens in self._inner.items():
            if whole or state + char in self._prefixes:
                for token in tokens:
                    if (after := self._next(state, token)) is not None:
                        yield token, after

    def _next(self, state: str, token_id: int) -> str | None:
        key = (state, token_id)
        if key not in self._after:
            text = self._pieces.texts[token_id] if token_id < len(self._pieces.texts) else ""
            ends = token_id in self._ending
            self._after[key] = ("" if self._is_whole(state) else None) if ends else self._read(state, text)
        return self._after[key]

    def _read(self, state: str, text: str) -> str | None:
        if text.startswith(WORD_START):
            text = (" " if state and is_letter(state[-1]) else "") + text.removeprefix(WORD_START)
        for char in text:
            longer = state + char
            if is_glued(char) or (state and char in INNER_MARKS and longer in self._prefixes):
                if longer not in self._prefixes:
                    return None
                state = longer
            elif self._is_whole(state):
                state = ""
            else:
                return None
        return state

    def _is_whole(self, state: str) -> bool:
        # 3. is the beginning of 3.5, and also 3 at the end of a sentence.
        return not state or state in self._runs or state.rstrip(INNER_MARKS) in self._runs


def _sort_tokens(pieces: Pieces, token_ids: Iterable[int]) -> tuple[dict[str, list[int]], frozenset[int]]:
    """Return the tokens that may begin a run or go on with one, by their first character, and the others.

    A mark is among the first: the point of 3.5 is also a full stop.
    """
    plain, inner = set(), defaultdict(list)
    for token_id in sorted(token_ids):
        text = pieces.texts[token_id].removeprefix(WORD_START)
        if any(map(is_glued, text)) or text[:1] in tuple(INNER_MARKS):
            inner[text[0]].append(token_id)
        else:
            plain.add(token_id)
    return dict(inner), frozenset(plain)


class OwnWords(LogitsProcessor):
    """Rules out, at each step of ``generate``, every token that the rules of the row's article do not allow."""

    def __init__(self, vocabulary: Vocabulary, rules: Sequence[ArticleRules], *, num_beams: int) -> None:
        """Take the rules of each article of the batch, whose rows ``generate`` repeats ``num_beams`` times."""
        self._opening = torch.tensor(sorted(vocabulary.opening), dtype=torch.long)
        self._end = min(vocabulary.ending)
        self._rules = rules
        self._num_beams = num_beams

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores``, (rows, vocabulary), with minus infinity for what is ruled out."""
        kept = torch.full_like(scores, -torch.inf)
        first = input_ids.shape[1] == 1
        for row, token_ids in enumerate(input_ids.tolist()):
            rules = self._rules[row // self._num_beams]
            # The first token only starts the decoder; after most others, no run is open.
            state = "" if token_ids[-1] in rules.plain else rules.state(token_ids[1:])
            allowed = rules.allowed(state) if state is not None else self._opening[:0]
            columns = (torch.cat([allowed, self._opening]) if first else allowed).to(scores.device)
            values = scores[row, columns]
            kept[row, columns] = values
            # Another processor, such as one against repetitions, may have ruled out the rest of a run.
            if torch.isneginf(values).all():
                kept[row, self._end] = _HOPELESS
        return kept
