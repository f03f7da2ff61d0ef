import csv
import json

import openpyxl
import pytest

from toolkit.types import Article, Credit, Evidence, Prediction, Reject, Result, Summary, Support
from toolkit.writers.records import cell, reject_to_record, result_to_record
from toolkit.writers.tables import harmless, to_json, write_records

ARTICLE = Article("a", "防汛会议", "会议召开。\n会议结束。", "in.jsonl#1", extra={"page": 3, "编辑": "王一"})
PREDICTION = Prediction(
    topics=("safety",),
    decision="labelled",
    scores={"safety": 0.91234, "culture": 0.01},
    evidence=(Evidence("safety", (("防汛", 1.23456), ("会议", 0.4)), "会议召开。"),),
    model="tfidf",
)
RESULT = Result(ARTICLE, PREDICTION, Summary("会议召开。", "lead", ("cut",)))
# Written: its clauses rest on sentences of the article, but for the last.
SUPPORT = (Support(0, 4, "会议召开。"), Support(5, 9, "会议结束。"), Support(10, 13, None))
WRITTEN = Result(ARTICLE, None, Summary("会议召开，会议结束，人散去。", "pointer", support=SUPPORT))
PAIRS = [
    {"clause": "会议召开", "sentence": "会议召开。"},
    {"clause": "会议结束", "sentence": "会议结束。"},
    {"clause": "人散去", "sentence": None},
]
PAIRS_CELL = "会议召开 ← 会议召开。; 会议结束 ← 会议结束。; 人散去 ← ?"


def test_a_record_holds_the_input_fields_first_then_what_was_found():
    assert result_to_record(RESULT) == {
        "id": "a",
        "title": "防汛会议",
        "text": "会议召开。\n会议结束。",
        "read_from": "in.jsonl#1",
        "page": 3,
        "编辑": "王一",
        "topics": ["safety"],
        "decision": "labelled",
        "scores": {"safety": 0.9123, "culture": 0.01},
        "evidence": [
            {
                "topic": "safety",
                "words": [{"word": "防汛", "contribution": 1.235}, {"word": "会议", "contribution": 0.4}],
                "sentence": "会议召开。",
            }
        ],
        "model": "tfidf",
        "summary": "会议召开。",
        "summary_method": "lead",
        "flags": ["cut"],
    }


def test_an_article_of_a_page_says_of_every_field_whether_it_is_there():
    article = Article("p#1", "会议", "召开。", "p.txt#1", byline=(Credit("记者", ("王一",)),), order=1)
    record = result_to_record(Result(article))
    assert record["byline"] == [{"role": "记者", "names": ["王一"]}]
    assert (record["subtitle"], record["kicker"], record["dateline"], record["kind"], record["order"]) == (
        None,
        None,
        None,
        "article",
        1,
    )


def test_an_input_field_with_the_name_of_a_finding_is_kept_beside_it():
    article = Article("a", "t", "x", "s", topics=("culture",), extra={"summary": "old", "scores": 5})
    record = result_to_record(Result(article, PREDICTION, Summary("new", "lead")))
    assert (record["input_topics"], record["topics"]) == (["culture"], ["safety"])
    assert (record["input_summary"], record["summary"]) == ("old", "new")
    assert record["input_scores"] == 5


def test_an_input_field_never_replaces_one_of_the_article():
    article = Article("a", "t", "x", "s", extra={"title": {"zh": "t"}, "text": None, "read_from": "old"})
    record = result_to_record(Result(article))
    assert (record["title"], record["input_title"], record["text"]) == ("t", {"zh": "t"}, "x")
    assert record["input_read_from"] == "old"


def test_given_topics_keep_their_name_where_no_classifier_ran():
    record = result_to_record(Result(Article("a", "t", "x", "s", topics=("culture",), unsure=False)))
    assert (record["topics"], record["unsure"]) == (["culture"], False)


def test_flags_of_the_reader_and_of_the_summarizer_stand_together():
    article = Article("a", "t", "x", "s", flags=("no_byline", "cut"))
    assert result_to_record(Result(article, None, Summary("x", "lead", ("cut",))))["flags"] == ["no_byline", "cut"]


def test_a_headline_stands_beside_the_summary_and_its_flags_say_whose_they_are():
    headline = Summary("防汛会议召开", "extractive", ("cut",))
    record = result_to_record(Result(ARTICLE, None, Summary("会议召开。", "lead"), headline))
    assert (record["headline"], record["headline_method"]) == ("防汛会议召开", "extractive")
    assert record["flags"] == ["headline_cut"]


def test_a_written_summary_says_what_each_clause_rests_on_and_a_copied_one_does_not():
    assert result_to_record(WRITTEN)["support"] == PAIRS
    assert "support" not in result_to_record(RESULT)
    assert "support" not in result_to_record(Result(ARTICLE))


