"""Answer + case -> what was right and what was not, each a yes, a no, or None where it does not apply."""

from __future__ import annotations

from dataclasses import dataclass

from rag.evaluation.loading import Case
from rag.languages import fold
from rag.models import Answer, Article
from rag.numbers import number_values


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one case.

    `right`: an answerable question got its answer, with all the reports it needs cited. `contains`: the words were
    right, whatever was cited. `wrong_citations` of `citations` name a report that does not prove it. `exact`: every
    quote stands in its report. `declined`: the answer says that the reports do not say.
    """

    right: bool | None
    contains: bool | None
    declined: bool
    citations: int
    wrong_citations: int
    exact: bool


def score(case: Case, answer: Answer, articles: dict[str, Article]) -> Score:
    """Score one answer; `articles` by id, for checking the quotes."""
    cited = [citation.article_id for citation in answer.citations]
    exact = all(
        articles[citation.article_id].text[citation.start : citation.end] == citation.quote
        for citation in answer.citations
    )
    wrong = sum(article not in case.articles for article in cited)
    if not case.answerable:
        return Score(None, None, not answer.answered, len(cited), len(cited), exact)
    contains = answer.answered and _contains(case, answer.text)
    needed = (
        any(article in cited for article in case.articles) if case.any_article else set(case.articles) <= set(cited)
    )
    return Score(contains and needed and not wrong, contains, not answer.answered, len(cited), wrong, exact)


def _contains(case: Case, text: str) -> bool:
    folded = " ".join(fold(text).split())
    if case.parts:
        return all(any(fold(option) in folded for option in part) for part in case.parts)
    if case.kind == "yesno":
        return any(folded.startswith(fold(option)) for option in case.answers)
    if case.number is not None and _plain(case.number) in number_values(text, case.language):
        return True
    if case.number is not None and case.kind == "fact:number":
        return False
    return any(fold(option) in folded for option in case.answers)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
