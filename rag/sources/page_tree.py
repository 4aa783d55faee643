"""HTML -> a tree of the visible page, without hidden elements, with regular tables and proper paragraphs.

Does not decide which part of a page is its report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from typing import TypeAlias

from lxml import etree, html

from rag.sources.page_hiding import drop_unseen

Element: TypeAlias = html.HtmlElement
# Columns and rows of a cell.
Span: TypeAlias = tuple[int, int]

# Two line breaks separated paragraphs before style sheets did; the parser ends the paragraph before.
_BREAKS = re.compile(r"(?:<br\s*/?>\s*){2,}", re.IGNORECASE)
_CONTAINER = re.compile(
    r"</?(?:a|article|b|blockquote|center|dd|div|dl|dt|em|font|form|i|li|main|ol|section|small|span|strong|table|tbody|td"
    r"|tr|u|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_NEVER_SEEN = frozenset(
    "script style template noscript head svg math canvas iframe object audio video dialog button select datalist "
    "textarea rt rp rtc amp-ad amp-sidebar amp-consent amp-analytics".split()
)
_ODD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TABLE_TAGS = ("thead", "tbody", "tfoot", "tr", "td", "th")
_SUPERSCRIPTS = dict(zip("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ", strict=True))
# Far above any page that was seen; not measured.
_MAX_ATTRIBUTES = 1000
# As short as so many attributes can be.
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{2 * _MAX_ATTRIBUTES},}}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
# HTML's limit for `colspan`; `rowspan` is held to it as well.
_MAX_SPAN = 1000
_MAX_COPIES = 10_000


def parse(source: str) -> tuple[Element | None, bool]:
    """The page's full tree (None for a source without elements), and whether it is nested too deeply.

    If it is nested deeper than the parser allows (2,048 levels), containers are read as paragraphs.
    """
    source = _BREAKS.sub("<p>", source)
    tree, deep = _parsed(source)
    return (_parsed(_CONTAINER.sub("<p>", source))[0], True) if deep else (tree, False)


def is_crowded(source: str) -> bool:
    """Whether a tag has more attributes than pages have: the parser compares each with all before it.

    100,000 of them take minutes. A tag with "<" or ">" in a value may escape, and only be slow.
    """
    for tag in _LONG_TAG.findall(source):
        if len(_QUOTED.sub("", tag).split()) > _MAX_ATTRIBUTES:
            return True
    return False


def _parsed(source: str) -> tuple[Element | None, bool]:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    if tree is not None:
        _drop_odd(tree)
    return tree, any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)


def _drop_odd(tree: Element) -> None:
    """Drop the characters that XML has not, which the parser lets in and no library that edits the tree takes."""
    for element in tree.iter():
        if element.text and _ODD.search(element.text):
            element.text = _ODD.sub(" ", element.text)
        if element.tail and _ODD.search(element.tail):
            element.tail = _ODD.sub(" ", element.tail)
        for name, value in element.attrib.items() if isinstance(element.tag, str) else ():
            if _ODD.search(value):
                element.attrib[name] = _ODD.sub(" ", value)


def seen_part(tree: Element) -> Element:
    """A copy of the tree without comments and hidden elements.

    In tables of data a cell over several rows or columns stands in each; those that arrange a page become divisions.
    """
    seen = deepcopy(tree)
    drop_unseen(seen, drop)
    for element in list(seen.iter()):
        if not isinstance(element.tag, str) or (element.tag not in ("html", "body") and _is_hidden(element)):
            drop(element)
    for table in reversed(list(seen.iter("table"))):
        if _lays_out(table):
            for element in [table, *own(table, *_TABLE_TAGS)]:
                element.tag = "div"
        else:
            _even(table)
            _head(table)
    for raised in list(seen.iter("sup")):
        _put_up(raised)
    return seen


def _is_hidden(element: Element) -> bool:
    return (
        element.tag in _NEVER_SEEN
        or element.get("hidden") is not None
        or element.get("aria-hidden", "").lower() == "true"
        or element.get("layout") == "nodisplay"
    )


def drop(element: Element) -> None:
    """Remove the element and its content; the text after it is kept."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def own(table: Element, *tags: str) -> list[Element]:
    """The elements of the table that are in no table inside of it."""
    return [element for element in table.iter(*tags) if next(element.iterancestors("table"), None) is table]


