"""Who wrote a report: its authors' line, which is no evidence for anything else. No language model."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from rag.claiming import Found, Outcome
from rag.models import Article, Evidence, Passage
from rag.questions import Question, asks_for
from rag.wording import tell_list

# Evidence for a question that pins no report down is at least this near; questions on what no report tells have less.
LEAST = 0.8


def asks_author(question: Question) -> bool:
    """Whether the question is who wrote a report: "who wrote", or "the author of", beside a word for a report."""
    named = question.kind in ("person", "other") and asks_for("author", question)
    return named or (question.kind == "person" and asks_for("wrote", question))


def written_by(question: Question, evidence: Iterable[Evidence]) -> Outcome:
    """The authors of the report that the nearest evidence is from, with the line that names them."""
    pinned = bool(question.names or question.days or question.years or question.codes)
    for piece in islice(evidence, 1):
        line = _line(piece.article)
        if line and (pinned or piece.score >= LEAST):
            told = tell_list(piece.article.authors, question.language)
            return Outcome((Found(told, ((piece.article, line),), "supported", 1.0),), 1.0)
    return Outcome((), 0.0)


def _line(article: Article) -> Passage | None:
    """The line that names all the authors; None where the report has none, or its text does not name them so."""
    at = article.body_end
    for line in article.text[at:].splitlines(keepends=True):
        text = line.strip()
        if article.authors and all(author in text for author in article.authors):
            start = at + line.index(text)
            return Passage(article.id, start, start + len(text), text, "sentence")
        at += len(line)
    return None
