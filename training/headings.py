"""Fit the model that finds headings glued before sentences: ``python -m training.headings``.

Headlines, labels and clauses are glued before sentences of other news; all other places, and every place of clean
sentences, are no joints. Prints what it finds on articles that were held out, then fits on all and writes the weights.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from toolkit.headings import ENOUGH, FIRST_LOOK, WEIGHTS, gate_features, joint_features, places
from toolkit.joints import is_impossible, odds, without_digits
from training.glued import Glued, Source, clean, glue, read_news, read_pages, read_set_off
from training.linear import fit_weights

_SEED = 13
_HELD_OUT = 10  # one article in so many
_PLACES = 8  # of a sentence, from which the first look learns
_PASSED_BY = 0.05  # joints that the first look may miss
_FALSE_CUTS = 0.0008  # of clean sentences
_GLUED_PAGES = 3  # headings glued into a page
_REAL = 3.5  # odds from which a first model's find on a page is taken for a real joint
_CLEAN_SHARE = 0.5  # of the clean sentences, from which the model learns
Place = tuple[Glued, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """For each sentence the odds of its best place, and whether that is its joint."""

    odds: np.ndarray
    right: np.ndarray


def fit(sentences: Sequence[Glued], rng: random.Random) -> dict[str, float]:
    """Return the weights of both looks."""
    gate = _fit_gate(sentences, rng)
    near = [(one, at) for one in sentences for at in _seen(one, gate)]
    rows = [joint_features(one.sentence, at, one.title) for one, at in near]
    gold = [at == one.joint for one, at in near]
    sys.stdout.write(f"{len(sentences)} sentences, {len(near)} places, {sum(gold)} joints\n")
    return gate | fit_weights(rows, gold, min_count=12, strength=0.3, weakest=0.12)


def _fit_gate(sentences: Sequence[Glued], rng: random.Random) -> dict[str, float]:
    seen: list[Place] = []
    for one in sentences:
        others = [at for at in _possible(one) if at != one.joint]
        seen += [(one, at) for at in rng.sample(others, min(_PLACES, len(others)))]
        if one.joint is not None and one.joint in _possible(one):
            seen.append((one, one.joint))
    rows = [["gate bias", *gate_features(without_digits(one.sentence), at)] for one, at in seen]
    gold = np.array([at == one.joint for one, at in seen])
    weights = fit_weights(rows, gold.tolist(), min_count=12, strength=0.1, weakest=0.15)
    weights.pop("gate bias", None)
    passed = np.array([odds(row, weights) for row in rows])[gold]
    return weights | {FIRST_LOOK: round(float(np.quantile(passed, _PASSED_BY)), 2)}


def _possible(one: Glued) -> list[int]:
    return [at for at in places(one.sentence) if not is_impossible(one.sentence[:at], one.sentence[at:])]


def _seen(one: Glued, gate: dict[str, float]) -> Iterator[int]:
    text = without_digits(one.sentence)
    yield from (at for at in _possible(one) if odds(gate_features(text, at), gate) >= gate[FIRST_LOOK])


def find(sentences: Iterable[Glued], weights: dict[str, float]) -> Found:
    """Look for the best place of each sentence."""
    best: list[float] = []
    right: list[bool] = []
    for one in sentences:
        seen = list(_seen(one, weights))
        values = [odds(joint_features(one.sentence, at, one.title), weights) for at in seen]
        best.append(max(values, default=-np.inf))
        right.append(bool(values) and seen[int(np.argmax(values))] == one.joint)
    return Found(np.array(best), np.array(right))


def choose(glued: Found, whole: Found) -> tuple[float, str]:
    """Return the odds from which few clean sentences are cut, and what is found there."""
    enough = float(np.quantile(whole.odds, 1 - _FALSE_CUTS, method="higher"))
    lines = []
    for least in (enough - 1, enough, enough + 1):
        cut = glued.odds >= least
        lines.append(
            f"odds {least:.2f}: {np.mean(whole.odds >= least):.4%} of {len(whole.odds)} clean sentences cut; "
            f"of {len(cut)} joints {np.mean(cut & glued.right):.4f} found, {np.mean(cut & ~glued.right):.4f} misplaced"
        )
    return enough, "\n".join(lines) + "\n"


def _part(items: list[T], rng: random.Random) -> tuple[list[T], list[T]]:
    """Return what is learned and what is held out."""
    rng.shuffle(items)
    return [one for at, one in enumerate(items) if at % _HELD_OUT], items[::_HELD_OUT]


def _from_pages(pages: Sequence[Source], first: dict[str, float], rng: random.Random) -> list[Glued]:
    """Glue headings into web pages, and take their other sentences as clean, but where a first model finds a joint."""
    whole = list(clean(pages))
    kept = [one for one, now in zip(whole, find(whole, first).odds, strict=True) if now < _REAL]
    glued = [one for _ in range(_GLUED_PAGES) for one in glue(pages, rng)]
    sys.stdout.write(f"{len(whole) - len(kept)} of {len(whole)} sentences of pages have a joint\n")
    return kept + glued


def main() -> None:
    """Fit, measure and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder that training.abstracts wrote")
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    rng = random.Random(_SEED)
    news, held = _part(list(dict.fromkeys(read_news(options.data))), rng)
    set_off, held_set_off = _part(list(read_set_off(options.data)), rng)
    learned = [*glue(news, rng), *set_off, *(one for one in clean(news) if rng.random() < _CLEAN_SHARE)]
    weights = fit([*learned, *_from_pages(list(read_pages(options.data)), fit(learned, rng), rng)], rng)
    enough, report = choose(find(glue(held, rng), weights), find(clean(held), weights))
    sys.stdout.write(report)
    found = find(held_set_off, weights)
    share = np.mean((found.odds >= enough) & found.right)
    sys.stdout.write(f"{share:.4f} of {len(held_set_off)} headings that wide gaps set off on pages\n")
    weights[ENOUGH] = round(enough, 2)
    text = json.dumps(weights, ensure_ascii=False, indent=0, separators=(",", ":"))
    options.output.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(weights)} weights, {options.output.stat().st_size} bytes: {options.output}\n")


if __name__ == "__main__":
    main()
