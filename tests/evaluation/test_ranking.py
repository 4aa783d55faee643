"""Measures of a ranking, by hand-computed values."""

from math import log2

import pytest

from rag.evaluation.ranking import ndcg_at, recall_at, reciprocal_rank


def test_recall_counts_the_relevant_among_the_first():
    ranked = ["a", "b", "c", "d"]
    assert recall_at(1, ranked, ["a"]) == 1.0
    assert recall_at(1, ranked, ["b"]) == 0.0
    assert recall_at(3, ranked, ["a", "c", "x"]) == pytest.approx(2 / 3)
    assert recall_at(2, ranked, ["b", "x"], any_of=True) == 1.0
    assert recall_at(5, [], ["a"]) == 0.0


def test_reciprocal_rank_is_of_the_first_relevant():
    assert reciprocal_rank(["x", "a", "b"], ["b", "a"]) == 0.5
    assert reciprocal_rank(["x"], ["a"]) == 0.0


def test_ndcg_discounts_and_grades():
    assert ndcg_at(10, ["a", "b"], {"a": 1, "b": 1}) == pytest.approx(1.0)
    assert ndcg_at(10, ["x", "a"], {"a": 1}) == pytest.approx(1 / log2(3))
    graded = ndcg_at(10, ["low", "high"], {"high": 3, "low": 1})
    assert graded == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))
    assert ndcg_at(1, ["x", "a"], {"a": 1}) == 0.0
    assert ndcg_at(2, ["a"], {"a": 1, "b": 1, "c": 1}) == pytest.approx(1 / (1 + 1 / log2(3)))  # best of two places


def test_nothing_relevant_is_no_score():
    assert recall_at(1, ["a"], []) is reciprocal_rank(["a"], []) is ndcg_at(10, ["a"], {}) is None
    assert ndcg_at(10, ["a"], {"a": 0.0}) is None
