"""The fits behind `rag.choosing` and `rag.deciding`: `python tests/benchmarks/calibrate.py CASES REPORTS...`.

Three logistic fits (scipy, L2) on tuning questions: candidates of what is pointed at, each asked about; drafts of the
likeliest of them, with what reading tells beside the chance; drafts of all other questions. A candidate or draft is
right if it says and cites what the case asks for. The weights in the code are set by hand beside them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from rag import Reports
from rag.choosing import AGREES, ENOUGH, FOREIGN, POINTING, STRETCHES, UNIT, agrees, features
from rag.claiming import verified
from rag.deciding import NEAR
from rag.evaluation.loading import Case, load_cases
from rag.evaluation.wording import contains, number_match, plain
from rag.models import Evidence
from rag.odds import to_odds
from rag.pointing import POINTED, pointed
from rag.questions import Question
from rag.reading import MOST_PASSED, read
from rag.verification import meets
from rag.wording import alone

READ = 3
# Candidates asked about: more than an answer takes, so that the fit sees the unlikely ones too.
CANDIDATES = 6
KINDS = ("code", "date", "person", "place")
CANDIDATE = ("bias", "relative", "pointing", "unit", "agrees", "behind", "pinned", *KINDS)
CHOSEN = ("bias", "choice", "answering", "weak")
OPEN = ("bias", "copying", "confidence", "answering", "nearness", "weak")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("reports", nargs="+", help="the collection that the cases are asked of")
    options = parser.parse_args()
    rows: dict[tuple[str, ...], list[tuple[list[float], bool]]] = {CANDIDATE: [], CHOSEN: [], OPEN: []}
    with tempfile.TemporaryDirectory() as home, Reports.open(options.reports, home=home) as reports:
        for case in load_cases(options.cases):
            if case.turns or case.kind in ("yesno", "several"):
                continue
            question = reports._understand(case.question)
            hits = reports._retriever.retrieve(question.sought, question.language, limit=12)
            pieces = [piece for piece in reports._evidence(question, hits) if meets(question, piece.article)]
            if question.kind in POINTED:
                rows[CANDIDATE] += candidates(reports, case, question, pieces)
            rows[CHOSEN if question.kind in POINTED else OPEN] += drafts(reports, case, question, pieces)
            print(case.id, *(len(held) for held in rows.values()), flush=True)
    for names, held in rows.items():
        if held:
            print(len(held), "of which right", sum(right for _, right in held), fit(names, held))


def candidates(
    reports: Reports, case: Case, question: Question, pieces: Sequence[Evidence]
) -> list[tuple[list[float], bool]]:
    """A row for each candidate of a question."""
    assert reports._model is not None
    held = list(islice(pointed(question, pieces[:MOST_PASSED], reports._space), STRETCHES))
    singles = [(one.at(span, near), span) for one in held for span, near in zip(one.spans or (), one.near, strict=True)]
    singles = sorted(singles, key=lambda single: -single[0].score)[:CANDIDATES]
    nearest = max((one.piece.score for one in held), default=0.0)
    told = [agrees(reports._model, question, one, span) for one, span in singles]
    rows = []
    for (one, span), word in zip(singles, told, strict=True):
        found = features(question, one, span, nearest, reports._space)
        article = one.piece.article
        text = alone(one.excerpt[slice(*span)], question, article.language)
        row = [
            1.0,
            found.relative - 1.0,
            found.pointing - POINTING,
            max(FOREIGN, min(found.unit - UNIT, ENOUGH)),
            word - AGREES,
            word - max(told),
            float(bool(question.codes)),
            *(float(question.kind == kind) for kind in KINDS),
        ]
        rows.append((row, is_right(case, text, article.id)))
    return rows


def drafts(
    reports: Reports, case: Case, question: Question, pieces: Sequence[Evidence]
) -> list[tuple[list[float], bool]]:
    """A row for each draft that verification lets through."""
    assert reports._model is not None
    rows = []
    for draft in read(reports._model, question, iter(pieces), READ, reports._space):
        found = verified(reports._model, question, draft, reports._space)
        if found is None:
            continue
        weak = float(found.support == "weak")
        if question.kind in POINTED:
            row = [1.0, to_odds(draft.chance), max(draft.answering, -4.0), weak]
        else:
            sure = [max(value, -4.0) for value in (draft.copying, draft.confidence, draft.answering)]
            row = [1.0, *sure, draft.nearness - NEAR, weak]
        rows.append((row, is_right(case, found.text, found.proofs[0][0].id)))
    return rows


def is_right(case: Case, text: str, article: str) -> bool:
    said = number_match(text, case.number, case.language) == 1.0 or (
        bool(case.answers) and contains(plain(text), case.answers) == 1.0
    )
    return case.answerable and said and article in case.articles


def fit(names: Sequence[str], rows: Sequence[tuple[list[float], bool]]) -> dict[str, float]:
    x, y = np.asarray([row for row, _ in rows]), np.asarray([right for _, right in rows], float)

    def loss(weights: np.ndarray) -> float:
        odds = x @ weights
        return float(np.sum(np.logaddexp(0, odds) - y * odds) + 0.5 / 3 * np.sum(weights[1:] ** 2))

    fitted = minimize(loss, np.zeros(len(names))).x
    return dict(zip(names, (round(float(weight), 2) for weight in fitted), strict=True))


if __name__ == "__main__":
    main()
