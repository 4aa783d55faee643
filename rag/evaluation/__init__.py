"""Two set-ups compared by the same questions, and every change held to them.

    cases -> answers of `Reports` -> scores -> run folder -> comparison -> table, page of charts

`evaluate` makes a run, `compare` lays runs side by side; the command `askreports evaluate` does both. What is named
here is loaded when it is first used, since its measures are also taken where there are no reports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.evaluation.comparison import Comparison, compare
    from rag.evaluation.evaluating import evaluate
    from rag.evaluation.loading import Case, CaseSet, Subset
    from rag.evaluation.runs import Row, Run, load_run

_HOMES = {
    "Case": "loading",
    "CaseSet": "loading",
    "Comparison": "comparison",
    "Row": "runs",
    "Run": "runs",
    "Subset": "loading",
    "compare": "comparison",
    "evaluate": "evaluating",
    "load_run": "runs",
}

__all__ = ["Case", "CaseSet", "Comparison", "Row", "Run", "Subset", "compare", "evaluate", "load_run"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'rag.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"rag.evaluation.{_HOMES[name]}"), name)
