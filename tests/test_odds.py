"""Chances and log-odds are each other's inverse, and nothing is ever certain."""

from __future__ import annotations

import pytest

from rag.odds import MOST, to_chance, to_odds


@pytest.mark.parametrize("chance", [0.001, 0.25, 0.5, 0.9, 0.999])
def test_each_undoes_the_other(chance):
    assert to_chance(to_odds(chance)) == pytest.approx(chance)


def test_even_odds_are_a_toss_and_more_are_likelier():
    assert to_chance(0.0) == 0.5
    assert to_chance(-1.0) < to_chance(0.0) < to_chance(1.0)
    assert to_chance(1.0) + to_chance(-1.0) == pytest.approx(1.0)


@pytest.mark.parametrize("odds", [-1e9, -MOST, MOST, 1e9])
def test_nothing_is_certain(odds):
    assert 0.0 < to_chance(odds) < 1.0 and to_odds(to_chance(odds)) == pytest.approx(max(-MOST, min(odds, MOST)))
