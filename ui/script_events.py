"""Commands of the page's script to the server: hidden text boxes that it writes them into.

Gradio evaluates its own scripts as code, which the page's policy forbids, and what the script draws (a requested
translation, a renamed conversation) has no component. So `pull` in `static/words.js` writes JSON into a box, whose
change is an ordinary event. Commands come from a browser and are untrusted: invalid ones are read as None.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import gradio as gr

MAX_ORDER = 1_000_000  # characters; the paths of hundreds of uploaded files fit well


@dataclass(frozen=True, slots=True)
class Order:
    """A command: its object (`id`, `ids`), the question's number in the conversation (`turn`), and a text (`text`)."""

    id: str = ""
    turn: int = 0
    text: str = ""
    ids: tuple[str, ...] = ()


def lever(name: str) -> gr.Textbox:
    """The hidden box that the script knows as `name`."""
    return gr.Textbox(elem_id=f"lever-{name}", visible="hidden", label=name, show_label=False, container=False)


def pulled(written: str | None) -> Order | None:
    """The command that the script wrote; None if it is invalid."""
    if not written or len(written) > MAX_ORDER:
        return None
    try:
        raw = json.loads(written)
    except ValueError:
        return None
    if not isinstance(raw, dict):
        return None
    id, turn, text, ids = raw.get("id", ""), raw.get("turn", 0), raw.get("text", ""), raw.get("ids", [])
    if not (isinstance(id, str) and isinstance(turn, int) and isinstance(text, str) and isinstance(ids, list)):
        return None
    if not all(isinstance(one, str) for one in ids):
        return None
    return Order(id, turn, text, tuple(ids))
