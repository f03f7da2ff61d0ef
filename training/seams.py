"""Fit the seam model of the page reader on public headlines: ``python -m training.seams``.

A space inside a two-part headline is a true pause; a cut anywhere inside a part is not. Prints the accuracy on titles
that were held out, then fits on all of them and writes the weights.
"""

import argparse
import gzip
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import log_loss

from toolkit.joints import is_impossible, odds
from toolkit.readers.seams import WEIGHTS, seam_features
from training.linear import fit_weights

DATA = Path("../shared/data")
_SEED = 13
_HELD_OUT = 10  # one headline in so many
_MIN_COUNT = 9  # rarer features teach little
_WEAKEST = 0.17  # weights nearer to zero are left out of the file
_STRENGTH = 0.4  # scikit-learn's C
_NO_BODY = 0.3
_BODY_CHARS = 2000
_PART = re.compile(r"[^\s]{4,24}")
_SERIES = re.compile(r"^【[^】]*】")


@dataclass(frozen=True, slots=True)
class Seam:
    """One place in a headline, and whether it is a pause."""

    left: str
    right: str
    body: str
    is_pause: bool


def read_headlines(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield titles with the beginning of their texts, which is empty where only titles are known."""
    with gzip.open(folder / "headlines" / "cctv-2022-2025.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from ((row["title"], row["text"][:_BODY_CHARS]) for row in map(json.loads, lines))
    with gzip.open(folder / "bench" / "thucnews-headlines-train45k.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from ((row["text"], "") for row in map(json.loads, lines))
    with (folder / "topics" / "train.jsonl").open(encoding="utf-8") as lines:
        yield from ((row["title"], row["text"][:_BODY_CHARS]) for row in map(json.loads, lines))


def cut_seams(title: str, body: str, rng: random.Random) -> Iterator[Seam]:
    """Yield the pauses of a headline, and cuts inside its parts."""
    title = re.sub(r"\s+", " ", _SERIES.sub("", title)).strip()
    parts = title.split(" ")
    if not all(_PART.fullmatch(part) for part in parts) or len(parts) > 3:
        return
    for left, right in zip(parts, parts[1:], strict=False):
        # A space beside Latin letters sets off a word: 华为 Mate 60.
        if not (left[-1] + right[0]).isascii() and not is_impossible(left, right):
            yield Seam(left, right, body, True)
    for part in parts:
        if len(part) >= 11:
            yield from (Seam(part[:at], part[at:], body, False) for at in _cuts(part, rng))


def _cuts(part: str, rng: random.Random) -> list[int]:
    """Draw places where a dump could wrap: most between words, some inside one."""
    import rjieba

    at = 0
    ends = [at := at + len(word) for word in rjieba.cut(part)]
    places = [at for at in range(4, len(part) - 3) if not is_impossible(part[:at], part[at:])]
    between = [at for at in places if at in ends]
    inside = [at for at in places if at not in ends]
    return rng.sample(between, min(3, len(between))) + rng.sample(inside, min(1, len(inside)))


def fit(seams: Sequence[Seam]) -> dict[str, float]:
    """Return the weight of each feature; pauses and cuts count alike."""
    rows = [seam_features(one.left, one.right, one.body) for one in seams]
    gold = [one.is_pause for one in seams]
    sample_weight = [1.0 if one.body else _NO_BODY for one in seams]
    return fit_weights(rows, gold, sample_weight, min_count=_MIN_COUNT, strength=_STRENGTH, weakest=_WEAKEST)


def measure(seams: Sequence[Seam], weights: dict[str, float]) -> str:
    """Say how well the weights tell pauses from cuts."""
    rows = [seam_features(one.left, one.right, one.body) for one in seams]
    found = np.array([odds(row, weights) for row in rows])
    gold = np.array([one.is_pause for one in seams])
    rates = [float(np.mean((found > 0)[gold == value] == value)) for value in (True, False)]
    sample = np.where(gold, 0.5 / gold.sum(), 0.5 / (~gold).sum())
    loss = log_loss(gold, 1 / (1 + np.exp(-found)), sample_weight=sample)
    return f"pauses {rates[0]:.4f}, cuts {rates[1]:.4f}, log loss {loss:.4f} on {len(seams)} held-out seams"


def main() -> None:
    """Fit, measure and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with headlines/, bench/ and topics/")
    parser.add_argument("--without", type=Path, help="titles to leave out, one a line: those that a benchmark uses")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    kept = set(options.without.read_text(encoding="utf-8").splitlines()) if options.without else set()
    rng = random.Random(_SEED)
    titles = dict(one for one in read_headlines(options.data) if one[0] not in kept)
    learn: list[Seam] = []
    held: list[Seam] = []
    for number, (title, body) in enumerate(titles.items()):
        (learn if number % _HELD_OUT else held).extend(cut_seams(title, body, rng))
    sys.stdout.write(measure(held, fit(learn)) + "\n")
    weights = fit([*learn, *held])
    text = json.dumps(weights, ensure_ascii=False, indent=0, separators=(",", ":"))
    options.output.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(weights)} weights, {options.output.stat().st_size} bytes: {options.output}\n")


if __name__ == "__main__":
    main()
