"""A summarizer on articles with reference summaries: how near it comes to them, and what it writes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.faithful import Source, check
from toolkit.readers import read_articles
from toolkit.summarizers import Summarizer
from toolkit.summarizers.checked import repeats
from toolkit.summarizers.headline import HEADLINE_CHARS
from toolkit.types import Article, DataError, Mode, Reject, Summary
from training.data import data_digest
from training.metrics import Figure, bootstrap_weights, interval
from training.rouge import rouge, units

REFERENCE_FIELDS: dict[Mode, tuple[str, ...]] = {
    "abstract": ("abstract", "reference", "摘要"),
    "headline": ("headline", "reference"),
}
_COPIED_CHARS = 4
_MISTAKES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Referenced:
    """Articles and, for each, the summary that a person wrote."""

    articles: tuple[Article, ...]
    references: tuple[str, ...]

    def pairs(self) -> Iterator[tuple[Article, str]]:
        """Yield each article with its reference."""
        return zip(self.articles, self.references, strict=True)


def read_referenced(path: Path, mode: Mode) -> Referenced:
    """Read articles with reference summaries: a field ``abstract``, ``headline``, or ``reference`` for either.

    A headline's reference is the article's own title where there is no such field; the title is then taken away, so
    that the summarizer does not see it.

    Raises:
        DataError: there is no such file, a row cannot be read, or one has no reference.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file")
    articles, references, mistakes = [], [], []
    for found in read_articles([str(path)]):
        if isinstance(found, Reject):
            mistakes.append(f"{found.source}: {found.reason}")
            continue
        reference = _reference(found, mode)
        if reference is None and mode == "headline" and found.title:
            reference, found = found.title, replace(found, title="")
        if reference is None:
            fields = ", ".join(REFERENCE_FIELDS[mode])
            mistakes.append(f"{found.source}: no reference summary; a field of the name {fields} holds it")
            continue
        articles.append(found)
        references.append(reference)
    if mistakes:
        more = len(mistakes) - _MISTAKES_SHOWN
        raise DataError("\n".join(mistakes[:_MISTAKES_SHOWN] + ([f"... and {more} more"] if more > 0 else [])))
    return Referenced(tuple(articles), tuple(references))


def _reference(article: Article, mode: Mode) -> str | None:
    texts = (article.extra.get(name) for name in REFERENCE_FIELDS[mode])
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), None)


def evaluate_summarizer(summarizer: Summarizer, path: Path, *, mode: Mode, max_chars: int) -> dict[str, Any]:
    """Measure a summarizer on a file of articles with references.

    Raises:
        DataError: see ``read_referenced``.
    """
    referenced = read_referenced(path, mode)
    summaries = summarizer.summarize(referenced.articles, mode=mode, max_chars=max_chars)
    return {
        "summarizer": summarizer.name,
        "data": str(path),
        "data_digest": data_digest(referenced.articles),
        "mode": mode,
        "max_chars": min(max_chars, HEADLINE_CHARS) if mode == "headline" else max_chars,
    } | measure_summaries(referenced, summaries)


