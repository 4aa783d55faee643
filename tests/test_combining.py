"""What several reports say together: comparisons and sums, each with its proofs."""

from __future__ import annotations

import pytest
from fake_model import FakeLikeness, FakeModel, excerpts
from fake_reports import article
from test_claiming import DE, ES, PL, ask, piece

import rag.combining
from rag.claiming import Outcome
from rag.combining import combined
from rag.errors import ModelError
from rag.models import Evidence
from rag.passages import sentences

TR_DAY, ES_DAY = piece("tr", "21 Aralık"), piece("es", "El 19 de enero")
BOTH = "How many models did Kim Bang and Ninh Son report?"
FACTS = excerpts(
    ("109 modeli", "Kim Bang reported 109 models."),
    ("29 Modellen", "Ninh Son reported 29 models."),
    ("21 Aralık", "The conference was on 21 December 2023."),
    ("19 de enero", "The conference was on 19 January 2024."),
)


@pytest.fixture(autouse=True)
def _thresholds_that_fitting_does_not_move(monkeypatch):
    monkeypatch.setattr(rag.combining, "DECLINE", 0.4)
    monkeypatch.setattr(rag.combining, "LEAST", 0.3)


def outcome(question: str, evidence: list[Evidence], model: FakeModel | None = None, most: int = 4) -> Outcome:
    made = combined(model or FakeModel(FACTS), ask(question), evidence, most, FakeLikeness())
    assert made is not None
    assert 0.0 <= made.confidence <= 1.0
    for found in made.found:
        assert found.proofs and found.text
        assert all(report.text[p.start : p.end] == p.text for report, p in found.proofs)
    return made


def told(made: Outcome) -> list[str]:
    return [found.text for found in made.found]


def languages(made: Outcome) -> list[list[str]]:
    return [[report.language for report, _ in found.proofs] for found in made.found]


@pytest.mark.parametrize(
    "question",
    [
        "How many models did Kim Bang report?",
        "Who chaired the conference in Ninh Binh?",
        "What was decided?",
        "Kim Bang kaç model bildirdi?",
        "Which reports speak of models?",
        "List all document numbers.",
    ],
)
def test_a_question_about_one_report_or_for_a_list_is_none_of_its_business(question):
    model = FakeModel(FACTS)
    assert combined(model, ask(question), [PL, DE], 4, FakeLikeness()) is None
    assert model.prompts == []


# Several places


@pytest.mark.parametrize(
    "question",
    [
        "How many models did Kim Bang and Ninh Son report?",
        "Wie viele Modelle meldeten Kim Bang und Ninh Son?",
        "¿Cuántos modelos comunicaron Kim Bang y Ninh Son?",
        "Ile modeli zgłosiły Kim Bang i Ninh Son?",
    ],
)
def test_each_place_gets_its_own_figure_from_its_own_report(question):
    made = outcome(question, [DE, PL, ES])
    first, second = made.found[:2]
    assert "Kim Bang" in first.text and "109" in first.text
    assert "Ninh Son" in second.text and "29" in second.text
    assert languages(made)[:2] == [["pl"], ["de"]]


@pytest.mark.parametrize(
    ("question", "shown", "value"),
    [
        ("How many more models did Kim Bang report than Ninh Son?", "109 − 29", "80"),
        ("How many more models did Ninh Son report than Kim Bang?", "109 − 29", "80"),
        ("Wie viele Modelle mehr als Ninh Son meldete Kim Bang?", "109 − 29", "80"),
        ("How many models did Kim Bang and Ninh Son report together?", "109 + 29", "138"),
        ("Wie viele Modelle meldeten Kim Bang und Ninh Son zusammen?", "109 + 29", "138"),
        ("Ile modeli zgłosiły razem Kim Bang i Ninh Son?", "109 + 29", "138"),
        ("¿Cuántos modelos suman Kim Bang y Ninh Son?", "109 + 29", "138"),
        ("Kim Bang ile Ninh Son'un modelleri toplandığında kaç ediyor?", "109 + 29", "138"),
        ("Berapakah model Ninh Son dan Kim Bang jika dijumlahkan?", "109 + 29", "138"),
    ],
)
def test_differences_and_sums_are_computed_from_cited_figures(question, shown, value):
    model = FakeModel(FACTS)
    made = outcome(question, [PL, DE], model)
    asked = [prompt.question for prompt in model.prompts if not prompt.weighs]
    assert all(("Kim Bang" in text) != ("Ninh Son" in text) for text in asked)  # of each place alone
    computed = made.found[-1]
    assert value in computed.text and set(shown.split(" ")) <= set(computed.text.split(" "))
    assert sorted(report.language for report, _ in computed.proofs) == ["de", "pl"]
    assert len(made.found) == 3 and computed.support == "supported"


