import pytest

from training.alignment import align, segments

WORDS = ["昨天", "上午", "，", "全市", "防汛", "工作", "会议", "召开", "。", "会议", "要求", "排查", "45", "处", "。"]


def rebuilt(parts):
    return "".join(part if isinstance(part, str) else WORDS[part] for part in parts)


def test_a_reference_that_was_copied_whole_is_one_run():
    assert align(WORDS, "全市防汛工作会议召开。") == list(range(5, 16))
    assert segments(WORDS, "全市防汛工作会议召开。") == [3, 4, 5, 6, 7, 8]


def test_skipped_words_are_a_jump():
    assert segments(WORDS, "全市会议要求排查45处。") == [3, 9, 10, 11, 12, 13, 14]


def test_what_the_article_lacks_is_written():
    assert segments(WORDS, "全市开展防汛排查") == [3, "开展", 4, 11]


def test_a_part_of_a_word_is_not_copied():
    assert segments(WORDS, "昨防汛") == ["昨", 4]


def test_a_step_back_is_allowed_where_it_saves_writing():
    assert segments(WORDS, "排查45处防汛") == [11, 12, 13, 4]


@pytest.mark.parametrize("reference", ["", "全市防汛", "完全不同的话", "45处排查，昨天召开会议。", "，。"])
def test_the_parts_make_the_reference(reference):
    assert rebuilt(segments(WORDS, reference)) == reference


def test_an_article_without_words_has_everything_written():
    assert segments([], "会议") == ["会议"]
