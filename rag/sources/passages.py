"""Article -> Passages: sentences to quote and windows to search, with exact code-point offsets.

Sentence ends come from sentencex, block by block of the reading view; the repairs here are for what its rules miss in
news prose: numbers after "No." and "Nr.", abbreviations, ordinals, quotes after the full stop, ellipses, and lists that
run on for a page. A dateline belongs to the sentence behind it; a table row is a sentence, a long row is several, and
no sentence spans two blocks. Text after `Article.body_end` is ignored. Language-specific rules come only from the
language's entry. Independent of vectors and questions.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

from sentencex import get_sentence_boundaries  # type: ignore[import-not-found,import-untyped,unused-ignore]

from rag.language import entries, language_of, primary_tag
from rag.models import Article, Passage, PassageKind
from rag.sources.datelines import WORDS, find_dateline
from rag.sources.reading_view import Block, blocks, lead_of, reading_view
from rag.sources.tables import Span

LONG = 400  # a longer sentence is cut into its clauses
SHORT = 40  # no clause is shorter
HARD = 1000  # nothing is longer: text without sentence ends is cut at white space
STRETCH = 1.35  # a window may outgrow its aim by this factor before it is cut
APART = 500  # paragraphs further apart than this are not joined: what lies between them would be in the window
HEADER = 230  # longest header of an embedded text: a lead, a place and a date
_CHUNK = 8000  # the splitter sees this much at once, so that no input makes it slow

# No sentence ends after these, in any language. Lower case, without the last full stop.
_ABBREVIATIONS = "dr prof st mr mrs ms gen col lt maj sgt sen rep gov jr hon rev ca approx cf ing mag dipl"
# The same, but only before a number: elsewhere "no." or "art." may end a sentence.
_BEFORE_NUMBER = frozenset(
    "no nr nº num núm art arts s p pp pág págs fig figs sec abs abb kap tab vol bd bil hlm m md mad poz str ust pkt"
    " rozdz par ch cap inc lit q đ sf cilt n".split()
)
# These may end a sentence, which only the next word tells.
_MAY_END = "etc"
_WORD = re.compile(r"[^\W_]")
_NUMBERING = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[IVXLC]{1,6})[.)]+\Z")
_INITIAL = re.compile(r"(?:\A|[\s(„“\"«.-])[^\W\d_]\.\Z")
_WIDE_BLANK = re.compile(r"[^\S\x00-\x7f]")
_ORDINAL = re.compile(r"(?:(\w+)\s+)?(?:\d{1,3}|[IVX]{2,6})\.\Z")
_OPENERS = "\"'([{„“«»‘‚‹¿¡-–— "
_CLOSERS = "\"'”“»«’)]}"
# A quotation or a bracket that is closed again: nothing is cut inside. Bounded, so that a stray mark costs little.
_ENCLOSED = re.compile(
    r'(?<!\w)"(?=\S)[^"\n]{0,600}(?<=\S)"(?!\w)|„[^„“”"]{0,600}[“”"]|“[^“”]{0,600}”|«[^«»]{0,600}»|»[^«»]{0,600}«'
    r"|\((?:[^()]|\([^()]{0,300}\)){0,600}\)|\[[^\[\]]{0,600}\]"
)
_CLAUSE_END = re.compile(r"[;:](?=\s)")
_HARD_ENDS = (re.compile(r"[.!?…][”“\"»)]*\s"), re.compile(r"[;,:]\s"), re.compile(r"\s"))


def sentences(article: Article) -> list[Passage]:
    """The report's sentences in order, without overlap; every letter and digit of the evidence is in exactly one.

    A list sentence of more than 400 characters is split into its clauses. Lines without a letter or digit are left out.
    """
    found = (span for spans in _paragraphs(article) for span in spans)
    return [_passage(article, start, end, "sentence") for start, end in found]


def windows(article: Article, *, aim: int) -> list[Passage]:
    """Windows of whole sentences with about `aim` characters, at most 1.35 times that unless a sentence is longer.

    Short paragraphs are joined with those after them. Longer text is cut into even parts; if a cut falls
    inside a paragraph, the next window repeats one sentence. Every sentence is in at least one window.
    """
    paragraphs = [spans for spans in _paragraphs(article) if spans]
    found = (span for run in _runs(paragraphs, aim) for span in _cut_run(run, aim))
    return [_passage(article, start, end, "window") for start, end in found]


def embedding_text(article: Article, passage: Passage) -> str:
    """The text embedded for a passage: preceded by the report's place and date and, for a window, its title.

    The header is at most 230 characters. The title is left out for sentences, which it would make too similar, and for
    windows that contain it. NULs are dropped: the embedder would stop at them.
    """
    facts = ", ".join(filter(None, [_clip(article.places[0], 40) if article.places else "", _day(article)]))
    text = reading_view(article, passage.start, passage.end).text
    title = " ".join(lead_of(article).split()).rstrip(".… ") if passage.kind == "window" else ""
    if title and (title in " ".join(text.split()) or text in title):
        title = ""
    title = _clip(title, HEADER - len(facts) - 3)
    header = ". ".join(part for part in (facts, title) if part)
    return f"{header}{'' if header.endswith(('…', '?', '!')) else '.'} {text}" if header else text


def _day(article: Article) -> str:
    return article.published.isoformat() if article.published else ""


def _clip(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    return (head.rsplit(None, 1)[0] if " " in head else head).rstrip(",;:. ") + "…"


def _passage(article: Article, start: int, end: int, kind: PassageKind) -> Passage:
    return Passage(article.id, start, end, article.text[start:end], kind)


def _paragraphs(article: Article) -> Iterator[list[Span]]:
    """The sentences and clauses of each block, in offsets of the report's text."""
    found = blocks(article)
    dateline = find_dateline(found, article.language)
    for block in found:
        end = dateline[1].end if dateline and dateline[0] is block else 0
        yield list(_of_block(block, article.language, end))


