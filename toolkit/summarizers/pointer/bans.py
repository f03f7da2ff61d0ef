"""Which items may come next in a summary: what the rules of a search ban, for many unfinished summaries at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch

from toolkit.summarizers.pointer.drafts import Drafts
from toolkit.summarizers.pointer.lexicon import writable
from toolkit.summarizers.pointer.network import END
from toolkit.summarizers.pointer.source import PointerSource

MARKS = "，。、；：！？"
FINAL = "。！？"
CLAUSE_ENDS = "，。；：！？"
_CLOSERS = "”’」』"
_NO_MARK, _MARK, _FINAL = range(3)


@dataclass(frozen=True, slots=True)
class Rules:
    """How to search: once for each of ``targets``, each with so many beams, and never past ``max_chars`` characters.

    A target is how many characters the network is told to fill; ``start`` is the start mark's item.
    A numeral is copied only together with the word after it, unless that is a mark, and nothing is copied from the
    middle of such a run. A sentence ends where a clause of the article ends, or after a written word. In an abstract,
    another clause of the article is gone on with only after a mark or a written word: the subject of the one would get
    the verb of the other. What is written are function words, or the article's own characters. ``free`` drops these
    rules. No word comes twice in a headline, or twice running in an abstract.
    """

    mode: str
    start: int
    max_chars: int
    targets: tuple[int, ...]
    beams: int
    free: bool = False


@dataclass(slots=True)
class Tables:
    """What is known of every item of every article: all but ``clauses`` have shape (articles, written + words)."""

    chars: torch.Tensor
    mark: torch.Tensor  # _NO_MARK, _MARK or _FINAL: a mark that ends a sentence
    clause_end: torch.Tensor
    clause: torch.Tensor  # the same whole number for the words of a clause; 0 for marks and what is written
    closes: torch.Tensor
    number: torch.Tensor
    word: torch.Tensor  # the same whole number for the same word; 0 for marks
    never: torch.Tensor
    unless_next: torch.Tensor  # True for what comes only right after the word before it in the article
    clauses: torch.Tensor  # (articles, clauses + 1, written + words): True for the words of the other clauses

    def keep(self, articles: torch.Tensor) -> "Tables":
        """Return what is known of some of the articles."""
        return Tables(*(getattr(self, field.name)[articles] for field in fields(self)))


def read_tables(sources: Sequence[PointerSource], written: Sequence[str], width: int, rules: Rules) -> Tables:
    """Return the tables of articles; ``width`` is the number of words of the longest."""
    n, shape = len(written), (len(sources), len(written) + width)
    chars, mark, clause = (torch.zeros(shape, dtype=torch.int16) for _ in range(3))
    word_of = torch.zeros(shape, dtype=torch.int32)
    clause_end, closes, number = (torch.zeros(shape, dtype=torch.bool) for _ in range(3))
    allowed = torch.ones(shape, dtype=torch.bool)
    for row, source in enumerate(sources):
        words = [*written, *source.words]
        known: dict[str, int] = {}
        word_of[row, : len(words)] = torch.tensor(
            [known.setdefault(word, len(known) + 1) if word and word not in MARKS else 0 for word in words]
        )
        chars[row, : len(words)] = torch.tensor([len(word) for word in words])
        mark[row, : len(words)] = torch.tensor([bool(word) * ((word in MARKS) + (word in FINAL)) for word in words])
        for table, members in ((clause_end, CLAUSE_ENDS), (closes, _CLOSERS)):
            table[row, : len(words)] = torch.tensor([bool(word) and word in members for word in words])
        number[row, n : len(words)] = torch.from_numpy(source.number)
        clause[row, n : len(words)] = 1 + clause_end[row, n : len(words)].cumsum(0).short()
        if not rules.free:
            allowed[row, :n] = torch.tensor(writable(written, source.words))
    clause *= mark == _NO_MARK
    never = ~allowed | (chars == 0)
    if rules.mode == "headline":
        never |= mark == _FINAL
    unless_next = torch.zeros(shape, dtype=torch.bool)
    unless_next[:, n + 1 :] = number[:, n:-1] & (mark[:, n + 1 :] == _NO_MARK)
    numbers = torch.arange(int(clause.max()) + 1, dtype=torch.int16)[:, None]
    clauses = (numbers > 0) & (clause[:, None] > 0) & (clause[:, None] != numbers)
    return Tables(chars, mark, clause_end, clause, closes, number, word_of, never, unless_next, clauses)


def banned(drafts: Drafts, tables: Tables, rules: Rules) -> torch.Tensor:
    """Return which items may not come next: (articles, rows of one, written + words), True where banned."""
    width = tables.chars.shape[1]
    n_written = width - drafts.taken.shape[2]
    flat = torch.arange(len(drafts.items))[:, None] * width  # where an article's items begin in a flat table
    current = drafts.items[:, :, -1]
    mark, following = tables.mark.take(flat + current), (current + 1).clamp(max=width - 1)
    found = tables.chars[:, None] > (rules.max_chars - drafts.used).short()[:, :, None]
    found |= tables.never[:, None]
    found[:, :, n_written:] |= drafts.taken & (tables.mark[:, None, n_written:] == _NO_MARK)
    for items in drafts.items.unbind(2) if rules.mode == "headline" else (current,):
        word = tables.word.take(flat + items)
        found |= tables.word[:, None] == torch.where(word == 0, -1, word)[:, :, None]
    most = torch.full_like(mark, _FINAL)
    open_number = torch.zeros_like(found[:, :, 0])
    if not rules.free:
        most[(current >= n_written) & ~tables.clause_end.take(flat + following)] = _MARK
        if rules.mode == "abstract":
            found |= tables.clauses[torch.arange(len(flat))[:, None], tables.clause.take(flat + current).long()]
    most[mark > _NO_MARK if drafts.items.shape[2] > 1 else torch.ones_like(open_number)] = _NO_MARK
    found |= tables.mark[:, None] > most[:, :, None]
    if not rules.free:
        open_number = _keep_numbers_whole(found, tables, current, flat, n_written)
    ends = mark == _NO_MARK if rules.mode == "headline" else (mark == _FINAL) | tables.closes.take(flat + current)
    found[:, :, END] = ~ends | open_number | (drafts.items.shape[2] == 1)
    return found


def _keep_numbers_whole(
    found: torch.Tensor, tables: Tables, current: torch.Tensor, flat: torch.Tensor, n_written: int
) -> torch.Tensor:
    """Ban, in place, what would tear a numeral from its unit; return which rows stand between the two."""
    following = (current + 1).clamp(max=found.shape[2] - 1)
    open_number = tables.number.take(flat + current) & (tables.mark.take(flat + following) == _NO_MARK)
    # Neither rule is for a word copied right after the one before it.
    only_next = found.gather(2, following[:, :, None])[:, :, 0]
    only_next |= tables.unless_next.take(flat + following) & (current < n_written)
    found |= tables.unless_next[:, None]
    found |= open_number[:, :, None]
    found.scatter_(2, following[:, :, None], only_next[:, :, None])
    return open_number
