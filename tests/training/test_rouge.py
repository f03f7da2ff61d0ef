import random

import pytest

from training.rouge import f1_of_ngrams, longest_common_subsequence, rouge, units


@pytest.mark.parametrize(
    ("candidate", "reference", "expected"),
    [
        ("全市安全会议", "全市安全会议", (1, 1, 1)),
        ("全市安全会议。", "全市，安全会议", (1, 1, 1)),  # punctuation is no unit
        ("全市安全", "消防工作", (0, 0, 0)),
        ("", "消防工作", (0, 0, 0)),
        ("。", "消防", (0, 0, 0)),
        ("甲乙丙", "甲乙丁", (2 / 3, 1 / 2, 2 / 3)),
        ("乙甲", "甲乙", (1, 0, 1 / 2)),  # order counts for pairs and for the subsequence
        ("甲甲甲甲", "甲乙", (2 * 1 / 6, 0, 2 * 1 / 6)),  # a repeated character is clipped at the reference's count
        ("甲甲", "甲甲乙", (4 / 5, 2 * 1 / 3, 4 / 5)),
        ("甲", "甲", (1, 0, 1)),  # one character has no pair
        ("甲x乙y丙", "甲乙丙", (6 / 8, 0, 6 / 8)),  # a subsequence may have gaps
    ],
)
def test_rouge_of_characters_by_hand(candidate, reference, expected):
    found = rouge(candidate, reference)
    assert (found["rouge1"], found["rouge2"], found["rougeL"]) == pytest.approx(expected)


def test_rouge_of_words_by_hand():
    # 安全 会议 召开 / 安全 会议 结束
    found = rouge("安全会议召开", "安全会议结束", "word")
    assert (found["rouge1"], found["rouge2"], found["rougeL"]) == pytest.approx((2 / 3, 1 / 2, 2 / 3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("投资1.36亿元", ["投", "资", "1", "3", "6", "亿", "元"]),
        ("５Ｇ基站", ["5", "g", "基", "站"]),
        ("GDP增长 5%", ["gdp", "增", "长", "5"]),
        ("“爱心车”（一）", ["爱", "心", "车", "一"]),
    ],
)
def test_units_of_characters(text, expected):
    assert units(text, "char") == expected


def test_words_leave_punctuation_out():
    assert units("安全生产，人人有责。", "word") == ["安全", "生产", "人人有责"]


def table_lcs(first, second):
    lengths = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if a == b else max(lengths[i][j + 1], lengths[i + 1][j])
    return lengths[-1][-1]


def test_the_longest_common_subsequence_is_that_of_the_plain_table():
    draw = random.Random(13)
    for _ in range(200):
        first, second = ("".join(draw.choices("abcd", k=draw.randint(0, 90))) for _ in range(2))
        assert longest_common_subsequence(first, second) == table_lcs(first, second)


def test_rouge_agrees_with_another_implementation_on_latin_words():
    scorer = pytest.importorskip("rouge_score.rouge_scorer").RougeScorer(["rouge1", "rouge2", "rougeL"])
    draw = random.Random(13)
    for _ in range(100):
        one, two = (" ".join(draw.choices(["ab", "cd", "ef", "gh", "ij"], k=draw.randint(1, 30))) for _ in range(2))
        theirs = {name: score.fmeasure for name, score in scorer.score(two, one).items()}
        assert rouge(one, two) == pytest.approx(theirs)


def test_pairs_are_counted_over_the_given_units():
    assert f1_of_ngrams(["安全", "会议"], ["安全", "会议", "召开"], 2) == pytest.approx(2 * 1 / 3)
