"""Two set-ups compared by the same questions, and every change held to them.

    cases -> answers of `Reports` -> scores -> run folder -> comparison -> table, page of charts

`evaluate` makes a run, `compare` lays runs side by side; the command `askreports evaluate` does both.
"""

from __future__ import annotations

from rag.evaluation.comparison import Comparison, compare
from rag.evaluation.evaluating import evaluate
from rag.evaluation.loading import Case, CaseSet
from rag.evaluation.runs import Row, Run, load_run

__all__ = ["Case", "CaseSet", "Comparison", "Row", "Run", "compare", "evaluate", "load_run"]
