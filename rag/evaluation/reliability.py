"""Calibration of a confidence: whether answers with confidence .8 are right four times in five.

Calibration error over ten bins of equal width: Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian
Binning (2015); Guo et al., On Calibration of Modern Neural Networks (2017). Knows pairs of confidence and outcome only.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rag.evaluation.uncertainty import Share

BINS = 10
# The share right that calling an answer proven promises.
PROVEN = 0.95

# A confidence, and whether the answer was right.
Told = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of similar confidence: its mean, and how many of them were right."""

    confidence: float
    right: Share


def bins(told: Sequence[Told], count: int = BINS) -> list[Bin]:
    """The non-empty bins, by rising confidence."""
    held: list[list[Told]] = [[] for _ in range(count)]
    for confidence, right in told:
        held[min(int(confidence * count), count - 1)].append((confidence, right))
    return [
        Bin(sum(confidence for confidence, _ in one) / len(one), Share.of([right for _, right in one]))
        for one in held
        if one
    ]


def calibration_error(told: Sequence[Told]) -> float | None:
    """Mean distance of confidence and share right over the bins, weighted by their size; None without data."""
    if not told:
        return None
    apart = (one.right.n * abs(one.confidence - one.right.count / one.right.n) for one in bins(told))
    return sum(apart) / len(told)


def discrimination(told: Sequence[Told]) -> float | None:
    """How often a right answer has higher confidence than a wrong one (area under the ROC curve); ties count half.

    None if all are right or all are wrong.
    """
    wrong = sorted(confidence for confidence, right in told if not right)
    right = [confidence for confidence, right in told if right]
    if not wrong or not right:
        return None
    beaten = sum((bisect_left(wrong, one) + bisect_right(wrong, one)) / 2 for one in right)
    return beaten / (len(wrong) * len(right))


def sure_from(told: Sequence[Told], share: float = PROVEN) -> tuple[float, Share] | None:
    """The lowest confidence from which at least `share` are right, and that share's counts; None without one."""
    found = None
    right = 0
    ordered = sorted(told, reverse=True)
    for at, (confidence, was) in enumerate(ordered, 1):
        right += was
        if (at == len(ordered) or ordered[at][0] < confidence) and right >= share * at:
            found = confidence, Share(right, at)
    return found
