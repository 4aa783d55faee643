"""Hostile text stays text, in every piece of the page that can hold it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime

from fake_reports import answer, article, citation, hit
from html_reader import HOSTILE, Reader

from rag.models import Alternative, Claim, Passage, Warned
from ui import conversation_html as drawing
from ui import evidence, filtering, head, markup, messages_html
from ui import list_view as lists
from ui.collection import Outcome, Refusal
from ui.conversations import Heading
from ui.listing import View
from ui.strings import ENGLISH


def test_no_character_of_hostile_text_is_read_as_html_or_markdown():
    escaped = markup.escape(HOSTILE)
    assert html.unescape(escaped) == HOSTILE
    assert not re.search(r"[<>\"'`*_\[\]()!:/.|$~{}\n#-]", re.sub(r"&#\d+;", "", escaped))


def test_hostile_text_is_inert_everywhere_it_can_stand():
    report = article(
        HOSTILE, id=HOSTILE, language=HOSTILE, title=HOSTILE, places=(HOSTILE,), source_url="javascript:alert(4)"
    )
    proof = replace(citation(report, HOSTILE), gloss=HOSTILE)
    hits = (hit(report, HOSTILE),)
    good = answer(HOSTILE, f"{HOSTILE} [1] [9]", [proof], hits, language=HOSTILE)
    weak = replace(
        good,
        claims=(Claim(f"“{HOSTILE}”", (1,), "weak", 0.5),),
        short=f"{HOSTILE} x x x x",
        others=(Alternative(HOSTILE, 0.1, 1),),
        models={"llm": "none"},
    )
    none = replace(good, answered=False, citations=(), claims=())
    skipped = Outcome(
        skipped=(Refusal(HOSTILE, "unread", HOSTILE), Refusal(HOSTILE, "known", HOSTILE)),
        warned=(Warned(HOSTILE, HOSTILE),),
    )
    whole = Passage(report.id, 0, len(HOSTILE), HOSTILE)
    heading = Heading(HOSTILE, HOSTILE, datetime.now(UTC), 1)
    pieces = [
        messages_html.question_html(HOSTILE, 1, ENGLISH, editable=True),
        messages_html.status_html(HOSTILE),
        messages_html.words_html(HOSTILE),
        messages_html.problem_html(HOSTILE, HOSTILE, 1, ENGLISH),
        messages_html.stopped_html(HOSTILE, 1, ENGLISH),
        messages_html.answer_html(good, 1, ENGLISH, copied=HOSTILE, last=True),
        messages_html.answer_html(weak, 1, ENGLISH),
        messages_html.answer_html(none, 1, ENGLISH),
        messages_html.words_html(HOSTILE, messages_html.lead_html(HOSTILE, 0.5, ENGLISH)),
        evidence.found_html(hits, 1, ENGLISH),
        evidence.nearest_html(hits, 1, ENGLISH),
        evidence.cited_html(good, {report.id: report}, 1, ENGLISH),
        evidence.cited_html(good, {}, 1, ENGLISH),
        evidence.cited_html(weak, {report.id: report}, 1, ENGLISH),
        evidence.welcome_html([report], ENGLISH),
        evidence.reader_html(report, ENGLISH),
        evidence.gloss_html(HOSTILE, "1", ENGLISH),
        head.head_html([report], ENGLISH, user=HOSTILE),
        drawing.welcome([HOSTILE], ENGLISH, empty=False),
        messages_html.answer_html(replace(good, follows=HOSTILE), 1, ENGLISH, stale=HOSTILE),
        messages_html.answer_html(replace(good, kind="talk"), 1, ENGLISH),
        evidence.context_html(report, whole, 3, 9, ENGLISH),
        evidence.reader_html(report, ENGLISH, span=(0, len(HOSTILE)), told=HOSTILE),
        lists.phrases_html(HOSTILE, [whole], {report.id: report}, ENGLISH, more=True),
        lists.shelf_html([heading], HOSTILE, ENGLISH),
        lists.outcome_html(skipped, ENGLISH),
        filtering.filtered_html([report], ([], [], HOSTILE, ""), ENGLISH),
    ]
    for piece in pieces:
        assert "\n" not in piece, "a blank line would end the block that Markdown leaves alone"
        seen = Reader(piece)
        assert not {"script", "img", "form", "input", "iframe", "style"} & set(seen.tags)
        assert not [name for name, _ in seen.attributes if name.startswith("on") or name in {"style", "src"}]
        links = [value for name, value in seen.attributes if name == "href"]
        assert all(str(link).startswith("#citation-") for link in links)


def test_the_list_of_reports_holds_its_own_boxes_and_nothing_else_that_is_filled_in():
    report = article(HOSTILE, id=HOSTILE, title=HOSTILE, places=(HOSTILE,), location=f"/tmp/{HOSTILE}")
    seen = Reader(lists.rows_html([report], View(), ENGLISH))
    assert not {"script", "img", "form", "iframe", "style"} & set(seen.tags)
    assert {value for name, value in seen.attributes if name == "type"} == {"checkbox", "button"}
    assert seen.tags.count("input") == 2
    assert ("id", f"read-{HOSTILE}") in seen.attributes
