"""Sentences with a heading glued before them, as scraped pages have them, and sentences with none."""

import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.headings import LABELS
from toolkit.residue import glued_sentences
from toolkit.types import Article

_WIDE_GAP = re.compile(r"[ \u3000\xa0]{2,}")
_HEADING = re.compile(r"[^。！？!?…\n]{4,34}")
_BROKEN = re.compile(r"[的和与及在于将把被让向对给从、，：,:—]$|^[a-zA-Z0-9 .:：/-]+$")
_END = re.compile(r"[。！？!?…]+$")
_DATED = re.compile(r"^(?:[0-9]{4}年|[今去当同]年)?[0-9]{1,2}月|^[0-9]{1,2}[日号]|^[昨今前当][天日晚]|^近日|^日前")
_NAME = re.compile(r"^(?:[一-鿿A-Za-z0-9“”《》·]{2,10}?)(?=是|，|为|在|位于)")
_PAGE_SHARE = 3
_MONTHS, _DAYS, _HOURS = range(1, 13), range(1, 29), range(1, 13)


@dataclass(frozen=True, slots=True)
class Glued:
    """A sentence as a page has it, its article's title, and where a heading ends in it; None in a clean sentence."""

    sentence: str
    title: str
    joint: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An article's title and its clean sentences."""

    title: str
    sentences: tuple[str, ...]


def read_news(folder: Path) -> Iterator[Source]:
    """Yield television news, and the abstracts that people wrote of web news, whose sentences are clean."""
    for row in _rows(folder / "headlines-train.jsonl"):
        article = Article(id=row["id"], title=row["title"], text=row["text"], source="")
        yield Source(article.title, tuple(glued_sentences(article)))
    for name in ("abstracts-train.jsonl", "inews-abstracts.jsonl"):
        for row in _rows(folder / name):
            abstract = Article(id=row["id"], title="", text=row["abstract"], source="")
            yield Source(row["title"], tuple(glued_sentences(abstract)))


def read_pages(folder: Path) -> Iterator[Source]:
    """Yield web pages, whose sentences have a heading glued before them now and then."""
    for row in _page_rows(folder):
        article = Article(id=row["id"], title=row["title"], text=row["text"], source="")
        yield Source(article.title, tuple(glued_sentences(article)))


def read_set_off(folder: Path) -> Iterator[Glued]:
    """Yield the headings inside web pages that wide gaps still set off, glued before the sentences after them."""
    for row in _page_rows(folder):
        for heading, sentence in _set_off(row["text"]):
            yield Glued(heading + sentence, row["title"], len(heading))


def _page_rows(folder: Path) -> Iterator[dict[str, str]]:
    yield from (row for row in _rows(folder / "abstracts-train.jsonl") if row["id"].startswith("inews"))
    # The others are for reading what is found.
    yield from (row for at, row in enumerate(_rows(folder / "inews-abstracts.jsonl")) if at % _PAGE_SHARE == 0)


def _set_off(text: str) -> Iterator[tuple[str, str]]:
    parts = _WIDE_GAP.split(text)
    for before, after in zip(parts, parts[1:], strict=False):
        heading = re.split(r"[。！？!?…”\n]", before)[-1].strip()
        sentence = next(iter(glued_sentences(Article(id="", title="", text=after, source=""))), "")
        whole = _HEADING.fullmatch(heading) and not _BROKEN.search(heading) and heading[0] not in "，、,"
        if whole and len(sentence) >= 20 and _END.search(sentence):
            yield heading, sentence


def glue(sources: Sequence[Source], rng: random.Random) -> Iterator[Glued]:
    """Glue a heading before some sentence of each article: its own title, another's, a clause or a label."""
    titles = [one.title for one in sources if 4 <= len(one.title) <= 36]
    for source in sources:
        whole = [one for one in source.sentences if _END.search(one) and len(one) >= 16]
        if not whole:
            continue
        sentence = whole[0] if rng.random() < 0.5 else rng.choice(whole)
        if not _DATED.match(sentence) and rng.random() < 0.12:
            sentence = _day(rng) + "，" + sentence
        heading = _heading(source, sentence, rng.choice(titles), rng)
        if heading:
            yield Glued(heading + sentence, source.title, len(heading))


def _heading(source: Source, sentence: str, other: str, rng: random.Random) -> str:
    """Choose what stands before the sentence; empty where the choice does not fit it."""
    kind = rng.random()
    if kind < 0.3:
        return source.title
    if kind < 0.65:
        return other
    if kind < 0.75:
        name = _NAME.match(sentence)
        return name.group() if name else other
    if kind < 0.85:
        label = rng.choice(LABELS)
        return label if rng.random() < 0.5 else rng.choice([source.title, other]) + label
    short = [_END.sub("", one) for one in source.sentences if 8 <= len(one) <= 34]
    if kind < 0.95:
        return rng.choice(short) if short else ""
    return (rng.choice(short) if short else "") + other


def _day(rng: random.Random) -> str:
    day = f"{rng.choice(_MONTHS)}月{rng.choice(_DAYS)}日"
    year = rng.choice(["", "", "", "今年", "去年", f"{rng.choice(range(2012, 2026))}年"])
    o_clock = f"{rng.choice(['上午', '下午', '晚上', ''])}{rng.choice(_HOURS)}时许"
    hour = rng.choice(["", "", "上午", "下午", "晚", "凌晨", o_clock])
    return rng.choice([year + day + hour, year + day + hour, "近日", "日前", "昨日" + hour, "昨天" + hour])


def clean(sources: Iterable[Source]) -> Iterator[Glued]:
    """Yield the sentences as they are."""
    for source in sources:
        yield from (Glued(one, source.title) for one in source.sentences)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, str] = json.loads(line)
            yield row
