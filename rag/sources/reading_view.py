"""Raw text -> its reading view: blocks of running text, list items and table rows, without the layout.

Wrapped lines are joined, hyphens at line ends and the "> " of quoted e-mail are removed, table cells are read with
their column headings, and subtitle times are skipped. Splitter, embedder, reader and verifier use the view; each of its
characters is mapped to its offset in `Article.text`, which is not changed and from which quotes are taken.

The only language data used here are the words for "and" and "or" ("Kinder- und Jugendliche" keeps its hyphen).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

from rag.language import UNSPACED, UNSPACED_MARKS, joining_words
from rag.models import Article, Passage
from rag.sources.tables import Row, Span, rows_of

# Columns of a wrapped line. Prose is wrapped at 20 (newspaper columns) to 140 (wide terminals); a longer line is a
# paragraph of its own.
NARROW, WIDE = 20, 140
# Share of a text's line breaks that must stand where a filled line would break, for the text to count as wrapped.
MOSTLY = 0.6
# Columns that a filled line may fall short of the widest: closing marks hang over, ideographs take two each.
SLACK = 3
# Longest first word of a line, in columns: in scripts without blanks a line is one "word".
LONGEST_WORD = 24
# Code points of a first sentence that stands for a title where it is read: a lead says what its report is about.
LEAD = 200
# Reports whose blocks are kept in memory.
HELD = 256

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_QUOTING = re.compile(r"[ \t]*(?:>[ \t]?)+")
_ITEM = re.compile(
    r"(?:[-*•·▪◦‣–—][ \t\u00a0]+|(?:\d{1,3}|[a-zA-Z])[.)][ \t\u00a0]+|[(（]\w{1,3}[)）]\s?|\d{1,2}、)(?=\S)"
)
_FIELD = re.compile(r"[^\W\d_][\w-]{0,24}:(?:\s|$)")
_TIME = re.compile(r"\s*(?:\d{1,2}:)?\d{1,2}:\d{2}[.,]\d{3}\s+-->\s")
_ENDS = re.compile(r"[.!?…。！？؟।॥:;][\"'”“’»)\]）」』]*\s*$")
_HYPHEN = re.compile(r"[^\W\d_]([-\u2010\u00ad])$")
_BEFORE_HYPHEN = re.compile(r"(?<![^\W\d_])([^\W\d_]+)[-\u2010]$")
_HYPHENATED = re.compile(r"(?<![^\W\d_])([^\W\d_]+)[-\u2010](?=([^\W\d_]+))")
_UNSPACED = re.compile(f"[{UNSPACED}{UNSPACED_MARKS}]")


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[at:at + length]` of a view is the report's text from `start`, with full-width digits in ASCII.

    `borrowed`: a repeated column heading or row label.
    """

    at: int
    start: int
    length: int
    borrowed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Text as it is read, and where its pieces are in the report. Text between the pieces is not in the report."""

    text: str
    pieces: tuple[Piece, ...]

    def place(self, start: int, end: int, *, borrowed: bool = True) -> Span | None:
        """The report's span that `text[start:end]` was read from.

        What is `borrowed` counts only if there is nothing else, or not at all.
        """
        first = max(0, bisect_right(self.pieces, start, key=lambda piece: piece.at) - 1)
        found: dict[bool, list[int]] = {False: [], True: []}
        for piece in self.pieces[first:]:
            if piece.at >= end:
                break
            a, b = max(start, piece.at), min(end, piece.at + piece.length)
            if a < b:
                found[piece.borrowed] += (piece.start + a - piece.at, piece.start + b - piece.at)
        places = found[False] or (found[True] if borrowed else [])
        return (min(places), max(places)) if places else None

    def at(self, place: int) -> int:
        """The view's offset for the report's character at `place`: the first position not before it."""
        own = [piece for piece in self.pieces if not piece.borrowed and piece.start + piece.length > place]
        return min((piece.at + max(0, place - piece.start) for piece in own), default=len(self.text))


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table row: `article.text[start:end]` with its view.

    `header`: for table rows, the heading row. `row`: whether it is a table row.
    """

    start: int
    end: int
    view: View
    header: Span | None = None
    row: bool = False


