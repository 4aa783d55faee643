"""How likely a reading is right: what is looked at, and how it becomes one probability."""

from __future__ import annotations

import math
from datetime import date

import pytest
from fake_reports import article, passage

import rag.answering.confidence as confidence
from rag.answering.confidence import Table, calibration_table, features_of, weigh
from rag.answering.question import Question
from rag.models import Article, Hit
from rag.reading import Reading

PLAIN = Question("How many came?", "en")


def reading(words: str, margin: float, report: Article, *, rank: int = 0, score: float = 1.5, other: float = -4.0):
    """A reading of the words in a passage that is the whole report, or the sentence that holds them."""
    place = passage(report, words)
    sentence = next(part for part in report.text.split("\n") if words in part)
    hit = Hit(passage(report, sentence), report, score, 1, None)
    return Reading(hit, rank, place.start, place.end, margin, other, words)


REPORT = article("Es kamen 12 Leute.\nEs gingen 15 Leute.\nAlso kamen zwölf, genau 12 !", language="de")


def features(one: Reading, *others: Reading, question: Question = PLAIN) -> dict[str, float]:
    return features_of(question, one, [one, *others])


def test_margins_count_up_to_a_point():
    assert features(reading("12 Leute", 7.5, REPORT))["margin"] == 0.75
    assert features(reading("12 Leute", 80, REPORT))["margin"] == 2
    assert features(reading("12 Leute", -80, REPORT, other=-99))["margin"] == -2
    assert features(reading("12 Leute", 1, REPORT, other=-99))["other"] == -2


def test_the_lead_is_over_the_best_other_words():
    best, rival = reading("12 Leute", 6, REPORT), reading("15 Leute", 4, REPORT)
    assert features(best, rival)["lead"] == pytest.approx(0.2)
    assert features(rival, best)["lead"] == pytest.approx(-0.2)
    assert features(best)["lead"] == 1.2, "without a rival it leads by as much as counts"
    again = reading("12 !", 5.5, REPORT)
    assert features(reading("12", 6, REPORT), again, rival)["lead"] == pytest.approx(0.2), "the same words are no rival"


def test_words_that_say_the_same_are_no_rivals():
    """Words of one place, longer or shorter, and words that hold the other's."""
    best, rival = reading("12 Leute", 6, REPORT), reading("15 Leute", 4, REPORT)
    for words in ("kamen 12", "12", "Es kamen 12 Leute."):
        assert features(best, reading(words, 5.9, REPORT), rival)["lead"] == pytest.approx(0.2), words
    other = article("¡Genau 12 LEUTE kamen! 112 Leute gingen.", id="other")
    assert features(best, reading("Genau 12 LEUTE", 5.9, other), rival)["lead"] == pytest.approx(0.2)
    assert features(best, reading("112 Leute", 5.9, other))["lead"] == pytest.approx(0.01), "12 is no part of 112"


def test_another_passage_with_the_same_words_agrees():
    one = article("Es kamen 12 Leute.", id="one")
    two = article("¡12 LEUTE!", id="two")
    assert features(reading("12 Leute", 6, one), reading("12 LEUTE", 3, two, rank=1))["agree"] == 1
    assert features(reading("12 Leute", 6, one))["agree"] == 0
    same = reading("12", 5, one)
    assert features(reading("12", 6, one), same)["agree"] == 0, "a passage does not agree with itself"


def test_retrieval_is_counted():
    first, second = reading("12 Leute", 6, REPORT, score=1.6), reading("15 Leute", 6, REPORT, rank=3, score=1.25)
    assert features(first, second)["near"] == pytest.approx(0.6)
    assert (features(first, second)["first"], features(second, first)["first"]) == (1, 0)
    assert (features(first, second)["gap"], features(second, first)["gap"]) == (0, pytest.approx(0.35))


