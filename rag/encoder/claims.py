"""What the verifier is shown, <s> claim </s> header </s> text </s> in tokens, and what its scores stand for.

Training and verification both put their input together here, so that they cannot part ways.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.encoder.reader_input import HEADER_TOKENS

# A claim may be a question with its answer.
CLAIM_TOKENS = 96
# Tokens of text beside a claim, as the reader's windows.
TEXT_TOKENS = 224
# Heads of the verifier and their labels, in the order of its scores:
# does the text carry the claim; what does it answer to the question; is the second part the answer to the first.
HEADS = {
    "inference": ("supported", "contradicted", "unknown"),
    "yes_no": ("yes", "no", "unknown"),
    "answer": ("right", "wrong"),
}


def claim_input(claim: Sequence[int], header: Sequence[int], text: Sequence[int], begin: int, end: int) -> list[int]:
    """Put the three parts together; `begin` and `end` are the ids of the marks."""
    parts = list(claim)[:CLAIM_TOKENS], list(header)[:HEADER_TOKENS], list(text)[:TEXT_TOKENS]
    return [begin, *parts[0], end, *parts[1], end, *parts[2], end]


def columns(head: str) -> slice:
    """Where the scores of a head stand."""
    first = 0
    for name, labels in HEADS.items():
        if name == head:
            return slice(first, first + len(labels))
        first += len(labels)
    raise KeyError(head)
