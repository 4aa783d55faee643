"""A real HTTP server on loopback for tests: an OpenAI-compatible API, and the file routes of a model hub.

It answers well by itself; `script` queues other replies (errors, slow, broken) that are used up first. Every request
is kept in `requests`, so that a test can say what was, and what was not, asked.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = ("Kim ", "Bảng ", "có\u2028", "109 ", "mô ", "hình.")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Reply:
    """What to send. `body` as JSON unless bytes. `hang`: nothing is sent before the server stops.

    `cut`: the length that is announced is longer than what is sent.
    """

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


def refusal(status: int, message: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"message": message, "type": "invalid_request_error"}}, named)


def piece(text: str) -> dict[str, Any]:
    """One entry of `logprobs.content`."""
    other = {"token": "x", "logprob": -3.5, "bytes": [120]}
    own = {"token": text, "logprob": -0.25, "bytes": list(text.encode())}
    return {**own, "top_logprobs": [own, other]}


def event(text: str | None, *, logprobs: bool = False, finish: str | None = None) -> bytes:
    choice: dict[str, Any] = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    if logprobs and text:
        choice["logprobs"] = {"content": [piece(text)]}
    return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"


def stream(*events: bytes, cut: bool = False) -> Reply:
    return Reply(200, b"".join(events), {"Content-Type": "text/event-stream"}, cut=cut)


class OpenAIServer:
    """`url` is the address without `/v1`; `files` maps `owner/repo` to its files; `gated` names closed ones."""

    def __init__(self) -> None:
        self.answer: tuple[str, ...] = ANSWER
        self.models = ["first-model", "second-model"]
        self.files: dict[str, dict[str, bytes]] = {}
        self.gated: set[str] = set()
        self.requests: list[Request] = []
        self.stopped = threading.Event()
        self._script: deque[Reply] = deque()
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def script(self, *replies: Reply) -> None:
        """Answers to the next chat requests, in order."""
        self._script.extend(replies)

    @property
    def chats(self) -> list[dict[str, Any]]:
        """Bodies of the chat requests so far."""
        return [request.body for request in self.requests if request.path.endswith("/chat/completions")]

    def reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            chat = request.path.endswith("/chat/completions")
            if chat and self._script:
                return self._script.popleft()
        if request.path == "/v1/chat/completions" and request.method == "POST":
            return self._chat(request.body)
        if request.path == "/v1/models":
            return Reply(200, {"object": "list", "data": [{"id": name} for name in self.models]})
        if "/resolve/" in request.path:
            return self._file(request)
        return Reply(404, b"404 page not found", {"Content-Type": "text/plain"})

    def _chat(self, body: dict[str, Any]) -> Reply:
        logprobs = bool(body.get("logprobs"))
        if body.get("stream"):
            told = [event(text, logprobs=logprobs) for text in self.answer]
            return stream(b": keep-alive\n\n", *told, event(None, finish="stop"), b"data: [DONE]\n\n")
        choice: dict[str, Any] = {"index": 0, "finish_reason": "stop"}
        choice["message"] = {"role": "assistant", "content": "".join(self.answer)}
        choice["logprobs"] = {"content": [piece(text) for text in self.answer]} if logprobs else None
        return Reply(200, {"choices": [choice]})

    def _file(self, request: Request) -> Reply:
        repository, _, rest = request.path.lstrip("/").partition("/resolve/")
        name = rest.partition("/")[2]
        if repository in self.gated:
            return Reply(403, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted."})
        if repository not in self.files:
            return Reply(401, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
        if name not in self.files[repository]:
            return Reply(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        content = self.files[repository][name]
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        return Reply(200, content, {**headers, "Content-Type": "application/octet-stream"})

    @contextmanager
    def running(self) -> Iterator[OpenAIServer]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.stopped.set()
            self._http.shutdown()
            self._http.server_close()
            thread.join()


def _handler(server: OpenAIServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(self.command, self.path, dict(self.headers), json.loads(raw) if raw else None)
            reply = server.reply(request)
            if reply.hang:
                server.stopped.wait()
                self.close_connection = True
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (1000 if reply.cut else 0)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.close_connection = self.close_connection or reply.cut

        do_GET = do_POST = do_HEAD = handle_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
