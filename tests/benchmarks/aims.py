"""The README's tables of answers: `python tests/benchmarks/aims.py OUT [OUT ...] [--by-language]`.

OUT are folders that `askreports evaluate` filled: of contexts with marked answers (each language's collection, then all
languages in one) or of a case file. Prints Markdown: a row a collection with the means over languages, then, with
`--by-language`, a table of each by language of question and text. Shares with their 95 % intervals by Wilson's formula.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rag.evaluation.pairs import Pair, averaged, judged, pair, pairs, text_language, worst
from rag.evaluation.reliability import calibration_error
from rag.evaluation.runs import Row, Run, load_runs
from rag.evaluation.tables import interval, share
from rag.evaluation.uncertainty import Share, percentile

COLUMNS = (
    "questions", "n", "right", "worst language", "gold inside", "right report first", "answerable declined",
    "unanswerable declined", "proven: right", "wrong report cited", "calibration error", "median s", "s to short",
)  # fmt: skip
OF_PAIRS = ("asked in", "text in", "n", "right", "gold inside", "report first", "declined", "unanswerable declined",
            "proven: right", "wrong report", "s")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="+")
    parser.add_argument("--by-language", action="store_true", help="a table of each pair of languages besides")
    options = parser.parse_args()
    runs = [run for folder in options.out for run in load_runs(folder).values()]
    table(COLUMNS)
    for run in runs:
        for line in summary(run):
            row(line)
    for run in runs if options.by_language else ():
        print(f"\n{run.name}\n")
        table(OF_PAIRS)
        for one in pairs(run.rows):
            row(by_pair(one))


def summary(run: Run) -> list[tuple[str, ...]]:
    """A row for questions in the text's language, one for those across languages, one for all."""
    made = pairs(run.rows)
    groups = (("in the text's language", [p for p in made if p.same]), ("across", [p for p in made if not p.same]))
    held = [_means(f"{run.name}, {told}", run, group) for told, group in groups if group]
    return [*held, _whole(f"{run.name}, all questions alike", run)]


def by_pair(one: Pair) -> tuple[str, ...]:
    """The figures of one pair of languages."""
    shares = (one.right, one.gold, one.first, one.declined, one.refused, one.proven, one.wrong)
    return (one.asked, one.text, str(one.n), *map(counted, shares), seconds(one.seconds))


def counted(held: Share) -> str:
    """`.57 (.47 to .67) of 82`."""
    return f"{share(held.value)} ({interval(held)}) of {held.n}" if held.n else "-"


def _means(told: str, run: Run, group: Sequence[Pair]) -> tuple[str, ...]:
    """Each pair of languages counts once."""
    asked = {(one.asked, one.text) for one in group}
    rows = [held for held in run.rows if (held.case.language, text_language(held)) in asked]
    least = worst(group)
    names = ("gold", "first", "declined", "refused", "proven", "wrong")
    return (
        f"{told}, mean of {len(group)}",
        str(sum(p.n for p in group)),
        share(averaged(group, "right")),
        f"{least.asked} on {least.text} {counted(least.right)}" if least else "-",
        *(share(averaged(group, name)) for name in names),
        share(calibration_error(judged(rows))),
        median(rows, "seconds"),
        median(rows, "short_seconds"),
    )


def _whole(told: str, run: Run) -> tuple[str, ...]:
    one = pair("", "", run.rows)
    shares = (one.gold, one.first, one.declined, one.refused, one.proven, one.wrong)
    ends = (share(one.error), median(run.rows, "seconds"), median(run.rows, "short_seconds"))
    return (told, str(one.n), counted(one.right), "", *map(counted, shares), *ends)


def median(rows: Sequence[Row], name: str) -> str:
    """Of the seconds of that name."""
    return seconds(percentile([value for held in rows if (value := held.scores.get(name)) is not None], 0.5))


def seconds(held: float | None) -> str:
    return "-" if held is None else f"{held:.2f}"


def table(names: Sequence[str]) -> None:
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")


def row(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
