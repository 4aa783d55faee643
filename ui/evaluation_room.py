"""The evaluation tab: shows one run of `askreports evaluate`, or compares two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import AskReportsError
from ui.chat_components import PLAIN, QUIET
from ui.localized import Localized
from ui.markup import button, escape, note
from ui.people import strings_of
from ui.run_view import find_runs, runs_html


class EvaluationRoom:
    """Builds the tab's components in the Blocks at hand; `wire` connects them. `root` is the folder of the runs."""

    def __init__(self, root: Path, wording: Localized) -> None:
        self._root = root
        self._told = gr.Markdown(elem_id="runs-told", **PLAIN)
        with gr.Row(elem_id="runs"):
            self._before = gr.Dropdown([], elem_id="run-before")
            self._after = gr.Dropdown([], elem_id="run-after")
        self._shown = gr.Markdown(elem_id="compared", **PLAIN)
        wording.label(self._before, lambda strings: strings.open_run)
        wording.label(self._after, lambda strings: strings.compare_with)

    def wire(self, tab: gr.Tab) -> None:
        """Connect the events."""
        chosen = [self._before, self._after]
        tab.select(self._offer, chosen, [self._told, *chosen], **QUIET)
        for part in chosen:
            part.change(self._compare, chosen, self._shown, **QUIET)

    def _offer(self, before: str | None, after: str | None, request: gr.Request) -> tuple[str, Any, Any]:
        strings = strings_of(request)
        names = find_runs(self._root)
        told = f'<p class="hint">{escape(strings.evaluation_intro if names else strings.no_runs)}</p>'
        told += button("act wide do-export", "export-cases-all", strings.export_feedback)
        return (
            told,
            gr.update(choices=names, value=before if before in names else None),
            gr.update(choices=[("—", ""), *names], value=after if after in names else ""),
        )

    def _compare(self, before: str | None, after: str | None, request: gr.Request) -> str:
        strings = strings_of(request)
        try:
            return runs_html(self._root, before or "", after or "", strings) if before else ""
        except AskReportsError as error:
            return note("problem", "!", strings.problem, str(error))
