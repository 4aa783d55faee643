"""Drafts of the tuning questions with their features, and a logistic fit: `python tests/benchmarks/calibrate.py CASES`.

Every draft is labelled by whether it says and cites what the case asks for. The fit (scipy, L2) shows which way the
weights of `rag.deciding` should lie; they are set by hand beside it, since the drafts are few.
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
from rag.deciding import ENOUGH, UNIT
from rag.evaluation.loading import load_cases
from rag.evaluation.wording import contains, number_match, plain
from rag.reading import read
from rag.verification import meets

READ = 3
FEATURES = ("bias", "copying", "confidence", "answering", "nearness", "unit", "weak")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=Path)
    parser.add_argument("reports", nargs="+", help="the collection that the cases are asked of")
    options = parser.parse_args()
    rows: list[list[float]] = []
    labels: list[bool] = []
    with tempfile.TemporaryDirectory() as home, Reports.open(options.reports, home=home) as reports:
        for case in load_cases(options.cases):
            if case.turns or case.kind in ("yesno", "several"):
                continue
            question = reports._understand(case.question)
            hits = reports._retriever.retrieve(question.sought, question.language, limit=12)
            pieces = (piece for piece in reports._evidence(question, hits) if meets(question, piece.article))
            assert reports._model is not None
            for draft in read(reports._model, question, islice(pieces, 24), READ):
                found = verified(reports._model, question, draft, reports._space.alike)
                if found is None:
                    continue
                article, quote = found.proofs[0]
                unit = unit_likeness(question, draft, quote, reports._space.alike)
                said = number_match(found.text, case.number, case.language) == 1.0 or (
                    bool(case.answers) and contains(plain(found.text), case.answers) == 1.0
                )
                labels.append(case.answerable and said and article.id in case.articles)
                rows.append(
                    [1.0, draft.copying, draft.confidence, draft.answering, draft.nearness,
                     min(unit - UNIT, ENOUGH), found.support == "weak"]
                )  # fmt: skip
                print(f"{labels[-1]:d} {np.round(rows[-1][1:], 2)} {draft.words!r} => {found.text!r}", flush=True)
    x, y = np.maximum(np.asarray(rows, float), -3.0), np.asarray(labels, float)

    def loss(weights: np.ndarray) -> float:
        odds = x @ weights
        return float(np.sum(np.logaddexp(0, odds) - y * odds) + 0.05 * np.sum(weights[1:] ** 2))

    print(dict(zip(FEATURES, np.round(minimize(loss, np.zeros(len(FEATURES))).x, 2), strict=True)), len(y), y.sum())


if __name__ == "__main__":
    main()
