"""Real Chromium, real servers on loopback ports, and tabs that remember what they did that they should not."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pytest
import uvicorn
from fake_reports import FakeReports
from playwright import sync_api as playwright

from rag import Reports
from ui.server import Limits, make_app
from ui.strings import ENGLISH

expect = playwright.expect
expect.set_options(timeout=20_000)  # a busy machine paints late
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREEN = {"width": 1280, "height": 800}
MARKS = (
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium, or a Chrome on the path"),
    # Gradio sums up its own queue with two things that pandas 3 is about to drop
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Marks one test as driving Chromium; those of `page/browser/` all are."""
    for mark in MARKS:
        test = mark(test)
    return test


@contextmanager
def chromium(profile: Path) -> Iterator[playwright.BrowserContext]:
    """A browser with a profile that remembers compiled scripts: a page opens in half the time, also the next time.

    While it is open no other test can have an event loop of its own.
    """
    with playwright.sync_playwright() as engine:
        context = engine.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=QUIET, viewport=SCREEN
        )
        context.set_default_timeout(20_000)
        yield context
        context.close()


class Site:
    """A running page: where it is, and the reports behind it. It can be stopped and started again at its address.

    Sites take over each other's addresses, so that a browser knows their scripts.
    """

    _ports: ClassVar[list[int]] = []

    def __init__(self, reports: Reports | FakeReports, limits: Limits | None = None) -> None:
        self.reports = reports
        self._limits = limits
        self._port = Site._ports.pop() if Site._ports else 0
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

    def leave(self) -> None:
        """Stop for good."""
        self.stop()
        Site._ports.append(self._port)


@dataclass
class Watched:
    """A tab and what it did that it should not: console errors, page errors, requests elsewhere."""

    tab: playwright.Page
    faults: list[str] = field(default_factory=list)
    words: object = ENGLISH
    heard: list[tuple[str, Callable]] = field(default_factory=list)

    def listen(self, event: str, hear: Callable) -> None:
        self.heard.append((event, hear))
        self.tab.on(event, hear)

    def leave(self) -> None:
        """Listen no more."""
        for event, hear in self.heard:
            self.tab.remove_listener(event, hear)

    def ask(self, question: str) -> None:
        # Until the box is given back, a question that is entered is not taken.
        expect(self.tab.locator("#question .stop-button")).to_have_count(0)
        self.tab.get_by_label(self.words.question, exact=True).fill(question)
        self.tab.keyboard.press("Enter")

    def to(self, room: str) -> None:
        self.tab.get_by_role("tab", name=room).click()

    def press(self, name: str) -> None:
        self.tab.get_by_role("button", name=name).first.click()

    def to_address(self, address: str) -> None:
        before = len(self.faults)
        self.tab.goto(address)
        # what was under way when the page was left is broken off, and Gradio says so
        broken = ("AbortError", "errored out")
        self.faults[before:] = [said for said in self.faults[before:] if not any(word in said for word in broken)]

    def reload(self) -> None:
        self.to_address(self.tab.url)

    def __getattr__(self, name: str):
        return getattr(self.tab, name)


def watch(
    context, address: str, *, tab=None, words=ENGLISH, viewport=SCREEN, color_scheme="light", locale=None
) -> Watched:
    """A tab of a browser, new or given, that shows the page; the rest is of the screen and the person before it."""
    watched = Watched(tab or context.new_page(), words=words)
    tab = watched.tab
    tab.emulate_media(color_scheme=color_scheme)
    tab.set_viewport_size(viewport)
    tab.mouse.move(0, 0)
    if locale:
        session, agent = context.new_cdp_session(tab), tab.evaluate("navigator.userAgent")
        session.send("Emulation.setLocaleOverride", {"locale": locale})
        session.send("Network.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": locale})
    faults = watched.faults
    watched.listen("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    watched.listen("pageerror", lambda error: faults.append(str(error)))
    origin = address.partition("?")[0]
    own = (origin, origin.replace("http", "ws", 1), "data:", "blob:")
    watched.listen("request", lambda sent: None if sent.url.startswith(own) else faults.append(sent.url))
    watched.listen("dialog", lambda dialog: dialog.accept())
    watched.to_address(address)
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
def served(reports: Reports | FakeReports, limits: Limits | None = None) -> Iterator[Site]:
    site = Site(reports, limits)
    try:
        yield site
    finally:
        if isinstance(reports, FakeReports):
            for gate in (reports.gate, reports.may_warm, reports.may_index):
                gate.set()
        site.leave()
