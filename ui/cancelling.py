"""A stream that another thread can end immediately, even while its next item is being computed.

Gradio's own cancelling leaves the page unresponsive until the current step is done, and a model's step may take a
minute. Independent of pages and reports.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Stoppable(Generic[T]):
    """Iterates `items`, made in a thread of their own, until they end or `stop` is called; can be iterated once.

    An error from `items` is raised to the consumer, unless it came after the stop.
    """

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._made: SimpleQueue[tuple[T] | None] = SimpleQueue()
        self.stopped = False

    def stop(self) -> None:
        """End the iteration now; an item in progress is dropped when it is done."""
        self.stopped = True
        self._made.put(None)

    def __iter__(self) -> Iterator[T]:
        """The items as they are made."""
        maker = ThreadPoolExecutor(1, thread_name_prefix="answer")
        try:
            made: Future[None] = maker.submit(self._make)
            made.add_done_callback(lambda _: self._made.put(None))
            while (item := self._made.get()) and not self.stopped:
                yield item[0]
            if not self.stopped:
                made.result()
        finally:
            self.stopped = True
            maker.shutdown(wait=False)

    def _make(self) -> None:
        try:
            for item in self._items:
                if self.stopped:
                    break
                self._made.put((item,))
        finally:
            # release what the items hold, a place in the queue or a model
            if isinstance(self._items, Generator):
                self._items.close()
