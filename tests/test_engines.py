import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import toolkit.engines as engines
from toolkit.engines import export as exports
from toolkit.engines import load_engine, overlapped, run_batches
from toolkit.types import ConfigError

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

DIGEST = "5e" * 32
NAMES = ["torch", "openvino", "onnx"]
EXPORTING = ["openvino", "onnx"]


class Tagger(torch.nn.Module):
    """A tiny BERT with a linear head on every token."""

    def __init__(self, scale=1.0):
        super().__init__()
        torch.manual_seed(7)
        config = transformers.BertConfig(
            vocab_size=200,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=80,
        )
        self.encoder = transformers.BertModel(config, add_pooling_layer=False)
        self.head = torch.nn.Linear(32, 3)
        self.scale = scale

    def forward(self, input_ids, attention_mask):
        return self.scale * self.head(self.encoder(input_ids, attention_mask=attention_mask).last_hidden_state)


class Frozen(torch.nn.Module):
    """A module that no exporter can take: what it does depends on the values it reads."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(200, 3)

    def forward(self, input_ids, attention_mask):
        outputs = self.table(input_ids)
        return outputs if int(input_ids.sum()) % 2 else -outputs


class Table(torch.nn.Module):
    """A module without linear layers."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(7)
        self.table = torch.nn.Embedding(200, 3)

    def forward(self, input_ids, attention_mask):
        return self.table(input_ids) * attention_mask[:, :, None]


class Recorder:
    """An engine that returns each id and its square, and remembers the shapes it got."""

    name, precision, token_budget = "recorder", "f32", 64

    def __init__(self, streams=1):
        self.streams = streams
        self.shapes = []

    def run(self, input_ids, attention_mask):
        self.shapes.append(input_ids.shape)
        assert input_ids.dtype == attention_mask.dtype == np.int64
        assert (input_ids[attention_mask == 0] == 9).all()
        return np.stack([input_ids, input_ids**2], axis=2).astype(np.float32)


def build():
    return Tagger().eval()


def build_never():
    raise AssertionError("the module was built")


def inputs(rows, length, seed=0):
    random = np.random.default_rng(seed)
    mask = np.ones((rows, length), dtype=np.int64)
    mask[-1, max(1, length - 3) :] = 0
    return random.integers(0, 200, size=(rows, length)), mask


def reference(input_ids, attention_mask, module=None):
    with torch.inference_mode():
        return (module or build())(torch.tensor(input_ids), torch.tensor(attention_mask)).numpy()


def needs(name):
    for package in {"openvino": ["openvino"], "onnx": ["onnxruntime", "onnxscript"]}.get(name, []):
        pytest.importorskip(package)


@pytest.fixture(scope="module", params=NAMES)
def engine(request):
    needs(request.param)
    return load_engine(request.param, build, digest=DIGEST, precision="f32")


@pytest.fixture(scope="module", params=EXPORTING)
def exporting(request):
    needs(request.param)
    return request.param


@pytest.fixture(scope="module")
def made_once(exporting):
    """An export, made once: it takes seconds. Tests copy it before they change it."""
    load_engine(exporting, build, digest=DIGEST)
    return exports.find_export(exporting, DIGEST)


@pytest.fixture
def exported(exporting, made_once, engine_cache):
    """The name of an engine and its export in a cache of the test's own."""
    folder = exports.cache_folder() / "exports" / made_once.name
    shutil.copytree(made_once, folder)
    return exporting, folder


@pytest.fixture
def engine_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 16), (3, 7), (1, 64), (5, 64), (17, 33)])
def test_every_engine_gives_what_torch_gives_for_every_shape(engine, shape):
    ids, mask = inputs(*shape)
    outputs = engine.run(ids, mask)
    assert outputs.dtype == np.float32
    assert outputs.shape == (*shape, 3)
    np.testing.assert_allclose(outputs[mask == 1], reference(ids, mask)[mask == 1], atol=1e-3)


