"""The web application around the page: security headers, static files, the address it listens on.

The headers allow only this server's scripts, no request to another host, no frame and no form sent elsewhere. Gradio
needs inline styles; its few inline scripts are allowed by their hashes, so that no report's text can run. Independent
of reports and answers.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import os
import re
import socket
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.encoder import Embedder
from rag.errors import InputError, NeedError
from ui.answer_stream import Asker
from ui.auth import Door, Visitors
from ui.conversations import FILE, Conversations, is_key, new_key
from ui.embeddings import EmbeddingRoutes
from ui.page import build
from ui.people import COOKIE
from ui.preloading import Warming

STATIC = Path(__file__).parent / "static"
MEGABYTE = 1024 * 1024
YEAR = 365 * 24 * 3600  # seconds

_HEAD = (
    '<link rel="stylesheet" href="./ui/page.css"><link rel="icon" href="./ui/mark.svg">'
    '<script src="./ui/page.js" type="module"></script>'
)
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the page accepts: files of `upload_mb` megabytes, `upload_files` at a time, questions of `question_chars`.

    `accounts` is the file of names and hashed passwords, None admits everybody; `runs` is the folder whose evaluation
    runs it shows. `samples`: the reports are the bundled ones, and the page says so.
    """

    upload_mb: float = 25.0
    upload_files: int = 200
    question_chars: int = 2000
    accounts: Path | None = None
    runs: Path = Path("out")
    samples: bool = False


def make_app(reports: Asker, limits: Limits | None = None, *, embedder: Embedder | None = None) -> FastAPI:
    """The page as a web application; `embedder` is what `/v1/embeddings` serves.

    Raises StoreError if its conversations cannot be stored, SettingsError if the accounts cannot be read.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # without a running loop, Gradio makes one for each of its locks and never closes any
        return asyncio.run(_assemble_in_loop(reports, limits or Limits(), embedder))
    return _assemble(reports, limits or Limits(), embedder)


async def _assemble_in_loop(reports: Asker, limits: Limits, embedder: Embedder | None) -> FastAPI:
    return _assemble(reports, limits, embedder)


def _assemble(reports: Asker, limits: Limits, embedder: Embedder | None) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/ui", StaticFiles(directory=STATIC), name="ui")
    app.add_middleware(ClosedPage)
    door = Door(limits.accounts) if limits.accounts else None
    if door:
        app.add_middleware(Visitors)
    app.router.routes.extend(EmbeddingRoutes(embedder, door).routes)
    warming = Warming(reports.warm)
    warming.start()
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build(
            reports,
            Conversations(reports.home / FILE),
            warming,
            max_mb=limits.upload_mb,
            max_files=limits.upload_files,
            longest=limits.question_chars,
            runs=limits.runs,
            samples=limits.samples,
        ),
        path="/",
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
        max_file_size=int(limits.upload_mb * MEGABYTE),
        auth=door.admit if door else None,
        theme=gr.themes.Base(  # pyright: ignore[reportPrivateImportUsage]
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        head=_HEAD,
    )
    return mounted


def serve(
    reports: Asker,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    limits: Limits | None = None,
    embedder: Embedder | None = None,
    started: Callable[[str], None] | None = None,
) -> None:
    """Show the page until interrupted. `started` is called with its address once it listens; port 0 takes a free one.

    Raises `InputError` for an invalid host or port, `NeedError` for a port that is taken or forbidden.
    """
    with _listen(host, port) as listener:
        app = make_app(reports, limits, embedder=embedder)
        server = _QuietEnd(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        if started:
            started(_address(listener))
        server.run(sockets=[listener])


class _QuietEnd(uvicorn.Server):
    """Each open page holds a connection; cutting them at the end is not an error to report."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


class ClosedPage:
    """Middleware: security headers on every response, and on a page the hashes of its inline scripts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; a page is held back until complete, everything else streams through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        page = _Page(send, known=is_key(Request(scope).cookies.get(COOKIE)))
        await self.app(_uncompressed(scope) if scope["path"] == "/" else scope, receive, page.send)


class _Page:
    """The response to one request, on its way out."""

    def __init__(self, send: Send, *, known: bool) -> None:
        self._send = send
        self._known = known
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            if not self._is_html:
                await self._begin(())
        elif message["type"] == "http.response.body" and self._is_html:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._begin(_INLINE_SCRIPT.findall(self._body))
                await self._send({"type": "http.response.body", "body": self._body})
        else:
            await self._send(message)

    @property
    def _is_html(self) -> bool:
        return MutableHeaders(raw=self._start["headers"]).get("content-type", "").startswith("text/html")

    async def _begin(self, scripts: Sequence[bytes]) -> None:
        hashes = "".join(f" 'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in scripts)
        headers = MutableHeaders(scope=self._start)
        headers["content-security-policy"] = _POLICY.format(hashes=hashes)
        headers["referrer-policy"] = "no-referrer"
        headers["x-content-type-options"] = "nosniff"
        headers["cross-origin-opener-policy"] = "same-origin"
        if self._is_html and not self._known:
            # identifies the browser's conversations; no script can read it, no other site can send it along with a form
            headers.append("set-cookie", f"{COOKIE}={new_key()}; Path=/; HttpOnly; SameSite=Lax; Max-Age={YEAR}")
        await self._send(self._start)


def _uncompressed(scope: Scope) -> MutableMapping[str, Any]:
    # the hashes are of the text, so the page must not be compressed below this middleware
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise InputError(f"cannot listen on port {port}: ports go from 0 to 65535; try --port 7860")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (socket.gaierror, UnicodeError) as error:
        raise InputError(f"cannot listen on host {host!r}: {error}; try --host 127.0.0.1") from error
    except PermissionError as error:
        raise NeedError(f"port {port} needs more permissions than this user has; try --port 7860") from error
    except OSError as error:
        other = port + 1 if port < 65535 else 7860
        reason = error.strerror or str(error)
        raise NeedError(
            f"cannot listen on {host}:{port}: {reason}; stop the program that uses it, or use --port {other}"
        ) from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
