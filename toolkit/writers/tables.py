"""Records to JSON lines, CSV and Excel files, none of which can run a formula."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from toolkit.writers.records import cell

# Excel's own limits: support.microsoft.com, "Excel specifications and limits".
_EXCEL_ROWS = 1_048_575  # below the header
_EXCEL_CHARS = 32_767
_CUT_MARK = "…[cut: Excel holds 32,767 characters; the whole text is in the JSONL output]"

# A cell that starts so is a formula to Excel, LibreOffice or WPS; a plain number is not.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?%?")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


_JSON = json.JSONEncoder(ensure_ascii=False, default=str)


def to_json(record: dict[str, Any]) -> str:
    """Return the record as one line of JSON; half surrogate pairs, which no file can hold, become U+FFFD."""
    line = _JSON.encode(record)
    return _SURROGATE.sub("\ufffd", line) if _SURROGATE.search(line) else line


def harmless(value: object) -> str | int | float | bool | None:
    """Return the cell for a record's value, with an apostrophe before text that a spreadsheet would calculate."""
    content = cell(value)
    if isinstance(content, str) and _FORMULA.match(content) and not _NUMBER.fullmatch(content):
        return "'" + content
    return content


def write_records(records: Iterable[dict[str, Any]], path: Path) -> None:
    """Write records to ``path`` in the format that its suffix names.

    Records are first written as JSON lines to ``<path>.partial``, since the columns of a table are known only at the
    end; an interrupted run leaves that file, and ``path`` is complete or absent.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    columns: dict[str, None] = {}
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            columns.update(dict.fromkeys(record))
            file.write(to_json(record) + "\n")
    convert = WRITERS[path.suffix.lower()]
    if convert is not None:
        table = path.with_name(path.name + ".table")
        convert(partial, table, _order(columns))
        table.replace(path)
        partial.unlink()
    else:
        partial.replace(path)


# Findings stand left of the long text in a table, where a reader sees them without scrolling.
_FIRST = ("id", "title", "topics", "decision", "headline", "summary", "scores", "evidence")


def _order(columns: Iterable[str]) -> list[str]:
    names = list(columns)
    first = [name for name in _FIRST if name in names]
    return first + [name for name in names if name not in _FIRST]


def _rows(partial: Path) -> Iterator[dict[str, Any]]:
    with partial.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def _write_csv(partial: Path, path: Path, columns: list[str]) -> None:
    # Excel takes a CSV file for UTF-8 only when it starts with a byte order mark.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([harmless(name) for name in columns])
        for record in _rows(partial):
            writer.writerow([_csv_cell(record.get(name)) for name in columns])


def _csv_cell(value: object) -> object:
    content = harmless(value)
    return content.replace("\0", "") if isinstance(content, str) else content


def _write_xlsx(partial: Path, path: Path, columns: list[str]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = _add_sheet(book, columns)
    for number, record in enumerate(_rows(partial), start=1):
        if number > _EXCEL_ROWS and number % _EXCEL_ROWS == 1:
            sheet = _add_sheet(book, columns)
        cells = [_xlsx_cell(sheet, name, record.get(name)) for name in columns]
        row = (number - 1) % _EXCEL_ROWS + 2  # below the header
        sheet.row_dimensions[row].height = _LINE_POINTS * _lines(columns, cells)
        sheet.append(cells)
        del sheet.row_dimensions[row]  # it has been written; memory stays flat
    book.save(path)


_WRAPPED = ("title", "subtitle", "topics", "scores", "evidence", "headline", "summary", "byline")
_WIDTH, _LINE_POINTS, _MOST_LINES = 14, 15, 12
_WIDTHS = {"title": 36, "topics": 16, "headline": 36, "summary": 60, "evidence": 50, "text": 60, "scores": 30, "id": 22}


def _add_sheet(book: Any, columns: list[str]) -> Any:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet("wenzhai" if not book.worksheets else f"wenzhai {len(book.worksheets) + 1}")
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, len(columns)))}1"
    for position, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = _WIDTHS.get(name, _WIDTH)
    header = []
    for name in columns:
        header_cell = WriteOnlyCell(sheet, value=_xlsx_text(str(harmless(name))))
        header_cell.font = Font(bold=True)
        header.append(header_cell)
    sheet.append(header)
    return sheet


def _xlsx_cell(sheet: Any, name: str, value: object) -> Any:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.cell import WriteOnlyCell

    content = harmless(value)
    written = WriteOnlyCell(sheet, value=_xlsx_text(content) if isinstance(content, str) else content)
    if isinstance(content, str):
        # openpyxl takes text that starts with = for a formula, and #N/A for an error value.
        written.data_type = "s"
    # The whole text of an article, wrapped, would make every row fill the screen.
    written.alignment = _alignment(name in _WRAPPED)
    return written


@cache
def _alignment(wrapped: bool) -> Any:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment

    return Alignment(wrap_text=wrapped, vertical="top")


def _lines(columns: list[str], cells: list[Any]) -> int:
    """Return how many lines the tallest wrapped cell of a row needs; a Chinese character is two columns wide."""
    tallest = 1
    for name, written in zip(columns, cells, strict=True):
        if name in _WRAPPED and isinstance(written.value, str):
            wide = sum(2 if ord(character) > 0x2E80 else 1 for character in written.value[:1000])
            tallest = max(tallest, -(-wide // (_WIDTHS.get(name, _WIDTH) - 2)))
    return min(tallest, _MOST_LINES)


def _xlsx_text(text: str) -> str:
    text = _UNPRINTABLE.sub("", text)
    if len(text) > _EXCEL_CHARS:
        return text[: _EXCEL_CHARS - len(_CUT_MARK)] + _CUT_MARK
    return text


# None: the JSON lines are the result as they are.
WRITERS: dict[str, Callable[[Path, Path, list[str]], None] | None] = {
    ".jsonl": None,
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
