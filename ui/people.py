"""The user and language of a Gradio request. Independent of what conversations contain."""

from __future__ import annotations

import gradio as gr

from ui.conversations import is_key, user_of
from ui.strings import Strings, choose

COOKIE = "askreports"  # the key of a browser without login; the server sets it with the page


def strings_of(request: gr.Request) -> Strings:
    """The interface's texts in the browser's language."""
    return choose(request.headers.get("accept-language"))


def person_of(request: gr.Request) -> str:
    """The owner of conversations; a tab of its own if the browser keeps no valid key."""
    key = request.cookies.get(COOKIE)
    if not login_of(request) and not is_key(key):
        return f"tab:{session_of(request)}"
    return user_of(login_of(request), key)


def login_of(request: gr.Request) -> str:
    """The name of the signed-in user, else ""."""
    return request.username or ""


def session_of(request: gr.Request) -> str:
    """The id of the tab."""
    return request.session_hash or ""
