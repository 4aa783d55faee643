"""The networks' loss on a batch: the reader's by start, end and "something else", the verifier's by its labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from rag.encoder.claims import columns
from rag.encoder.pack import Pack
from rag.training.batches import batch, padded
from rag.training.claim_pairs import ClaimPair
from rag.training.examples import Example
from rag.training.network import MASKED, ReaderNetwork, VerifierNetwork

# Weight of "something else was asked" beside start and end, as in the first reader that was tried.
OTHER = 0.2


def reading(examples: Sequence[Example], pack: Pack) -> Callable[[ReaderNetwork, Sequence[int]], Tensor]:
    """The reader's loss on these rows: cross entropy of start and end, and binary cross entropy of `other`."""

    def loss(reader: ReaderNetwork, rows: Sequence[int]) -> Tensor:
        device = next(reader.parameters()).device
        held = batch([examples[row] for row in rows], pack)
        words, mask, window = (torch.from_numpy(part).to(device) for part in (held.words, held.mask, held.window))
        start, end, other = (torch.from_numpy(part).to(device) for part in (held.start, held.end, held.other))
        spans, windows = reader(words, mask)
        # The <s> token stands for "none"; tokens outside the window cannot be an answer.
        allowed = window.clone()
        allowed[:, 0] = True
        losses = []
        for column, target in ((0, start), (1, end)):
            scores = spans[..., column].masked_fill(~allowed, MASKED)
            scores = torch.cat([windows[:, :1], scores[:, 1:]], dim=1)
            losses.append(functional.cross_entropy(scores, target))
        known = other >= 0
        asked = functional.binary_cross_entropy_with_logits(windows[known, 1], other[known]) if known.any() else 0.0
        total: Tensor = (losses[0] + losses[1]) / 2 + OTHER * asked
        return total

    return loss


def verifying(pairs: Sequence[ClaimPair], pack: Pack) -> Callable[[VerifierNetwork, Sequence[int]], Tensor]:
    """The verifier's loss on these rows: mean cross entropy over the labels of each pair's head."""

    def loss(verifier: VerifierNetwork, rows: Sequence[int]) -> Tensor:
        device = next(verifier.parameters()).device
        held = [pairs[row] for row in rows]
        words, mask = (torch.from_numpy(part).to(device) for part in padded([pair.ids for pair in held], pack))
        scores = verifier(words, mask)
        total = scores.new_zeros(())
        for head in sorted({pair.head for pair in held}):
            own = [place for place, pair in enumerate(held) if pair.head == head]
            labels = torch.tensor([held[place].label for place in own], device=device)
            total = total + functional.cross_entropy(scores[own, columns(head)], labels, reduction="sum")
        return total / len(held)

    return loss
