"""The text dump of one newspaper page to its articles."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from toolkit.readers.byline import is_photo, take_dateline, take_end_credit
from toolkit.readers.drafts import Draft, DraftReader
from toolkit.readers.headlines import read_head
from toolkit.readers.lines import read_lines
from toolkit.readers.sheet import Sheet
from toolkit.types import Article

_CAPTION_CHARS = 200
_CAPTION_MARKS = "▲△◀▶◁▷↑↓←→▼◤◥◢◣ "
_BODY_CHARS = 2000  # of the body, as evidence for the headline


def split_page(text: str, *, source: str) -> list[Article]:
    """Split the text dump of one page into its articles, in their order on the page.

    A file that holds one article gives a list of one, whose id is the stem of ``source``; on a page the ids count:
    ``stem#1``, ``stem#2``. Captions that stand by themselves are articles of kind ``photo``.
    """
    found = [article for draft in DraftReader(Sheet(read_lines(text))).read() for article in _finish(draft)]
    stem = PurePath(source).stem
    if len(found) == 1:
        return [replace(found[0], id=stem, source=source, order=1)]
    return [
        replace(article, id=f"{stem}#{order}", source=f"{source}#{order}", order=order)
        for order, article in enumerate(found, start=1)
    ]


def _finish(draft: Draft) -> Iterator[Article]:
    """Turn a draft into its article, followed by the photo captions that stood inside it."""
    paragraphs = ["".join(pieces) for pieces in draft.paragraphs]
    captions = ["".join(pieces) for pieces in draft.captions]
    if len(paragraphs) > 1:
        captions += [one for one in paragraphs if _is_caption(one)]
        paragraphs = [one for one in paragraphs if not _is_caption(one)]
    if not paragraphs and captions and draft.head:
        paragraphs, captions = [captions[0].lstrip(_CAPTION_MARKS)], captions[1:]
    if paragraphs:
        yield _article(draft, paragraphs)
    for caption in captions:
        byline, text = take_end_credit(caption.lstrip(_CAPTION_MARKS))
        yield _flag(Article(id="", title="", text=text, source="", byline=byline, kind="photo"))


def _is_caption(paragraph: str) -> bool:
    return len(paragraph) <= _CAPTION_CHARS and is_photo(take_end_credit(paragraph)[0])


def _article(draft: Draft, paragraphs: list[str]) -> Article:
    dateline, opening, paragraphs[0] = take_dateline(paragraphs[0])
    closing, paragraphs[-1] = take_end_credit(paragraphs[-1])
    text = "\n".join(one.strip() for one in paragraphs if one.strip())
    head = read_head(draft.head, text[:_BODY_CHARS])
    byline = (*draft.byline, *opening, *closing)
    photo = is_photo(byline) and dateline is None and len(text) <= _CAPTION_CHARS
    return _flag(
        Article(
            id="",
            title=head.title,
            subtitle=head.subtitle,
            kicker=head.kicker,
            byline=byline,
            dateline=dateline,
            text=text,
            source="",
            kind="photo" if photo else "article",
        )
    )


def _flag(article: Article) -> Article:
    missing = {"no_headline": not article.title, "no_byline": not article.byline}
    return replace(article, flags=tuple(flag for flag, is_missing in missing.items() if is_missing))