def test_every_engine_may_be_called_from_several_threads(engine):
    windows = [list(range(1, 2 + number % 40)) for number in range(0, 60, 3)]
    alone = [engine.run(np.array([window]), np.ones((1, len(window)), dtype=np.int64))[0] for window in windows]
    for found, expected in zip(run_batches(engine, windows, pad_id=0, token_budget=64), alone, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_an_export_is_made_once(exported):
    name, folder = exported
    ids, mask = inputs(2, 12)
    outputs = load_engine(name, build_never, digest=DIGEST, precision="f32").run(ids, mask)
    np.testing.assert_allclose(outputs[mask == 1], reference(ids, mask)[mask == 1], atol=1e-3)
    assert not list(folder.parent.glob("partial-*"))


def test_other_weights_and_other_versions_have_exports_of_their_own(exported, monkeypatch):
    name, _ = exported
    assert exports.find_export(name, "6f" * 32) is None
    monkeypatch.setattr(exports, "_version", lambda package: "0.1")
    assert exports.find_export(name, DIGEST) is None


@pytest.mark.parametrize("damage", ["short", "gone", "card"])
def test_a_damaged_export_is_noticed(exported, damage):
    name, folder = exported
    model = max(folder.glob("model.*"), key=lambda path: path.stat().st_size)
    match damage:
        case "short":
            model.write_bytes(model.read_bytes()[:-1])
        case "gone":
            model.unlink()
        case "card":
            (folder / "export.json").write_text("[]", encoding="utf-8")
    assert exports.find_export(name, DIGEST) is None


@pytest.mark.parametrize("damage", ["short", "garbled"])
def test_a_damaged_export_is_made_again(exported, damage):
    name, folder = exported
    graph = folder / ("model.xml" if name == "openvino" else "model.onnx")
    graph.write_bytes(b"\xff" * (graph.stat().st_size - (damage == "short")))
    ids, mask = inputs(2, 12)
    outputs = load_engine(name, build, digest=DIGEST, precision="f32").run(ids, mask)
    np.testing.assert_allclose(outputs[mask == 1], reference(ids, mask)[mask == 1], atol=1e-3)
    load_engine(name, build_never, digest=DIGEST)


def test_a_cache_that_cannot_be_written_costs_no_run(exporting, engine_cache, caplog):
    (exports.cache_folder() / "exports").write_text("a file where the folder should be", encoding="utf-8")
    ids, mask = inputs(2, 5)
    outputs = load_engine(exporting, build, digest=DIGEST, precision="f32").run(ids, mask)
    np.testing.assert_allclose(outputs[mask == 1], reference(ids, mask)[mask == 1], atol=1e-3)
    assert "not kept for the next run" in caplog.text


def test_a_start_with_an_export_imports_no_torch_and_no_telemetry(exported):
    name, _ = exported
    script = f"""
import sys
import numpy as np
from toolkit.engines import load_engine, run_batches
engine = load_engine({name!r}, sys.exit, digest={DIGEST!r})
assert run_batches(engine, [[1, 2, 3], [4]], pad_id=0)[0].shape == (3, 3)
print([module for module in ("torch", "transformers", "openvino_telemetry.main") if module in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_first_calls_of_two_threads_do_not_wait_for_each_other(engine_cache):
    needs("openvino")
    load_engine("openvino", build, digest=DIGEST)
    script = f"""
import sys
sys.setswitchinterval(1e-6)  # threads change places as often as can be
from toolkit.engines import load_engine, run_batches
engine = load_engine("openvino", sys.exit, digest={DIGEST!r})
run_batches(engine, [[1, 2, 3], [4]] * 2, pad_id=0)
"""
    for _ in range(5):  # before the engine was warmed up, one start in three never ended
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_what_killed_exports_left_is_swept_after_a_day(engine_cache):
    needs("openvino")
    folder = exports.cache_folder() / "exports"
    for name, age in (("partial-old", 2 * 24 * 3600), ("partial-new", 60)):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - age,) * 2)
    load_engine("openvino", build, digest=DIGEST)
    assert not (folder / "partial-old").exists()
    assert (folder / "partial-new").exists()


def test_fewer_bits_are_taken_only_where_the_probe_moves_little(engine_cache):
    needs("openvino")
    gentle = load_engine("openvino", build, digest=DIGEST)
    wild = load_engine("openvino", lambda: Tagger(1e4).eval(), digest="6f" * 32)
    moved = exports.read_facts(exports.find_export("openvino", DIGEST))["differences"]
    assert 0 < moved["int8"] <= exports.MEAN_TOLERANCE
    assert gentle.precision in ("f32", *moved)
    assert wild.precision == "f32"


def test_int8_gives_nearly_what_torch_gives(engine_cache):
    needs("openvino")
    ids, mask = inputs(3, 20)
    engine = load_engine("openvino", build, digest=DIGEST, precision="int8")
    apart = np.abs(engine.run(ids, mask) - reference(ids, mask))[mask == 1]
    assert engine.precision == "int8"
    assert 0 < apart.max() < 0.1


def test_int8_of_a_model_without_linear_layers_is_refused(engine_cache):
    needs("openvino")
    with pytest.raises(ConfigError, match="needs linear layers"):
        load_engine("openvino", lambda: Table().eval(), digest=DIGEST, precision="int8")
    assert load_engine("openvino", lambda: Table().eval(), digest=DIGEST).precision in ("f32", "bf16")


def test_int8_is_made_of_the_linear_layers_but_not_of_a_small_head(engine_cache):
    needs("openvino")
    from openvino import Core

    load_engine("openvino", build, digest=DIGEST)
    folder = exports.find_export("openvino", DIGEST)
    model = Core().read_model(str(folder / "model-int8.xml"))
    kinds = [node.get_element_type().to_string() for node in model.get_ops() if node.get_type_name() == "Constant"]
    assert kinds.count("i8") == 2 * 5  # not those of the attention's values


def test_torch_computes_in_bf16_when_told():
    ids, mask = inputs(3, 20)
    engine = load_engine("torch", build, digest=DIGEST, precision="bf16")
    outputs = engine.run(ids, mask)
    assert (engine.precision, outputs.dtype) == ("bf16", np.float32)
    np.testing.assert_allclose(outputs[mask == 1], reference(ids, mask)[mask == 1], atol=0.05)


@pytest.mark.parametrize(
    ("name", "precision", "message"),
    [
        (
            "openvin",
            "auto",
            r"'openvin' is unknown; known: auto, torch, openvino, onnx; did you mean openvino\?",
        ),
        ("torch", "f16", "precision 'f16' is unknown; known: auto, f32, bf16"),
    ],
)
def test_an_unknown_choice_is_named(name, precision, message):
    with pytest.raises(ConfigError, match=message):
        load_engine(name, build_never, digest=DIGEST, precision=precision)


@pytest.mark.parametrize(
    ("name", "package"), [("openvino", "openvino"), ("onnx", "onnxruntime"), ("onnx", "onnxscript")]
)
def test_a_missing_package_is_named_with_its_command(name, package, monkeypatch, engine_cache):
    needs(name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=rf"engine {name} needs {package}.*pip install 'wenzhai\[{name}\]'"):
        load_engine(name, build_never, digest=DIGEST)


@pytest.mark.parametrize(("name", "precision"), [("onnx", "bf16"), ("onnx", "int8"), ("torch", "int8")])
def test_a_precision_that_an_engine_lacks_is_refused(engine_cache, name, precision):
    needs(name)
    with pytest.raises(ConfigError, match=f"engine {name} cannot compute in {precision}; it can in f32"):
        load_engine(name, build_never, digest=DIGEST, precision=precision)


def test_int8_is_left_to_openvino(engine_cache):
    needs("openvino")
    engine = load_engine("auto", build, digest=DIGEST, precision="int8")
    assert (engine.name, engine.precision) == ("openvino", "int8")


@pytest.mark.parametrize(
    ("gpu", "gone", "expected"),
    [
        (False, [], "openvino"),
        (False, ["openvino"], "onnx"),
        (False, ["openvino", "onnxscript"], "torch"),
        (False, ["openvino", "onnxruntime"], "torch"),
        (True, [], "torch"),
    ],
)
def test_auto_takes_the_best_that_is_there(gpu, gone, expected, monkeypatch, engine_cache):
    needs("openvino")
    needs("onnx")
    monkeypatch.setattr(engines, "_has_gpu", lambda: gpu)
    for package in gone:
        monkeypatch.setitem(sys.modules, package, None)
    assert load_engine("auto", build, digest=DIGEST).name == expected


def test_a_model_that_cannot_be_exported_runs_in_torch_and_says_so_once(monkeypatch, engine_cache, caplog):
    needs("openvino")
    monkeypatch.setattr(engines, "_has_gpu", lambda: False)
    built = []
    engine = load_engine("auto", lambda: built.append(1) or Frozen().eval(), digest=DIGEST)
    assert (engine.name, len(built)) == ("torch", 1)
    warned = [record for record in caplog.records if (record.name, record.levelname) == ("wenzhai", "WARNING")]
    [record] = warned
    assert "engine openvino cannot take this model" in record.message
    with pytest.raises(ConfigError, match="engine openvino cannot take this model"):
        load_engine("openvino", lambda: Frozen().eval(), digest=DIGEST)


def test_an_export_with_other_outputs_is_refused():
    ids, mask = inputs(2, 9)
    expected = [reference(ids, mask)]
    for wrong in (expected[0] + 0.1, expected[0] * np.nan):
        with pytest.raises(ConfigError, match="differ from torch's"):
            exports.check_same("openvino", lambda *_, wrong=wrong: wrong, [(ids, mask)], expected)


@pytest.mark.gpu
def test_torch_runs_on_the_gpu():
    ids, mask = inputs(3, 20)
    engine = load_engine("auto", build, digest=DIGEST)
    assert (engine.name, engine.device) == ("torch", "cuda")
    np.testing.assert_allclose(engine.run(ids, mask)[mask == 1], reference(ids, mask)[mask == 1], atol=0.02)


@pytest.mark.parametrize("streams", [1, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 50, 1200])
def test_results_keep_the_order_and_lose_the_padding(streams, count):
    random = np.random.default_rng(count)
    windows = [random.integers(1, 8, size=random.integers(0, 30)).tolist() for _ in range(count)]
    results = run_batches(Recorder(streams), windows, pad_id=9)
    assert [outputs[:, 0].tolist() for outputs in results] == windows
    assert all(outputs.shape == (len(window), 2) for outputs, window in zip(results, windows, strict=True))


@pytest.mark.parametrize("budget", [1, 30, 64, 500])
def test_a_batch_keeps_to_the_budget_and_a_longer_row_runs_alone(budget):
    engine = Recorder()
    run_batches(engine, [[1] * length for length in range(1, 60)], pad_id=9, token_budget=budget)
    assert all(rows * length <= budget or rows == 1 for rows, length in engine.shapes)
    assert sum(rows for rows, _ in engine.shapes) == 59
    if budget == 500:
        assert len(engine.shapes) < 8


def test_a_few_windows_are_shared_out_among_the_streams():
    engine = Recorder(streams=4)
    run_batches(engine, [[1] * 5] * 8, pad_id=9)
    assert engine.shapes == [(2, 5)] * 4


def test_an_engines_error_is_passed_on():
    engine = Recorder(streams=2)
    engine.run = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        run_batches(engine, [[1]] * 20, pad_id=9)


def test_overlapped_gives_all_items_in_order():
    assert list(overlapped(iter(range(100)), depth=2)) == list(range(100))
    assert list(overlapped([])) == []


def test_overlapped_makes_the_next_item_while_this_one_is_used():
    made = threading.Event()

    def items():
        yield 1
        made.set()
        yield 2

    iterator = overlapped(items())
    assert next(iterator) == 1
    assert made.wait(timeout=10)
    assert list(iterator) == [2]


def test_overlapped_passes_an_exception_on_after_the_items_before_it():
    def items():
        yield 1
        raise KeyError("broken")

    seen = []
    with pytest.raises(KeyError, match="broken"):
        for item in overlapped(items()):
            seen.append(item)
    assert seen == [1]


def test_overlapped_stops_its_thread_when_the_consumer_stops():
    made = []
    before = threading.active_count()
    with contextlib.closing(overlapped(made.append(number) or number for number in range(10**9))) as iterator:
        assert next(iterator) == 0
    assert threading.active_count() == before
    count = len(made)
    time.sleep(0.05)
    assert len(made) == count <= 3


def test_two_processes_may_export_at_once(engine_cache):
    needs("openvino")
    script = """
import sys
sys.path.insert(0, "tests")
from test_engines import DIGEST, build, inputs
from toolkit.engines import load_engine
print(load_engine("openvino", build, digest=DIGEST).run(*inputs(2, 5)).shape)
"""
    command = [sys.executable, "-c", script]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for run in runs:
        out, err = run.communicate(timeout=100)
        assert out == "(2, 5, 3)\n", err
    found = json.loads((exports.find_export("openvino", DIGEST) / "export.json").read_text(encoding="utf-8"))
    assert found["files"]
