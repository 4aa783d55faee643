"""Actions on stored conversations: open, delete, rename, rate, download as a file."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import weakref
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import hash_file
from gradio.utils import get_upload_folder

from rag.errors import AskReportsError, InputError
from ui import export, feedback
from ui.chat_components import QUIET, Desk, id_of
from ui.exchanges import Feedback
from ui.people import person_of, strings_of
from ui.script_events import lever, pulled


class Keeping:
    """Handles the events of the list of conversations and of the thumbs.

    `leave` ends a tab's current answer, which is drawn no more unless the conversation that it is given is the same.
    """

    def __init__(self, desk: Desk, leave: Callable[[str, gr.Request], None]) -> None:
        self._desk = desk
        self._leave = leave
        self._folder = tempfile.mkdtemp(prefix="askreports-")
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._made: list[Path] = []
        self._exported = gr.File(elem_id="exported", visible="hidden")

    def forget(self) -> None:
        """Delete what was exported, with the copies that Gradio serves."""
        for made in self._made:
            if made.exists():
                shutil.rmtree(Path(get_upload_folder()) / hash_file(made), ignore_errors=True)
            made.unlink(missing_ok=True)
        self._made.clear()

    def wire(self) -> None:
        """Connect the events."""
        parts = self._desk.parts
        for name, act in (("open", self._open), ("delete", self._delete)):
            pull = lever(name)
            pull.change(act, [pull, parts.here], parts.shown, **QUIET)
        rename, rate, export = (lever(name) for name in ("rename", "rate", "export"))
        rename.change(self._rename, [rename, parts.here], parts.shelf, **QUIET)
        rate.change(self._rate, [rate, parts.here], parts.log, **QUIET)
        export.change(self._export, export, self._exported, **QUIET)

    def _open(self, written: str, here: str, request: gr.Request) -> dict[Any, Any]:
        order = pulled(written)
        talk_id = id_of(order.id if order else here)
        self._leave(talk_id, request)
        return self._desk.opened(talk_id, request)

    def _delete(self, written: str, here: str, request: gr.Request) -> dict[Any, Any]:
        if order := pulled(written):
            if order.id == id_of(here):
                self._leave("", request)
            self._told(lambda: self._desk.kept.delete(person_of(request), order.id))
        return self._desk.opened(here, request)

    def _rename(self, written: str, here: str, request: gr.Request) -> str:
        if order := pulled(written):
            self._told(lambda: self._desk.kept.rename(person_of(request), order.id, order.text))
        return self._desk.listed(id_of(here), request)

    def _rate(self, written: str, here: str, request: gr.Request) -> Any:
        order = pulled(written)
        talk = self._desk.talk(here, request)
        # The order names its conversation: another may have been opened since.
        if order and order.ids == (talk.id,) and 1 <= order.turn <= len(talk.exchanges):
            judged = talk.exchanges[order.turn - 1].id
            said = Feedback(order.id == "up", order.text) if order.id else None
            self._told(lambda: self._desk.kept.rate(person_of(request), talk.id, judged, said))
        return self._desk.messages(self._desk.talk(here, request).exchanges, strings_of(request))

    def _export(self, written: str, request: gr.Request) -> Any:
        order = pulled(written)
        if order is None:
            return gr.skip()
        if order.text == "cases":
            return self._file("feedback.jsonl", feedback.cases(self._desk.kept.rated(person_of(request))))
        try:
            talk = self._desk.kept.open(person_of(request), order.id)
        except InputError as error:
            gr.Warning(str(error))
            return gr.skip()
        strings, today, find = strings_of(request), date.today(), self._desk.reports.article
        if order.text == "md":
            text = export.to_markdown(talk.title, talk.exchanges, strings, today, find)
        elif order.text == "html":
            text = export.to_html(talk.title, talk.exchanges, strings, today, find)
        else:
            text = export.to_json(talk.exchanges, find)
        suffix = order.text if order.text in ("md", "html") else "json"
        return self._file(export.file_name(talk.title, f".{suffix}"), text)

    def _file(self, name: str, text: str) -> str:
        # Gradio serves its own copy, under an address made of what is in it and the name: with a part of the name that
        # differs, the page's script sees a second export of the same. The script leaves it out.
        stem, suffix = Path(name).stem, Path(name).suffix
        made = Path(self._folder) / f"{stem}.{secrets.token_hex(4)}{suffix}"
        made.write_text(text, encoding="utf-8")
        self._made.append(made)
        return str(made)

    def _told(self, act: Callable[[], object]) -> None:
        try:
            act()
        except AskReportsError as error:
            gr.Warning(str(error))
