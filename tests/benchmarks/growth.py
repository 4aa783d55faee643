"""What a question costs as the collection grows: `python tests/benchmarks/growth.py --folder F [--plot FILE.svg]`.

Synthetic collections (`made_collection.py`) of 1,000, 10,000 and 100,000 passages, windows and sentences together, are
built in F once and kept; `--sizes` names others. Each is measured in a process of its own: 40 real questions as they
are, with the question's language, with a tenth of the days, and with both; `retrieve` with the question's embedding,
processor time and where the time goes; SQL statements; memory with all models loaded. Then `askreports ask` and
`askreports index` from a cold start. No language model.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any

SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 40
COLD = 5
WAYS = ("plain", "language", "days", "both")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the collections are kept")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of passages")
    parser.add_argument("--plot", type=Path, help="draw the figures to this file (.svg, .png)")
    parser.add_argument("--out", type=Path, help="write the figures to this file as JSON")
    parser.add_argument("--hits", action="store_true", help="print each question's hits and scores, nothing else")
    parser.add_argument("--cold", type=int, default=COLD, help="number of cold starts")
    parser.add_argument("--compared", type=int, help="up to so many passages are compared with, without Chroma")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    compared = ["--compared", options.compared] if options.compared else []
    if compared:
        import rag.retrieval.space

        rag.retrieval.space.COMPARED = options.compared
    os.environ["ASKREPORTS_LLM"] = "none"
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    rows = []
    for size in map(int, options.sizes.split(",")):
        home = options.folder / str(size)
        if not (home / "whole").exists():
            from made_collection import build

            begun = time.monotonic()
            build(home, size, options.folder)
            (home / "whole").touch()
            print(f"{size:,} passages: built in {time.monotonic() - begun:.0f} s", file=sys.stderr)
        if options.hits:
            tell_hits(home)
            continue
        row = {
            "passages": size,
            **json.loads(run(__file__, "--folder", options.folder, *compared, "--measure", home)[1]),
        }
        # Other processes would begin to build Chroma.
        row |= cold(home, 0 if compared else options.cold)
        rows.append(row)
        tell(row)
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    if options.plot:
        plot(rows, options.plot)


def run(*arguments: object) -> tuple[float, str]:
    """Seconds and standard output of a Python process."""
    begun = time.monotonic()
    done = subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begun
    # 1: nothing was found that answers, or a traceback.
    assert done.returncode == 0 or (done.returncode == 1 and done.stdout), done.stderr
    return seconds, done.stdout


def measure(home: Path) -> dict[str, Any]:
    """Seconds of a question's parts, in this process."""
    begun = time.monotonic()
    from made_collection import questions

    from rag import Reports

    asked = questions(QUESTIONS)
    with Reports.open(home=home) as reports:
        opened = time.monotonic()
        reports.retrieve(asked[0][0])
        first = time.monotonic()
        found: dict[str, Any] = {"open": opened - begun, "first": first - opened}
        reports.warm()
        found["megabytes"] = {"warm": megabytes()}
        found |= {way: [] for way in WAYS}
        found["processor"] = {}
        with parts() as spent:
            for way in WAYS:
                used = time.process_time()
                for text, tag in asked:
                    started = time.monotonic()
                    reports.retrieve(text, **filters(way, tag))
                    found[way].append(time.monotonic() - started)
                found["processor"][way] = (time.process_time() - used) / len(asked)
        found["parts"] = {name: seconds / (len(WAYS) * len(asked)) for name, seconds in spent.items()}
        found["statements"] = [statements(reports, text) for text, _ in asked]
        found["megabytes"] |= {"after": megabytes(), "peak": peak_megabytes()}
    return found


