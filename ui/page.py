"""What is on the page and what happens on a question. Makes no HTML of its own and knows nothing of web servers.

A conversation is a tuple of `Exchange`; the chat and the panel beside it are each drawn from it, so what is on the
screen is always a function of what was asked and what has come. It calls the reports through `Asker` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

import gradio as gr

from rag.errors import AskReportsError
from rag.models import Answer, AnswerReady, Article, Event, EvidenceFound, Hit, TextDelta, Turn
from ui import evidence
from ui.stopping import Stoppable
from ui.strings import ENGLISH, Strings

KEPT_SOURCES = 12  # how many answers of a conversation keep their sources at hand in the panel
AT_ONCE = 4  # questions answered side by side; others wait in line
IN_LINE = 64


class Asker(Protocol):
    """What the page needs of `rag.Reports`."""

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        languages: Sequence[str] = (),
        since: date | None = None,
        until: date | None = None,
        articles: Sequence[str] = (),
    ) -> Iterator[Event]:
        """`EvidenceFound`, then `TextDelta` ..., then `AnswerReady`."""
        ...

    def articles(self) -> list[Article]:
        """The reports of the collection."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what has come of it so far. `hits` is None before the evidence."""

    question: str
    hits: tuple[Hit, ...] | None = None
    written: str = ""
    answer: Answer | None = None
    problem: str = ""
    stopped: bool = False

    def after(self, event: Event) -> Exchange:
        """What the exchange becomes once `event` has come."""
        match event:
            case EvidenceFound(hits):
                return replace(self, hits=hits)
            case TextDelta(text):
                return replace(self, written=self.written + text)
            case AnswerReady(answer):
                return replace(self, answer=answer, hits=answer.hits or self.hits)


Conversation = tuple[Exchange, ...]


Running = dict[str, Stoppable[Event]]  # what is being answered, by session


def follow(
    reports: Asker, talk: Conversation, question: str, *, session: str = "", running: Running | None = None
) -> Iterator[Conversation]:
    """The conversation after each event of a new question; an error of ours ends it as its `problem`.

    Meanwhile `running[session]` can stop it.
    """
    history = [Turn(past.question, past.answer.text) for past in talk if past.answer]
    now = Exchange(question)
    yield (*talk, now)
    running = {} if running is None else running
    events = running[session] = Stoppable(reports.stream(question, history=history))
    try:
        for event in events:
            now = now.after(event)
            yield (*talk, now)
        if not now.answer:
            yield (*talk, replace(now, stopped=True))
    except AskReportsError as error:
        yield (*talk, replace(now, problem=str(error)))
    finally:
        events.stop()
        if running.get(session) is events:
            del running[session]


def chat(talk: Conversation, strings: Strings) -> list[dict[str, str]]:
    """The messages of a conversation, for `gr.Chatbot`."""
    messages: list[dict[str, str]] = []
    for turn, past in enumerate(talk, start=1):
        messages.append({"role": "user", "content": evidence.question_html(past.question)})
        messages.append({"role": "assistant", "content": _reply(past, turn, strings)})
    return messages


def panel(reports: Asker, talk: Conversation, strings: Strings) -> str:
    """The sources of the last exchanges, newest first (the style sheet shows one); the collection before any."""
    turns = [(turn, past) for turn, past in enumerate(talk, start=1) if past.hits is not None]
    if not turns:
        return evidence.welcome_html(reports.articles(), strings)
    return "".join(_sources(reports, past, turn, strings) for turn, past in reversed(turns[-KEPT_SOURCES:]))


