"""Pairs of claim and text -> tokenised examples for the verifier.

Three kinds: claims that a text supports, contradicts or leaves open; yes-or-no questions; and questions with an answer,
right or another one of the same text, made from the reader's question sets.

Files are NAME.LANG.jsonl.xz, one pair per line: `premise, hypothesis, label`; or, if NAME begins with `yesno_`,
`context, title, question, answer` (`none`: the text does not say); with `lang` in both.
"""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.encoder.claims import CLAIM_TOKENS, HEADS, TEXT_TOKENS, claim_input
from rag.encoder.pack import Pack
from rag.encoder.tokenizer import Tokenizer
from rag.errors import InputError
from rag.training import questions
from rag.training.questions import HELD_BACK, Context, MarkedQuestion, teaching
from rag.training.tempting import Swaps

# Maximum number of pairs of sets made by rule or of one narrow kind; other sets are used whole. The news swaps teach
# figures in 54 languages, and little else.
MOST = {
    "swap_ntrex": 200,
    "breaking_nli": 2000,
    "conjnli": 3000,
    "factor": 2500,
    "med": 2000,
    "janli": 1000,
    "jnli": 3000,
    "snli_fi": 5000,
    "snli_dev": 3000,
    "snli_revised": 4000,
    "hurte": 500,
    "farstail": 6000,
    "ans_stance": 2500,
    "yesno_condaqa": 5000,
}
# Yes-or-no questions are few; each is repeated this often.
SHOWN = {"yesno": 2}
# Maximum number of questions taken from each question set.
ANSWERS = 1800
# Tokens of text kept before and after the answer: drawn from this range.
AROUND = (24, 110)
# Cumulative shares of answerable questions: first the question is changed, then the answer. The rest is right.
SWAPPED, WRONG = 0.15, 0.5
YES_NO = {"yes": "yes", "no": "no", "none": "unknown"}


@dataclass(frozen=True, slots=True)
class ClaimPair:
    """Token ids of the whole input; `label` is an index into the labels of `head`."""

    ids: list[int]
    head: str
    label: int
    language: str

    def __len__(self) -> int:
        return len(self.ids)


