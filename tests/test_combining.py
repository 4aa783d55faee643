"""What several reports say together: lists, document numbers, comparisons, sums, each with its proofs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fake_model import UNSURE, FakeModel, alike, excerpts, tokens
from fake_reports import article
from test_claiming import DE, ES, PL, TR, ask, piece

import rag.combining
from rag.claiming import Outcome
from rag.combining import combined
from rag.errors import ModelError
from rag.models import Evidence
from rag.passages import sentences

MS = piece("ms", "8/33")
TR_DAY, ES_DAY = piece("tr", "21 Aralık"), piece("es", "El 19 de enero")
CODES = [TR, piece("es", "43-NQ/TW"), piece("ms", "01-KL/TW"), PL, DE]
FACTS = excerpts(
    ("109 modeli", "Kim Bang reported 109 models."),
    ("29 Modellen", "Ninh Son reported 29 models."),
    ("21 Aralık", "The conference was on 21 December 2023."),
    ("19 de enero", "The conference was on 19 January 2024."),
)


@pytest.fixture(autouse=True)
def _thresholds_that_fitting_does_not_move(monkeypatch):
    monkeypatch.setattr(rag.combining, "DECLINE", 0.3)
    monkeypatch.setattr(rag.combining, "LISTED", 0.3)


def outcome(question: str, evidence: list[Evidence], model: FakeModel | None = None, most: int = 4) -> Outcome:
    made = combined(model or FakeModel(FACTS), ask(question), evidence, most, alike)
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
    ],
)
def test_a_question_about_one_report_is_none_of_its_business(question):
    model = FakeModel(FACTS)
    assert combined(model, ask(question), [PL, DE], 4, alike) is None
    assert model.prompts == []


# Lists


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("Which reports speak of models?", ["Kim Bang", "Ninh Son"]),
        ("Welche Berichte sprechen von Modellen?", ["Kim Bang", "Ninh Son"]),
        ("Które raporty mówią o modelach?", ["Kim Bang", "Ninh Son"]),
        ("Hangi raporlar modellerden söz ediyor?", ["Kim Bang", "Ninh Son"]),
    ],
)
def test_reports_that_speak_of_it_are_listed_by_place(question, places):
    made = outcome(question, [PL, MS, DE])
    assert told(made) == places
    assert [found.support for found in made.found] == ["weak", "weak"]
    assert languages(made) == [["pl"], ["de"]]


def test_a_report_with_a_date_is_told_with_it_in_the_askers_words():
    question = "Which reports speak of a conference?"
    assert told(outcome(question, [TR_DAY])) == ["Thai Binh (21 December 2023)"]
    assert told(outcome("Welche Berichte nennen eine Konferenz?", [ES_DAY])) == ["Ninh Binh (19. Januar 2024)"]
    nowhere = article("The council met. It was long.", published=date(2021, 3, 3))
    shown = Evidence(
        nowhere, (replace(PL.sentences[0], article_id="report", start=0, end=16, text="The council met."),), 0, 1
    )
    model = FakeModel(['"council met" => The council met.'])
    assert told(outcome(question, [shown], model)) == [f"{nowhere.title} (3 March 2021)"]


def test_each_report_is_read_once_by_its_best_stretch_and_only_the_nearest_ones():
    more = [piece("pl", "Życie materialne"), piece("de", "Foto: L.Thi")]
    model = FakeModel(["NONE"])
    assert outcome("Which reports speak of schools?", [PL, *more, DE, ES], model) == Outcome((), 0.0)
    assert len(model.prompts) == 3
    many = [replace(PL, article=replace(PL.article, id=f"copy-{n}")) for n in range(20)]
    crowded = FakeModel(["NONE"])
    outcome("Which reports speak of schools?", many, crowded)
    assert len(crowded.prompts) == rag.combining.MOST_REPORTS


def test_a_report_that_hardly_speaks_of_it_is_not_listed():
    sure, torn = (
        tokens('"109 modeli" => Kim Bang.'),
        tokens('"29 Modellen" => Ninh Son.', logprob=UNSURE, decline=-0.001),
    )
    made = outcome("Which reports speak of models?", [PL, DE], FakeModel([sure, torn]))
    assert told(made) == ["Kim Bang"]
    assert made.confidence == made.found[0].likelihood


@pytest.mark.parametrize(
    "question",
    [
        "List all document numbers.",
        "Nenne alle Aktenzeichen der Dokumente.",
        "Wymień wszystkie numery dokumentów.",
        "Senaraikan semua nombor dokumen.",
    ],
)
def test_document_numbers_are_gathered_without_reading(question):
    model = FakeModel(["NONE"])
    made = outcome(question, [*CODES, CODES[0]], model)
    assert told(made) == ["08-DA/TU", "43-NQ/TW", "01-KL/TW", "05-CT/TW"]
    assert languages(made) == [["tr"], ["es"], ["ms"], ["ms"]]
    assert {found.support for found in made.found} == {"supported"} and model.prompts == []


def test_without_a_document_number_nothing_is_told():
    assert outcome("List all document numbers.", [PL, DE]) == Outcome((), 0.0)


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
    ],
)
def test_differences_and_sums_are_computed_from_cited_figures(question, shown, value):
    made = outcome(question, [PL, DE])
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


def test_a_place_without_an_answer_is_left_out_and_nothing_is_computed():
    only = FakeModel(excerpts(("109 modeli", "Kim Bang reported 109 models.")))
    made = outcome("How many models did Kim Bang and Ninh Son report together?", [PL, DE], only)
    assert len(made.found) == 1 and "109" in made.found[0].text
    assert not any("+" in text for text in told(made))


def test_no_report_is_read_for_a_place_that_it_does_not_speak_of():
    model = FakeModel(FACTS)
    outcome("How many models did Kim Bang and Ninh Son report?", [PL, DE], model)
    assert len(model.prompts) == 2
    assert "109 modeli" in model.prompts[0].excerpt and "29 Modellen" in model.prompts[1].excerpt


@pytest.mark.parametrize("question", ["Which reports speak of models?", "How many did Kim Bang and Ninh Son report?"])
def test_what_a_model_raises_goes_through(question):
    with pytest.raises(ModelError, match="gone"):
        combined(FakeModel([ModelError("gone; start it")]), ask(question), [PL, DE], 4, alike)
