"""Ask every question of a case file and print what was right: `python tests/benchmarks/answers.py [CASES]`.

Runs the `Reports` that users get, with the settings of the environment, over `seeds/`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rag import Answer, Reports
from rag.evaluation.loading import Case, load_cases
from rag.evaluation.scoring import Score, score

ROOT = Path(__file__).parents[2]
CASES = ROOT / "rag/evaluation/cases/reports.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=Path, default=CASES)
    parser.add_argument("--out", type=Path, help="write each answer and its score as a JSON line")
    parser.add_argument("--every", type=int, default=1, help="ask only every n-th question")
    options = parser.parse_args()
    rows: list[tuple[Case, Answer, Score]] = []
    with tempfile.TemporaryDirectory() as home, Reports.open(ROOT / "seeds", home=home) as reports:
        reports.warm()
        articles = {article.id: article for article in reports.articles()}
        for case in load_cases(options.cases)[:: options.every]:
            answer = reports.ask(case.question)
            rows.append((case, answer, score(case, answer, articles)))
            print(".", end="", flush=True, file=sys.stderr)
    print(file=sys.stderr)
    if options.out:
        with options.out.open("w", encoding="utf-8") as file:
            for case, answer, scored in rows:
                line = {"case": case.id, "kind": case.kind, "right": scored.right, "answer": answer.to_dict()}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    print(f"{'':14} {'n':>4} {'right':>7} {'words':>7} {'declined':>9} {'wrong cit.':>11} {'median s':>9}")
    table("all", rows)
    for language in sorted({case.language for case, _, _ in rows}):
        table(language, rows, lambda case, language=language: case.language == language)
    table("facts", rows, lambda case: case.kind.startswith("fact"))
    for kind in sorted({case.kind for case, _, _ in rows}):
        table(kind, rows, lambda case, kind=kind: case.kind == kind)
    print("quotes that do not stand in their report:", sum(not scored.exact for _, _, scored in rows))


def table(label: str, rows: list[tuple[Case, Answer, Score]], keep: Callable[[Case], bool] = lambda case: True) -> None:
    kept = [row for row in rows if keep(row[0])]
    known = [scored for case, _, scored in kept if case.answerable]
    unknown = [scored for case, _, scored in kept if not case.answerable]
    cited = sum(scored.citations for scored in known)
    print(
        f"{label:14} {len(kept):4} {share([bool(s.right) for s in known])} {share([bool(s.contains) for s in known])} "
        f"{share([s.declined for s in unknown], 9)} {sum(s.wrong_citations for s in known):5}/{cited:<5} "
        f"{statistics.median(answer.timings['total'] for _, answer, _ in kept):9.2f}"
    )


def share(values: list[bool], width: int = 7) -> str:
    return f"{sum(values) / len(values):{width}.2f}" if values else " " * (width - 1) + "-"


if __name__ == "__main__":
    main()
