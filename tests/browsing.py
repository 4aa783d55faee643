"""Real Chromium, real servers on loopback ports, and tabs that remember what they did that they should not."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fake_reports import FakeReports

from ui.server import Limits, make_app
from ui.strings import ENGLISH

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
expect.set_options(timeout=20_000)  # a busy machine paints late
CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Site:
    """A running page: where it is, and the reports behind it. It can be stopped and started again at its address."""

    def __init__(self, reports: FakeReports, limits: Limits | None = None) -> None:
        self.reports = reports
        self._limits = limits
        self._port = 0
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    def start(self) -> None:
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(make_app(self.reports, self._limits), log_level="error", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            threading.Event().wait(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)


@dataclass
class Watched:
    """A tab and what it did that it should not: console errors, page errors, requests elsewhere."""

    tab: playwright.Page
    faults: list[str] = field(default_factory=list)
    words: object = ENGLISH

    def ask(self, question: str) -> None:
        # Until the box is given back, a question that is entered is not taken.
        expect(self.tab.locator("#question .stop-button")).to_have_count(0)
        self.tab.get_by_label(self.words.question, exact=True).fill(question)
        self.tab.keyboard.press("Enter")

    def to(self, room: str) -> None:
        self.tab.get_by_role("tab", name=room).click()

    def press(self, name: str) -> None:
        self.tab.get_by_role("button", name=name).first.click()

    def reload(self) -> None:
        before = len(self.faults)
        self.tab.reload()
        # what was under way when the page was left is broken off, and Gradio says so
        broken = ("AbortError", "errored out")
        self.faults[before:] = [said for said in self.faults[before:] if not any(word in said for word in broken)]

    def __getattr__(self, name: str):
        return getattr(self.tab, name)


def watch(context, address: str, *, words=ENGLISH) -> Watched:
    """A new tab of a browser that shows the page."""
    watched = Watched(context.new_page(), words=words)
    tab = watched.tab
    tab.on("console", lambda said: watched.faults.append(said.text) if said.type in {"error", "warning"} else None)
    tab.on("pageerror", lambda error: watched.faults.append(str(error)))
    origin = address.partition("?")[0]
    own = (origin, origin.replace("http", "ws", 1), "data:", "blob:")
    tab.on("request", lambda sent: None if sent.url.startswith(own) else watched.faults.append(sent.url))
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.goto(address)
    expect(tab.locator("#sources h2")).to_be_visible()
    return watched


def until(page: Watched, true: Callable[[], bool]) -> None:
    """Wait for what the page does not show."""
    for _ in range(200):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


@contextmanager
def served(reports: FakeReports, limits: Limits | None = None) -> Iterator[Site]:
    site = Site(reports, limits)
    try:
        yield site
    finally:
        for gate in (reports.gate, reports.may_warm, reports.may_index):
            gate.set()
        site.stop()
