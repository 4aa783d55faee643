"""A run's log -> its curve as SVG: the loss, and F1 where it was measured, over the minutes."""

from __future__ import annotations

import json
from pathlib import Path

CURVE = "curve.svg"


def draw(log: Path, out: Path) -> None:
    """Draw a run's log; lines that record a start are skipped."""
    from matplotlib.figure import Figure

    rows = [row for line in log.read_text(encoding="utf-8").splitlines() if "step" in (row := json.loads(line))]
    figure = Figure(figsize=(7, 4), layout="constrained")
    loss = figure.subplots()
    loss.plot([row["minutes"] for row in rows], [row["loss"] for row in rows], color="tab:gray", label="loss")
    loss.set_xlabel("minutes")
    loss.set_ylabel("loss (running mean)")
    looked = [row for row in rows if "same" in row]
    if looked:
        f1 = loss.twinx()
        for name in ("same", "across"):
            held = [row for row in looked if name in row]
            f1.plot([row["minutes"] for row in held], [row[name] for row in held], marker="o", label=f"F1, {name}")
        f1.set_ylabel("F1, mean of languages")
        f1.set_ylim(0, 1)
        f1.legend(loc="lower right")
    figure.savefig(out, format="svg")
