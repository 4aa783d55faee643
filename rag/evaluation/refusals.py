"""Abstention metrics: whether the questions that the reports do not answer are those declined.

Unanswerable questions are those of SQuAD 2.0 (Rajpurkar et al. 2018); the curve over a threshold is that of selective
prediction (El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Targets: the lowest share of unanswerable questions declined, and the highest of answerable ones.
ENOUGH, TOO_MANY = 0.9, 0.1


@dataclass(frozen=True, slots=True)
class Decision:
    """One question: whether the reports answer it, whether it was declined, and its answer's confidence.

    `right` is whether the answer, shown or not, is right; None if unknown.
    """

    answerable: bool
    declined: bool
    confidence: float = 0.0
    right: bool | None = None


@dataclass(frozen=True, slots=True)
class Refusals:
    """Shares from 0 to 1, None over no questions."""

    precision: float | None
    recall: float | None
    f1: float | None
    false_refusals: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The effect of declining everything below `threshold`; `right` is the share of answerable ones got right."""

    threshold: float
    refusals: Refusals
    right: float | None


def refusals(decisions: Sequence[Decision]) -> Refusals:
    """Precision: share of declined ones that are unanswerable. Recall: share of unanswerable ones declined.

    False refusals: share of answerable ones declined. F1 is the harmonic mean of the first two.
    """
    answerable = sum(one.answerable for one in decisions)
    false = sum(one.answerable and one.declined for one in decisions)
    both = sum(one.declined for one in decisions) - false
    return _shares(false, both, answerable, len(decisions) - answerable)


def refusal_curve(decisions: Sequence[Decision]) -> list[CurvePoint]:
    """A point for each threshold at which something changes, from declining nothing to declining everything.

    A question counts as declined if its confidence is below the threshold, whatever the run decided. `right` counts
    right answers whose confidence is not below; if it is unknown whether a declined answer would have been right, the
    share is a lower bound below the threshold in use.
    """
    ordered = sorted(decisions, key=lambda one: one.confidence)
    answerable = sum(one.answerable for one in ordered)
    right = sum(one.answerable and bool(one.right) for one in ordered)
    thresholds = [0.0, *sorted({one.confidence for one in ordered if one.confidence > 0})]
    thresholds.append(min(1.0, thresholds[-1]) + 1e-6)
    points = []
    at = false = both = 0
    for threshold in thresholds:
        while at < len(ordered) and ordered[at].confidence < threshold:
            one = ordered[at]
            false, both = false + one.answerable, both + (not one.answerable)
            right -= one.answerable and bool(one.right)
            at += 1
        shares = _shares(false, both, answerable, len(ordered) - answerable)
        points.append(CurvePoint(threshold, shares, right / answerable if answerable else None))
    return points


def best_threshold(curve: Sequence[CurvePoint]) -> CurvePoint | None:
    """The best trade-off between unanswerable and answerable questions declined; None if one share is unknown.

    The largest difference of the two: Youden, Index for Rating Diagnostic Tests (1950). Among the points that decline
    at least nine of ten unanswerable and at most one of ten answerable, if there are any.
    """
    told = [
        (point, recall, false)
        for point in curve
        if (recall := point.refusals.recall) is not None and (false := point.refusals.false_refusals) is not None
    ]
    good = [one for one in told if one[1] >= ENOUGH and one[2] <= TOO_MANY]
    return max(good or told, key=lambda one: one[1] - one[2])[0] if told else None


def _shares(false: int, both: int, answerable: int, unanswerable: int) -> Refusals:
    """`false` answerable and `both` unanswerable ones were declined."""
    declined = false + both
    return Refusals(
        precision=both / declined if declined and unanswerable else None,
        recall=both / unanswerable if unanswerable else None,
        f1=2 * both / (declined + unanswerable) if unanswerable else None,
        false_refusals=false / answerable if answerable else None,
    )
