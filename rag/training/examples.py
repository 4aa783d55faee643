"""Questions and texts -> tokenised examples: a window of the text, with the answer's tokens or none.

An example is the reader's input: question, header (title, date), window. Negatives are of the kinds that retrieval and
people produce: other windows of the same report, similar reports, questions that the text almost answers (`tempting`),
headers of other reports.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.encoder.reader_input import HEADER_TOKENS, MARKS, QUESTION_TOKENS
from rag.encoder.tokenizer import Tokenizer, Tokens
from rag.training.questions import MOST, PARALLEL, Context, MarkedQuestion, teaching
from rag.training.tempting import Nearest, Swaps, only_in_header, removed, sentence_spans

# Window lengths in tokens; the longest is that of a passage of 900 characters in most languages.
WINDOWS = (48, 80, 104, 128, 168, 224)
# Longest answer in tokens; longer ones teach the reader to copy whole sentences.
LONGEST_ANSWER = 40
# Probability of making each kind of negative from an answerable question.
OTHER_WINDOW, NEAR, SWAPPED, HEADER, REMOVED = 0.12, 0.16, 0.2, 0.5, 0.3
# Probability that a window goes on with part of another text, and how much of it, in tokens: passages of news join
# several matters.
SPLICED, LEAST_SPLICED, MOST_SPLICED = 0.2, 12, 80
# Fewest tokens of a text from which the answer's sentences are removed.
LEAST_LEFT = 24
# Questions in other languages per question and text of a parallel set.
FOREIGN = {"mlqa": 4, "xquad_part": 4}
MONTHS = (1, 12)


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids; `start` and `end` (both included) count tokens of the window, -1 for none.

    `other` is 1 if the text is known not to answer, 0 if it answers, -1 if nobody checked.
    """

    question: list[int]
    header: list[int]
    window: list[int]
    start: int
    end: int
    other: int

    def __len__(self) -> int:
        """Tokens in all, including the special ones."""
        return len(self.question) + len(self.header) + len(self.window) + MARKS


