"""Table rows between vertical bars in a report's text -> where the page draws cells, and which characters it hides.

The text stays whole and in order, so that marks fall on the same characters as without the table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_ROW = re.compile(r"^\|[^\n]*(?<!\\)\|[ \t\r]*(?:\n|\Z)", re.MULTILINE)
_BAR = re.compile(r"(?<!\\)\|\s*")
_RULE = re.compile(r"(?:\|\s*:?-{2,}:?\s*)+\|\s*")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The tables of a text: `tags`, by the offset that they stand before; `bars`, the offsets that are hidden.

    `edges` are the offsets at which a piece of the text has to end.
    """

    tags: Mapping[int, str]
    bars: AbstractSet[int]
    edges: AbstractSet[int]


def tables(text: str, low: int, high: int) -> Drawn:
    """The tables in `text[low:high]`, of two rows at least: a single line with bars may be anything."""
    tags: defaultdict[int, str] = defaultdict(str)
    bars: set[int] = set()
    edges: set[int] = set()
    for rows in _groups(_ROW.finditer(text, low, high)):
        headed = _RULE.fullmatch(rows[1][0]) is not None
        tags[rows[0].start()] += "<table>"
        for number, row in enumerate(rows):
            kind = "th" if headed and number == 0 else "td"
            found = [bar.span() for bar in _BAR.finditer(text, *row.span())]
            # A bar is inside of the cell after it, the last one of the cell before: a row holds nothing but cells.
            first, *others = [start for start, _ in found[:-1]]
            if rule := headed and number == 1:
                found, others = [row.span()], []
            tags[first] += f'<tr class="bar"><{kind}>' if rule else f"<tr><{kind}>"
            for start in others:
                tags[start] += f"</{kind}><{kind}>"
            tags[row.end()] += f"</{kind}></tr>"
            bars.update(place for span in found for place in range(*span))
            edges.update(edge for span in found for edge in span)
        tags[rows[-1].end()] += "</table>"
    return Drawn(tags, bars, edges | tags.keys())


def _groups(rows: Iterator[re.Match[str]]) -> Iterator[Sequence[re.Match[str]]]:
    """The rows that follow one another, two at least."""
    group: list[re.Match[str]] = []
    for row in rows:
        if group and group[-1].end() != row.start():
            if len(group) > 1:
                yield group
            group = []
        group.append(row)
    if len(group) > 1:
        yield group
