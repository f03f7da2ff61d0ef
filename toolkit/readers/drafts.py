"""The lines of a page to drafts of its articles: where one begins, which line goes on with which paragraph."""

import re
from dataclasses import dataclass, field

from toolkit.readers.byline import is_photo
from toolkit.readers.lines import Line, display_width, is_closed, is_list_item
from toolkit.readers.seams import pause_odds
from toolkit.readers.sheet import PHOTO_CHARS, Sheet, is_short
from toolkit.types import Credit

_LONE_TITLE_WIDTH = 26  # characters; few titles are longer
_VERSE_CHARS = 20
_ITEM_CHARS = 40
_TAIL_CHARS = 100  # enough of a paragraph to see how it ends
_COMMA = re.compile("[，,]|、$")


@dataclass(slots=True)
class Draft:
    """An article while its lines are being read; a paragraph is the list of its pieces."""

    head: list[Line] = field(default_factory=list)
    byline: list[Credit] = field(default_factory=list)
    paragraphs: list[list[str]] = field(default_factory=list)
    captions: list[list[str]] = field(default_factory=list)
    ended: bool = False  # a byline stood at its end

    @property
    def is_photo(self) -> bool:
        """Say whether this is a picture's caption with its photographer, rather than an article."""
        size = sum(len(piece) for pieces in self.paragraphs for piece in pieces)
        return is_photo(tuple(self.byline)) and size <= PHOTO_CHARS


