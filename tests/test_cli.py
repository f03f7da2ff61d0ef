import csv
import io
import json
import os
import signal
import subprocess
import sys
import time

import openpyxl
import pytest

from toolkit.cli import main

PAGE = "防汛会议召开\n\n■记者 王一平\n\n本报讯 昨天上午,全市防汛工作会议召开。会议部署防汛防台工作。\n"
COMMAND = [sys.executable, "-c", "from toolkit.cli import main; main()"]


@pytest.fixture
def cli(monkeypatch, capsys):
    """Run the command line in this process; returns exit code, standard output, standard error."""

    def run(*arguments, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["wenzhai", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = 0
        try:
            main()
        except SystemExit as exit_:
            code = exit_.code or 0
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


def records(text):
    return [json.loads(line) for line in text.splitlines()]


def test_run_writes_one_record_with_input_labels_and_summary(cli, page):
    code, out, _ = cli("run", page, "-o", "-")
    [record] = records(out)
    assert code == 0
    assert record["title"] == "防汛会议召开"
    assert record["byline"] == [{"role": "记者", "names": ["王一平"]}]
    assert record["topics"] == ["safety"]
    assert record["decision"] in ("labelled", "review")
    assert list(record["scores"]) == ["talent", "safety", "culture", "investment"]
    assert record["evidence"][0]["topic"] == "safety"
    assert record["model"].startswith("tfidf@" if sys.platform == "win32" else "blend@")
    assert record["summary"].startswith("昨天上午，全市防汛工作会议召开。")  # the page has it half-width
    assert record["summary_method"] == "extractive"
    assert record["flags"] == []


def test_each_command_does_its_part(cli, page):
    for command, expected in (
        ("ingest", set()),
        ("label", {"topics", "decision", "scores", "evidence", "model"}),
        ("summarize", {"summary", "summary_method"}),
    ):
        code, out, _ = cli(command, page, "-o", "-")
        [record] = records(out)
        findings = {"topics", "decision", "scores", "evidence", "model", "summary", "summary_method"}
        assert code == 0
        assert set(record) & findings == expected
        assert {"id", "title", "text", "byline", "flags"} <= set(record)


def test_a_pipe_without_an_output_option_gets_json_lines(cli, page):
    assert records(cli("label", page)[1])[0]["title"] == "防汛会议召开"


def test_ingested_articles_can_be_labelled_from_standard_input(cli, page):
    ingested = cli("ingest", page)[1]
    code, out, _ = cli("label", "-", stdin=ingested.encode())
    assert code == 0
    assert records(out)[0]["byline"] == [{"role": "记者", "names": ["王一平"]}]


def test_a_table_for_people_can_be_asked_for(cli, page):
    code, out, _ = cli("run", page, "--table")
    assert code == 0
    assert "防汛会议召开" in out.replace("\n", "")
    assert "安全" in out
    assert "{" not in out


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "xlsx"])
def test_the_suffix_picks_the_format_and_the_file_is_named(cli, page, tmp_path, suffix):
    path = tmp_path / f"out.{suffix}"
    code, out, err = cli("run", page, "-o", path)
    assert (code, out) == (0, "")
    assert f"wrote {path} (1 articles)" in err
    if suffix == "jsonl":
        assert records(path.read_text(encoding="utf-8"))[0]["topics"] == ["safety"]
    elif suffix == "csv":
        [row] = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        assert (row["topics"], row["byline"]) == ("safety", "记者 王一平")
    else:
        header, row = openpyxl.load_workbook(path).active.values
        assert dict(zip(header, row, strict=True))["topics"] == "safety"
    assert [item.name for item in tmp_path.glob("out*")] == [path.name]


