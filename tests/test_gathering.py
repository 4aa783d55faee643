"""Lists of reports that speak of something, and of document numbers: `rag.gathering`, which asks no language model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fake_model import FakeLikeness
from fake_reports import article, seeds
from test_claiming import DE, PL, TR, ask, piece

import rag.gathering
from rag.claiming import Outcome
from rag.deciding import DECLINE
from rag.gathering import codes, listed
from rag.models import Evidence
from rag.passages import sentences
from rag.questions import topic

MS, TR_DAY, ES_DAY = piece("ms", "8/33"), piece("tr", "21 Aralık"), piece("es", "El 19 de enero")
CODES = [TR, piece("es", "43-NQ/TW"), piece("ms", "01-KL/TW"), PL, DE]
MODELS = FakeLikeness(("109 modeli", 0.5), ("29 Modellen", 0.6), otherwise=0.1)


@pytest.fixture(autouse=True)
def _thresholds_that_fitting_does_not_move(monkeypatch):
    monkeypatch.setattr(rag.gathering, "LISTED", 0.4)
    monkeypatch.setattr(rag.gathering, "BEHIND", 0.8)


def outcome(question: str, evidence: list[Evidence], near: FakeLikeness) -> Outcome:
    made = listed(ask(question), topic(ask(question)), iter(evidence), near)
    holds(made)
    return made


def holds(made: Outcome) -> None:
    assert 0.0 <= made.confidence <= 1.0
    for found in made.found:
        assert found.proofs and found.text and found.support == "supported"
        assert all(report.text[p.start : p.end] == p.text for report, p in found.proofs)


def told(made: Outcome) -> list[str]:
    return [found.text for found in made.found]


def languages(made: Outcome) -> list[list[str]]:
    return [[report.language for report, _ in found.proofs] for found in made.found]


# Reports


@pytest.mark.parametrize(
    "question",
    [
        "Which reports speak of models?",
        "Welche Berichte sprechen von Modellen?",
        "¿Qué informes hablan de modelos?",
        "Które raporty mówią o modelach?",
        "Hangi raporlar modellerden söz ediyor?",
        "Laporan manakah yang menyebut model?",
    ],
)
def test_reports_that_speak_of_it_are_listed_by_place_the_nearest_first(question):
    made = outcome(question, [PL, MS, DE], MODELS)
    assert told(made) == ["Ninh Son", "Kim Bang"]
    assert languages(made) == [["de"], ["pl"]]


def test_a_report_with_a_date_is_told_with_it_in_the_askers_words():
    near = FakeLikeness(otherwise=0.6)
    question = "Which reports speak of a conference?"
    assert told(outcome(question, [TR_DAY], near)) == ["Thai Binh (21 December 2023)"]
    assert told(outcome("Welche Berichte nennen eine Konferenz?", [ES_DAY], near)) == ["Ninh Binh (19. Januar 2024)"]
    nowhere = article("The council met.", published=date(2021, 3, 3))
    shown = Evidence(nowhere, tuple(sentences(nowhere)), 0, 0.9)
    assert told(outcome(question, [shown], near)) == ["The council met. (3 March 2021)"]


def test_each_report_is_listed_once_with_its_nearest_sentence():
    around, other = piece("pl", "109 modeli", around=2), piece("pl", "Życie materialne")
    for evidence in ([around, other], [other, around], [around, around]):
        made = outcome("Which reports speak of models?", evidence, MODELS)
        assert told(made) == ["Kim Bang"]
        assert "109 modeli" in made.found[0].proofs[0][1].text


def test_a_report_that_hardly_speaks_of_it_or_far_less_than_the_nearest_is_not_listed():
    def near(polish: float, german: float) -> list[str]:
        likeness = FakeLikeness(("109 modeli", polish), ("29 Modellen", german), otherwise=0.0)
        return told(outcome("Which reports speak of models?", [PL, DE], likeness))

    assert near(0.5, 0.41) == ["Kim Bang", "Ninh Son"]
    assert near(0.5, 0.39) == ["Kim Bang"]  # below what is listed
    assert near(0.9, 0.6) == ["Kim Bang"]  # far behind
    assert near(0.39, 0.3) == []


def test_how_sure_a_list_is_follows_the_nearest_on_the_scale_of_other_answers():
    sure = outcome("Which reports speak of models?", [PL, DE, MS], MODELS)
    assert sure.confidence == sure.found[0].likelihood > sure.found[1].likelihood >= DECLINE
    unsure = outcome("Which reports speak of models?", [PL], FakeLikeness(otherwise=0.3))
    assert unsure.found == () and 0.0 < unsure.confidence < DECLINE
    for extreme in (-1.0, 5.0):
        outcome("Which reports speak of models?", [PL], FakeLikeness(otherwise=extreme))
    assert outcome("Which reports speak of models?", [], MODELS).found == ()


def test_what_is_sought_is_compared_with_whole_sentences_and_with_their_clauses():
    near = FakeLikeness()
    outcome("Which reports speak of site clearance?", [PL], near)
    (compared,) = near.compared
    assert compared[:3] == ("en", ("site clearance",), "pl")
    whole, *clauses = compared[3]
    assert whole == PL.sentences[PL.best].text and len(clauses) > 1
    assert "".join(clauses) == whole
    # A sentence of one clause is compared once.
    near = FakeLikeness()
    outcome("Which reports speak of life?", [piece("pl", "Życie materialne")], near)
    assert len(near.compared[0][3]) == 1


def test_a_clause_that_is_near_lists_a_long_sentence_that_is_not():
    class OfClauses(FakeLikeness):
        def near(self, question, asked, texts, language):
            return [0.6 if "109 modeli" in text and text != PL.sentences[PL.best].text else 0.1 for text in texts]

    made = outcome("Which reports speak of models?", [PL, DE], OfClauses())
    assert told(made) == ["Kim Bang"] and made.found[0].proofs[0][1] == PL.sentences[PL.best]


@pytest.mark.parametrize(
    "question",
    [
        "How many models?",
        "Wie viele Modelle?",
        "¿Cuántos modelos?",
        "Kaç model?",
        "Ile modeli wdrożono?",
        "Berapakah model?",
    ],
)
def test_where_it_is_asked_how_many_they_are_counted_last(question):
    made = listed(ask(question), ask(question), [PL, MS, DE], MODELS)
    holds(made)
    assert told(made) == ["Ninh Son", "Kim Bang", "2"]
    assert languages(made)[-1] == ["de", "pl"]
    assert told(listed(ask(question), ask(question), [MS], MODELS)) == []


def test_a_list_is_as_long_as_there_are_reports():
    many = [replace(PL, article=replace(PL.article, id=f"copy-{n}")) for n in range(40)]
    assert len(outcome("Which reports speak of models?", many, MODELS).found) == 40


@pytest.mark.parametrize(
    "question",
    [
        "How many of the five reports mention 29 models?",
        "Wie viele Berichte erwähnen 29 Modelle?",
        "¿Cuántos informes mencionan 29 modelos?",
        "Ile artykułów wspomina o 29 modelach?",
        "Kaç haberde 29 model geçiyor?",
        "Berapa laporan menyebut 29 model?",
    ],
)
def test_a_figure_that_is_sought_need_be_less_near_and_leaves_other_reports_out(question, monkeypatch):
    monkeypatch.setattr(rag.gathering, "WITH_FIGURE", 0.3)
    near = FakeLikeness(("109 modeli", 0.6), ("29 Modellen", 0.35), otherwise=0.1)
    made = outcome(question, [PL, MS, DE], near)
    assert told(made) == ["Ninh Son", "1"]
    assert languages(made) == [["de"], ["de"]]
    far = FakeLikeness(("109 modeli", 0.6), ("29 Modellen", 0.25), otherwise=0.1)
    assert told(outcome(question, [PL, MS, DE], far)) == ["Kim Bang", "1"]


# Document numbers


def test_document_numbers_are_gathered_each_once():
    made = codes([*CODES, CODES[0]])
    holds(made)
    assert told(made) == ["08-DA/TU", "43-NQ/TW", "01-KL/TW", "05-CT/TW"]
    assert languages(made) == [["tr"], ["es"], ["ms"], ["ms"]]
    assert [found.words for found in made.found] == told(made) and made.confidence == 1.0


def test_other_figures_are_no_document_numbers():
    assert codes([PL, DE, MS]) == codes([]) == Outcome((), 0.0)
    everything = [Evidence(report, tuple(sentences(report)), 0, 0.9) for report in seeds()]
    assert sorted(told(codes(everything))) == ["01-KL/TW", "05-CT/TW", "08-DA/TU", "43-NQ/TW"]


def test_places_in_a_place_are_not_answered_by_itself():
    assert outcome("Welche Orte im Bezirk Ninh Son haben Modelle?", [DE], MODELS).found == ()
    assert outcome("Welche Berichte aus Ninh Son nennen Modelle?", [DE], MODELS).found


def test_as_many_places_are_told_as_the_question_says_there_are_or_none():
    near = FakeLikeness(("109 modeli", 0.5), ("29 Modellen", 0.3), otherwise=0.1)
    assert told(outcome("Which places speak of models?", [PL, DE, TR], near)) == ["Kim Bang"]
    assert told(outcome("Which two places speak of models?", [PL, DE, TR], near)) == ["Kim Bang", "Ninh Son"]
    assert told(outcome("Which two places speak of models?", [PL, TR], near)) == []


def test_districts_are_told_where_districts_are_asked_for():
    near = FakeLikeness(otherwise=0.6)
    assert told(outcome("Which two districts speak of models?", [TR_DAY, PL, DE], near)) == ["Kim Bang", "Ninh Son"]
