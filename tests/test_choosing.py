"""Which candidate is likeliest what is asked for: its place, the words around it, what it counts, the model's word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fake_model import AGREED, DOUBTED, FakeLikeness, FakeModel
from fake_reports import article, passage

import rag.choosing
from rag.choosing import (
    ASKED,
    ENOUGH,
    FOREIGN,
    POINTING,
    UNIT,
    WEIGHTS,
    Features,
    chance,
    chosen,
    features,
    unit_likeness,
)
from rag.models import Evidence
from rag.pointing import pointed
from rag.questions import Question

USUAL = Features(relative=1.0, pointing=POINTING, unit=UNIT)
KINDS = ("number", "code", "date", "person", "place")


def ask(text: str = "How many guests came?", kind: str = "number", language: str = "en", codes=()) -> Question:
    return Question(text, language, kind, (), (), (), codes)


def piece(text: str, score: float = 0.9, language: str = "de", **more) -> Evidence:
    report = article(text, id=text, language=language, **more)
    return Evidence(report, (passage(report, text),), 0, score)


def choices(*pieces: Evidence, asked: Question | None = None, likeness: FakeLikeness | None = None, agrees=AGREED):
    """The words of each choice with its chance, and the model that was asked."""
    question, near = asked or ask(), likeness or FakeLikeness()
    held = list(pointed(question, pieces, near))
    model = FakeModel([], agrees=agrees) if not isinstance(agrees, dict) else Opinionated(agrees)
    nearest = max(one.score for one in pieces)
    made = list(chosen(model, question, held, nearest, near))
    return [(one.one.excerpt[slice(*one.span)], one.chance) for one in made], model


class Opinionated(FakeModel):
    """Agrees as far as is told for the words it is asked about."""

    def __init__(self, held: dict[str, float]) -> None:
        super().__init__([])
        self._held = held

    def complete(self, messages, **more):
        said = messages[-1].content
        self._agrees = next(log_odds for words, log_odds in self._held.items() if f'Is "{words}"' in said)
        return super().complete(messages, **more)


GUESTS, WORKERS, YEARS = piece("Es kamen 40 Gäste."), piece("Es bauten 12 Arbeiter."), piece("Es stand 3 Jahre.")


def test_the_one_that_the_model_agrees_with_comes_first():
    made, model = choices(WORKERS, GUESTS, agrees={"12": DOUBTED, "40": 3.0})
    assert [words for words, _ in made] == ["40", "12"]
    assert made[0][1] > 0.5 > made[1][1]
    assert len(model.prompts) == 2 and all(prompt.weighs for prompt in model.prompts)


def test_the_model_is_asked_about_the_likeliest_first_and_no_more_once_one_is_plain():
    near = FakeLikeness(("Gäste", 0.9), otherwise=0.1)
    made, model = choices(WORKERS, GUESTS, YEARS, likeness=near, agrees={"40": 5.0, "12": 5.0, "3": 5.0})
    # All are told to a caller that wants them all, but each only when it is wanted.
    assert made[0][0] == "40" and "40" in model.prompts[0].user
    question = ask()
    held = list(pointed(question, (WORKERS, GUESTS, YEARS), near))
    model = Opinionated({"40": 5.0, "12": 5.0, "3": 5.0})
    assert next(chosen(model, question, held, 0.9, near)).chance >= rag.choosing.PLAIN
    assert len(model.prompts) == 1


def test_at_most_so_many_are_asked_about():
    many = [piece(f"Es kamen {number} Gäste.") for number in range(20, 40)]
    made, model = choices(*many, agrees=DOUBTED)
    assert len(made) == len(model.prompts) == ASKED


def test_evidence_that_is_farther_is_less_likely():
    made, _ = choices(piece("Es kamen 40 Gäste.", 1.2), piece("Es bauten 12 Arbeiter.", 0.9))
    assert made[0][0] == "40" and made[0][1] > made[1][1]


def test_what_holds_no_candidate_is_not_asked_about():
    made, model = choices(piece("Der Rat tagte."), asked=ask("Who met?", "person"))
    assert made == [] and model.prompts == []


def test_each_feature_makes_it_likelier():
    for name, low, high in (
        ("relative", 0.7, 1.0),
        ("pointing", 0.1, 0.6),
        ("unit", UNIT + FOREIGN, UNIT + ENOUGH),
        ("agrees", 0.0, 5.0),
        ("behind", -3.0, 0.0),
    ):
        made = [chance(replace(USUAL, **{name: value}), ask()) for value in (low, high)]
        assert 0 < made[0] < made[1] < 1, name
    # Beyond some likeness more proves nothing more, and below some less nothing less.
    for far, farther in ((UNIT + ENOUGH, 1.0), (UNIT + FOREIGN, -1.0)):
        assert chance(replace(USUAL, unit=far), ask()) == pytest.approx(chance(replace(USUAL, unit=farther), ask()))


def test_a_question_about_a_document_is_likelier_answered():
    for kind in KINDS:
        assert chance(USUAL, ask(kind=kind, codes=("43-NQ/TW",))) > chance(USUAL, ask(kind=kind))


def test_it_stays_a_probability_however_far_the_features():
    for far in (-1e6, 1e6):
        assert 0.0 < chance(replace(USUAL, agrees=far, behind=far), ask()) < 1.0
    assert chance(USUAL, ask(), replace(WEIGHTS, bias=0.0)) == pytest.approx(0.5)


# What a figure counts


def test_a_figure_of_what_is_asked_about_is_told_from_one_of_another_thing():
    near = FakeLikeness(alike=0.9)
    report = GUESTS.article
    assert unit_likeness(ask(), "40", report.text, report, near) == 0.9
    assert near.compared == [("en", ("guests", "came"), "de", ("Gäste",))]
    (single,) = pointed(ask(), [GUESTS], near)
    span = (single.spans or ())[0]
    assert features(ask(), single, span, 0.9, FakeLikeness(alike=0.9)).unit == 0.9


@pytest.mark.parametrize("kind", ["code", "person", "place", "date"])
def test_a_question_that_counts_nothing_compares_nothing(kind):
    near = FakeLikeness(alike=0.0)
    assert unit_likeness(ask(kind=kind), "40", GUESTS.article.text, GUESTS.article, near) == UNIT
    assert near.compared == []


def test_a_measure_that_is_asked_for_counts_as_the_best():
    report = article("Die Straße ist 12 Kilometer lang.", id="road", language="de")
    near = FakeLikeness(alike=0.0)
    assert unit_likeness(ask("How many kilometres long is it?"), "12", report.text, report, near) == UNIT + ENOUGH


def test_the_reports_own_day_counts_as_the_best_for_a_when():
    report = article("Am 19. Januar tagte der Rat.", id="day", language="de", published=date(2024, 1, 19))
    asked = ask("When did it meet?", "date")
    assert unit_likeness(asked, "19. Januar", report.text, report, FakeLikeness()) == UNIT + ENOUGH
