"""Compares two configurations on the same questions, so that every change can be measured.

    cases -> answers of `Reports` -> scores -> run folder -> comparison -> table, page of charts

`evaluate` makes a run, `compare` sets runs side by side; the command `askreports evaluate` does both. The names here
are loaded on first use, since the metrics are also used without reports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.command import run_command
    from rag.evaluation.comparison import Change, Comparison, compare
    from rag.evaluation.evaluating import evaluate
    from rag.evaluation.loading import Case, CaseSet, Subset
    from rag.evaluation.overlap import f1
    from rag.evaluation.runs import Row, Run, load_run
    from rag.evaluation.tables import Sheet, sheets

_HOMES = {
    "Case": "loading",
    "Change": "comparison",
    "CaseSet": "loading",
    "Comparison": "comparison",
    "Row": "runs",
    "Run": "runs",
    "Sheet": "tables",
    "Subset": "loading",
    "compare": "comparison",
    "f1": "overlap",
    "evaluate": "evaluating",
    "load_run": "runs",
    "run_command": "command",
    "sheets": "tables",
}

__all__ = [
    "Case",
    "CaseSet",
    "Change",
    "Comparison",
    "Row",
    "Run",
    "Sheet",
    "Subset",
    "compare",
    "evaluate",
    "f1",
    "load_run",
    "run_command",
    "sheets",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'rag.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"rag.evaluation.{_HOMES[name]}"), name)
