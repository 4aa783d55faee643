"""Questions and texts -> tokenised examples: a window of the text, the answer's tokens in it or none.

An example is what the reader sees: question, header (the report's title, place and date), window. Negatives are of the
kinds that retrieval and people bring: other windows of the same report, near reports, questions that the text nearly
answers (`tempting`), headers of other reports.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.encoder.reader_input import HEADER_TOKENS, QUESTION_TOKENS
from rag.encoder.tokenizer import Tokenizer, Tokens
from rag.training.questions import MOST, PARALLEL, Asked, Context, teaching
from rag.training.tempting import Nearest, Swaps, only_in_header

# Lengths of windows in tokens; the longest is what a passage of 900 characters has in most languages.
WINDOWS = (48, 80, 104, 128, 168, 224)
# Answers longer than this teach to copy whole sentences.
LONGEST_ANSWER = 40
# How often each kind of negative is made of an answered question.
OTHER_WINDOW, NEAR, SWAPPED, HEADER = 0.12, 0.16, 0.2, 0.5
# Questions in other languages a question and text of a parallel set.
FOREIGN = {"mlqa": 3, "xquad_part": 3}
MONTHS = (1, 12)


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids; `start` and `end` (both included) count tokens of the window, -1 for none.

    `other` is 1 where the question speaks of something else than the text, 0 where the text answers, -1 unknown.
    """

    question: list[int]
    header: list[int]
    window: list[int]
    start: int
    end: int
    other: int

    def __len__(self) -> int:
        """Tokens in all, with the four marks."""
        return len(self.question) + len(self.header) + len(self.window) + 4


