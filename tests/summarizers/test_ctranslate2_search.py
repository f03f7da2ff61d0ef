import json
import shutil
import subprocess
import sys

import pytest
import torch
from tiny_seq2seq import save_tiny_seq2seq, teach

from toolkit.engines import export as exports
from toolkit.summarizers import load_summarizer
from toolkit.summarizers.options import SummaryOptions
from toolkit.summarizers.pretrained import load_writer
from toolkit.summarizers.reading import Source
from toolkit.types import ConfigError

pytest.importorskip("ctranslate2", reason="the extra ctranslate2 is not installed")
from toolkit.summarizers.ctranslate2_search import FAMILIES, Ctranslate2Search  # noqa: E402 - after the skip

BODY = (
    "昨天上午，全市防汛工作会议在市行政中心召开。会议要求各镇街道在6月10日前完成隐患排查。目前全市共排查地质灾害点45处，"
    "已整改38处。其中白鹭镇的12处全部整改到位。市水利局在澜江沿线增设水位监测点20个，总投资3.5亿元。"
)
TRUE = "全市共排查地质灾害点45处，已整改38处。"
FALSE = "全市共排查地质灾害点99处，已整改38处。"
FREE = SummaryOptions(free=True)
FAST = SummaryOptions(free=True, engine="ctranslate2")


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def taught(family, folder, text=TRUE, steps=40, **settings):
    """A model that has learned what to write; its search ends as that of CTranslate2 does."""
    teach(save_tiny_seq2seq(family, folder, [BODY, FALSE]), [(BODY, text)], steps=steps)
    return change(folder, num_beams=4, early_stopping=True, **settings)


def change(folder, **settings):
    path = folder / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | settings), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bart(tmp_path_factory):
    return taught("bart", tmp_path_factory.mktemp("taught") / "bart", steps=80)


@pytest.fixture(scope="module")
def liar(tmp_path_factory):
    return taught("bart", tmp_path_factory.mktemp("taught") / "liar", FALSE, steps=80)


def candidates(folder, article):
    """What torch writes of one article, and what CTranslate2 writes of it in the same precision."""
    summarizer = load_summarizer(str(folder), options=FREE)
    sources = [summarizer._reader.read(article, "abstract")]
    search = Ctranslate2Search.load(load_writer(str(folder), revision=None), quantization="float32")
    [torch_s] = summarizer._write(sources, "abstract", 60)
    [found] = search.write(sources, summarizer._limits("abstract", 60))
    return [(each.text, each.score) for each in torch_s], [
        (summarizer._pieces.join(ids), score) for ids, score in found
    ]


def assert_same(found, expected):
    assert [text for text, _ in found] == [text for text, _ in expected]
    # CTranslate2 shares out the probability of what may not be written, such as the unknown token.
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=0.03)


@pytest.mark.parametrize("family", FAMILIES)
def test_in_full_precision_every_family_writes_what_torch_writes(family, tmp_path, article):
    expected, found = candidates(taught(family, tmp_path / family), article(BODY))
    assert len(expected) >= 2
    assert_same(found, expected)


@pytest.mark.parametrize(
    "settings",
    [
        {"length_penalty": 2.0},
        {"no_repeat_ngram_size": 2},
        {"max_new_tokens": 12},
        {"forced_bos_token_id": 9},
    ],
    ids=str,
)
def test_the_model_s_own_settings_count_as_in_torch(settings, bart, tmp_path, article):
    folder = change(shutil.copytree(bart, tmp_path / "bart"), **settings)
    expected, found = candidates(folder, article(BODY))
    assert_same(found, expected)
    assert found != candidates(bart, article(BODY))[1]


@pytest.mark.parametrize("settings", [{"min_length": 40}, {"min_new_tokens": 39}], ids=str)
def test_a_least_length_is_kept(settings, bart, tmp_path):
    texts = token_ids(change(shutil.copytree(bart, tmp_path / "bart"), **settings))
    assert texts
    assert min(map(len, texts)) >= 39
    assert min(map(len, token_ids(bart))) < 39


@pytest.mark.parametrize("name", ["bad_words_ids", "suppress_tokens"])
def test_what_may_not_be_written_is_not(name, bart, tmp_path):
    token = token_ids(bart)[0][3]
    settings = {name: [[token]] if name == "bad_words_ids" else [token]}
    texts = token_ids(change(shutil.copytree(bart, tmp_path / "bart"), **settings))
    assert texts
    assert not [text for text in texts if token in text]


