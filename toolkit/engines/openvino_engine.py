"""Run an encoder in OpenVINO on the processor."""

import queue
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.engines.export import (
    TOLERANCE,
    Build,
    Probe,
    check_same,
    difference,
    drop_export,
    find_export,
    make_export,
    read_facts,
)

if TYPE_CHECKING:
    import torch

# By default `import openvino` reports itself to Google Analytics. Its own code does without the package that does so.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]


class OpenvinoEngine:
    """A compiled model. Two streams of one thread took 10 to 30 % less time than one stream of two threads."""

    name = "openvino"
    # From 512 to 4096 tokens a batch the speed is the same within noise; 2048 keeps memory low.
    token_budget = 2048

    def __init__(self, folder: Path, *, precision: str, keep: bool = True) -> None:
        """Compile the export in ``folder``; ``keep`` the result there for the next start."""
        import openvino

        options: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "THROUGHPUT"}
        if keep:
            # What OpenVINO compiled, for the next start: 0.3 to 0.5 s less. It checks the file, the version and the
            # processor itself.
            options["CACHE_DIR"] = str(folder / "compiled")
        compiled = openvino.Core().compile_model(str(folder / "model.xml"), "CPU", options)
        self.precision = precision
        self.streams = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._free: queue.SimpleQueue[openvino.InferRequest] = queue.SimpleQueue()
        for _ in range(self.streams):
            self._free.put(compiled.create_infer_request())

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
    if precision == "auto":
        kept = read_facts(folder)["bf16_difference"]
        precision = "bf16" if _has_native_bf16() and kept is not None and kept <= TOLERANCE else "f32"
    return OpenvinoEngine(folder, precision=precision)


def _has_native_bf16() -> bool:
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _write(program: "torch.export.ExportedProgram", folder: Path) -> None:
    import openvino

    openvino.save_model(openvino.convert_model(program), folder / "model.xml", compress_to_fp16=False)


def _check(folder: Path, probe: Probe, expected: list[np.ndarray]) -> dict[str, Any]:
    check_same("openvino", OpenvinoEngine(folder, precision="f32", keep=False).run, probe, expected)
    if not _has_native_bf16():
        return {"bf16_difference": None}
    found = difference(OpenvinoEngine(folder, precision="bf16", keep=False).run, probe, expected)
    return {"bf16_difference": found if np.isfinite(found) else None}
