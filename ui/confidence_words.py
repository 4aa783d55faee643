"""An answer's confidence in words: the same below the answer, beside its quotes and in exports.

The words are plain text, never markup. Independent of pages. It makes no decisions: a claim's support and probability
come with the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.models import EVEN, Answer
from ui.strings import Strings

LITTLE_MORE = 3  # words beside the short answer that add nothing to it: the name of a language, a unit

_MARKER = re.compile(r"\[\d{1,3}\]")


@dataclass(frozen=True, slots=True)
class Badge:
    """Whether every claim is proven, and the text for it."""

    proven: bool
    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another reading that may be right: its short answer, and what follows it, "[2] (12 %)"."""

    short: str
    rest: str


def verdict(answer: Answer, strings: Strings) -> Badge | None:
    """None if there is nothing to prove: nothing was found, or the answer claims nothing from them.

    Nor is a sentence proven that is only shown, since without a language model nothing answered with it.
    """
    if not answer.answered or answer.kind == "talk" or (not answer.short and answer.models.get("llm") == "none"):
        return None
    if any(claim.support != "supported" for claim in answer.claims):
        return Badge(False, probably(answer.confidence, strings))
    proving = {number for claim in answer.claims for number in claim.citations}
    proofs = sum(citation.number in proving for citation in answer.citations)
    return Badge(True, strings.count(strings.proven, proofs)) if proofs else None


def probably(probability: float, strings: Strings) -> str:
    """Say "Probably (81 %)", "Possibly (38 %)" below even odds; no figure if unknown, as for older answers."""
    if not probability:
        return strings.probably
    word = strings.probably if probability >= EVEN else strings.possibly
    return f"{word} ({strings.percent(probability)})"


def others(answer: Answer, strings: Strings) -> tuple[Other, ...]:
    """The other readings, with the marker of their citation and their probability."""
    if not answer.answered:
        return ()
    return tuple(Other(one.short, f"[{one.citation}] ({strings.percent(one.probability)})") for one in answer.others)


def beside_quotes(answer: Answer, strings: Strings) -> dict[int, str]:
    """The text beside the quote of a citation, by its number; none beside one that proves its claims."""
    weak = sorted((claim for claim in answer.claims if claim.support != "supported"), key=lambda one: -one.probability)
    # If several claims rest on one sentence, it shows the least likely one's.
    said = {number: probably(claim.probability, strings) for claim in weak for number in claim.citations}
    for one in answer.others:
        other = f"{strings.may_be} {one.short} ({strings.percent(one.probability)})"
        said[one.citation] = f"{said[one.citation]} · {other}" if one.citation in said else other
    return said


def headline(answer: Answer) -> str:
    """The short answer, if the text says more than that; else ""."""
    words = _MARKER.sub("", answer.text)
    told = answer.short in words and len(words.split()) <= len(answer.short.split()) + LITTLE_MORE
    return "" if told or not answer.answered else answer.short
