import stat

import pytest

from toolkit.types import ConfigError
from toolkit.words import cache_folder, cut, load_segmenter, probe


@pytest.fixture
def dictionary(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\ufeff文化特派员 5 n\n共富工坊\n\n低空经济发展 20\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_both_engines_know_the_words_of_the_newsrooms_dictionary(engine, dictionary):
    text = "文化特派员走进共富工坊谈低空经济发展"
    segmenter = load_segmenter(engine, dictionary)
    assert segmenter.cut(text) == ["文化特派员", "走进", "共富工坊", "谈", "低空经济发展"]
    assert load_segmenter(engine).cut(text) != segmenter.cut(text)


def test_the_dictionary_is_named_by_its_digest(dictionary):
    first = load_segmenter("rjieba", dictionary).dictionary_digest
    dictionary.write_text("共富工坊\n", encoding="utf-8")
    assert load_segmenter("rjieba", dictionary).dictionary_digest != first
    assert load_segmenter("rjieba").dictionary_digest is None


def test_a_dictionary_in_gb18030_is_read(tmp_path):
    path = tmp_path / "words.txt"
    path.write_bytes("共富工坊\n".encode("gb18030"))
    assert "共富工坊" in load_segmenter("rjieba", path).cut("走进共富工坊")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"one two three\n", r"words.txt:1: found 'one two three'; write: word \[frequency\] \[tag\]"),
        (b"\x00\x01", "NUL"),
    ],
)
def test_a_wrong_dictionary_is_named_with_its_line(tmp_path, content, message):
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        load_segmenter("rjieba", path)


def test_a_missing_dictionary_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the dictionary"):
        load_segmenter("jieba", tmp_path / "none.txt")


def test_an_unknown_engine_is_named():
    with pytest.raises(ConfigError, match="known: rjieba, jieba"):
        load_segmenter("pkuseg")


def test_words_add_up_to_the_text():
    text = "昨天上午，全市安全生产和消防工作会议召开！"
    assert "".join(cut(text)) == text


def test_the_cache_is_closed_to_other_users():
    folder = cache_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_jieba_keeps_its_cache_in_the_private_folder():
    load_segmenter("jieba").cut("防汛会议")
    assert (cache_folder() / "jieba.cache").is_file()


def test_the_probe_is_the_same_for_both_engines_and_changes_with_the_words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("市长江大桥 99999\n", encoding="utf-8")
    assert probe(load_segmenter("jieba")) == probe(load_segmenter("rjieba"))
    assert probe(load_segmenter("rjieba", path)) != probe(load_segmenter("rjieba"))
