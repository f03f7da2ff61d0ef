"""Run an encoder in ONNX Runtime on the processor."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.engines.export import Build, Probe, check_same, drop_export, find_export, make_export

if TYPE_CHECKING:
    import torch

_INPUTS = ["input_ids", "attention_mask"]


class OnnxEngine:
    """A session of ONNX Runtime; it splits one batch over the cores."""

    name = "onnx"
    precision = "f32"
    streams = 1
    token_budget = 2048

    def __init__(self, folder: Path) -> None:
        """Open the ``model.onnx`` of an export."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors only
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        """Return float32 (batch, length, outputs)."""
        [outputs] = self._session.run(None, dict(zip(_INPUTS, (input_ids, attention_mask), strict=True)))
        return np.asarray(outputs, dtype=np.float32)


def load_onnx(build: Build, digest: str) -> OnnxEngine:
    """Load the export, or make it.

    Raises:
        ExportError: it cannot be made.
    """
    folder = find_export("onnx", digest)
    if folder is not None:
        try:
            return OnnxEngine(folder)
        except Exception:  # noqa: BLE001 - its errors share no class; damaged in a way that the sizes do not show
            drop_export(folder)
    return OnnxEngine(make_export("onnx", digest, build, _write, _check))


def _write(program: "torch.export.ExportedProgram", folder: Path) -> None:
    import torch

    made = torch.onnx.export(
        program, (), dynamo=True, verbose=False, input_names=_INPUTS, output_names=["outputs"], external_data=False
    )
    if made is None:
        raise RuntimeError("torch.onnx.export gave nothing")
    made.save(str(folder / "model.onnx"))


def _check(folder: Path, probe: Probe, expected: list[np.ndarray]) -> dict[str, Any]:
    check_same("onnx", OnnxEngine(folder).run, probe, expected)
    return {}
