"""The closed application around the page: headers, endpoints, limits, the door, the address; no browser."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
import uvicorn
from benchmarks.visitor import visiting
from fake_reports import KIM_BANG, POPULATION, FakeReports

from rag.errors import InputError, NeedError
from rag.models import Answer
from ui.auth import make_line
from ui.conversations import new_key

# Gradio 6.31 imports names that Starlette 1 and websockets are about to drop; nothing of ours calls them.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:(gradio|starlette|fastapi|websockets)")


def test_importing_ui_imports_no_gradio():
    code = "import sys, ui; assert not {'gradio', 'fastapi', 'uvicorn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def client():
    from starlette.testclient import TestClient

    from ui.server import Limits, make_app

    with TestClient(make_app(FakeReports(), Limits(upload_mb=0.001))) as client:
        yield client


@pytest.fixture(scope="module")
def accounts(tmp_path_factory):
    path = tmp_path_factory.mktemp("door") / "accounts"
    path.write_text(make_line("Ada", "correct horse"), encoding="utf-8")
    return path


def serving(app):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def address():
    from ui.server import make_app

    yield from serving(make_app(FakeReports()))


@pytest.fixture(scope="module")
def locked_address(accounts):
    from ui.server import Limits, make_app

    yield from serving(make_app(FakeReports(), Limits(accounts=accounts)))


def test_every_response_is_closed_and_inline_scripts_are_admitted_by_hash(client):
    page = client.get("/", headers={"accept-encoding": "gzip, br"})
    policy = page.headers["content-security-policy"]
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert scripts
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert "unsafe" not in directives["script-src"] and "http" not in policy
    assert directives["form-action"] == directives["frame-ancestors"] == directives["object-src"] == "'none'"
    for path in ("/ui/page.css", "/ui/page.js", "/config"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "'sha256" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_new_browser_gets_a_key_that_no_script_reads_and_keeps_it(client):
    client.cookies.clear()
    given = client.get("/").headers["set-cookie"]
    assert given.startswith("askreports=") and "HttpOnly" in given and "SameSite=Lax" in given
    assert "set-cookie" not in client.get("/").headers
    assert "set-cookie" not in client.get("/ui/page.css", headers={"cookie": ""}).headers


def test_a_browser_without_a_valid_key_gets_a_new_one_and_shares_nothing(client):
    from ui.people import person_of

    client.cookies.clear()
    assert "set-cookie" in client.get("/", headers={"cookie": "askreports=x"}).headers
    tabs = [
        SimpleNamespace(username=None, cookies=cookies, session_hash=tab)
        for tab, cookies in (("one", {}), ("two", {"askreports": "x"}))
    ]
    owners = [person_of(tab) for tab in tabs]
    assert len({*owners, ""}) == 3
    key = new_key()
    known = [SimpleNamespace(username=None, cookies={"askreports": key}, session_hash=tab) for tab in ("one", "two")]
    assert {*map(person_of, known)} == {f"key:{key}"}


def sessions_of(app):
    """Gradio's states of open pages."""
    (page,) = (route.app for route in app.routes if hasattr(getattr(route, "app", None), "state_holder"))
    return page.state_holder.session_data


async def test_a_page_holds_nothing_twice():
    """Gradio files plain values under new numbers wherever they alternate with updates: see `ui.updates`."""
    from ui.server import make_app

    app = make_app(FakeReports())
    serving_it = serving(app)
    async with visiting(next(serving_it)) as visitor:
        for _ in range(4):
            assert "109" in (await visitor.ask(KIM_BANG)).chat
    next(serving_it, None)
    (session,) = sessions_of(app).values()
    held = [str(config["props"].get("value")) for config in session.config_values.values() if config]
    marks = ('class="shelf"', 'id="sources-', 'class="question"')
    assert any(marks[-1] in text for text in held), "what a page shows is not in Gradio's state any more"
    assert {mark: n for mark in marks if (n := sum(mark in text for text in held)) > 1} == {}


async def test_the_states_of_open_pages_are_capped(monkeypatch):
    from ui.server import make_app

    monkeypatch.setattr("ui.page.SESSIONS", 2)
    app = make_app(FakeReports())
    serving_it = serving(app)
    address = next(serving_it)
    async with visiting(address) as first, visiting(address) as second, visiting(address) as third:
        for visitor in (first, second, third, first):  # the first is not held any more, and may still ask
            assert "109" in (await visitor.ask(KIM_BANG)).chat
    next(serving_it, None)
    assert len(sessions_of(app)) == 2


def test_the_page_publishes_ask_alone(client):
    info = client.get("/gradio_api/info").json()
    assert list(info["named_endpoints"]) == ["/ask"] and info["unnamed_endpoints"] == {}


def test_a_file_past_the_limit_is_refused_at_the_door(client):
    sent = client.post("/gradio_api/upload", files={"files": ("a.txt", b"x" * 5000)})
    assert sent.status_code >= 400
    assert client.post("/gradio_api/upload", files={"files": ("a.txt", b"x" * 500)}).status_code == 200


# Gradio's client leaves its threads and sockets to the end of the process.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_another_program_asks_and_gets_the_answer_whole(address):
    from gradio_client import Client

    other = Client(address, verbose=False)
    answer = Answer.from_dict(other.predict(KIM_BANG, languages=["pl"], since="2020-01-01", api_name="/ask"))
    assert answer.answered and "109 modeli" in answer.citations[0].quote
    assert not Answer.from_dict(other.predict(POPULATION, api_name="/ask")).answered
    for question, since, reason in (("gone?", "", "went away"), ("?", "1 May", "2024-07-05"), (" ", "", "is empty")):
        with pytest.raises(Exception, match=reason):
            other.predict(question, since=since, api_name="/ask")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_behind_a_login_only_who_is_known_may_ask(locked_address):
    from gradio_client import Client

    other = Client(locked_address, auth=("Ada", "correct horse"), verbose=False)
    assert other.predict(KIM_BANG, api_name="/ask")["answered"]
    for wrong in (("Ada", "battery staple"), ("Eve", "correct horse"), None):
        with pytest.raises(Exception):  # noqa: B017 - Gradio's client has several for a closed door
            Client(locked_address, auth=wrong, verbose=False).predict(KIM_BANG, api_name="/ask")


def test_a_port_that_is_taken_names_the_way_out():
    from ui.server import serve

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NeedError, match=rf"127\.0\.0\.1:{port}.*--port"):
            serve(FakeReports(), port=port)


@pytest.mark.parametrize(("host", "port"), [("no such host", 7860), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_is_refused(host, port):
    from ui.server import serve

    with pytest.raises(InputError, match="cannot listen"):
        serve(FakeReports(), host=host, port=port)
