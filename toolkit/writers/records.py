"""A result as one flat record: the input's fields first, then what was found."""

from collections.abc import Mapping
from typing import Any

from toolkit.types import Article, Evidence, Prediction, Reject, Result, Summary

_PAGE_FIELDS = ("subtitle", "kicker", "byline", "dateline", "kind", "order")


def result_to_record(result: Result) -> dict[str, Any]:
    """Return the record that every output format writes.

    An input field that has the name of one of our own findings keeps its value under ``input_<name>``.
    """
    given = _article_fields(result.article)
    found: dict[str, Any] = {}
    flags = result.article.flags
    if result.prediction is not None:
        found |= _prediction_fields(result.prediction)
    if result.summary is not None:
        found |= {"summary": result.summary.text, "summary_method": result.summary.method}
        if result.summary.support:
            found["support"] = _support_fields(result.summary)
        flags = tuple(dict.fromkeys((*flags, *result.summary.flags)))
    if result.headline is not None:
        found |= {"headline": result.headline.text, "headline_method": result.headline.method}
        flags = (*flags, *(f"headline_{flag}" for flag in result.headline.flags))
    found["flags"] = list(flags)
    return {(f"input_{name}" if name in found else name): value for name, value in given.items()} | found


def _article_fields(article: Article) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": article.id, "title": article.title}
    optional = {name: getattr(article, name) for name in _PAGE_FIELDS}
    optional["byline"] = [{"role": credit.role, "names": list(credit.names)} for credit in article.byline]
    if article.order is None:
        # Only a page says of every field whether it is there; a row keeps the fields it came with.
        optional = {name: value for name, value in optional.items() if value and value != "article"}
    fields |= optional
    fields["text"] = article.text
    if article.published is not None:
        fields["published"] = article.published
    if article.topics is not None:
        fields["topics"] = list(article.topics)
    if article.unsure is not None:
        fields["unsure"] = article.unsure
    fields["read_from"] = article.source
    for name, value in article.extra.items():
        if name not in fields:
            fields[name] = value
        elif value is not None:
            fields[f"input_{name}"] = value
    return fields


def _prediction_fields(prediction: Prediction) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "topics": list(prediction.topics),
        "decision": prediction.decision,
        "scores": {key: round(value, 4) for key, value in prediction.scores.items()},
        "evidence": [_evidence_fields(evidence) for evidence in prediction.evidence],
        "model": prediction.model,
    }
    if prediction.windows is not None:
        fields |= {"windows": prediction.windows, "truncated": bool(prediction.truncated)}
    return fields


def _support_fields(summary: Summary) -> list[dict[str, str | None]]:
    return [
        {"clause": summary.text[clause.start : clause.end], "sentence": clause.sentence} for clause in summary.support
    ]


def _evidence_fields(evidence: Evidence) -> dict[str, Any]:
    words = [{"word": word, "contribution": round(contribution, 3)} for word, contribution in evidence.words]
    return {"topic": evidence.topic, "words": words, "sentence": evidence.sentence}


def reject_to_record(reject: Reject) -> dict[str, Any]:
    """Return what the rejects file says of one input."""
    record: dict[str, Any] = {"source": reject.source, "reason": reject.reason}
    return record if reject.raw is None else record | {"raw": reject.raw}


def cell(value: object) -> str | int | float | bool | None:
    """Return a record's value as one spreadsheet cell: lists and mappings become short readable text."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={cell(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(_item(item) for item in value)
    return str(value)


def _item(item: object) -> str:
    match item:
        case {"role": str(role), "names": list(names)}:
            return " ".join((role, *map(str, names)))
        case {"topic": str(topic), "words": list(words), "sentence": sentence}:
            spoken = " ".join(f"{word['word']}{word['contribution']:+.2f}" for word in words)
            return f"{topic}: {spoken}" + (f" | {sentence}" if sentence else "")
        case {"clause": str(clause), "sentence": sentence}:
            return f"{clause} ← {sentence or '?'}"
    return str(cell(item))