class DraftReader:
    """Reads the lines of one page once, from the first to the last."""

    def __init__(self, sheet: Sheet) -> None:
        """Begin with nothing read."""
        self._sheet = sheet
        self._lines = sheet.lines
        self._drafts: list[Draft] = []
        self._last: int | None = None  # the line that the current paragraph ends with
        self._caption_open = False

    def read(self) -> list[Draft]:
        """Return the drafts in page order."""
        at = 0
        while at < len(self._lines):
            if self._sheet.bylines[at]:
                self._take_byline(at)
                at += 1
            elif (end := self._head_end(at)) > at:
                self._begin(Draft(head=list(self._lines[at:end])))
                at = end
            else:
                self._take_body(at)
                at += 1
        return self._drafts

    def _begin(self, draft: Draft) -> Draft:
        self._drafts.append(draft)
        self._last, self._caption_open = None, False
        return draft

    def _head_end(self, at: int) -> int:
        """Return the line after the headline that begins at ``at``, or ``at`` when none begins there."""
        sheet, line = self._sheet, self._lines[at]
        fresh = not self._drafts or self._drafts[-1].ended or sheet.ends_in_credit(at - 1)
        end = sheet.run_end(at, forced=fresh)
        if end == at:
            return at
        if not fresh and line.blanks < min(sheet.layout.gap, 1):
            return at  # where blank lines part the paragraphs they part the articles too
        if sheet.is_anchor(end):
            return end if sheet.confirms(at, end, first=not self._drafts) else at
        if end == len(self._lines) and self._drafts:
            return at
        return end if fresh or ((line.cut or not self._in_sentence()) and self._is_new(at, end)) else at

    def _is_new(self, at: int, end: int) -> bool:
        """Say whether a headline without byline and dateline begins an article; else it is a crosshead."""
        sheet, line = self._sheet, self._lines[at]
        if self._drafts[-1].is_photo or line.blanks > max(1, sheet.layout.gap):
            return True
        if _COMMA.search(line.text) or display_width(line.text) > _LONE_TITLE_WIDTH:
            return False  # rather the first half of a paragraph that a column break cut
        if sheet.layout.width and sheet.is_full(at) and pause_odds(line.text, self._lines[end].text) < 0:
            return False
        if sheet.photo_follows(end):
            return True
        if (sheet.head_gaps and min(sheet.head_gaps) > max(line.blanks, sheet.layout.gap)) or line.indent:
            return False
        return end - at > 1 or not is_short(line) or not (sheet.head_gaps or sheet.end_marks)

    def _take_byline(self, at: int) -> None:
        byline = self._sheet.bylines[at]
        draft = self._drafts[-1] if self._drafts else None
        if draft is None or (draft.paragraphs and draft.byline and not draft.ended and self._article_opens(at)):
            self._begin(Draft(byline=list(byline)))
        elif self._caption_open and is_photo(byline):
            draft.captions[-1].append(" " + self._lines[at].text)
            self._caption_open = False
        else:
            draft.byline.extend(byline)
            draft.ended = bool(draft.paragraphs or draft.captions)

    def _article_opens(self, at: int) -> bool:
        after = self._sheet.skip_bylines(at)
        return after < len(self._lines) and self._sheet.opens[after]

    def _take_body(self, at: int) -> None:
        text = self._lines[at].text
        draft = self._draft_for(at)
        if self._sheet.captions[at]:
            draft.captions.append([text])
            self._caption_open = True
        elif self._caption_open and self._lines[at].blanks == 0 and not is_closed(draft.captions[-1][-1]):
            draft.captions[-1].append(text)
        else:
            if self._last is not None and self._continues(at, self._last):
                draft.paragraphs[-1].append(text)
            else:
                draft.paragraphs.append([text])
            self._last, self._caption_open = at, False

    def _draft_for(self, at: int) -> Draft:
        """Return the draft that a line of running text belongs to; a new one where no headline announced it."""
        last = self._drafts[-1] if self._drafts else None
        if last is None or (self._sheet.opens[at] and last.paragraphs):
            return self._begin(Draft())
        if not last.ended:
            return last
        if last.is_photo and len(self._drafts) > 1 and not self._drafts[-2].ended:
            # The picture stood inside an article, which goes on here.
            self._drafts[-2:] = [last, self._drafts[-2]]
            return self._drafts[-1]
        return self._begin(Draft())

    def _in_sentence(self) -> bool:
        """Say whether the text read so far stops in mid-sentence."""
        if not self._drafts or self._drafts[-1].ended or self._last is None:
            return False
        if self._stands_alone(self._last) or self._lines[self._last].ends:
            return False
        return not is_closed(self._tail())

    def _tail(self) -> str:
        return "".join(piece[-_TAIL_CHARS:] for piece in self._drafts[-1].paragraphs[-1][-2:])

    def _stands_alone(self, at: int) -> bool:
        """Say whether a line is a crosshead or an item of a list, which need no full stop."""
        text = self._lines[at].text
        if len(text) > _ITEM_CHARS or is_closed(text) or (self._sheet.layout.width and self._sheet.is_full(at)):
            return False
        if is_list_item(text):
            return True
        if not self._sheet.may_head[at] or _COMMA.search(text) or not self._after_stop():
            return False
        if is_short(self._lines[at]) or self._sheet.layout.width:
            return True
        after = self._lines[at + 1].text if at + 1 < len(self._lines) else ""
        return pause_odds(text, after) > 0

    def _after_stop(self) -> bool:
        paragraphs = self._drafts[-1].paragraphs
        return (
            len(paragraphs) > 1 and len(paragraphs[-1]) == 1 and is_closed("".join(paragraphs[-2][-2:])[-_TAIL_CHARS:])
        )

    def _continues(self, at: int, last: int) -> bool:
        """Say whether a line goes on with the paragraph that ends with the line ``last``."""
        line, layout, tail = self._lines[at], self._sheet.layout, self._tail()
        if self._lines[last].ends:
            return False
        if is_list_item(line.text) and (tail[-1:] in "：:；;" or is_closed(tail) or self._stands_alone(last)):
            return False
        if layout.indented:
            return not line.indent and not self._is_crosshead(at, tail)
        if is_closed(tail):
            return line.blanks == 0 and layout.width > 0 and (layout.gap > 0 or self._sheet.is_full(last))
        return not self._stands_alone(last) and (layout.width > 0 or not self._is_own_paragraph(at, last, tail))

    def _is_crosshead(self, at: int, tail: str) -> bool:
        """Say whether an unindented line between indented paragraphs is a crosshead."""
        is_next_indented = at + 1 < len(self._lines) and self._lines[at + 1].indent
        return is_closed(tail) and self._sheet.may_head[at] and is_next_indented

    def _is_own_paragraph(self, at: int, last: int, tail: str) -> bool:
        """Say whether a line starts anew though the one above has no full stop: verse, or what a colon announces."""
        text = self._lines[at].text
        if self._lines[at].blanks:
            return tail[-1:] in "：:" and len(text) <= _ITEM_CHARS
        return tail[-1:] in "：:" or max(len(text), len(self._lines[last].text)) <= _VERSE_CHARS
