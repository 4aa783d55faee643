"""How likely a verified claim answers the question: one calibrated number, and the thresholds that decline or stop.

A logistic model over what reading and verification give; its weights were set beside a regularised fit to the drafts of
the tuning questions (`tests/benchmarks/calibrate.py`). The words a model copies tell much: where they answer, it is
sure of them before any grammar narrows its choice. This module knows nothing of how claims are made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rag.models import Support
from rag.reading import Draft

# From SURE on no further evidence is read; below DECLINE the reports are taken not to say it.
SURE = 0.64
DECLINE = 0.54


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the log-odds: `bias`, then one for each feature of a draft."""

    bias: float
    copying: float
    confidence: float
    answering: float
    nearness: float
    unit: float
    weak: float


WEIGHTS = Weights(bias=0.9, copying=1.5, confidence=0.8, answering=2.0, nearness=0.3, unit=8.0, weak=-0.4)
# How alike what is asked and what is told are, where the question counts nothing: without effect.
UNIT = 0.58
# More likeness than this beyond UNIT proves nothing more.
ENOUGH = 0.1
# A usual score of evidence.
NEAR = 1.0
# What a yes or no is taken to have copied with.
YES_OR_NO = 0.1


def likelihood(
    draft: Draft, support: Support, *, unit: float = UNIT, copies: bool = True, weights: Weights = WEIGHTS
) -> float:
    """Probability, 0 to 1, that the draft answers its question; 0 for one that is unsupported.

    `unit`: cosine of what the question counts and what the draft's figure counts. `copies`: whether the words copied
    are the answer; those beside a yes or no are not.
    """
    if support == "unsupported":
        return 0.0
    odds = (
        weights.bias
        + weights.copying * max(draft.copying if copies else YES_OR_NO, -4.0)
        + weights.confidence * max(draft.confidence, -4.0)
        + weights.answering * max(draft.answering, -4.0)
        + weights.nearness * (draft.nearness - NEAR)
        + weights.unit * min(unit - UNIT, ENOUGH)
        + weights.weak * (support == "weak")
    )
    return 1.0 / (1.0 + math.exp(-odds))
