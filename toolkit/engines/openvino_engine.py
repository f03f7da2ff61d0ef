"""Run an encoder in OpenVINO on the processor."""

import queue
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.engines.export import (
    MEAN_TOLERANCE,
    TOLERANCE,
    Build,
    ExportError,
    Probe,
    check_same,
    difference,
    drop_export,
    find_export,
    make_export,
    mean_difference,
    read_facts,
)

if TYPE_CHECKING:
    import torch

# By default `import openvino` reports itself to Google Analytics. Its own code does without the package that does so.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


_MODELS = {"f32": "model.xml", "bf16": "model.xml", "int8": "model-int8.xml"}
_GAIN = 1.1  # fewer bits must be that much faster to be worth other outputs


class OpenvinoEngine:
    """A compiled model. Two streams of one thread took 10 to 30 % less time than one stream of two threads."""

    name = "openvino"
    # Smaller batches stay in the processor's cache: 1024 and 2048 tokens are alike, 4096 is a sixth slower.
    token_budget = 2048

    def __init__(self, folder: Path, *, precision: str, group: int = 0, keep: bool = True) -> None:
        """Compile the export in ``folder``; ``keep`` the result there for the next start.

        ``group`` is what ``int8.compress`` returned; only the precision int8 needs it.
        """
        import openvino

        half = "bf16" if precision == "bf16" or (precision == "int8" and _has_native_bf16()) else "f32"
        options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": half, "PERFORMANCE_HINT": "THROUGHPUT"}
        if precision == "int8":
            options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = group
        if keep:
            # What OpenVINO compiled, for the next start: 0.3 to 0.5 s less. It checks the file, the version and the
            # processor itself.
            options["CACHE_DIR"] = str(folder / "compiled")
        compiled = openvino.Core().compile_model(str(folder / _MODELS[precision]), "CPU", options)
        self.precision = precision
        self.streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._free: queue.SimpleQueue[openvino.InferRequest] = queue.SimpleQueue()
        for _ in range(self.streams):
            self._free.put(compiled.create_infer_request())
        # OpenVINO's binding sets itself up in the first call: two threads in it at once can block each other.
        self.run(*np.ones((2, 1, 1), dtype=np.int64))

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        """Return float32 (batch, length, outputs)."""
        request = self._free.get()
        try:
            return np.asarray(request.infer([input_ids, attention_mask])[0], dtype=np.float32)
        finally:
            self._free.put(request)


def load_openvino(build: Build, digest: str, precision: str) -> OpenvinoEngine:
    """Load the export, or make it.

    Raises:
        ExportError: it cannot be made.
    """
    folder = find_export("openvino", digest)
    if folder is not None:
        try:
            return _open(folder, precision)
        except (RuntimeError, OSError, ValueError, KeyError):  # damaged in a way that the sizes do not show
            drop_export(folder)
    return _open(make_export("openvino", digest, build, _write, _check), precision)


def _open(folder: Path, precision: str) -> OpenvinoEngine:
    facts = read_facts(folder)
    if precision == "auto":
        precision = facts["best"]
        if precision == "bf16" and not _has_native_bf16():  # a cache folder that several machines share
            precision = "f32"
    if precision == "int8" and not facts["group"]:
        raise ExportError("precision int8 needs linear layers, and this model has none; choose auto, f32 or bf16")
    return OpenvinoEngine(folder, precision=precision, group=facts["group"])


def _has_native_bf16() -> bool:
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _write(program: "torch.export.ExportedProgram", folder: Path) -> None:
    import openvino

    openvino.save_model(openvino.convert_model(program), folder / _MODELS["f32"], compress_to_fp16=False)


def _check(folder: Path, probe: Probe, expected: list[np.ndarray]) -> dict[str, Any]:
    """Compare each precision with torch; ``best`` is the fastest of those that move little."""
    exact = OpenvinoEngine(folder, precision="f32", keep=False)
    check_same("openvino", exact.run, probe, expected)
    facts: dict[str, Any] = {"best": "f32", "group": _write_int8(folder), "differences": {}}
    fastest = _seconds(exact, probe)
    checks = (("bf16", difference, TOLERANCE), ("int8", mean_difference, MEAN_TOLERANCE))
    for precision, measure, tolerance in checks:
        if not (facts["group"] if precision == "int8" else _has_native_bf16()):
            continue
        engine = OpenvinoEngine(folder, precision=precision, group=facts["group"], keep=False)
        found = measure(engine.run, probe, expected)
        facts["differences"][precision] = found if np.isfinite(found) else None
        if found <= tolerance and (seconds := _seconds(engine, probe)) * _GAIN < fastest:
            facts["best"], fastest = precision, seconds
    return facts


def _write_int8(folder: Path) -> int:
    import openvino

    from toolkit.engines.int8 import compress

    model = openvino.Core().read_model(str(folder / _MODELS["f32"]))
    group = compress(model)
    if group:
        openvino.save_model(model, folder / _MODELS["int8"], compress_to_fp16=False)
    return group


def _seconds(engine: OpenvinoEngine, probe: Probe) -> float:
    """Return the time of one batch: the least of three after a first one, as other work only ever adds to it."""
    longest = max((ids for ids, _ in probe), key=np.size)
    ids = np.tile(longest, (engine.token_budget // longest.size, 1))
    times = []
    for _ in range(4):
        start = time.perf_counter()
        engine.run(ids, np.ones_like(ids))
        times.append(time.perf_counter() - start)
    return min(times[1:])