@pytest.mark.parametrize(
    ("asked", "language", "text", "written", "share"),
    [
        ("How many models did Kim Bang report?", "en", "Kim Bảng báo cáo 109 mô hình.", "vi", True),
        ("Ile modeli zgłosił Kim Bang?", "pl", "Kim Bang meldete 109 Modelle.", "de", True),
        ("Wer kam nach Warschau?", "de", "W Warszawie byli Jan i Ewa.", "pl", True),
        ("Wer kam nach Warschau?", "de", "W Krakowie byli Jan i Ewa.", "pl", False),
        ("Who came to Kim Bang?", "en", "Die Delegation kam nach Ninh Son.", "de", False),
        ("Was regelt 43-NQ/TW?", "de", "La Resolución 43-NQ/TW trata de la unidad.", "es", True),
        ("Was regelt 44-NQ/TW?", "de", "La Resolución 43-NQ/TW trata de la unidad.", "es", False),
    ],
)
def test_a_report_that_holds_the_questions_names_in_any_spelling_is_likelier(asked, language, text, written, share):
    report, stranger = article(text, language=written), article("Nic tu nie ma.", language="pl")
    words = text.split()[-1]
    named = features(reading(words, 3, report), question=Question(asked, language))["named"]
    nothing = features(reading("Nic", 3, stranger), question=Question(asked, language))["named"]
    assert (named > nothing) is share


def test_names_may_stand_in_the_title_or_be_the_reports_place():
    asked = Question("Quantos vieram a Lisboa?", "pt")
    plain = features(reading("12", 3, article("Vieram 12.", language="pt")), question=asked)["named"]
    for more in ({"title": "Feira de Lisboa"}, {"places": ("Lisboa",)}):
        report = article("Vieram 12.", language="pt", sha256=str(more), **more)
        assert features(reading("12", 3, report), question=asked)["named"] > plain


@pytest.mark.parametrize(
    ("asked", "held"), [("Wie viele 2019?", 0), ("Wie viele 2023?", 1), ("Wie viele 2021?", 1), ("2023 und 2019?", 0.5)]
)
def test_years_of_the_question_stand_in_the_report_or_are_its_own(asked, held):
    report = article("Im Jahr 2023 kamen 12 Leute.", language="de", published=date(2021, 1, 1))
    assert features(reading("12 Leute", 3, report), question=Question(asked, "de"))["years"] == held


def test_a_question_without_names_or_years_lacks_none():
    found = features(reading("12 Leute", 3, REPORT), question=Question("?", "de"))
    assert (found["named"], found["years"]) == (1, 1)


@pytest.mark.parametrize(("asked", "same"), [("de", 1), ("de-AT", 1), ("en", 0)])
def test_language_and_length_are_counted(asked, same):
    found = features(reading("12 Leute", 3, REPORT), question=Question("Wie viele?", asked))
    assert found["same"] == same
    assert found["length"] == pytest.approx(math.log(9) / 5)


def test_the_likeliest_comes_first_with_a_logistic_probability(monkeypatch):
    table = Table(
        -1.0, {"margin": 2.0, "first": 3.0}, best_bias=-4.0, best_weights={"margin": 4.0}, told=0.3, proven=0.9
    )
    monkeypatch.setattr(confidence, "calibration_table", lambda: table)
    ahead, behind = reading("12 Leute", 5, REPORT), reading("15 Leute", 10, REPORT, rank=1)
    best, other = weigh(PLAIN, [behind, ahead])
    assert (best.reading, other.reading) == (ahead, behind)
    assert best.probability == pytest.approx(1 / (1 + math.exp(2))), "by the weights for the likeliest"
    assert other.probability == pytest.approx(1 / (1 + math.exp(-1)))
    assert best.features["margin"] == 0.5
    assert weigh(PLAIN, []) == []


def test_odds_beyond_all_measure_are_still_a_probability(monkeypatch):
    monkeypatch.setattr(
        confidence, "calibration_table", lambda: Table(0.0, {"margin": 1e6}, 0.0, {"margin": 1e6}, 0.3, 0.9)
    )
    probabilities = [one.probability for one in weigh(PLAIN, [reading("12", m, REPORT) for m in (9, -9)])]
    assert 0 <= probabilities[1] < 1e-9 and 1 - 1e-9 < probabilities[0] <= 1


def test_the_shipped_table_weighs_features_that_there_are():
    table = calibration_table()
    for weights in (table.weights, table.best_weights):
        assert weights and set(weights) <= set(features(reading("12", 1, REPORT)))
    assert 0 < table.told < table.proven < 1
