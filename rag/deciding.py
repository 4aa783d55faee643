"""How likely a verified claim answers the question: one calibrated number, and the thresholds that decline or stop.

A logistic model over what reading and verification give, with weights of its own for figures, codes, dates and persons,
which are pointed at in the text, and for all other answers. The weights were set beside regularised fits to the drafts
of the tuning questions (`tests/benchmarks/calibrate.py`) and shifted to one scale. The words a model copies tell much:
where they answer, it is sure of them before any grammar narrows its choice. This module knows nothing of how claims are
made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rag.models import Support
from rag.pointing import TYPED
from rag.questions import Question
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
    pointing: float = 0.0
    code: float = 0.0
    pinned: float = 0.0


OPEN_WEIGHTS = Weights(bias=0.9, copying=1.5, confidence=0.8, answering=2.0, nearness=0.3, unit=0.0, weak=-0.4)
POINTED_WEIGHTS = Weights(
    bias=0.57,
    copying=1.0,
    confidence=1.2,
    answering=2.7,
    nearness=2.0,
    unit=4.0,
    weak=-1.0,
    pointing=2.5,
    code=1.6,
    pinned=0.9,
)
# How alike what is asked and what is told are, where the question counts nothing: without effect.
UNIT = 0.58
# Likeness beyond UNIT proves nothing more from here on, and as far below it nothing less.
ENOUGH, FOREIGN = 0.1, -0.16
# Usual values of evidence's score and of a candidate's nearness.
NEAR, POINTING = 1.0, 0.35


def likelihood(
    draft: Draft, question: Question, support: Support, *, unit: float = UNIT, weights: Weights | None = None
) -> float:
    """Probability, 0 to 1, that the draft answers its question; 0 for one that is unsupported.

    `unit`: cosine of what the question counts and what the draft's figure counts. `weights` are those of the question's
    kind where none are given.
    """
    if support == "unsupported":
        return 0.0
    if weights is None:
        weights = POINTED_WEIGHTS if question.kind in TYPED | {"person"} else OPEN_WEIGHTS
    odds = (
        weights.bias
        + weights.copying * max(draft.copying, -4.0)
        + weights.confidence * max(draft.confidence, -4.0)
        + weights.answering * max(draft.answering, -4.0)
        + weights.nearness * (draft.nearness - NEAR)
        + weights.unit * max(FOREIGN, min(unit - UNIT, ENOUGH))
        + weights.pointing * (draft.pointing - POINTING)
        + weights.weak * (support == "weak")
        + weights.code * (question.kind == "code")
        + weights.pinned * bool(question.codes)
    )
    return 1.0 / (1.0 + math.exp(-odds))
