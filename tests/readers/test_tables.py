import codecs
import json

import pytest

from toolkit.readers import read_articles
from toolkit.types import Article, Credit, Reject

TEXT = "昨天上午，全市防汛工作会议召开。"


def read(path):
    return list(read_articles([str(path)]))


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("name", ["title", "标题", "headline", "Title", " title "])
def test_a_title_is_found_under_each_of_its_names(file, name):
    [article] = read(file("a.jsonl", json.dumps({name: "防汛会议", "text": TEXT})))
    assert article.title == "防汛会议"
    assert article.extra == {}


@pytest.mark.parametrize("name", ["text", "content", "正文", "body"])
def test_a_text_is_found_under_each_of_its_names(file, name):
    [article] = read(file("a.csv", f"标题,{name}\n防汛会议,{TEXT}\n"))
    assert article.text == TEXT


@pytest.mark.parametrize("name", ["date", "published", "publish_time", "日期"])
def test_a_date_is_found_under_each_of_its_names(file, name):
    [article] = read(file("a.jsonl", json.dumps({name: "2025-06-01", "text": TEXT})))
    assert article.published == "2025-06-01"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["safety", "culture"], ("safety", "culture")),
        ("safety;culture", ("safety", "culture")),
        ("安全、文化", ("安全", "文化")),
        ("['safety']", ("safety",)),
        ([], ()),
        ("none", ()),
        (None, None),
        ("", None),
    ],
)
def test_given_topics_are_read_from_a_list_or_from_text(file, value, expected):
    [article] = read(file("a.jsonl", json.dumps({"labels": value, "text": TEXT})))
    assert article.topics == expected


def test_fields_we_do_not_know_travel_untouched(file):
    row = {"text": TEXT, "edition": {"page": 3, "tags": ["a", None]}, "weight": 0.5, "source": "晚报"}
    [article] = read(file("a.jsonl", json.dumps(row)))
    assert article.extra == {"edition": {"page": 3, "tags": ["a", None]}, "weight": 0.5, "source": "晚报"}


def test_of_two_names_for_one_field_the_second_travels_untouched(file):
    [article] = read(file("a.jsonl", json.dumps({"title": "会议", "headline": "防汛会议召开", "text": TEXT})))
    assert article.title == "会议"
    assert article.extra == {"headline": "防汛会议召开"}


def test_an_article_without_an_id_is_named_after_its_place(file):
    path = file("a.jsonl", json.dumps({"text": TEXT}) + "\n\n" + json.dumps({"text": TEXT, "id": 7}))
    first, second = read(path)
    assert (first.id, second.id) == (f"{path}#1", "7")
    assert second.source == f"{path}#3"


def test_a_row_without_text_is_rejected_with_the_names_it_has(file):
    path = file("a.jsonl", json.dumps({"title": "会议", "url": "x"}) + "\n" + json.dumps({"text": TEXT}))
    reject, article = read(path)
    assert reject == Reject(f"{path}#1", "no text; found title, url", reject.raw)
    assert json.loads(reject.raw) == {"title": "会议", "url": "x"}
    assert article.text == TEXT


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "not a JSON object"),
        ("[1, 2]", "not a JSON object but list"),
        ('{"text": NaN}', "NaN is not JSON"),
        ('{"text": "x", "n": 1e999}', "1e999 is too large a number"),
        ('{"text": 5}', "the text is int, not a string"),
        ('{"text": ["a"]}', "the text is list, not a string"),
        ("{" + '"a":{' * 100_000, "not a JSON object"),
        ('{"text": "a\x00b"}', "not a JSON object"),
        ("{}", "no text; found no fields"),
    ],
)
def test_a_bad_line_is_rejected_and_the_next_is_read(file, line, reason):
    reject, article = read(file("a.jsonl", line + "\n" + json.dumps({"text": TEXT}) + "\n"))
    assert reason in reject.reason
    assert article.text == TEXT


def test_escaped_control_characters_and_half_pairs_are_mended_and_flagged(file):
    [article] = read(file("a.jsonl", '{"title": "会\\u0000议", "text": "防汛\\ud83d会议召开。"}'))
    assert (article.title, article.text) == ("会议", "防汛\ufffd会议召开。")
    assert article.flags == ("control_characters_removed", "surrogates_replaced")


def test_a_row_without_a_title_is_kept_and_flagged(file):
    [article] = read(file("a.jsonl", json.dumps({"text": TEXT})))
    assert (article.title, article.flags) == ("", ("no_headline",))


def test_a_line_of_a_million_characters_is_read(file):
    [article] = read(file("a.jsonl", json.dumps({"text": "啊" * 1_000_000})))
    assert len(article.text) == 1_000_000


