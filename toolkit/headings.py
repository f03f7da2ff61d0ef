"""Where a scraped page lost a line break: a heading, a caption or the title stands glued before a sentence.

Two logistic regressions answer. One looks at the characters around every place and lets few pass; the other reads the
words on both sides of those. ``training/headings.py`` fits them on headlines glued before sentences and writes their
weights to ``headings.json``.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from toolkit.joints import (
    FULL_WIDTH,
    Tagged,
    characters_around,
    has_verb,
    is_impossible,
    odds,
    read_weights,
    without_digits,
)

WEIGHTS = Path(__file__).with_name("headings.json")
GATES = ("gate<", "gate>", "gate<<", "gate>>", "gate<>")  # begin the names of the first look's features
FIRST_LOOK = "first look"  # the odds below which a place is not looked at again
ENOUGH = "enough "  # the odds from which a sentence is cut at a joint of this kind
Pairs = dict[str, float]
_FARTHEST = 70  # characters before a joint; few headings are longer
_SHORTEST_RUN = 12  # characters between two marks; a joint makes a long run
_REST = 10  # characters of the sentence after it
_SIDE = 40  # characters of it that are read
_NEAR = 12  # characters on each side that decide where words end
_ENDS = "。！？!?…"
_CLOSERS = "”’」』）)"
_RUN = re.compile(rf"[^，。、；：！？,;:!?\s]{{{_SHORTEST_RUN},}}")
_CLAUSE = re.compile(r"[^，。；：！？]*")
_MARK = re.compile(r"[，。；：！？、\s~～]")
_HOUR = "[0-9一二三四五六七八九十]{1,3}[时点](?:[0-9]{1,2}分|半)?许?"
_DAY_PART = f"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚间?|夜间?|深夜|{_HOUR}|左右|起|以来)"
# Only dates that can open a sentence: not 2018年 in 2018年工作方案, not 14日 in 14日表示, not 当天.
_MONTH = "(?:[0-9]{4}年|[今去同]年)?[0-9]{1,2}月(?:[0-9]{1,2}[日号]|[上中下]旬|[初底末份])?"
_YEAR = "(?:[0-9]{4}|[今去])年(?:[初底末]|以来|(?=[，,]))"
_DAY = f"[0-9]{{1,2}}(?:日(?={_DAY_PART}|[，,])|号(?={_DAY_PART}))"
_RELATIVE = f"(?:[昨今前][天日晚]|近[日期]|日前|近年来|最近|[上本]周)(?={_DAY_PART}*[，,])"
_DATE = re.compile(f"(?:于?{_MONTH}|{_YEAR}|{_DAY}|{_RELATIVE}){_DAY_PART}*")
_BARE_DAY = re.compile("[0-9]+[日号]")
# 持续到|今年12月, 拘留|10日, 西街|10号, 某某网|2月20日电
_TORN = re.compile(r"(?:[到至自除起於—－~～-]|拘留)$"), re.compile(rf"[0-9]+[日号]|{_MONTH}|{_YEAR}")
_ADDRESS = re.compile(r"[路街道巷村区条款]$"), re.compile("[0-9]+[日号]|第")
_DOUBLED = re.compile(r"(?!(.)\1)([一-鿿]{3,12})(?=\2)")  # 数字孪生|数字孪生是: a term over its definition
LABELS = (
    *("示意图", "资料图", "资料图片", "现场图", "现场视频", "视频截图", "监控截图", "网络图片", "配图", "效果图"),
    *("活动现场", "案情回顾", "事件回顾", "案件回顾", "新闻背景", "新闻链接", "相关链接", "背景资料", "延伸阅读"),
    *("基本案情", "典型案例", "案例一", "案例二", "裁判结果", "法官说法", "律师说法", "以案释法", "温馨提示"),
    *("警方提醒", "交警提醒", "专家提醒"),
)
_LEANS = re.compile(
    rf"(?:{_MONTH}|{_DAY}){_DAY_PART}*(?:电|讯|称|表示|说|在|抵达|举行|的)"
)  # whose subject stands before it
_ABOUT_LABEL = re.compile("显示|可见|可以看|清晰|记录|拍下|中|里|上|给|让|来自|由")  # 视频截图|显示
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
    best, found = 0.0, None
    for at in likely_places(sentence):
        enough = weights[ENOUGH + joint_kind(sentence[:at], sentence[at:])]
        margin = odds(joint_features(sentence, at, title), weights) - enough
        if margin >= best:
            best, found = margin, at
    return found


def is_torn(left: str, right: str) -> bool:
    """Say whether a place is certainly no joint: inside a phrase, before its date or its predicate."""
    if is_impossible(left, right) or _LEANS.match(right) or (left.endswith(LABELS) and _ABOUT_LABEL.match(right)):
        return True
    if any(ends.search(left) and begins.match(right) for ends, begins in (_TORN, _ADDRESS)):
        return True
    # 快跑快跑快跑, or a clause that is said twice: nothing is said of it.
    return (size := _doubled(left, right)) > 1 and right[size:].startswith((right[:size], *_ENDS))


def joint_kind(left: str, right: str) -> str:
    """Say what makes a place look like a joint: the opening after it, a label or the same words before it."""
    kind = opening(right)
    if kind in ("word", "number") and left.endswith(LABELS) and "，" not in left:
        return "label"
    if kind == "word" and (size := _doubled(left, right)) > 2:
        return "term" if _NUMBERED.sub("", left) == right[:size] else "again"
    return kind


def _doubled(left: str, right: str) -> int:
    """Return how many characters before the place come again after it."""
    return next((size for size in range(min(12, len(left), len(right)), 1, -1) if left.endswith(right[:size])), 0)


def opening(right: str) -> str:
    """Say how what follows a place opens: with a date, with a day of the month, with a list number or with a word."""
    if _DATE.match(right):
        return "day" if _BARE_DAY.match(right) else "date"
    return "number" if _NUMBERED.match(right) else "word"


def likely_places(sentence: str) -> list[int]:
    """Return the places whose characters look like a joint."""
    least, last, first, end, begin, across = _first_look()
    text = without_digits(sentence)
    pairs = [text[at : at + 2] for at in range(min(len(text), _FARTHEST + 2))]
    terms = {match.end() for match in _DOUBLED.finditer(text, 0, _FARTHEST)}
    seen = (
        at
        for at in places(sentence)
        if last.get(text[at - 1], 0.0)
        + first.get(text[at], 0.0)
        + end.get(pairs[at - 2], 0.0)
        + begin.get(pairs[at], 0.0)
        + across.get(pairs[at - 1], 0.0)
        >= least
        or at in terms
    )
    return [at for at in seen if not is_torn(sentence[:at], sentence[at:])]


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
    """Yield where a joint could be: inside a long run without marks, in a sentence that ends."""
    if sentence.rstrip(_CLOSERS)[-1:] not in _ENDS:
        return
    last = min(_FARTHEST, len(sentence) - _REST)
    for run in _RUN.finditer(sentence, 0, last + _REST):
        start, end = run.span()
        yield from range(max(2, start + 1), min(last, end - 1) + 1)


def gate_features(text: str, at: int) -> list[str]:
    """Return what the first look sees of a place; ``text`` has its digits as 0."""
    seen = (text[at - 1], text[at], text[at - 2 : at], text[at : at + 2], text[at - 1 : at + 1])
    return [f"{kind} {characters}" for kind, characters in zip(GATES, seen, strict=True)]


def joint_features(sentence: str, at: int, title: str = "") -> list[str]:
    """Return the names of what is true of the place ``at``."""
    import rjieba  # the dictionary takes a moment to load

    left, right = sentence[:at].translate(FULL_WIDTH), sentence[at : at + _SIDE].translate(FULL_WIDTH)
    before, after = rjieba.tag(without_digits(left[-_SIDE:])), rjieba.tag(without_digits(right))
    found = ["bias", *characters_around(without_digits(left), without_digits(right))]
    found += _lengths(left, right)
    found += _ends(before)
    found += _opens(right, before, after)
    found += _joined(sentence, at)
    found += _repeats(left, sentence[at:], title)
    return found


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
    if left.endswith(LABELS):
        yield f"label< {marks > 0} {len(left) > 6}"


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
    kind = opening(right)
    skipped, at = 0, 0
    while date and at < len(after) - 1 and skipped < date.end():
        skipped += len(after[at][0])
        at += 1
    next_word, next_tag = after[at]
    verb, last_tag = has_verb(before), before[-1][1]
    stop = next((number for number in range(at + 1, len(after)) if _MARK.match(after[number][0])), len(after))
    predicate = has_verb(after[at:stop])
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

    reached = start = max(0, at - _NEAR)
    ends = {reached := reached + len(word) for word in rjieba.cut(sentence[start : at + _NEAR])}
    yield f"inside {at not in ends}"


def _repeats(left: str, right: str, title: str) -> Iterator[str]:
    """Whether the left part says what the title says, and the right part begins again."""
    pairs = {left[at : at + 2] for at in range(len(left) - 1)}
    again = sum(pair in right for pair in pairs)
    yield f"again {again * 6 // max(1, len(pairs))} {min(again, 4)}"
    yield f"doubled {min(4, _doubled(left, right))} {len(pairs) < 12}"
    yield f"begins again {right[:2] in left} {right[:3] in left}"
    yield f"repeated {left[:2] in right[:_SIDE]} {left[:3] in right[:_SIDE]}"
    if title:
        shared = sum(pair in title for pair in pairs) * 6 // max(1, len(pairs))
        yield f"title {shared} {min(len(left), 24) // 4}"
        yield f"title ends {title.endswith(left[-3:])} {left[-2:] in title} {right[:2] in title}"
        yield f"title joined {left[-1:] + right[:1] in title} {left[-2:] + right[:2] in title}"
