"""Readings -> the probability that each is right, calibrated on one scale for all kinds of answers.

Logistic models over features from the reader, retrieval and the report, fitted on collections in languages held out of
the reader's training (`tests/benchmarks/calibrate.py`). Their table lists the features they use.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources

from rag.answering.question import Question
from rag.language import fold, primary_tag, tokens
from rag.models import Article
from rag.reading import Reading

TABLE = "calibration.json"
# Scores are clipped here: beyond, they carry no information.
MOST_MARGIN, MOST_LEAD = 20.0, 12.0
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Sure:
    """A reading with the probability that it is right, 0 to 1, and the features behind it."""

    reading: Reading
    probability: float
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of the logistic models, and the thresholds for giving an answer (`told`) and for calling it proven.

    `bias` and `weights` are for any reading and order them, `best_bias` and `best_weights` for the likeliest: whether
    it is right depends above all on whether the reports answer at all.
    """

    bias: float
    weights: Mapping[str, float]
    best_bias: float
    best_weights: Mapping[str, float]
    told: float
    proven: float


def weigh(question: Question, readings: Sequence[Reading]) -> list[Sure]:
    """All readings with their probabilities, the likeliest first."""
    table = calibration_table()
    weighed = []
    for reading in readings:
        features = features_of(question, reading, readings)
        weighed.append(Sure(reading, _probability(table.bias, table.weights, features), features))
    weighed.sort(key=lambda sure: (-sure.probability, sure.reading.rank, sure.reading.start))
    if weighed:
        chance = _probability(table.best_bias, table.best_weights, weighed[0].features)
        weighed[0] = replace(weighed[0], probability=chance)
    return weighed


def _probability(bias: float, weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    odds = bias + sum(weight * features[name] for name, weight in weights.items())
    return 1 / (1 + math.exp(-max(-40.0, min(40.0, odds))))


def features_of(question: Question, reading: Reading, readings: Sequence[Reading]) -> dict[str, float]:
    """Features of a reading, given all readings of the same question; scaled to about -2 to 2."""
    rest = [other for other in readings if other is not reading]
    alike = [says_the_same(reading, other) for other in rest]
    rival = max((other.margin for other, same in zip(rest, alike, strict=True) if not same), default=-MOST_MARGIN)
    best = max((other.hit.score for other in rest), default=reading.hit.score)
    agreeing = any(same and not _overlap(reading, other) for other, same in zip(rest, alike, strict=True))
    of_names, of_years = named(question, reading.article)
    return {
        "margin": _clip(reading.margin, MOST_MARGIN) / 10,
        "lead": _clip(reading.margin - rival, MOST_LEAD) / 10,
        "near": reading.hit.score - 1,
        "gap": max(0.0, best - reading.hit.score),
        "first": float(reading.rank == 0),
        "agree": float(agreeing),
        "other": _clip(reading.other, MOST_MARGIN) / 10,
        "named": of_names,
        "years": of_years,
        "length": math.log1p(len(reading.words)) / 5,
        "same": float(primary_tag(question.language) == primary_tag(reading.article.language)),
    }


@cache
def calibration_table() -> Table:
    """The shipped table."""
    held = json.loads((resources.files("rag.answering") / TABLE).read_text(encoding="utf-8"))
    best = held["best"]
    return Table(held["bias"], held["weights"], best["bias"], best["weights"], held["told"], held["proven"])


def says_the_same(one: Reading, other: Reading) -> bool:
    """Whether two readings agree: their spans overlap, or one's words contain the other's."""
    if _overlap(one, other):
        return True
    words, others = f" {_plain(one.words)} ", f" {_plain(other.words)} "
    return words in others or others in words


def _overlap(one: Reading, other: Reading) -> bool:
    return one.article.id == other.article.id and one.start < other.end and other.start < one.end


def _clip(value: float, most: float) -> float:
    return max(-most, min(most, value))


def _plain(words: str) -> str:
    return " ".join(re.findall(r"\w+", fold(words)))


def named(question: Question, article: Article) -> tuple[float, float]:
    """The shares of the question's names and figures, and of its years, that the report contains; 1 without any."""
    held = _names_of(article.sha256, article.text, article.title, " ".join(article.places), article.language)
    asked = set(tokens(question.text, question.language).names)
    years = set(_YEAR.findall(question.text))
    own = str(article.published.year) if article.published else ""
    named = len(asked & held) / len(asked) if asked else 1.0
    dated = sum(year in article.text or year == own for year in years) / len(years) if years else 1.0
    return named, dated


@lru_cache(maxsize=256)
def _names_of(_sha256: str, text: str, title: str, places: str, language: str) -> frozenset[str]:
    """Names and figures in the report, its title or its places, names by their sound."""
    return frozenset(tokens(f"{title}\n{places}\n{text}", language, asked=True).names)
