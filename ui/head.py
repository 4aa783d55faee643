"""The head of the page, and the texts of its script. Independent of Gradio and of answers."""

from __future__ import annotations

from collections.abc import Sequence

from rag.models import Article
from ui.markup import button, chip, escape, note
from ui.preloading import Warming
from ui.strings import Strings

# Texts of static/*.js; each is a text of `Strings` without a plural.
SCRIPT_WORDS = (
    "cancel",
    "chat",
    "comment_hint",
    "conversation_name",
    "copied",
    "link_copied",
    "copy_failed",
    "delete_sure",
    "edit",
    "filter_all",
    "queue_full",
    "save",
    "send",
    "stop",
    "thanks",
    "translating",
    "connection_lost",
    "upload",
    "upload_hint",
    "upload_progress",
)


def head_html(articles: Sequence[Article], strings: Strings, *, user: str = "", model: bool = True) -> str:
    """Name, purpose, and how many reports in which languages; `user` is whoever is signed in.

    Without a language `model` the page offers no translations.
    """
    names = sorted({strings.language(article.language) for article in articles})
    chips = "".join(chip(name) for name in (strings.count(strings.reports, len(articles)), *names[:8]))
    if user:
        out = button("act wide do-logout", "logout", strings.logout)
        chips += f"{chip(strings.signed_in.format(name=user))}{out}"
    words = "".join(
        f'<span class="words" id="word-{name}">{escape(getattr(strings, name))}</span>' for name in SCRIPT_WORDS
    )
    words += "".join(
        f'<span class="words" id="word-remove_sure-{form}">{escape(text)}</span>'
        for form, text in strings.remove_sure.items()
    )
    kind = "masthead" if model else "masthead no-model"
    return (
        f'<div class="{kind}" lang="{escape(strings.locale)}"><div><h1>{escape(strings.title)}</h1>'
        f'<p>{escape(strings.tagline)}</p></div><div class="chips">{chips}</div>{words}</div>'
    )


def preparing_html(warming: Warming, strings: Strings) -> str:
    """The notice while the model is prepared, or could not be; empty once it is ready."""
    if warming.problem:
        return note("problem", "!", strings.preparing_failed, warming.problem)
    return "" if warming.ready else note("preparing", "…", strings.preparing_title, strings.preparing_note)
