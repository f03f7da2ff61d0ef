import pytest

from toolkit.summarizers.pointer.source import read_source

BODY = "昨天上午，澜川市防汛会议召开。石堰镇组织三支队伍在河边演练，300名群众转移。其中老人45名。"
WRITTEN = ("", "", "", "，", "。", "并")
N = len(WRITTEN)


@pytest.fixture(scope="module", autouse=True)
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def source(article):
    return read_source(article(BODY))


def mended(source, *words, max_chars=60):
    """Return the mended candidates of one that is given as words, copied from their first places in the article."""
    from toolkit.summarizers.pointer.mending import Mender

    items = [N + source.words.index(word) if word in source.words else WRITTEN.index(word) for word in words]
    found = Mender(source, WRITTEN, max_chars).mend(items)
    return ["".join(source.words[item - N] if item >= N else WRITTEN[item] for item in made) for made in found]


SECOND = "石堰镇组织三支队伍在河边演练，300名群众转移。"


def test_whole_clauses_stay_as_they_are(source):
    words = [
        "澜川",
        "市",
        "防汛",
        "会议",
        "召开",
        "，",
        "石堰",
        "镇",
        "组织",
        "三支",
        "队伍",
        "在",
        "河边",
        "演练",
        "。",
    ]
    assert mended(source, *words) == ["澜川市防汛会议召开，石堰镇组织三支队伍在河边演练。"]


@pytest.mark.parametrize(
    "torn",
    [
        "石堰 镇 组织 演练 ， 300 名 群众 转移 。",  # words left out
        "石堰 镇 组织 三支 ， 300 名 群众 转移 。",  # a clause that ends too early
        "石堰 镇 组织 三支 队伍 并 转移 。",  # a word put in
        "石堰 镇 组织 三支 队伍 在 河边 演练 ， 群众 转移 。",  # a clause that begins too late
    ],
)
def test_the_whole_sentence_takes_the_place_of_a_torn_one(source, torn):
    assert SECOND in mended(source, *torn.split())


def test_a_torn_sentence_is_trimmed_to_the_clauses_before(article):
    text = "昨天上午，石堰镇组织三支队伍在澜川河边的空地上演练防汛和救人，300名群众在一小时内转移。"
    source = read_source(article(text))
    words = [*source.words[: source.words.index("，", 2)], "，", "300", "名", "转移", "。"]
    assert mended(source, *words) == ["昨天上午，石堰镇组织三支队伍在澜川河边的空地上演练防汛和救人。", text]


def test_a_fragment_at_the_end_is_left_out(source):
    words = ("昨天上午", "，", "澜川", "市", "防汛", "会议", "召开", "。", "石堰", "镇", "。")
    assert mended(source, *words, max_chars=30) == ["昨天上午，澜川市防汛会议召开。"]


def test_a_sentence_that_leans_on_another_takes_no_place(source):
    assert mended(source, "老人", "45", "。") == []


def test_no_sentence_stands_twice(source):
    assert mended(source, "石堰", "镇", "演练", "。", "群众", "石堰", "。") == [SECOND]


def test_a_predicate_without_the_subject_of_its_sentence_is_torn(article):
    text = "昨天上午，石堰镇举行演练，邀请300名群众参加。市水利局派出专家，检查河堤和泵站。"
    source = read_source(article(text))
    words = source.words
    begin = words[words.index("邀请") : words.index("。") + 1]
    assert mended(source, *begin) == ["昨天上午，石堰镇举行演练，邀请300名群众参加。"]
    across = (*words[: words.index("演练") + 1], "，", "检查", "河堤", "和", "泵站", "。")
    assert "，检查河堤" not in "".join(mended(source, *across)).replace("派出专家，检查河堤", "")


def test_what_somebody_said_is_not_said_by_another_clause(article):
    text = "市长张明在会上强调，要守住安全底线。上午十时，干部群众来到河堤参加植树。"
    source = read_source(article(text))
    words = source.words
    first = words[: words.index("，") + 1]
    second = words[words.index("上午") :] if "上午" in words else words[words.index("。") + 1 :]
    made = mended(source, *first, *second)
    assert "强调，上午" not in "".join(made)
    assert any("强调，要守住安全底线。" in text for text in made)
