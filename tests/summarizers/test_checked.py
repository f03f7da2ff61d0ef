import pytest

from toolkit.faithful import Source, check
from toolkit.summarizers import load_summarizer
from toolkit.summarizers.checked import Candidate, choose_checked, copied, whole_text
from toolkit.text import sentences
from toolkit.types import Summary

BODY = (
    "昨天上午，全市防汛工作会议在市行政中心召开。会议要求各镇街道在6月10日前完成隐患排查，做到“雨前查、雨后查”。"
    "目前全市共排查地质灾害点45处，已整改38处。白鹭镇的渡口在水位回落前不得恢复开放。石堰镇组织了防汛演练，"
    "300名群众参加转移。"
)
FAITHFUL = "全市防汛工作会议召开，地质灾害点已整改38处。"
OTHER = "石堰镇组织防汛演练，300名群众参加转移。"
INVENTED = "全市防汛工作会议召开，地质灾害点已整改39处。"
EMPTY = Summary("", "extractive", ("empty_text",))


@pytest.fixture
def choose(article):
    """Choose among texts, the one of the highest score first, for one article."""

    def make(*texts, mode="abstract", max_chars=60, body=BODY, title=""):
        candidates = [Candidate(text, -float(rank)) for rank, text in enumerate(texts)]
        return choose_checked(
            article(body, title=title), candidates, mode=mode, max_chars=max_chars, method="the model"
        )

    return make


def test_the_faithful_candidate_of_the_highest_score_is_chosen(article):
    candidates = [Candidate(OTHER, -0.9), Candidate(FAITHFUL, -0.2), Candidate(INVENTED, -0.5)]
    found = choose_checked(article(BODY), candidates, mode="abstract", max_chars=60, method="the model")
    assert (found.text, found.method, found.flags) == (FAITHFUL, "the model", ())


@pytest.mark.parametrize(
    "unfaithful",
    [
        INVENTED,
        "会议要求各镇街道在6月11日前完成隐患排查。",
        "白鹭镇的渡口在水位回落前恢复开放。",
        "杭州市组织防汛演练，300名群众参加转移。",
        "会议要求做到“雨前查、雪后查”。",
    ],
)
def test_a_faithful_candidate_goes_before_a_better_one_that_the_article_does_not_bear_out(choose, unfaithful):
    found = choose(unfaithful, FAITHFUL)
    assert (found.text, found.method) == (FAITHFUL, "the model")


@pytest.mark.parametrize("candidates", [(INVENTED,), (INVENTED, INVENTED.replace("39", "83")), ()])
@pytest.mark.parametrize("mode", ["abstract", "headline"])
def test_without_a_faithful_candidate_the_summary_is_that_of_extractive(choose, article, mode, candidates):
    found = choose(*(text.rstrip("。") if mode == "headline" else text for text in candidates), mode=mode)
    assert found == copied(article(BODY), mode=mode, max_chars=60)
    assert found.method == "extractive"


# (mode, a form that is wrong, the same put right); the article bears out both
FORMS = {
    "too long": ("abstract", FAITHFUL + OTHER + "会议要求完成隐患排查。", FAITHFUL + OTHER),
    "too long for a headline": (
        "headline",
        "全市防汛工作会议召开，地质灾害点已整改38处，石堰镇组织防汛演练",
        "全市防汛工作会议召开，地质灾害点已整改38处",
    ),
    "hardly anything": ("abstract", "会议召开。", "防汛会议召开。"),
    "no full stop": ("abstract", "全市防汛工作会议召开，", "全市防汛工作会议召开。"),
    "a headline with a full stop": ("headline", "全市防汛工作会议召开。", "全市防汛工作会议召开"),
    "a headline with a comma": ("headline", "全市防汛工作会议召开，", "全市防汛工作会议召开"),
    "a quotation mark alone": ("abstract", "会议要求做到“雨前查、雨后查。", "会议要求做到“雨前查、雨后查”。"),
    "a bracket alone": ("headline", "全市防汛工作会议（昨天召开", "全市防汛工作会议（昨天）召开"),
    "a leading comma": ("abstract", "，全市防汛工作会议召开。", "全市防汛工作会议召开。"),
    "two lines": ("headline", "全市防汛工作会议\n召开", "全市防汛工作会议召开"),
    "six characters twice": (
        "abstract",
        "全市防汛工作会议召开，全市防汛工作会议召开。",
        "全市防汛工作会议召开，防汛工作会上有要求。",  # five
    ),
}


