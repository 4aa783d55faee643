"""HTML -> `Content`: the report without the rest of the page; the page's metadata goes into `Metadata`.

Independent of where the page comes from and how its bytes were decoded.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.language import detect
from rag.sources.content import Content, Metadata
from rag.sources.credit_lines import day_of, names_of, near_headline

if TYPE_CHECKING:
    from rag.sources.page_tree import Element

_BEGINS = re.compile(
    # A comment ends at the first "-->": with more ways to end it, thirty of them took for ever.
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
# In a page without these, most lines hold tags; a text about HTML, or a subtitle in italics, has few.
_TAG = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|table|tr|td|th|article|section|span|a)\b[^<>]*>", re.IGNORECASE)
_ENDS = re.compile(r"</(?:p|div|li|h[1-6]|td|article|section)\s*>", re.IGNORECASE)
_SNIFFED = 50_000
_FEWEST_ENDS = 3

# Code points of a page whose language is detected.
DETECTED = 5_000

ALL_VISIBLE = "the page's main text could not be identified; all visible text was read, including menus"
TOO_INTRICATE = "has style sheets too intricate to tell what they hide; save its text as a file and add that"
CROWDED = "has a tag with more than 1,000 attributes; save its text as a file and add that"
TOO_DEEP = "the page is nested too deeply; its lists and tables were read as paragraphs"


def is_page(text: str) -> bool:
    """Whether the text is HTML: it begins like a page, or is markup throughout."""
    head = text[:_SNIFFED].removeprefix("\ufeff")
    if _BEGINS.match(head):
        return True
    if len(_ENDS.findall(head)) < _FEWEST_ENDS:
        return False
    lines = [line for line in head.splitlines() if line.strip()]
    return sum(bool(_TAG.search(line)) for line in lines) >= len(lines) / 2


def read_page(source: str, *, address: str = "") -> Content:
    """The page's report: blocks apart by blank lines, items as "- item", tables as Markdown. Empty if all is hidden."""
    # Late: lxml and what builds on it take 60 ms to load (2026-11-28), and a question needs none of it.
    from rag.sources.main_part import main_part
    from rag.sources.page_metadata import read_metadata
    from rag.sources.page_styles import IntricateError
    from rag.sources.page_text import text_of
    from rag.sources.page_tree import is_crowded, parse, seen_part

    if is_crowded(source):
        return Content("", warnings=(CROWDED,))
    tree, too_deep = parse(source)
    if tree is None:
        return Content("")
    metadata = read_metadata(tree, address)
    try:
        seen = seen_part(tree)
    except (IntricateError, RecursionError):
        return Content("", warnings=(TOO_INTRICATE,))
    metadata = _completed(metadata, seen)
    warnings = (TOO_DEEP,) * too_deep
    part = main_part(seen, metadata.title)
    if part is not None and (text := text_of(part)):
        return Content(text, metadata, warnings)
    text = text_of(seen)
    return Content(text, metadata, (*warnings, ALL_VISIBLE) if text else warnings)


def _completed(metadata: Metadata, seen: Element) -> Metadata:
    """With day and authors from the lines at the headline, if the page's head does not tell them."""
    from rag.sources.page_text import text_of

    if metadata.published and metadata.authors:
        return metadata
    whole = text_of(seen)
    lines = [" ".join(line.split()) for line in whole.splitlines() if line]
    headings = [" ".join(heading.text_content().split()) for heading in seen.iter("h1")]
    near = near_headline(lines, [metadata.title, *headings])
    language = metadata.language or detect(whole[:DETECTED])
    days = (day_of(line, language) for line in near)
    names = (names_of(line, language) for line in near)
    return replace(
        metadata,
        published=metadata.published or next(filter(None, days), None),
        authors=metadata.authors or next(filter(None, names), ()),
    )
