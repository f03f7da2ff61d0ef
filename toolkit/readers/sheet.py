"""The lines of one page and what each could be: a byline, a line of a headline, the first line of a paragraph."""

import re
from collections.abc import Sequence

from toolkit.readers.byline import has_dateline, is_photo, read_byline, take_end_credit
from toolkit.readers.furniture import is_contact
from toolkit.readers.lines import Line, display_width, is_closed, is_list_item, measure

PHOTO_CHARS = 240  # a photo's text is short; a longer one is an article that names its photographer
_HEAD_LINES = 8  # more short lines than this are a list, not a headline
_HEAD_CHARS = 60  # the longest line that can hold title and subtitle
_PARAGRAPH_LOOKAHEAD = 12  # lines
_CAPTION = re.compile(
    r"^(?:[▲△◀▶◁▷↑↓←→▼◤◥◢◣]\s*\S{6}|[（(]?(?:[上下左右]?图片?|题图|资料图片?|组图)(?:为|说明|[：:①②③④一二三]|[（(]))"
)
_NO_HEAD_START = re.compile(r"^[，。、；：！？”’）》】,;:!?)%％．.]")
# No headline ends with a semicolon, is one quotation, holds a full stop or three commas.
_NO_HEADLINE = re.compile(r"[；;]$|^“[^”]*[。！？]”$|。|[，,；;].*[，,；;].*[，,；;]")


