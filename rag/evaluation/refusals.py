"""Measures of declining: whether the questions that the reports do not answer are those that were declined.

Unanswerable questions are those of SQuAD 2.0 (Rajpurkar et al. 2018); the curve over a threshold is that of selective
prediction (El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """One question: whether the reports answer it, whether it was declined, and how likely an answer was held to be.

    `right` is whether the answer, had it been shown, was right; None where that is not known.
    """

    answerable: bool
    declined: bool
    confidence: float = 0.0
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Refusals:
    """Shares, None where there is nothing to take one of."""

    precision: float | None
    recall: float | None
    f1: float | None
    false_refusals: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What declining everything below `threshold` would give; `right` is the share of answerable ones got right."""

    threshold: float
    refusals: Refusals
    right: float | None


def refusals(decisions: Sequence[Decision]) -> Refusals:
    """Precision: declined ones that are unanswerable. Recall: unanswerable ones that were declined.

    False refusals: answerable ones that were declined. F1 is the harmonic mean of the first two.
    """
    declined = [one for one in decisions if one.declined]
    unanswerable = [one for one in decisions if not one.answerable]
    answerable = [one for one in decisions if one.answerable]
    both = sum(not one.answerable for one in declined)
    precision = both / len(declined) if declined and unanswerable else None
    recall = both / len(unanswerable) if unanswerable else None
    f1 = 2 * both / (len(declined) + len(unanswerable)) if unanswerable else None
    false = sum(one.declined for one in answerable) / len(answerable) if answerable else None
    return Refusals(precision, recall, f1, false)


def refusal_curve(decisions: Sequence[Decision]) -> list[CurvePoint]:
    """A point for each threshold at which something changes, from declining nothing on to declining all.

    Each question is taken as declined where its confidence is below the threshold, whatever was decided then. `right`
    counts an answer that was shown and right and whose confidence is not below; what was declined has no answer to
    judge, so below the threshold in use the share is a lower bound.
    """
    thresholds = [0.0, *sorted({one.confidence for one in decisions if one.confidence > 0})]
    thresholds.append(min(1.0, thresholds[-1]) + 1e-6)
    points = []
    answerable = sum(one.answerable for one in decisions)
    for threshold in thresholds:
        moved = [Decision(one.answerable, one.confidence < threshold, one.confidence, one.right) for one in decisions]
        right = sum(bool(one.right) and not one.declined for one in moved if one.answerable)
        points.append(CurvePoint(threshold, refusals(moved), right / answerable if answerable else None))
    return points
