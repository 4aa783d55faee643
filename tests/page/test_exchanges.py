"""An exchange through its events, and its JSON there and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports

from rag.models import Answer, AnswerReady, EvidenceFound, Filters, Hit, ShortFound, TextDelta
from ui.exchanges import Exchange, Feedback


def asked(question: str = KIM_BANG) -> Exchange:
    exchange = Exchange(question)
    for event in FakeReports().stream(question):
        exchange = exchange.after(event)
    return exchange


def without_texts(hits: tuple[Hit, ...]) -> tuple[tuple[object, ...], ...]:
    return tuple((hit.passage, hit.article.id, hit.score, hit.sentence) for hit in hits)


def again(exchange: Exchange) -> Exchange:
    return Exchange.from_dict(json.loads(json.dumps(exchange.to_dict())))


def test_an_exchange_grows_with_its_events():
    whole = asked()
    assert whole.answer and whole.hits == whole.answer.hits
    early = Exchange(KIM_BANG).after(EvidenceFound(whole.hits or ())).after(TextDelta("Kim ")).after(TextDelta("Bang"))
    assert early.written == "Kim Bang" and early.state == "answering"
    assert early.after(AnswerReady(whole.answer)).state == "answered"


def test_the_short_answer_comes_before_its_words_and_is_kept():
    early = Exchange("?", hits=()).after(ShortFound("109", 0.81))
    assert (early.short, early.likely, early.written, early.state) == ("109", 0.81, "", "answering")
    assert again(early) == early


def test_what_an_earlier_version_kept_is_read_without_a_short_answer():
    kept = Exchange("?", written="Kim").to_dict()
    del kept["short"], kept["likely"]
    assert Exchange.from_dict(kept) == Exchange("?", written="Kim")


def test_evidence_that_came_first_stays_where_the_answer_brings_none():
    whole = asked()
    assert whole.answer
    bare = replace(whole.answer, hits=())
    assert Exchange("?", hits=whole.hits).after(AnswerReady(bare)).hits == whole.hits


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "answering"),
        ({"stopped": True}, "stopped"),
        ({"problem": "gone"}, "failed"),
        ({"broken_off": True}, "broken off"),
    ],
)
def test_the_state_is_told_from_what_is_known(fields, state):
    assert Exchange("?", **fields).state == state


@pytest.mark.parametrize("question", [KIM_BANG, POPULATION])
def test_json_keeps_an_answered_exchange(question):
    whole = asked(question)
    back = again(whole)
    assert back.id == whole.id and back.question == question
    assert back.answer and whole.answer
    assert back.answer.to_dict() == whole.answer.to_dict()
    assert back.answer.citations == whole.answer.citations
    assert without_texts(back.hits or ()) == without_texts(whole.hits or ())


def test_the_answer_in_the_json_is_an_answer_as_everywhere():
    whole = asked()
    data = whole.to_dict()
    assert Answer.from_dict(data["answer"]).text == whole.written
    assert data["found"] is None, "evidence is not kept twice"


def test_json_keeps_evidence_that_came_without_an_answer():
    hits = asked().hits
    back = again(Exchange("¿Cuántos?", hits=hits, written="Kim", problem="se fue"))
    assert without_texts(back.hits or ()) == without_texts(hits or ())
    assert (back.written, back.problem, back.answer) == ("Kim", "se fue", None)


def test_no_evidence_yet_and_no_evidence_at_all_stay_apart():
    assert again(Exchange("?")).hits is None
    assert again(Exchange("?", hits=())).hits == ()


def test_json_keeps_the_filters():
    filters = Filters(("pl", "vi"), date(2023, 1, 31), None, ("báo-cáo",))
    assert again(Exchange("?", filters=filters)).filters == filters
    until = Filters(until=date(2024, 2, 29))
    assert again(Exchange("?", filters=until)).filters == until


@pytest.mark.parametrize(
    "question",
    [
        "Berapakah?",
        "Kaç köprü açıldı? İğdır",
        "¿Cuántos?",
        "Wie viele Höfe?",
        "Ilu żołnierzy?",
        "How many?",
        "Bao nhiêu?",
    ],
)
def test_questions_come_back_letter_by_letter(question):
    assert again(Exchange(question)).question == question


def test_two_exchanges_are_the_same_when_the_same_was_asked_and_came():
    assert Exchange("?") == Exchange("?") and Exchange("?").id != Exchange("?").id
    assert Exchange("?") != replace(Exchange("?"), feedback=Feedback(True))
