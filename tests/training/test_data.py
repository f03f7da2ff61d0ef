import pytest

from toolkit.types import Article, DataError
from training.data import data_digest, gold_matrix, read_labelled, repeat_groups, without_repeats_of

TEXT = "昨天上午，全市防汛工作会议在市行政中心召开，会议部署下一阶段防汛防台工作，各镇街道负责人参加会议。"


def make(id_, text, title="标题", topics=()):
    return Article(id_, title, text, "x", topics=topics)


def test_topics_come_back_as_keys_in_order(write_jsonl, topics):
    path = write_jsonl(
        [{"id": "1", "text": TEXT, "topics": ["投资", "safety"]}, {"id": "2", "text": TEXT, "topics": []}]
    )
    assert [article.topics for article in read_labelled(path, topics)] == [("safety", "investment"), ()]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "1", "text": TEXT}], "#1: no topics; write an empty list"),
        ([{"id": "1", "text": TEXT, "topics": ["saftey"]}], "#1: topic 'saftey'.*did you mean safety"),
        ([{"id": "1", "topics": []}], "#1: no text; found id, topics"),
        ([{"id": "1", "text": TEXT, "topics": []}] * 2, "#2: id '1' stands twice"),
        ([], "empty"),
    ],
)
def test_rows_that_cannot_be_used_stop_the_training_and_are_named(write_jsonl, topics, rows, message):
    with pytest.raises(DataError, match=message):
        read_labelled(write_jsonl(rows), topics)


def test_many_mistakes_are_named_up_to_a_point(write_jsonl, topics):
    with pytest.raises(DataError) as caught:
        read_labelled(write_jsonl([{"id": str(number), "text": TEXT} for number in range(30)]), topics)
    assert len(str(caught.value).splitlines()) == 11
    assert "and 20 more" in str(caught.value)


def test_a_missing_file_is_named_with_a_way_out(tmp_path, topics):
    with pytest.raises(DataError, match="no such file; `wenzhai sample corpus"):
        read_labelled(tmp_path / "none.jsonl", topics)


def test_the_gold_matrix_has_a_column_a_topic(topics):
    gold = gold_matrix([make("1", TEXT, topics=("safety",)), make("2", TEXT)], topics)
    assert gold.tolist() == [[False, True, False, False], [False, False, False, False]]


def test_the_digest_changes_with_every_part_a_model_learns_from():
    base = make("1", TEXT, topics=("safety",))
    others = [make("2", TEXT, topics=("safety",)), make("1", TEXT + "。", topics=("safety",)), make("1", TEXT)]
    digests = {data_digest([article]) for article in (base, *others)}
    assert len(digests) == 4
    assert data_digest([base]) == data_digest([make("1", TEXT, topics=("safety",))])


def test_reprints_share_a_group_and_other_articles_do_not():
    other = "石堰镇昨天举行防汛演练，三百名群众参加转移，镇干部逐户上门通知，演练用时四十分钟，全程没有发生意外情况。"
    articles = [
        make("1", TEXT, "防汛会议"),
        make("2", "【快讯】" + TEXT + "记者王一。", "会议召开"),
        make("3", other, "演练"),
        make("4", other.replace("石堰镇", "白鹭镇"), "演练二"),
    ]
    groups = repeat_groups(articles)
    assert groups[0] == groups[1] != groups[2] == groups[3]


def test_articles_with_one_long_title_share_a_group():
    articles = [
        make("1", "甲" * 60, "全市安全生产和消防工作会议昨天召开"),
        make("2", "乙" * 60, "全市安全生产和消防工作会议昨天召开"),
    ]
    assert len(set(repeat_groups(articles))) == 1


def test_short_titles_do_not_make_reprints():
    articles = [
        make("1", "第一篇讲的是防汛工作和水库调度情况", "简讯"),
        make("2", "另一篇写的是博物馆新展开幕和观众反响", "简讯"),
    ]
    assert len(set(repeat_groups(articles))) == 2


def test_training_leaves_out_what_is_held_out():
    kept = without_repeats_of(
        [make("1", TEXT, "甲"), make("2", "完全不同的另一篇文章，写的是博物馆。", "乙")], [make("v", TEXT, "丙")]
    )
    assert [article.id for article in kept] == ["2"]


def test_the_sample_corpus_is_labelled_and_covers_every_case(root, topics):
    articles = read_labelled(root / "toolkit/samples/corpus.jsonl", topics)
    assert len(articles) >= 80
    assert gold_matrix(articles, topics).sum(axis=0).min() >= 15
    assert sum(len(article.topics) > 1 for article in articles) >= 10
    assert sum(not article.topics for article in articles) >= 20
    assert all(article.extra["headline"] and 50 <= len(article.extra["abstract"]) <= 120 for article in articles)
    assert len(set(repeat_groups(articles))) == len(articles)
