"""What is measured of each program, in its own environment. Standard library only: these run on Python 3.11 to 3.13.

A program's script calls `measured(make)`; `make(task)` opens it over an empty folder. The result is printed as the last
line, as JSON.
"""

from __future__ import annotations

import inspect
import json
import sys
import time
from pathlib import Path


class Task:
    """What every script gets: folder of texts, folder for the store, the embedder's address, questions."""

    def __init__(self, given):
        self.texts = Path(given["texts"])
        self.store = Path(given["store"])
        self.address = given["address"]
        self.questions = given["questions"]
        self.added = given["added"]
        self.tokenizer = given["tokenizer"]
        self.home = given["home"]


async def measured(make):
    """Time the program's steps. It has `index()`, `search(question) -> ids, best first`, and maybe `profile()` and
    `answer(question)`.

    `index` is called for the first time, for the unchanged folder, and after one more file was put there.
    """
    task = Task(json.loads(sys.stdin.read()))
    task.store.mkdir(parents=True)
    told = {}
    begun = time.perf_counter()
    program = await _now(make(task))
    told["open"] = time.perf_counter() - begun
    for step in ("index", "unchanged", "one more"):
        if step == "one more":
            (task.texts / "one-more.txt").write_text(task.added, encoding="utf-8")
        begun = time.perf_counter()
        await _now(program.index())
        told[step] = time.perf_counter() - begun
        if step == "index" and hasattr(program, "profile"):
            told["profile"] = program.profile()
    await _now(program.search(task.questions[0]["question"]))  # whatever is loaded at the first question
    told["seconds"], told["found"] = [], []
    for asked in task.questions:
        begun = time.perf_counter()
        ids = await _now(program.search(asked["question"]))
        told["seconds"].append(time.perf_counter() - begun)
        told["found"].append(ids[0] if ids else "")
    answer = getattr(program, "answer", None)
    told["answers"] = [await _now(answer(asked["question"])) for asked in task.questions] if answer else None
    told["memory"] = _peak()
    told["disk"] = sum(path.stat().st_size for path in task.store.rglob("*") if path.is_file()) / 1e6
    told["python"] = sys.version.split()[0]
    sys.stdout.write("\n" + json.dumps(told) + "\n")


def _peak():
    """Megabytes held at most. Not getrusage's figure, which begins with that of the parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024


async def _now(value):
    return await value if inspect.isawaitable(value) else value
