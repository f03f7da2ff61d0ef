"""The lines of a page to drafts of its articles: where one begins, which line goes on with which paragraph."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from toolkit.readers.byline import is_photo, take_end_credit
from toolkit.readers.lines import Line, display_width, is_closed, is_list_item
from toolkit.readers.seams import pause_odds
from toolkit.readers.sheet import PHOTO_CHARS, Sheet, is_short
from toolkit.types import Credit

_LONE_TITLE_WIDTH = 26  # characters; few titles are longer
_SHORT_TITLE = 14  # a column seldom breaks off a paragraph so early
_TRIPLE_WIDTH = 16  # 上午拿地，下午拿证，次日进场
_VERSE_CHARS = 20
# How sure the seam model must be that a line and the one below it are two phrases: log-odds, tuned on generated pages.
_PAUSE_AT_COMMA = 3.0
_PAUSE_ABOVE_BLANK = 0.5  # for the last line above a blank one
_PAUSE_OF_ITEM = 5.0  # for a crosshead, which has no blank line below
_PAUSE_OF_VERSE = 3.0
# A headline without byline and dateline must earn this by its words and by what the text below says again of them. A
# page that signs its articles at the end is asked for more: one that has no byline yet most likely goes on.
_LONE_TITLE_SCORE = 10.0
_LONE_TITLE_UNSIGNED = 11.0
_REPEATED_SCORE = 20.0  # for a line all of whose pairs of characters come again below
_BELOW_LINES, _BELOW_CHARS = 20, 300  # the text below that is looked at
_ITEM_CHARS = 40
_NEVER_FIRST = "，。、；：！？”’）》】,;:!?)%％"
_TAIL_CHARS = 100  # enough of a paragraph to see how it ends
# A long line with a comma, a question that goes on with one, or the usual beginnings of a report.
_PROSE = re.compile(
    r"^(?=.{25}).*[，,]|[，,].*[！？!?]”.|[：:].*[，,]|[？！?!].*[？！?!]”?$|[？！?!]”?[^？！?!]+[，,：:]|^(?:记者|近日|日前|昨[天日]|今[天日]|当[天日]|据|随着|\d{1,2}月\d{1,2}日).*[，,]"
)
_REST = re.compile(r"[，,].*[！？!?][”’]?$")  # of a sentence that a column break cut
_COMMA = re.compile("[，,]|[、：:]$")


@dataclass(slots=True)
class Draft:
    """An article while its lines are being read; a paragraph is the list of its pieces."""

    head: list[Line] = field(default_factory=list)
    byline: list[Credit] = field(default_factory=list)
    paragraphs: list[list[str]] = field(default_factory=list)
    captions: list[list[str]] = field(default_factory=list)
    gap: int = 1  # blank lines below the headline
    ended: bool = False  # a byline stood at its end

    @property
    def has_text(self) -> bool:
        """Say whether more than a headline was read."""
        return bool(self.paragraphs or self.captions)

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
                gap = self._lines[end].blanks if end < len(self._lines) else 1
                self._begin(Draft(head=list(self._lines[at:end]), gap=gap))
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
        if not fresh and not line.blanks and not self._may_stand_close(at):
            return at
        if not fresh and (self._awaits_text(line) or (_REST.search(line.text) and self._in_sentence())):
            return at
        if sheet.is_anchor(end):
            return end if sheet.confirms(at, end, first=not self._drafts) else at
        if self._drafts and not self._drafts[-1].has_text:
            return at
        if end == len(self._lines):
            return at if self._drafts or end - at == 1 else at + 1  # a title with a text that has no full stop
        if not fresh and not line.cut and self._in_sentence():
            return at
        end = self._without_prose(at, end)
        return end if fresh or self._is_new(at, end) else at

    def _awaits_text(self, line: Line) -> bool:
        """Say whether a line is the first of the text below a headline with its byline."""
        last = self._drafts[-1]
        return bool(last.head and last.byline) and not last.has_text and _PROSE.search(line.text) is not None

    def _may_stand_close(self, at: int) -> bool:
        """Say whether a headline can follow without a blank line, as where none part the paragraphs."""
        sheet = self._sheet
        return sheet.layout.gap == 0 or sheet.captions[at - 1] or 0 in sheet.head_gaps

    def _without_prose(self, at: int, end: int) -> int:
        """Drop from a run of short lines the first half of a paragraph that a column break cut."""
        for number in range(at + 1, end):
            text, after = self._lines[number].text, self._lines[number + 1]
            if _PROSE.search(text):
                return number
            is_broken = number + 1 == end and after.blanks and not after.indent and display_width(text) > _SHORT_TITLE
            needed = _PAUSE_ABOVE_BLANK if is_broken else _PAUSE_AT_COMMA
            if (is_broken or _COMMA.search(text)) and pause_odds(text, after.text) < needed:
                return number
        return end

    def _is_new(self, at: int, end: int) -> bool:
        """Say whether a headline without byline and dateline begins an article; else it is a crosshead."""
        sheet, line = self._sheet, self._lines[at]
        if self._drafts[-1].is_photo or line.blanks > max(1, sheet.layout.gap):
            return True
        if self._is_cut_prose(at, end):
            return False
        if sheet.photo_follows(end):
            return True
        if (sheet.head_gaps and min(sheet.head_gaps) > max(line.blanks, sheet.layout.gap)) or line.indent:
            return False
        return end - at > 1 or not is_short(line) or not (sheet.head_gaps or sheet.end_marks)

    def _is_cut_prose(self, at: int, end: int) -> bool:
        """Say whether a line is rather the first half of a paragraph that a column break cut."""
        sheet, text, after = self._sheet, self._lines[at].text, self._lines[end]
        width, commas = display_width(text), len(_COMMA.findall(text))
        if width > _LONE_TITLE_WIDTH or _PROSE.search(text) or (commas > 1 and width > _TRIPLE_WIDTH):
            return True
        if end - at == 1 and text[-1] in "，,、：:":
            return True
        if end - at > 1 or " " in text or (sheet.layout.indented and after.indent):
            return False  # running text has no spaces
        if not sheet.layout.width and after.blanks == 0:
            return False  # column breaks leave blank lines
        if commas and len(sheet.head_gaps) > 1:
            return True
        if commas or (sheet.layout.width and sheet.is_full[at]):
            return pause_odds(text, after.text) < 0
        # Where articles end with their bylines, one that has none yet most likely goes on.
        unfinished = sheet.end_marks > 1 and not sheet.head_gaps
        odds = pause_odds(text, after.text) + _REPEATED_SCORE * self._repeats(text, end)
        return width > _SHORT_TITLE and odds < (_LONE_TITLE_UNSIGNED if unfinished else _LONE_TITLE_SCORE)

    def _repeats(self, text: str, at: int) -> float:
        """Return the share of a line's pairs of characters that the lines from ``at`` on repeat, as below a title."""
        below = "".join(line.text for line in self._lines[at : at + _BELOW_LINES])[:_BELOW_CHARS]
        pairs = {one + two for one, two in pairwise(text)}
        return sum(pair in below for pair in pairs) / max(1, len(pairs))

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
        if self._sheet.captions[at] and not (self._lines[at].blanks == 0 and self._in_sentence()):
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
            self._last = self._last if self._drafts[-1].paragraphs else None
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
        if len(text) > _ITEM_CHARS or is_closed(text) or (self._sheet.layout.width and self._sheet.is_full[at]):
            return False
        if is_list_item(text):
            return True
        if not self._sheet.may_head[at] or _COMMA.search(text) or _PROSE.search(text) or not self._after_stop():
            return False
        if is_short(self._lines[at]) or self._sheet.layout.width:
            return True
        after = self._lines[at + 1].text if at + 1 < len(self._lines) else ""
        return display_width(text) <= _VERSE_CHARS and pause_odds(text, after) > _PAUSE_OF_ITEM

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
        if line.text[0] in _NEVER_FIRST:
            return True
        if is_list_item(line.text) and (tail[-1:] in "：:；;" or is_closed(tail) or self._stands_alone(last)):
            return False
        stands_off = line.blanks or not layout.width or layout.size(line) > layout.width + 4
        if stands_off and is_closed(tail) and is_photo(take_end_credit(line.text)[0]):
            return False
        if layout.indented:
            return not line.indent and not self._is_crosshead(at, tail)
        if is_closed(tail):
            return line.blanks == 0 and layout.width > 0 and (layout.gap > 0 or self._sheet.is_full[last])
        return not self._stands_alone(last) and (layout.width > 0 or not self._is_own_paragraph(at, last, tail))

    def _is_crosshead(self, at: int, tail: str) -> bool:
        """Say whether an unindented line between indented paragraphs is a crosshead."""
        is_next_indented = at + 1 < len(self._lines) and self._lines[at + 1].indent
        return is_closed(tail) and self._sheet.may_head[at] and is_next_indented

    def _is_own_paragraph(self, at: int, last: int, tail: str) -> bool:
        """Say whether a line starts anew though the one above has no full stop: verse, or what a colon announces."""
        text = self._lines[at].text
        if self._lines[at].blanks:
            return False
        is_verse = max(len(text), len(self._lines[last].text)) <= _VERSE_CHARS
        return tail[-1:] in "：:" or (is_verse and pause_odds(self._lines[last].text, text) > _PAUSE_OF_VERSE)
