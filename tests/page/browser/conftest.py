"""What the browser tests share: one Chromium, tabs that are closed and judged at the end, marks for all of them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from browsing import CHROMIUM, QUIET, Watched, playwright, served, watch
from fake_reports import FakeReports

from ui.strings import ENGLISH


def pytest_collection_modifyitems(items):
    marks = [
        pytest.mark.browser,
        pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
        # Gradio sums up its own queue with two things that pandas 3 is about to drop
        pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated"),
        pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
    ]
    for item in items:
        if "tests/browser/" in item.nodeid:
            for mark in marks:
                item.add_marker(mark)


# Not for the session: while Playwright is started no other test can have an event loop of its own.
@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site():
    with served(FakeReports()) as running:
        yield running


@pytest.fixture
def serve():
    """Starts sites that one test has for itself; they stop at its end."""
    with ExitStack() as running:
        yield lambda *args: running.enter_context(served(*args))


# It asks for `serve` so that tabs close before their servers stop: a tab that outlives its server logs what it missed.
@pytest.fixture
def new_tab(chromium, serve):
    """Makes a tab of a new browser at an address; whatever it should not have done fails the test at its end."""
    made: list[Watched] = []

    def make(address: str, *, words=ENGLISH, context=None, **options) -> Watched:
        if context is None:
            context = chromium.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
            context.set_default_timeout(20_000)
        made.append(watch(context, address, words=words))
        return made[-1]

    yield make
    for watched in made:
        watched.context.close()
    assert [fault for watched in made for fault in watched.faults] == []


@pytest.fixture
def page(new_tab, site):
    """A new browser at the module's site."""
    site.reports.gate.set()
    return new_tab(site.address)
