"""The whole page: its head, its tabs, and their initial content. Produces no HTML itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from ui.answer_stream import Asker, Lines, Running
from ui.api import asked_by_programs
from ui.chat_components import PLAIN, QUIET
from ui.chat_room import ASKING, FOLLOWED, ChatRoom
from ui.collection_room import CollectionRoom
from ui.conversations import Conversations
from ui.evaluation_room import EvaluationRoom
from ui.head import head_html, preparing_html
from ui.localized import Localized
from ui.people import login_of, strings_of
from ui.preloading import Warming
from ui.strings import ENGLISH
from ui.updates import updates

AT_ONCE = 8  # small events of one kind handled concurrently
CLEAN_SECONDS, KEEP_SECONDS = 600, 3600  # how often Gradio's copies of exported and uploaded files go, and how old ones
LOOK_SECONDS = 1.0  # how often an open page asks whether the model is ready
IN_LINE = 64  # requests that may wait; more are refused
# States of pages that are kept in memory, .2 MB each, also of pages that were closed. Beyond this the least recently
# used is dropped; its page, if it is still open, forgets how its list of reports is sorted, and loads its choices anew.
SESSIONS = 1000


def build(
    reports: Asker,
    kept: Conversations,
    warming: Warming,
    *,
    max_mb: float,
    max_files: int,
    longest: int,
    runs: Path,
    samples: bool = False,
) -> gr.Blocks:
    """The page over these reports; conversations are stored in `kept`, `warming` is running or done.

    `max_mb` and `max_files` limit uploads, `longest` a question's characters; `runs` is the folder of evaluation runs
    that the page may open. `samples`: the collection is the bundled one, and the page says so.
    """
    wording = Localized()
    lines, running = Lines(), Running()
    page: gr.Blocks = gr.Blocks(
        analytics_enabled=False,
        title=ENGLISH.title,
        fill_width=True,
        fill_height=True,
        delete_cache=(CLEAN_SECONDS, KEEP_SECONDS),
    )
    with page:
        head = gr.Markdown(elem_id="head", **PLAIN)
        notice = gr.Markdown(elem_id="notice", **PLAIN)
        look = gr.Timer(LOOK_SECONDS, active=False)
        with gr.Tabs(elem_id="rooms"):
            with gr.Tab(id="chat", elem_id="chat") as chat_tab:
                chat = ChatRoom(
                    reports,
                    kept,
                    wording,
                    lines,
                    running,
                    look,
                    lambda: not warming.ready,
                    longest=longest,
                    samples=samples,
                )
            with gr.Tab(id="collection", elem_id="collection") as collection_tab:
                collection = CollectionRoom(reports, max_mb, max_files, wording)
            with gr.Tab(id="evaluation", elem_id="evaluation") as evaluation_tab:
                evaluation = EvaluationRoom(runs, wording)
        evaluation.wire(evaluation_tab)
        wording.label(evaluation_tab, lambda strings: strings.tab_evaluation)
        wording.label(collection_tab, lambda strings: strings.tab_collection)
        wording.label(chat_tab, lambda strings: strings.tab_chat)
        chat.wire()

        def drawn_head(request: gr.Request) -> str:
            model = reports.models["llm"] != "none"
            return head_html(reports.articles(), strings_of(request), user=login_of(request), model=model)

        def changed(here: str, request: gr.Request) -> dict[Any, Any]:
            """What the head and the chat show after a change of the collection."""
            return {head: drawn_head(request), **chat.changed(here, request)}

        parts = chat.parts
        more = [head, *chat.of_collection]
        collection.wire(collection_tab, parts.filters.reports, parts.here, changed, more, chat.forget)

        def opened(request: gr.Request) -> dict[Any, Any]:
            strings = strings_of(request)
            shown = chat.desk.opened(request.query_params.get("talk", ""), request) | collection.opened(request)
            shown |= chat.drawn("", request) | shown
            shown[notice] = preparing_html(warming, strings)
            shown[collection.reader] = collection.linked(request.query_params, strings)
            shown[head] = drawn_head(request)
            return _merged(updates(shown), dict(zip(wording.components, wording.updates(strings), strict=True)))

        def looked(request: gr.Request) -> tuple[str, Any, Any]:
            strings = strings_of(request)
            if not warming.ready:
                return preparing_html(warming, strings), gr.update(active=True), gr.skip()
            seeking = chat.suggestions.seek(strings)
            found = gr.skip() if seeking else chat.desk.welcome(strings)
            return preparing_html(warming, strings), gr.update(active=seeking), found

        look.tick(looked, None, [notice, look, chat.parts.welcome], **QUIET)
        api(asked_by_programs(reports, lines, running), api_name="ask", **ASKING)
        page.load(
            opened,
            None,
            [
                head,
                notice,
                collection.reader,
                *chat.parts.shown,
                *chat.parts.filters.lists,
                *collection.shown,
                *wording.components,
            ],
            **QUIET,
        )
    # Each question that waits holds a thread; the small events keep theirs (Gradio's own number is 40).
    page.max_threads = 40 + FOLLOWED
    page.queue(default_concurrency_limit=AT_ONCE, max_size=IN_LINE)
    page.state_session_capacity = SESSIONS
    return page


def _merged(shown: dict[Any, Any], words: dict[Any, Any]) -> dict[Any, Any]:
    """Both merged; a component may get its value or choices from one and its label from the other."""
    both = dict(shown)
    for part, update in words.items():
        both[part] = {**shown.get(part, {}), **update}
    return both
