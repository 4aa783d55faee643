"""A conversation -> a file: Markdown with footnotes, one HTML file, JSON; one answer -> text to paste.

Report text, questions and answers are untrusted, as on the page: in Markdown they are escaped so that no renderer finds
active content in them, in HTML by the template's autoescape; the HTML file's policy forbids loading or running
anything. Independent of the page and of where conversations are stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined, Template

from rag.models import Answer, Article, Citation
from ui import confidence_words
from ui.computed_days import computed_days
from ui.exchanges import Exchange
from ui.filter_words import chosen_words, left_words
from ui.names import safe_stem
from ui.strings import Strings

NEAREST = 3  # closest sentences exported with a question that was declined

_MARKER = re.compile(r"\[(\d{1,3})\]")
_ACTIVE = re.compile(r"[\\`*_\[\]<>&|~$^{}@]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_LINE_START = re.compile(r"^(\d*)([#+=>:.)-])")  # "3. März" is a date there, not a list item
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer: text, or the number of a footnote (0: text)."""

    text: str
    number: int = 0


# A report as it is now, by its id; None if it is gone.
Find = Callable[[str], Article | None]


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: the quote, and its source.

    `days` are the quote's relative days with their dates; `record` is what the source is found and checked by: the
    report's id, its file, the day of reading, the hash of the text.
    """

    number: int
    quote: str
    language: str
    about: str
    address: str
    gloss: str
    direction: str
    days: tuple[str, ...]
    record: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A sentence that answers perhaps; `about` names its report, `record` and `address` are those of a `Note`."""

    quote: str
    language: str
    direction: str
    about: str
    address: str
    record: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportedTurn:
    """An exchange as it is exported.

    `follows` says which question it was taken to follow; `remark` is the answer's confidence, or what is wrong with it;
    `short` is the short answer, if `lines` say more; `others` are the other readings that may be right. `filtered` says
    which filters there were, and what they left out; `nearest` are the sentences that come closest to a question that
    was declined.
    """

    question: str
    follows: str
    remark: str
    language: str
    direction: str
    short: str
    lines: tuple[tuple[Piece, ...], ...]
    others: tuple[Piece, ...]
    notes: tuple[Note, ...]
    filtered: str
    nearest: tuple[Nearest, ...]


def nowhere(_article_id: str) -> Article | None:
    """No report is known."""
    return None


def to_markdown(title: str, exchanges: Sequence[Exchange], strings: Strings, today: date, find: Find = nowhere) -> str:
    """Markdown with footnotes (as GitHub and Pandoc read them), numbered by exchange: `[^2-1]`."""
    parts = [f"# {_inert(title)}", f"*{_inert(strings.exported.format(date=strings.day(today)))}*"]
    for at, turn in enumerate(_turns(exchanges, strings, find), 1):
        parts.append(f"## {_inert(turn.question)}")
        if turn.follows:
            parts.append(f"*{_inert(turn.follows)}*")
        if turn.remark:
            parts.append(f"**{_inert(turn.remark)}**")
        if turn.filtered:
            parts.append(f"*{_inert(turn.filtered)}*")
        if turn.short:
            parts.append(f"**{_inert(turn.short)}**")
        for line in (*turn.lines, *([turn.others] if turn.others else [])):
            words = (f"[^{at}-{piece.number}]" if piece.number else _escaped(piece.text) for piece in line)
            parts.append(_begun("".join(words)))
        if turn.nearest:
            parts.append(f"{_inert(strings.nearest_title)}. {_inert(strings.nearest_note)}")
            parts.append("\n".join("- " + " — ".join([_inert(one.quote), *_sourced(one)]) for one in turn.nearest))
        for note in turn.notes:
            told = [_inert(note.quote)]
            if note.gloss:
                told.append(f"*{_inert(strings.gloss)}: {_inert(note.gloss)}*")
            told += [_inert(day) for day in note.days]
            told += _sourced(note)
            parts.append(f"[^{at}-{note.number}]: " + " — ".join(told))
    return "\n\n".join(parts) + "\n"


def _sourced(one: Note | Nearest) -> list[str]:
    """The source of a quote, in Markdown."""
    about = _inert(one.about) + (f", <{one.address}>" if one.address else "")
    return [about, *(_inert(fact) for fact in one.record)]


