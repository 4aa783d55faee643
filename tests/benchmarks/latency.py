"""Seconds from a question to evidence, short answer and last word, median of 20; and of `askreports ask` cold, of 3.

`python tests/benchmarks/latency.py`: over `seeds/`, with the settings of the environment.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rag import Reports
from rag.evaluation.loading import load_cases

ROOT = Path(__file__).parents[2]
TIMES = 20
COLD = 3


def main() -> None:
    cases = load_cases(ROOT / "tests/cases/reports.jsonl")
    questions = [case.question for case in cases][:: len(cases) // TIMES][:TIMES]
    with tempfile.TemporaryDirectory() as home:
        with Reports.open(ROOT / "seeds", home=home, main=True) as reports:
            reports.warm()
            reports.ask(questions[-1])
            timings = [reports.ask(question).timings for question in questions]
        for part in ("evidence", "short", "total"):
            print(part.ljust(12), spread([timing[part] for timing in timings]))
        cold = []
        for _ in range(COLD):
            begun = time.monotonic()
            command = [sys.executable, "-m", "rag", "ask", cases[0].question, "--home", home]
            done = subprocess.run(command, capture_output=True, check=False)
            assert done.returncode in (0, 1), done.stderr  # 1: nothing was found that answers
            cold.append(time.monotonic() - begun)
        print("cold ask".ljust(12), spread(cold))


def spread(seconds: list[float]) -> str:
    return (
        f"median {statistics.median(seconds):6.2f} s, from {min(seconds):.2f} to {max(seconds):.2f}, n {len(seconds)}"
    )


if __name__ == "__main__":
    main()
