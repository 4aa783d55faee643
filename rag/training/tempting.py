"""Questions that a text almost answers: negatives that teach the reader to abstain.

Four kinds are made from answerable questions, in any script:
- swapped: a name, number or phrase of the question that occurs in the text is replaced by another of its kind that
  does not, so that the text is about something other than what was asked;
- near: the text is another one of the same set, as similar to the question as possible, without the answer's words;
- header: what the question names is only in the report's header, and the header is another report's;
- removed: the sentences that contain the answer are taken out, so that the text tells of what the question names, but
  not what is asked about it.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

import numpy as np
from scipy.sparse import csr_matrix

from rag.language import UNSPACED
from rag.models import Article
from rag.sources import sentences
from rag.training.questions import Context, MarkedQuestion

WORD = re.compile(r"[^\W_]+(?:[-'’.,/][^\W_]+)*")
# A run of these letters is not a word.
_UNSPACED = re.compile(f"[{UNSPACED}]")
# A word in more than this share of a set's contexts is not a name.
COMMON = 0.02
# One of this many nearest contexts is taken.
NEAREST = 3


class Swaps:
    """Replacements for what the questions of one set name."""

    def __init__(self, contexts: Sequence[Context]) -> None:
        self._spread: Counter[str] = Counter()
        for context in contexts:
            self._spread.update(set(WORD.findall(context.text)))
        self._most = max(3, COMMON * len(contexts))
        self._pool: dict[tuple[str, str], list[str]] = defaultdict(list)
        for context in contexts:
            for asked in context.asked:
                for phrase in self.named(asked.question, context):
                    self._pool[(asked.language, _kind(phrase))].append(phrase)

    def named(self, question: str, context: Context) -> list[str]:
        """What the question names and the text or its title contains: rare words, figures, runs of rare words."""
        held = context.text + "\n" + context.title
        if _UNSPACED.search(question):
            match = SequenceMatcher(None, question, context.text, autojunk=False).find_longest_match()
            phrase = question[match.a : match.a + match.size].strip()
            numbers = [n for n in re.findall(r"\d+", question) if n in held]
            return numbers + ([phrase] if 2 <= len(phrase) <= 12 and not phrase.isdigit() else [])
        runs: list[list[re.Match[str]]] = []
        for found in WORD.finditer(question):
            word = found.group()
            rare = self._spread[word] <= self._most and (len(word) > 3 or word.isdigit() or word[0].isupper())
            if not (rare and word in held and found.start() > 0):
                continue
            follows = runs and question[runs[-1][-1].end() : found.start()] == " "
            if follows and not word.isdigit() and not runs[-1][-1].group().isdigit():
                runs[-1].append(found)
            else:
                runs.append([found])
        return [question[run[0].start() : run[-1].end()] for run in runs]

    def swap(self, asked: MarkedQuestion, context: Context, rng: random.Random) -> str | None:
        """The question with one thing that it names replaced, or None if there is none to replace."""
        phrases = self.named(asked.question, context)
        if not phrases:
            return None
        old = rng.choice(phrases)
        new = self._another(old, asked.language, rng)
        if new is None or new in context.text or new in context.title or new in asked.question:
            return None
        return asked.question.replace(old, new)

    def _another(self, old: str, language: str, rng: random.Random) -> str | None:
        if old.isdecimal() and rng.random() < 0.6:
            step = rng.choice([-9, -5, -3, -2, -1, 1, 2, 3, 4, 10])
            return str(max(1, int(old) + step))
        pool = self._pool.get((language, _kind(old)))
        return rng.choice(pool) if pool else None


class Nearest:
    """The contexts of one set nearest to a question, by shared rare tokens (idf)."""

    def __init__(self, contexts: Sequence[Context], ids: Sequence[Sequence[int]], vocabulary: int) -> None:
        self._contexts = contexts
        rows = [np.unique(np.asarray(one, dtype=np.int64)) for one in ids]
        spread = np.bincount(np.concatenate(rows), minlength=vocabulary)
        self._weight = np.log((1 + len(rows)) / (1 + spread)).astype(np.float32)
        starts = np.cumsum([0] + [len(row) for row in rows])
        held = np.concatenate(rows)
        lengths = np.repeat(np.sqrt(np.diff(starts)), np.diff(starts)).astype(np.float32)
        self._vocabulary = vocabulary
        self._table = csr_matrix((self._weight[held] / lengths, held, starts), shape=(len(rows), vocabulary))

    def another(self, own: Collection[int], answer: str, question: Sequence[int], rng: random.Random) -> int | None:
        """The row of a near context without the answer's words, or None; not one of `own` or of the same beginning."""
        sought = np.zeros(self._vocabulary, dtype=np.float32)
        unique = list(set(question))
        sought[unique] = self._weight[unique]
        scores = self._table @ sought
        beginnings = {self._contexts[row].text[:80] for row in own}
        fit = [
            int(row)
            for row in np.argsort(-scores, kind="stable")[: NEAREST + 5 + len(own)]
            if row not in own
            and scores[row] > 0
            and answer.casefold() not in self._contexts[row].text.casefold()
            and self._contexts[row].text[:80] not in beginnings
        ]
        return rng.choice(fit[:NEAREST]) if fit else None


def sentence_spans(context: Context) -> list[tuple[int, int]]:
    """The text's sentences as offsets, in code points."""
    report = Article("", context.text, "", context.language, None, (), (), None, "", len(context.text))
    return [(one.start, one.end) for one in sentences(report)]


def removed(context: Context, spans: Sequence[tuple[int, int]], answer: tuple[str, int]) -> tuple[int, int] | None:
    """The offsets from the first to the last sentence with the answer; None if the rest of the text contains it too."""
    words, start = answer[0].casefold(), answer[1]
    held = [span for span in spans if span[0] < start + len(answer[0]) and start < span[1]]
    if not held:
        return None
    first, last = held[0][0], held[-1][1]
    rest = (context.text[:first].casefold(), context.text[last:].casefold())
    return None if any(words in part for part in rest) else (first, last)


def only_in_header(question: str, context: Context, window: str) -> bool:
    """Whether the question names something that is in the title but not in the window."""
    for word in WORD.findall(context.title.replace("_", " ")):
        if (len(word) > 3 or word[0].isupper() or _UNSPACED.search(word)) and word in question and word not in window:
            return True
    return False


def _kind(phrase: str) -> str:
    """Figures by length, words by number and whether the first is capitalised."""
    if phrase.isdecimal():
        return f"{len(phrase)} digits"
    if _UNSPACED.search(phrase):
        return f"run of {min(len(phrase), 6)}"
    words = phrase.split()
    return f"{min(len(words), 3)} {'capital' if words[0][0].isupper() else 'small'}"
