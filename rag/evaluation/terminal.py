"""Tables and changed questions on a terminal, by rich; elsewhere plain lines, tabs between cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.evaluation.comparison import Comparison
from rag.evaluation.runs import Run
from rag.evaluation.tables import Sheet, sheets

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MOST_CHANGES = 20
# Characters between two columns.
GAP = 2


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
        for chosen in _blocks(sheet, console.width):
            table = Table(box=None, pad_edge=False, show_edge=False)
            for at in chosen:
                width = _width(sheet, at)
                # Only headings wrap, at their spaces, so that figures stay under each other.
                table.add_column(
                    _shown(sheet.columns[at]), justify="left" if at < sheet.labels else "right", min_width=width
                )
            for row in sheet.rows:
                table.add_row(*(Text(_shown(row[at]), no_wrap=True) for at in chosen))
            console.print(table)
    if sheet.remark:
        console.print(_shown(sheet.remark))


def _blocks(sheet: Sheet, width: int) -> list[list[int]]:
    """The columns that fit side by side on `width` characters, the labels in each block."""
    labels = list(range(sheet.labels))
    room = width - sum(_width(sheet, at) + GAP for at in labels)
    blocks: list[list[int]] = []
    left = 0
    for at in range(sheet.labels, len(sheet.columns)):
        needed = _width(sheet, at) + GAP
        if not blocks or needed > left:
            blocks.append([*labels])
            left = room
        blocks[-1].append(at)
        left -= needed
    return blocks or [labels]


def _width(sheet: Sheet, at: int) -> int:
    """Characters of a column: its longest cell, or its heading's longest word; of a label the whole heading."""
    words = [sheet.columns[at]] if at < sheet.labels else sheet.columns[at].split() or [""]
    return max(cell_len(_shown(part)) for part in (*words, *(row[at] for row in sheet.rows)))


def _shown(text: str) -> str:
    """With control characters replaced, since they could drive the terminal."""
    return _CONTROL.sub("\ufffd", text)
