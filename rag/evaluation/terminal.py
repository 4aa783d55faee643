"""Tables and changed questions on a terminal, by rich; elsewhere plain lines, tabs between cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from rag.evaluation.comparison import Comparison
from rag.evaluation.runs import Run
from rag.evaluation.tables import Sheet, sheets

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MOST_CHANGES = 20


def show(runs: Sequence[Run], comparison: Comparison | None, console: Console) -> None:
    """Print every table, then which questions were lost and gained."""
    for sheet in sheets(comparison.runs if comparison else runs, comparison):
        _show(sheet, console)
    for against in comparison.others if comparison else ():
        moved = [change for change in against.changes if change.how != "other words"]
        others = len(against.changes) - len(moved)
        console.print(f"\n{against.run.name}: {len(moved)} lost or gained, {others} in other words")
        for change in moved[:MOST_CHANGES]:
            console.print(f"  {change.how:7}{_shown(change.base.case.id)}  {_shown(change.base.case.question)}")
        if len(moved) > MOST_CHANGES:
            console.print(f"  and {len(moved) - MOST_CHANGES} more")


def _show(sheet: Sheet, console: Console) -> None:
    console.print(f"\n{_shown(sheet.title)}")
    if not console.is_terminal:
        # A table would be truncated to an arbitrary width.
        for row in (sheet.columns, *sheet.rows):
            console.file.write("\t".join(_shown(cell) for cell in row) + "\n")
    else:
        table = Table(box=None, pad_edge=False, show_edge=False)
        for at, column in enumerate(sheet.columns):
            table.add_column(
                _shown(column), justify="left" if at < sheet.labels else "right", no_wrap=at < sheet.labels
            )
        for row in sheet.rows:
            table.add_row(*(_shown(cell) for cell in row))
        console.print(table)
    if sheet.remark:
        console.print(_shown(sheet.remark))


def _shown(text: str) -> str:
    """With control characters replaced, since they could drive the terminal."""
    return _CONTROL.sub("\ufffd", text)
