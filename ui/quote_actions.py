"""What can be asked of a quote: the sentences around it, its translation. Handles the events of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from rag.errors import AskReportsError, ModelError
from rag.models import Article
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
        article = self._desk.reports.article(spot.article_id)
        try:
            if article is None:
                return gr.skip()
            if spot.stands_in(article):
                passage = self._desk.reports.context(spot.article_id, spot.start, spot.end)
                made = evidence.context_html(article, passage, spot.start, spot.end, strings)
            else:
                made = f'<p class="hint">{escape(strings.changed)}</p>'
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
            if spot.stands_in(self._desk.reports.article(spot.article_id)):
                text = self._desk.reports.gloss(spot.article_id, spot.start, spot.end, spot.language)
                made = evidence.gloss_html(text, order.id[1:] if order.id[0] == "c" else "", strings)
            else:
                made = f'<p class="hint">{escape(strings.changed)}</p>'
        except AskReportsError as error:
            told = str(error)
            why = f"{strings.no_gloss} {told[:1].upper()}{told[1:]}" if isinstance(error, ModelError) else told
            made = f'<p class="hint">{escape(why)}</p>'
        return f'<div class="reply" id="reply-gloss-{order.turn}-{escape(order.id)}">{made}</div>'


@dataclass(frozen=True, slots=True)
class _Spot:
    """A span of a report with its words when it was read, and the asker's language."""

    article_id: str
    start: int
    end: int
    words: str
    language: str

    def stands_in(self, article: Article | None) -> bool:
        """Whether the report still has these words there."""
        return article is not None and article.text[self.start : self.end] == self.words


def _spot(past: Exchange, place: str, strings: Strings) -> _Spot | None:
    """The span that `place` names ("c2": citation 2, "h0": first hit)."""
    language = past.answer.language if past.answer else strings.locale
    if not place[1:].isdecimal():
        return None
    number = int(place[1:])
    if place[0] == "c" and past.answer:
        for citation in past.answer.citations:
            if citation.number == number:
                return _Spot(citation.article_id, citation.start, citation.end, citation.quote, language)
    if place[0] == "h" and past.hits and number < len(past.hits):
        sentence = past.hits[number].sentence or past.hits[number].passage
        return _Spot(sentence.article_id, sentence.start, sentence.end, sentence.text, language)
    return None
