"""One question and its outcome, and its JSON. Independent of pages and of where exchanges are stored.

The JSON of an answer is always `Answer.to_dict()`; evidence without an answer is stored as an answer with empty text.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from rag.models import Answer, AnswerReady, Event, EvidenceFound, Filters, Hit, ShortFound, TextDelta

State = Literal["answering", "answered", "stopped", "failed", "broken off"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A user's rating of an answer."""

    good: bool
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its outcome so far. `hits` is None before the evidence.

    `short` is the short answer, which comes before the text, and `likely` the probability that it is right. `stopped`
    by the user, `broken_off` by the end of the program; `problem` says why there is no (whole) answer. `erased`: its
    words and quotes were erased together with a report that they came from. `asked_on` is the day on which the reports
    were read for it, None in older ones.
    """

    question: str
    hits: tuple[Hit, ...] | None = None
    written: str = ""
    answer: Answer | None = None
    problem: str = ""
    stopped: bool = False
    broken_off: bool = False
    filters: Filters = Filters()
    feedback: Feedback | None = None
    short: str = ""
    likely: float = 0.0
    erased: bool = False
    asked_on: date | None = None
    # Exchanges with the same content are equal; the id only identifies one in the store.
    id: str = field(default_factory=lambda: uuid.uuid4().hex, compare=False)

    @property
    def state(self) -> State:
        """How far it got."""
        if self.answer:
            return "answered"
        if self.problem:
            return "failed"
        if self.broken_off:
            return "broken off"
        return "stopped" if self.stopped else "answering"

    def after(self, event: Event) -> Exchange:
        """The exchange after an event."""
        match event:
            case EvidenceFound(hits):
                return replace(self, hits=hits)
            case ShortFound(short, probability):
                return replace(self, short=short, likely=probability)
            case TextDelta(text):
                return replace(self, written=self.written + text)
            case AnswerReady(answer):
                return replace(self, answer=answer, hits=answer.hits or self.hits)

    def without(
        self, articles: Collection[str], *, texts: Collection[str] = (), held: Collection[str] = ()
    ) -> Exchange:
        """The exchange without any text of these reports; unchanged if it contains none.

        `articles` are ids and SHA-256 hashes, `texts` their texts as far as they are known, `held` ids and hashes of
        the reports that stay: an id is that of the day, and may have become another report's. The text of an answer is
        removed if it cites one of them, or if its source is unknown.
        """
        answer, hits = self.answer, self.hits
        # Older hits do not say which text they are from; citations beside them do.
        read = {citation.article_id: citation.sha256 for citation in answer.citations} if answer else {}

        def is_gone(id: str, sha256: str, quote: str) -> bool:
            if sha256 in articles:
                return True
            if sha256 in held:
                return False
            return id in articles or (id not in held and any(quote in text for text in texts))

        def left(found: tuple[Hit, ...]) -> tuple[Hit, ...]:
            return tuple(
                hit
                for hit in found
                if not is_gone(hit.article.id, hit.article.sha256 or read.get(hit.article.id, ""), hit.passage.text)
            )

        cited = answer is not None and any(is_gone(one.article_id, one.sha256, one.quote) for one in answer.citations)
        kept = None if hits is None else left(hits)
        if not cited and kept == hits and (answer is None or left(answer.hits) == answer.hits):
            return self
        if answer:
            answer = replace(answer, hits=left(answer.hits), span=None)
        if answer and not cited:
            return replace(self, answer=answer, hits=kept)
        if answer:
            answer = replace(answer, text="", short="", claims=(), citations=(), others=())
        bare = replace(self, answer=answer, hits=kept, written="", short="", likely=0.0, erased=True)
        return bare.alone()

    def alone(self) -> Exchange:
        """The exchange without what its question took over from earlier answers."""
        if self.answer is None or self.answer.standalone_question == self.answer.question:
            return self
        return replace(self, answer=replace(self.answer, standalone_question=self.answer.question))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; without `feedback`, which is stored separately."""
        known = self.answer.hits if self.answer else None
        found = None if self.hits is None or self.hits == known else _bare(self.question, self.hits).to_dict()
        return {
            "id": self.id,
            "question": self.question,
            "answer": self.answer.to_dict() if self.answer else None,
            "found": found,
            "written": self.written,
            "short": self.short,
            "likely": self.likely,
            "problem": self.problem,
            "stopped": self.stopped,
            "broken_off": self.broken_off,
            "erased": self.erased,
            "asked_on": self.asked_on.isoformat() if self.asked_on else None,
            "filters": {
                "languages": list(self.filters.languages),
                "since": self.filters.since.isoformat() if self.filters.since else None,
                "until": self.filters.until.isoformat() if self.filters.until else None,
                "articles": list(self.filters.articles),
            },
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Exchange:
        """The inverse of `to_dict`; a hit's report comes back without its text, as with `Answer`."""
        answer = Answer.from_dict(data["answer"]) if data["answer"] else None
        found = Answer.from_dict(data["found"]).hits if data["found"] else None
        filters = data["filters"]
        return cls(
            id=data["id"],
            question=data["question"],
            hits=answer.hits if answer and found is None else found,
            written=data["written"],
            # absent if stored by an earlier version
            short=data.get("short", ""),
            likely=data.get("likely", 0.0),
            erased=data.get("erased", False),
            asked_on=date.fromisoformat(data["asked_on"]) if data.get("asked_on") else None,
            answer=answer,
            problem=data["problem"],
            stopped=data["stopped"],
            broken_off=data["broken_off"],
            filters=Filters(
                tuple(filters["languages"]),
                date.fromisoformat(filters["since"]) if filters["since"] else None,
                date.fromisoformat(filters["until"]) if filters["until"] else None,
                tuple(filters["articles"]),
            ),
        )


def _bare(question: str, hits: tuple[Hit, ...]) -> Answer:
    return Answer(question, question, "", False, "", (), (), hits)
