import numpy as np
import pytest

from toolkit.summarizers.pointer.source import read_source

BODY = "昨天上午，澜川市防汛会议召开。石堰镇组织三支队伍演练，300名群众转移。其中老人45名。"
WRITTEN = ("", "", "", "，", "。", "并")
N = len(WRITTEN)


@pytest.fixture(scope="module", autouse=True)
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def source(article):
    return read_source(article(BODY))


def mended(source, *words, bad=(), max_chars=60):
    """Return the mended candidates, given as words, whose joints before the words numbered ``bad`` are doubtful."""
    from toolkit.summarizers.pointer.joints import JudgedJoints
    from toolkit.summarizers.pointer.mending import mend

    items = [N + source.words.index(word) if word in source.words else WRITTEN.index(word) for word in words]
    at = tuple(np.cumsum([0, *map(len, words)]).tolist())
    judged = JudgedJoints(at, np.array([5.0 if number in bad else 0.1 for number in range(len(at))]))
    found = mend(items, judged, source, WRITTEN, max_chars=max_chars, doubted=1.0)
    return ["".join(source.words[item - N] if item >= N else WRITTEN[item] for item in made) for made in found]


def test_nothing_is_mended_where_nothing_is_doubtful(source):
    assert mended(source, "防汛", "会议", "召开", "。") == []


def test_a_doubtful_sentence_is_left_out_or_gives_way_to_the_whole_one(source):
    words = ("防汛", "会议", "召开", "。", "石堰", "镇", "队伍", "转移", "。")
    assert mended(source, *words, bad=[7]) == [
        "防汛会议召开。",
        "防汛会议召开。石堰镇组织三支队伍演练，300名群众转移。",
    ]


def test_a_doubtful_clause_is_trimmed(source):
    words = ("石堰", "镇", "组织", "演练", "，", "群众", "，", "队伍", "。")
    trimmed, whole = mended(source, *words, bad=[8])
    assert trimmed == "石堰镇组织演练，群众。"
    assert whole == "石堰镇组织三支队伍演练，300名群众转移。"
    assert mended(source, *words, bad=[5, 8])[0] == "石堰镇组织演练。"


def test_a_doubtful_end_belongs_to_the_last_sentence(source):
    words = ("防汛", "会议", "召开", "。", "石堰", "镇", "组织")
    assert mended(source, *words, bad=[7])[1] == "防汛会议召开。石堰镇组织三支队伍演练，300名群众转移。"


def test_a_whole_sentence_that_does_not_fit_is_left_out(source):
    words = ("防汛", "会议", "召开", "。", "石堰", "镇", "队伍", "转移", "。")
    assert mended(source, *words, bad=[7], max_chars=20) == ["防汛会议召开。"]
    assert mended(source, *words, bad=[1, 7], max_chars=20) == ["昨天上午，澜川市防汛会议召开。"]


def test_a_sentence_that_leans_on_another_takes_no_place(source):
    assert mended(source, "老人", "45", "。", bad=[1]) == []


def test_no_sentence_stands_twice(source):
    words = ("石堰", "镇", "演练", "。", "群众", "石堰", "。")
    assert mended(source, *words, bad=[2, 5]) == ["石堰镇组织三支队伍演练，300名群众转移。"]
