"""What becomes of a question, step by step; no browser, no page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports

from rag.errors import ModelError
from rag.models import AnswerReady, EvidenceFound, Filters, TextDelta
from ui.answer_stream import Lines, Manner, Running, Step, Waiting, follow, in_line
from ui.cancelling import Stoppable
from ui.exchanges import Exchange
from ui.waiting import Line


def last(reports: FakeReports, question: str, past: tuple[Exchange, ...] = ()) -> Exchange:
    return list(follow(reports, past, Exchange(question)))[-1].exchange


def test_evidence_comes_before_any_word_and_the_answer_after_the_last():
    steps = [step.exchange for step in follow(FakeReports(), (), Exchange(KIM_BANG))]
    assert steps[0] == Exchange(KIM_BANG)
    assert steps[1].hits and not steps[1].written
    assert (steps[2].short, steps[2].written) == ("109", ""), "the short answer comes before its words"
    written = [step.written for step in steps[3:-1]]
    assert written == sorted(written, key=len) and len(written) > 3
    assert steps[-1].answer and steps[-1].answer.text == written[-1]


def test_an_error_of_ours_ends_the_question_and_keeps_what_had_come():
    gone = last(FakeReports(), "gone?")
    assert "went away" in gone.problem and gone.written == "Kim Bang melaporkan " and gone.hits
    assert gone.state == "failed"


def test_a_stopped_answer_ends_while_its_next_word_is_still_being_made():
    reports = FakeReports()
    reports.gate.clear()
    running: Running = {}
    steps = follow(reports, (), Exchange(KIM_BANG), session="me", running=running)
    assert next(steps).exchange.hits is None and next(steps).exchange.hits
    running["me"].stop()
    ended = list(steps)[-1].exchange
    assert not reports.gate.is_set() and ended.stopped and not running
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
    past = (last(reports, KIM_BANG), last(reports, "gone?"))
    last(reports, POPULATION, past)
    assert [turn.question for turn in reports.histories[-1]] == [KIM_BANG]
    assert "109" in reports.histories[-1][0].answer


def test_the_filters_of_the_question_reach_the_reports():
    reports = FakeReports()
    filters = Filters(("pl",), date(2024, 1, 1), date(2024, 12, 31), ("a",))
    list(follow(reports, (), Exchange(KIM_BANG, filters=filters)))
    assert reports.filters[-1] == filters


def test_answer_ready_without_hits_keeps_those_that_were_found():
    known = last(FakeReports(), KIM_BANG)
    assert known.answer and known.hits
    step = Step(Exchange("?")).after(EvidenceFound(known.hits))
    assert step.after(AnswerReady(replace(known.answer, hits=()))).exchange.hits == known.hits


def test_who_waits_in_line_has_the_evidence_and_is_told_the_place():
    reports, lines = FakeReports(), Lines()
    line = lines.answers = Line(1)
    before = [line.join(), line.join()]
    steps = follow(reports, (), Exchange(KIM_BANG), lines=lines)
    assert [next(steps).exchange.hits is None, next(steps).exchange.hits is None] == [True, False]
    assert next(steps).place == 2
    line.leave(before[0])
    while (step := next(steps)).place == 2:
        pass
    assert step.place == 1
    line.leave(before[1])
    assert list(steps)[-1].exchange.answer
    assert line.place(line.join()) == 0, "the answered question has left the line"


def test_who_leaves_while_waiting_gives_the_place_back():
    lines = Lines()
    line = lines.answers = Line(1)
    line.join()
    events = in_line(iter([EvidenceFound(())]), lines)
    assert [next(events), next(events)] == [EvidenceFound(()), Waiting(1)]
    events.close()
    assert line.place(line.join()) == 1


def test_evidence_has_a_queue_of_its_own():
    lines = Lines()
    lines.evidence, lines.answers = Line(1), Line(1)
    lines.answers.join()
    reading = in_line(iter([EvidenceFound(()), TextDelta("a")]), lines)
    assert [next(reading), next(reading)] == [EvidenceFound(()), Waiting(1)]
    found = in_line(iter([EvidenceFound(())]), lines)
    assert next(found) == EvidenceFound(()), "evidence does not wait for answers"
    ticket = lines.evidence.join()
    third = in_line(iter([EvidenceFound(())]), lines)
    assert next(third) == Waiting(1)
    lines.evidence.leave(ticket)
    assert next(third) == EvidenceFound(())
    for events in (reading, found, third):
        events.close()
    assert lines.evidence.place(lines.evidence.join()) == 0 and lines.answers.place(lines.answers.join()) == 1


def test_who_is_far_behind_is_not_told_each_move(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("ui.answer_stream.time.monotonic", lambda: now[0])
    lines = Lines()
    places = (9, 9, 8, 7, 4, 3, 2, 2, 1)

    def moving():
        for seconds, place in zip((0, 1, 1, 2.5, 3, 3, 3, 4, 4), places, strict=True):
            now[0] = seconds
            yield Waiting(place)
        yield AnswerReady(known.answer)

    known = last(FakeReports(), KIM_BANG)
    monkeypatch.setattr("ui.answer_stream.in_line", lambda events, lines: moving())
    monkeypatch.setattr("ui.answer_stream.Stoppable", AsItIs)
    told = [step.place for step in follow(FakeReports(), (), Exchange(KIM_BANG), lines=lines)]
    # Asked at 0 s; place 9 at once, 7 two seconds later, and from the third place on each move, once.
    assert told == [0, 9, 7, 3, 2, 1, 0]


class AsItIs:
    """A stream in the thread of who asks."""

    def __init__(self, items):
        self._items = items

    def __iter__(self):
        return self._items

    def stop(self):
        pass


def test_an_error_while_looking_gives_the_place_back():
    def broken():
        raise ModelError("the embedder went away")
        yield

    lines = Lines()
    lines.evidence = Line(1)
    with pytest.raises(ModelError):
        list(in_line(broken(), lines))
    assert lines.evidence.place(lines.evidence.join()) == 0


def test_how_a_question_is_read_and_answered_is_handed_on():
    reports = FakeReports()
    past = (last(reports, KIM_BANG), replace(last(reports, KIM_BANG), erased=True))
    manner = Manner(answer_language="ar", default_language="vi")
    list(follow(reports, past, Exchange("Und?"), manner=manner))
    options = reports.asked[-1]
    assert (options["answer_language"], options["default_language"], options["alone"]) == ("ar", "vi", False)
    assert len(options["history"]) == 1, "an erased answer is no part of the conversation any more"
    list(follow(reports, past, Exchange("Und?"), manner=replace(manner, alone=True)))
    assert reports.asked[-1]["alone"] and reports.asked[-1]["history"] == []
