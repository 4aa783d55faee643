"""Queues, and each request's position in them. Independent of pages and answers."""

from __future__ import annotations

import itertools
import threading

LOOK_SECONDS = 1.0  # how long a request waits before it is asked whether it still wants to


class Line:
    """A first-come, first-served queue: `at_once` are served, the others wait and can ask for their position.

    It is full when `most` wait; nobody is turned away here, since who joins has been let in before.
    """

    def __init__(self, at_once: int, most: int | None = None) -> None:
        self._at_once = at_once
        self._most = most
        self._tickets: list[int] = []
        self._new = itertools.count(1)
        self._moved = threading.Condition()

    @property
    def full(self) -> bool:
        """Whether nobody else should be let in for now."""
        with self._moved:
            return self._most is not None and len(self._tickets) - self._at_once >= self._most

    def join(self) -> int:
        """Join the end of the queue; return the ticket with `leave`."""
        with self._moved:
            ticket = next(self._new)
            self._tickets.append(ticket)
            return ticket

    def place(self, ticket: int) -> int:
        """0 if it is the ticket's turn, else how many others must leave before it is."""
        with self._moved:
            return max(0, self._tickets.index(ticket) - self._at_once + 1)

    def wait(self) -> None:
        """Wait until the queue moves, at most `LOOK_SECONDS`."""
        with self._moved:
            self._moved.wait(LOOK_SECONDS)

    def leave(self, ticket: int) -> None:
        """Leave the queue, done or no longer interested; call it once."""
        with self._moved:
            self._tickets.remove(ticket)
            self._moved.notify_all()
