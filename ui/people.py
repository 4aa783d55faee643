"""Whose request it is, and in which language: what Gradio's request says. Knows nothing of conversations."""

from __future__ import annotations

import gradio as gr

from rag.errors import InputError
from ui.conversations import user_of
from ui.strings import Strings, choose

COOKIE = "askreports"  # the key of a browser without login; the server sets it with the page


def strings_of(request: gr.Request) -> Strings:
    """The interface's language."""
    return choose(request.headers.get("accept-language"))


def person_of(request: gr.Request) -> str:
    """The user that conversations are kept for."""
    try:
        return user_of(login_of(request), request.cookies.get(COOKIE))
    except InputError:
        return user_of()


def login_of(request: gr.Request) -> str:
    """The name of whoever is signed in, else ""."""
    return request.username or ""


def session_of(request: gr.Request) -> str:
    """The tab."""
    return request.session_hash or ""
