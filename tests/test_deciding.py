"""The one number that tells how likely a claim answers: its range and its directions, whatever the weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_reports import article, passage

from rag.deciding import DECLINE, SURE, UNIT, WEIGHTS, Weights, likelihood
from rag.reading import Draft

REPORT = article("Es gab 12 Stimmen.", language="de")
DRAFT = Draft("12 votes.", REPORT, (passage(REPORT, "Es gab 12 Stimmen."),), "12 Stimmen", -0.5, -0.5, -0.5, 0.8)
OWN = Weights(bias=0.5, copying=2.0, confidence=1.0, answering=1.0, nearness=1.0, unit=2.0, weak=-0.5)


@pytest.mark.parametrize("weights", [WEIGHTS, OWN])
def test_it_is_a_probability_and_zero_for_what_is_unsupported(weights):
    for far in (0.0, -0.1, -4.0, -1e4):
        draft = replace(DRAFT, copying=far, confidence=far, answering=far)
        for support in ("supported", "weak"):
            for unit in (-1.0, 0.0, UNIT, 1.0):
                assert 0.0 <= likelihood(draft, support, unit=unit, weights=weights) <= 1.0
        assert likelihood(draft, "unsupported", unit=1.0, weights=weights) == 0.0


@pytest.mark.parametrize("feature", ["copying", "confidence", "answering", "nearness"])
def test_more_of_a_feature_with_a_positive_weight_is_likelier(feature):
    made = [likelihood(replace(DRAFT, **{feature: value}), "supported", weights=OWN) for value in (-3.0, -1.0, -0.2)]
    assert made == sorted(made) and len(set(made)) == 3
    none = replace(OWN, **{feature: 0.0})
    assert len({likelihood(replace(DRAFT, **{feature: v}), "supported", weights=none) for v in (-3, 0)}) == 1


def test_a_figure_of_what_is_asked_about_counts_for_and_what_rules_could_not_check_against():
    plain = likelihood(DRAFT, "supported", weights=OWN)
    assert likelihood(DRAFT, "supported", unit=1.0, weights=OWN) > plain
    assert likelihood(DRAFT, "supported", unit=UNIT, weights=OWN) == plain
    assert likelihood(DRAFT, "supported", unit=0.0, weights=OWN) < plain
    assert likelihood(DRAFT, "weak", weights=OWN) < plain


def test_words_copied_beside_a_yes_or_no_say_nothing_of_it():
    made = {
        likelihood(replace(DRAFT, copying=copying), "supported", copies=False, weights=OWN) for copying in (-3.0, -0.1)
    }
    assert len(made) == 1


def test_with_all_weights_zero_it_is_a_toss():
    assert likelihood(DRAFT, "weak", unit=1.0, weights=Weights(0, 0, 0, 0, 0, 0, 0)) == 0.5


def test_the_same_draft_is_as_likely_again():
    assert likelihood(DRAFT, "weak", unit=1.0) == likelihood(replace(DRAFT), "weak", unit=1.0)


def test_words_that_a_model_copied_surely_are_likelier_with_the_fitted_weights():
    sure, torn = replace(DRAFT, copying=-0.01), replace(DRAFT, copying=-3.0)
    assert likelihood(sure, "supported", unit=1.0) > likelihood(torn, "supported", unit=1.0)


def test_thresholds_are_in_order():
    assert 0.0 < DECLINE < SURE <= 1.0
