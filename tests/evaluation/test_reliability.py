"""Confidence held against what came out."""

import pytest

from rag.evaluation.reliability import bins, calibration_error, discrimination, sure_from
from rag.evaluation.uncertainty import Share

SURE = [(0.95, True)] * 19 + [(0.95, False)]
UNSURE = [(0.15, True)] * 3 + [(0.15, False)] * 1


def test_bins_hold_what_was_about_as_sure():
    made = bins([(0.0, False), (0.04, True), (0.55, True), (1.0, True)])
    assert [(one.confidence, one.right) for one in made] == [
        (0.02, Share(1, 2)),
        (0.55, Share(1, 1)),
        (1.0, Share(1, 1)),
    ]


def test_the_error_is_the_distance_weighed_by_how_many():
    assert calibration_error(SURE) == pytest.approx(0.0)
    assert calibration_error(UNSURE) == pytest.approx(0.6)
    assert calibration_error(SURE + UNSURE) == pytest.approx(0.6 * 4 / 24)
    assert calibration_error([]) is None


def test_discrimination_is_the_order_of_right_and_wrong():
    assert discrimination([(0.2, False), (0.9, True), (0.8, True)]) == 1.0
    assert discrimination([(0.2, True), (0.9, False)]) == 0.0
    assert discrimination([(0.5, True), (0.5, False)]) == 0.5
    assert discrimination([(0.5, True)]) is None


def test_sure_from_the_lowest_confidence_that_keeps_the_share():
    made = [(0.99, True)] * 30 + [(0.9, True)] * 9 + [(0.9, False)] + [(0.5, False)] * 3
    assert sure_from(made) == (0.9, Share(39, 40))
    assert sure_from(made, 0.99) == (0.99, Share(30, 30))
    assert sure_from([(0.5, False), (0.5, True)]) is None  # those of one confidence stand or fall together
