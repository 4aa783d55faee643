"""Many people at one page: `python tests/benchmarks/load.py --clients 50 --minutes 10`.

A real `askreports serve` on a free port, over 120 invented reports (`tests/cases/collections/mending`) and one report
for each client (`made_reports.py`). Each client opens the page and asks about its own report every `--every` seconds,
or as soon as its last answer is there. Meanwhile a report is uploaded every `--upload-every` seconds, and every
`--leaves`th question is abandoned after a second.

Exit code 1 if a client saw an error other than "busy", another client's question, or another figure than the one that
the same question gets when it is asked alone afterwards. Seconds and memory are printed beside their aims.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import httpx
import numpy as np
from made_reports import Fact, make_reports
from visitor import Busy, Shown, Visitor, visiting

ROOT = Path(__file__).parents[2]
MENDING = ROOT / "tests/cases/collections/mending"


@dataclass
class Seen:
    """What all clients saw."""

    evidence: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    busy: int = 0
    left: int = 0
    places: int = 0
    own: int = 0
    uploads: int = 0
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    doubtful: list[tuple[Fact, str]] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # minutes, megabytes
    threads: list[int] = field(default_factory=list)
    work: float = 0.0  # seconds of processor time that the page's process took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=float, default=30, help="seconds between a client's questions")
    parser.add_argument("--upload-every", type=float, default=20)
    parser.add_argument("--leaves", type=int, default=25, help="every how manieth question is abandoned; 0: none")
    parser.add_argument("--home", type=Path, help="a folder to keep the index in, for a second run")
    parser.add_argument("--small", action="store_true", help="only the clients' own reports")
    parser.add_argument("--out", type=Path, help="also write the figures there, as JSON")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = chosen.home or Path(place)
        reports = home / "made"
        reports.mkdir(parents=True, exist_ok=True)
        facts = make_reports(reports, chosen.clients)
        others = [] if chosen.small else sorted(MENDING.glob("*/reports"))
        with served([reports, *others], home / "home") as (address, process):
            seen = asyncio.run(load(address, process.pid, facts, chosen))
    tell(seen, chosen)
    sys.exit(1 if seen.errors or seen.mixed else 0)


@contextmanager
def served(folders: list[Path], home: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The page's address and process, when all reports are indexed."""
    command = [sys.executable, "-m", "rag"]
    environment = {**os.environ, "ASKREPORTS_LLM": "none", "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [*command, "index", *map(str, folders), "--home", str(home)], env=environment, check=True, capture_output=True
    )
    serve = [*command, "serve", "--home", str(home), "--port", "0"]
    with subprocess.Popen(serve, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                break
        else:
            raise SystemExit("askreports serve did not start")
        try:
            yield found.group(), process
        finally:
            process.terminate()
            sys.stderr.write(process.communicate(timeout=60)[1][-2000:])


async def load(address: str, pid: int, facts: list[list[Fact]], chosen: argparse.Namespace) -> Seen:
    seen = Seen()
    async with visiting(address) as first:
        await first.ask(facts[0][0].question)  # the models are loaded
        begun, worked = time.monotonic(), processor_seconds(pid)
        watch = asyncio.create_task(watched(pid, seen, begun))
        uploads = asyncio.create_task(uploading(first, seen, chosen.upload_every))
        people = [client(address, number, mine, seen, chosen, begun) for number, mine in enumerate(facts)]
        await asyncio.gather(*people)
        for task in (watch, uploads):
            task.cancel()
        seen.work = processor_seconds(pid) - worked
        await asyncio.sleep(5)
        seen.threads.append(len(os.listdir(f"/proc/{pid}/task")))
        for fact, under_load in seen.doubtful:
            alone = result((await first.ask(fact.question)).chat)
            if alone != under_load:
                seen.mixed.append(f"{fact.question}: {under_load}; alone: {alone}")
    return seen


async def client(
    address: str, number: int, facts: list[Fact], seen: Seen, chosen: argparse.Namespace, begun: float
) -> None:
    """One person, from opening the page to the end of the time."""
    end = begun + chosen.minutes * 60
    due = begun + number * chosen.every / chosen.clients
    asked = number
    async with visiting(address) as visitor:
        while due < end:
            await asyncio.sleep(due - time.monotonic())
            fact, asked = facts[asked % len(facts)], asked + 1
            try:
                leaves = chosen.leaves and asked % chosen.leaves == 0
                shown = await visitor.ask(fact.question, leave_after=1.0 if leaves else None)
                if leaves:
                    seen.left += 1
                else:
                    check(shown, fact, seen)
            except Busy:
                seen.busy += 1
            except (httpx.HTTPError, LookupError, ValueError) as error:
                seen.errors.append(f"{type(error).__name__}: {error}")
            due = max(due + chosen.every, time.monotonic())


def check(shown: Shown, fact: Fact, seen: Seen) -> None:
    """Note what a client saw of one question."""
    seen.errors.extend(shown.said)
    seen.places += bool(shown.places)
    if shown.evidence is None or shown.answered is None:
        seen.errors.append(f"{fact.question}: no {'evidence' if shown.evidence is None else 'answer'}: {shown.chat}")
        return
    seen.evidence.append(shown.evidence)
    seen.answers.append(shown.answered)
    if shown.questions != [fact.question]:
        seen.mixed.append(f"{fact.question}: shown with {shown.questions}")
    elif fact.figure in result(shown.chat):
        seen.own += 1
    else:
        # The reader may be wrong; then it is as wrong when it is asked alone.
        seen.doubtful.append((fact, result(shown.chat)))


def result(chat: str) -> str:
    """The figures of the short answer."""
    return " ".join(re.findall(r"\d{4,}", chat.replace(",", "").replace(".", "").replace("\u00a0", "")))


async def uploading(visitor: Visitor, seen: Seen, every: float) -> None:
    chance = random.Random(2)
    while True:
        await asyncio.sleep(every)
        number = chance.randrange(10**6)
        said = await visitor.upload(f"upload-{number}.txt", f"Upload {number}\n\n" + "The ferry ran on time. " * 60)
        seen.uploads += 1
        if 'success": true' not in said:
            seen.errors.append(f"upload: {said[:300]}")


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def watched(pid: int, seen: Seen, begun: float) -> None:
    while True:
        status = Path(f"/proc/{pid}/status").read_text()
        held = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]
        seen.memory.append(((time.monotonic() - begun) / 60, held))
        seen.threads.append(int(re.search(r"Threads:\s+(\d+)", status)[1]))  # type: ignore[index]
        await asyncio.sleep(2)