def test_an_input_field_named_support_is_kept_beside_ours():
    article = Article("a", "t", "x", "s", extra={"support": "old"})
    record = result_to_record(Result(article, None, WRITTEN.summary))
    assert (record["input_support"], record["support"]) == ("old", PAIRS)
    assert result_to_record(Result(article, None, RESULT.summary))["support"] == "old"


def test_support_is_pairs_in_json_lines(tmp_path):
    path = tmp_path / "out.jsonl"
    write_records(map(result_to_record, (WRITTEN, RESULT)), path)
    written, copied = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert written["support"] == PAIRS
    assert "support" not in copied


def test_support_is_one_readable_cell_in_a_csv_file(tmp_path):
    path = tmp_path / "out.csv"
    write_records(map(result_to_record, (WRITTEN, RESULT)), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert [row["support"] for row in csv.DictReader(file)] == [PAIRS_CELL, ""]


def test_support_is_one_readable_cell_in_an_xlsx_file(tmp_path):
    path = tmp_path / "out.xlsx"
    write_records(map(result_to_record, (WRITTEN, RESULT)), path)
    header, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    assert [row[header.index("support")] for row in rows] == [PAIRS_CELL, None]


def test_a_reject_keeps_its_source_reason_and_beginning():
    assert reject_to_record(Reject("a#1", "no text", "{}")) == {"source": "a#1", "reason": "no text", "raw": "{}"}
    assert reject_to_record(Reject("a#1", "no text")) == {"source": "a#1", "reason": "no text"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (3, 3),
        (True, True),
        ("text", "text"),
        (["safety", "culture"], "safety; culture"),
        ([], ""),
        ({"safety": 0.9}, "safety=0.9"),
        ([{"role": "记者", "names": ["王一", "李二"]}], "记者 王一 李二"),
        (result_to_record(RESULT)["evidence"], "safety: 防汛+1.24 会议+0.40 | 会议召开。"),
        (PAIRS, PAIRS_CELL),
    ],
)
def test_a_cell_is_readable(value, expected):
    assert cell(value) == expected


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\n="])
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(start):
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", [-5, 1.5, "-5", "+3.2%", "澜川", "a=b", "", None])
def test_numbers_and_plain_text_stay_as_they_are(value):
    assert harmless(value) == value


EVIL = {"id": "=1+1", "=2+2": "x", "text": "@SUM(A1)", "n": -5, "list": ["=3"], "error": "#N/A", "long": "啊" * 40_000}


def test_a_csv_file_opens_in_excel_and_holds_no_formula(tmp_path):
    path = tmp_path / "out.csv"
    write_records([EVIL, {"id": "第二", "late": "列\n二"}], path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, first, second = list(csv.reader(file))
    assert all(text[:1] not in tuple("=+@\t") for text in header + first)
    assert first[header.index("n")] == "-5"
    assert first[header.index("long")] == "啊" * 40_000
    assert (second[header.index("late")], second[header.index("n")]) == ("列\n二", "")


def test_an_xlsx_file_holds_no_formula_and_says_where_a_cell_was_cut(tmp_path):
    path = tmp_path / "out.xlsx"
    write_records([EVIL, {"id": "bell\x07", "list": "half\ud83dpair"}], path)
    sheet = openpyxl.load_workbook(path).active
    assert all(cell.data_type in "sn" for row in sheet for cell in row)
    header, first, second = list(sheet.iter_rows(values_only=True))
    values = dict(zip(header, first, strict=True))
    assert values["id"] == "'=1+1"
    assert (values["n"], values["error"]) == (-5, "#N/A")
    assert len(values["long"]) == 32_767
    assert values["long"].endswith("JSONL output]")
    assert dict(zip(header, second, strict=True))["id"] == "bell"


def test_an_xlsx_file_goes_on_on_a_second_sheet_when_one_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr("toolkit.writers.tables._EXCEL_ROWS", 2)
    path = tmp_path / "out.xlsx"
    write_records([{"id": number} for number in range(5)], path)
    book = openpyxl.load_workbook(path)
    assert [[row[0] for row in sheet.values] for sheet in book] == [["id", 0, 1], ["id", 2, 3], ["id", 4]]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx"])
def test_a_file_of_no_records_is_written(tmp_path, suffix):
    path = tmp_path / f"new/folder/out{suffix}"
    write_records([], path)
    assert path.exists()
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_json_lines_keep_every_value_and_can_always_be_written(tmp_path):
    path = tmp_path / "out.jsonl"
    write_records([{"a": "=1", "b": [1, None], "c": "\ud83d"}], path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": "=1", "b": [1, None], "c": "\ufffd"}
    assert to_json({"换": "行\n"}) == '{"换": "行\\n"}'


def test_a_run_that_breaks_off_leaves_what_it_had_and_no_half_file(tmp_path):
    def records():
        yield {"id": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(records(), tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv.partial"]
    assert json.loads((tmp_path / "out.csv.partial").read_text(encoding="utf-8")) == {"id": 1}
