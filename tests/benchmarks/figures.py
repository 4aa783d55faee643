"""Whether the right figure is the first that is pointed at: `python tests/benchmarks/figures.py CASES [CASES ...]`.

Of each answerable how-many about one report, asked of `seeds/`: the stretch that would be read first must offer the
right figure and no other. No language model is asked. Prints a line a set, then the sum; `-v` each question that fails.
"""

from __future__ import annotations

import argparse
import tempfile
from itertools import islice
from pathlib import Path

from rag import Reports
from rag.evaluation.loading import Case, load_cases
from rag.numbers import number_values
from rag.pointing import Pointed, pointed
from rag.verification import meets

SEEDS = Path(__file__).parents[2] / "seeds"
HITS, PASSED = 12, 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="+")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    right = asked = 0
    with tempfile.TemporaryDirectory() as home, Reports.open([str(SEEDS)], home=home) as reports:
        for path in options.cases:
            cases = [case for case in load_cases(path) if fits(case)]
            good = 0
            for case in cases:
                found = first(reports, case)
                if holds(found, case):
                    good += 1
                elif options.verbose:
                    print(f"  {case.id} {case.question} -> {offered(found)}, not {case.number}")
            print(f"{path.stem}: {good} of {len(cases)}")
            right, asked = right + good, asked + len(cases)
    print(f"together: {right} of {asked}")


def fits(case: Case) -> bool:
    return case.kind == "fact:number" and case.answerable and not case.turns and case.number is not None


def first(reports: Reports, case: Case) -> Pointed | None:
    question = reports._understand(case.question)
    if question.kind != "number":
        return None
    hits = reports._retriever.retrieve(question.sought, question.language, limit=HITS)
    pieces = (piece for piece in reports._evidence(question, hits) if meets(question, piece.article))
    return next(iter(pointed(question, islice(pieces, PASSED), reports._space)), None)


def offered(found: Pointed | None) -> list[str]:
    return [found.excerpt[start:end] for start, end in found.spans or ()] if found else []


def holds(found: Pointed | None, case: Case) -> bool:
    words = offered(found)
    if found is None or len(words) != 1 or case.number is None:
        return False
    return f"{case.number:g}" in number_values(words[0], found.piece.article.language)


if __name__ == "__main__":
    main()
