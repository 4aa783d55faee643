"""Yes or no by a small model's one word about each stretch: `rag.affirming` and what it asks of `rag.probing`."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from fake_model import FakeModel
from test_claiming import DE, ES, PL, TR, ask

import rag.affirming
from rag.affirming import affirmed
from rag.deciding import DECLINE
from rag.llm import Completion, Token

ASKED = {
    "en": ("Did Kim Bang report models?", "Yes.", "No."),
    "de": ("Hat Kim Bang Modelle gemeldet?", "Ja.", "Nein."),
    "es": ("¿Comunicó Kim Bang modelos?", "Sí.", "No."),
    "tr": ("Kim Bang model bildirdi mi?", "Evet.", "Hayır."),
    "pl": ("Czy Kim Bang zgłosił modele?", "Tak.", "Nie."),
    "ms": ("Adakah Kim Bang melaporkan model?", "Ya.", "Tidak."),
}
QUESTION = ASKED["en"][0]


@pytest.fixture(autouse=True)
def _weights_that_fitting_does_not_move(monkeypatch):
    monkeypatch.setattr(rag.affirming, "YES", (-2.0, 1.0, 0.0, 1.0))
    monkeypatch.setattr(rag.affirming, "NO", (-1.0, -1.0, 2.0, 0.0))


def said(yes: float, no: float, unknown: float) -> Completion:
    """The first word's three log-probabilities, the likeliest said."""
    top = sorted((("Yes", yes), ("No", no), ("Unknown", unknown)), key=lambda one: -one[1])
    return Completion(top[0][0], (Token(*top[0], tuple(top)),))


SURELY, HARDLY, SURELY_NOT = said(-0.05, -4.0, -4.0), said(-0.9, -1.1, -1.2), said(-1.9, -0.4, -1.9)


@pytest.mark.parametrize("language", ASKED)
def test_yes_and_no_are_told_in_the_language_with_the_sentence(language):
    question, yes, no = ASKED[language]
    for reply, word in ((SURELY, yes), (SURELY_NOT, no)):
        outcome = affirmed(FakeModel([reply]), ask(question), [PL], 3)
        (found,) = outcome.found
        assert found.text == word and found.support == "weak" and found.likelihood >= DECLINE
        assert found.proofs == ((PL.article, PL.sentences[PL.best]),)
        assert outcome.confidence == found.likelihood


def test_a_report_that_does_not_name_the_person_says_no_yes_of_him():
    asked = replace(ask(QUESTION), person="do viet anh")
    assert affirmed(FakeModel([SURELY]), asked, [PL], 3).found == ()
    (found,) = affirmed(FakeModel([SURELY_NOT]), asked, [PL], 3).found
    assert found.text == "No."
    (found,) = affirmed(FakeModel([SURELY]), asked, [PL, ES], 3).found
    assert (found.text, found.proofs[0][0].language) == ("Yes.", "es")


def test_what_is_neither_is_declined():
    for reply in (HARDLY, said(-1.2, -1.0, -1.1), said(-2.5, -2.0, -0.2)):
        outcome = affirmed(FakeModel([reply]), ask(QUESTION), [PL, DE], 3)
        assert outcome.found == () and 0.0 < outcome.confidence < DECLINE
    assert affirmed(FakeModel([SURELY]), ask(QUESTION), [], 3).confidence == 0.0


def test_all_stretches_are_asked_about_and_the_surest_of_the_word_is_cited():
    model = FakeModel([said(-1.2, -1.0, -1.3), SURELY_NOT, HARDLY])
    (found,) = affirmed(model, ask(QUESTION), [PL, DE, TR], 3).found
    assert (found.text, found.proofs[0][0]) == ("No.", DE.article) and len(model.prompts) == 3


def test_at_most_so_many_are_asked_about_and_none_that_is_far():
    model = FakeModel([HARDLY])
    affirmed(model, ask(QUESTION), [PL] * 5, 3)
    assert len(model.prompts) == 3
    far = type(PL)(DE.article, DE.sentences, DE.best, 0.3)
    model = FakeModel([HARDLY])
    affirmed(model, ask(QUESTION), [PL, far], 3)
    assert len(model.prompts) == 1


def test_the_model_sees_place_day_excerpt_and_question():
    model = FakeModel([HARDLY])
    affirmed(model, ask(QUESTION), [TR], 3)
    shown = model.prompts[0].user
    assert shown.startswith("Report (Thai Binh; 2023-12-21):\n") and "08-DA/TU" in shown and QUESTION in shown
    assert "\n\n\n" not in shown and shown.endswith("Yes, No or Unknown.")


def test_a_model_without_probabilities_is_taken_at_its_word():
    for word, told in (("Yes.", ["Yes."]), ("no", ["No."]), ("Unknown", []), ("Perhaps", [])):
        outcome = affirmed(FakeModel([Completion(word, ())]), ask(QUESTION), [PL], 3)
        assert [found.text for found in outcome.found] == told
        assert math.isfinite(outcome.confidence)