def measure_summaries(referenced: Referenced, summaries: Sequence[Summary], *, seed: int = 13) -> dict[str, Any]:
    """Return figures as {value, low, high}, means over the articles with 95 % bootstrap intervals.

    ``rouge*_char`` and ``rouge*_word`` are F1 in [0, 1]; ``chars`` is the length; ``copied`` the share of a summary's
    characters that stand in a run of at least four that the article has; ``repeats`` the share of summaries in which a
    run of six characters stands more often than in the article; ``unsupported`` the share with anything that
    ``toolkit.faithful`` finds, and ``findings`` that share for each kind. ``methods`` and ``flags`` are shares of the
    summaries.
    """
    count = len(summaries)
    if count == 0:
        return {"articles": 0}
    values: dict[str, list[float]] = {}
    for unit in ("char", "word"):
        for summary, reference in zip(summaries, referenced.references, strict=True):
            for name, value in rouge(summary.text, reference, unit).items():
                values.setdefault(f"{name}_{unit}", []).append(value)
    values["chars"] = [float(len(summary.text)) for summary in summaries]
    pairs = list(zip(summaries, referenced.articles, strict=True))
    values["copied"] = [copied_share(summary.text, f"{article.title}\n{article.text}") for summary, article in pairs]
    values["repeats"] = [float(repeats(summary.text, article.text)) for summary, article in pairs]
    kinds = [
        sorted({finding.kind for finding in check(summary.text, Source(article))}) if summary.text else []
        for summary, article in pairs
    ]
    values["unsupported"] = [float(bool(found)) for found in kinds]
    weights = bootstrap_weights(count, seed)
    return {
        "articles": count,
        "figures": {name: mean_figure(np.array(found), weights) for name, found in values.items()},
        "findings": _shares([kind for found in kinds for kind in found], count),
        "methods": _shares([summary.method for summary in summaries], count),
        "flags": _shares([flag for summary in summaries for flag in summary.flags], count),
    }


def mean_figure(values: np.ndarray, weights: np.ndarray) -> Figure:
    """Return the mean of values, (n,), with the interval that drawing them by ``weights``, (draws, n), gives."""
    return interval(lambda drawn: drawn @ values / drawn.sum(axis=1), weights)


def _shares(found: list[str], count: int) -> dict[str, float]:
    return {name: round(number / count, 4) for name, number in Counter(found).most_common()}


def copied_share(summary: str, source: str) -> float:
    """Return the share of the summary's units in runs of at least four that stand in the source; 0 for no summary.

    Units are those of ``rouge``: punctuation and widths do not count.
    """
    ours, theirs = units(summary, "char"), units(source, "char")
    known = {tuple(theirs[at : at + _COPIED_CHARS]) for at in range(len(theirs) - _COPIED_CHARS + 1)}
    copied = np.zeros(len(ours), dtype=bool)
    for at in range(len(ours) - _COPIED_CHARS + 1):
        if tuple(ours[at : at + _COPIED_CHARS]) in known:
            copied[at : at + _COPIED_CHARS] = True
    return float(copied.mean()) if len(ours) else 0.0


def format_summary_report(report: dict[str, Any]) -> str:
    """Return the report as text; ROUGE in hundredths, as the literature gives it."""
    lines = [
        f"summarizer {report['summarizer']}, {report['mode']} of at most {report['max_chars']} characters, "
        f"{report['articles']} articles"
    ]
    if not report["articles"]:
        return lines[0]
    figures = report["figures"]
    lines.append(f"{'':<18}{'ROUGE-1':<21}{'ROUGE-2':<21}{'ROUGE-L':<21}".rstrip())
    for unit, name in (("char", "characters"), ("word", "words")):
        cells = "".join(f"{format_figure(figures[f'rouge{kind}_{unit}'], 100):<21}" for kind in "12L")
        lines.append(f"{name:<18}{cells}".rstrip())
    lines.append(f"{'length':<18}{format_figure(figures['chars'], 1)} characters")
    lines.append(f"{'copied':<18}{format_figure(figures['copied'], 100)} % of the characters")
    lines.append(f"{'repeat themselves':<18}{format_figure(figures['repeats'], 100)} % of the summaries")
    lines.append(f"{'not borne out':<18}{format_figure(figures['unsupported'], 100)} % of the summaries")
    for name in ("findings", "methods", "flags"):
        shares = ", ".join(f"{key} {100 * share:.1f} %" for key, share in report[name].items())
        lines.append(f"{name:<18}{shares or 'none'}")
    return "\n".join(lines)


def format_figure(figure: Figure, scale: float) -> str:
    """Return a figure times ``scale`` with its interval; one that could not be measured counts as 0."""
    value, low, high = (scale * (figure[name] or 0.0) for name in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"
