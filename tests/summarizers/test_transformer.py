import json
import shutil
import subprocess
import sys

import pytest
import torch
from hub_server import MAIN, SECOND, contents, serving
from tiny_bert import save_tiny_bert
from tiny_seq2seq import FAMILIES, save_tiny_seq2seq, teach

from toolkit.summarizers import LOADERS, is_summarizer, load_summarizer
from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.pretrained import load_writer
from toolkit.summarizers.reading import SourceReader
from toolkit.types import ConfigError, DataError

BODY = (
    "昨天上午，全市防汛工作会议在市行政中心召开。会议要求各镇街道在6月10日前完成隐患排查。目前全市共排查地质灾害点45处，"
    "已整改38处。其中白鹭镇的12处全部整改到位。市水利局在澜江沿线增设水位监测点20个，总投资3.5亿元。"
)
TRUE = "全市共排查地质灾害点45处，已整改38处。"
FALSE = "全市共排查地质灾害点99处，已整改38处。"
HEADLINE = "全市共排查地质灾害点45处"
FREE = SummaryOptions(free=True)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def family(request, tmp_path_factory):
    return save_tiny_seq2seq(request.param, tmp_path_factory.mktemp("family") / request.param, [BODY, FALSE])


@pytest.fixture(scope="module")
def honest(tmp_path_factory):
    """A model that has learned to write what the article says."""
    folder = save_tiny_seq2seq("t5", tmp_path_factory.mktemp("taught") / "honest", [BODY, FALSE])
    return teach(folder, [(BODY, TRUE)])


@pytest.fixture(scope="module")
def liar(tmp_path_factory):
    """A model that has learned to write a number that the article lacks."""
    folder = save_tiny_seq2seq("t5", tmp_path_factory.mktemp("taught") / "liar", [BODY, FALSE])
    return teach(folder, [(BODY, FALSE)])


@pytest.fixture
def copy(honest, tmp_path):
    return shutil.copytree(honest, tmp_path / "copy")


def summary(folder, article, *, mode="abstract", max_chars=60, options=FREE):
    [found] = load_summarizer(str(folder), options=options).summarize([article], mode=mode, max_chars=max_chars)
    return found


# --- what is written


@pytest.mark.parametrize("mode", ["abstract", "headline"])
def test_every_family_keeps_the_rules_of_a_summary(family, article, mode):
    articles = [article(BODY), article(""), article("市水利局增设监测点。"), article(BODY[40:], title="防汛")]
    found = load_summarizer(str(family)).summarize(articles, mode=mode, max_chars=40)
    assert len(found) == 4
    assert all(len(each.text) <= (30 if mode == "headline" else 40) for each in found)
    assert all(each.text.endswith("。") == (mode == "abstract") for each in found if each.text)
    assert found[1].flags == ("empty_text",)


def test_what_a_model_writes_is_the_summary_with_what_it_rests_on(honest, article):
    found = summary(honest, article(BODY), options=SummaryOptions())
    assert found.text == TRUE
    assert found.method == load_summarizer(str(honest)).name
    assert found.method.startswith("honest@")
    assert [found.text[each.start : each.end] for each in found.support][0].startswith("全市共排查")


def test_a_number_that_the_article_lacks_is_never_the_summary(liar, article):
    found = summary(liar, article(BODY))
    assert found.method == "extractive"
    assert "99" not in found.text


def test_with_the_article_s_own_words_the_number_is_not_even_written(liar, article):
    written = candidates(liar, article(BODY), SummaryOptions())
    assert not [text for text in written if "99" in text]
    assert [text for text in candidates(liar, article(BODY), FREE) if "99" in text]


def candidates(folder, article, options):
    summarizer = load_summarizer(str(folder), options=options)
    [found] = summarizer._write([summarizer._reader.read(article, "abstract")], "abstract", 60)
    return [candidate.text for candidate in found]


@pytest.mark.parametrize("num_beams", [1, 2])
def test_there_are_at_most_as_many_candidates_as_beams(honest, article, num_beams):
    assert len(candidates(honest, article(BODY), SummaryOptions(num_beams=num_beams))) == num_beams


def test_results_keep_the_order_whatever_the_lengths(honest, article):
    articles = [article(BODY[:80]), article(""), article(BODY), article("没有正文的短讯。"), article(BODY[24:])]
    summarizer = load_summarizer(str(honest), options=FREE)
    together = summarizer.summarize(articles, mode="abstract", max_chars=60)
    alone = [summarizer.summarize([each], mode="abstract", max_chars=60)[0] for each in articles]
    assert [found.text for found in together] == [found.text for found in alone]


