import numpy as np

from toolkit.summarizers.pointer.source import FIGURES, MAX_CHARS, read_source

BODY = "澜川市石堰镇组织了防汛演练，300名群众参加转移。会议要求各镇街道在6月10日前完成隐患排查。"


def column(source, name):
    return source.figures[:, list(FIGURES).index(name)]


def test_the_words_are_the_running_text(article):
    source = read_source(article(BODY))
    assert "".join(source.words) == BODY
    assert source.figures.shape == (len(source.words), len(FIGURES))
    assert not source.part


def test_every_figure_stays_below_its_size(article, corpus):
    for row in corpus[:40]:
        source = read_source(article(row["text"], title=row["title"]))
        assert (source.figures < np.array(list(FIGURES.values()))).all(), row["id"]


def test_a_numeral_is_known(article):
    source = read_source(article(BODY))
    numbers = {word for word, is_number in zip(source.words, source.number, strict=True) if is_number}
    assert {"300", "6", "10"} <= numbers
    assert not numbers & {"名", "群众", "，"}


def test_a_long_place_name_is_two_words(article):
    words = read_source(article("黑龙江省今年粮食丰收。")).words
    assert words[:2] == ("黑龙江", "省")


def test_words_of_the_title_are_marked_unless_it_is_hidden(article):
    told = read_source(article(BODY, title="防汛演练举行"))
    assert column(told, "in_title")[told.words.index("防汛")] == 1
    assert column(told, "in_title")[told.words.index("群众")] == 0
    hidden = read_source(article(BODY, title="防汛演练举行"), use_title=False)
    assert set(column(hidden, "in_title")) == {2}


def test_a_longer_article_is_read_in_part_in_its_own_order(article):
    text = "".join(f"第{number}个镇完成了第{number}轮隐患排查，整改问题{number}处。" for number in range(1, 80))
    source = read_source(article(text))
    read = "".join(source.words)
    assert source.part
    assert 0.5 * MAX_CHARS < len(read) <= MAX_CHARS
    assert read.startswith("第1个镇完成")
    places = [text.index(sentence) for sentence in read.split("。") if sentence]
    assert places == sorted(places)


def test_one_endless_sentence_is_read_to_the_limit(article):
    source = read_source(article("全市防汛工作会议召开" * 200))
    assert 0 < len("".join(source.words)) <= MAX_CHARS


def test_an_article_without_text_has_no_words(article):
    source = read_source(article(""))
    assert source.words == ()
    assert source.figures.shape == (0, len(FIGURES))
