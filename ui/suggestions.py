"""Suggested first questions: simple questions that the reader is known to answer from this collection.

They are searched for in the background, in the language of the interface, with a limited number of tries; users'
questions take precedence. They are stored as offsets in reports, never as text, so that nothing of a removed report is
kept. Independent of Gradio and HTML.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from rag.models import Article, Candidate, CandidateKind, Passage
from ui.strings import Strings

FILE = "suggestions.json"
MOST = 4  # shown
TRIED = 24  # tries for a language and a state of the collection: under a minute of one core
LIKELY = 0.95  # the probability that the page calls proven
PAUSE_SECONDS = 0.2  # how often it is asked whether a question is being answered
# Beside each try the thread rests as long as the try took.
REST = 1.0


class Source(Protocol):
    """What suggestions need from `rag.Reports`."""

    @property
    def home(self) -> Path:
        """The folder of the index."""
        ...

    def articles(self) -> list[Article]:
        """The reports of the collection."""
        ...

    def article(self, article_id: str) -> Article | None:
        """One report, None for an unknown id."""
        ...

    def candidates(self, limit: int) -> list[Candidate]:
        """Spans that simple questions may ask for, of reports in different languages first."""
        ...

    def reading(self, question: str) -> tuple[Passage, float] | None:
        """Where the reader finds the answer, and the probability that it is right. Raises AskReportsError."""
        ...


class Suggestions:
    """Finds and shows suggestions; `busy` says whether a question is being answered. Thread-safe."""

    def __init__(self, reports: Source, busy: Callable[[], bool], *, rest: float = REST) -> None:
        self._reports = reports
        self._busy = busy
        self._rest = rest
        self._path = reports.home / FILE
        # The language that is searched in, those that wait for it in their order, and all that were asked for.
        self._seeking = ""
        self._waiting: dict[str, Strings] = {}
        self._sought: set[str] = set()
        self._lock = threading.Lock()

    def shown(self, strings: Strings) -> list[str]:
        """Up to `MOST` questions, of reports that are still as they were read."""
        stored = self._stored(strings.locale).get("found", [])
        articles = {article.sha256: article for article in self._reports.articles()} if stored else {}
        found = ((articles.get(held["sha256"]), held["kind"]) for held in stored)
        asked = [question_of(kind, article, strings) for article, kind in found if article and article.places]
        return list(dict.fromkeys(asked))[:MOST]

    def changed(self) -> None:
        """The collection is another one now: `seek` looks again."""
        with self._lock:
            self._sought.clear()

    def seek(self, strings: Strings) -> bool:
        """Look for questions in this language in the background, unless that was done for this collection.

        Returns whether more may be found: a search has begun now, goes on, or waits for one in another language.
        """
        with self._lock:
            if strings.locale not in self._sought:
                self._sought.add(strings.locale)
                self._waiting[strings.locale] = strings
                self._begin()
            return strings.locale == self._seeking or strings.locale in self._waiting

    def _begin(self) -> None:
        """Search in the language that has waited longest. One at a time: the reader has work enough."""
        if self._seeking or not self._waiting:
            return
        self._seeking = next(iter(self._waiting))
        strings = self._waiting.pop(self._seeking)
        try:
            threading.Thread(target=self._run, args=(strings,), name="suggestions", daemon=True).start()
        except RuntimeError as error:  # no more threads
            self._seeking = ""
            logging.getLogger(__name__).debug("no suggestions: %s", error)

    def _run(self, strings: Strings) -> None:
        try:
            # Linux counts a thread's niceness apart; elsewhere the rests alone make it give way.
            if hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
        except OSError:
            pass
        try:
            state = _state(self._reports.articles())
            if self._stored(strings.locale).get("state") != state:
                # By the hash of its text: a report's id is its file's name.
                held = [{**asdict(one), "article_id": ""} for one in self._found(strings)]
                self._store(strings.locale, {"state": state, "found": held})
        except Exception as error:  # the collection may be closed meanwhile; suggestions are worth no noise
            logging.getLogger(__name__).debug("no suggestions: %s", error)
        finally:
            with self._lock:
                self._seeking = ""
                self._begin()

    def _found(self, strings: Strings) -> Iterable[Candidate]:
        found = 0
        for candidate in self._reports.candidates(TRIED):
            if found == MOST:
                return
            while self._busy():
                time.sleep(PAUSE_SECONDS)
            article = self._reports.article(candidate.article_id)
            if article is None:
                continue
            begun = time.monotonic()
            if self._answers(candidate, question_of(candidate.kind, article, strings)):
                found += 1
                yield candidate
            time.sleep(self._rest * (time.monotonic() - begun))

    def _answers(self, candidate: Candidate, question: str) -> bool:
        """Whether the reader gives the span back, as good as surely."""
        read = self._reports.reading(question)
        if read is None:
            return False
        place, probability = read
        same = place.article_id == candidate.article_id and (
            candidate.start <= place.start < place.end <= candidate.end
            or place.start <= candidate.start < candidate.end <= place.end
        )
        return same and probability >= LIKELY

    def _stored(self, tag: str) -> dict[str, Any]:
        try:
            held = json.loads(self._path.read_text("utf-8")).get(tag, {})
            return held if isinstance(held, dict) else {}
        except (OSError, ValueError, AttributeError):
            return {}

    def _store(self, tag: str, found: dict[str, Any]) -> None:
        with self._lock:
            try:
                held = json.loads(self._path.read_text("utf-8"))
            except (OSError, ValueError):
                held = {}
            part = self._path.with_suffix(".part")
            part.write_text(json.dumps({**held, tag: found}), "utf-8")
            os.replace(part, self._path)


def question_of(kind: CandidateKind, article: Article, strings: Strings) -> str:
    """The question in the interface's language; it names the report's place and no other word of it."""
    forms: dict[CandidateKind, str] = {
        "when": strings.suggest_when,
        "share": strings.suggest_share,
        "amount": strings.suggest_amount,
        "who": strings.suggest_who,
    }
    return forms[kind].format(place=article.places[0])


def _state(articles: Sequence[Article]) -> str:
    """Differs between collections, and after each change."""
    known = "\n".join(f"{article.id} {article.sha256}" for article in articles)
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()[:16]
