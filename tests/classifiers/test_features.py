import json

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from toolkit.classifiers.features import Counter, Reading, documents, is_term, normalise
from toolkit.types import Article
from toolkit.words import load_segmenter

READING = Reading(lead_chars=40, title_weight=3)


def make(title, text, subtitle=None):
    return Article("a", title, text, "test", subtitle=subtitle)


ARTICLES = [
    make("防汛会议召开", "昨天，全市防汛会议召开。会议部署防汛工作，投入3.5亿元。"),
    make("ＡＩ赋能 5G工厂", "安全生产，安全 生产；GDP增长7.2%……“安全第一”。" * 5, subtitle="安全第一"),
    make("", "只有正文没有标题"),
    make("只有标题没有正文", ""),
    make("", ""),
    make("emoji😀与罕见字𠮷", "😀安全😀生产𠮷防汛"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢ１２　％", "ab00  "),
        ("GDP增长7.2%，5G-A", "gdp增长0 0 ,0g a"),
        ("安全😀", "安全😀"),
    ],
)
def test_normalising_keeps_the_length(text, expected):
    assert normalise(text) == expected
    assert len(expected) == len(text)


def reference(articles):
    """Count with scikit-learn; return terms and counts of both blocks."""
    blocks = []
    for chars, texts in enumerate(documents(articles, READING, load_segmenter())):
        vectorizer = CountVectorizer(
            analyzer="char" if chars else "word",
            token_pattern=None if chars else r"\S+",
            lowercase=False,
            ngram_range=(1, 2),
        )
        counts = vectorizer.fit_transform(texts)
        terms = vectorizer.get_feature_names_out()
        kept = np.array([is_term(term, chars=bool(chars)) for term in terms])
        blocks.append((list(terms[kept]), counts[:, kept].toarray()))
    return blocks


def fast(articles, word_terms, char_terms):
    found = Counter(word_terms, char_terms, READING, load_segmenter()).find(articles)
    counts = np.zeros((len(articles), len(word_terms) + len(char_terms)), dtype=int)
    np.add.at(counts, (found.rows, found.columns), np.where(found.in_title, READING.title_weight, 1))
    return counts


def assert_same(articles):
    (word_terms, word_counts), (char_terms, char_counts) = reference(articles)
    assert word_terms
    assert char_terms
    expected = np.hstack([word_counts, char_counts])
    np.testing.assert_array_equal(fast(articles, word_terms, char_terms), expected)


def test_the_fast_path_counts_what_scikit_learn_counts():
    assert_same(ARTICLES)


def test_the_fast_path_counts_the_sample_corpus_alike(corpus):
    assert_same([make(row["title"], row["text"], row["subtitle"]) for row in corpus])


def test_the_fast_path_counts_real_articles_alike(shared):
    lines = (shared / "topics/train.jsonl").read_text(encoding="utf-8").splitlines()[:600]
    assert_same([make(row["title"], row["text"]) for row in map(json.loads, lines)])


def test_terms_outside_the_vocabulary_are_passed_over():
    counts = fast([make("防汛", "防汛会议")], ["防汛"], ["汛"])
    assert counts.tolist() == [[4, 4]]


def test_an_unknown_word_between_two_known_ones_parts_the_pair():
    article = make("", "安全防汛生产")
    assert fast([article], ["安全 生产", "安全", "生产"], ["安"])[0].tolist() == [0, 1, 1, 1]


def test_punctuation_does_not_part_a_pair_and_the_end_of_the_title_does():
    assert fast([make("", "防汛，会议")], ["防汛 会议"], ["防"])[0, 0] == 1
    assert fast([make("防汛", "会议")], ["防汛 会议"], ["汛会"])[0].tolist() == [0, 0]


def test_no_articles_have_no_occurrences():
    assert len(Counter(["防汛"], ["防"], READING, load_segmenter()).find([]).rows) == 0


def test_pieces_say_where_each_article_and_its_text_begin():
    pieces = Counter(["防汛"], ["防"], READING, load_segmenter()).find(ARTICLES[:3]).pieces
    for row, article in enumerate(ARTICLES[:3]):
        title = "".join(pieces.texts[pieces.starts[row] : pieces.text_starts[row]])
        text = "".join(pieces.texts[pieces.text_starts[row] : pieces.starts[row + 1]])
        assert (title, text) == tuple(normalise(part) + "\n" for part in READING.printed(article))


def test_jieba_and_rjieba_cut_every_real_article_alike(shared):
    fast_cut, slow_cut = load_segmenter("rjieba").cut, load_segmenter("jieba").cut
    for name in ("train", "valid"):
        for line in (shared / f"topics/{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = normalise(f"{row['title']}\n{row['text']}")
            assert fast_cut(text) == slow_cut(text), row["id"]


def test_jieba_and_rjieba_cut_the_sample_corpus_alike(corpus):
    fast_cut, slow_cut = load_segmenter("rjieba").cut, load_segmenter("jieba").cut
    for row in corpus:
        text = normalise(f"{row['title']}\n{row['text']}")
        assert fast_cut(text) == slow_cut(text), row["id"]
