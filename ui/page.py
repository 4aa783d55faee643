"""The whole page: its head, its tabs, and what each shows when the page is opened. Makes no HTML of its own."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.chat_room import PLAIN, QUIET, ChatRoom
from ui.conversations import Conversations
from ui.head import head_html
from ui.people import login_of, strings_of
from ui.strings import ENGLISH
from ui.talk import Asker
from ui.wording import Wording

AT_ONCE = 8  # small events of one kind that are handled side by side
CLEAN_SECONDS, KEEP_SECONDS = 600, 3600  # how often exported and uploaded files are cleared away, and how old ones
IN_LINE = 64  # that wait for it; more are refused


def build(reports: Asker, kept: Conversations) -> gr.Blocks:
    """The page over these reports; conversations are kept in `kept`."""
    wording = Wording()
    page: gr.Blocks = gr.Blocks(
        analytics_enabled=False,
        title=ENGLISH.title,
        fill_width=True,
        fill_height=True,
        delete_cache=(CLEAN_SECONDS, KEEP_SECONDS),
    )
    with page:
        head = gr.Markdown(elem_id="head", **PLAIN)
        with gr.Tabs(elem_id="rooms"):
            with gr.Tab(id="chat", elem_id="chat") as chat_tab:
                chat = ChatRoom(reports, kept, wording)
        wording.label(chat_tab, lambda strings: strings.tab_chat)
        chat.wire()

        def opened(request: gr.Request) -> dict[Any, Any]:
            strings = strings_of(request)
            shown = chat.opened(request.query_params.get("talk", ""), request)
            shown[head] = head_html(reports.articles(), strings, user=login_of(request))
            shown |= dict(zip(wording.components, wording.updates(strings), strict=True))
            return shown

        page.load(opened, None, [head, *chat.parts.shown, *wording.components], **QUIET)
    page.queue(default_concurrency_limit=AT_ONCE, max_size=IN_LINE)
    return page
