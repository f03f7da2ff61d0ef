"""The lines of a page dump: page furniture dropped, and how the dump breaks its lines."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile, pairwise, takewhile

from toolkit.readers.furniture import drop_jumps, is_contact, is_furniture, is_newsroom_contact

_SPACES = re.compile(r"[ \t\u3000\xa0]+")
_INDENT = re.compile(r"^(?:\u3000{2}|[ \xa0]{2,8}|\t)(?=\S)")
_CLOSED = re.compile(
    r"(?:[。！？!?…][”’」』）)》】\"']*|[\s（(][\u3400-\u9fff]{1,4}\s?[\u3400-\u9fff]?\s?摄(?:影)?[）)]?"
    r"|[（(][^（）()]{0,40}(?:记者|通讯员|完|摄影)[^（）()]{0,40}[）)])$"
)
_LIST_ITEM = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十]{1,3}[、）)]|[（(]?\d{1,2}(?:[、）)]|\.(?!\d)|．)|[①-⑳]"
    r"|第[一二三四五六七八九十]{1,3}[条章节、：])"
)
_COLUMN_CHARS = 50  # the widest column line


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line; ``blanks`` counts the empty lines before it, ``cut`` says that page furniture stood there."""

    text: str
    blanks: int = 0
    indent: bool = False
    cut: bool = False
    ends: bool = False  # "continued on page 3" followed: nothing of this article comes after


@dataclass(frozen=True, slots=True)
class Layout:
    """How a page breaks its lines: the column width (0 when lines hold whole paragraphs), indents, blank lines.

    Widths are in half characters: a Chinese character has two; a Latin letter or digit one, or two where the column
    counts characters.
    """

    width: int = 0
    slack: int = 0  # a line that is shorter than the column by no more than this is full
    by_chars: bool = True
    indented: bool = False
    gap: int = 0  # blank lines between two paragraphs

    def size(self, line: Line) -> int:
        """Measure a line in half characters."""
        indent = 4 if line.indent else 0
        return indent + (2 * len(line.text) if self.by_chars else round(2 * display_width(line.text)))


def display_width(text: str) -> float:
    """Width in Chinese characters: a Latin letter or a digit takes half the place."""
    return len(text) - 0.5 * len(text.encode("ascii", "ignore"))


def is_closed(text: str) -> bool:
    """Say whether a line ends as a paragraph does: with a full stop, a photo credit, or （记者 X）."""
    return _CLOSED.search(text[-100:]) is not None


def is_list_item(text: str) -> bool:
    """Say whether a line begins with a number of a list: 一、 （二） 3. ④."""
    return _LIST_ITEM.match(text) is not None


def read_lines(text: str) -> list[Line]:
    """Cut a dump into its printed lines, without page heads, page numbers, editors' names, jumps and rules."""
    found: list[Line] = []
    blanks, cut = 0, False
    raws = text.splitlines()
    lines = [_SPACES.sub(" ", raw).strip() for raw in raws]
    colophon = _colophon(lines)
    indent = _usual_indent(raws)
    for number, (raw, line) in enumerate(zip(raws, lines, strict=True)):
        if not line:
            blanks += 1
        elif (is_furniture(line) or number in colophon) and not _goes_on(found, line, blanks):
            # What stands around page furniture may be one sentence that it interrupts, or two articles.
            cut, blanks = True, blanks + 1
        else:
            found.append(_line(line, blanks, indent=_lead(raw) == indent != "", cut=cut))
            blanks, cut = 0, False
    return found


def _colophon(lines: Sequence[str]) -> set[int]:
    """Number the lines with the paper's own address: at the page's head, or at its end below the editors.

    Elsewhere a telephone number is part of what it stands in, a notice or an advertisement.
    """
    filled = [number for number, line in enumerate(lines) if line]
    head = list(takewhile(lambda number: _is_imprint(lines[number]), filled))
    tail = list(takewhile(lambda number: _is_imprint(lines[number]), reversed(filled)))[::-1]
    below = dropwhile(lambda number: not (is_furniture(lines[number]) or is_newsroom_contact(lines[number])), tail)
    return {number for number in (*head, *below) if is_contact(lines[number])}


def _is_imprint(line: str) -> bool:
    return is_furniture(line) or is_contact(line)


def _usual_indent(raws: Sequence[str]) -> str:
    """Return what stands before the first line of a paragraph; more stands before a centred headline."""
    leads: Counter[str] = Counter()
    for raw in raws:
        if lead := _lead(raw):
            leads[lead] += len(raw)
    return leads.most_common(1)[0][0] if leads else ""


def _lead(raw: str) -> str:
    match = _INDENT.match(raw)
    return match[0] if match else ""


def _line(text: str, blanks: int, *, indent: bool, cut: bool) -> Line:
    text, ends = drop_jumps(text)
    return Line(text, blanks, indent, cut, ends)


def _goes_on(found: Sequence[Line], line: str, blanks: int) -> bool:
    """Say whether a line with a date or a number belongs to the sentence above, not to the page head."""
    return bool(found) and not blanks and line[0].isdigit() and not is_closed(found[-1].text)


def measure(lines: Sequence[Line]) -> Layout:
    """Find out how a page breaks its lines."""
    running = [one for one, after in pairwise(lines) if after.blanks == 0 and _may_run(one)]
    after_stop = [after for one, after in pairwise(lines) if is_closed(one.text)]
    width, slack, by_chars = 0, 0, True
    if len(running) >= max(4, len(lines) * 0.3) and _is_narrow(lines):
        _, width, slack, by_chars = max(_column(running, by_chars=True), _column(running, by_chars=False))
    gaps = Counter(min(line.blanks, 3) for line in after_stop)
    indents = sum(line.indent for line in after_stop)
    gap = gaps.most_common(1)[0][0] if gaps else 1
    return Layout(width, slack, by_chars, indents > 0.35 * len(after_stop), gap)


def _is_narrow(lines: Sequence[Line]) -> bool:
    """Say whether most of the text stands in lines that fit a column."""
    sizes = [len(line.text) for line in lines]
    return sum(size for size in sizes if size <= _COLUMN_CHARS) > 0.6 * sum(sizes)


def _may_run(line: Line) -> bool:
    return 8 <= len(line.text) <= _COLUMN_CHARS and not is_closed(line.text)


def _column(running: Sequence[Line], *, by_chars: bool) -> tuple[int, int, int, bool]:
    layout = Layout(by_chars=by_chars)
    sizes = Counter(layout.size(line) for line in running)
    best = (0, 0, 0)
    for width in list(sizes):
        exact = sizes[width] + (0 if by_chars else sizes[width - 1])
        # Printers do not begin a line with 。 so a line is at times one character short or long.
        near = sum(sizes[size] for size in range(width - 2, width + 3))
        best = max(best, (exact, width, near))
    exact, width, near = best
    if near < 0.5 * len(running):
        return 0, 0, 0, by_chars
    slack = 0 if by_chars else 1
    return exact, width, slack if exact >= 0.85 * near else 2, by_chars
