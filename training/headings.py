"""Fit the model that finds headings glued before sentences: ``python -m training.headings``.

Headlines, labels and clauses are glued before sentences of other news; all other places, and every place of clean
sentences, are no joints. Headings that web pages still set off join them, and the pages' sentences, where a first model
finds no joint. Chooses on held-out articles from which odds a sentence is cut, and prints what is found there.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from toolkit.headings import ENOUGH, FIRST_LOOK, WEIGHTS, gate_features, is_torn, joint_features, joint_kind, places
from toolkit.joints import odds, without_digits
from training.glued import Glued, Source, clean, glue, read_news, read_pages, read_set_off
from training.linear import fit_weights

_SEED = 13
_HELD_OUT = 10  # one article in so many
_PLACES = 8  # of a sentence, from which the first look learns
_PASSED_BY = 0.07  # joints that the first look may miss
_KINDS = ("date", "day", "number", "word", "label", "again", "term")
_FALSE_CUTS = {"date": 0.0006, "word": 0.0002}  # of clean sentences, by kind of joint
_RARE_KIND = 0.0001
_LEAST = {"word": 4.1, "term": -2.5}  # odds; reading what was found on web pages showed that it takes so many
_GLUED_PAGES = 3  # headings glued into a page
_REAL = 3.5  # odds from which a first model's find on a page is taken for a real joint
_CLEAN_SHARE = 0.5  # of the clean sentences, from which the model learns
Place = tuple[Glued, int]
Seen = tuple[int, str, float]
T = TypeVar("T")


def fit(sentences: Sequence[Glued], rng: random.Random) -> dict[str, float]:
    """Return the weights of both looks."""
    gate = _fit_gate(sentences, rng)
    near = [(one, at) for one in sentences for at in _seen(one, gate)]
    rows = [joint_features(one.sentence, at, one.title) for one, at in near]
    gold = [at == one.joint for one, at in near]
    sys.stdout.write(f"{len(sentences)} sentences, {len(near)} places, {sum(gold)} joints\n")
    return gate | fit_weights(rows, gold, min_count=16, strength=0.3, weakest=0.23)


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
    return [at for at in places(one.sentence) if not is_torn(one.sentence[:at], one.sentence[at:])]


def _seen(one: Glued, gate: dict[str, float]) -> Iterator[int]:
    text = without_digits(one.sentence)
    yield from (at for at in _possible(one) if odds(gate_features(text, at), gate) >= gate[FIRST_LOOK])


def look(sentences: Iterable[Glued], weights: dict[str, float]) -> list[list[Seen]]:
    """Return what is seen of each sentence: the likely places, the kind of joint, and the odds."""
    return [
        [
            (
                at,
                joint_kind(one.sentence[:at], one.sentence[at:]),
                odds(joint_features(one.sentence, at, one.title), weights),
            )
            for at in _seen(one, weights)
        ]
        for one in sentences
    ]


def choose(whole: Sequence[list[Seen]]) -> dict[str, float]:
    """Return the odds from which few clean sentences are cut at each kind of joint."""
    enough = {}
    for kind in _KINDS:
        best = [max((value for _, one, value in seen if one == kind), default=-np.inf) for seen in whole]
        least = float(np.quantile(best, 1 - _FALSE_CUTS.get(kind, _RARE_KIND), method="higher"))
        enough[ENOUGH + kind] = round(max(least, _LEAST.get(kind, 0.0)), 2)
    return enough


def best_places(seen: Iterable[list[Seen]], enough: dict[str, float]) -> list[int | None]:
    """Return where each sentence is cut."""
    best = (max(((value - enough[ENOUGH + kind], at) for at, kind, value in one), default=(-1.0, 0)) for one in seen)
    return [at if margin >= 0 else None for margin, at in best]


def measure(name: str, sentences: Sequence[Glued], weights: dict[str, float]) -> None:
    """Print how many joints are found, and how many sentences are cut elsewhere."""
    found = best_places(look(sentences, weights), weights)
    cut = np.array([at is not None for at in found])
    right = np.array([at == one.joint for at, one in zip(found, sentences, strict=True)])
    sys.stdout.write(
        f"{name}: {np.mean(cut & right):.4f} of {len(cut)} cut rightly, {np.mean(cut & ~right):.4%} wrongly\n"
    )


def _part(items: list[T], rng: random.Random) -> tuple[list[T], list[T]]:
    """Return what is learned and what is held out."""
    rng.shuffle(items)
    return [one for at, one in enumerate(items) if at % _HELD_OUT], items[::_HELD_OUT]


def _from_pages(pages: Sequence[Source], first: dict[str, float], rng: random.Random) -> list[Glued]:
    """Glue headings into web pages, and take their other sentences as clean, but where a first model finds a joint."""
    whole = list(clean(pages))
    seen = look(whole, first)
    kept = [one for one, now in zip(whole, seen, strict=True) if all(value < _REAL for *_, value in now)]
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
    held_clean, held_glued = list(clean(held)), list(glue(held, rng))
    weights |= choose(look(held_clean, weights))
    sys.stdout.write(" ".join(f"{name} {value}" for name, value in weights.items() if name.startswith(ENOUGH)) + "\n")
    measure("clean sentences", held_clean, weights)
    measure("glued headings", held_glued, weights)
    for kind in _KINDS:
        kept = [
            one
            for one in held_glued
            if one.joint and joint_kind(one.sentence[: one.joint], one.sentence[one.joint :]) == kind
        ]
        measure(f"glued headings, {kind}", kept, weights)
    measure("headings that wide gaps set off on pages", held_set_off, weights)
    text = json.dumps(weights, ensure_ascii=False, indent=0, separators=(",", ":"))
    options.output.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(weights)} weights, {options.output.stat().st_size} bytes: {options.output}\n")


if __name__ == "__main__":
    main()
