"""Encoders and other pretrained models: a name to a Hugging Face folder on this machine, with its weights' digest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.config import nearest
from toolkit.encoders.e5 import BUILT_IN, WEIGHTS_DIGEST, built_in_folder
from toolkit.encoders.folder import ENCODER, Wanted, check_folder, weights_digest
from toolkit.encoders.hub import download_from_hub, download_from_modelscope
from toolkit.types import ConfigError, DataError

__all__ = ["BUILT_IN", "Encoder", "Wanted", "find_model", "load_encoder", "load_recorded_encoder", "names_a_hub"]

_MODELSCOPE = "modelscope:"
_REPO = re.compile(r"(?!.*(?:--|\.\.))\w[\w.-]*/\w[\w.-]*", re.ASCII)
# A branch, a tag, refs/pr/7 or a commit; never a path that climbs out of the cache.
_REVISION = re.compile(r"(?!.*\.\.)\w[\w./-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Encoder:
    """A pretrained encoder, or another model, on this machine.

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
    if name == BUILT_IN:
        _check_revision(name, revision, ENCODER, local=True)
        return Encoder(name, built_in_folder(), None, WEIGHTS_DIGEST)
    return find_model(name, revision=revision, wanted=ENCODER)


def load_recorded_encoder(record: Mapping[str, Any], folder: Path) -> Encoder:
    """Find the encoder that a model folder was trained on: ``record`` is what its model.json says of it.

    Raises:
        ConfigError: see ``load_encoder``.
        DataError: see ``load_encoder``; or the weights of that name are others than at the training.
    """
    encoder = load_encoder(record["name"], revision=record["revision"])
    if encoder.digest != record["digest"]:
        raise DataError(
            f"{folder}: it was trained on {encoder.name} with sha256 {record['digest'][:12]}..., found"
            f" {encoder.digest[:12]}... in {encoder.folder}; get that one back or train the model again"
        )
    return encoder


def find_model(name: str, *, revision: str | None, wanted: Wanted) -> Encoder:
    """Find a pretrained model, a local folder or one of a hub, which is downloaded where that was not done before.

    Args:
        name: see ``load_encoder``; nothing is built in here.
        revision: see ``load_encoder``.
        wanted: what it is for, as messages say it.

    Raises:
        ConfigError: see ``load_encoder``.
        DataError: see ``load_encoder``.
    """
    local = Path(name).is_dir()
    _check_revision(name, revision, wanted, local=local)
    folder, commit = (Path(name), None) if local else _download(name, revision, wanted)
    check_folder(folder, wanted)
    return Encoder(name, folder, commit, weights_digest(folder))


def names_a_hub(name: str) -> bool:
    """Say whether a name is of the form ``org/name`` or ``modelscope:ORG/NAME`` and nothing on this machine has it."""
    return _REPO.fullmatch(name.removeprefix(_MODELSCOPE)) is not None and not Path(name).exists()


def _check_revision(name: str, revision: str | None, wanted: Wanted, *, local: bool) -> None:
    if revision is None:
        return
    if local:
        raise ConfigError(
            f"{wanted.noun} {name!r} is on this machine and has no revision {revision!r}; leave revision out"
        )
    if not _REVISION.fullmatch(revision):
        raise ConfigError(f"{wanted.noun} {name!r}: revision is {revision!r}; write a branch, a tag or a commit")


def _download(name: str, revision: str | None, wanted: Wanted) -> tuple[Path, str | None]:
    if not names_a_hub(name):
        raise ConfigError(
            f"{wanted.noun} {name!r} is not known here; write {wanted.built_in} (built in), a folder that exists, "
            f"org/name (on the Hugging Face hub) or {_MODELSCOPE}ORG/NAME{nearest(name, [wanted.built_in])}"
        )
    repo = name.removeprefix(_MODELSCOPE)
    if repo != name:
        return download_from_modelscope(repo, revision, wanted), None
    return download_from_hub(repo, revision, wanted)
