"""Where a scraped page lost a line break: a heading, a caption or the title stands glued before a sentence.

Two logistic regressions answer. One looks at the characters around every place and lets few pass; the other reads the
words on both sides of those. ``training/headings.py`` fits them on headlines glued before sentences and writes their
weights to ``headings.json``.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from toolkit.joints import FULL_WIDTH, Tagged, has_verb, is_impossible, odds, read_weights, without_digits

WEIGHTS = Path(__file__).with_name("headings.json")
GATES = ("gate<", "gate>", "gate<<", "gate>>", "gate<>")  # begin the names of the first look's features
FIRST_LOOK = "first look"  # the odds below which a place is not looked at again
ENOUGH = "enough"  # the odds from which a sentence is cut
Pairs = dict[str, float]
_FARTHEST = 70  # characters before a joint; few headings are longer
_SHORTEST_RUN = 12  # characters between two marks; a joint makes a long run
_REST = 10  # characters of the sentence after it
_SIDE = 40  # characters of it that are read
_ENDS = "。！？!?…"
_CLOSERS = "”’」』）)"
_SPOKEN = re.compile("[。！？]”")
_RUN = re.compile(rf"[^，。、；：！？,;:!?\s]{{{_SHORTEST_RUN},}}")
_CLAUSE = re.compile(r"[^，。；：！？]*")
_MARK = re.compile(r"[，。；：！？、\s~～]")
_HOUR = "[0-9一二三四五六七八九十]{1,3}[时点](?:[0-9]{1,2}分|半)?许?"
_DAY_PART = f"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚间?|夜间?|深夜|{_HOUR}|左右|起|以来)"
_DATE = re.compile(
    r"(?:(?:[0-9]{4}年|[今去当同]年|于)?[0-9]{1,2}月(?:[0-9]{1,2}[日号]|[上中下]旬|[初底末份])?"
    r"|[0-9]{4}年(?!第|度)[初底末]?|[0-9]{1,2}日|[0-9]{1,2}号(?=[，上下晚早凌])|[昨今前当次明][天日晚]|近[日期]|日前|近年来|目前|最近|春节|[上本]周)"
    rf"{_DAY_PART}*"
)
_ITEM = "[一二三四五六七八九十0-9]{1,2}"
_NUMBERED = re.compile(rf"(?:{_ITEM}[.．、)）]|[（(]{_ITEM}[)）]|第[一二三四五六七八九十]|0[1-9]|[①-⑳])")


def split_headings(sentence: str, title: str = "") -> list[str]:
    """Cut a sentence where a heading is glued before it: the heading, without an end mark, then the sentence.

    ``title`` is the article's, whose words often stand in what is glued. A sentence without joints comes back alone.
    """
    parts: list[str] = []
    while (at := find_joint(sentence, title)) is not None:
        parts.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [*parts, sentence]


def find_joint(sentence: str, title: str = "") -> int | None:
    """Return the most probable joint of a sentence, None where none is certain enough."""
    weights = read_weights(WEIGHTS)
    best, found = weights[ENOUGH], None
    for at in likely_places(sentence):
        if (now := odds(joint_features(sentence, at, title), weights)) >= best:
            best, found = now, at
    return found


def likely_places(sentence: str) -> list[int]:
    """Return the places whose characters look like a joint."""
    least, last, first, end, begin, across = _first_look()
    text = without_digits(sentence)
    pairs = [text[at : at + 2] for at in range(min(len(text), _FARTHEST + 2))]
    return [
        at
        for at in places(sentence)
        if last.get(text[at - 1], 0.0)
        + first.get(text[at], 0.0)
        + end.get(pairs[at - 2], 0.0)
        + begin.get(pairs[at], 0.0)
        + across.get(pairs[at - 1], 0.0)
        >= least
        and not is_impossible(sentence[:at], sentence[at:])
    ]


@cache
def _first_look() -> tuple[float, Pairs, Pairs, Pairs, Pairs, Pairs]:
    """Return the first look's threshold and its weights, by what they look at."""
    weights = read_weights(WEIGHTS)
    tables: dict[str, Pairs] = {kind: {} for kind in GATES}
    for name, weight in weights.items():
        kind, _, characters = name.partition(" ")
        if kind in tables:
            tables[kind][characters] = weight
    last, first, end, begin, across = tables.values()
    return weights[FIRST_LOOK], last, first, end, begin, across


def places(sentence: str) -> Iterator[int]:
    """Yield where a joint could be: inside a long run without marks, not inside a number or before 的."""
    if sentence.rstrip(_CLOSERS)[-1:] not in _ENDS:
        return
    spoken = _SPOKEN.search(sentence, 0, len(sentence) - 1)  # after a quotation comes who said it
    last = min(_FARTHEST, len(sentence) - _REST, spoken.start() if spoken else _FARTHEST)
    for run in _RUN.finditer(sentence, 0, last + _REST):
        start, end = run.span()
        yield from (at for at in range(max(2, start + 1), min(last, end - 1) + 1))


def gate_features(text: str, at: int) -> list[str]:
    """Return what the first look sees of a place; ``text`` has its digits as 0."""
    seen = (text[at - 1], text[at], text[at - 2 : at], text[at : at + 2], text[at - 1 : at + 1])
    return [f"{kind} {characters}" for kind, characters in zip(GATES, seen, strict=True)]


