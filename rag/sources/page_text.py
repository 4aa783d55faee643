"""A part of a page's tree -> its text: blocks apart by blank lines, list items as "- item", tables as Markdown.

Does not decide which part of a page is its report.
"""

from __future__ import annotations

import re

from rag.sources.page_tree import Element, own

# Elements that begin a line of their own; of HTML's standard, "flow content" that is not "phrasing content".
BLOCKS = frozenset(
    "address article aside blockquote body br center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tr ul".split()
)
# Of these, what goes on after a line's end: a sentence may run over a break. Items have a mark of their own.
_LINES = frozenset(("br", "li"))
# What ends a line and a block while a text is put together; neither is in a page's own text as a form feed.
_LINE, _BLOCK = "\n", "\f"
_SPACE = re.compile(r"\s+")
# A word and what ends a sentence or a quotation: a capital in the next element begins a word of its own. One letter and
# a full stop may go on ("U.S."), and so does an address ("www."). A mark that opens a quotation elsewhere closes one
# only behind the end of a sentence.
_ENDED = re.compile(r"[^\W_][.!?…]+[\"“”»]$|[^\W_][”»]$|(?<!www)(?<=[^\W\d_]{2})[.!?…]$")
# A shorter piece may begin a name ("Mc", "i").
_WORD = re.compile(r"[^\W\d_]{3}$")


def text_of(element: Element) -> str:
    """The element's text: a blank line between blocks, so that no sentence runs over their border."""
    parts: list[str] = []
    _write(element, parts)
    return "\n\n".join(filter(None, map(_lines, "".join(parts).split(_BLOCK))))


def _lines(block: str) -> str:
    return "\n".join(line.rstrip() for line in block.split(_LINE) if line.strip(" -"))


def _write(root: Element, parts: list[str]) -> None:
    # Without recursion: pages are nested deeper than Python's stack.
    waiting: list[tuple[Element, bool]] = [(root, False)]
    lists = 0
    while waiting:
        element, ending = waiting.pop()
        block = element.tag in BLOCKS
        if ending:
            lists -= element.tag in ("ul", "ol")
            if block:
                parts.append(_end(element, lists))
            if element is not root:
                _add(parts, element.tail)
            continue
        if block:
            parts.append(_end(element, lists))
        if element.tag == "table":
            parts.append(_table(element))
            waiting.append((element, True))
            continue
        lists += element.tag in ("ul", "ol")
        if element.tag == "li":
            parts.append("  " * max(lists - 1, 0) + "- ")
        if element.tag == "pre":
            parts.append(element.text_content())
        else:
            _add(parts, element.text, apart=_follows_element(element))
        waiting.append((element, True))
        if element.tag != "pre":
            waiting += [(child, False) for child in reversed(element)]


def _end(element: Element, lists: int) -> str:
    """What stands before and behind a block; `lists`: how many it stands in."""
    return _LINE if element.tag in _LINES or (lists and element.tag in ("ul", "ol")) else _BLOCK


def _follows_element(element: Element) -> bool:
    """Whether another element ends where this one begins."""
    before = element.getprevious()
    return before is not None and not before.tail and bool(before.text_content())


def _add(parts: list[str], text: str | None, *, apart: bool = False) -> None:
    """Add text with its white space as a browser shows it; none at a line's beginning, nor twice.

    Style sheets set elements apart without white space, `apart` two of them: no word goes on with a capital.
    """
    said = _SPACE.sub(" ", text or "")
    if said.startswith(" ") and (not parts or parts[-1].endswith((" ", _LINE, _BLOCK))):
        said = said[1:]
    end = parts[-1][-8:] if parts else ""
    if said[:1].isupper() and (_ENDED.search(end) or (apart and end[-1:].islower() and _WORD.search(end))):
        parts.append(" ")
    # A paragraph inside of an item stays on the item's line.
    if said and len(parts) > 1 and parts[-1] in (_LINE, _BLOCK) and parts[-2].endswith("- "):
        parts.pop()
    if said:
        parts.append(said)


def _table(table: Element) -> str:
    cells: dict[Element, list[Element]] = {row: [] for row in own(table, "tr")}
    for cell in own(table, "td", "th"):
        row = next(cell.iterancestors("tr"), None)
        if row in cells:
            cells[row].append(cell)
    rows = [[_SPACE.sub(" ", _cell(cell)).strip() for cell in row] for row in cells.values()]
    rows = [row for row in rows if any(row)]
    if all(len(row) == 1 for row in rows):
        return "\n".join(row[0] for row in rows)
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    first = next(iter(own(table, "td", "th")), None)
    if first is not None and first.tag == "th":
        lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def _cell(cell: Element) -> str:
    parts: list[str] = []
    _write(cell, parts)
    return "".join(parts)