@dataclass(slots=True)
class _Writer:
    """Puts a view together."""

    text: str
    parts: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    length: int = 0

    def say(self, words: str) -> None:
        self.parts.append(words)
        self.length += len(words)

    def take(self, start: int, end: int, *, borrowed: bool = False) -> None:
        """The report's characters, without those that nobody sees."""
        for match in _VISIBLE.finditer(self.text, start, end):
            self.pieces.append(Piece(self.length, match.start(), match.end() - match.start(), borrowed))
            self.say(_WIDE_FIGURE.sub(_narrow, match.group()))

    def view(self) -> View:
        return View("".join(self.parts), tuple(self.pieces))


# Not soft hyphens, NULs, marks of no width that stand inside of words and figures ("5", U+200B, "00"), nor the tags and
# selectors in which whole sentences can be written that no page shows.
_VISIBLE = re.compile("[^\u00ad\0\u200b\u2060\ufeff\U000e0000-\U000e0fff]+")
# Letters and figures of full width, as Japanese text has them, and the marks inside figures.
_WIDE_FIGURE = re.compile(r"[０-９](?:[０-９，．]*[０-９])?[％]?|[Ａ-Ｚａ-ｚ]+")


def _narrow(match: re.Match[str]) -> str:
    """The same in ASCII, a character for each."""
    return "".join(chr(ord(char) - 0xFEE0) for char in match.group())


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without its quoting and outer blanks.

    `gap`: an empty line, a change of quoting, or the indentation of an East Asian paragraph stands before it. `indent`:
    columns of blanks at its beginning.
    """

    start: int
    end: int
    text: str
    depth: int
    gap: bool
    field: bool
    cue: bool
    indent: int

    @property
    def width(self) -> int:
        return self.indent + _width(self.text)


def blocks(article: Article) -> tuple[Block, ...]:
    """The blocks of a report's body, in text order; lines without a letter or digit are in none."""
    return blocks_of(article.text, article.body_end, article.language)


def reading_view(article: Article, start: int, end: int) -> View:
    """The view of `article.text[start:end]`: one line per block."""
    writer = _Writer(article.text)
    for block in _touched(article, start, end):
        if writer.parts:
            writer.say("\n")
        _copy(writer, block, start, end)
    return writer.view()


def lead_of(article: Article) -> str:
    """What identifies the report: its title, or more of the first sentence if the title is that sentence cut short."""
    found = blocks(article)
    if not article.title.endswith("…") or not found:
        return article.title
    text = found[0].view.text
    if not text.startswith(article.title[:-1]):
        return article.title
    head = text[:LEAD]
    return head if len(text) <= LEAD else head.rsplit(None, 1)[0] + "…"


def reading_parts(article: Article, start: int, end: int) -> list[View]:
    """The view of `article.text[start:end]` in parts to read separately: each table row, and the text between tables.

    If rows are read together, the reader may answer with a cell of the next row (docs/experiments.md). A heading row is
    left out: each row repeats it, and alone it answers nothing.
    """
    spans: list[Span] = []
    joined = False
    headings = {block.header for block in blocks(article)}
    for block in _touched(article, start, end):
        if (block.start, block.end) in headings:
            joined = False
            continue
        a, b = max(start, block.start), min(end, block.end)
        if joined and not block.row:
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
        joined = not block.row
    return [reading_view(article, a, b) for a, b in spans]


def as_read(article: Article, passage: Passage) -> Passage:
    """The passage with its reading view."""
    text = reading_view(article, passage.start, passage.end).text
    return passage if text == passage.text else replace(passage, reads=text)


def header_of_row(article: Article, start: int, end: int) -> Span | None:
    """The heading row of the table that contains the span; None outside tables."""
    block = next(_touched(article, start, end), None)
    return block.header if block else None


def _touched(article: Article, start: int, end: int) -> Iterator[Block]:
    """The blocks that the span overlaps, in text order."""
    found = blocks(article)
    for at in range(max(0, bisect_right(found, start, key=lambda block: block.start) - 1), len(found)):
        if found[at].start >= end:
            return
        if start < found[at].end:
            yield found[at]


def _copy(writer: _Writer, block: Block, start: int, end: int) -> None:
    """Append a block's view, or what of it stands in the span."""
    if start <= block.start and block.end <= end:
        at = writer.length
        writer.pieces += (Piece(at + p.at, p.start, p.length, p.borrowed) for p in block.view.pieces)
        writer.say(block.view.text)
        return
    own = [piece for piece in block.view.pieces if not piece.borrowed]
    before = 0
    for piece in own:
        a, b = max(start, piece.start), min(end, piece.start + piece.length)
        if a >= b:
            continue
        at = piece.at + a - piece.start
        if before:  # what joins two lines
            writer.say(block.view.text[before:at] if at - before <= 1 else " ")
        writer.take(a, b)
        before = at + b - a


