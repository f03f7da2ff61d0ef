import gzip
import json

import numpy as np
import pytest

import training.command as command
import training.sentence_sets as learning
from toolkit.summarizers.sentence_sets import FIGURES
from training.listnet import Ranked, cross_validate, fit
from training.sentence_sets import rank_articles

ROW = {
    "id": "1",
    "title": "新开工项目38个",
    "text": "项目建设是头等大事。今年全市新开工亿元以上项目38个，总投资126亿元。大家都说变化很大。",
    "abstract": "今年全市新开工亿元以上项目38个，总投资126亿元。",
}


def ranked(count, wanted, seed=13):
    """Articles of which the sets with the largest ``wanted`` figure are worth most."""
    draw = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        figures = draw.normal(size=(12, len(FIGURES)))
        worth = 1 / (1 + np.exp(-figures[:, wanted]))
        found.append(Ranked(figures, worth, worth))
    return found


def test_the_weights_find_the_figure_that_tells():
    weights = fit(ranked(80, wanted=3), penalty=1e-4)
    assert np.abs(weights).argmax() == 3
    assert weights[3] > 0


def test_the_same_articles_give_the_same_weights():
    np.testing.assert_array_equal(fit(ranked(20, wanted=1), penalty=1e-4), fit(ranked(20, wanted=1), penalty=1e-4))


def test_a_figure_that_never_changes_has_no_weight():
    articles = [Ranked(item.figures.copy(), item.worth, item.rouge_l) for item in ranked(20, wanted=1)]
    for item in articles:
        item.figures[:, 5] = 1.0
    assert fit(articles, penalty=1e-4)[5] == pytest.approx(0)


def test_folds_are_measured_by_weights_that_have_not_seen_them():
    found = cross_validate(ranked(60, wanted=2), penalty=1e-4)
    assert 0.7 < found["rouge_l"] <= found["best_possible"]


def test_sets_are_worth_what_they_share_with_the_abstract():
    [article] = rank_articles([ROW])
    assert article.figures.shape == (len(article.worth), len(FIGURES))
    assert article.rouge_l.max() == pytest.approx(1.0)
    assert article.worth.max() == pytest.approx(1.5)


def test_the_command_writes_weights_that_the_summarizer_reads(tmp_path, monkeypatch, capsys):
    for folder in ("topics", "abstracts", "headlines"):
        (tmp_path / folder).mkdir()
    rows = [ROW | {"id": str(number)} for number in range(6)]
    lines = "".join(json.dumps(row | {"headline": "新开工项目"}, ensure_ascii=False) + "\n" for row in rows)
    for name in ("topics/train", "abstracts/train"):
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    for name in ("topics/valid", "abstracts/texts"):
        (tmp_path / f"{name}.jsonl").touch()
    (tmp_path / "headlines/cctv-2022-2025.jsonl.gz").write_bytes(gzip.compress(b""))
    monkeypatch.setattr(command, "DATA", tmp_path)
    monkeypatch.setattr("sys.argv", ["extractive", "-o", str(tmp_path / "weights.json")])
    learning.main()
    card = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    assert list(card["weights"]) == list(FIGURES)
    assert card["articles"] == 6
    assert "6 articles" in capsys.readouterr().out
