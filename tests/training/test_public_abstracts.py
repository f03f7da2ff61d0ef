import pytest

from training.public_abstracts import from_parts, to_parts

ARTICLE = "平湖防汛会议召开\n昨天上午，全市防汛工作会议在平湖召开，市长作了讲话。"


@pytest.mark.parametrize(
    "summary",
    [
        "昨天上午，全市防汛工作会议在平湖召开。",
        "市长昨天讲话，要求防汛。",
        "全都是自己写的话",
        "平湖防汛会议召开",
        "",
    ],
)
def test_a_summary_comes_back_from_its_parts(summary):
    assert from_parts(to_parts(summary, ARTICLE), ARTICLE) == summary


def test_what_stands_in_the_article_is_kept_as_places():
    assert to_parts("全市防汛工作会议召开，市长讲话。", ARTICLE) == [[14, 22], [25, 30], [32, 35]]