def _of_block(block: Block, language: str, dateline: int) -> Iterator[Span]:
    """A block's sentences; its first `dateline` characters belong to the first of them, if it does not get too long."""
    if block.row and block.end - block.start <= HARD:
        yield block.start, block.end
        return
    text = block.view.text
    said = [(start + dateline, end + dateline) for start, end in _sentences(text[dateline:], primary_tag(language))]
    if dateline and said and said[0][1] <= HARD:
        said[0] = (0, said[0][1])
    elif dateline:
        said.insert(0, _strip(text, 0, dateline))
    for start, end in said:
        # What a long row only repeats, a heading or its first cell, is not said there.
        if place := block.view.place(start, end, borrowed=False):
            yield place


def _sentences(body: str, code: str) -> Iterator[Span]:
    """Stripped spans of the sentences and clauses of a text."""
    enclosed = [match.span() for match in _ENCLOSED.finditer(body)]
    start = 0
    for end in [*_cuts(body, code, enclosed), len(body)]:
        for a, b in _clauses(body, start, end, enclosed):
            a, b = _strip(body, a, b)
            if _WORD.search(body, a, b):
                yield a, b
        start = end


def _strip(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def _cuts(body: str, code: str, enclosed: Sequence[Span]) -> list[int]:
    """Where a new sentence begins."""
    candidates = sorted({*_library_cuts(body, code), *_missed(body, code)})
    kept: list[int] = []
    start = 0
    for cut in candidates:
        if cut < len(body) and not _inside(cut, enclosed) and not _false_end(body, start, cut, code):
            kept.append(cut)
            start = cut
    return kept


def _library_cuts(body: str, code: str) -> Iterator[int]:
    """Ends by sentencex, in chunks: each chunk begins at the last sentence that the one before could not see whole."""
    # sentencex takes a wide blank before a full stop for one byte, and panics.
    body = _WIDE_BLANK.sub(" ", body)
    start = 0
    while start < len(body):
        ends = [start + found["end_index"] for found in get_sentence_boundaries(code, body[start : start + _CHUNK])]
        last = start + _CHUNK >= len(body)
        yield from ends if last else ends[:-1]
        if last:
            return
        start = ends[-2] if len(ends) > 1 else start + _CHUNK


def _missed(body: str, code: str) -> Iterator[int]:
    """Ends that sentencex does not see: an ellipsis, "itp." and the like, a full stop inside a quotation's end."""
    for match in _missed_ends(code).finditer(body):
        following = body[match.end() : match.end() + 3].lstrip(_OPENERS)
        if following[:1].isupper():
            yield match.end()


@cache
def _missed_ends(code: str) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(_may_end(code) - {"r", "w"}, key=len, reverse=True))
    return re.compile(rf"(?:…|[.!?][”“\"»]|(?<![\w.])(?:{words})\.)\s+", re.IGNORECASE)


def _inside(cut: int, spans: Sequence[Span]) -> bool:
    at = bisect_left(spans, (cut, 0)) - 1
    return at >= 0 and spans[at][0] < cut < spans[at][1]


def _false_end(body: str, start: int, cut: int, code: str) -> bool:
    """Whether the cut falls inside a sentence; `start` is where that sentence begins."""
    left = body[max(start, cut - 120) : cut].rstrip()
    right = body[cut : cut + 40]
    ahead = right.lstrip()
    if _NUMBERING.fullmatch(left) or ahead[:1] in set(",;:)]}»”"):
        return True
    if ahead.lstrip(_OPENERS)[:1].islower() or not _WORD.search(left):
        return True
    if not left.endswith("."):
        return False
    # A lead in capitals, a dateline mostly, says nothing by itself.
    if not start and left.isupper() and len(left.split()) <= WORDS and not right.isupper():
        return True
    written = left.rsplit(None, 1)[-1].strip(_CLOSERS + _OPENERS).removesuffix(".")
    word = written.lower()
    if cut < len(body) and not body[cut - 1].isspace() and ("." in word or len(word) < 4 or ahead[:1].isdigit()):
        return True
    if word in _never_ends(code) or (word in _BEFORE_NUMBER and ahead[:1].isdigit()):
        return True
    if left.endswith("..") or (word in _may_end(code) and not (len(word) == 1 and written.isupper())):
        return False
    return bool(_INITIAL.search(left[-3:])) or _is_ordinal(left, body[cut - 1 : cut + 30], code)


