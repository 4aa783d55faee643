"""A stand-in for the trained reader, deterministic: it finds the words that it was told to look for.

With `pin` its margins are the log-odds of a reading, and every question asks for one fact, so that no test depends on
what the shipped tables of probabilities and kinds hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from rag.answering.confidence import Table
from rag.answering.question import Kind
from rag.models import Hit
from rag.reading import Reading

# Words to find, with the margin of what is found; without one it is SURE.
Words = str | tuple[str, float]
Rule = Callable[[str], Sequence[Words]]
SURE, PROBABLE, DOUBTED = 6.0, 1.0, -3.0
# Probability = logistic(margin): SURE is called proven, PROBABLE is told, DOUBTED is not.
TABLE = Table(0.0, {"margin": 10.0}, best_bias=0.0, best_weights={"margin": 10.0}, told=0.3, proven=0.95)
WEIGHING = ("confidence", "aggregation", "fact", "findings", "sentences")


class FakeReader:
    """A `rag.reading.Reader`. `finds` gives the words for a question: a rule, or words by a part of the question.

    Words are found wherever they stand in a passage; "" is a part of every question. What was asked is in `asked`.
    """

    name = "fake"

    def __init__(self, finds: Rule | Mapping[str, Sequence[Words] | Words]) -> None:
        self.asked: list[str] = []
        self._finds = finds

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        self.asked.append(question)
        found: dict[tuple[str, int, int], Reading] = {}
        for rank, hit in enumerate(hits):
            for words, margin in self._words(question):
                at = -1
                while (at := hit.passage.text.find(words, at + 1)) >= 0:
                    start = hit.passage.start + at
                    reading = Reading(hit, rank, start, start + len(words), margin, -SURE, words)
                    found.setdefault((hit.article.id, start, reading.end), reading)
        return sorted(found.values(), key=lambda one: (-one.margin, one.rank, one.start))

    def _words(self, question: str) -> Iterator[tuple[str, float]]:
        if callable(self._finds):
            told = self._finds(question)
        else:
            told = next((words for part, words in self._finds.items() if part in question), ())
        # One pair of words and margin may stand alone, as may the words.
        alone = isinstance(told, str) or (len(told) == 2 and isinstance(told[1], float | int))
        for one in [told] if alone else told:
            yield (one, SURE) if isinstance(one, str) else one


def pin(setattr: Callable[[str, object], object], kind: Kind = "fact", table: Table = TABLE) -> None:
    """Probabilities as in `table` and questions of one kind, set with `monkeypatch.setattr` or alike."""
    for module in WEIGHING:
        setattr(f"rag.answering.{module}.calibration_table", lambda: table)
    setattr("rag.answering.chain.kind_of", lambda vector: kind)


def odds(margin: float) -> float:
    """The probability that a margin comes to."""
    return 1 / (1 + math.exp(-margin))
