"""The chat tab: conversations at the left, the chat, the sources at the right, and what happens on each event.

What is on the screen is drawn from the kept conversation, so that a reload, a second tab and a restarted server show
the same; the browser holds nothing but which conversation is open.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import AskReportsError, InputError, ModelError
from ui import drawing, evidence, export, feedback, filtering
from ui.conversations import Conversation, Conversations
from ui.exchanges import Exchange, Feedback
from ui.filtering import FilterBox, filter_box
from ui.levers import lever, pulled
from ui.line import Line
from ui.lists import shelf_html
from ui.markup import escape
from ui.people import person_of, session_of, strings_of
from ui.strings import Strings
from ui.suggesting import suggest
from ui.talk import Asker, Running, Step, follow
from ui.wording import Wording

FOLLOWED = (
    24  # questions that are followed at once; of these `ANSWERED` have the model, the others see their place in line
)

# gr.HTML evaluates its template as code, which a page without 'unsafe-eval' forbids; Markdown passes HTML through.
PLAIN: dict[str, Any] = {"sanitize_html": True, "latex_delimiters": [], "container": False}
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
NEW = Conversation("", "", 0, ())


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that others fill when the page is opened, and when the collection changes."""

    here: gr.Textbox
    welcome: gr.Markdown
    log: gr.Chatbot
    side: gr.Markdown
    shelf: gr.Markdown
    filters: FilterBox

    @property
    def shown(self) -> list[Any]:
        """Those that show a conversation."""
        return [self.here, self.welcome, self.log, self.side, self.shelf]


