"""The text dump of one newspaper page to its articles."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from toolkit.readers.byline import is_photo, take_dateline, take_end_credit
from toolkit.readers.drafts import Draft, DraftReader
from toolkit.readers.headlines import Head, HeadLines, read_heads
from toolkit.readers.lines import read_lines
from toolkit.readers.sheet import Sheet
from toolkit.types import Article, Kind

_CAPTION_CHARS = 200
_CAPTION_MARKS = "▲△◀▶◁▷↑↓←→▼◤◥◢◣ "
_BODY_CHARS = 2000  # of the body, as evidence for the headline
_SPACE = re.compile(r"\s+")
_RUN = re.compile(r"\w{2,}")


def split_page(text: str, *, source: str) -> list[Article]:
    """Split the text dump of one page into its articles, in their order on the page.

    A file that holds one article gives a list of one, whose id is the stem of ``source``; on a page the ids count:
    ``stem#1``, ``stem#2``. Captions that stand by themselves are articles of kind ``photo``.
    """
    found = [pair for draft in DraftReader(Sheet(read_lines(text))).read() for pair in _finish(draft)]
    heads = read_heads([HeadLines(draft.head, one.text[:_BODY_CHARS], draft.gap) for one, draft in found])
    articles = [_with_head(article, head) for (article, _), head in zip(found, heads, strict=True)]
    stem = PurePath(source).stem
    if len(articles) == 1:
        return [replace(articles[0], id=stem, source=source, order=1)]
    return [
        replace(article, id=f"{stem}#{order}", source=f"{source}#{order}", order=order)
        for order, article in enumerate(articles, start=1)
    ]


def lost_lines(text: str, articles: Sequence[Article]) -> list[str]:
    """Return the lines that stand in no article and are no page furniture."""
    kept = "".join(_SPACE.sub("", part) for article in articles for part in _fields(article))
    known = {kept[at : at + size] for size in (2, 4) for at in range(len(kept))}
    lost = []
    for line in read_lines(text):
        # A byline is taken apart, so one piece of a line that is found stands for all of it.
        runs = _RUN.findall(line.text)
        if runs and not any((run[:4] if len(run) > 3 else run[:2]) in known for run in runs):
            lost.append(line.text)
    return lost


def _fields(article: Article) -> Iterator[str]:
    yield from (article.title, article.subtitle or "", article.kicker or "", article.dateline or "", article.text)
    yield from (part for credit in article.byline for part in (credit.role, *credit.names))


def _finish(draft: Draft) -> Iterator[tuple[Article, Draft]]:
    """Turn a draft into its article, followed by the photo captions that stood inside it; titles come later."""
    paragraphs = ["".join(pieces) for pieces in draft.paragraphs]
    captions = ["".join(pieces) for pieces in draft.captions]
    if len(paragraphs) > 1:
        captions += [one for one in paragraphs if _is_caption(one)]
        paragraphs = [one for one in paragraphs if not _is_caption(one)]
    if not paragraphs and captions and draft.head:
        paragraphs, captions = [captions[0].lstrip(_CAPTION_MARKS)], captions[1:]
    article = _article(draft, paragraphs or [""])
    if article.text:
        yield article, draft
    elif draft.head or article.byline or article.dateline:
        yield replace(article, text=_what_there_is(draft, article), kind="article", flags=("no_body",)), draft
    for caption in captions:
        byline, text = take_end_credit(caption.lstrip(_CAPTION_MARKS))
        yield Article(id="", title="", text=text, source="", byline=byline, kind="photo"), Draft()


def _what_there_is(draft: Draft, article: Article) -> str:
    """Return the text for a headline or a byline that nothing follows: nothing of a page vanishes."""
    if draft.head:
        return "\n".join(line.text for line in draft.head)
    names = (" ".join((credit.role, *credit.names)) for credit in article.byline)
    return " ".join((article.dateline or "", *names)).strip()


def _is_caption(paragraph: str) -> bool:
    return len(paragraph) <= _CAPTION_CHARS and is_photo(take_end_credit(paragraph)[0])


def _article(draft: Draft, paragraphs: list[str]) -> Article:
    dateline, opening, paragraphs[0] = take_dateline(paragraphs[0])
    closing, paragraphs[-1] = take_end_credit(paragraphs[-1])
    text = "\n".join(one.strip() for one in paragraphs if one.strip())
    byline = (*draft.byline, *opening, *closing)
    is_caption = is_photo(byline) and dateline is None and len(text) <= _CAPTION_CHARS
    kind: Kind = "photo" if is_caption else "article"
    return Article(id="", title="", text=text, source="", byline=byline, dateline=dateline, kind=kind)


def _with_head(article: Article, head: Head) -> Article:
    missing = {"no_headline": not head.title, "no_byline": not article.byline}
    flags = tuple(flag for flag, is_missing in missing.items() if is_missing)
    flags = (*article.flags, *flags)
    return replace(article, title=head.title, subtitle=head.subtitle, kicker=head.kicker, flags=flags)
