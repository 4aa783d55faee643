"""Two runs in folders, as `askreports evaluate` leaves them: one question gained, one lost, one in other words."""

from __future__ import annotations

from pathlib import Path

from fake_runs import STAMP, answer, case, row, unanswerable

from rag.evaluation.runs import RunFile

CASES = [case("a"), case("b", question="Ile modeli <b>zgłoszono</b>?", language="pl"), case("c"), unanswerable("u")]


def keep_two_runs(root: Path) -> None:
    """Folders `first` and `second` under `root`."""
    right, other = answer(), answer("109 it was. [1]")
    wrong = answer("It reported 29 models. [1]", "ns")
    for name, given in (
        ("first", (wrong, right, right, answer(""))),
        ("second", (right, wrong, other, answer(""))),
    ):
        with RunFile(root / name, STAMP, name=name, cases="cases", reports={"kb": "KB", "ns": "NS"}) as file:
            for asked, said in zip(CASES, given, strict=True):
                file.append(row(asked, said))
            file.finish(CASES)
