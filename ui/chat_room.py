"""The chat tab: conversations on the left, the chat, sources on the right, and the handling of a question.

The tab is rendered from the stored conversation, so that it survives a reload, a second tab or a server restart; the
browser stores only which conversation is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import gradio as gr

from rag.errors import AskReportsError
from ui import answer_language, filtering
from ui import conversation_html as drawing
from ui.answer_language import answer_language_box
from ui.answer_stream import WAITING, Asker, Lines, Manner, Running, Step, follow
from ui.chat_components import PLAIN, QUIET, Desk, Parts, here_of, id_of, version_of
from ui.conversation_actions import Keeping
from ui.conversations import Conversations
from ui.exchanges import Exchange
from ui.filtering import filter_box
from ui.localized import Localized
from ui.people import person_of, session_of, strings_of
from ui.quote_actions import Quotes
from ui.script_events import lever, pulled
from ui.suggestions import Suggestions
from ui.updates import updates

# Questions in progress at once, more than the page lets in: Gradio's own queue, which shows no position, stays empty.
FOLLOWED = WAITING + 16
# They share one limit, whichever way they came.
ASKING: dict[str, Any] = {"concurrency_limit": FOLLOWED, "concurrency_id": "questions"}


class ChatRoom:
    """Builds the tab's components in the Blocks at hand; `wire` connects them.

    `look` is the page's timer, which looks for the end of `preparing`, and for suggestions. A question stops it once
    the page is prepared, since a conversation shows no suggestions.
    """

    def __init__(
        self,
        reports: Asker,
        kept: Conversations,
        wording: Localized,
        lines: Lines,
        running: Running,
        look: gr.Timer,
        preparing: Callable[[], bool],
        *,
        longest: int,
        samples: bool = False,
    ) -> None:
        self._reports = reports
        self._kept = kept
        self._running = running
        self._lines = lines
        self._longest = longest
        self._preparing = preparing
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="shelves"):
                listed = gr.Markdown(elem_id="shelf", **PLAIN)
            with gr.Column(elem_id="talk"):
                welcome = gr.Markdown(elem_id="welcome", **PLAIN)
                log = _chatbot(wording)
                filters = filter_box(wording)
                self._filtered = gr.Markdown(elem_id="filtered", **PLAIN)
                self._box = _question_box(wording)
                self._language = answer_language_box(wording)
            with gr.Column(elem_id="proof"):
                side = gr.Markdown(elem_id="sources", **PLAIN)
        self._gloss = gr.Markdown(elem_id="gloss-reply", **PLAIN)
        self._around = gr.Markdown(elem_id="around-reply", **PLAIN)
        here = gr.Textbox(elem_id="here", visible="hidden", show_label=False, container=False)
        self._from = lever("from")
        self.parts = Parts(here, welcome, look, log, side, listed, filters)
        self.suggestions = Suggestions(reports, lambda: bool(running))
        self.desk = Desk(reports, kept, self.parts, self.suggestions, preparing, samples=samples)
        # By tab: the conversation and the question that is being answered and drawn there.
        self._drawn: dict[str, tuple[str, str]] = {}
        # By tab, as long as an answer is in progress there: the conversation that was opened instead.
        self._instead: dict[str, str] = {}
        self._keeping = Keeping(self.desk, self._leave)

    @property
    def of_collection(self) -> list[Any]:
        """The components that `changed` fills."""
        return [self.parts.welcome, self.parts.look, self.parts.log, self.parts.side, *self.parts.filters.lists]

    def changed(self, here: str, request: gr.Request) -> dict[Any, Any]:
        """What the parts show after a change of the collection."""
        self.suggestions.changed()
        return self.drawn(here, request)

    def drawn(self, here: str, request: gr.Request) -> dict[Any, Any]:
        """What the parts show of the collection as it is."""
        strings = strings_of(request)
        articles = self._reports.articles()
        past = self.desk.talk(here, request).exchanges
        return {
            **self.desk.welcomed(strings),
            self.parts.log: self.desk.messages(past, strings),
            self.parts.side: drawing.panel(self._reports, past, strings),
            **dict(zip(self.parts.filters.lists, filtering.offer(articles, strings), strict=True)),
        }

    def forget(self) -> None:
        """Delete exported files, which may contain text of removed reports."""
        self._keeping.forget()

    def wire(self) -> None:
        """Connect the events."""
        parts, box, filters = self.parts, self._box, self.parts.filters
        asked = [parts.log, box, parts.side, parts.here, parts.shelf, self._from, parts.look]
        inputs = [parts.here, self._from, self._language, *filters.inputs]
        asking: dict[str, Any] = {**QUIET, **ASKING, "trigger_mode": "multiple"}
        for part in filters.inputs:
            part.change(self._filter, filters.inputs, [self._filtered, *filters.lists], **QUIET)
        box.submit(self._submit, [box, *inputs], asked, **asking)
        retry = lever("retry")
        retry.change(self._retry, [retry, *inputs], asked, **asking)
        box.stop(self._stop, None, None, queue=False, **QUIET)
        quotes = Quotes(self.desk)
        gloss = lever("gloss")
        gloss.change(quotes.translate, [gloss, parts.here], self._gloss, **QUIET)
        context = lever("context")
        context.change(quotes.context, [context, parts.here], self._around, **QUIET)
        self._keeping.wire()

    # Event handlers

    def _submit(
        self, request: gr.Request, question: str, here: str, rewound: str, language: str, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        order, strings = pulled(rewound), strings_of(request)
        if self._is_busy(request):
            yield {self._box: gr.update(submit_btn=False, stop_btn=True)}  # what was typed stays
        elif len(question) > self._longest:
            gr.Warning(strings.question_long.format(n=len(question), most=self._longest))
            yield {self._box: gr.update(value=question, submit_btn=True, stop_btn=False)}
        elif question.strip() and self._lines.full:
            gr.Warning(strings.queue_full)
            yield {self._box: gr.update(value=question, submit_btn=True, stop_btn=False)}
        elif question.strip():
            manner = _manner(language, request)
            # The order names its conversation: another may have been opened since.
            turn = order.turn if order and order.id == id_of(here) else 0
            yield from self._ask(question, here, turn, chosen, manner, request)
        else:
            yield {self._box: _ready()}

    def _retry(
        self, request: gr.Request, written: str, here: str, rewound: str, language: str, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        order = pulled(written)
        past = self.desk.talk(here, request).exchanges
        if self._is_busy(request):
            return
        if self._lines.full:
            gr.Warning(strings_of(request).queue_full)
        elif order and 1 <= order.turn <= len(past):
            manner = replace(_manner(language, request), alone=order.id == "alone")
            yield from self._ask(past[order.turn - 1].question, here, order.turn, chosen, manner, request)

    def _ask(
        self, question: str, here: str, turn: int, chosen: tuple[Any, ...], manner: Manner, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Answer; exchanges from `turn` on are replaced. Whatever happens, the question is stored."""
        session, asked = session_of(request), Exchange(question, asked_on=date.today())
        self._drawn[session] = id_of(here), asked.id
        try:
            yield from self._answered(asked, here, turn, chosen, manner, request)
        finally:
            if self._is_drawn(asked, session):
                del self._drawn[session]
            if session not in self._drawn:
                self._instead.pop(session, None)

    def _answered(
        self, asked: Exchange, here: str, turn: int, chosen: tuple[Any, ...], manner: Manner, request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        strings, user, session = strings_of(request), person_of(request), session_of(request)
        known, problem = self.desk.talk(here, request), ""
        try:
            filters = filtering.read(chosen, strings)
            if filters.languages or filters.articles:
                filters = filtering.offered(filters, self._reports.articles())
            asked = replace(asked, filters=filters)
        except AskReportsError as error:
            problem = str(error)
        before = known if known.id else self._kept.create(user)
        talk = self._kept.append(
            user,
            before.id,
            asked,
            version=version_of(here) if known.id else 0,
            instead_of=known.exchanges[turn - 1].id if 1 <= turn <= len(known.exchanges) else "",
        )
        self._drawn[session] = talk.id, asked.id
        place = [known.id for known in talk.exchanges].index(asked.id)
        past = talk.exchanges[:place]
        update: dict[Any, Any] = {
            self.parts.here: here_of(talk),
            self.parts.shelf: self.desk.listed(talk.id, request),
            self._from: "",
            self.parts.look: gr.update(active=self._preparing()),
            self._box: _busy(),
        }
        if talk.merged:
            gr.Info(strings.merged)
        steps = [Step(replace(asked, problem=problem))] if problem else self._follow(past, asked, manner, request)
        now, shown = asked, None
        aged = drawing.stale(past, self._reports.article)
        try:
            for step in steps:
                now = step.exchange
                if not self._is_drawn(asked, session):
                    continue  # another conversation is shown, and this answer is about to end
                messages = self.desk.messages((*past, now), strings, busy=True, place=step.place, aged=aged)
                if (material := now.answer or now.hits) is not shown:
                    shown = material
                    update[self.parts.side] = drawing.panel(self._reports, (*past, now), strings)
                # The messages come with every step, so that they alternate with nothing. As an update they would be
                # prepared in the event loop, which all pages share, and not in a thread.
                yield {self.parts.log: messages, **updates(update)}
                update = {}
        finally:
            # a tab closed during an answer ends here, too
            if now.state == "answering":
                now = replace(now, stopped=True)
            # a report may have been removed meanwhile; nothing of it is stored
            cited = {one.article_id for one in now.answer.citations} if now.answer else set()
            met = cited | {hit.article.id for hit in now.hits or ()}
            now = now.without({id for id in met if self._reports.article(id) is None})
            self._kept.keep(user, talk.id, now)
        if self._is_drawn(asked, session):
            yield {self.parts.log: self.desk.messages((*past, now), strings), self._box: _ready()}
        # The last messages may have reached the tab after those of a conversation that was opened meanwhile.
        drawn = None
        while not self._is_busy(request) and (opened := self._instead.get(session)) != drawn:
            drawn = opened
            yield {self.parts.log: self.desk.messages(self.desk.talk(opened or "", request).exchanges, strings)}
        if not self._is_drawn(asked, session) and not self._is_busy(request):
            yield {self._box: _ready()}

    def _is_drawn(self, asked: Exchange, session: str) -> bool:
        """Whether the tab still shows the conversation that this is being asked in."""
        return self._drawn.get(session, ("", ""))[1] == asked.id

    def _is_busy(self, request: gr.Request) -> bool:
        """Whether a question of this tab is being answered, in the conversation that it shows."""
        return session_of(request) in self._drawn

    def _follow(self, past: Sequence[Exchange], asked: Exchange, manner: Manner, request: gr.Request) -> Iterator[Step]:
        running, lines = self._running, self._lines
        session = session_of(request)
        return follow(self._reports, past, asked, session=session, running=running, lines=lines, manner=manner)

    def _filter(self, request: gr.Request, *chosen: Any) -> tuple[Any, ...]:
        return filtering.settled(chosen, self._reports.articles(), strings_of(request))

    def _leave(self, talk_id: str, request: gr.Request) -> None:
        session = session_of(request)
        if self._drawn.get(session, (talk_id, ""))[0] != talk_id:
            del self._drawn[session]
            self._instead[session] = talk_id
        elif session in self._instead:
            self._instead[session] = talk_id
        self._stop(request)

    def _stop(self, request: gr.Request) -> None:
        if events := self._running.get(session_of(request)):
            events.stop()


def _manner(language: str, request: gr.Request) -> Manner:
    return Manner(answer_language=answer_language.read(language), default_language=strings_of(request).locale)


def _chatbot(wording: Localized) -> gr.Chatbot:
    log = gr.Chatbot(
        elem_id="log",
        show_label=False,
        container=False,
        height=None,
        sanitize_html=True,
        latex_delimiters=[],
        buttons=[],
        feedback_options=None,
        layout="bubble",
    )
    wording.label(log, lambda strings: strings.chat)
    return log


def _question_box(wording: Localized) -> gr.Textbox:
    box = gr.Textbox(
        elem_id="question",
        show_label=False,
        lines=1,
        max_lines=8,
        autofocus=True,
        container=False,
        submit_btn=True,
    )
    wording.say(box, lambda strings: {"label": strings.question, "placeholder": strings.question_hint})
    return box


def _busy() -> Any:
    # Once: what is typed during the answer stays.
    return gr.update(value="", submit_btn=False, stop_btn=True)


def _ready() -> Any:
    return gr.update(submit_btn=True, stop_btn=False)
