"""Models from a hub: the Hugging Face hub or a mirror of it, and ModelScope."""

import importlib
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.encoders.folder import USED_FILES, Wanted, check_names
from toolkit.types import ConfigError

_TIMEOUT_SECONDS = 5
_COMMIT = re.compile("[0-9a-f]{40}")


def download_from_hub(repo: str, revision: str | None, wanted: Wanted) -> tuple[Path, str]:
    """Return the folder of a model and its commit; what the cache holds is not downloaded again.

    HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_CACHE and HF_HOME count as they are at the call; the library alone reads them
    once, when it is imported. Without a connection the model is taken from the cache.

    Raises:
        ConfigError: the model or the revision is not there, or there is no connection and the cache lacks it.
        DataError: the model lacks a part, or its weights are pickled.
    """
    endpoint = _endpoint()
    cached = _cached(repo, revision)
    if _offline():
        if cached is None:
            raise _refusal(repo, "HF_HUB_OFFLINE is set and the cache lacks it", str(_cache()), wanted)
        return cached, cached.name
    # A commit never changes, so there is nothing to ask.
    if cached and revision and _COMMIT.fullmatch(revision) and any(cached.glob("*.safetensors")):
        return cached, cached.name
    try:
        _check_remote(repo, revision, endpoint, wanted)
    except ConnectionError as error:
        if cached is None:
            raise _refusal(repo, str(error), endpoint, wanted) from None
        return cached, cached.name
    return _fetch(repo, revision, endpoint, wanted)


def download_from_modelscope(repo: str, revision: str | None, wanted: Wanted) -> Path:
    """Return the folder of a model that the package modelscope downloads and caches.

    Raises:
        ConfigError: the package is not installed, or it could not get the model.
    """
    try:
        modelscope = importlib.import_module("modelscope")
    except ModuleNotFoundError:
        raise ConfigError(
            f"{wanted.noun} modelscope:{repo}: the package modelscope is missing; pip install 'wenzhai[modelscope]'"
        ) from None
    try:
        return Path(modelscope.snapshot_download(repo, revision=revision, allow_file_pattern=USED_FILES))
    except Exception as error:  # noqa: BLE001 - an optional package, with many kinds of errors of its own
        raise _refusal(f"modelscope:{repo}", _line(error), "ModelScope", wanted) from None


def _check_remote(repo: str, revision: str | None, endpoint: str, wanted: Wanted) -> None:
    """Ask once and without the library's retries, which take half a minute, whether the model is there and usable.

    Raises:
        ConnectionError: no server answers there, or it is out of order.
        ConfigError: it answers that the model or the revision does not exist, or it is no hub.
        DataError: the model lacks a part, or its weights are pickled.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, RevisionNotFoundError

    try:
        info = HfApi(endpoint=endpoint).model_info(repo, revision=revision, timeout=_TIMEOUT_SECONDS)
        names = {file.rfilename for file in info.siblings or ()}
    except RevisionNotFoundError:
        raise _refusal(repo, f"it has no revision {revision!r}", endpoint, wanted) from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status >= 500 or status in (408, 429):
            raise ConnectionError(f"the server is out of order (HTTP {status})") from None
        reason = f"it does not exist, or is private or gated (HTTP {status}; for a private model set HF_TOKEN)"
        raise _refusal(repo, reason, endpoint, wanted) from None
    except _network_errors() as error:
        raise ConnectionError(f"no connection ({_line(error)})") from None
    except (ValueError, TypeError, KeyError) as error:
        raise _refusal(repo, f"the answer is not that of a hub ({_line(error)})", endpoint, wanted) from None
    check_names(names, f"{endpoint}/{repo}", wanted)


def _fetch(repo: str, revision: str | None, endpoint: str, wanted: Wanted) -> tuple[Path, str]:
    from huggingface_hub import snapshot_download

    try:
        # By branch, not by commit: only so does the cache note the branch, for later runs without a connection.
        found = snapshot_download(
            repo,
            revision=revision,
            endpoint=endpoint,
            cache_dir=_cache(),
            etag_timeout=_TIMEOUT_SECONDS,
            allow_patterns=USED_FILES,
        )
    except _network_errors(ValueError) as error:
        raise _refusal(repo, f"the download broke off ({_line(error)})", endpoint, wanted) from None
    return Path(found), Path(found).name


def _cached(repo: str, revision: str | None) -> Path | None:
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(
                repo, revision=revision, cache_dir=_cache(), local_files_only=True, allow_patterns=USED_FILES
            )
        )
    except (OSError, ValueError):
        return None


def _network_errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    # The base class of httpx or of httpx2: that which this version of huggingface_hub is built on.
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    return HTTPError, OSError, *more


def _refusal(repo: str, reason: str, place: str, wanted: Wanted) -> ConfigError:
    return ConfigError(
        f"{wanted.noun} {repo!r}: {reason}; looked in {place}. Use the built-in {wanted.built_in}, name a local "
        "folder, or set a mirror: HF_ENDPOINT=https://..."
    )


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _endpoint() -> str:
    endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"HF_ENDPOINT is {endpoint!r}; write the address of a hub, such as https://huggingface.co")
    return endpoint


def _offline() -> bool:
    set_to = {os.environ.get(name, "").upper() for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")}
    return bool(set_to & {"1", "ON", "YES", "TRUE"})


def _cache() -> Path:
    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(os.path.expandvars(folder)).expanduser()
    default = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"
    return Path(os.path.expandvars(os.environ.get("HF_HOME") or default)).expanduser() / "hub"