def test_a_full_stop_alone_is_no_summary(copy, article):
    teach(copy, [(BODY, "。")])
    assert summary(copy, article(BODY)).method == "extractive"


def test_no_articles_give_no_summaries(honest):
    assert load_summarizer(str(honest)).summarize([], mode="abstract", max_chars=60) == []


def test_a_short_article_is_its_own_abstract(honest, article):
    found = summary(honest, article("市水利局增设监测点。"))
    assert (found.text, found.flags) == ("市水利局增设监测点。", ("whole_text",))


def test_a_model_of_its_own_threads_is_not_forked(honest):
    assert not load_summarizer(str(honest)).forkable
    assert load_summarizer("lead").forkable


# --- what is read


def reader(folder, max_tokens, prefix=""):
    return SourceReader(load_writer(str(folder), revision=None).tokenizer, {"abstract": prefix}, max_tokens)


def test_a_long_article_is_read_in_whole_sentences_in_its_order(honest, article):
    made = reader(honest, 100)
    source = made.read(article(BODY), "abstract")
    text = made.tokenizer.decode(source.own_ids)
    sentences = text.replace(",", "，").split("。")[:-1]
    assert source.in_part
    assert len(source.input_ids) <= 100
    assert text.startswith("昨天上午")
    assert all(f"{sentence}。" in BODY for sentence in sentences)
    assert [BODY.index(sentence) for sentence in sentences] == sorted(BODY.index(sentence) for sentence in sentences)


def test_a_short_article_is_read_whole(honest, article):
    source = reader(honest, 500).read(article(BODY), "abstract")
    assert not source.in_part
    assert len(source.own_ids) > 100


def test_a_sentence_longer_than_the_window_is_cut(honest, article):
    source = reader(honest, 32).read(article("市水利局" * 30 + "。"), "abstract")
    assert (len(source.input_ids), source.in_part) == (32, True)


def test_a_prefix_is_put_before_the_text_and_is_none_of_its_words(honest, article):
    made = reader(honest, 500, "水位：")
    source = made.read(article(BODY), "abstract")
    assert made.tokenizer.decode(source.input_ids).startswith("水位:昨天上午")
    assert made.tokenizer.decode(source.own_ids).startswith("昨天上午")


def test_a_summary_of_an_article_that_was_cut_says_so(copy, article):
    teach(copy, [(BODY[:22], TRUE)])
    (copy / "wenzhai.json").write_text(json.dumps({"max_source_tokens": 40}), encoding="utf-8")
    assert summary(copy, article(BODY)).flags == ("read_in_part",)


# --- settings in the folder