def _is_ordinal(left: str, right: str, code: str) -> bool:
    """Whether the point belongs to a number: where the language marks ordinals so, by the words around it."""
    own = language_of(code).sentences
    match = _ORDINAL.search(left[-24:]) if own.after_ordinal else None
    if match is None:
        return False
    return (match[1] or "").lower() in own.before_ordinal or bool(re.match(own.after_ordinal, right))


@cache
def _never_ends(code: str) -> frozenset[str]:
    """A language whose abbreviations are not known takes those of all."""
    own = language_of(code).sentences.abbreviations
    known = own or frozenset().union(*(language_of(other).sentences.abbreviations for other in entries()))
    return known.union(_ABBREVIATIONS.split())


@cache
def _may_end(code: str) -> frozenset[str]:
    return language_of(code).sentences.may_end.union(_MAY_END.split())


def _clauses(body: str, start: int, end: int, enclosed: Sequence[Span]) -> Iterator[Span]:
    """A sentence whole, or cut behind ";" and ":" when it is long, and by force when it is endless."""
    if end - start <= LONG:
        yield start, end
        return
    low, high = bisect_left(enclosed, (start, start)), bisect_right(enclosed, (end, end))
    inner = enclosed[low:high]
    begin = start
    for match in _CLAUSE_END.finditer(body, start, end):
        cut = match.end()
        if not _inside(cut, inner) and min(_length(body, begin, cut), _length(body, cut, end)) >= SHORT:
            yield from _pieces(body, begin, cut)
            begin = cut
    yield from _pieces(body, begin, end)


def _length(body: str, start: int, end: int) -> int:
    a, b = _strip(body, start, min(end, start + HARD))
    return b - a


def _pieces(body: str, start: int, end: int) -> Iterator[Span]:
    """At most `HARD` characters each, cut where it hurts least: a full stop, a comma, white space, anywhere."""
    while end - start > HARD:
        cut = _hard_cut(body, start, min(start + HARD, end - SHORT))
        yield start, cut
        start = cut
    yield start, end


def _hard_cut(body: str, start: int, limit: int) -> int:
    half = start + HARD // 2
    for pattern in _HARD_ENDS:
        ends = [match.end() for match in pattern.finditer(body, half, limit)]
        if ends:
            return ends[-1]
    cut = limit
    while cut > half and unicodedata.combining(body[cut]):
        cut -= 1
    return cut


Sentence = tuple[int, int, int]  # start, end, number of its paragraph


def _runs(paragraphs: Sequence[Sequence[Span]], aim: int) -> list[list[Sentence]]:
    """Paragraphs joined while they fit the aim; a heading or a last line never stands alone where it can be joined."""
    runs: list[list[Sentence]] = []
    for number, spans in enumerate(paragraphs):
        held = [(start, end, number) for start, end in spans]
        near = bool(runs) and held[0][0] - runs[-1][-1][1] <= APART
        if near and (_extent([runs[-1][0], held[-1]]) <= aim or _extent(runs[-1]) < aim / 4):
            runs[-1].extend(held)
        else:
            runs.append(held)
    near = len(runs) > 1 and runs[-1][0][0] - runs[-2][-1][1] <= APART
    if near and _extent(runs[-1]) < aim / 4 and _extent([runs[-2][0], runs[-1][-1]]) <= STRETCH * aim:
        runs[-2].extend(runs.pop())
    return runs


def _extent(run: Sequence[Sentence]) -> int:
    return run[-1][1] - run[0][0]


def _cut_run(run: Sequence[Sentence], aim: int) -> Iterator[Span]:
    """One window where the run fits, else even parts whose borders are the sentence ends nearest to even."""
    first, last = run[0][0], run[-1][1]
    if _extent(run) <= STRETCH * aim:
        yield first, last
        return
    parts = math.ceil((last - first) / aim)
    ends = [end for _, end, _ in run]
    begin = 0
    for part in range(1, parts + 1):
        if begin == len(run):
            return
        stop = len(run) if part == parts else max(begin + 1, _nearest(ends, first + (last - first) * part / parts))
        yield _with_overlap(run, begin, stop, aim), ends[stop - 1]
        begin = stop


def _nearest(ends: Sequence[int], goal: float) -> int:
    """How many sentences to take so that the last ends nearest to `goal`."""
    at = bisect_left(ends, goal)
    if at == len(ends) or (at > 0 and goal - ends[at - 1] < ends[at] - goal):
        return at
    return at + 1


def _with_overlap(run: Sequence[Sentence], begin: int, stop: int, aim: int) -> int:
    """Where a window starts: one sentence early inside a paragraph, unless that makes it too long."""
    start, _, paragraph = run[begin]
    if begin == 0 or run[begin - 1][2] != paragraph:
        return start
    early = run[begin - 1][0]
    return early if run[stop - 1][1] - early <= STRETCH * aim else start
