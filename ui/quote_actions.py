"""What can be asked of a quote: the sentences around it, its translation. Handles the events of both."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.errors import AskReportsError, ModelError
from ui import evidence
from ui.chat_components import Desk
from ui.exchanges import Exchange
from ui.markup import escape
from ui.people import strings_of
from ui.script_events import pulled
from ui.strings import Strings


class Quotes:
    """Over the conversations of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def context(self, written: str, here: str, request: gr.Request) -> Any:
        """The sentences around the quote that the command names, for the page's script."""
        strings = strings_of(request)
        order = pulled(written)
        past = self._desk.talk(here, request).exchanges
        if (
            not order
            or not 1 <= order.turn <= len(past)
            or not (spot := _spot(past[order.turn - 1], order.id, strings))
        ):
            return gr.skip()
        article_id, start, end, _ = spot
        article = self._desk.reports.article(article_id)
        try:
            if article is None:
                return gr.skip()
            made = evidence.context_html(
                article, self._desk.reports.context(article_id, start, end), start, end, strings
            )
        except AskReportsError as error:
            made = f'<p class="hint">{escape(str(error))}</p>'
        return f'<div class="reply" id="reply-around-{order.turn}-{escape(order.id)}">{made}</div>'

    def translate(self, written: str, here: str, request: gr.Request) -> Any:
        """Its machine translation, or why there is none."""
        strings = strings_of(request)
        order = pulled(written)
        past = self._desk.talk(here, request).exchanges
        spot = None
        if order and 1 <= order.turn <= len(past):
            spot = _spot(past[order.turn - 1], order.id, strings)
        if not order or not spot:
            return gr.skip()
        try:
            made = evidence.gloss_html(
                self._desk.reports.gloss(*spot), order.id[1:] if order.id[0] == "c" else "", strings
            )
        except AskReportsError as error:
            told = str(error)
            why = f"{strings.no_gloss} {told[:1].upper()}{told[1:]}" if isinstance(error, ModelError) else told
            made = f'<p class="hint">{escape(why)}</p>'
        return f'<div class="reply" id="reply-gloss-{order.turn}-{escape(order.id)}">{made}</div>'


def _spot(past: Exchange, place: str, strings: Strings) -> tuple[str, int, int, str] | None:
    """The span that `place` names ("c2": citation 2, "h0": first hit), and the asker's language."""
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
