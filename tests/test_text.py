import codecs

import pytest

from toolkit.text import DecodeError, clean, decode, sentences

TEXT = "澜川市昨天召开会议。"


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("gb18030"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be", "utf-32", "gb18030"],
)
def test_decode_reads_every_encoding_a_newsroom_uses(raw):
    assert decode(raw) == TEXT


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "NUL"),
        (TEXT.encode("utf-16-le"), "byte order mark"),
        (b"\xff\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (bytes(range(1, 32)) * 20, "control characters"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x41\x00", "not valid at byte"),
    ],
)
def test_decode_says_why_bytes_are_no_text(raw, reason):
    with pytest.raises(DecodeError, match=reason):
        decode(raw)


def test_decode_prefers_utf8_where_both_encodings_would_do():
    assert decode("中文".encode()) == "中文"


def test_clean_drops_what_cannot_be_printed_and_unifies_line_ends():
    assert clean("甲\r\n乙\r丙\u2028丁\x00\u200b\ufeff\ud83d") == "甲\n乙\n丙\n丁\ufffd"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("没有句号", ["没有句号"]),
        ("一句。两句！三句？", ["一句。", "两句！", "三句？"]),
        ("省略……还有……", ["省略……", "还有……"]),
        ("第一行\n第二行。", ["第一行", "第二行。"]),
        ("“这里很好。”他说。大家都来。", ["“这里很好。”他说。", "大家都来。"]),
        ("“来了！”现场一片欢呼。", ["“来了！”", "现场一片欢呼。"]),
        ("他说：“好。你呢？”笑了。", ["他说：“好。你呢？”", "笑了。"]),
        ("他说：“没有完。\n下一段。", ["他说：“没有完。", "下一段。"]),
        ("占72.8%，共3.5亿元。完", ["占72.8%，共3.5亿元。", "完"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, expected):
    assert sentences(text) == expected


def test_sentences_split_a_quotation_whose_end_was_lost():
    text = "“" + "很长的一句话。" * 60
    assert len(sentences(text)) > 10


def test_sentences_lose_no_character():
    text = "“甲。”乙说。\n丙？”丁！！……（戊。）己"
    assert "".join(sentences(text)) == text.replace("\n", "")


def test_sentences_of_a_million_characters_come_back_at_once():
    assert len(sentences("啊" * 1_000_000)) == 1
    assert len(sentences("“啊。”" * 200_000)) == 200_000
