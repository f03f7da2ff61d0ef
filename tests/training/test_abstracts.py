import gzip
import json

import pytest

import training.abstracts as abstracts
from toolkit.types import DataError
from training.abstracts import join_abstracts, join_television, split_headlines
from training.judged import article_digest


def write(path, rows):
    path.parent.mkdir(exist_ok=True)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def data(tmp_path):
    def article(name):
        return {"id": name, "title": f"{name}题", "text": f"{name}文。", "topics": []}

    write(tmp_path / "topics/train.jsonl", [article("甲")])
    write(tmp_path / "topics/valid.jsonl", [article("乙")])
    write(tmp_path / "abstracts/texts.jsonl", [article("丙")])
    write(tmp_path / "headlines/cctv-2022-2025.jsonl.gz", [article("丁")])
    write(tmp_path / "abstracts/train.jsonl", [{"id": name, "headline": "h", "abstract": "a"} for name in "丁乙甲丙"])
    return tmp_path


def test_references_meet_their_articles_and_valid_is_kept_apart(data):
    found = join_abstracts(data)
    assert [row["id"] for row in found["train"]] == ["丁", "甲", "丙"]
    assert found["valid"] == [{"id": "乙", "title": "乙题", "text": "乙文。", "headline": "h", "abstract": "a"}]


def test_a_reference_without_its_article_is_an_error(data):
    write(data / "abstracts/train.jsonl", [{"id": "戊", "headline": "h", "abstract": "a"}])
    with pytest.raises(DataError, match="no article has the id '戊'"):
        join_abstracts(data)


def test_headlines_of_late_2025_are_kept_apart(data):
    def news(name, title, published):
        return {"id": name, "title": title, "text": "文" * 60, "published": published}

    rows = [
        news("1", "【新思想引领新征程】各地春耕春管全面展开", "2025-09-30"),
        news("2", "各地秋粮收购工作有序推进", "2025-10-01"),
        news("3", "各地秋粮收购工作有序推进", "2025-10-02"),
        news("丁", "有摘要的稿件不作标题测试", "2025-10-03"),
        news("4", "国内联播快讯", "2024-01-01"),
        news("乙", "这一篇属于主题的验证部分", "2024-01-01"),
    ]
    write(data / "headlines/cctv-2022-2025.jsonl.gz", rows)
    found = split_headlines(data)
    assert found["train"] == [{"id": "1", "title": "各地春耕春管全面展开", "text": "文" * 60}]
    assert [row["id"] for row in found["late"]] == ["2"]


def test_judged_summaries_meet_their_articles_and_no_others(data, monkeypatch):
    judged = [{"parts": [[3, 6]], "printable": True, "faithful": True}]
    given = {"id": "丁", "digest": article_digest("丁题", "丁文。"), "judged": judged}
    monkeypatch.setattr(abstracts, "read_judged", lambda name: [given])
    [found] = join_television(data)
    assert (found["title"], found["judged"][0]["text"]) == ("丁题", "丁文。")
    given["digest"] = "another"
    with pytest.raises(DataError, match="丁 has another title or text than when its summaries were judged"):
        join_television(data)
    given["id"] = "戊"
    with pytest.raises(DataError, match="no article has the id '戊'"):
        join_television(data)
