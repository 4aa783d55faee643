"""Models opened by threads while the program does something else: their libraries let Python run meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rag.errors import AskReportsError


def open_ahead(*openers: Callable[[], object]) -> None:
    """Call each in a thread of its own, and return at once. An error is met by who needs what could not be opened."""
    for opener in openers:
        # Not a daemon: one that is ended inside a library at exit may take the process down with it.
        threading.Thread(target=_quietly, args=(opener,), name="opening").start()


def _quietly(opener: Callable[[], object]) -> None:
    try:
        opener()
    except AskReportsError:
        pass