@lru_cache(maxsize=HELD)
def blocks_of(text: str, end: int, language: str) -> tuple[Block, ...]:
    """The blocks of `text[:end]`; see `blocks`."""
    lines = list(_lines(text, end))
    width = _wrapped_at(lines)
    rows = rows_of([line.text for line in lines], [line.gap for line in lines])
    found: list[Block] = []
    at = 0
    while at < len(lines):
        if row := rows.get(at):
            found += _row(text, lines, at, row)
            at += 1
            continue
        group = [lines[at]]
        at += 1
        while at < len(lines) and at not in rows and _joins(group, lines[at], width):
            group.append(lines[at])
            at += 1
        if block := _joined(text, group, language):
            found.append(block)
    return tuple(found)


def _lines(text: str, end: int) -> Iterator[_Line]:
    """Lines that say something: without blank ones, and without the numbers and times of subtitles."""
    matches = list(_LINE.finditer(text, 0, end))
    gap, depth, cue, fields, started = False, 0, False, True, False
    last = 0
    for number, match in enumerate(matches):
        quoting = _QUOTING.match(text, match.start(), match.end())
        start = quoting.end() if quoting else match.start()
        said = text[start : match.end()]
        if text.count("\n", last, match.start()) > 1 or "\f" in text[last : match.start()]:
            gap = True
        last = match.end()
        held = said.strip()
        if not held or held in ("WEBVTT", "\ufeffWEBVTT"):
            gap = True
            fields = fields and not started
            continue
        rule = not any(map(str.isalnum, held))
        following = matches[number + 1].group() if number + 1 < len(matches) else ""
        if _TIME.match(said) or (held.isdecimal() and _TIME.match(following)):
            cue, gap = True, False
            continue
        level = quoting.group().count(">") if quoting else 0
        begin = start + len(said) - len(said.lstrip())
        is_field = fields and bool(_FIELD.match(held))
        if not rule:
            fields, started = fields and (is_field or said[:1].isspace()), True
        # "---" stands between two things, but in a table it is one of its lines.
        apart = rule and len(held) > 2 and "|" not in held
        blank = text[start:begin]
        parted = gap or apart or level != depth or "\u3000" in blank
        yield _Line(begin, begin + len(held), held, level, parted, is_field, cue, _width(blank))
        gap, depth, cue = apart, level, False


def _wrapped_at(lines: Sequence[_Line]) -> int:
    """The width in columns that the text's lines are wrapped at; 0 where they are not."""
    pairs = [
        (line.width, _first_width(after), after)
        for line, after in zip(lines, lines[1:], strict=False)
        if not after.gap and not after.field and line.width <= WIDE
    ]
    longer = sum(line.width > WIDE for line in lines)
    if not pairs or longer > len(pairs):
        return 0
    # Of the widest lines a few may be tables or addresses.
    widths = sorted({width for width, _, _ in pairs}, reverse=True)[:4]
    for width in widths:
        if width < NARROW:
            break
        full = sum(own + 1 + first > width - SLACK for own, first, _ in pairs if own <= width)
        if full >= MOSTLY * len(pairs) and (len(pairs) > 1 or pairs[0][0] >= NARROW * 2):
            return width
    return 0


def _first_width(line: _Line) -> int:
    """Columns of the word that would have had to fit on the line before; of one character where no blanks are used."""
    word = line.text.split(None, 1)[0]
    if _UNSPACED.match(word) and not "\u0e00" <= word[0] <= "\u17ff":
        return _width(word[0])
    return min(_width(word), LONGEST_WORD)


def _joins(group: Sequence[_Line], line: _Line, width: int) -> bool:
    """Whether a line goes on with the sentence of the lines before it."""
    before = group[-1]
    if line.field or line.depth != before.depth:
        return False
    ended = bool(_ENDS.search(before.text))
    if line.cue:
        return not (ended and _ITEM.match(line.text))
    goes_on = not ended and line.text[:1].islower()
    full = bool(width) and before.width <= width and before.width + 1 + _first_width(line) > width - SLACK
    if line.gap:
        # A page ends in mid-sentence.
        return full and goes_on
    if before.field and not full:
        return False
    if _HYPHEN.search(before.text) and line.text[:1].isalpha():
        return True
    if _ITEM.match(line.text) and (ended or _ITEM.match(group[0].text) or not full):
        return False
    return full or goes_on


