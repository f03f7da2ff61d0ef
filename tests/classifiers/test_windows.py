import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from toolkit.classifiers.windows import WindowCutter, WindowRule
from toolkit.types import DataError

CHARS = "市长安全一二三四五六七八九十甲乙丙丁"


@pytest.fixture
def tokenizer():
    """One token a character, laid out as BERT does: [CLS] title [SEP] text [SEP]."""
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3} | {char: 4 + at for at, char in enumerate(CHARS)}
    found = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    found.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    found.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return found


def text_of(window, article):
    """The characters of the text that a window holds, read from its spans."""
    return "".join(article.text[begin:end] for part, begin, end in window.spans if part == 1)


def test_a_short_article_is_one_window_with_the_title_before_the_text(tokenizer, article):
    cut = WindowCutter(tokenizer, WindowRule(16, 2, 3)).cut([article("一二三", "市长")])
    [window] = cut.windows
    ids = {char: 4 + at for at, char in enumerate(CHARS)}
    assert window.token_ids == [2, ids["市"], ids["长"], 3, ids["一"], ids["二"], ids["三"], 3]
    assert window.spans[1:3] == [(0, 0, 1), (0, 1, 2)]
    assert window.spans[0][0] == window.spans[3][0] == window.spans[-1][0] == -1
    assert (cut.counts, cut.truncated) == ([1], [False])


def test_windows_of_a_long_article_share_the_stride_and_reach_its_end(tokenizer, article):
    long = article("一二三四五六七八九十甲乙丙丁", "市长")
    cut = WindowCutter(tokenizer, WindowRule(12, 2, 10)).cut([long])
    texts = [text_of(window, long) for window in cut.windows]
    assert texts == ["一二三四五六七", "六七八九十甲乙", "甲乙丙丁"]
    assert all(len(window.token_ids) <= 12 for window in cut.windows)
    assert (cut.counts, cut.truncated) == ([3], [False])


def test_what_does_not_fit_the_most_windows_is_said_to_be_truncated(tokenizer, article):
    cut = WindowCutter(tokenizer, WindowRule(12, 2, 2)).cut([article("一二三四五六七八九十甲乙丙丁", "市长")])
    assert (cut.counts, cut.truncated) == ([2], [True])


@pytest.mark.parametrize(("length", "windows"), [(7, 1), (8, 2), (12, 2), (13, 3)])
def test_no_window_is_made_for_what_the_last_one_held(tokenizer, article, length, windows):
    cut = WindowCutter(tokenizer, WindowRule(12, 2, 10)).cut([article("一" * length, "市长")])
    assert cut.counts == [windows]


def test_a_title_longer_than_half_a_window_is_cut_and_that_is_said(tokenizer, article):
    cut = WindowCutter(tokenizer, WindowRule(16, 2, 1)).cut([article("一二", "安" * 30)])
    assert sum(part == 0 for part, _, _ in cut.windows[0].spans) == 6
    assert cut.truncated == [True]


def test_articles_without_title_or_text_have_a_window(tokenizer, article):
    cut = WindowCutter(tokenizer, WindowRule(16, 2, 2)).cut([article("", ""), article("一", ""), article("", "市长")])
    assert cut.counts == [1, 1, 1]
    assert [window.article for window in cut.windows] == [0, 1, 2]
    assert cut.windows[0].token_ids == [2, 3, 3]


def test_the_subtitle_is_read_with_the_title(tokenizer, article):
    [window] = WindowCutter(tokenizer, WindowRule(16, 2, 1)).cut([article("一", "市", subtitle="长")]).windows
    assert [span for span in window.spans if span[0] == 0] == [(0, 0, 1), (0, 1, 2), (0, 2, 3)]


def test_a_book_is_not_tokenized_whole(tokenizer, article):
    cut = WindowCutter(tokenizer, WindowRule(16, 2, 2)).cut([article("一" * 5_000_000)])
    assert (cut.counts, cut.truncated) == ([2], [True])


def test_windows_too_small_to_go_on_are_refused(tokenizer):
    with pytest.raises(DataError, match="leave no room"):
        WindowCutter(tokenizer, WindowRule(16, 8, 1))


def test_a_file_that_is_no_tokenizer_is_named(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"tokenizer\.json: not a readable tokenizer"):
        WindowCutter.load(path, WindowRule(16, 2, 1))
