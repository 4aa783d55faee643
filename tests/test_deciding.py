"""The one number that tells how likely a claim answers: its range and its directions, whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import article, passage

import rag.deciding
from rag.deciding import (
    AGREES,
    DECLINE,
    ENOUGH,
    FOREIGN,
    OPEN_WEIGHTS,
    POINTED_WEIGHTS,
    POINTING,
    SURE,
    UNIT,
    Weights,
    likelihood,
)
from rag.questions import Question
from rag.reading import Draft

REPORT = article("Es gab 12 Stimmen.", language="de")
DRAFT = Draft("12 votes.", REPORT, (passage(REPORT, "Es gab 12 Stimmen."),), "12 Stimmen", -0.5, -0.5, -0.5, 0.8, 0.3)
OWN = Weights(
    bias=0.5,
    copying=2.0,
    confidence=1.0,
    answering=1.0,
    nearness=1.0,
    unit=2.0,
    weak=-0.5,
    pointing=1.0,
    matching=1.0,
    agrees=1.0,
    code=0.5,
    pinned=0.5,
)
KINDS = ["number", "code", "date", "person", "place", "yesno", "gather", "other"]


def ask(kind: str = "number", *codes: str) -> Question:
    return Question("How many votes were there?", "en", kind, (), (), (), codes)


ASKED = ask()


@pytest.fixture
def weigh(monkeypatch):
    """Sets both kinds of weights."""

    def with_weights(pointed: Weights, open_: Weights | None = None) -> None:
        monkeypatch.setattr(rag.deciding, "POINTED_WEIGHTS", pointed)
        monkeypatch.setattr(rag.deciding, "OPEN_WEIGHTS", open_ or pointed)

    return with_weights


@pytest.fixture
def own(weigh):
    weigh(OWN)


@pytest.mark.parametrize("weights", [(POINTED_WEIGHTS, OPEN_WEIGHTS), (OWN, OWN)])
def test_it_is_a_probability_and_zero_for_what_is_unsupported(weigh, weights):
    weigh(*weights)
    for kind in KINDS:
        for far in (0.0, -0.1, -4.0, -1e4):
            draft = replace(DRAFT, copying=far, confidence=far, answering=far)
            for support in ("supported", "weak"):
                for unit in (-1.0, 0.0, UNIT, 1.0):
                    assert 0.0 <= likelihood(draft, ask(kind, "43-NQ/TW"), support, unit=unit) <= 1.0
            assert likelihood(draft, ask(kind), "unsupported", unit=1.0) == 0.0


@pytest.mark.parametrize("feature", ["copying", "confidence", "answering", "nearness", "pointing", "matching"])
def test_more_of_a_feature_with_a_positive_weight_is_likelier(weigh, feature):
    weigh(OWN)
    made = [likelihood(replace(DRAFT, **{feature: value}), ASKED, "supported") for value in (-3.0, -1.0, -0.2)]
    assert made == sorted(made) and len(set(made)) == 3
    weigh(replace(OWN, **{feature: 0.0}))
    assert len({likelihood(replace(DRAFT, **{feature: value}), ASKED, "supported") for value in (-3, 0)}) == 1


@pytest.mark.usefixtures("own")
def test_a_figure_of_what_is_asked_about_counts_for_and_what_rules_could_not_check_against():
    plain = likelihood(DRAFT, ASKED, "supported")
    assert likelihood(DRAFT, ASKED, "supported", unit=1.0) > plain
    assert likelihood(DRAFT, ASKED, "supported", unit=UNIT) == plain
    assert likelihood(DRAFT, ASKED, "supported", unit=0.0) < plain
    assert likelihood(DRAFT, ASKED, "weak") < plain
    # Beyond some likeness more proves nothing more, and below some less nothing less.
    for far, farther in ((UNIT + ENOUGH, 1.0), (UNIT + FOREIGN, -1.0)):
        made = [likelihood(DRAFT, ASKED, "supported", unit=unit) for unit in (far, farther)]
        assert made[0] == pytest.approx(made[1])


@pytest.mark.usefixtures("own")
def test_the_models_agreement_makes_it_likelier():
    made = [likelihood(DRAFT, ASKED, "supported", agrees=agrees) for agrees in (0.0, AGREES, 4.0)]
    assert made == sorted(made) and made[0] < made[1] == likelihood(DRAFT, ASKED, "supported") < made[2]


@pytest.mark.usefixtures("own")
def test_where_nothing_was_pointed_at_pointing_says_nothing():
    unpointed, usual = replace(DRAFT, pointing=0.0), replace(DRAFT, pointing=POINTING)
    assert likelihood(unpointed, ASKED, "weak") == likelihood(usual, ASKED, "weak")


@pytest.mark.usefixtures("own")
def test_a_code_and_a_question_about_one_are_likelier():
    assert likelihood(DRAFT, ask("code"), "weak") > likelihood(DRAFT, ASKED, "weak")
    assert likelihood(DRAFT, ask("number", "43-NQ/TW"), "weak") > likelihood(DRAFT, ASKED, "weak")


def test_what_is_pointed_at_has_weights_of_its_own(weigh):
    weigh(OWN, replace(OWN, bias=-3.0))
    made = {kind: likelihood(DRAFT, ask(kind), "supported") for kind in KINDS}
    assert min(made[kind] for kind in KINDS[:5]) > max(made[kind] for kind in KINDS[5:])


def test_with_all_weights_zero_it_is_a_toss(weigh):
    weigh(Weights(0, 0, 0, 0, 0, 0, 0))
    assert likelihood(DRAFT, ASKED, "weak", unit=1.0) == 0.5


def test_the_same_draft_is_as_likely_again():
    assert likelihood(DRAFT, ASKED, "weak", unit=1.0) == likelihood(replace(DRAFT), ASKED, "weak", unit=1.0)


def test_what_tells_most_tells_it_with_the_fitted_weights():
    sure, torn = replace(DRAFT, copying=-0.01), replace(DRAFT, copying=-3.0)
    assert likelihood(sure, ask("other"), "supported") > likelihood(torn, ask("other"), "supported")
    for kind in KINDS[:5]:
        doubted, agreed = (likelihood(DRAFT, ask(kind), "supported", agrees=agrees) for agrees in (0.5, 4.0))
        assert doubted < DECLINE and agreed > 2 * doubted


def test_thresholds_are_in_order():
    assert 0.0 < DECLINE < SURE <= 1.0
