"""A which-place told by the own place of the nearest report, where that is sure, in all languages."""

from __future__ import annotations

import pytest
from fake_reports import article, passage

from rag.deciding import DECLINE
from rag.models import Evidence
from rag.placing import placed, telling
from rag.questions import Question

TEXTS = {
    "de": "Dort wurden 29 Modelle angemeldet.",
    "pl": "Powielono 109 modeli.",
    "es": "Se registraron nueve tareas.",
    "tr": "Kırk yoldaş ödüllendirildi.",
    "ms": "Lapan tugas telah siap.",
}


def ask(text: str = "Which district has them?", names: tuple[str, ...] = ()) -> Question:
    return Question(text, "en", "place", names, (), (), ())


def piece(language: str, score: float, places: tuple[str, ...] = ("Ninh Sơn",), text: str = "") -> Evidence:
    text = text or TEXTS[language]
    report = article(text, id=language, language=language, places=places)
    return Evidence(report, (passage(report, text),), 0, score)


@pytest.mark.parametrize("language", TEXTS)
def test_the_report_that_is_well_ahead_gives_its_place_with_the_sentence(language):
    other = piece("de" if language != "de" else "pl", 0.7, ("Kim Bảng",))
    outcome = placed(ask(), [other, piece(language, 1.0)])
    assert outcome and outcome.confidence >= DECLINE
    (found,) = outcome.found
    assert found.text == "Ninh Sơn"
    assert [(report.id, quote.text) for report, quote in found.proofs] == [(language, TEXTS[language])]


def test_a_report_as_near_leaves_it_open():
    assert placed(ask(), [piece("de", 0.9), piece("pl", 0.88, ("Kim Bảng",))]) is None


def test_the_farther_the_surer():
    near, far = (placed(ask(), [piece("de", 1.0), piece("pl", score, ("Kim Bảng",))]) for score in (0.9, 0.5))
    assert near and far and near.confidence < far.confidence


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        (ask(names=("ninh son",)), [piece("de", 1.0)]),
        (ask("Which commune of Ninh Son has them?"), [piece("de", 1.0)]),
        (ask(), [piece("de", 1.0, ())]),
        (ask(), [piece("de", 1.0, text="Modelle gab es in Hoang Tay.")]),
        (ask(), []),
    ],
)
def test_what_names_a_place_is_read(question, pieces):
    assert placed(question, pieces) is None


def test_something_far_from_every_report_is_no_reports_place():
    assert placed(ask(), [piece("de", 0.3), piece("pl", 0.2)]) is None


def test_another_report_of_the_same_place_leaves_nothing_open():
    assert placed(ask(), [piece("de", 0.9), piece("pl", 0.88), piece("es", 0.6, ("Kim Bảng",))])


@pytest.mark.parametrize(
    ("question", "language", "told"),
    [
        ("Which district copied 109 models?", "en", ["pl"]),
        ("In welchem Bezirk wurden 29 Modelle angemeldet?", "de", ["de"]),
        ("¿Qué provincia premió a 40 camaradas?", "es", ["tr"]),
        ("Hangi ilçede 57 model var?", "tr", []),
        ("Wilayah manakah yang menyiapkan 8 tugas pada 5 Julai 2024?", "ms", ["ms"]),
        ("Który dystrykt powielił modele z dokumentu 43-NQ/TW?", "pl", ["de", "pl", "tr", "ms"]),
        ("There are plans to praise one district. Which one?", "en", ["de", "pl", "tr", "ms"]),
    ],
)
def test_a_figure_of_the_question_stands_where_it_is_told(question, language, told):
    asked = Question(question, language, "place", (), (), (2024,), ())
    assert [one.article.id for one in telling(asked, [piece(tag, 0.9) for tag in ("de", "pl", "tr", "ms")])] == told
