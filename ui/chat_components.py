"""The components of the chat tab, and their content for a stored conversation. Handles no events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import InputError
from ui import conversation_html as drawing
from ui import export
from ui.answer_stream import Asker
from ui.conversations import Conversation, Conversations
from ui.exchanges import Exchange
from ui.filtering import FilterBox
from ui.list_view import shelf_html
from ui.people import person_of, strings_of
from ui.strings import Strings
from ui.suggestions import Suggestions
from ui.updates import updates

# gr.HTML evaluates its template as code, which a page without 'unsafe-eval' forbids; Markdown passes HTML through.
PLAIN: dict[str, Any] = {"sanitize_html": True, "latex_delimiters": [], "container": False}
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
NEW = Conversation("", "", 0, ())


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that others fill when the page is opened, and when the collection changes."""

    here: gr.Textbox
    welcome: gr.Markdown
    look: gr.Timer
    log: gr.Chatbot
    side: gr.Markdown
    shelf: gr.Markdown
    filters: FilterBox

    @property
    def shown(self) -> list[Any]:
        """Those that show a conversation."""
        return [self.here, self.welcome, self.look, self.log, self.side, self.shelf]


class Desk:
    """Renders the conversations of `kept` over `reports`, for the user of a request, on `parts`.

    `preparing` says whether the models are still being loaded. `samples`: the reports are the bundled ones, until some
    are uploaded.
    """

    def __init__(
        self,
        reports: Asker,
        kept: Conversations,
        parts: Parts,
        suggestions: Suggestions,
        preparing: Callable[[], bool],
        *,
        samples: bool = False,
    ) -> None:
        self._samples = samples
        self._preparing = preparing
        self.reports = reports
        self.suggestions = suggestions
        self.kept = kept
        self.parts = parts

    def opened(self, talk_id: str, request: gr.Request) -> dict[Any, Any]:
        """What the parts show when a conversation is opened; an unknown one is a new one."""
        strings = strings_of(request)
        talk = self.talk(talk_id, request)
        return updates(
            {
                self.parts.here: here_of(talk),
                self.parts.log: self.messages(talk.exchanges, strings),
                **self.welcomed(strings),
                self.parts.side: drawing.panel(self.reports, talk.exchanges, strings),
                self.parts.shelf: self.listed(talk.id, request),
            }
        )

    def welcomed(self, strings: Strings) -> dict[Any, Any]:
        """What the chat shows before the first question, and whether the page's timer has more to look for."""
        # In this order: what was found before the search ended is drawn.
        coming = self._preparing() or self.suggestions.seek(strings)
        return {self.parts.look: gr.update(active=coming), self.parts.welcome: self.welcome(strings)}

    def welcome(self, strings: Strings) -> str:
        """What the chat shows before the first question."""
        articles = self.reports.articles()
        home = self.reports.home.resolve()
        uploaded = any(Path(article.location).is_relative_to(home) for article in articles)
        return drawing.welcome(
            self.suggestions.shown(strings),
            strings,
            empty=not articles,
            samples=self._samples and not uploaded,
            model=self.reports.models["llm"] != "none",
        )

    def talk(self, here: str, request: gr.Request) -> Conversation:
        """The conversation that the tab shows; an empty one if it is new or was deleted."""
        try:
            return self.kept.open(person_of(request), id_of(here))
        except InputError:
            return NEW

    def messages(
        self,
        talk: Sequence[Exchange],
        strings: Strings,
        *,
        busy: bool = False,
        place: int = 0,
        aged: Mapping[str, drawing.Stale] | None = None,
    ) -> list[dict[str, str]]:
        """The messages of the chat; `aged` is what `drawing.stale` found, if it is known already."""
        return drawing.chat(
            talk,
            strings,
            busy=busy,
            place=place,
            footnoted=lambda answer: export.to_text(answer, strings),
            aged=drawing.stale(talk, self.reports.article) if aged is None else aged,
        )

    def listed(self, here: str, request: gr.Request) -> str:
        """The list of the user's conversations."""
        return shelf_html(self.kept.headings(person_of(request)), here, strings_of(request))


def here_of(talk: Conversation) -> str:
    """What the browser stores: which conversation it shows, and in which version."""
    return f"{talk.id}:{talk.version}" if talk.id else ""


def id_of(here: str) -> str:
    """The conversation that the browser shows."""
    return here.partition(":")[0]


def version_of(here: str) -> int:
    """The version of it that the browser has."""
    told = here.partition(":")[2]
    return int(told) if told.isdecimal() else 0
