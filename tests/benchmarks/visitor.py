"""One person at the page without a browser: the requests that Gradio's own script sends, over a real connection."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from gradio_client.utils import apply_diff

BUSY = 503  # Gradio's status for a full queue


class Busy(Exception):
    """The page asked to come again later."""


@dataclass
class Shown:
    """What the page shows of a question, and when: seconds since it was sent."""

    chat: str = ""
    questions: list[str] = field(default_factory=list)
    evidence: float | None = None
    answered: float | None = None
    places: int = 0  # how often a place in the queue was shown
    said: tuple[str, ...] = ()  # what Gradio reported as errors


class Visitor:
    """A tab: its cookie, session and conversation. Create it with `visiting`."""

    def __init__(self, client: httpx.AsyncClient, config: dict[str, Any]) -> None:
        self._client = client
        self._session = uuid.uuid4().hex
        self._parts = {part["id"]: part for part in config["components"]}
        self._events = config["dependencies"]

    async def ask(self, question: str, *, leave_after: float | None = None) -> Shown:
        """Ask in a new conversation and wait for the answer, or leave after some seconds.

        Raises Busy if the queue is full, httpx.HTTPError for what no page should do.
        """
        shown, begun = Shown(), time.monotonic()
        event = self._event("question", "submit")
        names = [self._name(part) for part in event["outputs"]]
        held: list[Any] = [None] * len(names)
        async for message in self._messages(event, {"question": question, "here": ""}):
            now = time.monotonic() - begun
            if message.get("success") is False:
                shown.said += (json.dumps(message)[:300],)
            data = (message.get("output") or {}).get("data")
            if message["msg"] in ("process_generating", "process_completed") and data:
                first = message["msg"] == "process_completed" or all(one is None for one in held)
                for at, value in enumerate(data):
                    held[at] = value if first or not isinstance(value, list) else apply_diff(held[at], value)
                look(shown, dict(zip(names, held, strict=True)), now)
            if leave_after is not None and now > leave_after:
                break
        return shown

    async def upload(self, name: str, text: str) -> str:
        """Add a report to the collection; returns what the page says of it."""
        sent = await self._client.post("gradio_api/upload", files={"files": (name, text.encode())})
        sent.raise_for_status()
        order = json.dumps({"ids": sent.json(), "pull": time.time_ns()})
        said = ""
        async for message in self._messages(self._event("lever-take", "change"), {"lever-take": order}):
            said = json.dumps(message)
        return said

    async def _messages(self, event: dict[str, Any], given: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
        """What the server says about one event until it is done."""
        values = [given.get(self._name(part), self._default(part)) for part in event["inputs"]]
        joined = await self._client.post(
            "gradio_api/queue/join",
            json={
                "data": values,
                "event_data": None,
                "fn_index": event["id"],
                "trigger_id": event["targets"][0][0],
                "session_hash": self._session,
            },
        )
        if joined.status_code == BUSY:
            raise Busy(joined.text)
        joined.raise_for_status()
        mine = joined.json()["event_id"]
        stream = self._client.stream("GET", "gradio_api/queue/data", params={"session_hash": self._session})
        async with stream as reply:
            reply.raise_for_status()
            async for line in reply.aiter_lines():
                if not line.startswith("data:"):
                    continue
                message = json.loads(line[5:])
                if message.get("event_id") in (None, mine):
                    yield message
                if message["msg"] == "process_completed" and message.get("event_id") == mine:
                    return
                if message["msg"] == "unexpected_error":
                    return

    def _default(self, part: int) -> Any:
        held = self._parts[part]
        return held.get("props", {}).get("value", "" if held["type"] == "textbox" else None)

    def _name(self, part: int) -> str:
        return self._parts[part].get("props", {}).get("elem_id") or str(part)

    def _event(self, name: str, kind: str) -> dict[str, Any]:
        for event in self._events:
            if any(way == kind and part in self._parts and self._name(part) == name for part, way in event["targets"]):
                return event
        raise LookupError(f"the page has no {kind} of {name}")


def look(shown: Shown, parts: dict[str, Any], now: float) -> None:
    """Take from the page's parts what a person would see."""
    log, sources = (_value(parts.get(name)) for name in ("log", "sources"))
    said = [_text(message["content"]) for message in log] if isinstance(log, list) else []
    shown.questions = [unescape(one) for text in said for one in re.findall(r'class="question"[^>]*>(.*?)</div>', text)]
    replies = [text for text in said if 'class="question"' not in text]
    shown.chat = replies[-1] if replies else shown.chat
    if isinstance(sources, str) and 'id="sources-' in sources and shown.evidence is None:
        shown.evidence = now
    if 'class="status"' in shown.chat and "in line" in shown.chat:
        shown.places += 1
    if "do-copy" in shown.chat and shown.answered is None:
        shown.answered = now


def _value(sent: Any) -> Any:
    """What a component shows: Gradio sends it alone or in an update."""
    return sent.get("value") if isinstance(sent, dict) and sent.get("__type__") == "update" else sent


def _text(content: Any) -> str:
    """The text of a message, which Gradio may send in parts."""
    if isinstance(content, list):
        return "".join(_text(part) for part in content)
    return str(content.get("text", "")) if isinstance(content, dict) else str(content)


@asynccontextmanager
async def visiting(address: str) -> AsyncIterator[Visitor]:
    """A visitor who has opened the page at `address`."""
    limits = httpx.Limits(max_keepalive_connections=None)
    headers = {"accept-language": "en"}
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits, headers=headers) as client:
        (await client.get("")).raise_for_status()
        config = await client.get("config")
        config.raise_for_status()
        yield Visitor(client, config.json())
