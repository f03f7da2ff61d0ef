"""Run an encoder in torch, on the GPU where there is one."""

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from toolkit.engines.export import TOLERANCE, difference, probe_outputs

if TYPE_CHECKING:
    import torch

_NAMES = {"float16": "f16", "bfloat16": "bf16"}


class TorchEngine:
    """A torch module on one device; ``half`` is the type of its autocast, None computes in float32."""

    name = "torch"
    streams = 1  # torch splits one batch over the cores, and a GPU takes one after another

    def __init__(self, module: "torch.nn.Module", *, device: str, half: "torch.dtype | None") -> None:
        """Take a module that is on ``device`` already."""
        self.module = module
        self.device = device
        self.half = half
        self.precision = "f32" if half is None else _NAMES[str(half).removeprefix("torch.")]
        self.token_budget = 32768 if device == "cuda" else 2048

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        """Return float32 (batch, length, outputs)."""
        import torch

        half = contextlib.nullcontext() if self.half is None else torch.autocast(self.device, self.half)
        ids, mask = (torch.tensor(part, device=self.device) for part in (input_ids, attention_mask))
        with torch.inference_mode(), half:
            outputs: np.ndarray = self.module(ids, mask).float().cpu().numpy()
        return outputs


def load_torch(build: Callable[[], "torch.nn.Module"], precision: str) -> TorchEngine:
    """Load the module; on a GPU ``auto`` takes float16 or bfloat16 where that keeps the outputs."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    module = build().to(device)
    if precision == "bf16":
        return TorchEngine(module, device=device, half=torch.bfloat16)
    # On a processor with native bf16, autocast won 1 to 1.5 times only: not worth other outputs.
    if precision == "auto" and device == "cuda":
        probe, expected = probe_outputs(module)
        # float16 first: as fast, and its rounding is 8 times finer; bfloat16 for models whose values overflow it.
        for half in (torch.float16, torch.bfloat16):
            engine = TorchEngine(module, device=device, half=half)
            if difference(engine.run, probe, expected) <= TOLERANCE:
                return engine
    return TorchEngine(module, device=device, half=None)
