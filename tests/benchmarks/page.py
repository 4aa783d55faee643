"""Seconds until the page is usable, and from Enter to evidence on the screen: `python tests/benchmarks/page.py`.

The five reports, the bundled embedder, no language model; Debian's Chromium. Usable: the question box takes a question
and the sources are drawn. "Warm" is the median of pages opened after the first, each in a new browser profile.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright

from rag import Reports, Settings
from ui.server import make_app

SEEDS = Path(__file__).parents[2] / "seeds"
QUESTIONS = [
    "How many skilled mass-mobilization models did Kim Bang report?",
    "¿Cuántos modelos hay en Ninh Son?",
    "Wann fand die Konferenz in Ninh Binh statt?",
    "Kto przewodniczył konferencji w Thai Binh?",
    "Berapakah tugas biasa yang dilaksanakan di Ninh Thuan?",
]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Notes the time at Enter, and the time when the panel first shows evidence after it.
WATCH = """() => {
  window.times = [];
  let pressed = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") pressed = performance.now();
  }, true);
  const seen = () => document.querySelector("#sources .sources")?.id; // the newest question's come first
  let before = seen();
  new MutationObserver(() => {
    if (pressed && seen() !== before) requestAnimationFrame(() => {
      if (!pressed) return;
      window.times.push(performance.now() - pressed);
      pressed = 0;
    });
    if (!pressed) before = seen();
  }).observe(document.documentElement, { childList: true, subtree: true });
}"""


def opened(page: Page, address: str) -> float:
    """Seconds until the page can be used."""
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_selector("#sources h2")
    page.wait_for_selector("#question textarea:not([disabled])")
    return time.perf_counter() - begun


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asked", type=int, default=20)
    parser.add_argument("--pages", type=int, default=6)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as home,
        Reports.open(SEEDS, home=home, settings=Settings(llm="none")) as reports,
        socket.create_server(("127.0.0.1", 0)) as listener,
        sync_playwright() as engine,
    ):
        server = uvicorn.Server(uvicorn.Config(make_app(reports), log_level="error", timeout_graceful_shutdown=1))
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        serving.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        browser = engine.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        times = []
        for _ in range(chosen.pages):
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            times.append(opened(page, address))
        print(f"usable: first {times[0]:.2f} s, warm median {statistics.median(times[1:]):.2f} s")
        page.evaluate(WATCH)
        for at in range(chosen.asked):
            page.wait_for_selector("#question .submit-button")
            page.fill("#question textarea", QUESTIONS[at % len(QUESTIONS)])
            page.keyboard.press("Enter")
            while len(page.evaluate("window.times")) <= at:
                page.wait_for_timeout(50)
            page.wait_for_selector("#question .submit-button")
        held = sorted(page.evaluate("window.times"))
        spread = f"{held[0] / 1000:.3f} to {held[-1] / 1000:.3f}"
        print(f"evidence after Enter: median {statistics.median(held) / 1000:.3f} s of {len(held)} ({spread})")
        browser.close()
        server.should_exit = True
        serving.join(10)


if __name__ == "__main__":
    main()