def test_prefixes_and_limits_are_read_from_the_folder(copy):
    settings = {"prefix": {"abstract": "摘要："}, "max_source_tokens": 64, "max_target_tokens": {"abstract": 9}}
    (copy / "wenzhai.json").write_text(json.dumps(settings), encoding="utf-8")
    writer = load_writer(str(copy), revision=None)
    assert writer.settings.prefix == {"abstract": "摘要："}
    assert writer.max_source_tokens == 64
    summarizer = load_summarizer(str(copy))
    assert summarizer._limits("abstract", 120)["max_new_tokens"] == 9
    assert summarizer._limits("headline", 120)["max_new_tokens"] == 38


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "wenzhai.json: not readable JSON"),
        ('{"prefixes": {}}', "wenzhai.json: prefixes is unknown; known: max_source_tokens, .*did you mean prefix"),
        ('{"prefix": {"summary": "x"}}', "wenzhai.json: prefix.summary"),
        ('{"max_source_tokens": 3}', "wenzhai.json: max_source_tokens is 3"),
    ],
)
def test_a_mistake_in_the_settings_is_named(copy, content, message):
    (copy / "wenzhai.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_summarizer(str(copy))


def test_a_window_longer_than_the_model_s_is_refused(tmp_path):
    folder = save_tiny_seq2seq("bart", tmp_path, [BODY])
    (folder / "wenzhai.json").write_text('{"max_source_tokens": 300}', encoding="utf-8")
    with pytest.raises(DataError, match="max_source_tokens is 300; the model reads at most 256"):
        load_summarizer(str(folder))


def test_the_model_s_own_generation_settings_count_but_for_those_that_would_run_code(copy):
    path = copy / "generation_config.json"
    own = json.loads(path.read_text(encoding="utf-8"))
    own |= {"num_beams": 3, "length_penalty": 0.6, "max_length": 15, "penalty_alpha": 0.6, "top_k": 4}
    path.write_text(json.dumps(own), encoding="utf-8")
    summarizer = load_summarizer(str(copy))
    kept = summarizer._network.generation_config
    assert (kept.length_penalty, kept.penalty_alpha) == (0.6, None)
    assert summarizer._limits("abstract", 120) | {"suppress_tokens": None} == {
        "max_new_tokens": 15, "min_length": 0, "num_beams": 3, "num_return_sequences": 3, "do_sample": False,
        "output_scores": True, "return_dict_in_generate": True, "suppress_tokens": None,
    }  # fmt: skip


# --- loading


def test_a_bart_with_only_berts_vocabulary_is_read(tmp_path, article):
    folder = save_tiny_seq2seq("bart", tmp_path, [BODY])
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    assert summary(folder, article(BODY)).text


def test_an_encoder_is_no_summarizer(tmp_path):
    folder = save_tiny_bert(tmp_path, seed=1)
    with pytest.raises(DataError, match="model_type is 'bert', which does not write"):
        load_summarizer(str(folder))


def test_weights_that_lack_a_part_are_refused(copy):
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    weights = {name: values for name, values in weights.items() if not name.startswith("decoder.final")}
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(DataError, match="its weights lack decoder.final_layer_norm.weight"):
        load_summarizer(str(copy))


def test_pickled_weights_are_refused_with_the_way_to_convert_them(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(
        DataError, match=r"found pytorch_model.bin .*import AutoModelForSeq2SeqLM as M.*save_pretrained"
    ):
        load_summarizer(str(copy))


def test_a_damaged_tokenizer_is_named(copy):
    (copy / "tokenizer.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="cannot load its tokenizer"):
        load_summarizer(str(copy))


def test_a_folder_of_a_known_kind_goes_to_its_loader(tmp_path, monkeypatch):
    (tmp_path / "model.json").write_text('{"kind": "own"}', encoding="utf-8")
    monkeypatch.setitem(LOADERS, "own", lambda folder, options: (folder, options))
    assert load_summarizer(str(tmp_path), options=FREE) == (tmp_path, FREE)


def test_a_folder_knows_whether_it_summarizes(honest, tiny_model):
    assert is_summarizer(str(honest))
    assert is_summarizer("lead")
    assert not is_summarizer(str(tiny_model))
    assert not is_summarizer("tfidf")


# --- a hub


@pytest.fixture
def server(honest, liar, tmp_path, monkeypatch):
    files = {
        ("org/tiny", MAIN): contents(honest) | {"modeling.py": b"raise SystemExit"},
        ("org/tiny", SECOND): contents(liar),
    }
    with serving(files, tmp_path / "hf", monkeypatch) as server:
        yield server


def test_a_summarizer_of_the_hub_is_downloaded_with_its_settings_and_no_code(server, article):
    assert summary("org/tiny", article(BODY)).text == TRUE
    asked = {path.rpartition("/")[2] for path in server.requests if "/resolve/" in path}
    assert {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json"} <= asked
    assert "modeling.py" not in asked


def test_a_revision_of_the_hub_is_honoured(server):
    main = load_summarizer("org/tiny")
    assert load_summarizer("org/tiny", options=SummaryOptions(revision="v2")).name != main.name


def test_offline_a_downloaded_summarizer_is_used(server, monkeypatch):
    first = load_summarizer("org/tiny").name
    server.requests.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_summarizer("org/tiny").name == first
    assert server.requests == []


def test_a_hub_without_the_model_is_named_with_the_ways_out(server):
    with pytest.raises(
        ConfigError, match=r"summarizer 'org/other': it does not exist.*Use the built-in extractive, name"
    ):
        load_summarizer("org/other")


def test_a_missing_modelscope_is_named_with_its_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "modelscope", None)
    with pytest.raises(ConfigError, match=r"summarizer modelscope:org/tiny: .* pip install 'wenzhai\[modelscope\]'"):
        load_summarizer("modelscope:org/tiny")


# --- the command line


def test_the_options_reach_the_model(liar, write_jsonl):
    path = write_jsonl([{"id": "a", "title": "", "text": BODY}])
    command = [sys.executable, "-m", "toolkit.cli", "summarize", str(path), "-o", "-", "--summarizer", str(liar)]
    command += ["--num-beams", "2", "--free", "--max-chars", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["summary_method"] == "extractive"


def test_copying_loads_neither_torch_nor_transformers(write_jsonl):
    path = write_jsonl([{"id": "a", "title": "", "text": BODY}])
    code = (
        "import sys; sys.argv = ['wenzhai', 'summarize', sys.argv[1], '-o', '-']\n"
        "from toolkit.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "sys.exit(','.join({'torch', 'transformers', 'huggingface_hub'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