def build(reports: Asker, *, suggestions: Sequence[str] = (), strings: Strings = ENGLISH) -> gr.Blocks:
    """The page. `suggestions` are questions offered before the first one."""
    running: Running = {}
    page: gr.Blocks = gr.Blocks(analytics_enabled=False, title=strings.title, fill_width=True, fill_height=True)
    with page:
        talk = gr.State(())
        head = gr.Markdown(elem_id="head", **_PLAIN)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                log = _chatbot(strings, suggestions)
                box = _question_box(strings)
            with gr.Column(elem_id="proof"):
                side = gr.Markdown(elem_id="sources", **_PLAIN)

        def show(held: Conversation) -> tuple[str, str]:
            return evidence.summary_html(reports.articles(), strings), panel(reports, held, strings)

        def ask(question: str, held: Conversation, request: gr.Request) -> Iterator[dict[Any, Any]]:
            shown: tuple[Hit, ...] | Answer | None = None
            session = request.session_hash or ""
            for held in follow(reports, held, question, session=session, running=running):  # noqa: B020
                last = held[-1]
                update = {talk: held, log: chat(held, strings), box: _busy()}
                if (material := last.answer or last.hits) is not shown:
                    shown = material
                    update[side] = panel(reports, held, strings)
                yield update
            yield {box: _ready(last.question if last.problem else None)}

        def suggest(held: Conversation, request: gr.Request, picked: gr.SelectData) -> Iterator[dict[Any, Any]]:
            yield from ask(picked.value["text"], held, request)

        def stop(request: gr.Request) -> None:
            if events := running.get(request.session_hash or ""):
                events.stop()

        def clear(request: gr.Request) -> tuple[Conversation, str]:
            stop(request)
            return (), panel(reports, (), strings)

        outputs = [talk, log, box, side]
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        page.load(show, talk, [head, side], **quiet)
        box.submit(ask, [box, talk], outputs, **quiet)
        log.example_select(suggest, talk, outputs, **quiet)
        box.stop(stop, None, None, queue=False, **quiet)
        log.clear(clear, None, [talk, side], **quiet)
    page.queue(default_concurrency_limit=AT_ONCE, max_size=IN_LINE)
    return page


# gr.HTML evaluates its template as code, which a page without 'unsafe-eval' forbids; Markdown passes HTML through.
_PLAIN: dict[str, Any] = {"sanitize_html": True, "latex_delimiters": [], "container": False}


def _chatbot(strings: Strings, suggestions: Sequence[str]) -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="log",
        label=strings.chat,
        show_label=False,
        container=False,
        height=None,
        sanitize_html=True,
        latex_delimiters=[],
        buttons=[],
        feedback_options=None,
        layout="bubble",
        placeholder=evidence.status_html(strings.welcome),
        examples=[{"text": question} for question in suggestions] or None,
    )


def _question_box(strings: Strings) -> gr.Textbox:
    return gr.Textbox(
        elem_id="question",
        label=strings.question,
        show_label=False,
        placeholder=strings.question_hint,
        lines=1,
        max_lines=8,
        autofocus=True,
        container=False,
        submit_btn=True,
    )


def _busy() -> Any:
    return gr.update(value="", submit_btn=False, stop_btn=True)


def _ready(question: str | None = None) -> Any:
    if question is None:
        return gr.update(submit_btn=True, stop_btn=False)
    return gr.update(value=question, submit_btn=True, stop_btn=False)


def _reply(past: Exchange, turn: int, strings: Strings) -> str:
    if past.problem:
        return evidence.problem_html(past.problem, past.written, strings)
    if past.stopped:
        return evidence.stopped_html(past.written, strings)
    if past.answer:
        return evidence.answer_html(past.answer, turn, strings)
    if past.written:
        return evidence.words_html(past.written)
    if past.hits is None:
        return evidence.status_html(strings.searching)
    return evidence.status_html(strings.count(strings.found, len(past.hits)) if past.hits else strings.nothing_found)


def _sources(reports: Asker, past: Exchange, turn: int, strings: Strings) -> str:
    hits = past.hits or ()
    if past.answer is None:
        return evidence.found_html(hits, turn, strings)
    if not past.answer.answered:
        return evidence.nearest_html(hits, turn, strings)
    texts = {hit.article.id: hit.article for hit in hits if hit.article.text}
    if any(citation.article_id not in texts for citation in past.answer.citations):
        texts = {article.id: article for article in reports.articles()} | texts
    return evidence.cited_html(past.answer, texts, turn, strings)
