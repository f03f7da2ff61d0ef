import json

import pytest

from toolkit.summarizers import load_summarizer
from toolkit.summarizers.checked import repeats
from toolkit.types import Article, DataError, Summary
from training.summaries import (
    Referenced,
    copied_share,
    evaluate_summarizer,
    format_summary_report,
    measure_summaries,
    read_referenced,
)

TEXT = "昨天上午，澜川市召开防汛会议。会议要求，各镇加强值守，备足沙袋。记者看到，河堤上堆好了三千只沙袋。"


@pytest.fixture
def articles(tmp_path):
    def write(*rows):
        path = tmp_path / "articles.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


def test_references_are_read_beside_their_articles(articles):
    path = articles({"title": "防汛", "text": TEXT, "abstract": " 澜川市开会。 ", "headline": "澜川备汛"})
    for mode, expected in (("abstract", "澜川市开会。"), ("headline", "澜川备汛")):
        found = read_referenced(path, mode)
        assert found.references == (expected,)
        assert found.articles[0].title == "防汛"


def test_a_title_that_is_the_reference_is_hidden_from_the_summarizer(articles):
    found = read_referenced(articles({"title": "澜川备汛", "text": TEXT}), "headline")
    assert found.references == ("澜川备汛",)
    assert found.articles[0].title == ""


def test_rows_without_a_reference_are_named(articles):
    path = articles({"title": "甲", "text": TEXT, "abstract": "有。"}, {"title": "乙", "text": TEXT, "abstract": " "})
    with pytest.raises(DataError, match=r"articles.jsonl#2: no reference summary; a field of the name abstract"):
        read_referenced(path, "abstract")
    with pytest.raises(DataError, match="no such file"):
        read_referenced(path.with_name("none.jsonl"), "abstract")


@pytest.mark.parametrize(
    ("summary", "source", "expected"),
    [
        ("澜川市召开会议", "澜川市召开会议。", 1.0),
        ("澜川市，召开会议", "昨天澜川市召开", 5 / 7),
        ("澜川召市", "澜川市召开", 0.0),
        ("会议", "会议", 0.0),  # too short a run to be called copied
        ("", "会议", 0.0),
    ],
)
def test_copied_share(summary, source, expected):
    assert copied_share(summary, source) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("summary", "source", "expected"),
    [
        ("加强河堤值守，加强河堤值守", "加强河堤值守", True),
        ("加强河堤值守，加强河堤值守", "加强河堤值守，要加强河堤值守", False),
        ("加强河堤值守", "备足沙袋", False),
        ("加强值守，加强值守", "", False),  # four characters
    ],
)
def test_repeats(summary, source, expected):
    assert repeats(summary, source) is expected


def test_figures_are_means_over_the_articles():
    article = Article(id="1", title="", text=TEXT, source="a#1")
    referenced = Referenced((article, article), ("澜川市召开防汛会议", "备足沙袋"))
    found = measure_summaries(
        referenced, [Summary("澜川市召开防汛会议。", "lead"), Summary("", "textrank", ("empty_text",))]
    )
    assert found["articles"] == 2
    assert found["figures"]["rougeL_char"]["value"] == pytest.approx(0.5)
    assert found["figures"]["chars"]["value"] == pytest.approx(5)
    assert found["figures"]["copied"]["value"] == pytest.approx(0.5)
    assert found["methods"] == {"lead": 0.5, "textrank": 0.5}
    assert found["flags"] == {"empty_text": 0.5}
    assert found["figures"]["unsupported"]["value"] == 0


def test_a_summary_that_the_article_does_not_bear_out_is_counted():
    article = Article(id="1", title="", text=TEXT, source="a#1")
    found = measure_summaries(Referenced((article,), ("备足沙袋",)), [Summary("河堤上堆好了五千只沙袋。", "lead")])
    assert found["figures"]["unsupported"]["value"] == 1
    assert found["findings"] == {"number": 1.0}


def test_a_summarizer_is_measured_on_a_file(articles):
    path = articles({"title": "防汛", "text": TEXT, "abstract": "昨天上午，澜川市召开防汛会议。"})
    report = evaluate_summarizer(load_summarizer("lead"), path, mode="abstract", max_chars=20)
    text = format_summary_report(report)
    assert report["figures"]["rougeL_char"]["value"] == 1.0
    assert "summarizer lead, abstract of at most 20 characters, 1 articles" in text
    assert "100.0 [100.0, 100.0]" in text