def filters(way: str, tag: str) -> dict[str, Any]:
    """The options of a question asked in this way."""
    from made_collection import DAYS, FIRST_DAY

    since = FIRST_DAY + timedelta(days=DAYS // 2)
    days = {"since": since, "until": since + timedelta(days=DAYS // 10)}
    return ({"languages": [tag]} if way in ("language", "both") else {}) | (days if way in ("days", "both") else {})


def megabytes() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak_megabytes() -> float:
    """The most that this process had so far; `getrusage` would include what its parent had when it was started."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def statements(reports: Any, text: str) -> int:
    """SQL statements of one retrieval that is not its first."""
    reports.retrieve(text)
    seen: list[str] = []
    connections = reports._catalog._open
    for connection in connections:
        connection.set_trace_callback(seen.append)
    reports.retrieve(text)
    for connection in connections:
        connection.set_trace_callback(None)
    return len(seen)


@contextmanager
def parts() -> Iterator[dict[str, float]]:
    """Seconds spent in each public method of the stages below `retrieve`, the inner ones within the outer one's."""
    from rag.retrieval import VectorSpace
    from rag.store import Catalog, VectorIndex

    spent: dict[str, float] = defaultdict(float)
    inside: list[str] = []

    def timed(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*values: Any, **named: Any) -> Any:
            if inside:
                return method(*values, **named)
            inside.append(name)
            begun = time.perf_counter()
            try:
                return method(*values, **named)
            finally:
                spent[name] += time.perf_counter() - begun
                inside.pop()

        return call

    kept = []
    for owner in (VectorSpace, Catalog, VectorIndex):
        for name in dir(owner):
            method = getattr(owner, name)
            if not name.startswith("_") and callable(method) and name != "snapshot":
                kept.append((owner, name, owner.__dict__.get(name)))
                setattr(owner, name, timed(f"{owner.__name__}.{name}", method))
    try:
        yield spent
    finally:
        for owner, name, method in kept:
            if method is None:
                delattr(owner, name)
            else:
                setattr(owner, name, method)


def cold(home: Path, times: int) -> dict[str, Any]:
    """Seconds of new processes: a question to its evidence and to its answer, an update that changes nothing."""
    from made_collection import questions

    found: dict[str, list[float]] = {"cold_evidence": [], "cold_answer": [], "index": [], "processor_of_ask": []}
    if not times:
        return found
    for text, _ in questions(times):
        seconds, told = run("-m", "rag", "ask", text, "--home", home, "--json")
        timings = json.loads(told)["timings"]
        found["cold_answer"].append(seconds)
        found["cold_evidence"].append(seconds - timings["total"] + timings["evidence"])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run("-m", "rag", "ask", questions(1)[0][0], "--home", home, "--json")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found["processor_of_ask"] = [after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime]
    for _ in range(min(3, times)):
        found["index"].append(run("-m", "rag", "index", "--home", home)[0])
    return found


def tell(row: dict[str, Any]) -> None:
    """The figures of one collection, in milliseconds where nothing else is said."""
    print(f"\n{row['passages']:,} passages")
    for way in WAYS:
        print(
            f"  retrieve, {way:10} median {1e3 * median(row[way]):7.1f}  p95 {1e3 * p95(row[way]):7.1f}  "
            f"of processor time {1e3 * row['processor'][way]:6.1f} mean"
        )
    rest = statistics.mean(seconds for way in WAYS for seconds in row[way]) - sum(row["parts"].values())
    for name, seconds in sorted({**row["parts"], "the rest": rest}.items(), key=lambda one: -one[1]):
        if seconds > 5e-5:
            print(f"    {name:28} {1e3 * seconds:7.2f} mean")
    print(f"  statements {min(row['statements'])} to {max(row['statements'])}")
    print(f"  open {row['open']:.2f} s, first question {row['first']:.2f} s")
    print("  memory, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in row["megabytes"].items()))
    for name in ("cold_evidence", "cold_answer", "processor_of_ask", "index"):
        if row[name]:
            print(f"  {name:16} median {median(row[name]):.2f} s  (from {min(row[name]):.2f} to {max(row[name]):.2f})")
    sys.stdout.flush()


def tell_hits(home: Path) -> None:
    """Each question's hits, for comparing two versions of the program: `diff` or a look at the scores."""
    from made_collection import questions

    from rag import Reports

    with Reports.open(home=home) as reports:
        for way in WAYS:
            for text, tag in questions(QUESTIONS):
                hits = reports.retrieve(text, limit=20, **filters(way, tag))
                told = [[hit.passage.id, hit.score, hit.dense_rank, hit.lexical_rank] for hit in hits]
                print(json.dumps([way, text, told], ensure_ascii=False))


def median(values: list[float]) -> float:
    """The middle value."""
    return statistics.median(values)


def p95(values: list[float]) -> float:
    """The value that 95 of 100 stay under."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def plot(rows: list[dict[str, Any]], file: Path) -> None:
    """Evidence, cold starts, unchanged update and memory over the number of passages."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(13, 4), layout="constrained")
    sizes = [row["passages"] for row in rows]
    for way in WAYS:
        left.plot(sizes, [1e3 * p95(row[way]) for row in rows], marker="o", label=f"p95, {way}")
    left.plot(sizes, [1e3 * median(row["plain"]) for row in rows], marker="o", linestyle=":", label="median, plain")
    left.axhline(50, color="grey", linewidth=0.8)
    for name, told in (("cold_evidence", "ask, to evidence"), ("cold_answer", "ask, to answer"), ("index", "index")):
        there = [(row["passages"], median(row[name])) for row in rows if row[name]]
        middle.plot(*zip(*there, strict=True), marker="o", label=told)
    right.plot(sizes, [row["megabytes"]["after"] for row in rows], marker="o", label="resident")
    titles = ("Evidence, ms", "Cold start, s", "Memory, MB")
    for axes, title in zip((left, middle, right), titles, strict=True):
        axes.set_xscale("log")
        axes.set_ylim(bottom=0)
        axes.set_title(title)
        axes.set_xlabel("passages")
        axes.legend(fontsize="small", frameon=False)
    figure.savefig(file)


if __name__ == "__main__":
    main()
