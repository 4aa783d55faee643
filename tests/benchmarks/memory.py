"""Memory of the page as one person asks more and more: `python tests/benchmarks/memory.py --questions 400`.

The five reports, no language model, each question in a new conversation of the same tab, by the requests that Gradio's
script sends. Printed are the process's resident megabytes at ten points. `--where` also follows all allocations of
Python (tracemalloc, which takes memory and time itself) and prints which lines hold more after the last question than
half-way, with the bytes per question.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import socket
import tempfile
import threading
import tracemalloc

import uvicorn
from growth import megabytes
from page import QUESTIONS, SEEDS
from visitor import visiting

from rag import Reports, Settings
from ui.server import make_app

LEAST = 10
FRAMES = 12  # of the stack of each allocation that are kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--where", action="store_true")
    chosen = parser.parse_args()
    if chosen.questions < LEAST:
        parser.error(f"--questions: at least {LEAST}")
    with (
        tempfile.TemporaryDirectory() as home,
        Reports.open(SEEDS, home=home, settings=Settings(llm="none")) as reports,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        server = uvicorn.Server(uvicorn.Config(make_app(reports), log_level="error", timeout_graceful_shutdown=1))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        serving.start()
        asyncio.run(ask(f"http://127.0.0.1:{listener.getsockname()[1]}/", chosen.questions, where=chosen.where))
        server.should_exit = True
        serving.join()


async def ask(address: str, count: int, *, where: bool) -> None:
    """Ask `count` questions and print what the process takes."""
    async with visiting(address) as visitor:
        half = None
        for number in range(1, count + 1):
            shown = await visitor.ask(QUESTIONS[number % len(QUESTIONS)])
            if shown.answered is None:
                raise SystemExit(f"question {number} was not answered: {shown}")
            if where and number == count // 5:
                tracemalloc.start(FRAMES)  # the caches are filled
            if where and number == count // 2:
                half = snapshot()
            if number % max(1, count // 10) == 0:
                gc.collect()
                print(f"{number:6} questions  {megabytes():7.1f} MB", flush=True)
        if half:
            tell(snapshot().compare_to(half, "traceback"), count - count // 2)


def snapshot() -> tracemalloc.Snapshot:
    gc.collect()
    ours = tracemalloc.Filter(inclusive=False, filename_pattern=tracemalloc.__file__)
    return tracemalloc.take_snapshot().filter_traces((ours,))


def tell(differences: list[tracemalloc.StatisticDiff], questions: int) -> None:
    total = sum(one.size_diff for one in differences)
    print(f"\n{total / questions:,.0f} bytes a question are held")
    for one in sorted(differences, key=lambda one: -one.size_diff)[:15]:
        print(f"\n{one.size_diff / questions:,.0f} bytes, {one.count_diff / questions:.1f} objects a question")
        print("\n".join(one.traceback.format(limit=FRAMES)))


if __name__ == "__main__":
    main()
