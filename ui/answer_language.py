"""The language menu next to the question box, which sets the language of the answer."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.language import entries
from ui.localized import Localized
from ui.strings import TAGS, Strings

# "no" has its two written forms beside it.
_SHOWN_OTHERWISE = {"no"}


def answer_language_box(wording: Localized) -> gr.Dropdown:
    """The select; its value is a BCP 47 tag, "" for the language of the question."""
    box = gr.Dropdown([("", "")], value="", elem_id="answer-language", scale=0)
    wording.say(box, lambda strings: {"label": strings.answer_in, "choices": offered(strings)})
    return box


def offered(strings: Strings) -> list[tuple[str, str]]:
    """(name, tag): the question's own language first, then those of the interface, then the others by name."""
    others = sorted((strings.language(tag), tag) for tag in {*entries()} - {*TAGS} - _SHOWN_OTHERWISE)
    return [(strings.as_asked, ""), *((strings.language(tag), tag) for tag in TAGS), *others]


def read(value: Any) -> str:
    """The chosen tag; "" for anything that is not offered."""
    return value if isinstance(value, str) and value in {*entries()} else ""
