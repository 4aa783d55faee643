"""The README's tables of answers against the aims: `python tests/benchmarks/aims.py OUT [OUT ...]`.

OUT are folders of `askreports evaluate`, whose questions are put together. Prints Markdown: by kind, then by language;
shares with their 95 % intervals by Wilson's formula.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from scipy.stats import binomtest

from rag.evaluation.runs import Row, load_run

FACTS = {"code": "which code", "person": "who", "number": "how many", "date": "when", "place": "where", "thing": "what"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="+")
    rows = [row for folder in parser.parse_args().out for row in load_run(folder).rows]
    known, unknown = [row for row in rows if row.case.answerable], [row for row in rows if not row.case.answerable]
    facts = of(known, "fact:")
    table("", "n", "")
    for kind, told in FACTS.items():
        line(told, of(rows, f"fact:{kind}"), right)
    line("facts", facts, right)
    line("yes or no", of(known, "yesno"), right)
    line("several reports", of(known, "several"), right)
    line("unanswerable declined", unknown, declined)
    line("answerable declined", known, declined)
    line("answers in the question's language", of_known_language(rows), in_language)
    cited = sum(row.scores.citations or 0 for row in known)
    print(f"| citations of a wrong report | {cited:.0f} | {wrong(known)} |")
    misquoted = sum(row.scores.citation_exactness not in (None, 1.0) for row in rows)
    print(f"| answers with an inexact quote | {len(rows)} | {misquoted} |")
    support = [claim.support for row in rows if row.answer for claim in row.answer.claims]
    print(f"| claims without support | {len(support)} | {support.count('unsupported')} |")
    print(f"| claims supported weakly | {len(support)} | {support.count('weak')} |")
    for name in ("evidence_seconds", "seconds"):
        spread = statistics.quantiles([row.scores.get(name) or 0.0 for row in rows], n=10)
        print(f"| {name}: median, 90th percentile | {len(rows)} | {spread[4]:.2f}, {spread[8]:.2f} |")
    print()
    table("asked in", "facts", "all", "answerable declined", "unanswerable declined", "wrong", "in its language", "s")
    for language in sorted({row.case.language for row in rows}):
        asked = [row for row in rows if row.case.language == language]
        mine = [row for row in asked if row.case.answerable]
        cells = [
            share(of(mine, "fact:"), right),
            share(mine, right),
            share(mine, declined),
            share([row for row in asked if not row.case.answerable], declined),
            wrong(mine),
            share(of_known_language(asked), in_language),
            f"{statistics.median(row.scores.seconds or 0.0 for row in asked):.1f}",
        ]
        print(f"| {language} | {' | '.join(cells)} |")


def of(rows: Iterable[Row], kind: str) -> list[Row]:
    return [row for row in rows if row.case.kind.startswith(kind)]


def right(row: Row) -> bool:
    return row.scores.right == 1.0


def declined(row: Row) -> bool:
    return row.answer is None or not row.answer.answered


def in_language(row: Row) -> bool:
    return row.scores.language_right == 1.0


def of_known_language(rows: Iterable[Row]) -> list[Row]:
    """Answers that were told and are long enough for their language to be known."""
    return [row for row in rows if row.scores.language_right is not None and not declined(row)]


def wrong(rows: Iterable[Row]) -> str:
    return f"{sum(row.scores.wrong_citations or 0 for row in rows):.0f}"


def share(rows: Sequence[Row], holds: Callable[[Row], bool]) -> str:
    """`.57 (.47 to .67) of 82`."""
    if not rows:
        return "-"
    count = sum(map(holds, rows))
    low, high = binomtest(count, len(rows)).proportion_ci(method="wilson")
    return f"{count / len(rows):.2f} ({low:.2f} to {high:.2f}) of {len(rows)}"


def line(told: str, rows: Sequence[Row], holds: Callable[[Row], bool]) -> None:
    print(f"| {told} | {len(rows)} | {share(rows, holds).rpartition(' of ')[0] or '-'} |")


def table(*names: str) -> None:
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")


if __name__ == "__main__":
    main()