def _unspaced(left: str, right: str) -> bool:
    """Whether no space stands between these characters; quotation marks and dashes are shared with other scripts."""
    ours = [bool(_UNSPACED.match(char)) for char in (left, right)]
    return all(ours) or (any(ours) and not (left.isalnum() and right.isalnum()))


def _joined(text: str, group: Sequence[_Line], language: str) -> Block | None:
    """The lines as one block; None without a letter or digit."""
    if not any(map(str.isalnum, "".join(line.text for line in group))):
        return None
    writer = _Writer(text)
    for at, line in enumerate(group):
        following = group[at + 1] if at + 1 < len(group) else None
        if following is None:
            writer.take(line.start, line.end)
        elif (mark := _HYPHEN.search(line.text)) and following.text[:1].isalpha():
            kept = mark[1] != "\u00ad" and _keeps_hyphen(text, line.text, following.text, language)
            writer.take(line.start, line.end - (not kept))
            if kept and _first_word(following.text) in joining_words(language):
                writer.say(" ")
        else:
            writer.take(line.start, line.end)
            writer.say("" if _unspaced(line.text[-1], following.text[0]) else " ")
    return Block(group[0].start, group[-1].end, writer.view())


def _keeps_hyphen(text: str, line: str, following: str, language: str) -> bool:
    """Whether the hyphen at a line's end belongs to the word: "Baden-/Württemberg", "Kinder-/und Jugendliche"."""
    if following[:1].isupper() or _first_word(following) in joining_words(language):
        return True
    match, first = _BEFORE_HYPHEN.search(line), _first_word(following)
    after = _hyphenated(text).get(match[1] if match else "", [])
    at = bisect_left(after, first)
    return at < len(after) and after[at].startswith(first)


@lru_cache(maxsize=1)
def _hyphenated(text: str) -> dict[str, list[str]]:
    """What stands before the hyphens inside of the text's words, and what follows each, sorted."""
    found: dict[str, list[str]] = {}
    for before, after in set(_HYPHENATED.findall(text)):
        found.setdefault(before, []).append(after)
    return {before: sorted(after) for before, after in found.items()}


def _first_word(text: str) -> str:
    match = re.match(r"[^\W\d_]+", text)
    return match.group() if match else ""


def _row(text: str, lines: Sequence[_Line], at: int, row: Row) -> Iterator[Block]:
    """A table's row: "crop: Rye, 2022: 88; crop: Rye, 2023: 102.", the headings borrowed from the heading row.

    Of nine ways to write a row the reader reads this one best (docs/experiments.md).
    """
    line = lines[at]
    cells = [(line.start + a, line.start + b) for a, b in row.cells if line.text[a:b].strip()]
    if not any(map(str.isalnum, line.text)):
        return
    header = lines[row.header] if row.header is not None else None
    headings = {}
    if header is not None:
        headings = {
            line.start + own[0]: (header.start + head[0], header.start + head[1])
            for own, head in zip(row.cells, row.headings, strict=False)
            if head[0] < head[1]
        }
    writer = _Writer(text)
    if len(headings) < 2 or len(cells) < 2:
        for number, cell in enumerate(cells):
            writer.say("; " if number else "")
            writer.take(*cell)
    else:
        for number, (start, end) in enumerate(cells[1:]):
            writer.say("; " if number else "")
            _cell(writer, cells[0], headings.get(cells[0][0]), borrowed=number > 0)
            writer.say(", ")
            _cell(writer, (start, end), headings.get(start), borrowed=False)
        writer.say(".")
    span = (header.start, header.end) if header is not None else None
    yield Block(line.start, line.end, writer.view(), span, row=True)


def _cell(writer: _Writer, cell: Span, heading: Span | None, *, borrowed: bool) -> None:
    if heading:
        writer.take(*heading, borrowed=True)
        writer.say(": ")
    writer.take(*cell, borrowed=borrowed)


def _width(text: str) -> int:
    """Columns that a terminal needs for the text. Letter by letter of those that it uses: ten times as fast."""
    if text.isascii() or "\u200d" in text or "\ufe0f" in text:
        return cell_len(text)
    return sum(text.count(char) * get_character_cell_size(char) for char in set(text))