class Sheet:
    """One page: its lines, its layout, and facts about single lines by their number."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Look at every line by itself and at the page's habits."""
        self.lines = lines
        self.layout = measure(lines)
        self._sizes = [self.layout.size(line) for line in lines] if self.layout.width else []
        # Whether a line reaches the right edge of its column; none does where lines hold whole paragraphs.
        self.is_full = [bool(self._sizes) and self._reaches_edge(number) for number in range(len(lines))]
        self._has_stop = ["。" in line.text or is_closed(line.text) for line in lines]
        self._runs_on: dict[int, bool] = {}
        self.bylines = [read_byline(line.text) for line in lines]
        self.opens = [has_dateline(line.text) for line in lines]
        self.captions = [_CAPTION.match(line.text) is not None for line in lines]
        self.may_head = [self._could_be_head(number) for number in range(len(lines))]
        # A headline wrapped just before a comma goes on with it.
        self._is_wrapped_stop = [
            len(line.text) <= _HEAD_CHARS // 2
            and _NO_HEAD_START.match(line.text) is not None
            and not _NO_HEADLINE.search(line.text)
            for line in lines
        ]
        self.head_gaps = self._anchored_gaps()
        self.end_marks = self._count_end_marks()

    def _could_be_head(self, at: int) -> bool:
        text = self.lines[at].text
        if len(text) > _HEAD_CHARS or self.bylines[at] or self.opens[at] or self.captions[at] or is_list_item(text):
            return False
        return not (_NO_HEADLINE.search(text) or _NO_HEAD_START.match(text) or is_contact(text))

    def _anchored_gaps(self) -> list[int]:
        """Count the blank lines above each headline that a byline or a dateline confirms."""
        gaps = []
        for at in range(1, len(self.lines)):
            if not (self.bylines[at] or self.opens[at]) or not self.may_head[at - 1]:
                continue
            start = at - 1
            while (
                start > 0 and at - start < _HEAD_LINES and self.may_head[start - 1] and not self.starts_body(start - 1)
            ):
                start -= 1
            if start > 0:
                gaps.append(self.lines[start].blanks)
        return gaps

    def _count_end_marks(self) -> int:
        """Count the articles that end with the names of their writers."""
        found = 0
        for at, line in enumerate(self.lines):
            if self.bylines[at] and at and is_closed(self.lines[at - 1].text) and not is_photo(self.bylines[at]):
                found += not self.may_head[at - 1]
            elif self.ends_in_credit(at) and len(line.text) > PHOTO_CHARS // 8:
                found += 1
        return found

    def ends_in_credit(self, at: int) -> bool:
        """Say whether a line of running text ends with （记者 X）."""
        text = self.lines[at].text
        return (
            text[-1:] in "）)"
            and not self.opens[at]
            and not is_photo(credit := take_end_credit(text)[0])
            and bool(credit)
        )

    def run_end(self, at: int, *, forced: bool = False) -> int:
        """Return the line after the run of headline-like lines that begins at ``at``.

        With ``forced`` an article must begin here, so the line is a headline even if it is as wide as the column.
        """
        end = at + (forced and self.may_head[at])
        while end < len(self.lines) and end - at < _HEAD_LINES and self._could_go_on(end, at):
            end += 1
        return end

    def _could_go_on(self, number: int, at: int) -> bool:
        fits = self.may_head[number] or (number > at and self._is_wrapped_stop[number])
        return fits and not self.starts_body(number)

    def is_anchor(self, at: int) -> bool:
        """Say whether a line is what stands under a headline: a byline, or 本报讯."""
        return at < len(self.lines) and bool(self.bylines[at] or self.opens[at])

    def skip_bylines(self, at: int) -> int:
        """Return the first line from ``at`` on that is no byline."""
        while at < len(self.lines) and self.bylines[at]:
            at += 1
        return at

    def confirms(self, at: int, end: int, *, first: bool) -> bool:
        """Say whether the lines above an anchor are its headline, and not the end of the article before."""
        run = self.lines[at:end]
        if not first and max((line.blanks for line in run[1:]), default=0) > max(1, run[0].blanks):
            return False  # the headline begins lower, at the wide gap
        if self.layout.width and any(is_closed(line.text) for line in run[1:-1]):
            return False
        if first or not all(is_closed(line.text) for line in run):
            return True
        after = self.skip_bylines(end)
        # “太好了！” （记者 X） and then a headline: the byline closed the article above.
        return self.opens[end] or after < len(self.lines) and self.run_end(after) == after

    def photo_follows(self, at: int) -> bool:
        """Say whether a short text with a photographer's name comes next."""
        size = 0
        for number in range(at, min(at + _PARAGRAPH_LOOKAHEAD, len(self.lines))):
            line = self.lines[number]
            if self.bylines[number]:
                return number > at and is_photo(self.bylines[number])
            size += len(line.text)
            if (
                size > PHOTO_CHARS
                or self.opens[number]
                or (number > at and line.blanks and is_closed(self.lines[number - 1].text))
            ):
                return False
            if is_photo(take_end_credit(line.text)[0]):
                return True
        return False

    def _reaches_edge(self, at: int) -> bool:
        near = [at]
        for number in range(at, min(at + 3, len(self.lines) - 1)):
            if self.lines[number + 1].blanks:
                break
            near.append(number + 1)
        for number in range(at, max(at - 3, 0), -1):
            if self.lines[number].blanks:
                break
            near.append(number - 1)
        edge = self.layout.width
        if len(near) > 1:  # columns may differ in width, so the lines around count
            edge = min(edge, max(self._sizes[number] for number in near))
        return self._sizes[at] >= edge - self.layout.slack

    def starts_body(self, at: int) -> bool:
        """Say whether a short line is the first of a paragraph printed in a column, or an indented one."""
        if self.layout.indented and self.lines[at].indent:
            return True
        if not self.is_full[at] or self._sizes[at] > self.layout.width + 2:
            return False
        if at not in self._runs_on:
            self._runs_on[at] = self._runs_into_text(at)
        return self._runs_on[at]

    def _runs_into_text(self, at: int) -> bool:
        """Say whether full lines lead from ``at`` to the end of a sentence."""
        commas = "，" in self.lines[at].text or "," in self.lines[at].text
        for number in range(at + 1, min(at + _PARAGRAPH_LOOKAHEAD, len(self.lines))):
            line = self.lines[number]
            if line.indent or self.is_anchor(number):
                return False  # what stands above an indented paragraph or a byline is a headline
            if line.blanks:
                return commas or number - at > 2
            if self._has_stop[number]:
                return True
            if not self.is_full[number]:
                return False
            commas = commas or "，" in line.text or "," in line.text
        return True


def is_short(line: Line) -> bool:
    """Say whether a line is rather a crosshead than a title: under eight characters, or two halves of up to four."""
    halves = line.text.split(" ")
    return display_width(line.text) < 8 or (len(halves) > 1 and max(map(len, halves)) <= 4)
