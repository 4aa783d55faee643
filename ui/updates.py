"""What event handlers return for several components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.utils import is_prop_update


def updates(shown: Mapping[Any, Any]) -> dict[Any, Any]:
    """Component -> value or update, with plain values made updates too.

    Gradio 6 makes a component anew, under a new number, for each update of it, also for the empty one of a component
    that a handler leaves out; a plain value after that is filed under the number and kept as long as the page is open.
    The inputs of a handler are kept so in any case: three short texts a question.
    """
    return {
        part: one if is_prop_update(one) else gr.update(value=one)  # type: ignore[no-untyped-call]
        for part, one in shown.items()
    }
