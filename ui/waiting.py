"""Who waits for the language model, and at which place. Knows nothing of pages or answers."""

from __future__ import annotations

import itertools
import threading

LOOK_SECONDS = 1.0  # how long one that waits can go unasked whether it still wants to


class Line:
    """First come, first served: `at_once` are served, the others wait and can be told their place."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._tickets: list[int] = []
        self._new = itertools.count(1)
        self._moved = threading.Condition()

    def join(self) -> int:
        """Go to the end of the line; the ticket is given back with `leave`."""
        with self._moved:
            ticket = next(self._new)
            self._tickets.append(ticket)
            return ticket

    def place(self, ticket: int) -> int:
        """0 when it is the ticket's turn, else how many turns of others end before it is."""
        with self._moved:
            return max(0, self._tickets.index(ticket) - self._at_once + 1)

    def wait(self) -> None:
        """Until the line moves, but no longer than `LOOK_SECONDS`."""
        with self._moved:
            self._moved.wait(LOOK_SECONDS)

    def leave(self, ticket: int) -> None:
        """Done, or no longer interested; once."""
        with self._moved:
            self._tickets.remove(ticket)
            self._moved.notify_all()