class Pairs:
    """Makes pairs, deterministic for a seed."""

    def __init__(self, tokenizer: Tokenizer, pack: Pack, seed: int) -> None:
        self._tokenizer = tokenizer
        self._pack = pack
        self._rng = random.Random(seed)

    def make(self, inference: Path, reading: Path) -> list[ClaimPair]:
        """All training pairs, shuffled. Raises InputError for a folder without such files."""
        made: list[ClaimPair] = []
        paths = [path for path in sorted(inference.glob("*.jsonl.xz")) if path.name.count(".") == 3]
        for path in paths:
            name, _, language = path.name.removesuffix(".jsonl.xz").rpartition(".")
            if language not in HELD_BACK:
                held = read(path)
                self._rng.shuffle(held)
                shown = [pair for row in held[: MOST.get(name, len(held))] for pair in self.of_row(row)]
                made += shown * SHOWN.get(name.partition("_")[0], 1)
        if not made:
            raise InputError(f"{inference}: no NAME.LANG.jsonl.xz with claims in it")
        for contexts in teaching(reading).values():
            made += self._answers(contexts)
        self._rng.shuffle(made)
        return made

    def chosen(self, inference: Path, reading: Path) -> list[ClaimPair]:
        """The validation pairs, from a file of claims (without held-out languages) and a file of questions."""
        made = [pair for row in read(inference) if row["lang"] not in HELD_BACK for pair in self.of_row(row)]
        return made + self._answers(list(questions.read(reading)))

    def of_row(self, row: dict[str, Any]) -> Iterator[ClaimPair]:
        """The pair of a row, if it fits the input."""
        if "question" in row:
            head, label = "yes_no", YES_NO[row["answer"]]
            claim, title, text = row["question"], row.get("title") or "", row["context"]
        else:
            head, label = "inference", row["label"]
            claim, title, text = row["hypothesis"], "", row["premise"]
        ids = self._tokenizer.ids([claim, title, text])
        if len(ids[0]) <= CLAIM_TOKENS and len(ids[2]) <= 2 * TEXT_TOKENS:
            yield ClaimPair(self._put(*ids), head, HEADS[head].index(label), row["lang"])

    def _answers(self, contexts: Sequence[Context]) -> list[ClaimPair]:
        """Questions with their own answer, with another question's answer from the same text, and changed questions."""
        rng = self._rng
        rows = [(context, asked) for context in contexts for asked in context.asked]
        rng.shuffle(rows)
        swaps = Swaps(contexts)
        made: list[ClaimPair] = []
        for context, asked in rows[:ANSWERS]:
            others = [one.answer for one in context.asked if one.answer and _apart(one, asked)]
            near = sorted(rng.sample(others, min(3, len(others))), key=lambda one: _unlike(one, asked))
            question, chance = asked.question, rng.random()
            if asked.answer is None:
                said, right = near[0] if near else None, False
            elif chance < SWAPPED:
                question, said, right = swaps.swap(asked, context, rng) or "", asked.answer, False
            elif chance < WRONG:
                said, right = near[0] if near else None, False
            else:
                said, right = asked.answer, True
            if question and said:
                made.append(self._answer(context, question, said, right))
        return made

    def _answer(self, context: Context, question: str, answer: tuple[str, int], right: bool) -> ClaimPair:
        tokens = self._tokenizer.tokens(context.text)
        text, at = answer
        first = sum(end <= at for _, end in tokens.offsets)
        last = sum(start < at + len(text) for start, _ in tokens.offsets)
        begin = max(0, first - self._rng.randint(*AROUND))
        claim = self._tokenizer.tokens(f"{question} {text}").ids
        title = context.title.replace("_", " ") if ":" not in context.title and self._rng.random() < 0.5 else ""
        header = self._tokenizer.tokens(title).ids if title else []
        window = tokens.ids[begin : last + self._rng.randint(*AROUND)]
        label = HEADS["answer"].index("right" if right else "wrong")
        return ClaimPair(self._put(claim, header, window), "answer", label, context.language)

    def _put(self, claim: Sequence[int], header: Sequence[int], text: Sequence[int]) -> list[int]:
        return claim_input(claim, header, text, self._pack.begin, self._pack.end)


def _need(row: Mapping[str, Any], *names: str, **among: Container[str]) -> None:
    """Raise KeyError for a field that is missing or has a value that is not allowed."""
    for name in names:
        row[name]  # pyright: ignore[reportUnusedExpression]
    for name, values in among.items():
        if row[name] not in values:
            raise KeyError(row[name])


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of one file. Raises InputError for a file in another format."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            held = [json.loads(line) for line in lines]
        for row in held:
            if "question" in row:
                _need(row, "context", "lang", answer=YES_NO)
            else:
                _need(row, "premise", "hypothesis", "lang", label=HEADS["inference"])
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a file of claims ({error!r}); one pair a line is needed") from error
    return held


def _apart(one: MarkedQuestion, asked: MarkedQuestion) -> bool:
    """Whether two questions on a text have different answers at different places."""
    if one.answer is None or asked.answer is None:
        return one is not asked
    (words, at), (others, place) = one.answer, asked.answer
    return (at + len(words) <= place or place + len(others) <= at) and words.casefold() != others.casefold()


def _unlike(answer: tuple[str, int], asked: MarkedQuestion) -> int:
    """How unlike two answers look: figures are close to figures, short answers to short ones."""
    if asked.answer is None:
        return 0
    words, others = answer[0], asked.answer[0]
    figures = any(map(str.isdigit, words)) != any(map(str.isdigit, others))
    return 20 * figures + abs(len(words) - len(others))
