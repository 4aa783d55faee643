"""Tables on a terminal, lines elsewhere; what was lost and gained by question."""

import io
import re

import pytest
from fake_runs import answer, case, row, run
from rich.cells import cell_len
from rich.console import Console

from rag.evaluation.comparison import compare
from rag.evaluation.tables import Sheet
from rag.evaluation.terminal import MOST_CHANGES, _show, show

ESCAPE = "\x1b"


def shown(runs, comparison=None, *, terminal=False, width=80):
    held = io.StringIO()
    show(
        runs,
        comparison,
        Console(file=held, force_terminal=terminal, width=width, markup=False, highlight=False, soft_wrap=True),
    )
    return held.getvalue()


def test_elsewhere_a_row_is_a_line_with_tabs():
    lines = shown([run("first", row(given=answer()))]).splitlines()
    assert "all\t1\t1.00\t1.00\t-\t0 of 1\t1.00\t2.00" in lines
    assert "right\t1.00" in lines


def test_a_terminal_of_eighty_columns_shows_every_figure_of_a_run():
    told = shown([run("first", row(given=answer()))], terminal=True)
    (line,) = (line for line in told.splitlines() if line.startswith("fact:number"))
    assert line.split() == ["fact:number", "1", "1.00", "1.00", "-", "0", "of", "1", "1.00", "2.00"]
    assert "…" not in told


@pytest.mark.parametrize("width", [60, 80, 120, 250])
def test_a_wide_table_is_cut_between_columns_and_never_inside_a_cell(width):
    cells = (("en", "de", "1,402", ".47 to .67", "1.00", "12 of 140"), ("vi", "中文", "7", "-", ".05", "-"))
    names = ("asked in", "text in", "n", "95%", "calibration error", "unanswerable declined")
    held = io.StringIO()
    _show(Sheet("T", names, cells, labels=2), Console(file=held, force_terminal=True, width=width, soft_wrap=True))
    told = re.sub(r"\x1b\[\d*m", "", held.getvalue())
    lines = told.splitlines()
    assert "…" not in told and max(map(cell_len, lines)) <= width
    for held_cells in cells:
        mine = [line for line in lines if line.startswith(f"{held_cells[0]}  ")]
        assert [cell for cell in held_cells[2:] if not any(cell in line for line in mine)] == []
    # Figures end under each other.
    ends = [[match.end() for match in re.finditer(r"1\.00|\.05", line)] for line in lines]
    assert len({tuple(found) for found in ends if found}) == 1 or "中" in told


def test_a_comparison_names_the_questions():
    base, other = run("old", row(given=answer())), run("new", row(given=answer("")))
    told = shown([], compare(base, other))
    assert "new: 1 lost or gained, 0 in other words" in told
    assert "  lost   a  How many models, a?" in told
    many = [row(case(str(at)), answer()) for at in range(MOST_CHANGES + 3)]
    told = shown([], compare(run("old", *many), run("new", *(row(one.case, answer("")) for one in many))))
    assert "  and 3 more" in told


def test_nothing_can_steer_the_terminal():
    asked = case(question=f"How{ESCAPE}[2J many?\a")
    base, other = run(f"old{ESCAPE}", row(asked, answer())), run("new", row(asked, answer("")))
    told = shown([], compare(base, other))
    assert ESCAPE not in told and "\a" not in told and "How\ufffd[2J many?" in told
    markup = run("[red]x", row(given=answer()))
    assert "[red]x" in shown([markup])
