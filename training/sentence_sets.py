"""Learn the weights of the extractive summarizer: ``python -m training.sentence_sets [-o FILE]``.

From the training part of the abstracts beside the project (``training/abstracts.py``). A set of sentences is worth its
ROUGE-L and half its ROUGE-2 against the abstract; the weights make the sets' softmax as like as can be, in
cross-entropy, to the softmax of their worth (``training/listnet.py``).
"""

import json
from collections.abc import Sequence
from datetime import date

from toolkit.summarizers.sentence_sets import FIGURES, WEIGHTS, find_candidates
from toolkit.types import Article
from training.abstracts import join_abstracts
from training.command import output_path, real_data, say
from training.listnet import Ranked, cross_validate, fit, judge_candidates

_MAX_CHARS = 110  # of the references
_PENALTY = 1e-4  # on squared weights of standardized figures


def main() -> None:
    """Cross-validate, fit on everything, write the weights."""
    output = output_path(WEIGHTS)
    ranked = rank_articles(join_abstracts(real_data())["train"])
    found = cross_validate(ranked, penalty=_PENALTY)
    say(f"{len(ranked)} articles, out of fold: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))
    weights = {name: round(float(value), 4) for name, value in zip(FIGURES, fit(ranked, penalty=_PENALTY), strict=True)}
    card = {"articles": len(ranked), "date": date.today().isoformat(), "out_of_fold": found, "weights": weights}
    output.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def rank_articles(rows: Sequence[dict[str, str]]) -> list[Ranked]:
    """Return the sets of each article that has any, with what they are worth; rows as ``join_abstracts`` gives them."""
    found = []
    for row in rows:
        article = Article(id=row["id"], title=row["title"], text=row["text"], source=row["id"])
        candidates = find_candidates(article, max_chars=_MAX_CHARS)
        if not candidates.sets:
            continue
        texts = [candidates.text(number) for number in range(len(candidates.sets))]
        found.append(judge_candidates(candidates.figures, texts, row["abstract"]))
    return found


if __name__ == "__main__":
    main()
