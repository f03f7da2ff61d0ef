import json

import numpy as np
import pytest

import training.reranking as learning
from toolkit.summarizers.reranking.figures import FIGURES
from toolkit.types import DataError
from training.judged import PUBLIC, TELEVISION, article_digest, join_judged, read_judged
from training.listnet import Ranked
from training.reranking import Judged, cross_validate, fit_printable, read_judgements

NEWS = "今年全市新开工亿元以上项目38个，总投资126亿元。"
ASIDE = "大家都说变化很大。"
ROW = {
    "id": "1",
    "title": "新开工项目38个",
    "text": "项目建设是头等大事。" + NEWS + ASIDE,
    "abstract": NEWS,
    "judged": [
        {"text": NEWS, "printable": True, "faithful": True},
        {"text": ASIDE, "printable": False, "faithful": True},
    ],
}


def judged(count, wanted, seed=13):
    """Articles whose summaries can be printed where the ``wanted`` figure is large."""
    draw = np.random.default_rng(seed)
    figures = draw.normal(size=(count, 4, len(FIGURES)))
    return [Judged(one, one[:, wanted] > 0) for one in figures]


def ranked(count, wanted, seed=17):
    draw = np.random.default_rng(seed)
    figures = draw.normal(size=(count, 8, len(FIGURES)))
    return [Ranked(one, worth := 1 / (1 + np.exp(-one[:, wanted])), worth) for one in figures]


def test_the_weights_find_the_figure_that_tells():
    weights = fit_printable(judged(150, wanted=3))
    assert np.abs(weights).argmax() == 3
    assert weights[3] > 0


def test_both_kinds_of_data_are_learned_from():
    weights = learning.learn(ranked(150, wanted=2), judged(150, wanted=3))
    assert set(np.abs(weights).argsort()[-2:].tolist()) == {2, 3}


def test_folds_are_measured_by_weights_that_have_not_seen_them():
    found = cross_validate(ranked(60, wanted=3), judged(60, wanted=3))
    assert 0.7 < found["printable"] <= found["printable_any"]
    assert found["auc"] > 0.8
    noise = [
        Judged(one.figures, np.random.default_rng(number).random(4) > 0.5) for number, one in enumerate(judged(60, 3))
    ]
    assert cross_validate(ranked(60, wanted=3), noise)["auc"] < 0.65


def test_judgements_keep_their_order():
    [found] = read_judgements(iter([ROW]))
    assert found.figures.shape == (2, len(FIGURES))
    assert found.printable.tolist() == [True, False]


def test_the_command_writes_weights_that_the_reranker_reads(tmp_path, monkeypatch, capsys):
    lines = "".join(json.dumps(ROW | {"id": str(number)}, ensure_ascii=False) + "\n" for number in range(6))
    for name in ("abstracts-train.jsonl", "inews-abstracts.jsonl", PUBLIC, TELEVISION):
        (tmp_path / name).write_text(lines, encoding="utf-8")
    monkeypatch.setattr(learning, "DATA", tmp_path)
    monkeypatch.setattr("sys.argv", ["reranking", "-o", str(tmp_path / "weights.json")])
    learning.main()
    card = json.loads((tmp_path / "weights.json").read_text(encoding="utf-8"))
    assert list(card["weights"]) == list(FIGURES)
    assert (card["references"], card["judged"]) == (12, {"articles": 12, "summaries": 24})
    assert "12 references, 12 judged articles" in capsys.readouterr().out
    (tmp_path / PUBLIC).unlink()
    with pytest.raises(DataError, match=rf"{PUBLIC} is not there; .*training.public_data"):
        learning.main()


@pytest.mark.parametrize("name", [PUBLIC, TELEVISION])
def test_the_judgements_in_the_repository_hold_places_and_hardly_a_word(name):
    rows = read_judged(name)
    assert len(rows) > 100
    parts = [part for row in rows for one in row["judged"] for part in one["parts"]]
    assert sum(isinstance(part, str) for part in parts) < len(parts) / 3
    assert max(len(part) for part in parts if isinstance(part, str)) < 12
    assert {type(one[key]) for row in rows for one in row["judged"] for key in ("printable", "faithful")} == {bool}
    assert all(one["faithful"] or not one["printable"] for row in rows for one in row["judged"])


def test_a_judged_summary_comes_back_from_its_parts():
    given = {
        "id": "1",
        "digest": article_digest("题", "全文。"),
        "judged": [{"parts": [[2, 5]], "printable": True, "faithful": True}],
    }
    assert join_judged(given, "题", "全文。")["judged"] == [{"text": "全文。", "printable": True, "faithful": True}]
    given["judged"][0]["parts"] = [[2, 50]]
    with pytest.raises(DataError, match="1: characters 2 to 50 of an article of 5 characters"):
        join_judged(given, "题", "全文。")
