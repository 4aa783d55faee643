"""The head of the page, and the words that its script says. Knows nothing of Gradio or of answers."""

from __future__ import annotations

from collections.abc import Sequence

from rag.models import Article
from ui.markup import chip, escape
from ui.strings import Strings

# What static/*.js say; each is a text of `Strings` without a plural.
SCRIPT_WORDS = (
    "cancel",
    "chat",
    "comment_hint",
    "conversation_name",
    "copied",
    "copy_failed",
    "delete_sure",
    "edit",
    "save",
    "send",
    "stop",
    "thanks",
    "translating",
    "upload_hint",
    "upload_progress",
)


def head_html(articles: Sequence[Article], strings: Strings, *, user: str = "") -> str:
    """Name, purpose, and how many reports in which languages; `user` is whoever is signed in."""
    names = sorted({strings.language(article.language) for article in articles})
    chips = "".join(chip(name) for name in (strings.count(strings.reports, len(articles)), *names[:8]))
    if user:
        out = f'<a class="logout" href="./logout">{escape(strings.logout)}</a>'
        chips += f"{chip(strings.signed_in.format(name=user))}{out}"
    words = "".join(
        f'<span class="words" id="word-{name}">{escape(getattr(strings, name))}</span>' for name in SCRIPT_WORDS
    )
    return (
        f'<div class="masthead" lang="{escape(strings.locale)}"><div><h1>{escape(strings.title)}</h1>'
        f'<p>{escape(strings.tagline)}</p></div><div class="chips">{chips}</div>{words}</div>'
    )