def to_html(title: str, exchanges: Sequence[Exchange], strings: Strings, today: date, find: Find = nowhere) -> str:
    """One self-contained file: no script, no picture, prints well."""
    return _template().render(
        lang=strings.locale,
        title=_clean(title),
        when=strings.exported.format(date=strings.day(today)),
        gloss=strings.gloss,
        nearest=f"{strings.nearest_title}. {strings.nearest_note}",
        turns=_turns(exchanges, strings, find),
    )


def to_json(exchanges: Sequence[Exchange], find: Find = nowhere) -> str:
    """The answers as a list of `Answer.to_dict()`; exchanges without an answer are left out.

    Each has `asked_on`, the day on which the reports were read, its `filters`, and `sources` beside: for every citation
    the report's `location` now and the `relative_days` of the quote (words, offsets in it, date), which are computed.
    """
    held = [
        {
            **exchange.answer.to_dict(),
            "asked_on": exchange.asked_on.isoformat() if exchange.asked_on else None,
            "filters": exchange.to_dict()["filters"],
            "sources": [_source(citation, find) for citation in exchange.answer.citations],
        }
        for exchange in exchanges
        if exchange.answer and not exchange.erased
    ]
    return json.dumps(held, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode() + "\n"


def to_text(answer: Answer, strings: Strings) -> str:
    """One answer with its footnotes, as plain text for the clipboard; with its confidence, if it is not proven."""
    parts = [_CONTROL.sub("", answer.text)]
    found = confidence_words.verdict(answer, strings)
    if found and not found.proven:
        parts.append(found.text)
    if more := _others(answer, strings):
        parts.append(more)
    for note in _notes(answer, strings, nowhere, None):
        lines = [
            f"[{note.number}] {note.quote}",
            *note.days,
            f"{note.about}{f', {note.address}' if note.address else ''}",
        ]
        if note.gloss:
            lines.insert(1, f"{strings.gloss}: {note.gloss}")
        parts.append("\n    ".join(lines))
    return "\n\n".join(parts) + "\n"


def file_name(title: str, suffix: str) -> str:
    """A name for the file, from the conversation's title; `suffix` with its dot."""
    return safe_stem(title, "askreports") + suffix


def _source(citation: Citation, find: Find) -> dict[str, Any]:
    article = find(citation.article_id)
    days = computed_days(citation.quote, citation.language, citation.published)
    return {
        "citation": citation.number,
        "location": article.location if article else None,
        "relative_days": [
            {"words": one.words, "start": one.start, "end": one.end, "date": one.day.isoformat()} for one in days
        ],
    }


def _turns(exchanges: Sequence[Exchange], strings: Strings, find: Find) -> list[ExportedTurn]:
    return [_turn(exchange, strings, find) for exchange in exchanges]


def _turn(exchange: Exchange, strings: Strings, find: Find) -> ExportedTurn:
    answer = exchange.answer
    text = _clean_lines(answer.text if answer else exchange.written)
    known = {citation.number for citation in answer.citations} if answer else set()
    return ExportedTurn(
        question=_clean(exchange.question),
        follows=_clean(strings.follows.format(question=answer.follows)) if answer and answer.follows else "",
        remark=_remark(exchange, strings),
        language=answer.language if answer else "",
        direction=strings.direction(answer.language) if answer else "auto",
        short=_clean(_short(exchange, strings)),
        lines=tuple(_pieces(line, known) for line in text),
        others=_pieces(_others(answer, strings), known) if answer else (),
        notes=_notes(answer, strings, find, exchange.asked_on) if answer else (),
        filtered=_filtered(exchange, strings, find),
        nearest=_nearest(exchange, strings, find) if answer and not answer.answered and not exchange.erased else (),
    )


def _filtered(exchange: Exchange, strings: Strings, find: Find) -> str:
    if exchange.answer is None or exchange.erased:
        return ""
    told = (chosen_words(exchange.filters, strings, find), left_words(exchange.answer.filtered, strings))
    return _clean(" ".join(filter(None, told)))


def _nearest(exchange: Exchange, strings: Strings, find: Find) -> tuple[Nearest, ...]:
    closest = exchange.answer.closest[:NEAREST] if exchange.answer else ()
    return tuple(
        Nearest(
            _clean(" ".join(sentence.text.split())),
            article.language,
            strings.direction(article.language),
            _about(article, strings),
            _address(article.source_url or ""),
            tuple(_record(article.id, article.sha256, strings, find(article.id), exchange.asked_on)),
        )
        for article, sentence in closest
    )


def _about(report: Article | Citation, strings: Strings) -> str:
    title = _clean(report.title) or strings.untitled
    told = (strings.language(report.language), strings.day(report.published), _clean(strings.authors(report.authors)))
    return f"{title} ({', '.join(filter(None, told))})"


def _short(exchange: Exchange, strings: Strings) -> str:
    """The short answer; with its probability, if there is no whole answer."""
    if exchange.answer:
        return confidence_words.headline(exchange.answer)
    return f"{exchange.short} · {confidence_words.probably(exchange.likely, strings)}" if exchange.short else ""


def _others(answer: Answer, strings: Strings) -> str:
    """Say "It may also be: 112 [2] (12 %)", or nothing."""
    told = [f"{_clean(one.short)} {one.rest}" for one in confidence_words.others(answer, strings)]
    return f"{strings.may_be} {'; '.join(told)}" if told else ""


def _remark(exchange: Exchange, strings: Strings) -> str:
    if exchange.erased:
        return strings.erased
    if answer := exchange.answer:
        if answer.kind == "talk":
            return ""
        if not answer.answered:
            left = exchange.answer.filtered
            return strings.no_match if left and not left.admitted else strings.declined
        found = confidence_words.verdict(answer, strings)
        return found.text if found else ""
    if exchange.problem:
        return f"{strings.problem}: {_clean(exchange.problem)}"
    return strings.stopped if exchange.stopped else strings.broken_off


def _pieces(line: str, known: set[int]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = 0
    for marker in _MARKER.finditer(line):
        if int(marker[1]) in known:
            pieces += [Piece(line[at : marker.start()]), Piece("", int(marker[1]))]
            at = marker.end()
    pieces.append(Piece(line[at:]))
    return tuple(piece for piece in pieces if piece.text or piece.number)


def _notes(answer: Answer, strings: Strings, find: Find, read_on: date | None) -> tuple[Note, ...]:
    return tuple(_note(citation, strings, find, read_on) for citation in answer.citations)


def _note(citation: Citation, strings: Strings, find: Find, read_on: date | None) -> Note:
    about = _about(citation, strings)
    return Note(
        citation.number,
        _clean(citation.quote),
        citation.language,
        about,
        _address(citation.source_url or ""),
        _clean(citation.gloss or ""),
        strings.direction(citation.language),
        tuple(
            one.told(strings) for one in computed_days(_clean(citation.quote), citation.language, citation.published)
        ),
        tuple(_record(citation.article_id, citation.sha256, strings, find(citation.article_id), read_on)),
    )


def _record(
    article_id: str, sha256: str, strings: Strings, article: Article | None, read_on: date | None
) -> Iterator[str]:
    """What the source is found and checked by, each if known; `article` is the report as it is now."""
    yield strings.note_report.format(id=_clean(article_id))
    if article and article.location:
        yield strings.note_file.format(file=_clean(article.location))
    if read_on:
        yield strings.note_read.format(date=strings.day(read_on))
    if sha256:
        yield strings.note_hash.format(sha256=sha256)


def _address(url: str) -> str:
    """The address with everything encoded that could end it early; empty unless it is http or https."""
    return quote(url, safe=":/?#@!&'*+,;=%-._~") if url.startswith(("https://", "http://")) else ""


def _clean(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _clean_lines(text: str) -> list[str]:
    return [line for raw in text.splitlines() if (line := _clean(raw))]


def _inert(text: str) -> str:
    """One line without active Markdown."""
    return _begun(_escaped(_clean(text)))


def _escaped(text: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", text)


def _begun(line: str) -> str:
    return _LINE_START.sub(r"\1\\\2", line)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string((resources.files("ui") / "export.html").read_text("utf-8"))
