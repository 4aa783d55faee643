"""News reports written for training, with questions -> examples, in passages as the reader meets them.

A file LANG.txt has reports and questions, four parts a line: language of the question, question, answer, and the part
of the report with the answer, in which it occurs once. If the report does not say it, three parts, the last NONE:

    === report: 2024-03-05_harbour.txt
    text
    --- questions
    en || How many boats came? || 14 || fourteen (14) boats came

Encyclopedias, which the other sets are about, have no datelines, tables, minutes or letters. Passages, table rows and
headers are made by the same code as at a question, then cut to windows of random length. White space in answers and
quotes does not matter, but hyphens at line ends belong to them ("four-teen").
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.encoder.reader_input import HEADER_TOKENS, QUESTION_TOKENS
from rag.encoder.tokenizer import Tokenizer, Tokens
from rag.errors import InputError
from rag.models import Article
from rag.reading import header_of
from rag.settings import Settings
from rag.sources import Draft, View, make_article, reading_parts, reading_view, windows
from rag.training.examples import LONGEST_ANSWER, WINDOWS, Example, span_of, window_around
from rag.training.questions import Context, MarkedQuestion
from rag.training.tempting import Nearest, Swaps

REPORT, QUESTIONS, NONE = "=== report:", "--- questions", "NONE"
# Code points per passage, as in an index with default settings.
AIM: int = Settings.model_fields["window_chars"].default
# Windows around each answer; most other passages of the report, without an answer.
AROUND, BESIDE = 2, 2
# Probability of a passage of another report, and of another name in the question.
NEAR, SWAPPED = 0.7, 0.15


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report and the questions about it; answers are offsets in `article.text`."""

    article: Article
    asked: tuple[MarkedQuestion, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """What the reader reads at once: a passage, or a row of a table."""

    report: int
    view: View
    tokens: Tokens

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """The first and last token of `article.text[start:end]`; None if the part does not contain it."""
        place = self.view.at(start), self.view.at(end - 1) + 1
        if self.view.place(*place) != (start, end):
            return None
        return span_of(self.tokens, *place)

    def holds(self, start: int, end: int) -> bool:
        """Whether the part contains any character of `article.text[start:end]`."""
        pieces = (piece for piece in self.view.pieces if not piece.borrowed)
        return any(piece.start < end and start < piece.start + piece.length for piece in pieces)

    def says(self, words: str) -> bool:
        """Whether these case-folded words occur in the part."""
        return words in self.view.text.casefold()


def read(path: Path) -> list[WrittenReport]:
    """The reports of one file, whose name is their language. Raises InputError for one in another format."""
    language = path.stem
    try:
        text = unicodedata.normalize("NFC", path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}); a text file in UTF-8 is needed") from error
    pieces = re.split(f"^{REPORT}(.*)$", text, flags=re.MULTILINE)
    if len(pieces) < 3 or pieces[0].strip():
        raise InputError(f'{path}: does not begin with "{REPORT} NAME"')
    return [_report(path, language, name.strip(), body) for name, body in zip(pieces[1::2], pieces[2::2], strict=True)]


def files(folder: Path) -> list[Path]:
    """The files of a folder. Raises InputError for one without any."""
    paths = sorted(folder.glob("*.txt"))
    if not paths:
        raise InputError(f"{folder}: no LANG.txt with reports and questions in it")
    return paths


def make(folder: Path, tokenizer: Tokenizer, vocabulary: int, seed: int) -> list[Example]:
    """The examples of all files of a folder. Raises InputError for a folder without any."""
    return [
        example
        for path in files(folder)
        for example in examples_of(read(path), tokenizer, vocabulary, random.Random(f"{seed} {path.stem}"))
    ]


