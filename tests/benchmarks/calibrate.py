"""Drafts of the tuning questions with their features, and a logistic fit: `python tests/benchmarks/calibrate.py CASES`.

Every draft is labelled by whether it says and cites what the case asks for. The fits (scipy, L2), one for figures,
codes, dates, persons and places and one for all else, show which way the weights of `rag.deciding` should lie; they
are set by hand beside them, since the drafts are few.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import islice
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from rag import Reports
from rag.claiming import unit_likeness, verified
from rag.deciding import AGREES, ENOUGH, FOREIGN, MATCHING, NEAR, POINTING, UNIT
from rag.evaluation.loading import load_cases
from rag.evaluation.wording import contains, number_match, plain
from rag.pointing import POINTED
from rag.probing import agreement
from rag.reading import read
from rag.verification import meets

READ = 3
FEATURES = (
    "bias",
    "copying",
    "confidence",
    "answering",
    "nearness",
    "unit",
    "weak",
    "pointing",
    "matching",
    "agrees",
    "code",
    "date",
    "person",
    "place",
    "pinned",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("reports", nargs="+", help="the collection that the cases are asked of")
    options = parser.parse_args()
    rows: dict[bool, list[list[float]]] = {True: [], False: []}
    labels: dict[bool, list[bool]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as home, Reports.open(options.reports, home=home) as reports:
        for case in load_cases(options.cases):
            if case.turns or case.kind in ("yesno", "several"):
                continue
            question = reports._understand(case.question)
            hits = reports._retriever.retrieve(question.sought, question.language, limit=12)
            pieces = (piece for piece in reports._evidence(question, hits) if meets(question, piece.article))
            assert reports._model is not None
            for draft in read(reports._model, question, islice(pieces, 24), READ, reports._space):
                found = verified(reports._model, question, draft, reports._space)
                if found is None:
                    continue
                article, quote = found.proofs[0]
                unit = unit_likeness(question, draft, quote, reports._space)
                pointed = question.kind in POINTED
                agrees = agreement(reports._model, question, article, quote.text, draft.words) if pointed else AGREES
                said = number_match(found.text, case.number, case.language) == 1.0 or (
                    bool(case.answers) and contains(plain(found.text), case.answers) == 1.0
                )
                right = case.answerable and said and article.id in case.articles
                row = [1.0, draft.copying, draft.confidence, draft.answering, draft.nearness - NEAR,
                       max(FOREIGN, min(unit - UNIT, ENOUGH)), found.support == "weak",
                       draft.pointing - POINTING if draft.pointing else 0.0,
                       draft.matching - MATCHING if draft.matching else 0.0, agrees - AGREES,
                       *(question.kind == kind for kind in ("code", "date", "person", "place")),
                       bool(question.codes)]  # fmt: skip
                labels[question.kind in POINTED].append(right)
                rows[question.kind in POINTED].append([float(value) for value in row])
                print(f"{right:d} {np.round(row[1:], 2)} {draft.words!r} => {found.text!r}", flush=True)
    for pointed in (True, False):
        if rows[pointed]:
            print("pointed" if pointed else "open", _fit(rows[pointed], labels[pointed]))


def _fit(rows: list[list[float]], labels: list[bool]) -> tuple[dict[str, float], int, int]:
    x, y = np.maximum(np.asarray(rows, float), -4.0), np.asarray(labels, float)

    def loss(weights: np.ndarray) -> float:
        odds = x @ weights
        return float(np.sum(np.logaddexp(0, odds) - y * odds) + 0.5 / 3 * np.sum(weights[1:] ** 2))

    fitted = minimize(loss, np.zeros(len(FEATURES))).x
    return dict(zip(FEATURES, np.round(fitted, 2), strict=True)), len(y), int(y.sum())


if __name__ == "__main__":
    main()
