"""The reader: reads each passage with the question and its report's header, and returns its best spans.

Long passages are read in overlapping windows, so that no answer is cut. Spans end at word boundaries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from rag.encoder import (
    ReaderInput,
    SpanScorer,
    Tokenizer,
    Tokens,
    WeightsFolder,
    best_spans,
    chosen,
    open_tokenizer,
    reader_input,
)
from rag.language import UNSPACED
from rag.models import Article, Hit
from rag.settings import Settings
from rag.sources import View, lead_of, reading_parts

WEIGHTS = Path(__file__).parent / "weights"
FILE = "reader.onnx"
# Tokens per window, as in the longest training windows; and the overlap of two windows of a passage.
WINDOW, SHARED = 224, 64
# Spans kept per window: the best and one that it might be mistaken for.
SPANS = 2
# Words are not set apart; in Korean, particles are attached to names.
_UNSPACED = re.compile(f"[{UNSPACED}\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A span of a report that may answer: `hit.article.text[start:end]`; `words` is how it is read.

    `margin` is the span's score over "none", in logits; `other` the log-odds that this text, as a whole, does not
    answer; `rank` counts the passages from 0.
    """

    hit: Hit
    rank: int
    start: int
    end: int
    margin: float
    other: float
    words: str

    @property
    def article(self) -> Article:
        """The report that contains the span."""
        return self.hit.article


class Reader(Protocol):
    """What answering needs from a reader; `name` appears as `Answer.models["reader"]`."""

    @property
    def name(self) -> str:
        """Identifies the weights."""
        ...

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """The best spans of every passage, highest margin first."""
        ...


class SpanReader:
    """The trained reader. Its weights are loaded at the first question. Raises NeedError if they are missing."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self._weights = WeightsFolder(folder, FILE, WEIGHTS, "ASKREPORTS_READER")
        self._scorer = SpanScorer(self._weights.path, threads=threads)

    @property
    def name(self) -> str:
        """The folder's path; `bundled` for the package's own weights."""
        return self._weights.name

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return open_tokenizer()

    def load(self) -> None:
        """Open the weights ahead of the first question. Raises NeedError or ModelError."""
        self._scorer.load()

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """The best spans of every passage, highest margin first. Raises NeedError for damaged weights."""
        asked = self._tokenizer.tokens(question).ids
        places: list[tuple[int, View, Tokens]] = []
        inputs: list[ReaderInput] = []
        for rank, hit in enumerate(hits):
            header = self._tokenizer.tokens(header_of(hit.article)).ids
            for view in reading_parts(hit.article, hit.passage.start, hit.passage.end):
                for window in _windows(self._tokenizer.tokens(view.text)):
                    places.append((rank, view, window))
                    inputs.append(reader_input(asked, header, window.ids, self._tokenizer.begin, self._tokenizer.end))
        readings: list[Reading] = []
        for (rank, view, window), scores in zip(places, self._scorer.score(inputs), strict=True):
            hit = hits[rank]
            for span in best_spans(scores.start, scores.end, scores.none, SPANS):
                start, end = window.offsets[span.first][0], window.offsets[span.last][1]
                start, end = whole_words(view.text, start, end)
                if place := view.place(start, end):
                    words = view.text[start:end]
                    readings.append(Reading(hit, rank, *place, span.margin, scores.other, words))
        return sorted(_distinct(readings), key=lambda one: (-one.margin, one.rank, one.start))


def open_reader(settings: Settings) -> Reader:
    """The reader that `ASKREPORTS_READER` names. Raises NeedError for a folder without weights."""
    return SpanReader(chosen(settings.reader, WEIGHTS), settings.threads)


def header_of(article: Article) -> str:
    """The header read with a passage: the report's headline or lead, its place and date."""
    day = article.published.isoformat() if article.published else ""
    place = article.places[0] if article.places and article.places[0] not in article.title else ""
    return " · ".join(part for part in (lead_of(article), place, day) if part)


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without outer white space, extended to word boundaries except in scripts without spaces."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while 0 < start < end and _joined(text[start - 1], text[start]):
        start -= 1
    while start < end < len(text) and _joined(text[end - 1], text[end]):
        end += 1
    return start, end


def _joined(left: str, right: str) -> bool:
    """Whether two adjacent characters belong to one word: letters, their marks and joiners, or digits."""
    return _spaced(left) and _spaced(right)


def _spaced(char: str) -> bool:
    # Vowel signs of Hindi or Tamil and marks of Arabic are not letters; a joiner stands inside a word.
    part = char.isalnum() or unicodedata.category(char).startswith("M") or char in "\u200c\u200d"
    return part and not _UNSPACED.match(char)


def _windows(tokens: Tokens) -> Iterator[Tokens]:
    at = 0
    while tokens.ids:
        yield Tokens(tokens.ids[at : at + WINDOW], tokens.offsets[at : at + WINDOW])
        if at + WINDOW >= len(tokens.ids):
            return
        at += WINDOW - SHARED


def _distinct(readings: Sequence[Reading]) -> list[Reading]:
    """Of readings of the same span in overlapping passages, the one with the highest margin."""
    best: dict[tuple[str, int, int], Reading] = {}
    for one in readings:
        place = (one.article.id, one.start, one.end)
        if place not in best or best[place].margin < one.margin:
            best[place] = one
    return list(best.values())
