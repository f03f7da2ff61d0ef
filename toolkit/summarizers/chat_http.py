"""One kind of HTTP request: JSON out, JSON back, to an address that the user's config file names.

Redirects are not followed, as they could lead off this machine, and no proxy of the environment is used.
"""

import http.client
import ipaddress
import json
import re
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from toolkit.text import clean
from toolkit.types import ConfigError, DataError

_MOST_BYTES = 4 << 20  # an answer of a few hundred characters takes some kilobytes
_CHUNK_BYTES = 1 << 16
_SHOWN = 200  # characters of a server's own message
_HOST = re.compile(r"[\w.:-]+", re.ASCII)
_PATH = re.compile(r"[\w./~%:@-]*", re.ASCII)
_FORM = "write http://HOST:PORT/PATH without a user, a password, a ? or a #, such as http://127.0.0.1:8080/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go. ``key`` is the bearer token, None for none; messages never show it."""

    scheme: str
    host: str
    port: int | None  # None: that of the scheme
    path: str
    timeout_seconds: float
    key: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return the address, as messages name it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{f':{self.port}' if self.port else ''}{self.path}"


def find_endpoint(
    base_url: str, path: str, *, allow_remote: bool, timeout_seconds: float, key: str | None = None
) -> Endpoint:
    """Return the endpoint of ``path`` under ``base_url``.

    Raises:
        ConfigError: ``base_url`` has another form, or leads off this machine and ``allow_remote`` is false.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"base_url is not an address; {_FORM}") from None
    # The address itself is not shown before it is known to hold no password.
    plain = not (parts.username or parts.password or parts.query or parts.fragment or "?" in base_url)
    if (
        parts.scheme not in ("http", "https")
        or not plain
        or not _HOST.fullmatch(host)
        or not _PATH.fullmatch(parts.path)
    ):
        raise ConfigError(f"base_url is not an address of this form: {_FORM}")
    endpoint = Endpoint(parts.scheme, host, port, parts.path.rstrip("/") + path, timeout_seconds, key)
    if not allow_remote and not _is_loopback(host):
        raise ConfigError(
            f"base_url leads to {host}, which is not this machine: the articles would leave it. Use a server at "
            "127.0.0.1, [::1] or localhost, or set allow_remote: true if that is what you want"
        )
    return endpoint


def _is_loopback(host: str) -> bool:
    """Say whether a host is this machine: an address of the loopback, or localhost where it is nothing else."""
    found = [host]
    if host == "localhost":
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
        except OSError:
            return False
    try:
        return all(ipaddress.ip_address(address).is_loopback for address in found)
    except ValueError:
        return False


def post_json(endpoint: Endpoint, content: object) -> object:
    """Send JSON and return the JSON of the answer.

    Raises:
        ConfigError: the server cannot be reached, or refuses the address, the model or the key.
        DataError: it answers too late, too much, with an error of its own, or with something that is no JSON.
    """
    status, raw = _exchange(endpoint, json.dumps(content, ensure_ascii=False).encode())
    if status != 200:
        raise _refusal(endpoint, status, raw)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise DataError(f"{endpoint}: the answer is not JSON; is it an OpenAI-compatible server?") from None


def _exchange(endpoint: Endpoint, body: bytes) -> tuple[int, bytes]:
    made = http.client.HTTPSConnection if endpoint.scheme == "https" else http.client.HTTPConnection
    connection = made(endpoint.host, endpoint.port, timeout=endpoint.timeout_seconds)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.key is not None:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    deadline = time.monotonic() + endpoint.timeout_seconds
    try:
        _connect(endpoint, connection)
        connection.request("POST", endpoint.path, body, headers)
        response = connection.getresponse()
        return response.status, _read(endpoint, response, deadline)
    except TimeoutError:
        raise _late(endpoint) from None
    except (OSError, http.client.HTTPException) as error:
        reason = type(error).__name__
        raise DataError(f"{endpoint}: the answer broke off or is not HTTP ({reason}); see the server's log") from None
    finally:
        connection.close()


def _connect(endpoint: Endpoint, connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except (OSError, UnicodeError) as error:  # the second of a host with an empty part
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise ConfigError(
            f"{endpoint}: the server cannot be reached ({reason}); start it, or mend base_url in the config"
        ) from None


def _read(endpoint: Endpoint, response: http.client.HTTPResponse, deadline: float) -> bytes:
    found = bytearray()
    # In pieces: the timeout of the socket begins anew with each byte of a server that drips.
    while chunk := response.read1(_CHUNK_BYTES):
        found += chunk
        if len(found) > _MOST_BYTES:
            raise DataError(f"{endpoint}: the answer is longer than {_MOST_BYTES >> 20} MiB; is it a chat server?")
        if time.monotonic() > deadline:
            raise _late(endpoint)
    return bytes(found)


def _late(endpoint: Endpoint) -> DataError:
    return DataError(
        f"{endpoint}: no whole answer within {endpoint.timeout_seconds:g} seconds; raise timeout_seconds, or use a "
        "smaller model or fewer candidates"
    )


def _refusal(endpoint: Endpoint, status: int, raw: bytes) -> ConfigError | DataError:
    if 300 <= status < 400:
        hint = "a redirect, which is never followed; write the address that it leads to into base_url, if you trust it"
        return ConfigError(f"{endpoint}: the answer is HTTP {status}, {hint}")
    said = _message(raw)
    if endpoint.key:
        said = said.replace(endpoint.key, "***")
    told = f"{endpoint}: the answer is HTTP {status}" + (f" ({said[:_SHOWN]})" if said else "")
    match status:
        case 401 | 403:
            return ConfigError(f"{told}; the server wants a key: name its environment variable in api_key_env")
        case 404:
            return ConfigError(f"{told}; check base_url, which often ends in /v1, and model")
        case _:
            return DataError(f"{told}; see the server's log")


def _message(raw: bytes) -> str:
    """Return what an error says for itself, on one line: OpenAI's {"error": {"message": ...}}, or the text as it is."""
    text = raw.decode("utf-8", errors="replace")
    try:
        found = json.loads(text)
        found = found.get("error", found)
        text = str(found["message"]) if isinstance(found, dict) and "message" in found else str(found)
    except (ValueError, AttributeError, RecursionError):
        pass
    return " ".join(clean(text).split())
