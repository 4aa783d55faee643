"""`/v1/embeddings` and `/v1/models`: the bundled embedder for other programs, in OpenAI's format.

The model was trained with a prefix that says what a text is. As OpenAI's format has no field for it, a client says it
by the model's name, as with NVIDIA's NIM: `multilingual-e5-small-query` and `multilingual-e5-small-passage` put the
prefix before each text, `multilingual-e5-small` takes texts as they are, from clients that write the prefix themselves.

Names and passwords are the page's: `Authorization: Basic`, or `Bearer NAME:PASSWORD` for clients that have a key only.
Independent of pages and reports.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rag.encoder import BATCH, BundledEmbedder, Embedder, Vectors
from rag.errors import AskReportsError
from ui.auth import Door

MODEL = "multilingual-e5-small"
# OpenAI's own limits: texts a request, tokens a text, tokens a request. A text of more than the model's 512 tokens is
# embedded in windows, whose mean is its vector.
TEXTS, TEXT_TOKENS, TOKENS = 2048, 8192, 300_000
BODY = 8 * 1024 * 1024  # bytes; 300,000 tokens are 1 to 2 MB of text in most scripts, and JSON may escape each letter
IN_LINE = 16  # requests at work or waiting; more are told to come again
FIELDS = {"input", "model", "encoding_format", "dimensions", "user"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A valid request: texts, the model's name, and whether vectors are wanted as base64."""

    texts: Sequence[str]
    model: str
    packed: bool


