"""The model card: model.json in words, for whoever opens the folder."""

from typing import Any

from training.summaries import format_figure

_KINDS = {
    "tfidf": "A TF-IDF classifier: one linear model per topic over words and characters",
    "bert": "A BERT classifier: an encoder with a trained head over windows of the article",
    "blend": "A blend: the weighted average of the probabilities of its members",
    "seq2seq": "A summarizer that writes: an encoder-decoder",
    "pointer": "A summarizer that writes: a pointer network over the states of an encoder",
}
_FIGURES = {
    "macro_f1": "macro-F1 {:.3f}",
    "accuracy": "accuracy {:.3f}",
    "none_given_a_topic": "topic-less articles given a topic {:.1%}",
    "coverage": "not sent to review {:.1%}",
}


def model_card(card: dict[str, Any], report: dict[str, Any] | None) -> str:
    """Return the card as Markdown.

    Args:
        card: what model.json holds.
        report: what report.json holds, None where nothing was measured.
    """
    counts = ", ".join(f"{key} {count}" for key, count in card["data"]["per_topic"].items())
    lines = [
        f"# {_KINDS[card['kind']]}",
        "",
        f"Made by wenzhai {card['versions']['wenzhai']}; {card['summary']}.",
        "",
        f"- Labels: {', '.join(card['topics'])} ({card.get('task', 'multi-label')})",
        f"- Learned from {card['data']['articles']} articles: {counts}, none of them {card['data']['none']};"
        f" {card['data']['unsure']} are marked unsure. sha256 of the data {card['data']['digest']}",
        f"- Seed {card['seed']}; every setting stands in train.yaml, versions and digests in model.json",
    ]
    if encoder := card.get("encoder"):
        lines.append(f"- Encoder: {_encoder(encoder)}; its licence holds for what was made from it")
    if members := card.get("members"):
        lines.append("- Members: " + ", ".join(f"{member['name']} at {member['weight']:.3f}" for member in members))
    if figures := card.get("held_back") or card.get("out_of_fold"):
        said = ", ".join(text.format(figures[name]) for name, text in _FIGURES.items() if name in figures)
        lines.append(
            f"- On training articles that the weights had not learned from: {said}. Thresholds were set on them"
        )
    if report is not None:
        lines.append(f"- On validation articles (report.json): {_measured(report['all'])}")
    lines += [
        "",
        "Scores are probabilities; thresholds.yaml, which may be edited, says from where a topic is given and when a",
        "person should look. The model knows articles like those it learned from; on others, measure it first:",
        "`wenzhai evaluate FOLDER DATA`.",
    ]
    return "\n".join(lines) + "\n"


def summarizer_card(card: dict[str, Any], report: dict[str, Any] | None) -> str:
    """Return the card of a summarizer as Markdown; ``report`` maps each mode to its figures, None: not measured."""
    counts = ", ".join(f"{count} of mode {mode}" for mode, count in card["data"]["per_mode"].items())
    lines = [
        f"# {_KINDS[card['kind']]}",
        "",
        f"Made by wenzhai {card['versions']['wenzhai']}; {card['summary']}.",
        "",
        f"- Learned from {counts}. sha256 of the data {card['data']['digest']}",
        f"- Seed {card['seed']}; every setting stands in train.yaml, versions and digests in model.json",
        f"- {_origin(card)}; its licence holds for what was made from it",
        f"- On {card['held_back']['articles']} training articles that it had not learned from, which picked the"
        f" checkpoint: ROUGE-L {100 * card['held_back']['rougeL']:.1f} over characters, before any check",
    ]
    for mode, found in (report or {}).items():
        if found["articles"]:
            rouge = format_figure(found["figures"]["rougeL_char"], 100)
            lines.append(f"- On {found['articles']} validation articles (report.json), {mode}: ROUGE-L {rouge}")
    lines += [
        "",
        "What it writes is checked against the article; where nothing holds, the summary is copied from it, and",
        "`summary_method` says so. On articles of another kind, measure it first: `wenzhai evaluate FOLDER DATA`.",
    ]
    return "\n".join(lines) + "\n"


def _encoder(encoder: dict[str, Any]) -> str:
    if encoder["name"] == ".":
        return "in this folder, all of its weights trained"
    revision = f" at {encoder['revision']}" if encoder["revision"] else ""
    return f"{encoder['name']}{revision}, weights sha256 {encoder['digest']}"


def _measured(block: dict[str, Any]) -> str:
    if not block["articles"]:
        return "there were none"
    f1, exact = block["macro"]["f1"], block["exact_match"]
    return (
        f"macro-F1 {f1['value']:.3f} [{f1['low']:.3f}, {f1['high']:.3f}], exact match {exact['value']:.3f} over"
        f" {block['articles']}"
    )


def _origin(card: dict[str, Any]) -> str:
    if "pretrained" in card:
        return f"Began as {_encoder(card['pretrained'])}"
    return f"Encoder: {_encoder(card['encoder'])}"
