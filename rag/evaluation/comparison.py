"""Two or more runs side by side: paired differences with intervals, and which questions changed.

The first run is the base; the others are compared with it on the cases that all share. Independent of how a
comparison is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rag.errors import InputError
from rag.evaluation.runs import Row, Run, load_run
from rag.evaluation.scoring import METRICS, Metric
from rag.evaluation.summary import groups, verdict
from rag.evaluation.uncertainty import Difference, paired_difference

# Metrics compared per language and kind; over all questions, every metric is.
BY_GROUP = ("recall_1", "right", "citation_recall", "declined_rightly", "declined_wrongly")


@dataclass(frozen=True, slots=True)
class Measured:
    """The difference of one metric in one group."""

    group: str
    metric: Metric
    difference: Difference


@dataclass(frozen=True, slots=True)
class Change:
    """A question with another outcome: lost, gained, or answered in other words or with other citations."""

    how: Literal["lost", "gained", "other words"]
    base: Row
    other: Row


@dataclass(frozen=True, slots=True)
class Against:
    """One run compared with the base."""

    run: Run
    measured: tuple[Measured, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`base` and `others` hold only the cases that all runs share; `left_out` counts each run's other cases by name."""

    base: Run
    others: tuple[Against, ...]
    left_out: Mapping[str, int]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The base, then the others."""
        return (self.base, *(against.run for against in self.others))


def compare(*runs: Run | str | Path) -> Comparison:
    """Compare runs, or their folders, with the first. Raises InputError for fewer than two, or no case in common."""
    held = [run if isinstance(run, Run) else load_run(Path(run)) for run in runs]
    if len(held) < 2:
        raise InputError("a comparison needs two runs; name another with --against, or two --settings")
    held = _named_apart(held)
    by_id = [{row.case.id: row for row in run.rows} for run in held]
    shared = [
        row.case.id
        for row in held[0].rows
        if all(row.case.id in rows and rows[row.case.id].case == row.case for rows in by_id[1:])
    ]
    if not shared:
        raise InputError(f"{held[0].name} and {held[1].name} have no case in common; evaluate the same cases")
    kept = [_only(run, [rows[id] for id in shared]) for run, rows in zip(held, by_id, strict=True)]
    left_out = {run.name: len(run.rows) - len(shared) for run in held if len(run.rows) > len(shared)}
    return Comparison(kept[0], tuple(_against(kept[0], run) for run in kept[1:]), left_out)


def _against(base: Run, run: Run) -> Against:
    others = {row.case.id: row for row in run.rows}
    measured = []
    for label, rows in groups(base.rows):
        for metric in METRICS:
            if label != "all" and metric.name not in BY_GROUP:
                continue
            pairs = [(row.scores.get(metric.name), others[row.case.id].scores.get(metric.name)) for row in rows]
            if difference := paired_difference([one for one, _ in pairs], [other for _, other in pairs]):
                measured.append(Measured(label, metric, difference))
    found = [_change(row, others[row.case.id]) for row in base.rows]
    order = ("lost", "gained", "other words")
    changes = sorted((change for change in found if change), key=lambda change: order.index(change.how))
    return Against(run, tuple(measured), tuple(changes))


def _change(base: Row, other: Row) -> Change | None:
    before, after = verdict(base), verdict(other)
    if before is not None and after is not None and before != after:
        return Change("gained" if after > before else "lost", base, other)
    if _shown(base) != _shown(other):
        return Change("other words", base, other)
    return None


def _shown(row: Row) -> object:
    if row.answer is None:
        return row.retrieved[:1]
    return row.answer.text, [(c.article_id, c.start, c.end) for c in row.answer.citations]


def _only(run: Run, rows: Sequence[Row]) -> Run:
    return replace(run, rows=tuple(rows))


def _named_apart(runs: Sequence[Run]) -> list[Run]:
    """Runs with the same name get their position appended."""
    names = [run.name for run in runs]
    return [
        replace(run, name=f"{run.name} ({at})") if names.count(run.name) > 1 else run for at, run in enumerate(runs, 1)
    ]