def examples_of(
    reports: Sequence[WrittenReport], tokenizer: Tokenizer, vocabulary: int, rng: random.Random, near: float = NEAR
) -> Iterator[Example]:
    """The examples of reports of one language.

    `near`: the probability that a question is also put to the most similar passage of another report, which is taken
    not to answer if it lacks the answer's words. Questions without an answer are put to their own report only.
    """
    parts = [part for number, one in enumerate(reports) for part in _parts(number, one.article, tokenizer)]
    texts = [_context(reports[part.report], part) for part in parts]
    nearest, swaps = Nearest(texts, [part.tokens.ids for part in parts], vocabulary), Swaps(texts)
    headers = [tokenizer.tokens(header_of(one.article)).ids[:HEADER_TOKENS] for one in reports]

    def example(row: int, question: str, span: tuple[int, int] | None, other: int) -> Example:
        part = parts[row]
        at = rng.randrange(len(part.tokens.ids))
        size = rng.choice((*WINDOWS, WINDOWS[-1]))
        first, last = window_around(len(part.tokens.ids), *(span or (at, at)), size, rng)
        start, end = (span[0] - first, span[1] - first) if span else (-1, -1)
        asked = tokenizer.tokens(question).ids[:QUESTION_TOKENS]
        return Example(asked, headers[part.report], part.tokens.ids[first:last], start, end, other)

    for number, report in enumerate(reports):
        own = [row for row, part in enumerate(parts) if part.report == number]
        for asked in report.asked:
            if asked.answer is None:
                yield from (example(row, asked.question, None, 1) for row in rng.sample(own, min(len(own), BESIDE)))
                continue
            begin, end = asked.answer[1], asked.answer[1] + len(asked.answer[0])
            words = reading_view(report.article, begin, end).text.casefold()
            beside = [row for row in own if not parts[row].holds(begin, end) and not parts[row].says(words)]
            yield from (example(row, asked.question, None, -1) for row in rng.sample(beside, min(len(beside), BESIDE)))
            for row in own:
                span = parts[row].span(begin, end)
                if span and span[1] - span[0] < LONGEST_ANSWER:
                    yield from (example(row, asked.question, span, 0) for _ in range(AROUND))
                    swapped = swaps.swap(asked, texts[row], rng) if rng.random() < SWAPPED else None
                    if swapped:
                        yield example(row, swapped, None, 1)
            if rng.random() < near and asked.language == report.article.language:
                question = tokenizer.tokens(asked.question).ids
                other = nearest.another(own, words, question, rng)
                if other is not None:
                    yield example(other, asked.question, None, -1)


def _context(report: WrittenReport, part: _Part) -> Context:
    return Context(part.view.text, report.article.title, report.article.language, "", report.asked)


def _parts(number: int, article: Article, tokenizer: Tokenizer) -> Iterator[_Part]:
    seen = set()
    for passage in windows(article, aim=AIM):
        for view in reading_parts(article, passage.start, passage.end):
            tokens = tokenizer.tokens(view.text)
            if tokens.ids and view.text not in seen:
                seen.add(view.text)
                yield _Part(number, view, tokens)


def _report(path: Path, language: str, name: str, body: str) -> WrittenReport:
    text, found, asked = body.partition(f"\n{QUESTIONS}\n")
    if not found:
        raise InputError(f'{path}: {name}: no line "{QUESTIONS}"')
    text = text.strip("\n") + "\n"
    article = make_article(Draft(text, "", name), id=f"{language}/{name}", given={"language": language})
    lines = [line.split(" || ") for line in asked.splitlines() if line.strip()]
    return WrittenReport(
        article,
        tuple(
            _asked(path, article, f"{article.id}/{at}", [cell.strip() for cell in cells])
            for at, cells in enumerate(lines)
        ),
    )


def _asked(path: Path, article: Article, id: str, cells: Sequence[str]) -> MarkedQuestion:
    if len(cells) == 3 and cells[2] == NONE:
        return MarkedQuestion(id, cells[1], cells[0], None)
    if len(cells) != 4:
        raise InputError(f"{path}: {id}: {len(cells)} parts; language || question || answer || quote are needed")
    language, question, answer, quote = cells
    places = _places(article.text, quote)
    if len(places) != 1:
        raise InputError(f"{path}: {id}: quote found {len(places)} times: {quote}")
    start, end = places[0]
    spans = _places(article.text[start:end], answer)
    if len(spans) != 1:
        raise InputError(f"{path}: {id}: {answer} found {len(spans)} times in: {quote}")
    a, b = spans[0]
    return MarkedQuestion(id, question, language, (article.text[start + a : start + b], start + a))


def _places(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand, whatever the white space between their characters; overlapping places count once."""
    sought = r"\s*".join(re.escape(char) for char in re.sub(r"\s+", "", words))
    return [match.span() for match in re.finditer(sought, text)] if sought else []