def test_a_second_article_with_the_same_id_is_kept_and_flagged(file):
    row = json.dumps({"id": "x", "title": "会议", "text": TEXT})
    first, second = read(file("a.jsonl", row + "\n" + row))
    assert (first.flags, second.flags) == ((), ("duplicate_id",))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv"])
def test_tables_are_read_in_every_encoding(file, name, encoding):
    rows = {
        "a.jsonl": json.dumps({"标题": "会议", "正文": TEXT}, ensure_ascii=False),
        "a.csv": f"标题,正文\r\n会议,{TEXT}\r\n",
        "a.tsv": f"标题\t正文\n会议\t{TEXT}\n",
    }
    [article] = read(file(name, rows[name].encode(encoding)))
    assert (article.title, article.text) == ("会议", TEXT)


def test_one_line_in_another_encoding_does_not_spoil_the_rest(file):
    good, old = json.dumps({"text": TEXT}, ensure_ascii=False), json.dumps({"text": TEXT[:8]}, ensure_ascii=False)
    first, second, third = read(file("a.jsonl", good.encode() + b"\n" + old.encode("gb18030") + b"\n\xff\xff\n"))
    assert (first.text, second.text) == (TEXT, TEXT[:8])
    assert "neither UTF-8 nor GB18030" in third.reason


def test_a_csv_cell_may_hold_commas_quotes_and_line_ends(file):
    [article] = read(file("a.csv", f'id,text\n1,"他说""好"",\n{TEXT}"\n'))
    assert article.text == f'他说"好",\n{TEXT}'


def test_a_csv_row_with_too_many_cells_is_rejected(file):
    reject, article = read(file("a.csv", f"id,text\n1,{TEXT},x\n2,{TEXT}\n"))
    assert "3 cells under 2 column names" in reject.reason
    assert article.id == "2"


def test_a_csv_cell_beyond_the_librarys_own_limit_is_read(file):
    [article] = read(file("a.csv", "text\n" + "啊" * 200_000))
    assert len(article.text) == 200_000


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", b"", "empty"),
        ("a.jsonl", b"\n\n", "empty"),
        ("a.csv", b"", "empty"),
        ("a.csv", b"\x89PNG\0\0\0\0" * 50, "binary"),
        ("a.csv", b"text\n\xff\xff\xff", "neither UTF-8 nor GB18030"),
        ("a.csv", codecs.BOM_UTF8 + b"text\n\xff", "marked as utf-8-sig but not valid"),
        ("a.jsonl", codecs.BOM_UTF16_LE + b"\x00\xd8\x41\x00", "marked as utf-16 but not valid"),
    ],
)
def test_a_table_that_is_no_text_is_rejected(file, name, content, reason):
    [reject] = read(file(name, content))
    assert reason in reject.reason


def test_our_own_records_are_read_back(file):
    row = {
        "id": "p#1",
        "title": "会议",
        "subtitle": "部署防汛",
        "kicker": None,
        "byline": [{"role": "记者", "names": ["王一", "李二"]}],
        "dateline": "本报讯",
        "kind": "photo",
        "order": 1,
        "text": TEXT,
        "read_from": "page.txt#1",
        "flags": ["no_byline"],
    }
    [article] = read(file("a.jsonl", json.dumps(row)))
    assert article == Article(
        "p#1",
        "会议",
        TEXT,
        "page.txt#1",
        subtitle="部署防汛",
        byline=(Credit("记者", ("王一", "李二")),),
        dateline="本报讯",
        kind="photo",
        order=1,
        flags=("no_byline",),
        extra={"kicker": None},
    )


def test_a_known_field_of_another_form_travels_untouched(file):
    [article] = read(file("a.jsonl", json.dumps({"text": TEXT, "byline": 5, "order": "third", "topics": {"a": 1}})))
    assert (article.byline, article.order, article.topics) == ((), None, None)
    assert article.extra == {"byline": 5, "order": "third", "topics": {"a": 1}}


def test_columns_of_the_same_name_are_all_kept(file):
    [article] = read(file("a.csv", f"text,text,标题,标题\n{TEXT},另一栏,会议,别题\n"))
    assert (article.text, article.title) == (TEXT, "会议")
    assert article.extra == {"text_2": "另一栏", "标题_2": "别题"}


def test_an_id_or_title_that_is_none_travels_untouched(file):
    [article] = read(file("a.jsonl", json.dumps({"id": [1], "title": {"zh": "会议"}, "text": TEXT})))
    assert (article.id, article.title) == (article.source, "")
    assert article.extra == {"id": [1], "title": {"zh": "会议"}}
