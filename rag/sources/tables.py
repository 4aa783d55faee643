"""Lines -> table rows: Markdown, tabs, separated values, columns aligned with spaces; with the heading row.

Only the layout of the lines is used. A table is a run of consecutive lines with equally many cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]

# Longest cell of comma-separated values or of columns of blanks, in code points: prose has longer ones.
CELL = 60
# Longest row, in code points.
LINE = 4_000
_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_QUOTED = re.compile(r'\s*"(?:[^"]|"")*"\s*')
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[-–/]\s?\d{2,4})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the spans of its cells in the line, and the number and cells of its heading line."""

    cells: tuple[Span, ...]
    header: int | None = None
    headings: tuple[Span, ...] = ()


def rows_of(lines: Sequence[str], gaps: Sequence[bool]) -> dict[int, Row]:
    """The lines that are rows of a table, by number. `gaps`: whether an empty line precedes the line."""
    found: dict[int, Row] = {}
    for kind in KINDS:
        at = 0
        while at < len(lines):
            cells = [] if at in found else _run(kind, lines, gaps, at, found)
            if len(cells) >= kind.least and kind.fits(lines[at : at + len(cells)], cells):
                found |= _rows(lines, at, cells)
            at += max(1, len(cells))
    return found


def _run(
    kind: _Kind, lines: Sequence[str], gaps: Sequence[bool], at: int, taken: Mapping[int, Row]
) -> list[list[Span]]:
    """The cells of the consecutive lines from `at` on that have equally many, at least two."""
    cells: list[list[Span]] = []
    for number in range(at, len(lines)):
        line = lines[number]
        if len(line) > LINE or kind.mark not in line or number in taken or (cells and gaps[number]):
            break
        found = kind.cut(line)
        if len(found) < 2 or (cells and len(found) != len(cells[0])):
            break
        cells.append(found)
    return cells


def _rows(lines: Sequence[str], at: int, cells: Sequence[Sequence[Span]]) -> Iterator[tuple[int, Row]]:
    said = [[lines[at + row][a:b] for a, b in own] for row, own in enumerate(cells)]
    rule = next((row for row, line in enumerate(lines[at : at + len(cells)]) if _RULE.fullmatch(line)), None)
    header = rule - 1 if rule else 0 if rule is None and _is_header(said) else None
    for row, own in enumerate(cells):
        if row == rule:
            yield at + row, Row(())
        elif header is not None and row > header:
            yield at + row, Row(tuple(own), at + header, tuple(cells[header]))
        else:
            yield at + row, Row(tuple(own))


def _is_header(said: Sequence[Sequence[str]]) -> bool:
    """Whether the first row heads columns: words and years above figures, unlike the rows below it."""
    if len(said) < 2 or not _names(said[0]):
        return False
    columns = range(len(said[0]))
    figures = any(sum(_is_figure(row[column]) for row in said[1:]) * 2 > len(said) - 1 for column in columns)
    return figures and sum(map(_names, said[1:])) * 2 < len(said)


def _names(cells: Sequence[str]) -> bool:
    return not any(_is_figure(cell) and not _YEAR.fullmatch(cell) for cell in cells)


def _is_figure(cell: str) -> bool:
    letters = sum(map(str.isalpha, cell))
    return any(map(str.isdecimal, cell)) and letters <= sum(map(str.isdecimal, cell))


def _trimmed(line: str, start: int, end: int) -> Span:
    piece = line[start:end]
    begin = start + len(piece) - len(piece.lstrip())
    return begin, max(begin, start + len(piece.rstrip()))


def _between(line: str, marks: Sequence[Span]) -> list[Span]:
    edges = [(0, 0), *marks, (len(line), len(line))]
    return [_trimmed(line, before[1], after[0]) for before, after in pairwise(edges)]


def _piped(line: str) -> list[Span]:
    cells = _between(line, [match.span() for match in re.finditer(r"(?<!\\)\|", line)])
    first, last = line.startswith("|"), line.endswith("|")
    return cells[first : len(cells) - last]


def _tabbed(line: str) -> list[Span]:
    return _between(line, [match.span() for match in re.finditer(r"\t", line)])


def _separated(mark: str) -> Callable[[str], list[Span]]:
    def cut(line: str) -> list[Span]:
        cells: list[Span] = []
        at = 0
        while at <= len(line):
            quoted = _QUOTED.match(line, at)
            end = line.find(mark, quoted.end() if quoted else at)
            end = len(line) if end < 0 else end
            a, b = _trimmed(line, at, end)
            inner = quoted is not None and b - a > 1 and line[a] == line[b - 1] == '"'
            cells.append((a + inner, b - inner))
            at = end + 1
        return cells

    return cut


def _spaced(line: str) -> list[Span]:
    return _between(line, [match.span() for match in re.finditer(r"(?<=\S)\s{2,}(?=\S)", line)])


def _any(lines: Sequence[str], cells: Sequence[Sequence[Span]]) -> bool:
    return True


def _ruled(lines: Sequence[str], cells: Sequence[Sequence[Span]]) -> bool:
    """A vertical bar in every line, at its ends or over a rule."""
    edged = all(line.startswith("|") and line.endswith("|") for line in lines)
    return edged or any(_RULE.fullmatch(line) for line in lines) or len(cells[0]) > 2


def _short(lines: Sequence[str], cells: Sequence[Sequence[Span]]) -> bool:
    return all(b - a <= CELL for own in cells for a, b in own)


def _listed(lines: Sequence[str], cells: Sequence[Sequence[Span]]) -> bool:
    """Separated values: three columns, short cells, and no blank behind the mark as prose has it."""
    prose = sum(", " in line for line in lines) * 2 > len(lines)
    return len(cells[0]) > 2 and _short(lines, cells) and not prose


def _aligned(lines: Sequence[str], cells: Sequence[Sequence[Span]]) -> bool:
    """Columns of blanks: short cells, and a column of figures; two columns of prose are no table."""
    figures = any(
        sum(_is_figure(line[own[column][0] : own[column][1]]) for line, own in zip(lines, cells, strict=True)) * 2
        > len(lines) - 1
        for column in range(1, len(cells[0]))
    )
    return figures and _short(lines, cells)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a table is written: the mark in all its lines, how a line is cut, the fewest lines, how they must look."""

    mark: str
    cut: Callable[[str], list[Span]]
    least: int
    fits: Callable[[Sequence[str], Sequence[Sequence[Span]]], bool]


KINDS = (
    _Kind("|", _piped, 2, _ruled),
    _Kind("\t", _tabbed, 2, _any),
    _Kind(";", _separated(";"), 2, _short),
    _Kind(",", _separated(","), 3, _listed),
    _Kind("  ", _spaced, 3, _aligned),
)
