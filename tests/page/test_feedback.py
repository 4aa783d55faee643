"""Judged answers as evaluation cases, read back and scored as any other case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_reports import KIM_BANG, POPULATION, FakeReports, answer, article, citation

from rag.evaluation.loading import Case, load_cases
from rag.evaluation.scoring import score
from rag.models import Answer
from ui import feedback
from ui.exchanges import Exchange, Feedback


def asked(question: str, judged: Feedback | None) -> Exchange:
    exchange = Exchange(question)
    for event in FakeReports().stream(question):
        exchange = exchange.after(event)
    return replace(exchange, feedback=judged)


def cases(folder: Path, *rated: Exchange) -> list[Case]:
    path = folder / "cases.jsonl"
    path.write_text(feedback.cases(rated), encoding="utf-8")
    return load_cases(path)


def test_a_good_answer_is_its_own_gold(tmp_path):
    exchange = asked(KIM_BANG, Feedback(True, "checked by hand"))
    assert exchange.answer
    (case,) = cases(tmp_path, exchange)
    cited = exchange.answer.citations[0]
    assert case == Case(
        id=f"feedback-{exchange.id}",
        question=KIM_BANG,
        language="ms",
        kind="fact:thing",
        answerable=True,
        answers=("Kim Bang melaporkan 109 model.",),
        articles=(cited.article_id,),
        quotes=(cited.quote,),
        why="checked by hand",
    )
    held = {a.id: a.text for a in FakeReports().articles()}
    assert cited.quote in held[cited.article_id]
    assert score(case, exchange.answer, [cited.article_id], held).right == 1.0
    other = replace(exchange.answer, text="Kim Bang melaporkan 108 model. [1]")
    assert score(case, other, [cited.article_id], held).right == 0.0


def test_declining_rightly_is_a_case_that_must_be_declined(tmp_path):
    exchange = asked(POPULATION, Feedback(True))
    assert exchange.answer
    (case,) = cases(tmp_path, exchange)
    assert (case.answerable, case.kind, case.answers) == (False, "unanswerable", ())
    assert score(case, exchange.answer, [], {}).declined_rightly == 1.0


def test_a_wrong_answer_is_a_case_to_complete_with_what_was_said_of_it(tmp_path):
    (case,) = cases(tmp_path, asked(KIM_BANG, Feedback(False, "Źle: to nie ten okręg, lecz Bình Lục")))
    assert (case.answers, case.articles, case.quotes) == ((feedback.TO_COMPLETE,), (), ())
    assert case.why.startswith(feedback.TO_COMPLETE)
    assert "Bình Lục" in case.why and "109 model" in case.why


def test_a_wrong_answer_without_a_comment_still_tells_what_it_was(tmp_path):
    (case,) = cases(tmp_path, asked(POPULATION, Feedback(False)))
    assert (
        case.answerable
        and case.why
        == f"{feedback.TO_COMPLETE}; the answer was: Nothing was found in the reports that answers this question."
    )


def test_a_follow_up_becomes_a_question_of_its_own(tmp_path):
    exchange = asked(KIM_BANG, Feedback(True))
    assert exchange.answer
    follow_up = replace(
        exchange, question="Und dort?", answer=replace(exchange.answer, standalone_question="Kim Bang?")
    )
    assert cases(tmp_path, follow_up)[0].question == "Kim Bang?"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ms", "Jambatan dibuka pada 5 Julai 2024."),
        ("tr", "Kırk doktor işe alındı."),
        ("es", "La resolución es la 43-NQ/TW."),
        ("de", "Der Bezirk förderte 29 Höfe."),
        ("pl", "Wdrożono 109 modeli, żółć."),
        ("en", "The hall opened on 2 May."),
        ("vi", "Trận lụt đã làm ngập huyện Kim Bảng."),
    ],
)
def test_every_language_comes_back_whole(tmp_path, language, text):
    report = article(f"{text} Ğ đ.\n", id=f"báo-{language}", language=language)
    made: Answer = answer("Ǵ?", f"{text} [1] [2]", [citation(report, text), citation(report, text, 2)], (), language)
    (case,) = cases(tmp_path, Exchange("Ǵ?", answer=made, feedback=Feedback(True)))
    assert (case.language, case.answers, case.articles, case.quotes) == (language, (text,), (report.id,), (text,))


def test_an_answer_from_two_reports_needs_both(tmp_path):
    one, two = article("A köprü. ", id="one"), article("B brücke. ", id="two")
    made = answer("?", "A [1] B [2]", [citation(one, "A köprü."), citation(two, "B brücke.", 2)], ())
    (case,) = cases(tmp_path, Exchange("?", answer=made, feedback=Feedback(True)))
    assert (case.kind, case.articles) == ("several", ("one", "two"))


def test_what_was_not_judged_or_not_answered_gives_no_case():
    assert feedback.cases([asked(KIM_BANG, None), Exchange("?", feedback=Feedback(True))]) == ""