@pytest.mark.parametrize(("mode", "wrong", "right"), FORMS.values(), ids=FORMS)
def test_a_form_is_wrong_and_its_correction_is_not(choose, article, mode, wrong, right):
    source = Source(article(BODY))
    assert check(wrong, source) == check(right, source) == []
    assert choose(wrong, mode=mode, max_chars=50).method == "extractive"
    assert choose(wrong, right, mode=mode, max_chars=50).text == right


@pytest.mark.parametrize(("max_chars", "expected"), [(23, FAITHFUL), (22, OTHER)])
def test_a_summary_may_be_as_long_as_the_limit(choose, max_chars, expected):
    assert len(FAITHFUL) == 23
    assert choose(FAITHFUL, OTHER, max_chars=max_chars).text == expected


@pytest.mark.parametrize("end", ["全市防汛工作会议召开！", "防汛工作会议要求“雨前查、雨后查。”"])
def test_other_marks_end_a_sentence_too(choose, end):
    assert choose(end).text == end


def test_a_run_that_the_article_has_twice_may_stand_twice(choose):
    text = "石堰镇防汛演练开始，青棠镇防汛演练开始，两镇防汛演练开始后各转移300名群众到安置点。随后，两镇检查了堤防。"
    twice = "石堰镇防汛演练开始，青棠镇防汛演练开始。"
    assert choose(twice, body=text).text == twice
    assert (
        choose(twice, body=text.replace("，两镇防汛演练开始后", "，").replace("青棠镇防汛演练", "青棠镇演练")).method
        == "extractive"
    )


def test_blanks_around_a_candidate_are_taken_away(choose):
    assert choose(f" {FAITHFUL}\n").text == FAITHFUL


def test_of_equal_scores_the_first_is_chosen(article):
    candidates = [Candidate(FAITHFUL, -1.0), Candidate(OTHER, -1.0)]
    found = choose_checked(article(BODY), candidates, mode="abstract", max_chars=60, method="the model")
    assert found.text == FAITHFUL


@pytest.mark.parametrize("mode", ["abstract", "headline"])
def test_an_article_without_text_has_an_empty_summary_that_says_so(choose, article, mode):
    for found in (choose(INVENTED, body="", mode=mode), copied(article(""), mode=mode, max_chars=60)):
        assert (found.text, found.flags) == ("", ("empty_text",))


def test_each_clause_of_a_written_summary_rests_on_its_sentence(choose):
    found = choose(FAITHFUL)
    assert [found.text[item.start : item.end] for item in found.support] == FAITHFUL.rstrip("。").split("，")
    assert [item.sentence for item in found.support] == [sentences(BODY)[0], sentences(BODY)[2]]


@pytest.mark.parametrize("mode", ["abstract", "headline"])
def test_a_copied_summary_needs_no_support(choose, mode):
    assert choose(INVENTED, mode=mode).support == ()


SHORT = "全市防汛工作会议昨天召开。各镇街道参加。"


@pytest.mark.parametrize(
    ("text", "max_chars", "expected"),
    [
        (SHORT, 40, Summary(SHORT, "extractive", ("whole_text",))),  # exactly half the limit
        (SHORT, 39, None),
        (SHORT.replace("。", "。\n", 1), 40, Summary(SHORT, "extractive", ("whole_text",))),
        (f"本报讯（记者 王一平）{SHORT}", 40, Summary(SHORT, "extractive", ("whole_text",))),
        (SHORT.rstrip("。"), 120, None),
        ("", 120, EMPTY),
        ("本报讯（记者 王一平）", 120, EMPTY),
    ],
)
def test_a_text_of_half_the_limit_is_its_own_summary(article, text, max_chars, expected):
    assert whole_text(article(text), max_chars=max_chars) == expected


@pytest.mark.parametrize(
    ("mode", "max_chars"), [("abstract", 40), ("abstract", 120), ("headline", 20), ("headline", 80)]
)
def test_what_is_copied_is_what_extractive_makes(article, corpus, mode, max_chars):
    articles = [article(row["text"], title=row["title"]) for row in corpus[:20]] + [article(BODY)]
    expected = load_summarizer("extractive").summarize(articles, mode=mode, max_chars=max_chars)
    assert [copied(one, mode=mode, max_chars=max_chars) for one in articles] == expected
    assert all(len(summary.text) <= max_chars for summary in expected)


def test_a_copied_headline_that_had_to_be_cut_says_so(article):
    found = copied(article("全市安全生产和消防工作会议今天上午在市行政中心召开。"), mode="headline", max_chars=12)
    assert (found.text, found.method, found.flags) == ("全市安全生产和消防工作", "extractive", ("cut",))
