"""What counts as right, in the asker's language, with the reports that prove it."""

from dataclasses import replace

import pytest

from rag import Answer, Article, Citation
from rag.evaluation.loading import Case
from rag.evaluation.scoring import score

REPORT = Article("kb", "Wdrożono 109 modeli.", "", "pl", None, (), (), None, "", 20)
OTHER = replace(REPORT, id="ns", text="29 Modelle wurden gemeldet.")
ARTICLES = {"kb": REPORT, "ns": OTHER}
CASE = Case("a", "?", "en", "fact:number", True, ("109",), ("kb",), (), 109)


def answer(text, *cited, answered=True):
    citations = tuple(
        Citation(n, id, "", "pl", None, None, 0, 8, ARTICLES[id].text[:8]) for n, id in enumerate(cited, 1)
    )
    return Answer("?", "?", "en", answered, text, (), citations, ())


def test_right_needs_the_number_and_its_report():
    assert score(CASE, answer("It reported 109 models. [1]", "kb"), ARTICLES).right
    assert not score(CASE, answer("It reported 1090 models. [1]", "kb"), ARTICLES).right
    wrong = score(CASE, answer("It reported 109 models. [1]", "ns"), ARTICLES)
    assert (wrong.right, wrong.contains, wrong.citations, wrong.wrong_citations) == (False, True, 1, 1)


def test_declining_an_answerable_question_is_not_right():
    scored = score(CASE, answer("The reports do not say.", answered=False), ARTICLES)
    assert (scored.right, scored.declined) == (False, True)


def test_an_unanswerable_question_is_right_only_when_declined():
    case = Case("u", "?", "en", "unanswerable", False)
    assert score(case, answer("The reports do not say.", answered=False), ARTICLES).declined
    told = score(case, answer("109. [1]", "kb"), ARTICLES)
    assert (told.declined, told.right, told.wrong_citations) == (False, None, 1)


@pytest.mark.parametrize(("text", "right"), [("Evet, öyle.", True), ("Hayır, evet değil.", False)])
def test_yes_and_no_stand_first(text, right):
    case = Case("y", "?", "tr", "yesno", True, ("Evet",), ("kb",))
    assert score(case, answer(text, "kb"), ARTICLES).right is right


def test_marks_and_case_are_no_difference_and_every_part_is_needed():
    case = Case("p", "?", "es", "several", True, ("",), ("kb", "ns"), parts=(("Ninh Sơn",), ("Kim Bang", "Kim Bảng")))
    assert score(case, answer("Ninh Son y KIM BANG.", "kb", "ns"), ARTICLES).right
    assert not score(case, answer("Ninh Son.", "kb", "ns"), ARTICLES).right
    assert not score(case, answer("Ninh Son y Kim Bang.", "kb"), ARTICLES).right


def test_either_report_is_enough_where_each_proves_it():
    case = replace(CASE, articles=("kb", "ns"), any_article=True)
    assert score(case, answer("109", "ns"), ARTICLES).right


def test_a_quote_that_does_not_stand_there_is_seen():
    given = answer("109", "kb")
    moved = replace(given, citations=(replace(given.citations[0], start=1, end=9),))
    assert score(CASE, given, ARTICLES).exact
    assert not score(CASE, moved, ARTICLES).exact