class ChatRoom:
    """Builds the tab's components in the Blocks at hand; `wire` connects them."""

    def __init__(
        self, reports: Asker, kept: Conversations, wording: Wording, line: Line, running: Running, *, longest: int
    ) -> None:
        self._reports = reports
        self._kept = kept
        self._running = running
        self._line = line
        self._longest = longest
        self._folder = tempfile.mkdtemp(prefix="askreports-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="shelves"):
                listed = gr.Markdown(elem_id="shelf", **PLAIN)
            with gr.Column(elem_id="talk"):
                welcome = gr.Markdown(elem_id="welcome", **PLAIN)
                log = _chatbot(wording)
                filters = filter_box(wording)
                self._filtered = gr.Markdown(elem_id="filtered", **PLAIN)
                self._box = _question_box(wording)
            with gr.Column(elem_id="proof"):
                side = gr.Markdown(elem_id="sources", **PLAIN)
        self._gloss = gr.Markdown(elem_id="gloss-reply", **PLAIN)
        self._exported = gr.File(elem_id="exported", visible="hidden")
        here = gr.Textbox(elem_id="here", visible="hidden", show_label=False, container=False)
        self._from = lever("from")
        self.parts = Parts(here, welcome, log, side, listed, filters)

    def opened(self, talk_id: str, request: gr.Request) -> dict[Any, Any]:
        """What the parts show when a conversation is opened; an unknown one is a new one."""
        strings = strings_of(request)
        talk = self._talk(talk_id, request)
        articles = self._reports.articles()
        return {
            self.parts.here: _here(talk),
            self.parts.log: self._messages(talk.exchanges, strings),
            self.parts.welcome: drawing.welcome(suggest(articles, strings), strings),
            self.parts.side: drawing.panel(self._reports, talk.exchanges, strings),
            self.parts.shelf: self._listed(talk.id, request),
        }

    @property
    def of_collection(self) -> list[Any]:
        """The components that `changed` fills."""
        return [self.parts.welcome, self.parts.side, *self.parts.filters.lists]

    def changed(self, here: str, request: gr.Request) -> dict[Any, Any]:
        """What the parts show once the collection has become another one."""
        strings = strings_of(request)
        articles = self._reports.articles()
        past = self._talk(here, request).exchanges
        return {
            self.parts.welcome: drawing.welcome(suggest(articles, strings), strings),
            self.parts.side: drawing.panel(self._reports, past, strings),
            **dict(zip(self.parts.filters.lists, filtering.offer(articles, strings), strict=True)),
        }

    def wire(self) -> None:
        """Connect the events."""
        parts, box, filters = self.parts, self._box, self.parts.filters
        asked = [parts.log, box, parts.side, parts.here, parts.shelf, self._from]
        inputs = [parts.here, self._from, *filters.inputs]
        asking: dict[str, Any] = {**QUIET, "concurrency_limit": FOLLOWED, "trigger_mode": "multiple"}
        for part in filters.inputs:
            part.change(self._filter, filters.inputs, self._filtered, **QUIET)
        box.submit(self._submit, [box, *inputs], asked, **asking)
        retry = lever("retry")
        retry.change(self._retry, [retry, *inputs], asked, **asking)
        box.stop(self._stop, None, None, queue=False, **QUIET)
        for name, act in (("open", self._open), ("delete", self._delete)):
            pull = lever(name)
            pull.change(act, [pull, parts.here], parts.shown, **QUIET)
        rename, rate, gloss, export = (lever(name) for name in ("rename", "rate", "gloss", "export"))
        rename.change(self._rename, [rename, parts.here], parts.shelf, **QUIET)
        rate.change(self._rate, [rate, parts.here], parts.log, **QUIET)
        gloss.change(self._translate, [gloss, parts.here], self._gloss, **QUIET)
        export.change(self._export, export, self._exported, **QUIET)

    # What happens

    def _submit(
        self, request: gr.Request, question: str, here: str, rewound: str, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        order = pulled(rewound)
        if len(question) > self._longest:
            told = strings_of(request).question_long.format(n=len(question), most=self._longest)
            gr.Warning(told)
            yield {self._box: gr.update(value=question, submit_btn=True, stop_btn=False)}
        elif question.strip():
            yield from self._ask(question, here, order.turn if order else 0, chosen, request)
        else:
            yield {self._box: _ready()}

    def _retry(
        self, request: gr.Request, written: str, here: str, rewound: str, *chosen: Any
    ) -> Iterator[dict[Any, Any]]:
        order = pulled(written)
        past = self._talk(here, request).exchanges
        if order and 1 <= order.turn <= len(past):
            yield from self._ask(past[order.turn - 1].question, here, order.turn, chosen, request)

    def _ask(
        self, question: str, here: str, turn: int, chosen: tuple[Any, ...], request: gr.Request
    ) -> Iterator[dict[Any, Any]]:
        """Answer; what was asked from `turn` on is replaced. Whatever happens, the question is kept."""
        strings, user = strings_of(request), person_of(request)
        known = self._talk(here, request)
        asked, problem = Exchange(question), ""
        try:
            asked = replace(asked, filters=filtering.read(chosen, strings))
        except AskReportsError as error:
            problem = str(error)
        before = known if known.id else self._kept.create(user)
        talk = self._kept.append(
            user,
            before.id,
            asked,
            version=_version(here) if known.id else 0,
            instead_of=known.exchanges[turn - 1].id if 1 <= turn <= len(known.exchanges) else "",
        )
        place = [known.id for known in talk.exchanges].index(asked.id)
        past = talk.exchanges[:place]
        update: dict[Any, Any] = {
            self.parts.here: _here(talk),
            self.parts.shelf: self._listed(talk.id, request),
            self._from: "",
        }
        if talk.merged:
            gr.Info(strings.merged)
        steps = [Step(replace(asked, problem=problem))] if problem else self._follow(past, asked, request)
        now, shown = asked, None
        try:
            for step in steps:
                now = step.exchange
                update[self.parts.log] = self._messages((*past, now), strings, busy=True, place=step.place)
                update[self._box] = _busy()
                if (material := now.answer or now.hits) is not shown:
                    shown = material
                    update[self.parts.side] = drawing.panel(self._reports, (*past, now), strings)
                yield update
                update = {}
        finally:
            # a tab that is closed in mid-answer ends here, too
            if now.state == "answering":
                now = replace(now, stopped=True)
            self._kept.keep(user, talk.id, now)
        yield {self.parts.log: self._messages((*past, now), strings), self._box: _ready()}

    def _follow(self, past: Sequence[Exchange], asked: Exchange, request: gr.Request) -> Iterator[Step]:
        return follow(self._reports, past, asked, session=session_of(request), running=self._running, line=self._line)

    def _filter(self, request: gr.Request, *chosen: Any) -> str:
        return filtering.filtered_html(self._reports.articles(), chosen, strings_of(request))

    def _stop(self, request: gr.Request) -> None:
        if events := self._running.get(session_of(request)):
            events.stop()

    def _open(self, written: str, here: str, request: gr.Request) -> dict[Any, Any]:
        order = pulled(written)
        self._stop(request)
        return self.opened(order.id if order else here, request)

    def _delete(self, written: str, here: str, request: gr.Request) -> dict[Any, Any]:
        if order := pulled(written):
            self._told(lambda: self._kept.delete(person_of(request), order.id))
        return self.opened(here, request)

    def _rename(self, written: str, here: str, request: gr.Request) -> str:
        if order := pulled(written):
            self._told(lambda: self._kept.rename(person_of(request), order.id, order.text))
        return self._listed(_id(here), request)

    def _rate(self, written: str, here: str, request: gr.Request) -> Any:
        order = pulled(written)
        talk = self._talk(here, request)
        if order and 1 <= order.turn <= len(talk.exchanges):
            judged = talk.exchanges[order.turn - 1].id
            said = Feedback(order.id == "up", order.text) if order.id else None
            self._told(lambda: self._kept.rate(person_of(request), talk.id, judged, said))
        return self._messages(self._talk(here, request).exchanges, strings_of(request))

    def _translate(self, written: str, here: str, request: gr.Request) -> Any:
        strings = strings_of(request)
        order = pulled(written)
        past = self._talk(here, request).exchanges
        spot = None
        if order and 1 <= order.turn <= len(past):
            spot = _spot(past[order.turn - 1], order.id, strings)
        if not order or not spot:
            return gr.skip()
        try:
            made = evidence.gloss_html(self._reports.gloss(*spot), order.id[1:] if order.id[0] == "c" else "", strings)
        except AskReportsError as error:
            why = f"{strings.no_gloss} {error}" if isinstance(error, ModelError) else str(error)
            made = f'<p class="hint">{escape(why)}</p>'
        return f'<div class="reply" id="reply-gloss-{order.turn}-{escape(order.id)}">{made}</div>'

    def _export(self, written: str, request: gr.Request) -> Any:
        order = pulled(written)
        if order is None:
            return gr.skip()
        if order.text == "cases":
            return self._file("feedback.jsonl", feedback.cases(self._kept.rated(person_of(request))))
        try:
            talk = self._kept.open(person_of(request), order.id)
        except InputError as error:
            gr.Warning(str(error))
            return gr.skip()
        strings, today = strings_of(request), date.today()
        if order.text == "md":
            text = export.to_markdown(talk.title, talk.exchanges, strings, today)
        elif order.text == "html":
            text = export.to_html(talk.title, talk.exchanges, strings, today)
        else:
            text = export.to_json(talk.exchanges)
        suffix = order.text if order.text in ("md", "html") else "json"
        return self._file(export.file_name(talk.title, f".{suffix}"), text)

    def _file(self, name: str, text: str) -> str:
        # Gradio serves a copy of its own
        made = Path(tempfile.mkdtemp(dir=self._folder)) / name
        made.write_text(text, encoding="utf-8")
        return str(made)

    def _told(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AskReportsError as error:
            gr.Warning(str(error))

    # What is seen

    def _talk(self, here: str, request: gr.Request) -> Conversation:
        """The conversation that the tab shows; an empty one where it is new or gone."""
        try:
            return self._kept.open(person_of(request), _id(here))
        except InputError:
            return NEW

    def _messages(
        self, talk: Sequence[Exchange], strings: Strings, *, busy: bool = False, place: int = 0
    ) -> list[dict[str, str]]:
        return drawing.chat(
            talk, strings, busy=busy, place=place, footnoted=lambda answer: export.to_text(answer, strings)
        )

    def _listed(self, here: str, request: gr.Request) -> str:
        return shelf_html(self._kept.headings(person_of(request)), here, strings_of(request))


def _spot(past: Exchange, place: str, strings: Strings) -> tuple[str, int, int, str] | None:
    """The stretch that `place` names ("c2": citation 2, "h0": first hit), and the asker's language."""
    language = past.answer.language if past.answer else strings.locale
    if not place[1:].isdecimal():
        return None
    number = int(place[1:])
    if place[0] == "c" and past.answer:
        for citation in past.answer.citations:
            if citation.number == number:
                return citation.article_id, citation.start, citation.end, language
    if place[0] == "h" and past.hits and number < len(past.hits):
        sentence = past.hits[number].sentence or past.hits[number].passage
        return sentence.article_id, sentence.start, sentence.end, language
    return None


def _here(talk: Conversation) -> str:
    """What the browser remembers: which conversation it shows, and how much of it."""
    return f"{talk.id}:{talk.version}" if talk.id else ""


def _id(here: str) -> str:
    return here.partition(":")[0]


def _version(here: str) -> int:
    told = here.partition(":")[2]
    return int(told) if told.isdecimal() else 0


def _chatbot(wording: Wording) -> gr.Chatbot:
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


def _question_box(wording: Wording) -> gr.Textbox:
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
    return gr.update(value="", submit_btn=False, stop_btn=True)


def _ready() -> Any:
    return gr.update(submit_btn=True, stop_btn=False)