def tell(seen: Seen, chosen: argparse.Namespace) -> None:
    half = seen.memory[len(seen.memory) // 2 :]
    slope = float(np.polyfit(*zip(*half, strict=True), 1)[0]) if len(half) > 2 else float("nan")
    asked = len(seen.answers) + seen.busy + seen.left
    print(f"{date.today()}, {platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    print(f"{chosen.clients} clients, a question every {chosen.every:g} s, {chosen.minutes:g} minutes: {asked} asked")
    print(f"evidence  p50 {at(seen.evidence, 50):.2f} s, p95 {at(seen.evidence, 95):.2f} s (aim 1 s)")
    print(f"answers   p50 {at(seen.answers, 50):.2f} s, p95 {at(seen.answers, 95):.2f} s, n {len(seen.answers)}")
    print(f"own figure {seen.own}; told a place in the queue {seen.places}; busy {seen.busy}; left {seen.left}")
    each, cores = seen.work / max(1, len(seen.answers)), len(os.sched_getaffinity(0))
    carried = cores / each * chosen.every if each else 0
    print(f"processor {each:.2f} s a question: {cores} cores to themselves carry at most {carried:.0f} such clients")
    print(f"uploads {seen.uploads}; threads {max(seen.threads)} at most, {seen.threads[-1]} afterwards")
    print(f"memory {half[0][1]:.0f} to {half[-1][1]:.0f} MB in the second half, {slope:+.1f} MB a minute")
    print(f"errors {len(seen.errors)}; mixed {len(seen.mixed)}")
    for line in [*seen.errors[:5], *seen.mixed[:5]]:
        print("   ", line[:400])
    if chosen.out:
        chosen.out.write_text(json.dumps(asdict(seen), indent=1, ensure_ascii=False), encoding="utf-8")


def at(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent)) if values else float("nan")


if __name__ == "__main__":
    main()
