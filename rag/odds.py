"""Chances as log-odds and back: what the calibrated models of this package add up."""

from __future__ import annotations

import math

# Log-odds beyond this are cut: a chance is never 0 or 1.
MOST = 20.0


def to_chance(odds: float) -> float:
    """The probability, above 0 and below 1, of natural log-odds (the logistic curve)."""
    return 1.0 / (1.0 + math.exp(-max(-MOST, min(odds, MOST))))


def to_odds(chance: float) -> float:
    """The natural log-odds of a probability above 0 and below 1."""
    return math.log(chance / (1.0 - chance))