def token_ids(folder):
    """What CTranslate2 writes of one article, as token ids."""
    summarizer = load_summarizer(str(folder), options=FAST)
    source = Source(summarizer._tokenizer(BODY)["input_ids"], [], in_part=False)
    [found] = summarizer._search.write([source], summarizer._limits("abstract", 60))
    return [ids for ids, _ in found]


def test_in_eight_bits_it_writes_the_summary_too_and_what_it_rests_on(bart, article):
    [found] = load_summarizer(str(bart), options=FAST).summarize([article(BODY)], mode="abstract", max_chars=60)
    assert found.text == TRUE
    assert found.method == load_summarizer(str(bart)).name
    assert found.support


def test_results_keep_the_order_whatever_the_lengths(bart, article):
    articles = [article(BODY[:80]), article(""), article(BODY), article("没有正文的短讯。"), article(BODY[24:])]
    summarizer = load_summarizer(str(bart), options=FAST)
    together = summarizer.summarize(articles, mode="abstract", max_chars=60)
    alone = [summarizer.summarize([each], mode="abstract", max_chars=60)[0] for each in articles]
    assert together == alone


def test_a_number_that_the_article_lacks_is_never_the_summary(liar, article):
    [found] = load_summarizer(str(liar), options=FAST).summarize([article(BODY)], mode="abstract", max_chars=60)
    assert found.method == "extractive"
    assert "99" not in found.text


def test_a_model_is_converted_once_and_again_when_the_conversion_is_damaged(bart, cache):
    load_summarizer(str(bart), options=FAST)
    [weights] = cache.glob("wenzhai/exports/*/model.bin")
    whole, made = weights.read_bytes(), weights.stat().st_mtime_ns
    load_summarizer(str(bart), options=FAST)
    assert weights.stat().st_mtime_ns == made
    weights.write_bytes(bytes(len(whole)))
    load_summarizer(str(bart), options=FAST)
    assert weights.read_bytes() == whole


def test_a_conversion_of_other_outputs_is_refused(tmp_path, monkeypatch):
    # What the converter of CTranslate2 4.8 makes of an mT5 by itself: it scales outputs that transformers 5 does not.
    monkeypatch.setattr("toolkit.summarizers.ctranslate2_search._fit_config", lambda network: None)
    folder = save_tiny_seq2seq("mt5", tmp_path / "mt5", [BODY])
    with pytest.raises(ConfigError, match="engine ctranslate2 cannot take this model: it differs from torch by"):
        load_summarizer(str(folder), options=FAST)
    assert not list((exports.cache_folder() / "exports").iterdir())


# --- what it cannot do


def test_with_the_article_s_own_words_it_says_to_add_free(bart):
    with pytest.raises(ConfigError, match="takes no rules of an article: add --free"):
        load_summarizer(str(bart), options=SummaryOptions(engine="ctranslate2"))


@pytest.mark.parametrize("name", ["extractive", "seq2seq", "chat.yaml"])
def test_other_summarizers_are_refused(name):
    with pytest.raises(ConfigError, match=f"runs encoder-decoders of Hugging Face, and {name} is none of them"):
        load_summarizer(name, options=FAST)


def test_another_family_is_named_with_the_known_ones(tmp_path):
    folder = save_tiny_seq2seq("encoder-decoder", tmp_path, [BODY])
    with pytest.raises(ConfigError, match="the family encoder-decoder; known: bart, mt5, pegasus, t5"):
        load_summarizer(str(folder), options=FAST)


@pytest.mark.parametrize("settings", [{"encoder_no_repeat_ngram_size": 3}, {"repetition_penalty": 1.2}], ids=str)
def test_a_setting_that_it_lacks_is_named(settings, tmp_path):
    folder = taught("t5", tmp_path / "t5", steps=0, **settings)
    with pytest.raises(ConfigError, match=f"cannot honour {next(iter(settings))} of generation_config.json"):
        load_summarizer(str(folder), options=FAST)


def test_a_missing_package_is_named_with_its_command(bart, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ConfigError, match=r"not installed here: pip install 'wenzhai\[ctranslate2\]'"):
        load_summarizer(str(bart), options=FAST)


def test_the_command_line_chooses_it(bart, write_jsonl, cache):
    path = write_jsonl([{"id": "a", "title": "", "text": BODY}])
    command = [sys.executable, "-m", "toolkit.cli", "summarize", str(path), "-o", "-", "--summarizer", str(bart)]
    command += ["--free", "--engine", "ctranslate2", "--max-chars", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"] == TRUE
    assert list(cache.glob("wenzhai/exports/*/model.bin"))
