import gzip
import json

import pytest

from toolkit.types import DataError
from training.abstracts import join_abstracts


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
