"""Encoders: a name from a config to a Hugging Face folder on this machine, with the digest of its weights."""

import re
from dataclasses import dataclass
from pathlib import Path

from toolkit.config import nearest
from toolkit.encoders.e5 import BUILT_IN, WEIGHTS_DIGEST, built_in_folder
from toolkit.encoders.folder import check_folder, weights_digest
from toolkit.encoders.hub import download_from_hub, download_from_modelscope
from toolkit.types import ConfigError

__all__ = ["BUILT_IN", "Encoder", "load_encoder"]

_MODELSCOPE = "modelscope:"
_REPO = re.compile(r"(?!.*(?:--|\.\.))\w[\w.-]*/\w[\w.-]*", re.ASCII)
# A branch, a tag, refs/pr/7 or a commit; never a path that climbs out of the cache.
_REVISION = re.compile(r"(?!.*\.\.)\w[\w./-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Encoder:
    """A pretrained encoder on this machine.

    ``folder`` holds config.json, the tokenizer's files and safetensors weights; load it with trust_remote_code=False.
    ``revision`` is the commit of a Hugging Face hub model, None for every other. ``digest`` is the sha256 of
    model.safetensors; of weights in several files it is the sha256 of their hex digests, joined in name order.
    """

    name: str  # as the config names it
    folder: Path
    revision: str | None
    digest: str


def load_encoder(name: str, *, revision: str | None = None) -> Encoder:
    """Find an encoder, downloading or converting it where that was not done before.

    Args:
        name: ``e5-small-zh`` (built in), a local folder, ``org/name`` on the Hugging Face hub, or
            ``modelscope:ORG/NAME``. A folder that exists goes before a hub model of that name.
        revision: a branch, tag or commit of a hub model; None for its main branch.

    Raises:
        ConfigError: the name is of no known form, or the model cannot be had from there.
        DataError: the model is there and cannot be used: a part is missing or damaged, or its weights are pickled.
    """
    local = name == BUILT_IN or Path(name).is_dir()
    if local and revision is not None:
        raise ConfigError(f"encoder {name!r} is on this machine and has no revision {revision!r}; leave revision out")
    if revision is not None and not _REVISION.fullmatch(revision):
        raise ConfigError(f"encoder {name!r}: revision is {revision!r}; write a branch, a tag or a commit")
    if name == BUILT_IN:
        return Encoder(name, built_in_folder(), None, WEIGHTS_DIGEST)
    folder, commit = (Path(name), None) if local else _download(name, revision)
    check_folder(folder)
    return Encoder(name, folder, commit, weights_digest(folder))


def _download(name: str, revision: str | None) -> tuple[Path, str | None]:
    repo = name.removeprefix(_MODELSCOPE)
    if not _REPO.fullmatch(repo) or Path(name).exists():
        raise ConfigError(
            f"encoder {name!r} is not known here; write {BUILT_IN} (built in), a folder that exists, "
            f"org/name (on the Hugging Face hub) or {_MODELSCOPE}ORG/NAME{nearest(name, [BUILT_IN])}"
        )
    if repo != name:
        return download_from_modelscope(repo, revision), None
    return download_from_hub(repo, revision)
