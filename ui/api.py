"""The endpoint for other programs: `ask`, for `gradio_client`. Independent of the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import gradio as gr

from rag.errors import AskReportsError
from rag.models import Filters
from ui.answer_stream import Asker, Lines, Manner, Running, follow
from ui.exchanges import Exchange

Ask = Callable[..., dict[str, Any]]


def asked_by_programs(reports: Asker, lines: Lines, running: Running) -> Ask:
    """The function behind the endpoint; it waits in the same queues `lines` as the page's questions."""

    def ask(
        question: str,
        languages: list[str] | None = None,
        since: str = "",
        until: str = "",
        articles: list[str] | None = None,
        answer_language: str = "",
    ) -> dict[str, Any]:
        """Answer one question; returns the dictionary of `Answer.to_dict()`.

        languages: BCP 47 tags such as "pl"; since, until: days such as "2024-07-05", both included; articles: ids.
        Each limits which reports may answer; empty means all. answer_language: a tag; empty answers in the question's.
        """
        if lines.full:
            raise gr.Error("too many questions are waiting; ask again in a minute", print_exception=False)
        try:
            filters = Filters(tuple(languages or ()), _day(since), _day(until), tuple(articles or ()))
        except ValueError as error:
            raise gr.Error(f"{error}; write days as 2024-07-05", print_exception=False) from None
        asked = Exchange(question, filters=filters)
        last = asked
        try:
            manner = Manner(answer_language=answer_language)
            session = uuid.uuid4().hex
            for step in follow(reports, (), asked, session=session, running=running, lines=lines, manner=manner):
                last = step.exchange
        except AskReportsError as error:
            raise gr.Error(str(error), print_exception=False) from None
        if last.answer is None:
            raise gr.Error(last.problem or "the answer was stopped; ask again", print_exception=False)
        return last.answer.to_dict()

    return ask


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
