"""A Hugging Face hub of this process, for tests of what downloads from one."""

import contextlib
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

MAIN, SECOND = "a" * 40, "b" * 40


class Hub(ThreadingHTTPServer):
    """As much of the Hugging Face hub as a download asks for; ``requests`` lists what was asked."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files = files  # (repo, commit): {name: bytes}
        self.requests = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append(self.path)
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        if parts[:2] == ["api", "models"]:
            self.describe("/".join(parts[2:4]), *(parts[4:] or ["revision", "main"]))
        else:
            self.resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]))

    do_HEAD = do_GET

    def find(self, repo, revision):
        commit = {"main": MAIN, "v2": SECOND}.get(revision, revision)
        return commit, self.server.files.get((repo, commit))

    def describe(self, repo, what, revision):
        commit, files = self.find(repo, revision)
        if files is None:
            known = any(repo == name for name, _ in self.server.files)
            self.answer(404, b"{}", {"X-Error-Code": "RevisionNotFound" if known else "RepoNotFound"})
        elif what == "tree":
            rows = [{"type": "file", "path": n, "size": len(b), "oid": oid(b)} for n, b in files.items()]
            self.answer(200, json.dumps(rows).encode(), {"Content-Type": "application/json"})
        else:
            info = {"id": repo, "sha": commit, "siblings": [{"rfilename": name} for name in files]}
            self.answer(200, json.dumps(info).encode(), {"Content-Type": "application/json"})

    def resolve(self, repo, revision, name):
        commit, files = self.find(repo, revision)
        self.answer(200, files[name], {"X-Repo-Commit": commit, "ETag": f'"{oid(files[name])}"'})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args):
        pass


def oid(body):
    return hashlib.sha1(body).hexdigest()


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextlib.contextmanager
def serving(files, home, monkeypatch):
    """Run a hub of ``files``, and set the environment so that it is asked, with an empty cache in ``home``."""
    for name in ("HF_HUB_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Hub(files) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
