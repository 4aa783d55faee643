"""Draft -> report: language, title, date, place, authors and address, each with its origin.

Values set by hand take precedence, then those of the file, its header, the dateline, the address or file name, and
finally the text. The language is told by the text itself, and an address in its last lines counts before all others.
Independent of the index and of the collection's other reports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from pathlib import PurePath
from typing import TypeVar

from rag.errors import ArticleError, InputError
from rag.language import detect, find_dates, is_tag, published, standard_tag, url_date
from rag.models import Article, Origin
from rag.sources.content import URL, one_line
from rag.sources.credit_lines import LONG, day_of, names_of
from rag.sources.datelines import BLOCKS, find_dateline
from rag.sources.files import Draft
from rag.sources.furniture import byline, find_furniture, without_by
from rag.sources.headers import Header, find_header
from rag.sources.reading_view import Block, blocks_of
from rag.sources.titles import find_title, opening_text

# What a person can set.
FIELDS = ("title", "date", "place", "author", "language")

_HEAD_CHARS = 100_000
# What of a text tells its own day.
_LEAD_CHARS = 1_000
# An item of an agenda: there the text has begun. "31. Januar 2025" is none.
_ITEM = re.compile(r"\d{1,2}[.)]\s(?!.*(?:19|20)\d\d$)")

Value = TypeVar("Value")


@dataclass(slots=True)
class _Found:
    """The first value of each field, with its origin."""

    origins: dict[str, Origin] = field(default_factory=dict)

    def first(self, name: str, *values: tuple[Origin, Value | None]) -> Value | None:
        for origin, value in values:
            if value:
                self.origins[name] = origin
                return value
        return None


def make_article(draft: Draft, *, id: str, given: Mapping[str, str] | None = None) -> Article:
    """The report made from a draft. `given`: values of `FIELDS` set by hand.

    Raises `ArticleError` if the text has no words or is only page furniture, InputError for a value that is unreadable.
    """
    text, set_by_hand = draft.text, check_given(given or {})
    furniture = find_furniture(text)
    body = text[: furniture.body_end]
    if not body.strip():
        raise ArticleError(draft.location, "contains only page furniture, no report")
    said = draft.metadata
    language = set_by_hand.get("language") or detect(body, expected=[said.language] if said.language else [])
    header = find_header(body, language)
    every = blocks_of(text, _head_end(text, furniture.body_end), language)
    if not every and not blocks_of(text, furniture.body_end, language):
        raise ArticleError(draft.location, "contains no words, only marks or times")
    own = tuple(block for block in every if not _is_header(block, text, header)) or every
    dateline = find_dateline(own, language)
    found = _Found({"language": "hand" if "language" in set_by_hand else "text"})
    source_url = found.first(
        "source_url",
        ("text", furniture.source_url),
        ("header", header.metadata.source_url),
        ("file", said.source_url),
        ("address", draft.location if URL.fullmatch(draft.location) else None),
    )
    address_day = url_date(source_url)
    lead = "\n".join(block.view.text for block in own)
    named_day = address_day or _day_in_name(draft.location, language) or _short_day(draft.location, lead, language)
    opening = _opening_lines(own)
    by = found.first(
        "published",
        ("hand", _day_given(set_by_hand)),
        ("file", said.published),
        ("header", header.metadata.published),
        ("dateline", dateline[1].day.full if dateline and dateline[1].day else None),
        # Who names a file or an address by a day means the report's; its text tells of other days too.
        ("address" if address_day else "file name", named_day),
        ("text", next(filter(None, (day_of(line, language) for line in opening)), None)),
        ("text", published(lead, language)),
    )
    place = found.first(
        "places",
        ("hand", set_by_hand.get("place")),
        ("header", header.place),
        ("dateline", dateline[1].place if dateline else None),
    )
    authors = found.first(
        "authors",
        ("hand", _list(set_by_hand.get("author", ""))),
        ("file", tuple(without_by(name, language) for name in said.authors)),
        ("header", tuple(without_by(name, language) for name in header.metadata.authors)),
        ("text", _byline(own, language) or furniture.authors or _named(opening, language)),
    )
    title = found.first(
        "title",
        ("hand", set_by_hand.get("title")),
        ("file", said.title),
        ("header", header.metadata.title),
        ("text", find_title(opening_text(own, dateline))),
    )
    return Article(
        id=id,
        text=text,
        title=title or id,
        language=language,
        published=by,
        places=(place,) if place else (),
        authors=authors or (),
        source_url=source_url,
        sha256=draft.sha256,
        body_end=furniture.body_end,
        location=draft.location,
        origins=tuple(sorted(found.origins.items())),
    )


def check_given(given: Mapping[str, str]) -> dict[str, str]:
    """Values set by hand, stripped. Raises InputError for an unknown field, or a date that is not in ISO format."""
    checked = {name: one_line(value) for name, value in given.items()}
    for name in checked:
        if name not in FIELDS:
            raise InputError(f"{name}: no such field; known: {', '.join(FIELDS)}")
    if (tag := checked.get("language")) and not is_tag(tag):
        raise InputError(f"language={tag}: is not a language tag; write it as de, pt or zh-Hant")
    if (day := checked.get("date")) and _iso(day) is None:
        raise InputError(f"date={day}: is not a date; write it as 2021-03-05")
    if tag:
        checked["language"] = standard_tag(tag)
    return {name: value for name, value in checked.items() if value}


def _head_end(text: str, body_end: int) -> int:
    """How much of a long report is looked at for what it says of itself: whole lines."""
    return body_end if body_end <= _HEAD_CHARS else max(text.rfind("\n", 0, _HEAD_CHARS), 0) or _HEAD_CHARS


def _is_header(block: Block, text: str, header: Header) -> bool:
    lines = [line.strip() for line in text[block.start : block.end].splitlines()]
    return all(line in header.lines for line in lines if line)


def _opening_lines(own: tuple[Block, ...]) -> list[str]:
    """The first block and the short ones below it, up to the report's text."""
    texts = [block.view.text for block in own[:BLOCKS] if not block.row]
    return texts[:1] + list(takewhile(lambda text: len(text) <= LONG and not _ITEM.match(text), texts[1:]))


def _named(opening: list[str], language: str) -> tuple[str, ...]:
    dated = (line for line in opening if day_of(line, language))
    return next(filter(None, (names_of(line, language) for line in dated)), ())


def _byline(own: tuple[Block, ...], language: str) -> tuple[str, ...]:
    return next((names for block in own[:BLOCKS] if (names := byline(block.view.text, language))), ())


def _day_in_name(location: str, language: str) -> date | None:
    """The day in a file's name: "2021-03-05_council.txt", "Zeitung_05.03.2021", "20210305"."""
    if URL.fullmatch(location):
        return None
    stem = PurePath(location).stem
    found = [day.full for day in find_dates(re.sub(r"[_\s]+", " ", stem), language) if day.full]
    return url_date(stem) or (found[0] if found else None)


def _short_day(location: str, lead: str, language: str) -> date | None:
    """The day that six figures in a file's name mean, "240305", if the text names day and month too."""
    told = {(day.month, day.day) for day in find_dates(lead[:_LEAD_CHARS], language)}
    for match in re.finditer(r"(?<!\d)(\d\d)(\d\d)(\d\d)(?!\d)", PurePath(location).stem):
        year, month, day = map(int, match.groups())
        if (month, day) in told and (found := _iso(f"20{year:02}-{month:02}-{day:02}")):
            return found
    return None


def _day_given(given: Mapping[str, str]) -> date | None:
    return _iso(given.get("date", ""))


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())
