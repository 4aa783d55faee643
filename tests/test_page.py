"""What happens on a question, step by step, and the closed application around it; no browser."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports, article, sentence_with

from rag.errors import InputError, NeedError
from rag.models import AnswerReady, EvidenceFound
from ui.page import Conversation, Exchange, Running, chat, follow, panel
from ui.stopping import Stoppable
from ui.strings import ENGLISH

# Gradio 6.31 imports names that Starlette 1 and websockets are about to drop; nothing of ours calls them.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:(gradio|starlette|fastapi|websockets)")


def last(reports: FakeReports, question: str, talk: Conversation = ()) -> Conversation:
    return list(follow(reports, talk, question))[-1]


def replies(talk: Conversation) -> list[str]:
    return [message["content"] for message in chat(talk, ENGLISH) if message["role"] == "assistant"]


def test_evidence_is_in_the_panel_before_any_word_and_citations_after_the_last():
    reports = FakeReports()
    steps = list(follow(reports, (), KIM_BANG))
    assert steps[0][-1] == Exchange(KIM_BANG)
    assert steps[1][-1].hits and not steps[1][-1].written
    assert "sources found" in panel(reports, steps[1], ENGLISH)
    assert "109 modeli" in panel(reports, steps[1], ENGLISH)
    written = [step[-1].written for step in steps[2:-1]]
    assert written == sorted(written, key=len) and len(written) > 3
    end = panel(reports, steps[-1], ENGLISH)
    assert "sources cited" in end and end.count("<mark") == 1 and 'id="citation-1-1"' in end


def test_a_declined_question_shows_the_nearest_sentences_and_no_marker():
    reports = FakeReports()
    talk = last(reports, POPULATION)
    assert "declined" in replies(talk)[0] and "marker" not in replies(talk)[0]
    shown = panel(reports, talk, ENGLISH)
    assert "sources nearest" in shown and "<mark" not in shown and "<blockquote" in shown


def test_an_empty_question_is_told_in_the_chat_and_asks_for_nothing():
    reports = FakeReports()
    talk = last(reports, "  ")
    assert "the question is empty" in replies(talk)[0]
    assert "sources collection" in panel(reports, talk, ENGLISH)


def test_a_model_gone_in_mid_answer_keeps_the_evidence_and_the_words_and_says_why():
    reports = FakeReports()
    talk = last(reports, "gone?")
    assert (
        "Kim Bang melaporkan" in replies(talk)[0] and "problem" in replies(talk)[0] and "went away" in replies(talk)[0]
    )
    assert "sources found" in panel(reports, talk, ENGLISH)


def test_a_stopped_answer_ends_while_its_next_word_is_still_being_made():
    reports = FakeReports()
    reports.gate.clear()
    running: Running = {}
    steps = follow(reports, (), KIM_BANG, session="me", running=running)
    assert next(steps)[-1].hits is None and next(steps)[-1].hits
    running["me"].stop()
    talk = list(steps)[-1]
    assert not reports.gate.is_set() and talk[-1].stopped and not running
    assert ENGLISH.stopped in replies(talk)[0] and "sources found" in panel(reports, talk, ENGLISH)
    reports.gate.set()


def test_a_fault_of_the_program_is_not_hidden_by_the_thread_it_comes_from():
    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("a fault")

    items = iter(Stoppable(broken()))
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError, match="a fault"):
        next(items)


def test_a_follow_up_carries_the_answered_turns_only():
    reports = FakeReports()
    talk = last(reports, "gone?", last(reports, KIM_BANG))
    last(reports, POPULATION, talk)
    assert [turn.question for turn in reports.histories[-1]] == [KIM_BANG]
    assert "109" in reports.histories[-1][0].answer


def test_earlier_answers_keep_their_own_sources_newest_first():
    reports = FakeReports()
    shown = panel(reports, last(reports, POPULATION, last(reports, KIM_BANG)), ENGLISH)
    assert re.findall(r'id="sources-(\d)"', shown) == ["2", "1"]
    assert 'id="citation-1-1"' in shown


def test_a_cited_report_that_is_in_no_hit_is_looked_up_in_the_collection():
    reports = FakeReports()
    first = last(reports, KIM_BANG)[-1]
    assert first.answer
    bare = replace(first, answer=replace(first.answer, hits=()), hits=())
    assert panel(reports, (bare,), ENGLISH).count("<mark") == 1


def test_answer_ready_without_hits_keeps_those_that_were_found():
    exchange = last(FakeReports(), KIM_BANG)[-1]
    assert exchange.answer and exchange.hits
    again = Exchange("?").after(EvidenceFound(exchange.hits)).after(AnswerReady(replace(exchange.answer, hits=())))
    assert again.hits == exchange.hits


@pytest.mark.parametrize("language", ["ms", "tr", "es", "de", "pl", "en", "vi"])
def test_each_language_of_a_report_is_named(language):
    reports = FakeReports([article("109. 2024.", language=language)])
    assert ENGLISH.language(language) in panel(reports, (), ENGLISH)
    assert ENGLISH.language(language) != language


def test_a_place_stands_beside_its_evidence():
    reports = FakeReports()
    found = panel(reports, list(follow(reports, (), KIM_BANG))[1], ENGLISH)
    assert "Kim Bang" in found and "Polish" in found
    assert sentence_with(reports.collection[-1], "109")[:20] in found


def test_importing_ui_imports_no_gradio():
    code = "import sys, ui; assert not {'gradio', 'fastapi', 'uvicorn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def client():
    from starlette.testclient import TestClient

    from ui.server import make_app

    with TestClient(make_app(FakeReports(), suggestions=["</script><script>alert(1)</script>"])) as client:
        yield client


def test_every_response_is_closed_and_inline_scripts_are_admitted_by_hash(client):
    page = client.get("/", headers={"accept-encoding": "gzip, br"})
    policy = page.headers["content-security-policy"]
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert scripts and "alert(1)</script>" not in page.text
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


def test_the_page_publishes_no_endpoint_and_takes_no_upload(client):
    info = client.get("/gradio_api/info").json()
    assert info == {"named_endpoints": {}, "unnamed_endpoints": {}}
    sent = client.post("/gradio_api/upload", files={"files": ("a.txt", b"x" * 5000)})
    assert sent.status_code >= 400


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
