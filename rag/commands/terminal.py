"""What commands print: answers on standard output, messages and progress on standard error."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from rag.models import Progress as ProgressFunction

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
out = Console(soft_wrap=True, highlight=False, markup=False)
err = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)

# Seconds between two progress lines of a long step when there is no terminal.
LINE_SECONDS = 10.0


def shown(text: str) -> str:
    """Report text with control characters replaced, since they could drive the terminal."""
    return _CONTROL.sub("\ufffd", text)


@contextmanager
def progress_shown(*, plainly: bool = False) -> Iterator[ProgressFunction]:
    """A progress bar on a terminal; elsewhere a plain line when a long step ends, and every ten seconds before."""
    if plainly or not err.is_terminal:
        begun: dict[str, tuple[float, int]] = {}
        told: dict[str, float] = {}

        def plain(label: str, done: int, total: int) -> None:
            now = time.monotonic()
            if done >= total:
                err.print(f"{label}: done ({total:,})")
                return
            since, first = begun.setdefault(label, (now, done))
            if now - told.setdefault(label, since) >= LINE_SECONDS:
                told[label] = now
                rate = (done - first) / (now - since)
                left = f", {rate:,.0f} a second, {(total - done) / rate:,.0f} s left" if rate else ""
                err.print(f"{label}: {done:,} of about {total:,}{left}")

        yield plain
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label)
            bars.update(tasks[label], completed=done, total=total, visible=done < total)

        yield show


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Empty while it is not known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")
