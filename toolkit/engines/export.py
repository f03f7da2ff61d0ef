"""Exports of an encoder for runtimes other than torch: made once, checked against torch, kept in the cache folder."""

import atexit
import contextlib
import importlib.metadata
import io
import json
import logging
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.types import ConfigError
from toolkit.words import cache_folder

if TYPE_CHECKING:
    import torch

_FORMAT = 3  # of an export's folder; raise it when older ones can no longer be used
_DAY_SECONDS = 24 * 3600
_PACKAGES = {"openvino": "openvino", "onnx": "onnxruntime", "ctranslate2": "ctranslate2"}

# The most that bf16 may move an output (a token's logit). A classifier takes the mean over a window's tokens, where
# such errors cancel out: with the shipped model they are 0.063 at most on random ids, and 0.004 of a probability on
# articles.
TOLERANCE = 0.1
# The most that int8 may move the mean of a window's outputs: in log-odds, 0.05 of a probability. With the shipped model
# it is 0.11 on random ids; on 120 training articles 0.12 at most and 0.03 as the root of the mean square.
MEAN_TOLERANCE = 0.2
_SHAPES = ((2, 9), (1, 1), (3, 40))  # none is the example's (2, 16): a size frozen by the export shows

Build = Callable[[], "torch.nn.Module"]
Run = Callable[[np.ndarray, np.ndarray], np.ndarray]
Probe = list[tuple[np.ndarray, np.ndarray]]


class ExportError(ConfigError):
    """The runtime cannot take this architecture, or gives other outputs than torch."""


def find_export(name: str, digest: str) -> Path | None:
    """Return the folder of an export that is whole, or None."""
    folder = _folder(name, digest)
    return folder if _whole(folder) else None


def read_facts(folder: Path) -> dict[str, Any]:
    """Return what was measured when the export was made."""
    facts: dict[str, Any] = json.loads((folder / "export.json").read_text(encoding="utf-8"))["facts"]
    return facts


def drop_export(folder: Path) -> None:
    """Remove an export that turned out to be damaged."""
    shutil.rmtree(folder, ignore_errors=True)


def make_export(
    name: str,
    digest: str,
    build: Build,
    write: Callable[["torch.export.ExportedProgram", Path], None],
    check: Callable[[Path, Probe, list[np.ndarray]], dict[str, Any]],
) -> Path:
    """Export a module and return the folder.

    Args:
        name: the runtime's name.
        digest: what ``load_engine`` got.
        build: makes the module.
        write: writes the program into a folder in the runtime's format.
        check: runs the probe in the runtime, compares it with torch's outputs and returns facts to keep.

    Raises:
        ExportError: any step failed.
    """

    def fill(place: Path) -> dict[str, Any]:
        module = build()
        write(_trace(module), place)
        return check(place, *probe_outputs(module))

    return keep_export(name, digest, fill)


def keep_export(name: str, digest: str, fill: Callable[[Path], dict[str, Any]]) -> Path:
    """Let ``fill`` write a checked export into a folder, keep it and return its place; ``fill`` returns facts to keep.

    Raises:
        ExportError: ``fill`` failed.
    """
    logging.getLogger("wenzhai").info("preparing the model for %s, once on this machine; about half a minute", name)
    with _workplace() as place:
        try:
            with _quiet():
                facts = fill(place)
        except ExportError:
            raise
        except Exception as error:  # noqa: BLE001 - exporters fail with errors of any kind
            text = str(error).strip().partition("\n")[0]
            raise ExportError(f"engine {name} cannot take this model: {type(error).__name__}: {text}") from error
        sizes = {path.name: path.stat().st_size for path in place.iterdir() if path.is_file()}
        (place / "export.json").write_text(json.dumps({"files": sizes, "facts": facts}), encoding="utf-8")
        return _publish(place, _folder(name, digest))


def check_same(name: str, run: Run, probe: Probe, expected: list[np.ndarray]) -> None:
    """Compare a runtime in full precision with torch.

    Raises:
        ExportError: the outputs differ by more than rounding.
    """
    found = difference(run, probe, expected)
    size = max(1.0, *(float(np.abs(outputs).max()) for outputs in expected))
    if not found <= 1e-3 * size:  # NaN too
        raise ExportError(f"engine {name} cannot take this model: its outputs differ from torch's by {found:.2g}")