def test_headline_mode_and_length_are_options(cli, page):
    [record] = records(cli("summarize", page, "--mode", "headline", "--summarizer", "textrank")[1])
    assert record["summary"] == "全市防汛工作会议召开"
    [record] = records(cli("summarize", page, "--max-chars", "15")[1])
    assert len(record["summary"]) <= 15


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "nowhere.txt"], 2, "nowhere.txt: no such file"),
        (["run"], 2, "Missing argument"),
        (["run", "{page}", "--mode", "poem"], 2, "--mode"),
        (["run", "{page}", "--max-chars", "5"], 2, "--max-chars"),
        (
            ["run", "{page}", "-o", "out.xls"],
            2,
            "suffix .xls is unknown; known: .jsonl, .csv, .xlsx; did you mean .xlsx?",
        ),
        (["run", "{page}", "--model", "bart"], 2, "model 'bart' is neither built in nor a folder"),
        (["run", "{page}", "--summarizer", "leed"], 2, "did you mean lead?"),
        (["label", "{page}", "--model", "{folder}"], 4, "no model.json"),
        (["train", "nowhere.yaml", "-o", "m"], 2, "nowhere.yaml: cannot read it"),
        (["config", "show", "{config}", "--set", "model.k=1"], 2, "model.k is unknown"),
        (["evaluate", "tfidf", "nowhere.jsonl"], 4, "nowhere.jsonl: no such file"),
        (["evaluate", "tfidf", "{page}"], 4, "no topics"),
        (["evaluate", "tfidf", "{page}", "-o", "r.txt"], 2, "name a .json file"),
        (["sample", "page", "-o", "page.csv"], 2, "the page is a .txt file"),
        (["fly"], 2, "No such command"),
    ],
)
def test_a_mistake_ends_with_its_code_and_one_message(cli, page, tmp_path, root, arguments, code, message):
    places = {"page": page, "folder": tmp_path, "config": root / "configs/train/tfidf.yaml"}
    found, out, err = cli(*(argument.format(**places) for argument in arguments))
    assert found == code
    assert out == ""
    assert message in " ".join(err.split())
    assert "Traceback" not in err


def test_rejected_inputs_are_named_kept_and_end_with_code_3(cli, page, tmp_path, write_jsonl):
    bad = write_jsonl([{"title": "无正文"}, {"text": "演练昨天举行。"}], "bad.jsonl")
    output = tmp_path / "out.jsonl"
    code, _, err = cli("run", page, bad, "-o", output)
    assert code == 3
    assert f"rejected: {bad}#1: no text; found title" in err
    assert f"1 inputs were rejected; see {output}.rejects.jsonl" in err
    [reject] = records((tmp_path / "out.jsonl.rejects.jsonl").read_text(encoding="utf-8"))
    assert json.loads(reject["raw"]) == {"title": "无正文"}
    assert len(records(output.read_text(encoding="utf-8"))) == 2


def test_the_rejects_of_an_earlier_run_do_not_stay(cli, page, tmp_path):
    output = tmp_path / "out.jsonl"
    stale = tmp_path / "out.jsonl.rejects.jsonl"
    stale.write_text("{}", encoding="utf-8")
    assert cli("ingest", page, "-o", output)[0] == 0
    assert not stale.exists()


def test_a_file_may_be_read_and_written_at_once(cli, write_jsonl):
    path = write_jsonl([{"id": "1", "text": "演练昨天举行。"}])
    assert cli("summarize", path, "-o", path)[0] == 0
    assert records(path.read_text(encoding="utf-8"))[0]["summary"] == "演练昨天举行。"


def test_an_output_that_cannot_be_written_ends_with_code_1(cli, page):
    code, _, err = cli("ingest", page, "-o", "/proc/none/out.jsonl")
    assert code == 1
    assert "cannot write" in err


def test_a_wrong_set_option_of_training_leaves_nothing_behind(cli, root, tmp_path):
    code, _, err = cli("train", root / "configs/train/tfidf.yaml", "-o", tmp_path / "m", "--set", "model.min_df=9999")
    assert code == 4
    assert "lower model.min_df" in err
    assert list(tmp_path.iterdir()) == []


def test_train_then_label_with_the_new_model(cli, root, page, tmp_path):
    fast = ["--set", "decisions.folds=3", "--set", "decisions.repeats=1"]
    code, _, err = cli("train", root / "configs/train/tfidf.yaml", "-o", tmp_path / "desk", *fast)
    assert code == 0
    assert "out of fold: macro-F1" in err
    [record] = records(cli("label", page, "--model", tmp_path / "desk")[1])
    assert record["model"].startswith("desk@")


