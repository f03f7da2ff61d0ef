import numpy as np
import pytest

from toolkit.summarizers.pointer.source import read_source

BODY = "昨天上午，澜川市防汛会议召开。石堰镇组织演练，300名群众转移。"


@pytest.fixture(scope="module", autouse=True)
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def source(article):
    return read_source(article(BODY))


def joints_of(source, *words, headline=False):
    """The joints of a summary, given as words: one of the article is copied from its first place, another written."""
    from toolkit.summarizers.pointer.joints import JOINT_FIGURES, Aligned, find_joints

    places = tuple(source.words.index(word) if word in source.words else -1 for word in words)
    found = find_joints(Aligned(words, places), source, headline=headline)
    return found, [dict(zip(JOINT_FIGURES, row.tolist(), strict=True)) for row in found.figures]


def test_what_goes_on_as_the_article_does_has_joints_at_its_ends_alone(source):
    words = source.words[: source.words.index("。") + 1]
    found, [start, end] = joints_of(source, *words)
    assert found.at == (0, len("昨天上午，澜川市防汛会议召开。"))
    assert (start["at"], end["at"]) == (0, 2)


def test_a_jump_is_a_joint_with_the_words_around_it(source):
    found, [first, jump, _] = joints_of(source, "防汛", "会议", "演练")
    assert found.at == (0, 4, 6)
    assert (first["at"], jump["at"]) == (0, 1)
    assert (jump["same_sentence"], jump["same_clause"]) == (0, 0)
    place = source.words.index
    n = len(source.words)
    # Two words of the summary before the joint, two after (there is one); in the article, where it left and came back.
    wanted = [n, n + 1, n + 2, n + 3, place("会议"), place("召开"), place("演练") - 1, place("演练")]
    assert found.places[1].tolist() == wanted


def test_a_written_word_has_a_joint_on_either_side(source):
    found, [_, written, after, _] = joints_of(source, "会议", "并", "召开")
    assert found.at == (0, 2, 3, 5)
    assert (written["written"], written["written_before"]) == (1, 0)
    assert (after["written"], after["written_before"]) == (0, 1)


def test_a_jump_back_differs_from_one_ahead(source):
    _, [_, back, _] = joints_of(source, "演练", "会议", headline=True)
    _, [_, ahead, _] = joints_of(source, "会议", "演练", headline=True)
    assert back["distance"] < ahead["distance"]
    assert back["headline"] == 1


def test_every_figure_has_a_place_in_its_embedding(source):
    from toolkit.summarizers.pointer.joints import JOINT_FIGURES

    sizes = np.array(list(JOINT_FIGURES.values()))
    for words in (["演练", "会议", "，", "昨天上午"], ["转移", "并", "防汛"], []):
        found, _ = joints_of(source, *words)
        assert (found.figures >= 0).all()
        assert (found.figures < sizes).all()


def test_a_summary_is_aligned_by_its_text_alone(source):
    from toolkit.summarizers.pointer.joints import align_summary

    found = align_summary("防汛会议并召开。", source)
    assert found.words == ("防汛", "会议", "并", "召开", "。")
    place = source.words.index
    assert found.places == (place("防汛"), place("会议"), -1, place("召开"), place("。"))


def test_a_judge_learns_which_joints_people_make(source):
    from toolkit.summarizers.pointer.joints import JOINT_RANKING, JointJudge, align_summary, find_joints
    from training.pointer_joints import Judged, learn_joints

    rng = np.random.default_rng(3)
    vectors = {word: rng.normal(size=8).astype(np.float16) for word in source.words}

    def encode(texts):
        return [np.array([vectors[word] for word in words]) for words in texts]

    [states] = encode([source.words])
    whole, torn = "防汛会议召开。", "防汛召开演练。"

    def judged(text, *, by_people):
        summary = align_summary(text, source)
        joints = find_joints(summary, source, headline=False)
        return [Judged(joints, states, encode([summary.words])[0], by_people=by_people)]

    people = [judged(whole, by_people=True) for _ in range(200)]
    found = [judged(torn, by_people=False) for _ in range(200)]
    network, area = learn_joints(people, found, 13, lambda line: None)
    assert area > 0.95
    [[good, bad]] = JointJudge(network, encode).judge([(source, states)], [[whole, torn]], headline=False)
    worst = JOINT_RANKING.index("worst_joint")
    assert good.figures[worst] < bad.figures[worst]
    assert 0 < bad.at[bad.surprises.argmax()] <= len(torn)


def test_too_few_articles_teach_nothing():
    from training.pointer_joints import learn_joints

    said = []
    assert learn_joints([], [], 13, said.append) is None
    assert said == ["joints of 0 references and of 0 articles: too few to learn from"]
