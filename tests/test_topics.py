import pytest

from toolkit.topics import dump_topics, load_topics, topic_keys
from toolkit.types import ConfigError, DataError


def test_every_taxonomy_in_the_repo_loads(root):
    paths = sorted((root / "configs/topics").glob("*.yaml"))
    assert paths
    for path in paths:
        assert all(topic.keywords and topic.definition for topic in load_topics(path))


def test_the_default_taxonomy_has_the_four_columns(topics):
    assert [(topic.key, topic.zh) for topic in topics] == [
        ("talent", "人才"),
        ("safety", "安全"),
        ("culture", "文化"),
        ("investment", "投资"),
    ]


def test_a_taxonomy_survives_saving(topics, tmp_path):
    path = tmp_path / "topics.yaml"
    path.write_text(dump_topics(topics), encoding="utf-8")
    assert load_topics(path) == topics


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "no topics"),
        ("safety: {zh: 安全}", "definition is missing"),
        ("safety: {zh: 安全, definition: d, keyword: [a]}", "keyword is unknown.*did you mean keywords"),
        ("work safety: {zh: 安全, definition: d}", "must be one word"),
        ("a: {zh: 安全, definition: d}\nb: {zh: 安全, definition: d}", "same zh name"),
    ],
)
def test_a_wrong_taxonomy_is_named(tmp_path, text, message):
    path = tmp_path / "topics.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_topics(path)


def test_topics_may_be_given_by_key_or_by_name_and_come_back_in_order(topics):
    assert topic_keys(["投资", "safety", "安全"], topics, source="x") == ("safety", "investment")


def test_an_unknown_topic_is_named_with_the_nearest(topics):
    with pytest.raises(DataError, match=r"train.jsonl#4: topic 'saftey'.*did you mean safety"):
        topic_keys(["saftey"], topics, source="train.jsonl#4")