def test_evaluate_prints_a_table_and_writes_json(cli, tmp_path, root):
    report = tmp_path / "report.json"
    code, out, _ = cli("evaluate", "tfidf", root / "toolkit/samples/corpus.jsonl", "-o", report)
    assert code == 0
    assert "macro" in out
    assert "topic-less articles given a topic" in out
    assert json.loads(report.read_text(encoding="utf-8"))["all"]["articles"] == 134


def test_config_show_prints_every_setting(cli, root):
    code, out, _ = cli("config", "show", root / "configs/train/tfidf.yaml", "--set", "model.c=2.0")
    assert code == 0
    assert "c: 2.0" in out
    assert "none_given_at_most" in out


def test_models_lists_what_is_built_in(cli):
    out = cli("models")[1]
    assert [line.split()[0] for line in out.splitlines()] == [
        "bert",
        "blend",
        "tfidf",
        "seq2seq",
        "extractive",
        "lead",
        "textrank",
    ]
    assert "talent, safety, culture, investment" in out


@pytest.mark.parametrize(("what", "name"), [("page", "p.txt"), ("corpus", "c.jsonl")])
def test_samples_are_copied_out_and_can_be_read(cli, tmp_path, what, name):
    path = tmp_path / "new" / name
    assert cli("sample", what, "-o", path)[0] == 0
    assert cli("ingest", path)[0] == 0


def test_the_version_is_printed(cli):
    assert cli("--version")[1].startswith("wenzhai ")


def run(arguments, **options):
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, timeout=60, **options)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]])
def test_help_loads_no_heavy_library(arguments):
    code = (
        "import sys; sys.argv = ['wenzhai', *sys.argv[1:]]\n"
        "from toolkit.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'pandas', 'scipy', 'numpy', 'jieba', 'rjieba'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) if heavy else 0)\n"
    )
    result = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_labelling_loads_neither_scikit_learn_nor_torch_once_the_cache_is_warm(page):
    run(["label", page])
    code = (
        "import sys; sys.argv = ['wenzhai', 'label', sys.argv[1]]\n"
        "from toolkit.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.exit(','.join({'torch', 'sklearn', 'skops', 'training'} & set(sys.modules)) or 0)\n"
    )
    result = subprocess.run([sys.executable, "-c", code, str(page)], capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


def test_many_articles_keep_their_order_when_processes_share_the_work(tmp_path, write_jsonl):
    path = write_jsonl({"id": str(number), "text": f"第{number}场消防演练昨天举行。"} for number in range(1500))
    output = tmp_path / "out.jsonl"
    result = run(["run", path, "-o", output, "--model", "tfidf"], check=True)  # a transformer is not forked
    assert b"1500 articles" in result.stderr
    found = records(output.read_text(encoding="utf-8"))
    assert [record["id"] for record in found] == [str(number) for number in range(1500)]
    assert found[700]["summary"] == "第700场消防演练昨天举行。"


def test_a_reader_that_goes_away_is_no_failure(write_jsonl):
    path = write_jsonl({"text": f"第{number}场消防演练昨天举行。"} for number in range(3000))
    with subprocess.Popen([*COMMAND, "ingest", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""


def test_ctrl_c_ends_with_130_and_keeps_what_was_done(tmp_path):
    output = tmp_path / "out.jsonl"
    process = subprocess.Popen(
        [*COMMAND, "summarize", "-", "-o", str(output)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        # A shell's background job ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert not output.exists()


def test_no_progress_and_no_colour_where_there_is_no_terminal(page, tmp_path):
    result = run(["run", page, "-o", tmp_path / "out.jsonl", "--table"], check=True)
    assert b"\x1b" not in result.stdout + result.stderr


def test_the_terminal_gets_a_table_and_no_color_is_honoured(page):
    import pty

    def in_terminal(**environment):
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, "run", str(page)], stdout=child, stderr=child, env=os.environ | {"TERM": "xterm"} | environment
        )
        process.wait(timeout=60)
        os.close(child)
        shown = os.read(parent, 100_000).decode()
        os.close(parent)
        return shown

    plain = in_terminal(NO_COLOR="1")
    assert "安全" in plain
    assert "{" not in plain
    assert "\x1b[3" not in plain
