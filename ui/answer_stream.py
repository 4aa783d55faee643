"""A question's progress while it is answered. Independent of Gradio, HTML and files.

Reports are used only through `Asker`, so that a test can pass a fake.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol, Unpack

from rag.errors import AskReportsError
from rag.models import Article, AskOptions, Candidate, Event, FilterOptions, Passage, PhraseMatch, Turn
from ui.cancelling import Stoppable
from ui.collection import Keeper
from ui.exchanges import Exchange
from ui.waiting import Line

# Questions at once whose evidence is looked for, that are read, and that are answered (reading included: the rest is
# waiting for a language model, if there is one); others wait in the queue of each. Finding takes tens of milliseconds,
# reading most of a second on all cores, so evidence must not wait for answers, and more readers would only slow it.
FOUND, READ, ANSWERED = 2, 2, 4
WAITING = 48  # questions that may wait for their answer; the page asks others to come again
# Drawing the position for everybody at each move would take time from the answers. Who is among the next `NEXT` sees
# each move; others see it after `SELDOM` seconds, and the page is touched after `STILL`, to notice who has left.
NEXT, SELDOM, STILL = 3, 2.0, 5.0


class Asker(Keeper, Protocol):
    """What the page needs from `rag.Reports`."""

    @property
    def models(self) -> Mapping[str, str]:
        """Names of the models in use: `llm` is "none" without a language model."""
        ...

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        """Yield `EvidenceFound`, then `ShortFound` if there is an answer, `TextDelta` ..., `AnswerReady`."""
        ...

    def article(self, article_id: str) -> Article | None:
        """One report, None for an unknown id."""
        ...

    def candidates(self, limit: int) -> list[Candidate]:
        """Spans that simple questions may ask for."""
        ...

    def reading(self, question: str) -> tuple[Passage, float] | None:
        """Where the reader finds the answer, and the probability that it is right."""
        ...

    def context(self, article_id: str, start: int, end: int, *, sentences: int = 1) -> Passage:
        """`text[start:end]` with as many sentences before and after. Raises InputError."""
        ...

    def search(self, phrase: str, limit: int = 20, **options: Unpack[FilterOptions]) -> list[PhraseMatch]:
        """The occurrences of the exact phrase, report by report, in text order, each with its sentence."""
        ...

    def gloss(self, article_id: str, start: int, end: int, language: str) -> str:
        """A machine translation of `text[start:end]`. Raises ModelError without a language model."""
        ...


class Lines:
    """The queues of a page: for the evidence, for the answer, and within it for the reader."""

    def __init__(self) -> None:
        self.evidence = Line(FOUND)
        self.answers = Line(ANSWERED, WAITING)
        self.reading = Line(READ)

    @property
    def full(self) -> bool:
        """Whether a new question should be turned away."""
        return self.answers.full


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event of the page's own: the question's position in the queue that it is in, 0 when it is its turn."""

    place: int


@dataclass(frozen=True, slots=True)
class Step:
    """A question's progress, and its position in the queue while it waits there (else 0)."""

    exchange: Exchange
    place: int = 0

    def after(self, event: Event | Waiting) -> Step:
        """The step after an event."""
        if isinstance(event, Waiting):
            return replace(self, place=event.place)
        return Step(self.exchange.after(event))


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is read and answered, as in `AskOptions`."""

    alone: bool = False
    answer_language: str = ""
    default_language: str = ""


Running = dict[str, Stoppable["Event | Waiting"]]  # what is being answered, by session


def follow(
    reports: Asker,
    past: Sequence[Exchange],
    asked: Exchange,
    *,
    session: str = "",
    running: Running | None = None,
    lines: Lines | None = None,
    manner: Manner | None = None,
) -> Iterator[Step]:
    """The question after each event of its answer; one of our own errors ends it as its `problem`.

    `past` is the conversation before it, `manner` how the question is read and answered. Meanwhile `running[session]`
    can stop it. Evidence and answer wait for their turns in `lines`.
    """
    now = Step(asked)
    yield now
    running = {} if running is None else running
    filters, manner = asked.filters, manner or Manner()
    told = [] if manner.alone else [before for before in past if not before.erased]
    stream = reports.stream(
        asked.question,
        history=[Turn(before.question, before.answer.text) for before in told if before.answer],
        alone=manner.alone,
        answer_language=manner.answer_language,
        default_language=manner.default_language,
        languages=filters.languages,
        since=filters.since,
        until=filters.until,
        articles=filters.articles,
    )
    events = running[session] = Stoppable(in_line(stream, lines or Lines()))
    try:
        shown, at = now, time.monotonic()
        for event in events:
            now = now.after(event)
            if isinstance(event, Waiting) and time.monotonic() - at < _patience(shown.place, now.place):
                continue
            shown, at = now, time.monotonic()
            yield now
        if not now.exchange.answer:
            yield Step(replace(now.exchange, stopped=True))
    except AskReportsError as error:
        yield Step(replace(now.exchange, problem=str(error)))
    finally:
        events.stop()
        if running.get(session) is events:
            del running[session]


def _patience(shown: int, place: int) -> float:
    """For how many seconds a position may stay on the page as it is shown."""
    if shown == place:
        return STILL
    return SELDOM if min(shown, place) > NEXT else 0.0


def in_line(events: Iterator[Event], lines: Lines) -> Iterator[Event | Waiting]:
    """`events`, with a wait before the first, which is the evidence, and before the second, which the reader finds."""
    try:
        with _turn(lines.evidence) as waits:
            yield from waits
            found = next(events, None)
        if found is None:
            return
        yield found
        with _turn(lines.answers) as waits:
            yield from waits
            with _turn(lines.reading) as waits_inside:
                yield from waits_inside
                read = next(events, None)
            if read is not None:
                yield read
                yield from events
    finally:
        if isinstance(events, Generator):
            events.close()


@contextmanager
def _turn(line: Line) -> Iterator[Iterator[Waiting]]:
    """A place in a queue, given back at the end, and the waits until it is its turn."""
    ticket = line.join()

    def waits() -> Iterator[Waiting]:
        while place := line.place(ticket):
            yield Waiting(place)
            line.wait()

    try:
        yield waits()
    finally:
        line.leave(ticket)