def joint_features(sentence: str, at: int, title: str = "") -> list[str]:
    """Return the names of what is true of the place ``at``."""
    import rjieba  # the dictionary takes a moment to load

    left, right = sentence[:at].translate(FULL_WIDTH), sentence[at : at + _SIDE].translate(FULL_WIDTH)
    before, after = rjieba.tag(without_digits(left[-_SIDE:])), rjieba.tag(without_digits(right))
    found = ["bias", *_characters(without_digits(left), without_digits(right))]
    found += _lengths(left, right)
    found += _ends(before)
    found += _opens(right, before, after)
    found += _joined(sentence, at)
    found += _repeats(left, sentence[at:], title)
    return found


def _characters(left: str, right: str) -> Iterator[str]:
    yield f"<{left[-1:]}"
    yield f">{right[:1]}"
    yield f"<{left[-2:]}"
    yield f">{right[:2]}"
    yield f"{left[-1:]}|{right[:1]}"


def _lengths(left: str, right: str) -> Iterator[str]:
    marks = len(_MARK.findall(left))
    run = len(_MARK.split(left)[-1])
    clause = _CLAUSE.match(right)
    rest = len(clause.group()) if clause else 0
    yield f"left {min(40, len(left)) // 2} {marks > 0}"
    yield f"run {min(30, run) // 2} {marks > 0}"
    yield f"marks {min(4, marks)}"
    yield f"clause {min(30, rest) // 3}"
    if marks == 0 and len(left) <= 6:
        yield f"label {left}"


def _ends(before: Tagged) -> Iterator[str]:
    """How the left part begins and ends."""
    run = before[max((at + 1 for at, (word, _) in enumerate(before) if _MARK.match(word)), default=0) :] or before
    verb, whole = has_verb(run), len(run) == len(before)
    (first, first_tag), (last, last_tag) = run[0], run[-1]
    yield f"first {first} {whole}"
    yield f"tag first {first_tag} {whole} {verb}"
    yield f"last {last}"
    yield f"tag last {last_tag} {verb}"
    yield f"tags last {' '.join(tag for _, tag in run[-2:])} {verb}"
    yield f"tags ends {first_tag} {last_tag} {min(4, len(run))}"
    yield f"verb {verb} {has_verb(run[-1:])} {has_verb(run[:-1])} {whole}"
    yield f"lead {before[0][0]}"
    # 在回顾|, 对经济报道|: what a preposition began has not ended.
    since = next((at for at, (_, tag) in enumerate(reversed(run)) if tag in ("p", "c")), None)
    if since is not None:
        opener = run[len(run) - 1 - since][0]
        yield f"since {opener} {min(since, 5)}"
        yield f"since {min(since, 8)} {last_tag} {has_verb(run[len(run) - since :])}"


def _opens(right: str, before: Tagged, after: Tagged) -> Iterator[str]:
    """How the right part opens, with what it would have to be joined to."""
    date = _DATE.match(right)
    kind = "date" if date else "number" if _NUMBERED.match(right) else "word"
    skipped, at = 0, 0
    while date and at < len(after) - 1 and skipped < date.end():
        skipped += len(after[at][0])
        at += 1
    next_word, next_tag = after[at]
    verb, last_tag = has_verb(before), before[-1][1]
    clause = after[at : next((at for at, (word, _) in enumerate(after) if at and _MARK.match(word)), len(after))]
    predicate = has_verb(clause)
    yield f"opens {kind} {next_tag} {verb}"
    yield f"opens {kind} {next_tag} {last_tag}"
    yield f"opens {kind} {next_tag} {predicate} {min(len(before), 6)}"
    yield f"opens {kind} {last_tag} {verb} {predicate}"
    yield f"next {next_word} {kind}"
    yield f"next tags {kind} {' '.join(tag for _, tag in after[at : at + 3])}"
    yield f"words {before[-1][0]}|{after[0][0]}"
    yield f"tags {last_tag}|{after[0][1]} {verb}"
    yield f"tags {' '.join(tag for _, tag in before[-2:])}|{' '.join(tag for _, tag in after[:2])}"
    yield f"word {after[0][0]} {verb} {predicate}"
    yield f"word> {min(3, len(before[-1][0]))} {min(3, len(after[0][0]))}"


def _joined(sentence: str, at: int) -> Iterator[str]:
    """Whether the place lies inside a word, by how the sentence is cut as a whole."""
    import rjieba

    start, end = max(0, at - 12), at + 12
    ends, reached = False, start
    for word in rjieba.cut(sentence[start:end]):
        reached += len(word)
        if reached >= at:
            ends = reached == at
            break
    yield f"inside {not ends}"


def _repeats(left: str, right: str, title: str) -> Iterator[str]:
    """Whether the left part says what the title says, and the right part begins again."""
    pairs = {left[at : at + 2] for at in range(len(left) - 1)}
    again = sum(pair in right for pair in pairs)
    yield f"again {again * 6 // max(1, len(pairs))} {min(again, 4)}"
    yield f"begins again {right[:2] in left} {right[:3] in left}"
    yield f"repeated {left[:2] in right[:_SIDE]} {left[:3] in right[:_SIDE]}"
    if title:
        shared = sum(pair in title for pair in pairs) * 6 // max(1, len(pairs))
        yield f"title {shared} {min(len(left), 24) // 4}"
        yield f"title ends {title.endswith(left[-3:])} {left[-2:] in title} {right[:2] in title}"
        yield f"title joined {left[-1:] + right[:1] in title} {left[-2:] + right[:2] in title}"
