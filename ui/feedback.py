"""Rated answers -> evaluation cases, as JSON lines in the format of `askreports evaluate`.

A good answer becomes its own gold answer, with its text and citations. A wrong one becomes a case to complete, with the
user's comment in `why`. Cases never name the user. Independent of pages and of where feedback is stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from rag.models import Answer
from ui.exchanges import Exchange, Feedback

TO_COMPLETE = "to be completed"

_MARKS = re.compile(r"\s*\[\d{1,3}\]")


def cases(rated: Iterable[Exchange]) -> str:
    """One JSON object per line for each exchange that has an answer and feedback."""
    made = [_case(e.id, e.answer, e.feedback) for e in rated if e.answer and e.feedback and not e.erased]
    return "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in made)


def _case(id: str, answer: Answer, feedback: Feedback) -> dict[str, Any]:
    case: dict[str, Any] = {
        "id": f"feedback-{id}",
        # A follow-up means nothing without its conversation.
        "question": answer.standalone_question or answer.question,
        "language": answer.language,
        "answers": [],
        "articles": [],
        "quotes": [],
        "answerable": True,
        "kind": "fact:thing",
        "why": feedback.comment,
    }
    if not feedback.good:
        parts = (TO_COMPLETE, feedback.comment, f"the answer was: {answer.text}")
        # A case needs an expected answer; nothing is right until a person writes it here.
        return case | {"answers": [TO_COMPLETE], "why": "; ".join(part for part in parts if part)}
    if not answer.answered:
        return case | {"answerable": False, "kind": "unanswerable"}
    articles = list(dict.fromkeys(citation.article_id for citation in answer.citations))
    return case | {
        "answers": [_MARKS.sub("", answer.text).strip()],
        "articles": articles,
        "quotes": list(dict.fromkeys(citation.quote for citation in answer.citations)),
        "kind": "several" if len(articles) > 1 else "fact:thing",
    }
