"""What the browser tests share: one Chromium, tabs that are closed and judged at the end, marks for all of them."""

from __future__ import annotations

from contextlib import ExitStack

import browsing
import pytest
from browsing import MARKS, SCREEN, Watched, served, watch
from fake_reports import FakeReports


def pytest_collection_modifyitems(items):
    # Last: while Playwright is started no other test can have an event loop of its own.
    items.sort(key=lambda item: "/browser/" in item.nodeid)
    for item in items:
        if "/browser/" in item.nodeid:
            for mark in MARKS:
                item.add_marker(mark)


@pytest.fixture(scope="session", autouse=True)
def own_uploads(tmp_path_factory):
    """Gradio's copies of files lie in a folder of these tests alone: other programs put theirs into the usual one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        yield


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    with browsing.chromium(tmp_path_factory.mktemp("profile")) as context:
        yield context


@pytest.fixture(scope="module")
def site(chromium):
    with served(FakeReports()) as running:
        yield running
        chromium.pages[0].goto("about:blank")


@pytest.fixture
def serve():
    """Starts sites that one test has for itself; they stop at its end."""
    with ExitStack() as running:
        yield lambda *args: running.enter_context(served(*args))


# It asks for `serve` so that tabs leave before their servers stop: a tab that outlives its server logs what it missed.
@pytest.fixture
def new_tab(request, chromium, serve):
    """Makes a tab at an address. It is of another browser than those that are open, unless a browser is given.

    The first is a tab that every test takes over: what it remembers of the page's scripts opens it in half the time.
    Whatever a tab should not have done fails the test at its end.
    """
    kept, made = chromium.pages[0], []

    def make(address: str, *, context=None, **options) -> Watched:
        if context is None and not made:
            chromium.clear_cookies()
            context, options["tab"] = chromium, None if "locale" in options else kept
        elif context is None:
            context = chromium.browser.new_context(viewport=SCREEN)
            context.set_default_timeout(20_000)
        made.append(watch(context, address, **options))
        return made[-1]

    yield make
    for watched in made:
        watched.leave()
        if watched.tab is not kept:
            watched.close()
        elif "site" not in request.fixturenames:
            kept.goto("about:blank")
        if watched.context is not chromium:
            watched.context.close()
    chromium.clear_permissions()
    assert [fault for watched in made for fault in watched.faults] == []


@pytest.fixture
def page(new_tab, site):
    """A new browser at the module's site."""
    site.reports.gate.set()
    return new_tab(site.address)
