"""Loads what the first question needs, while the page is already open. Independent of Gradio."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rag.errors import AskReportsError


class Warming:
    """Runs `warm` once, in a daemon thread, from `start` on."""

    def __init__(self, warm: Callable[[], None]) -> None:
        self._warm = warm
        self._done = threading.Event()
        self.problem = ""

    @property
    def ready(self) -> bool:
        """Whether it has ended, successfully or not: `problem` says why not."""
        return self._done.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._run, name="warming", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most `seconds`; returns whether it has."""
        return self._done.wait(seconds)

    def _run(self) -> None:
        try:
            self._warm()
        except AskReportsError as error:
            self.problem = str(error)
        finally:
            self._done.set()