def difference(run: Run, probe: Probe, expected: list[np.ndarray]) -> float:
    """Return the largest difference at a real token."""
    pairs = zip(probe, expected, strict=True)
    return float(max(np.abs(run(ids, mask) - outputs)[mask == 1].max() for (ids, mask), outputs in pairs))


def mean_difference(run: Run, probe: Probe, expected: list[np.ndarray]) -> float:
    """Return the largest difference of a window's mean over its real tokens."""
    found = 0.0
    for (ids, mask), outputs in zip(probe, expected, strict=True):
        apart = (run(ids, mask) - outputs) * mask[:, :, None]
        found = max(found, float(np.abs(apart.sum(axis=1) / mask.sum(axis=1, keepdims=True)).max()))
    return found


def probe_outputs(module: "torch.nn.Module") -> tuple[Probe, list[np.ndarray]]:
    """Return windows of random token ids, some padded, and the module's own outputs for them."""
    import torch

    tables = [part.num_embeddings for part in module.modules() if isinstance(part, torch.nn.Embedding)]
    random = np.random.default_rng(13)
    probe = []
    for rows, length in _SHAPES:
        mask = np.ones((rows, length), dtype=np.int64)
        mask[-1, max(1, length // 2) :] = 0
        # The largest table is the vocabulary's.
        probe.append((random.integers(0, max(tables, default=2), size=(rows, length)), mask))
    device = next(module.parameters()).device
    with torch.inference_mode():
        outputs = [module(*(torch.tensor(part, device=device) for part in pair)).float().cpu() for pair in probe]
    return probe, [part.numpy() for part in outputs]


def _trace(module: "torch.nn.Module") -> "torch.export.ExportedProgram":
    import torch

    ids = torch.ones((2, 16), dtype=torch.int64)
    dynamic = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with torch.no_grad():
        return torch.export.export(module, (ids, torch.ones_like(ids)), dynamic_shapes=(dynamic, dynamic))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the exporters say about their own future and about packages that this model does not use."""
    # torch warns through many loggers and prints the program that it could not export.
    before = logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(max(before, logging.WARNING))
        try:
            yield
        finally:
            logging.disable(before)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _folder(name: str, digest: str) -> Path:
    versions = f"{name}{_version(_PACKAGES[name])}-torch{_version('torch')}"
    return cache_folder() / "exports" / f"{digest[:16]}-{versions}-{_FORMAT}"


def _whole(folder: Path) -> bool:
    """Compare the sizes: a write or a copy that broke off shows; hashing a large model would slow every start."""
    try:
        files = json.loads((folder / "export.json").read_text(encoding="utf-8"))["files"]
        return bool(files) and all((folder / name).stat().st_size == size for name, size in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


@contextlib.contextmanager
def _workplace() -> Iterator[Path]:
    """Give a folder beside the exports, so that a rename publishes it; one for this run only where there is no room."""
    try:
        exports = cache_folder() / "exports"
        exports.mkdir(mode=0o700, exist_ok=True)
        _sweep(exports)
        place = Path(tempfile.mkdtemp(prefix="partial-", dir=exports))
    except OSError as error:
        logging.getLogger("wenzhai").warning("the export is not kept for the next run: %s", error)
        place = Path(tempfile.mkdtemp(prefix="wenzhai-"))
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        yield place
        return
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _sweep(exports: Path) -> None:
    """Remove what exports that were killed have left; one that is being made is younger than a day."""
    for place in exports.glob("partial-*"):
        with contextlib.suppress(OSError):
            if time.time() - place.stat().st_mtime > _DAY_SECONDS:
                shutil.rmtree(place)


def _publish(place: Path, folder: Path) -> Path:
    if not place.name.startswith("partial-"):
        return place
    if not _whole(folder):
        drop_export(folder)
    try:
        place.rename(folder)
    except OSError:
        if not _whole(folder):  # else another process was first, and its export is as good
            raise
    return folder