class Maker:
    """Makes examples; the same seed makes the same ones."""

    def __init__(self, tokenizer: Tokenizer, seed: int) -> None:
        self._tokenizer = tokenizer
        self._rng = random.Random(seed)
        self._cut: dict[str, Tokens] = {}

    def make(self, folder: Path, vocabulary: int) -> list[Example]:
        """All examples of a folder of question sets, shuffled."""
        sets = teaching(folder)
        made: list[Example] = []
        for name, contexts in sets.items():
            made += self._of_set(name, contexts, vocabulary)
            self._cut.clear()
        for source in PARALLEL:
            made += self._across(source, {n: c for n, c in sets.items() if n.startswith(source + ".")})
            self._cut.clear()
        self._rng.shuffle(made)
        return made

    def _of_set(self, name: str, contexts: list[Context], vocabulary: int) -> Iterator[Example]:
        rng = self._rng
        pairs = [
            (row, asked) for row, one in enumerate(contexts) for asked in one.asked if asked.language == one.language
        ]
        rng.shuffle(pairs)
        pairs = pairs[: MOST.get(name, len(pairs))]
        swaps = Swaps(contexts)
        nearest = Nearest(contexts, [self._tokens(one.text).ids for one in contexts], vocabulary)
        titles = [one.title for one in contexts if _named(one.title)]
        for row, asked in pairs:
            context = contexts[row]
            if asked.answer is None:
                yield from self._none(asked.question, context, 1)
                yield from self._none(asked.question, context, 1)
                continue
            yield from self._answered(asked.question, asked, context, titles)
            if rng.random() < NEAR:
                question = self._tokenizer.tokens(asked.question).ids
                other = nearest.another(row, asked.answer[0], question, rng)
                if other is not None:
                    yield from self._none(asked.question, contexts[other], -1)
            if rng.random() < SWAPPED:
                swapped = swaps.swap(asked, context, rng)
                if swapped:
                    yield from self._none(swapped, context, 1, around=asked.answer)

    def _across(self, source: str, sets: dict[str, list[Context]]) -> Iterator[Example]:
        """Questions of one language on texts of another, joined by the question's id."""
        rng = self._rng
        asked_in: dict[str, dict[str, Asked]] = defaultdict(dict)
        for contexts in sets.values():
            for context in contexts:
                for asked in context.asked:
                    asked_in[asked.id][asked.language] = asked
        for contexts in sets.values():
            swaps = Swaps(contexts)
            for row, context in enumerate(contexts):
                own = {asked.id: asked for asked in context.asked if asked.answer}
                for asked in own.values():
                    foreign = sorted(set(asked_in[asked.id]) - {context.language})
                    if not foreign or asked.answer is None:
                        continue
                    picked = rng.sample(foreign, min(FOREIGN[source], len(foreign)))
                    if "en" in foreign and "en" not in picked and rng.random() < 0.5:
                        picked[0] = "en"
                    for language in picked:
                        put = asked_in[asked.id][language]
                        yield from self._answered(put.question, asked, context, [])
                        if rng.random() < 0.15:
                            # Another paragraph, mostly of the same article, asked about in another language.
                            other = contexts[(row + rng.choice([-2, -1, 1, 2])) % len(contexts)]
                            if asked.answer[0].casefold() not in other.text.casefold():
                                yield from self._none(put.question, other, -1)
                        if rng.random() < 0.15:
                            swapped = swaps.swap(put, context, rng)
                            if swapped:
                                yield from self._none(swapped, context, 1, around=asked.answer)

    def _answered(self, question: str, asked: Asked, context: Context, titles: Sequence[str]) -> Iterator[Example]:
        rng = self._rng
        assert asked.answer is not None
        tokens = self._tokens(context.text)
        text, offset = asked.answer
        span = _span(tokens, offset, offset + len(text))
        if span is None or span[1] - span[0] >= LONGEST_ANSWER:
            return
        first, last = self._window(len(tokens.ids), *span)
        window = context.text[tokens.offsets[first][0] : tokens.offsets[last - 1][1]]
        header = self._header(context.title)
        if titles and _named(context.title) and only_in_header(question, context, window):
            # Who or what is meant stands in the header alone: it must be there, and another one is no answer.
            header = self._header(context.title, always=True)
            if rng.random() < HEADER:
                other = rng.choice(titles)
                if not set(other.split()) & set(context.title.split()):
                    yield self._example(question, self._header(other, always=True), tokens.ids[first:last], None, 1)
        yield self._example(question, header, tokens.ids[first:last], (span[0] - first, span[1] - first), 0)
        if len(tokens.ids) > last + 48 and rng.random() < OTHER_WINDOW:
            rest = tokens.ids[last : last + rng.choice(WINDOWS)]
            if text.casefold() not in context.text[tokens.offsets[last][0] :].casefold():
                yield self._example(question, header, rest, None, -1)

    def _none(
        self, question: str, context: Context, other: int, around: tuple[str, int] | None = None
    ) -> Iterator[Example]:
        tokens = self._tokens(context.text)
        if not tokens.ids:
            return
        if around is not None:
            span = _span(tokens, around[1], around[1] + len(around[0]))
            if span is None:
                return
        else:
            at = self._rng.randrange(len(tokens.ids))
            span = (at, at)
        first, last = self._window(len(tokens.ids), *span)
        yield self._example(question, self._header(context.title), tokens.ids[first:last], None, other)

    def _example(
        self, question: str, header: list[int], window: list[int], span: tuple[int, int] | None, other: int
    ) -> Example:
        asked = self._tokenizer.tokens(question).ids[:QUESTION_TOKENS]
        start, end = span or (-1, -1)
        return Example(asked, header, list(window), start, end, other)

    def _window(self, length: int, start: int, end: int) -> tuple[int, int]:
        """A window of a text of `length` tokens that holds the tokens `start` to `end`, anywhere in it."""
        size = max(self._rng.choice(WINDOWS), end - start + 16)
        if length <= size:
            return 0, length
        least, most = max(0, end + 1 - size), min(start, length - size)
        first = self._rng.randint(least, max(least, most))
        return first, min(length, first + size)

    def _header(self, title: str, *, always: bool = False) -> list[int]:
        """Title and date as a report's header has them; texts without a title get none, or a date alone."""
        rng = self._rng
        parts = [title.replace("_", " ").strip()] if _named(title) and (always or rng.random() < 0.6) else []
        if rng.random() < 0.3:
            parts.append(f"{rng.randint(1995, 2026)}-{rng.randint(*MONTHS):02}-{rng.randint(1, 28):02}")
        return self._tokenizer.tokens(" · ".join(parts)).ids[:HEADER_TOKENS] if parts else []

    def _tokens(self, text: str) -> Tokens:
        if text not in self._cut:
            self._cut[text] = self._tokenizer.tokens(text)
        return self._cut[text]


def _named(title: str) -> bool:
    """Whether a title says something: some sets have a document's number there."""
    return bool(title) and ":" not in title and not title.isdigit()


def _span(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    """The first and the last token of the code points from `start` up to `end`."""
    first = bisect_right([last for _, last in tokens.offsets], start)
    last = bisect_left([begin for begin, _ in tokens.offsets], end) - 1
    return (first, last) if first <= last and first < len(tokens.ids) else None
