"""A part of a page's tree -> its text: blocks as lines, list items as "- item", tables as Markdown.

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
_SPACE = re.compile(r"\s+")


def text_of(element: Element) -> str:
    """The element's text, one line per block; blank lines are left out."""
    parts: list[str] = []
    _write(element, parts)
    lines = (line.rstrip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line.strip(" -"))


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
                parts.append("\n")
            if element is not root:
                _add(parts, element.tail)
            continue
        if block:
            parts.append("\n")
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
            _add(parts, element.text)
        waiting.append((element, True))
        if element.tag != "pre":
            waiting += [(child, False) for child in reversed(element)]


def _add(parts: list[str], text: str | None) -> None:
    """Add text with its white space as a browser shows it; none at a line's beginning, nor twice."""
    said = _SPACE.sub(" ", text or "")
    if said.startswith(" ") and (not parts or parts[-1].endswith((" ", "\n"))):
        said = said[1:]
    # A paragraph inside of an item stays on the item's line.
    if said and len(parts) > 1 and parts[-1] == "\n" and parts[-2].endswith("- "):
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
