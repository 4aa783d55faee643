"""Requests to one OpenAI-compatible address: sends, retries a busy server, reads its stream, explains what went wrong.

Every failure becomes a ModelError here that says how to fix it. Only the given address is contacted; redirects are not
followed. Does not depend on what is in a request, except for the fields that a server may refuse.
"""

from __future__ import annotations

import ipaddress
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from rag.deadline import bounded, within
from rag.errors import ModelError, SettingsError

RETRIES = 2
LONGEST_WAIT = 20.0  # seconds; a server that asks for more is reported, not waited for
CONNECT = 10.0  # seconds
# After a time-out nobody waits for the server for this long (seconds): a dead one costs one wait, not one a question.
DOWN = 30.0
BUSY = (429, 500, 502, 503, 504)
OPTIONAL = ("logprobs", "seed", "temperature")  # omitted once a server refuses them by name
TOO_LONG = re.compile(r"context.?(length|size|window)|maximum context|too long|too many tokens|exceed_context", re.I)


class Wire:
    """A client of `base`, with or without `/v1`; `timeout` is for a whole answer, `sleep` waits between retries (s).

    Thread-safe. Raises SettingsError for an invalid address or key.
    """

    def __init__(self, base: str, *, key: str, timeout: float, sleep: Callable[[float], None] = time.sleep) -> None:
        url = _base(base)
        if not key.isascii() or any(ord(letter) < 33 for letter in key):
            raise SettingsError(
                "ASKREPORTS_LLM_KEY contains characters that no key has; copy it again, without line breaks"
            )
        self.shown = str(url.copy_with(userinfo=b""))
        self._timeout = timeout
        self._sleep = sleep
        self._refused: set[str] = set()
        self._down_until = 0.0
        self._client = bounded(
            httpx.Client(
                base_url=url,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT)),
                trust_env=not _loopback(url.host),  # a proxy cannot reach this machine's own ports
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
        waits = 0
        while True:
            with self._translated(), self._client.stream(method, path, json=self._adapted(body)) as response:
                if response.status_code == 200:
                    yield response
                    return
                response.read()
            if response.status_code in (400, 422) and body and self._learns(reason_of(_loads(response)), body):
                continue
            wait = _wait(response, waits)
            if response.status_code not in BUSY or waits == RETRIES or wait > LONGEST_WAIT:
                raise self._error(response, (body or {}).get("model", ""))
            self._sleep(wait)
            waits += 1

    def models(self) -> list[str]:
        """Names of the models that the server lists, in its order. Raises ModelError."""
        with self.answered("GET", "models") as response:
            response.read()
            listed = self.json(response)
        entries = listed.get("data") if isinstance(listed, dict) else None
        return [entry["id"] for entry in entries or () if isinstance(entry, dict) and isinstance(entry.get("id"), str)]

    def json(self, response: httpx.Response) -> Any:
        """The body of a response that was read. Raises ModelError if it is not JSON."""
        try:
            return response.json()
        except ValueError as error:
            raise self.incompatible(response.text) from error

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

    def _learns(self, reason: str, body: dict[str, Any]) -> bool:
        """Whether the refusal names a field that can be left out (or has a newer name), which is then remembered."""
        if TOO_LONG.search(reason):
            return False
        if "max_completion_tokens" in reason and "max_tokens" not in self._refused:
            self._refused.add("max_tokens")
            return True
        for field in OPTIONAL:
            if field in body and field not in self._refused and re.search(rf"\b(top_)?{field}\b", reason):
                self._refused.add(field)
                return True
        return False

    def _error(self, response: httpx.Response, model: str) -> ModelError:
        """The error for a refusal: what it means, and how to fix it."""
        where, status, reason = self.shown, response.status_code, reason_of(_loads(response))
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


def events(response: httpx.Response) -> Iterator[str]:
    """The data of server-sent events; lines end at line feeds only, since JSON may contain other line separators."""
    held = b""
    for chunk in response.iter_bytes():
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip().decode("utf-8", "replace")
    if held.startswith(b"data:"):
        yield held[5:].strip().decode("utf-8", "replace")


def reason_of(answer: Any) -> str:
    """The message of an error reply in any format, on one line of at most 300 characters."""
    held = answer
    if isinstance(held, dict):
        held = held.get("error") or held.get("detail") or held.get("message") or held
    if isinstance(held, dict):
        held = " ".join(str(held[key]) for key in ("message", "type", "code") if held.get(key)) or held
    return " ".join((held if isinstance(held, str) else json.dumps(held)).split())[:300]


def _base(address: str) -> httpx.URL:
    """The address that `chat/completions` is appended to; a bare host gets `/v1`."""
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as error:
        raise SettingsError(f"ASKREPORTS_LLM={address!r} is not a valid address ({error})") from error
    if not url.host:
        raise SettingsError(f"ASKREPORTS_LLM={address!r} names no host; write, for example, http://localhost:11434/v1")
    path = url.path.rstrip("/").removesuffix("/chat/completions")
    return url.copy_with(path=(path or "/v1") + "/", query=None, fragment=None)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _loads(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text


def _wait(response: httpx.Response, waits: int) -> float:
    """Seconds to wait: what Retry-After says, else half a second, then one."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.5 * 2**waits
