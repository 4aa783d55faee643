"""Invented collections, by language and by kind of source: right, declined, proven, seconds, with intervals.

`python tests/benchmarks/twelve_collections.py mending --out out/mending`: asks every question of one set
(`tests/cases/collections`), keeps the runs, and prints the table; run again, it prints what is kept. The sets `once`,
`second` to `eighth` are to be asked once each: a set that was looked at is not unseen any more.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from rag.evaluation import Row, evaluate, load_run
from rag.evaluation.uncertainty import Share

FOLDER = Path(__file__).parents[1] / "cases/collections"
SETS = ("mending", "once", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
# What `why` says of answers that are hard to find, between commas or semicolons.
NOTES = ("over a line break", "over a line or cue", "table", "table cell")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("half", choices=SETS)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    by: dict[str, list[Row]] = defaultdict(list)
    for folder in sorted((FOLDER / asked.half).iterdir()):
        out = asked.out / folder.name
        if not (out / "run.json").exists():
            evaluate(folder / "questions.jsonl", reports=folder / "reports", out=out)
        heads = [json.loads(line) for line in (folder / "reports.jsonl").read_text("utf-8").splitlines()]
        sources = {Path(head["file"]).stem: head["source"] for head in heads}
        for row in load_run(out).rows:
            about = (*row.case.articles, row.case.about)
            kinds = {sources[id] for id in about if id in sources}
            same = row.case.language == row.case.text_language
            for name in (
                "all",
                f"language {folder.name}",
                "same language" if same else "across languages",
                *(f"source {kind}" for kind in kinds),
                *(note for note in re.split(r"[;,] ", row.case.why or "") if note in NOTES),
            ):
                by[name].append(row)
    print("| | right | of | interval | unanswerable declined | answerable declined | wrong report | proven right | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in sorted(by):
        print("|", " | ".join((name, *told(by[name]))), "|")


def told(rows: Iterable[Row]) -> list[str]:
    """The cells of a line."""
    held = list(rows)
    answerable = [row for row in held if row.case.answerable]
    others = [row for row in held if not row.case.answerable]
    answered = [row for row in answerable if row.answer and row.answer.answered]
    right = Share(sum(row.scores.right == 1 for row in answerable), len(answerable))
    proven = [row for row in held if row.scores.proven_right is not None]
    seconds = [row.scores.seconds for row in held if row.scores.seconds is not None]
    low, high = right.interval
    return [
        f"{right.value:.2f}",
        str(len(answerable)),
        f"{low:.2f} to {high:.2f}",
        share(sum(row.scores.declined_rightly == 1 for row in others), len(others)),
        share(sum(row.scores.declined_wrongly == 1 for row in answerable), len(answerable)),
        share(sum(bool(row.scores.wrong_citations) for row in answered), len(answered)),
        share(sum(row.scores.proven_right == 1 for row in proven), len(proven)),
        f"{statistics.median(seconds):.2f}" if seconds else "",
    ]


def share(count: int, of: int) -> str:
    return f"{count} of {of}" if of else ""


if __name__ == "__main__":
    main()
