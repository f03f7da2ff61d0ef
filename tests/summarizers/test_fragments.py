import pytest

from toolkit.summarizers.fragments import find_fragments

WHOLE = "昨天上午，澜川市防汛会议召开。"


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        "防汛会议召开，石堰镇组织三支队伍演练。300名群众在一小时内全部转移。",
        "排查灾害点45处，整改率100%，完成投资2亿元。",
    ],
)
def test_whole_sentences_have_none(text):
    assert find_fragments(text) == []


@pytest.mark.parametrize("tail", ["评论。", "2019年。", "干部。"])
def test_a_sentence_of_a_few_characters_beside_others_is_one(tail):
    assert find_fragments(WHOLE + tail) == [len(WHOLE)]


@pytest.mark.parametrize("tail", ["3月24日16时30分左右", "市水利局民警等", "深度贫困县", "市长张明表示"])
def test_a_last_clause_that_predicates_nothing_is_one(tail):
    text = f"石堰镇组织三支队伍演练，{tail}。"
    assert find_fragments(text) == [text.index(tail)]
    assert find_fragments(text + WHOLE) == [text.index(tail)]