class RefusedError(Exception):
    """A request that cannot be served, as OpenAI's API says it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str = "",
        code: str = "",
        kind: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind, "param": param or None, "code": code or None}
        self.headers = headers


class EmbeddingRoutes:
    """The routes over an embedder; only the bundled one is served. `door` admits everybody if None."""

    def __init__(self, embedder: Embedder | None, door: Door | None) -> None:
        self._embedder = embedder if isinstance(embedder, BundledEmbedder) else None
        self._other = embedder.name if embedder and not self._embedder else "none"
        self._door = door
        self._turn = asyncio.Lock()
        self._in_line = 0

    @property
    def routes(self) -> list[Route]:
        """To be added to an application."""
        return [
            Route("/v1/embeddings", self._embeddings, methods=["POST"]),
            Route("/v1/models", self._models, methods=["GET"]),
        ]

    async def _embeddings(self, request: Request) -> Response:
        try:
            await self._admit(request)
            embedder = self._bundled()
            asked = read(await _body(request))
            return JSONResponse(await self._answer(embedder, asked, request))
        except RefusedError as error:
            return JSONResponse({"error": error.error}, error.status, error.headers)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it

    async def _models(self, request: Request) -> Response:
        try:
            await self._admit(request)
            self._bundled()
        except RefusedError as error:
            return JSONResponse({"error": error.error}, error.status, error.headers)
        held = [{"id": name, "object": "model", "created": 0, "owned_by": "askreports"} for name in _ways()]
        return JSONResponse({"object": "list", "data": held})

    async def _answer(self, embedder: BundledEmbedder, asked: Asked, request: Request) -> dict[str, Any]:
        """Embed in small batches: those of several requests take turns, and one whose client is gone ends."""
        if self._in_line >= IN_LINE:
            raise RefusedError(
                429,
                f"{IN_LINE} requests are being embedded already; ask again in a second",
                code="rate_limit_exceeded",
                kind="rate_limit_error",
                headers={"Retry-After": "1"},
            )
        self._in_line += 1
        try:
            used = await run_in_threadpool(_counted, embedder, asked.texts)
            embed = _ways()[asked.model]
            made: list[Vectors] = []
            for at in range(0, len(asked.texts), BATCH):
                async with self._turn:
                    if await request.is_disconnected():
                        raise ClientDisconnect
                    made.append(await run_in_threadpool(embed, embedder, asked.texts[at : at + BATCH]))
        except AskReportsError as error:
            raise RefusedError(503, str(error), kind="server_error") from error
        finally:
            self._in_line -= 1
        rows = [
            {"object": "embedding", "index": index, "embedding": _packed(row) if asked.packed else row.tolist()}
            for index, row in enumerate(np.concatenate(made))
        ]
        usage = {"prompt_tokens": used, "total_tokens": used}
        return {"object": "list", "data": rows, "model": asked.model, "usage": usage}

    def _bundled(self) -> BundledEmbedder:
        if self._embedder is None:
            raise RefusedError(
                404,
                f"this server does not serve its embedder ({self._other}); start it with ASKREPORTS_EMBEDDER=bundled",
                code="model_not_found",
            )
        return self._embedder

    async def _admit(self, request: Request) -> None:
        if self._door is None:
            return
        name, password = _credentials(request.headers.get("authorization", ""))
        verdict = await self._door.visit(name, password) if name else None
        if verdict and verdict.name:
            return
        if verdict and verdict.wait:
            raise RefusedError(
                429,
                f"too many attempts; try again in {verdict.wait} s",
                code="rate_limit_exceeded",
                kind="rate_limit_error",
                headers={"Retry-After": str(verdict.wait)},
            )
        raise RefusedError(
            401,
            "name or password is missing or wrong; send them as Basic, or as the key NAME:PASSWORD",
            code="invalid_api_key",
            headers={"WWW-Authenticate": "Basic"},
        )


def read(body: Any) -> Asked:
    """The request in a JSON body. Raises RefusedError, naming the field."""
    if not isinstance(body, dict):
        raise RefusedError(400, "the body is not a JSON object")
    if unknown := sorted(map(str, set(body) - FIELDS)):
        raise RefusedError(400, f"unknown field {unknown[0]}; known: {', '.join(sorted(FIELDS))}", param=unknown[0])
    model = body.get("model")
    if not isinstance(model, str) or model not in _ways():
        raise RefusedError(
            404, f"no model {model!r}; there are: {', '.join(_ways())}", param="model", code="model_not_found"
        )
    way = body.get("encoding_format") or "float"
    if way not in ("float", "base64"):
        raise RefusedError(400, f"encoding_format {way!r}: use float or base64", param="encoding_format")
    texts = body.get("input")
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise RefusedError(400, "input is a string or a list of strings; token ids are not accepted", param="input")
    if not 1 <= len(texts) <= TEXTS:
        raise RefusedError(400, f"input has {len(texts)} texts; send 1 to {TEXTS}", param="input")
    for place, text in enumerate(texts):
        if not text.strip():
            raise RefusedError(400, f"input[{place}] is empty", param="input")
    if body.get("dimensions") is not None:
        raise RefusedError(400, "dimensions cannot be chosen; leave the field out", param="dimensions")
    return Asked(texts, model, way == "base64")


def _ways() -> dict[str, Callable[[BundledEmbedder, Sequence[str]], Vectors]]:
    """Model names, and how each embeds."""
    return {
        MODEL: BundledEmbedder.plain,
        f"{MODEL}-query": BundledEmbedder.queries,
        f"{MODEL}-passage": BundledEmbedder.passages,
    }


def _counted(embedder: BundledEmbedder, texts: Sequence[str]) -> int:
    """The number of tokens of all texts. Raises RefusedError if there are too many."""
    lengths = embedder.lengths(texts)
    for place, length in enumerate(lengths):
        if length > TEXT_TOKENS:
            raise RefusedError(
                400,
                f"input[{place}] has {length} tokens; the limit is {TEXT_TOKENS}",
                param="input",
                code="context_length_exceeded",
            )
    if (total := sum(lengths)) > TOKENS:
        raise RefusedError(400, f"the request has {total} tokens; the limit is {TOKENS}; send fewer texts at once")
    return total


async def _body(request: Request) -> Any:
    # Only JSON: a form of another site would reach a page that is open on this machine.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(415, "send JSON, with the header Content-Type: application/json")
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > BODY:
            raise RefusedError(413, f"the body is longer than {BODY} bytes; send fewer texts at once")
    try:
        return json.loads(held)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"the body is not JSON ({error})") from error


def _credentials(header: str) -> tuple[str, str]:
    """Name and password, empty if there are none."""
    scheme, _, told = header.partition(" ")
    try:
        if scheme.lower() == "basic":
            told = base64.b64decode(told.strip(), validate=True).decode()
        elif scheme.lower() == "bearer":
            told = told.strip().encode("latin-1").decode()  # how Starlette reads the bytes of a header
        else:
            return "", ""
    except (binascii.Error, UnicodeError, ValueError):
        return "", ""
    name, _, password = told.partition(":")
    return name, password


def _packed(row: Vectors) -> str:
    """Little-endian 32-bit floats as base64."""
    return base64.b64encode(row.astype("<f4").tobytes()).decode()
