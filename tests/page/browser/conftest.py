"""What the browser tests share: one Chromium, tabs that are closed and judged at the end, marks for all of them."""

from __future__ import annotations

from contextlib import ExitStack

import browsing
import pytest
from browsing import MARKS, Watched, served, watch
from fake_reports import FakeReports


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in item.nodeid:
            for mark in MARKS:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def profile(tmp_path_factory):
    return tmp_path_factory.mktemp("profile")


# Not for the session: while it is open no other test can have an event loop of its own.
@pytest.fixture(scope="module")
def chromium(profile):
    with browsing.chromium(profile) as context:
        yield context


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
    """Makes a tab at an address. It is of another browser than those that are open, unless a browser is given.

    Whatever a tab should not have done fails the test at its end.
    """
    made: list[Watched] = []

    def make(address: str, *, context=None, **options) -> Watched:
        if context is None and all(watched.is_closed() for watched in made):
            chromium.clear_cookies()
            context = chromium
        elif context is None:
            context = chromium.browser.new_context(viewport={"width": 1280, "height": 800})
            context.set_default_timeout(20_000)
        made.append(watch(context, address, **options))
        return made[-1]

    yield make
    for watched in made:
        watched.close()
        if watched.context is not chromium:
            watched.context.close()
    chromium.clear_permissions()
    assert [fault for watched in made for fault in watched.faults] == []


@pytest.fixture
def page(new_tab, site):
    """A new browser at the module's site."""
    site.reports.gate.set()
    return new_tab(site.address)
