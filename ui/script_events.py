"""What the page's script asks of the server: unseen text boxes that it writes an order into.

Gradio evaluates scripts of its own as code, which the closed page forbids, and what the script draws (a translation
asked for, a conversation renamed) has no component. So `static/levers.js` writes JSON into a box, and its change is
an event like any other. Orders come from a browser and are hostile: what cannot be read is None.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import gradio as gr

MAX_ORDER = 1_000_000  # characters; where hundreds of uploaded files lie fits well


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: of which thing (`id`), which question of the conversation (`turn`), with which words (`text`)."""

    id: str = ""
    turn: int = 0
    text: str = ""
    ids: tuple[str, ...] = ()


def lever(name: str) -> gr.Textbox:
    """The box that the script knows as `name`."""
    return gr.Textbox(elem_id=f"lever-{name}", visible="hidden", label=name, show_label=False, container=False)


def pulled(written: str | None) -> Order | None:
    """What the script wrote; None where it is no order."""
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
