"""Paired differences and their intervals, percentiles, agreement."""

import pytest

from rag.evaluation.uncertainty import Share, kappa, mean, paired_difference, percentile, sign_test


def test_a_difference_is_over_pairs_where_both_have_a_score():
    found = paired_difference([0.0, 1.0, None, 0.0], [1.0, 1.0, 1.0, None])
    assert (found.n, found.base, found.other, found.mean) == (2, 0.5, 1.0, 0.5)
    assert paired_difference([None, 1.0], [1.0, None]) is None
    assert paired_difference([], []) is None


def test_an_interval_holds_the_difference_and_is_the_same_each_time():
    base = [0.0, 1.0] * 20
    other = [1.0] * 30 + [0.0, 1.0] * 5
    found = paired_difference(base, other)
    assert found.low < found.mean < found.high
    assert found.clear and found.low > 0
    assert found == paired_difference(base, other)
    back = paired_difference(other, base)
    assert back.clear and back.high < 0
    assert back.mean == -found.mean


def test_pairs_that_differ_less_than_they_scatter_are_not_clear():
    assert not paired_difference([0, 1] * 10, [1, 0] * 10).clear


def test_the_pairing_matters():
    """Two runs with the same scores on the same questions differ by exactly nothing, however the scores scatter."""
    same = paired_difference([0.0, 1.0] * 10, [0.0, 1.0] * 10)
    assert (same.mean, same.low, same.high, same.clear) == (0.0, 0.0, 0.0, False)


def test_one_pair_has_no_interval():
    found = paired_difference([0.0], [1.0])
    assert (found.mean, found.low, found.high, found.clear) == (1.0, None, None, False)


def test_percentiles_are_interpolated():
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert percentile([5.0], 0.95) == 5.0
    assert percentile([], 0.5) is None


def test_a_mean_leaves_out_what_has_no_score():
    assert mean([1.0, None, 0.0]) == 0.5
    assert mean([None]) is mean([]) is None


def test_kappa_is_agreement_beyond_chance():
    # Cohen 1960 by hand: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .7, by chance .5
    one = [True] * 25 + [False] * 25
    other = [True] * 20 + [False] * 5 + [True] * 10 + [False] * 15
    assert kappa(one, other) == pytest.approx(0.4)
    assert kappa([True, False], [True, False]) == 1.0
    assert kappa([True, False], [False, True]) == -1.0
    assert kappa([True, True], [True, True]) is None
    assert kappa([], []) is None


def test_a_share_has_wilsons_interval():
    low, high = Share(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)  # as Wilson's formula is tabulated
    assert Share.of([True, False, True]) == Share(2, 3)
    assert Share(0, 10).interval[0] == 0.0 and Share(10, 10).interval[1] == pytest.approx(1.0)
    assert Share(0, 0).value is Share(0, 0).interval is None


def test_the_sign_test_counts_the_pairs_that_differ():
    assert sign_test(5, 0) == 1 / 32 and sign_test(0, 5) == 1.0 and sign_test(0, 0) == 1.0
    assert sign_test(10, 3) == pytest.approx(378 / 8192)  # 286 + 78 + 13 + 1 of all ways
