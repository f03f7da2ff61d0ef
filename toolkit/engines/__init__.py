"""Engines: the runtimes that run a transformer encoder, chosen by what the machine has.

An engine lives in the process that loaded it. Its threads do not survive a fork: worker processes forked later must
not call it; give them the work before or after it.
"""

import ctypes
import functools
import importlib.util
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol, get_args

import numpy as np

from toolkit.config import nearest
from toolkit.engines.batches import overlapped, run_batches
from toolkit.types import ConfigError

if TYPE_CHECKING:
    import torch

__all__ = ["Engine", "EngineName", "Precision", "load_engine", "overlapped", "run_batches"]

EngineName = Literal["auto", "torch", "openvino", "onnx"]
Precision = Literal["auto", "f32", "bf16", "int8"]

log = logging.getLogger("wenzhai")


class Engine(Protocol):
    """A loaded encoder. Several threads may call ``run`` at once."""

    @property
    def name(self) -> str:
        """Which runtime it is: torch, openvino or onnx."""
        ...

    @property
    def precision(self) -> str:
        """What it computes in: f32, bf16, f16, or int8 (linear layers; the rest in bf16 or f32)."""
        ...

    @property
    def streams(self) -> int:
        """How many calls of ``run`` at once use the machine best."""
        ...

    @property
    def token_budget(self) -> int:
        """How many tokens, padding included, one call should hold."""
        ...

    def run(self, input_ids: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        """Return float32 (batch, length, outputs) for two int64 arrays (batch, length); a mask of 1 is a real token."""
        ...


def load_engine(
    name: EngineName, build: Callable[[], "torch.nn.Module"], *, digest: str, precision: Precision = "auto"
) -> Engine:
    """Load an encoder into a runtime.

    ``auto`` takes torch where there is an NVIDIA GPU, else OpenVINO, else ONNX Runtime, else torch: whichever is
    installed. OpenVINO and ONNX Runtime run an export of the module, made once and kept in the cache folder; a start
    that finds it imports neither torch nor transformers.

    Args:
        name: the runtime.
        build: makes the module in eval mode, ``forward(input_ids, attention_mask)`` -> float (batch, length, outputs);
            called only where there is no export yet, or for torch.
        digest: sha256 in hex of the weights and of whatever else changes the outputs: exports are kept under it.
        precision: ``auto`` takes the fastest that, measured on a probe, moves the outputs by no more than the
            tolerances of ``export``; it measures when it makes the export.

    Raises:
        ConfigError: the name or precision is unknown, the package is not installed, or the runtime cannot run it.
    """
    for what, found, known in (("engine", name, get_args(EngineName)), ("precision", precision, get_args(Precision))):
        if found not in known:
            raise ConfigError(f"{what} {found!r} is unknown; known: {', '.join(known)}{nearest(found, known)}")
    if precision == "int8" and name == "auto":
        name = "openvino"  # no other has it
    build_once = functools.cache(build)  # an export that fails leaves the module to torch
    if name != "auto":
        _require(name, digest, precision)
        return _LOADERS[name](build_once, digest, precision)
    choice = _choose(digest, precision)
    if choice != "torch":
        try:
            return _LOADERS[choice](build_once, digest, precision)
        except ConfigError as error:
            log.warning("%s; torch runs it instead, more slowly", error)
    return _load_torch(build_once, digest, precision)


def _choose(digest: str, precision: Precision) -> str:
    if _has_gpu():
        return "torch"
    names = ("openvino", "onnx") if precision in ("auto", "f32") else ("openvino",)
    return next((name for name in names if not _missing(name, digest)), "torch")


def _has_gpu() -> bool:
    """Ask the driver first: importing torch only to hear that there is no GPU takes seconds."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    import torch

    return torch.cuda.is_available()


def _require(name: str, digest: str, precision: Precision) -> None:
    missing = _missing(name, digest)
    if missing:
        raise ConfigError(f"engine {name} needs {missing}, not installed here: pip install 'wenzhai[{name}]'")
    able = {"openvino": ("f32", "bf16", "int8"), "torch": ("f32", "bf16"), "onnx": ("f32",)}[name]
    if precision != "auto" and precision not in able:
        raise ConfigError(f"engine {name} cannot compute in {precision}; it can in {', '.join(able)}")


def _missing(name: str, digest: str) -> str:
    """Return the package that ``name`` lacks here, or nothing."""
    from toolkit.engines.export import find_export

    packages = {"openvino": ["openvino"], "onnx": ["onnxruntime"]}.get(name, [])
    if name == "onnx" and find_export(name, digest) is None:
        packages = ["onnxruntime", "onnxscript"]
    return next((package for package in packages if importlib.util.find_spec(package) is None), "")


def _load_torch(build: Callable[[], "torch.nn.Module"], digest: str, precision: Precision) -> Engine:
    from toolkit.engines.torch_engine import load_torch

    return load_torch(build, precision)


def _load_openvino(build: Callable[[], "torch.nn.Module"], digest: str, precision: Precision) -> Engine:
    from toolkit.engines.openvino_engine import load_openvino

    return load_openvino(build, digest, precision)


def _load_onnx(build: Callable[[], "torch.nn.Module"], digest: str, precision: Precision) -> Engine:
    from toolkit.engines.onnx_engine import load_onnx

    return load_onnx(build, digest)


_LOADERS: dict[str, Callable[[Callable[[], "torch.nn.Module"], str, Precision], Engine]] = {
    "torch": _load_torch,
    "openvino": _load_openvino,
    "onnx": _load_onnx,
}