class Maker:
    """Makes examples, deterministic for a seed."""

    def __init__(self, tokenizer: Tokenizer, seed: int) -> None:
        self._tokenizer = tokenizer
        self._rng = random.Random(seed)
        self._cut: dict[str, Tokens] = {}
        self._sentences: dict[str, list[tuple[int, int]]] = {}

    def make(self, folder: Path, vocabulary: int) -> list[Example]:
        """All examples of a folder of question sets, shuffled. Raises InputError for a folder without any."""
        sets = teaching(folder)
        made: list[Example] = []
        for name, contexts in sets.items():
            made += self._of_set(name, contexts, vocabulary)
            self._cut.clear()
            self._sentences.clear()
        for source in PARALLEL:
            made += self._across(source, {n: c for n, c in sets.items() if n.startswith(source + ".")})
            self._cut.clear()
            self._sentences.clear()
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
                yield from self._none(asked.question, context, 1, contexts)
                yield from self._none(asked.question, context, 1, contexts)
                continue
            yield from self._answered(asked.question, asked, context, titles, contexts)
            if rng.random() < NEAR:
                question = self._tokenizer.tokens(asked.question).ids
                other = nearest.another([row], asked.answer[0], question, rng)
                if other is not None:
                    yield from self._none(asked.question, contexts[other], -1, contexts, without=asked.answer[0])
            if rng.random() < SWAPPED:
                swapped = swaps.swap(asked, context, rng)
                if swapped:
                    yield from self._none(swapped, context, 1, contexts, around=asked.answer)

    def _across(self, source: str, sets: dict[str, list[Context]]) -> Iterator[Example]:
        """Questions in one language on texts in another, joined by question id."""
        rng = self._rng
        asked_in: dict[str, dict[str, MarkedQuestion]] = defaultdict(dict)
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
                        yield from self._answered(put.question, asked, context, [], contexts)
                        if rng.random() < 0.15:
                            # Another paragraph, mostly of the same article, with the question in another language.
                            other = contexts[(row + rng.choice([-2, -1, 1, 2])) % len(contexts)]
                            if asked.answer[0].casefold() not in other.text.casefold():
                                yield from self._none(put.question, other, -1, contexts, without=asked.answer[0])
                        if rng.random() < 0.15:
                            swapped = swaps.swap(put, context, rng)
                            if swapped:
                                yield from self._none(swapped, context, 1, contexts, around=asked.answer)

    def _answered(
        self,
        question: str,
        asked: MarkedQuestion,
        context: Context,
        titles: Sequence[str],
        others: Sequence[Context],
    ) -> Iterator[Example]:
        rng = self._rng
        assert asked.answer is not None
        tokens = self._tokens(context.text)
        text, offset = asked.answer
        span = span_of(tokens, offset, offset + len(text))
        if span is None or span[1] - span[0] >= LONGEST_ANSWER:
            return
        first, last = window_around(len(tokens.ids), *span, rng.choice(WINDOWS), rng)
        window = context.text[tokens.offsets[first][0] : tokens.offsets[last - 1][1]]
        header = self._header(context.title)
        if titles and _named(context.title) and only_in_header(question, context, window):
            # Who or what is meant is named only in the header: it must be there, and another header gives no answer.
            header = self._header(context.title, always=True)
            if rng.random() < HEADER:
                other = rng.choice(titles)
                if not set(other.split()) & set(context.title.split()):
                    yield self._example(question, self._header(other, always=True), tokens.ids[first:last], None, 1)
        before, after = self._spliced(others, context, text, last - first)
        put = (len(before) + span[0] - first, len(before) + span[1] - first)
        yield self._example(question, header, [*before, *tokens.ids[first:last], *after], put, 0)
        if len(tokens.ids) > last + 48 and rng.random() < OTHER_WINDOW:
            rest = tokens.ids[last : last + rng.choice(WINDOWS)]
            if text.casefold() not in context.text[tokens.offsets[last][0] :].casefold():
                yield self._example(question, header, rest, None, -1)
        if rng.random() < REMOVED and (left := self._left(context, tokens, asked.answer)):
            yield self._example(question, header, left, None, 1)

    def _spliced(
        self, others: Sequence[Context], own: Context, answer: str, length: int
    ) -> tuple[list[int], list[int]]:
        """Tokens of another text, without the answer's words, to put before or after a window of `length` tokens."""
        most = min(MOST_SPLICED, WINDOWS[-1] - length)
        if most < LEAST_SPLICED or self._rng.random() >= SPLICED:
            return [], []
        other = self._rng.choice(others)
        if other.text == own.text or (answer and answer.casefold() in other.text.casefold()):
            return [], []
        ids = self._tokens(other.text).ids
        size = self._rng.randint(LEAST_SPLICED, most)
        piece = list(ids[-size:]) if self._rng.random() < 0.5 else list(ids[:size])
        return (piece, []) if self._rng.random() < 0.5 else ([], piece)

    def _left(self, context: Context, tokens: Tokens, answer: tuple[str, int]) -> list[int]:
        """Tokens on both sides of the answer's sentences, without these; empty if too few are left."""
        if context.text not in self._sentences:
            self._sentences[context.text] = sentence_spans(context)
        gap = removed(context, self._sentences[context.text], answer)
        span = span_of(tokens, *gap) if gap else None
        if span is None:
            return []
        left = tokens.ids[: span[0]] + tokens.ids[span[1] + 1 :]
        size = self._rng.choice(WINDOWS)
        first = min(max(0, span[0] - self._rng.randint(0, size)), max(0, len(left) - size))
        return list(left[first : first + size]) if len(left) >= LEAST_LEFT else []

    def _none(
        self,
        question: str,
        context: Context,
        other: int,
        others: Sequence[Context],
        around: tuple[str, int] | None = None,
        without: str = "",
    ) -> Iterator[Example]:
        """`around`: the answer that the window holds; `without`: the answer that what is spliced in must not hold."""
        tokens = self._tokens(context.text)
        if not tokens.ids:
            return
        if around is not None:
            span = span_of(tokens, around[1], around[1] + len(around[0]))
            if span is None:
                return
        else:
            at = self._rng.randrange(len(tokens.ids))
            span = (at, at)
        first, last = window_around(len(tokens.ids), *span, self._rng.choice(WINDOWS), self._rng)
        # Other texts of a set hold no answer to a question about one of them but by chance.
        before, after = self._spliced(others, context, around[0] if around else without, last - first)
        window = [*before, *tokens.ids[first:last], *after]
        yield self._example(question, self._header(context.title), window, None, other)

    def _example(
        self, question: str, header: list[int], window: list[int], span: tuple[int, int] | None, other: int
    ) -> Example:
        asked = self._tokenizer.tokens(question).ids[:QUESTION_TOKENS]
        start, end = span or (-1, -1)
        return Example(asked, header, list(window), start, end, other)

    def _header(self, title: str, *, always: bool = False) -> list[int]:
        """Title and date as in a report's header; texts without a title get none, or only a date."""
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
    """Whether a title is meaningful: some sets have a document's number there."""
    return bool(title) and ":" not in title and not title.isdigit()


def window_around(length: int, start: int, end: int, size: int, rng: random.Random) -> tuple[int, int]:
    """A random window of `size` tokens of a text of `length`, that contains the tokens `start` to `end`.

    It is longer if the answer and some tokens around it need it.
    """
    size = max(size, end - start + 16)
    if length <= size:
        return 0, length
    first = rng.randint(max(0, end + 1 - size), min(start, length - size))
    return first, first + size


def span_of(tokens: Tokens, start: int, end: int) -> tuple[int, int] | None:
    """The first and last token of the code points from `start` up to `end`; None if there are none."""
    first = bisect_right([last for _, last in tokens.offsets], start)
    last = bisect_left([begin for begin, _ in tokens.offsets], end) - 1
    return (first, last) if first <= last and first < len(tokens.ids) else None
