"""The one number that tells how likely a claim answers: its range and its directions, whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import article, passage

import rag.deciding
from rag.deciding import DECLINE, OPEN_WEIGHTS, POINTED_WEIGHTS, SURE, Weights, likelihood
from rag.questions import Question
from rag.reading import Draft

REPORT = article("Es gab 12 Stimmen.", language="de")
DRAFT = Draft("12 votes.", REPORT, (passage(REPORT, "Es gab 12 Stimmen."),), "12 Stimmen", -0.5, -0.5, -0.5, 0.8, 0.5)
OWN = Weights(bias=0.5, copying=2.0, confidence=1.0, answering=1.0, nearness=1.0, weak=-0.5, choice=1.0)
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
                for chance in (1e-9, 0.5, 1 - 1e-9):
                    assert 0.0 <= likelihood(replace(draft, chance=chance), ask(kind), support) <= 1.0
            assert likelihood(draft, ask(kind), "unsupported") == 0.0


@pytest.mark.parametrize("feature", ["copying", "confidence", "answering", "nearness"])
def test_more_of_a_feature_with_a_positive_weight_is_likelier(weigh, feature):
    weigh(OWN)
    made = [likelihood(replace(DRAFT, **{feature: value}), ASKED, "supported") for value in (-3.0, -1.0, -0.2)]
    assert made == sorted(made) and len(set(made)) == 3
    weigh(replace(OWN, **{feature: 0.0}))
    assert len({likelihood(replace(DRAFT, **{feature: value}), ASKED, "supported") for value in (-3, 0)}) == 1


@pytest.mark.usefixtures("own")
def test_a_likelier_choice_is_likelier_and_what_rules_could_not_check_less():
    made = [likelihood(replace(DRAFT, chance=chance), ASKED, "supported") for chance in (0.1, 0.5, 0.9)]
    assert made == sorted(made) and len(set(made)) == 3
    assert likelihood(DRAFT, ASKED, "weak") < likelihood(DRAFT, ASKED, "supported")


def test_what_is_pointed_at_has_weights_of_its_own(weigh):
    weigh(OWN, replace(OWN, bias=-3.0))
    made = {kind: likelihood(DRAFT, ask(kind), "supported") for kind in KINDS}
    assert min(made[kind] for kind in KINDS[:5]) > max(made[kind] for kind in KINDS[5:])


def test_with_all_weights_zero_it_is_a_toss(weigh):
    weigh(Weights(0, 0, 0, 0, 0, 0, 0))
    assert likelihood(DRAFT, ASKED, "weak") == 0.5


def test_what_tells_most_tells_it_with_the_fitted_weights():
    sure, torn = replace(DRAFT, copying=-0.01), replace(DRAFT, copying=-3.0)
    assert likelihood(sure, ask("other"), "supported") > likelihood(torn, ask("other"), "supported")
    for kind in KINDS[:5]:
        doubted, plain = (likelihood(replace(DRAFT, chance=chance), ask(kind), "supported") for chance in (0.1, 0.9))
        assert doubted < DECLINE < plain


def test_thresholds_are_in_order():
    assert 0.0 < DECLINE < SURE <= 1.0
