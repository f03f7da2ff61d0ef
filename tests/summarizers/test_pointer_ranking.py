import numpy as np
import pytest

from toolkit.summarizers.pointer.source import read_source

BODY = "昨天上午，澜川市防汛会议召开。石堰镇组织演练，300名群众转移。"
WRITTEN = ("", "", "", "，", "。", "并")
N = len(WRITTEN)


@pytest.fixture(scope="module", autouse=True)
def torch():
    return pytest.importorskip("torch")


def figures_of(article, *texts):
    """The figures of candidates, given as words: one of the article is copied from its first place, another written."""
    from toolkit.summarizers.pointer.ranking import RANKING, rank_figures
    from toolkit.summarizers.pointer.search import Path

    source = read_source(article(BODY, title="防汛会议"))
    items = [
        tuple(N + source.words.index(word) if word in source.words else WRITTEN.index(word) for word in text)
        for text in texts
    ]
    rows = rank_figures(source, WRITTEN, [Path(found, -0.5) for found in items], max_chars=30)
    return [dict(zip(RANKING, row.tolist(), strict=True)) for row in rows]


def words_of(article):
    return list(read_source(article(BODY)).words)


def test_the_article_itself_has_no_bad_joints(article):
    words = words_of(article)
    [found] = figures_of(article, words[: words.index("。") + 1])
    assert (found["jumps"], found["jumps_back"], found["written_words"]) == (0, 0, 0)
    assert found["sentences"] == 1
    assert (
        found["sentence_ends_inside_clause"] == found["clause_ends_inside_clause"] == found["ends_inside_clause"] == 0
    )
    assert found["title_words"] == 1


def test_an_end_inside_a_clause_is_counted(article):
    [whole, torn, headline] = figures_of(article, ["防汛", "会议", "召开", "。"], ["防汛", "。"], ["防汛"])
    assert (whole["sentence_ends_inside_clause"], torn["sentence_ends_inside_clause"]) == (0, 1)
    assert (whole["ends_inside_clause"], headline["ends_inside_clause"]) == (0, 1)


def test_jumps_are_counted_with_where_they_lead(article):
    [found] = figures_of(article, ["会议", "演练", "防汛", "并", "召开"])
    assert found["jumps"] == pytest.approx(0.4)
    assert found["jumps_back"] == 1
    assert found["jumps_into_other_sentence"] == 2
    assert found["written_words"] == pytest.approx(0.1)


def test_agreement_is_with_the_other_candidates(article):
    alike = ["防汛", "会议", "召开", "。"]
    first, second, other = figures_of(article, alike, alike, ["组织", "演练", "。"])
    assert first["agreement"] == second["agreement"] > other["agreement"]


def test_a_short_last_sentence_is_told(article):
    [short, long] = figures_of(article, ["召开", "。"], words_of(article)[:12])
    assert short["last_sentence"] < long["last_sentence"]


def test_scores_are_weighted_sums():
    from toolkit.summarizers.pointer.ranking import RANKING, rank_scores

    weights = dict.fromkeys(RANKING, 0.0) | {"filled": 2.0}
    figures = np.eye(len(RANKING))
    assert rank_scores(figures, weights).tolist() == [2.0 if name == "filled" else 0.0 for name in RANKING]
