"""Beam search for the pointer network, with rules for what may follow what."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from toolkit.summarizers.pointer.lexicon import writable
from toolkit.summarizers.pointer.network import END, Memory, Past, PointerNetwork
from toolkit.summarizers.pointer.source import PointerSource

MARKS = "，。、；：！？"
FINAL = "。！？"
CLAUSE_ENDS = "，。；：！？"
_CLOSERS = "”’」』"
_NEVER = -1e9
_MOST_STEPS = {"abstract": 110, "headline": 26}


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


@dataclass(frozen=True, slots=True)
class Path:
    """A finished summary: its items without marks, and the mean log-probability of them and the end."""

    items: tuple[int, ...]
    score: float


@dataclass(slots=True)
class _Tables:
    """What is known of every item of every article: all have shape (rows, written + words)."""

    chars: torch.Tensor
    mark: torch.Tensor
    final: torch.Tensor
    clause_end: torch.Tensor
    clause: torch.Tensor  # the same whole number for the words of a clause of the article; 0 for what is written
    closes: torch.Tensor
    number: torch.Tensor
    word: torch.Tensor  # the same whole number for the same word; 0 for marks
    allowed: torch.Tensor

    def rows(self, numbers: torch.Tensor) -> "_Tables":
        return _Tables(*(getattr(self, name)[numbers] for name in self.__slots__))


@dataclass(slots=True)
class _Beams:
    """The unfinished summaries of every search: (searches x beams) rows."""

    items: torch.Tensor  # (rows, steps)
    scores: torch.Tensor  # (searches, beams)
    used: torch.Tensor  # (rows,) characters
    last: torch.Tensor  # (rows,) position of the word copied last, -1: none
    taken: torch.Tensor  # (rows, words) 1 for a copied word


def words_of(items: Sequence[int], source: PointerSource, written: Sequence[str]) -> list[str]:
    """Return the words that items stand for."""
    n = len(written)
    return [source.words[item - n] if item >= n else written[item] for item in items]


@torch.inference_mode()
def search(
    network: PointerNetwork, memory: Memory, sources: Sequence[PointerSource], written: Sequence[str], rules: Rules
) -> list[list[Path]]:
    """Return the finished summaries of each source, best first; none where none could be finished.

    ``memory`` has one article for each of ``sources``. ``written`` holds the words that can be written, with an empty
    string for each mark.
    """
    n, searches = len(sources), len(rules.targets)
    target_chars = torch.tensor(rules.targets).repeat_interleave(rules.beams).repeat(n)
    rows = torch.arange(n).repeat_interleave(searches * rules.beams)
    tables = _tables(sources, written, memory.mask.shape[1], free=rules.free).rows(rows)
    state = _start(n * searches, rules.beams, memory.mask.shape[1], rules.start)
    past = Past(network.shape, rows=len(rows), steps=_MOST_STEPS[rules.mode])
    done: list[list[Path]] = [[] for _ in range(n * searches)]
    for _ in range(_MOST_STEPS[rules.mode]):
        left = (target_chars - state.used).clamp(min=0)[:, None]
        hidden = network.decode(memory, state.items[:, -1:], left, past)
        scores = network.score(memory, hidden, state.last[:, None], state.taken[:, None, :])[:, 0]
        scores = scores.masked_fill(_banned(state, tables, len(written), rules), _NEVER)
        chosen = _extend(state, scores, done, rules.beams)
        if chosen is None:
            break
        state, parents = _step(state, chosen, tables, len(written))
        past.reorder(parents)
    return [_merged(done[at : at + searches]) for at in range(0, len(done), searches)]


def _merged(found: Sequence[Sequence[Path]]) -> list[Path]:
    paths = {path.items: path for paths in found for path in paths}
    return sorted(paths.values(), key=lambda path: -path.score)


def _start(n: int, beams: int, words: int, start: int) -> _Beams:
    rows = n * beams
    scores = torch.zeros(n, beams)
    scores[:, 1:] = _NEVER  # all beams begin alike: one is enough
    zeros = torch.zeros(rows, dtype=torch.long)
    return _Beams(torch.full((rows, 1), start), scores, zeros, zeros - 1, torch.zeros(rows, words))


def _tables(sources: Sequence[PointerSource], written: Sequence[str], width: int, *, free: bool) -> _Tables:
    shape = (len(sources), len(written) + width)
    chars, clause, word_of = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    mark, final, clause_end, closes, number = (torch.zeros(shape, dtype=torch.bool) for _ in range(5))
    allowed = torch.ones(shape, dtype=torch.bool)
    for row, source in enumerate(sources):
        words = [*written, *source.words]
        known: dict[str, int] = {}
        word_of[row, : len(words)] = torch.tensor(
            [known.setdefault(word, len(known) + 1) if word and word not in MARKS else 0 for word in words]
        )
        chars[row, : len(words)] = torch.tensor([len(word) for word in words])
        if not free:
            allowed[row, : len(written)] = torch.tensor(writable(written, source.words))
        for table, members in ((mark, MARKS), (final, FINAL), (clause_end, CLAUSE_ENDS), (closes, _CLOSERS)):
            table[row, : len(words)] = torch.tensor([bool(word) and word in members for word in words])
        number[row, len(written) : len(words)] = torch.from_numpy(source.number)
        clause[row, len(written) : len(words)] = 1 + clause_end[row, len(written) : len(words)].long().cumsum(0)
    return _Tables(chars, mark, final, clause_end, clause, closes, number, word_of, allowed)


def _banned(state: _Beams, tables: _Tables, n_written: int, rules: Rules) -> torch.Tensor:
    """Return which items may not come next: (rows, written + words), True where banned."""
    current = state.items[:, -1:]
    at_start = state.items.shape[1] == 1
    is_mark, is_final, is_closer = (
        torch.gather(table, 1, current) & (not at_start) for table in (tables.mark, tables.final, tables.closes)
    )
    banned = ~tables.allowed | (state.used[:, None] + tables.chars > rules.max_chars)
    banned[:, :n_written] |= tables.chars[:, :n_written] == 0
    banned |= (is_mark | at_start) & tables.mark
    banned[:, n_written:] |= state.taken.bool() & ~tables.mark[:, n_written:]
    banned[:, n_written:] |= tables.chars[:, n_written:] == 0
    banned |= _said(state.items if rules.mode == "headline" else current, tables)
    ends = torch.zeros_like(is_mark) if at_start else ~is_mark if rules.mode == "headline" else is_final | is_closer
    if rules.mode == "headline":
        banned |= tables.final
    open_number = torch.zeros_like(is_mark)
    if not rules.free:
        open_number = _keep_numbers_whole(banned, current, tables, n_written)
        inside = (current >= n_written) & ~is_mark & ~torch.gather(tables.clause_end, 1, _next_of(current, banned))
        banned |= inside & tables.final
        if rules.mode == "abstract":
            here = torch.gather(tables.clause, 1, current)
            banned |= (here > 0) & ~is_mark & ~tables.mark & (tables.clause > 0) & (tables.clause != here)
    banned[:, END] = ~(ends & ~open_number)[:, 0]
    return banned


def _said(items: torch.Tensor, tables: _Tables) -> torch.Tensor:
    """Return which items are a word that stands among ``items`` (rows, steps): (rows, written + words)."""
    words = torch.gather(tables.word, 1, items)
    said = torch.zeros_like(tables.mark)
    for step in range(items.shape[1]):
        said |= tables.word == words[:, step : step + 1]
    return said & (tables.word > 0)


def _keep_numbers_whole(banned: torch.Tensor, current: torch.Tensor, tables: _Tables, n_written: int) -> torch.Tensor:
    """Ban, in place, what would tear a numeral from its unit; return which rows stand between the two: (rows, 1)."""
    following = _next_of(current, banned)
    copied = current >= n_written
    is_next = torch.zeros_like(banned).scatter_(1, following, copied)
    open_number = torch.gather(tables.number, 1, current) & copied & ~torch.gather(tables.mark, 1, following)
    banned |= open_number & ~is_next
    after_number = torch.zeros_like(banned)
    after_number[:, n_written + 1 :] = tables.number[:, n_written:-1]
    banned |= after_number & ~tables.mark & ~is_next
    return open_number


def _next_of(current: torch.Tensor, banned: torch.Tensor) -> torch.Tensor:
    """Return the item after each copied word in the article; the last one is its own."""
    return (current + 1).clamp(max=banned.shape[1] - 1)


def _extend(
    state: _Beams, scores: torch.Tensor, done: list[list[Path]], beams: int
) -> list[tuple[int, int, float]] | None:
    """Return (row, item, score) of the next beams, finishing those that end; None when every article has enough."""
    n, width = len(done), scores.shape[1]
    total = (state.scores.view(-1, 1) + scores).view(n, -1)
    best, places = total.topk(2 * beams, dim=1)
    steps = state.items.shape[1]
    chosen: list[tuple[int, int, float]] = []
    for article, (values, where) in enumerate(zip(best.tolist(), places.tolist(), strict=True)):
        going: list[tuple[int, int, float]] = []
        for value, place in zip(values, where, strict=True):
            row, item = article * beams + place // width, place % width
            if item != END:
                going.append((row, item, value))
            elif value > _NEVER / 2 and len(going) < beams:
                done[article].append(Path(tuple(state.items[row, 1:].tolist()), value / steps))
        if len(done[article]) >= beams:
            going = [(row, item, _NEVER) for row, item, _ in going]
        chosen += going[:beams]
    # What has no beam left that may go on is done, too.
    return chosen if any(score > _NEVER / 2 for _, _, score in chosen) else None


def _step(
    state: _Beams, chosen: list[tuple[int, int, float]], tables: _Tables, n_written: int
) -> tuple[_Beams, torch.Tensor]:
    parents = torch.tensor([row for row, _, _ in chosen])
    items = torch.tensor([item for _, item, _ in chosen])
    copied = items >= n_written
    taken = state.taken[parents]
    taken[copied.nonzero()[:, 0], items[copied] - n_written] = 1
    return _Beams(
        items=torch.cat([state.items[parents], items[:, None]], dim=1),
        scores=torch.tensor([score for _, _, score in chosen]).view(state.scores.shape),
        used=state.used[parents] + torch.gather(tables.chars[parents], 1, items[:, None])[:, 0],
        last=torch.where(copied, items - n_written, state.last[parents]),
        taken=taken,
    ), parents
