import io
import json
import sys

import pytest

from toolkit.readers import read_articles
from toolkit.types import Article, ConfigError, Reject

TEXT = "昨天上午，全市防汛工作会议召开。"
ROW = json.dumps({"title": "会议", "text": TEXT}, ensure_ascii=False)


class Pipe(io.TextIOWrapper):
    """Standard input that, like a pipe, cannot be read twice."""

    def __init__(self, raw):
        super().__init__(io.BytesIO(raw))


@pytest.fixture
def stdin(monkeypatch):
    return lambda raw: monkeypatch.setattr(sys, "stdin", Pipe(raw))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b/2.jsonl", "b/1.jsonl", "a.jsonl", ".hidden.jsonl", ".git/x.jsonl"):
        (tmp_path / name).write_text(ROW, encoding="utf-8")
    return tmp_path


def test_a_folder_is_read_through_in_sorted_order_without_hidden_files(folder):
    found = list(read_articles([str(folder)]))
    assert [item.source for item in found] == [f"{folder}/{name}#1" for name in ("a.jsonl", "b/1.jsonl", "b/2.jsonl")]


def test_a_file_of_unknown_kind_in_a_folder_is_rejected_not_lost(folder):
    (folder / "scan.pdf").write_bytes(b"%PDF")
    [reject] = [item for item in read_articles([str(folder)]) if isinstance(item, Reject)]
    assert reject.source.endswith("scan.pdf")
    assert "suffix .pdf is unknown; known: .txt" in reject.reason


def test_an_empty_folder_is_rejected(tmp_path):
    [reject] = read_articles([str(tmp_path)])
    assert "no files" in reject.reason


def test_several_inputs_are_read_in_the_order_given(folder):
    found = list(read_articles([str(folder / "b/2.jsonl"), str(folder / "a.jsonl")]))
    assert [item.source for item in found] == [f"{folder}/b/2.jsonl#1", f"{folder}/a.jsonl#1"]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (["nowhere.txt"], "nowhere.txt: no such file"),
        (["-", "-"], "only once"),
    ],
)
def test_a_wrong_input_is_named_before_any_is_read(inputs, message):
    with pytest.raises(ConfigError, match=message):
        next(read_articles(inputs))


def test_a_named_file_of_unknown_kind_stops_the_run_with_the_nearest_suffix(tmp_path):
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"suffix .json is unknown.*did you mean .jsonl"):
        next(read_articles([str(tmp_path / "a.json")]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "content",
    [
        ROW + "\n" + ROW + "\n",
        f"标题,正文\n会议,{TEXT}\n会议,{TEXT}\n",
        f"会议\n\n■记者 王一平\n\n本报讯 {TEXT}\n\n展览\n\n■记者 李二平\n\n本报讯 {TEXT}\n",
    ],
    ids=["jsonl", "csv", "page"],
)
def test_standard_input_is_recognised_by_its_content(stdin, content, encoding):
    stdin(content.encode(encoding))
    found = list(read_articles(["-"]))
    assert [item.title for item in found][0] == "会议"
    assert [item.text for item in found] == [TEXT, TEXT]
    assert all(item.source.startswith("-") for item in found)


def test_empty_standard_input_is_rejected(stdin):
    stdin(b"")
    assert list(read_articles(["-"])) == [Reject("-", "the file is empty")]


@pytest.mark.parametrize(("raw", "reason"), [(b"", "empty"), (b"\x00\x01\x02", "NUL"), (b"\xff\xfe\x00", "not valid")])
def test_a_text_file_that_is_no_text_is_rejected(tmp_path, raw, reason):
    (tmp_path / "a.txt").write_bytes(raw)
    [reject] = read_articles([str(tmp_path / "a.txt")])
    assert reason in reject.reason


def test_a_stray_control_character_is_dropped_and_flagged(tmp_path):
    (tmp_path / "a.txt").write_text(f"会议\x01召开\n\n{TEXT}\n", encoding="utf-8")
    [article] = read_articles([str(tmp_path / "a.txt")])
    assert article.title == "会议召开"
    assert "control_characters_removed" in article.flags


def test_a_form_feed_between_pages_is_no_stray_character(tmp_path):
    (tmp_path / "a.txt").write_text(f"会议召开\n\n{TEXT}\n\f", encoding="utf-8")
    [article] = read_articles([str(tmp_path / "a.txt")])
    assert isinstance(article, Article)
    assert "control_characters_removed" not in article.flags


def test_a_file_that_cannot_be_opened_is_rejected_and_the_next_is_read(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "nothing")
    (tmp_path / "b.jsonl").write_text(ROW, encoding="utf-8")
    reject, article = read_articles([str(tmp_path)])
    assert "cannot read it" in reject.reason
    assert article.title == "会议"


def test_a_headline_without_a_text_is_flagged_not_lost(tmp_path):
    path = tmp_path / "page.txt"
    page = f"会议\n\n■记者 王一平\n\n本报讯 {TEXT}\n\n\n\n只有标题没有正文的一篇\n\n■记者 李二平\n"
    path.write_text(page, encoding="utf-8")
    article, empty = read_articles([str(path)])
    assert article.text == TEXT
    assert empty.title == "只有标题没有正文的一篇"
    assert "no_body" in empty.flags


def test_every_line_of_the_sample_page_stands_in_an_article(root):
    assert all(isinstance(found, Article) for found in read_articles([str(root / "toolkit/samples/page.txt")]))


def test_a_page_of_nothing_but_page_furniture_is_rejected(tmp_path):
    (tmp_path / "page.txt").write_text("第01版 要闻\n\n责任编辑：王一平\n", encoding="utf-8")
    [reject] = read_articles([str(tmp_path / "page.txt")])
    assert "nothing but page furniture" in reject.reason


def test_the_sample_page_gives_the_articles_that_were_written_for_it(root):
    expected = json.loads((root / "tests/data/page.expected.json").read_text(encoding="utf-8"))
    found = list(read_articles([str(root / "toolkit/samples/page.txt")]))
    names = ("title", "subtitle", "kicker", "dateline", "text", "kind")
    assert [{name: getattr(article, name) for name in names} for article in found] == [
        {name: row[name] for name in names} for row in expected
    ]
    bylines = [[{"role": part.role, "names": list(part.names)} for part in article.byline] for article in found]
    assert bylines == [row["byline"] for row in expected]
