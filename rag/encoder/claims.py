"""The verifier's input, <s> claim </s> header </s> text </s> in tokens, and the meaning of its scores.

Training and verification both build their input here, so that they cannot diverge.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.encoder.reader_input import HEADER_TOKENS

# In training a claim may be a question plus its answer.
CLAIM_TOKENS = 96
# Tokens of text per claim, as in the reader's windows.
TEXT_TOKENS = 224
# Heads of the verifier and their labels, in the order of its scores: does the text support the claim; how does it
# answer the question; is the answer in the claim the right one.
HEADS = {
    "inference": ("supported", "contradicted", "unknown"),
    "yes_no": ("yes", "no", "unknown"),
    "answer": ("right", "wrong"),
}


def claim_input(claim: Sequence[int], header: Sequence[int], text: Sequence[int], begin: int, end: int) -> list[int]:
    """Join the three parts, each cut to its limit; `begin` and `end` are the ids of <s> and </s>."""
    parts = list(claim)[:CLAIM_TOKENS], list(header)[:HEADER_TOKENS], list(text)[:TEXT_TOKENS]
    return [begin, *parts[0], end, *parts[1], end, *parts[2], end]


def columns(head: str) -> slice:
    """The columns of a head's scores. Raises KeyError for an unknown head."""
    first = 0
    for name, labels in HEADS.items():
        if name == head:
            return slice(first, first + len(labels))
        first += len(labels)
    raise KeyError(head)
