"""Where results go: a file, standard output, a table on the screen; and what is said on standard error."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from toolkit.config import nearest
from toolkit.types import ConfigError, Reject, Result, ToolkitError
from toolkit.writers.records import reject_to_record, result_to_record
from toolkit.writers.tables import WRITERS, to_json, write_records

if TYPE_CHECKING:
    from rich.table import Table

_ROWS_AT_ONCE = 50
SOME_REJECTED = 3


@dataclass
class Rejects:
    """Names each unusable input on standard error; keeps them in a file if there is an output file."""

    path: Path | None
    count: int = 0
    _file: TextIO | None = field(default=None, repr=False)

    def add(self, reject: Reject) -> None:
        """Report one input."""
        self.count += 1
        typer.echo(f"rejected: {reject.source}: {reject.reason}", err=True)
        if self.path is not None and self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="\n")
        if self._file is not None:
            self._file.write(to_json(reject_to_record(reject)) + "\n")

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()


def check_output(output: Path | None) -> None:
    """Refuse an output whose suffix no writer knows, before any work is done.

    Raises:
        ConfigError: the suffix is unknown.
    """
    if output is None or str(output) == "-":
        return
    if output.suffix.lower() not in WRITERS:
        known = ", ".join(WRITERS)
        hint = nearest(output.suffix.lower(), WRITERS)
        raise ConfigError(f"-o {output}: suffix {output.suffix or '(none)'} is unknown; known: {known}{hint}")
    if output.is_dir():
        raise ConfigError(f"-o {output}: it is a folder; name a file")


def deliver(
    results: Callable[[Callable[[Reject], None]], Iterable[Result]],
    *,
    output: Path | None,
    table: bool | None,
    names: dict[str, str],
) -> None:
    """Send results where the user wants them and end with exit code 3 if some inputs were rejected.

    Args:
        results: called with the function that takes rejects; yields the results.
        output: a file; ``-`` for JSON lines on standard output; None for a table on a terminal, JSON lines in a pipe.
        table: also print a table; None means only on a terminal with no output file.
        names: topic key to the name on screen.
    """
    path = output if output is not None and str(output) != "-" else None
    show = table if table is not None else (output is None and sys.stdout.isatty())
    rejects = Rejects(path.with_name(path.name + ".rejects.jsonl") if path else None)
    counter = _Counter(results(rejects.add))
    try:
        if path and rejects.path:
            path.parent.mkdir(parents=True, exist_ok=True)
            rejects.path.unlink(missing_ok=True)  # an earlier run's would speak of other inputs
        with _progress(counter, needed=path is not None):
            stream: Iterable[Result] = _table(counter, names) if show else counter
            if path:
                write_records((result_to_record(result) for result in stream), path)
            else:
                _write_stdout(stream, silent=show)
    except BrokenPipeError:
        # The reader of our output has gone (``| head``). Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None
    except OSError as error:
        raise ToolkitError(f"cannot write {output or 'the output'}: {error.strerror or error}") from None
    finally:
        rejects.close()
    _report(counter.count, rejects, path)


def _report(count: int, rejects: Rejects, output: Path | None) -> None:
    if output is not None:
        typer.echo(f"wrote {output} ({count} articles)", err=True)
    if rejects.count:
        where = f"; see {rejects.path}" if rejects.path else ""
        typer.echo(f"{rejects.count} inputs were rejected{where}", err=True)
        raise typer.Exit(SOME_REJECTED)


class _Counter:
    def __init__(self, results: Iterable[Result]) -> None:
        self.count = 0
        self._results = results

    def __iter__(self) -> Iterator[Result]:
        for result in self._results:
            self.count += 1
            yield result


def _write_stdout(stream: Iterable[Result], *, silent: bool) -> None:
    out = sys.stdout
    for result in stream:
        if not silent:
            out.write(to_json(result_to_record(result)) + "\n")
    out.flush()


@contextlib.contextmanager
def _progress(counter: _Counter, *, needed: bool) -> Iterator[None]:
    if not (needed and sys.stderr.isatty()):
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        original = counter._results

        def watched() -> Iterator[Result]:
            for result in original:
                progress.advance(task)
                yield result

        counter._results = watched()
        yield


def _table(results: Iterable[Result], names: dict[str, str]) -> Iterator[Result]:
    from rich.console import Console

    console = Console()
    shown: list[Result] = []
    for result in results:
        shown.append(result)
        yield result
        if len(shown) == _ROWS_AT_ONCE:
            console.print(_render(shown, names))
            shown.clear()
    if shown:
        console.print(_render(shown, names))


def _render(results: Sequence[Result], names: dict[str, str]) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=True, expand=True)
    table.add_column("文章", ratio=3, overflow="fold")
    labelled = any(result.prediction for result in results)
    summarized = any(result.summary for result in results)
    if labelled:
        table.add_column("主题", ratio=2, overflow="fold")
        table.add_column("依据", ratio=2, overflow="fold")
    table.add_column("摘要" if summarized else "正文", ratio=6, overflow="fold")
    for result in results:
        cells = [_heading(result)]
        if labelled:
            cells += [_topics(result, names), _because(result, names)]
        cells.append(result.summary.text if result.summary else result.article.text[:100])
        table.add_row(*(escape(text) for text in cells))
    return table


def _heading(result: Result) -> str:
    lines = [result.article.title or "（无标题）", result.article.subtitle or ""]
    if result.article.kind != "article":
        lines.append("［图片说明］")
    return "\n".join(line for line in lines if line)


def _topics(result: Result, names: dict[str, str]) -> str:
    if result.prediction is None:
        return ""
    given = [f"{names[key]} {result.prediction.scores[key]:.2f}" for key in result.prediction.topics]
    if result.prediction.decision == "labelled":
        return "\n".join(given)
    if result.prediction.decision == "none":
        return "无"
    unsure = [entry.topic for entry in result.prediction.evidence if entry.topic not in result.prediction.topics]
    asked = [f"{names[key]}？{result.prediction.scores[key]:.2f}" for key in unsure]
    return "\n".join([*given, *asked, "待复核"])


def _because(result: Result, names: dict[str, str]) -> str:
    if result.prediction is None:
        return ""
    lines = []
    for evidence in result.prediction.evidence:
        words = " ".join(word for word, _ in evidence.words[:4])
        lines.append(f"{names[evidence.topic]}: {words}" if len(result.prediction.evidence) > 1 else words)
    return "\n".join(lines)