def test_an_article_beside_a_figure_is_not_reckoned_with():
    def report(place: str, text: str, language: str) -> Evidence:
        made = article(f"{place}. {text}", id=place, language=language, places=(place,))
        return Evidence(made, tuple(sentences(made)), len(sentences(made)) - 1, 0.9)

    evidence = [
        report("Kim Bang", "Registró un 40 modelos, y luego el resto.", "es"),
        report("Ninh Son", "Es meldete 30 Modelle an.", "de"),
    ]
    for copied in ("un 40 modelos", "40 modelos"):
        rule = excerpts((copied, "There were 40 models."), ("30 Modelle", "There were 30 models."))
        made = outcome("How many models did Kim Bang and Ninh Son report together?", evidence, FakeModel(rule))
        assert made.found[-1].text == "40 + 30 = 70"


def test_a_difference_says_no_figure_of_the_models_own():
    wrong = excerpts(("109 modeli", "80 more: 500."), ("29 Modellen", "There were 420."))
    made = outcome("How many more models did Kim Bang report than Ninh Son?", [PL, DE], FakeModel(wrong))
    assert not any(figure in text for figure in ("500", "420") for text in told(made))
    assert "80" in made.found[-1].text


def test_of_two_days_each_is_told_with_its_place():
    made = outcome("Which conference was held earlier, that of Ninh Binh or that of Thai Binh?", [ES_DAY, TR_DAY])
    assert ["Ninh Binh" in made.found[0].text, "Thai Binh" in made.found[1].text] == [True, True]
    assert "19 January" in made.found[0].text and "21 December 2023" in made.found[1].text


ONLY_ONE = excerpts(("109 modeli", "Kim Bang reported 109 models."))


def test_a_place_without_an_answer_is_left_out():
    made = outcome(BOTH, [PL, DE], FakeModel(ONLY_ONE))
    assert len(made.found) == 1 and "109" in made.found[0].text
    neither = combined(FakeModel(["NONE"]), ask(BOTH), [PL, DE], 4, FakeLikeness())
    assert neither is None


@pytest.mark.parametrize(
    "question",
    [
        "How many models did Kim Bang and Ninh Son report together?",
        "Wie viele Modelle meldeten Kim Bang und Ninh Son insgesamt?",
        "Ile modeli zgłosiły łącznie Kim Bang i Ninh Son?",
        "How many more models did Kim Bang report than Ninh Son?",
    ],
)
def test_of_one_figure_alone_nothing_is_computed_and_nothing_told(question):
    assert outcome(question, [PL, DE], FakeModel(ONLY_ONE)) == Outcome((), 0.0)


def test_a_figure_of_each_place_need_be_less_likely_than_one_alone(monkeypatch):
    made = outcome(BOTH, [PL, DE])
    likelihoods = [found.likelihood for found in made.found]
    # On the scale of the other answers, whose least is DECLINE.
    assert made.confidence == pytest.approx(min(1.0, min(likelihoods) + 0.4 - 0.3))
    monkeypatch.setattr(rag.combining, "LEAST", 1.1)
    assert combined(FakeModel(FACTS), ask(BOTH), [PL, DE], 4, FakeLikeness()) is None


def test_no_report_is_read_for_a_place_that_it_does_not_speak_of():
    model = FakeModel(FACTS)
    outcome(BOTH, [PL, DE], model)
    assert len(model.read) == 2
    assert "109 modeli" in model.read[0].excerpt and "29 Modellen" in model.read[1].excerpt


def test_what_a_model_raises_goes_through():
    question = "How many did Kim Bang and Ninh Son report?"
    with pytest.raises(ModelError, match="gone"):
        combined(FakeModel([ModelError("gone; start it")]), ask(question), [PL, DE], 4, FakeLikeness())
