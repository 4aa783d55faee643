"""Requests to one OpenAI-compatible address: sends, retries a busy server, reads its stream, explains what went wrong.

Every failure becomes a ModelError here that says how to fix it. Only the given address is contacted; redirects are not
followed. Does not depend on what is in a request, except for the fields that a server may refuse.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from rag.deadline import bounded, within
from rag.endpoints import address, authorization, chunks, loopback, without_user
from rag.errors import ModelError

RETRIES = 2
LONGEST_WAIT = 20.0  # seconds; a server that asks for more is reported, not waited for
CONNECT = 10.0  # seconds
# After a time-out nobody waits for the server for this long (seconds): a dead one costs one wait, not one a question.
DOWN = 30.0
# A token comes with its eight likeliest others in a kilobyte or two, an answer has a few hundred: a tenth of this.
MOST_BYTES = 16 << 20
BUSY = (429, 500, 502, 503, 504)
OPTIONAL = ("logprobs", "seed", "temperature")  # omitted once a server refuses them by name
TOO_LONG = re.compile(r"context.?(length|size|window)|maximum context|too long|too many tokens|exceed_context", re.I)


class Wire:
    """A client of `base`, with or without `/v1`; `timeout` is for a whole answer, `sleep` waits between retries (s).

    Thread-safe. Raises SettingsError for an invalid address or key.
    """

    def __init__(self, base: str, *, key: str, timeout: float, sleep: Callable[[float], None] = time.sleep) -> None:
        url = _base(base)
        self.shown = str(without_user(url))
        self._timeout = timeout
        self._sleep = sleep
        self._refused: set[str] = set()
        self._down_until = 0.0
        self._client = bounded(
            httpx.Client(
                base_url=url,
                headers=authorization(key, "ASKREPORTS_LLM_KEY"),
                timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT)),
                trust_env=not loopback(url.host),  # a proxy cannot reach this machine's own ports
            )
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @contextmanager
    def answered(self, method: str, path: str, body: dict[str, Any] | None = None) -> Iterator[httpx.Response]:
        """An open response of status 200; refused fields are left out of a body, a busy server is retried.

        Raises ModelError, also for errors while the response is read, and at once after a time-out a moment ago.
        """
        if (wait := self._down_until - time.monotonic()) > 0:
            raise ModelError(f"{self.shown} did not answer in time; it is asked again in {wait:.0f} s")
        with within(self._timeout):
            yield from self._answered(method, path, body)

    def _answered(self, method: str, path: str, body: dict[str, Any] | None) -> Iterator[httpx.Response]:
        waits, end = 0, time.monotonic() + self._timeout
        while True:
            sent = self._adapted(body)
            with self._translated(), self._client.stream(method, path, json=sent) as response:
                if response.status_code == 200:
                    yield response
                    return
                reason = reason_of(_loads(self.read(response)))
            if response.status_code in (400, 422) and sent and self._learns(reason, sent):
                continue
            wait = _wait(response, waits)
            late = wait > min(LONGEST_WAIT, end - time.monotonic())
            if response.status_code not in BUSY or waits == RETRIES or late:
                raise self._error(response, reason, (body or {}).get("model", ""))
            self._sleep(wait)
            waits += 1

    def models(self) -> list[str]:
        """Names of the models that the server lists, in its order. Raises ModelError."""
        with self.answered("GET", "models") as response:
            listed = self.json(self.read(response))
        entries = listed.get("data") if isinstance(listed, dict) else None
        return [entry["id"] for entry in entries or () if isinstance(entry, dict) and isinstance(entry.get("id"), str)]

    def read(self, response: httpx.Response) -> str:
        """The body of an open response. Raises ModelError if it is longer than any answer."""
        return b"".join(chunks(response, MOST_BYTES, self.shown)).decode("utf-8-sig", "replace")

    def json(self, text: str) -> Any:
        """What a body says. Raises ModelError if it is not JSON."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.incompatible(text) from error

    def events(self, response: httpx.Response) -> Iterator[str]:
        """The data of server-sent events; lines end at line feeds only: JSON may contain other line separators."""
        held = b""
        for chunk in chunks(response, MOST_BYTES, self.shown):
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                if line.startswith(b"data:"):
                    yield line[5:].strip().decode("utf-8", "replace")
        if held.startswith(b"data:"):
            yield held[5:].strip().decode("utf-8", "replace")

    def incompatible(self, text: str) -> ModelError:
        """The error for a reply in another format."""
        return ModelError(
            f"{self.shown} does not answer as an OpenAI-compatible server does ({text[:80]!r}); "
            "set ASKREPORTS_LLM to the address that ends in /v1"
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        where = self.shown
        try:
            yield
        except httpx.ConnectTimeout as error:
            self._down_until = time.monotonic() + DOWN
            raise ModelError(f"{where} does not answer; check that it is running and reachable from here") from error
        except httpx.TimeoutException as error:
            self._down_until = time.monotonic() + DOWN
            raise ModelError(
                f"{where} took longer than {self._timeout:g} s; raise ASKREPORTS_LLM_TIMEOUT or use a smaller model"
            ) from error
        except httpx.ConnectError as error:
            raise ModelError(
                f"{where} cannot be reached ({error}); start the server, or correct ASKREPORTS_LLM"
            ) from error
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            raise ModelError(f"{where} broke off in the middle of its answer ({error}); ask again") from error
        except httpx.HTTPError as error:
            raise ModelError(f"{where} cannot be used ({error}); correct ASKREPORTS_LLM") from error

    def _adapted(self, body: dict[str, Any] | None) -> dict[str, Any] | None:
        if body is None:
            return None
        sent = {key: value for key, value in body.items() if key not in self._refused}
        if "logprobs" not in sent:
            sent.pop("top_logprobs", None)
        if "max_tokens" in self._refused:
            sent["max_completion_tokens"] = body["max_tokens"]
        return sent

    def _learns(self, reason: str, sent: dict[str, Any]) -> bool:
        """Whether the refusal names a field that can be left out (or has a newer name), which is then remembered.

        What was sent counts, not what is remembered: another thread may have been refused the same meanwhile.
        """
        if TOO_LONG.search(reason):
            return False
        if "max_completion_tokens" in reason and "max_tokens" in sent:
            self._refused.add("max_tokens")
            return True
        for field in OPTIONAL:
            if field in sent and re.search(rf"\b(top_)?{field}\b", reason):
                self._refused.add(field)
                return True
        return False

    def _error(self, response: httpx.Response, reason: str, model: str) -> ModelError:
        """The error for a refusal: what it means, and how to fix it."""
        where, status = self.shown, response.status_code
        if status in (401, 403):
            return ModelError(f"{where} refuses the key ({status}: {reason}); set ASKREPORTS_LLM_KEY")
        if status == 413 or TOO_LONG.search(reason):
            return ModelError(
                f"the prompt is too long for {model} ({reason}); give the model a larger context on the server, "
                "or lower ASKREPORTS_READING_WINDOWS or ASKREPORTS_WINDOW_CHARS"
            )
        if status == 404 and "model" in reason.lower():
            return ModelError(f"{where} has no model {model}{self._known()}; set ASKREPORTS_LLM_MODEL")
        if status == 404:
            return ModelError(f"{where} has no {response.url.path}; set ASKREPORTS_LLM to the address that ends in /v1")
        if status == 429:
            return ModelError(
                f"{where} accepts no more requests for now ({reason}); wait a little, or check the account"
            )
        if 300 <= status < 400:
            target = response.headers.get("location", "nowhere")
            return ModelError(f"{where} redirects to {target}; set ASKREPORTS_LLM to the final address")
        if status >= 500:
            return ModelError(f"{where} fails ({status}: {reason}); check the server's log, or ask again later")
        return ModelError(f"{where} refused the request ({status}: {reason}); check ASKREPORTS_LLM_MODEL")

    def _known(self) -> str:
        try:
            models = self.models()
        except ModelError:
            return ""
        return f"; it has: {', '.join(models[:10])}" if models else ""


def reason_of(answer: Any) -> str:
    """The message of an error reply in any format, on one line of at most 300 characters."""
    held = answer
    if isinstance(held, dict):
        held = held.get("error") or held.get("detail") or held.get("message") or held
    if isinstance(held, dict):
        said = [held[key] for key in ("message", "type", "code") if held.get(key)]
        held = " ".join(str(one) for one in said if isinstance(one, str | int)) or held
    try:
        return " ".join((held if isinstance(held, str) else json.dumps(held)).split())[:300]
    except RecursionError:
        return ""


def _base(said: str) -> httpx.URL:
    """The address that `chat/completions` is appended to; a bare host gets `/v1`."""
    url = address(said, "ASKREPORTS_LLM", "http://localhost:11434/v1")
    path = url.path.rstrip("/").removesuffix("/chat/completions")
    return url.copy_with(path=(path or "/v1") + "/", query=None, fragment=None)


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _wait(response: httpx.Response, waits: int) -> float:
    """Seconds to wait: what Retry-After says, else half a second, then one."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.5 * 2**waits