def _lays_out(table: Element) -> bool:
    """Whether the table arranges a page instead of holding data: no headings, and cells of paragraphs or tables."""
    if own(table, "th", "caption"):
        return False
    cells = own(table, "td")
    arranged = ("p", "table", "div", "h1", "h2", "ul")
    return len(cells) == 1 or any(next(cell.iter(*arranged), None) is not None for cell in cells)


def _even(table: Element) -> None:
    """Put its caption before the table, and write a cell that spans rows or columns into each of them."""
    parent = table.getparent()
    for caption in table.findall("caption"):
        if parent is not None:
            line = html.Element("p")
            line.text = " ".join(caption.text_content().split())
            parent.insert(parent.index(table), line)
        drop(caption)
    rows = [row for row in own(table, "tr") if _cells(row)]
    spans = [[(cell, _span(cell, "colspan"), _span(cell, "rowspan")) for cell in _cells(row)] for row in rows]
    columns = _columns([[(wide, tall) for _, wide, tall in cells] for cells in spans])
    below: dict[int, tuple[int, Element]] = {}
    left = _MAX_COPIES
    for row, cells in zip(rows, spans, strict=True):
        line_up: list[Element] = []
        waiting = iter(cells)
        while True:
            if len(line_up) in below and left > 0:
                more, cell = below.pop(len(line_up))
                if more > 1:
                    below[len(line_up)] = (more - 1, cell)
                line_up.append(deepcopy(cell))
                left -= 1
                continue
            if (own_cell := next(waiting, None)) is None:
                break
            cell, wide, tall = own_cell
            wide = max(1, min(wide, columns - len(line_up), left + 1))
            for number in range(wide):
                if tall > 1:
                    below[len(line_up)] = (tall - 1, cell)
                line_up.append(cell if not number else deepcopy(cell))
            left -= wide - 1
        for cell in line_up:
            cell.tail = None
        row[:] = line_up


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _columns(rows: Sequence[Sequence[Span]]) -> int:
    """How many columns the rows fill; a row's last cell may span more than there are, and counts as one."""
    most = held = 0
    ending = Counter[int]()
    for number, spans in enumerate(rows):
        held -= ending[number]
        most = max(most, held + sum(wide for wide, _ in spans[:-1]) + 1)
        for wide, tall in spans:
            if tall > 1:
                held += wide
                ending[number + tall] += wide
    return most


def _head(table: Element) -> None:
    """Make the first row the header if it is one: all headings, or the one row without a digit above figures.

    Several rows of headings become one: "Dwellings" above "2023" and "2024" is "Dwellings 2023" and "Dwellings 2024".
    """
    rows = [cells for row in own(table, "tr") if (cells := _cells(row))]
    if not rows:
        return
    first, rest = rows[0], rows[1:]
    while rest and len(rest[0]) == len(first) and all(cell.tag == "th" for cell in (*first, *rest[0])):
        lower = rest.pop(0)
        for above, below in zip(first, lower, strict=True):
            said, more = above.text_content().strip(), below.text_content().strip()
            if more and more != said:
                above.tail, below.tail = None, None
                above.append(html.Element("br"))
                above[-1].tail = more
        row = lower[0].getparent()
        if row is not None:
            drop(row)
    headed = all(cell.tag == "th" for cell in first) or (
        len(first) > 1 and not _has_digit(first) and bool(rest) and all(map(_has_digit, rest))
    )
    for cell in own(table, "th"):
        cell.tag = "td"
    for cell in first if headed else ():
        cell.tag = "th"


def _has_digit(cells: list[Element]) -> bool:
    return any(char.isdigit() for cell in cells for char in cell.text_content())


def _put_up(raised: Element) -> None:
    """Write "m<sup>2</sup>" as m², and leave out a footnote's number: "1,350<sup>[2]</sup>" is not 13502."""
    said, parent = raised.text_content().strip(), raised.getparent()
    if raised.find(".//a") is not None or (parent is not None and parent.tag == "a") or said.startswith(("[", "(")):
        raised.text = ""
    elif said and all(char in _SUPERSCRIPTS for char in said):
        raised.text = "".join(_SUPERSCRIPTS[char] for char in said)
    else:
        return
    for inner in list(raised):
        raised.remove(inner)


def _span(cell: Element, name: str) -> int:
    told = cell.attrib.pop(name, "1")
    # Python makes no integer of more than 4,300 digits.
    return min(max(int(told[:5]), 1), _MAX_SPAN) if told.isascii() and told.isdigit() else 1
