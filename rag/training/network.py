"""The encoder and its heads in torch, for training and export: the same computation as multilingual-e5-small.

Word vectors are inputs, (batch, tokens, width): they stay as packed, and are not trained.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rag.encoder.claims import HEADS
from rag.encoder.pack import Pack

# Added to the attention scores of padding.
MASKED = -1e4
PARTS = {"ao": "attention_out", "aln": "attention_norm", "fi": "inner", "fo": "inner_out", "oln": "out_norm"}


class Layer(nn.Module):
    """Self-attention and a feed-forward block, each followed by its norm."""

    def __init__(self, width: int, inner: int, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=epsilon)
        self.inner = nn.Linear(width, inner)
        self.inner_out = nn.Linear(inner, width)
        self.out_norm = nn.LayerNorm(width, eps=epsilon)

    def forward(self, states: Tensor, padding: Tensor) -> Tensor:
        """`states` (batch, tokens, width) -> the same; `padding` (batch, 1, 1, tokens) is added to attention scores."""
        batch, tokens, width = states.shape
        each = width // self.heads
        query, key, value = self.qkv(states).view(batch, tokens, 3, self.heads, each).permute(2, 0, 3, 1, 4)
        # Two products: the fused kernel is slower on CPUs.
        scores = torch.matmul(query / math.sqrt(each), key.transpose(-1, -2)) + padding
        mixed = torch.matmul(functional.softmax(scores, dim=-1), value)
        mixed = mixed.transpose(1, 2).reshape(batch, tokens, width)
        between = self.attention_norm(states + self.attention_out(mixed))
        out: Tensor = self.out_norm(between + self.inner_out(functional.gelu(self.inner(between))))
        return out


class EncoderNetwork(nn.Module):
    """Word vectors -> states. The first `frozen` layers are not trained."""

    def __init__(self, pack: Pack, frozen: int = 0) -> None:
        super().__init__()
        shape = pack.shape
        self.frozen = frozen
        self.positions = nn.Parameter(_weights(pack, "emb.pos", shape.positions, shape.width), requires_grad=False)
        self.kind = nn.Parameter(_weights(pack, "emb.type", -1, shape.width)[:1], requires_grad=False)
        self.norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.norm.load_state_dict({"weight": _weights(pack, "emb.ln.w"), "bias": _weights(pack, "emb.ln.b")})
        self.norm.requires_grad_(False)
        self.layers = nn.ModuleList(
            Layer(shape.width, shape.inner, shape.heads, shape.epsilon) for _ in range(shape.layers)
        )
        for number, layer in enumerate(self.layers):
            _fill(layer, pack, number)
            if number < frozen:
                layer.requires_grad_(False)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """States, (batch, tokens, width) like `words`. `mask` (batch, tokens) is true for tokens, false for padding."""
        padding = torch.where(mask, 0.0, MASKED)[:, None, None, :]
        states: Tensor = self.norm(words + self.positions[: words.shape[1]] + self.kind)
        for layer in self.layers:
            states = layer(states, padding)
        return states


class ReaderNetwork(nn.Module):
    """The encoder with the reader's heads: start and end per token, none and "something else was asked" per window."""

    def __init__(self, pack: Pack, frozen: int = 0) -> None:
        super().__init__()
        self.encoder = EncoderNetwork(pack, frozen)
        self.span = nn.Linear(pack.shape.width, 2)
        self.window = nn.Linear(pack.shape.width, 2)
        for head in (self.span, self.window):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of tokens (batch, tokens, 2), start and end, and of windows (batch, 2), none and other."""
        states = self.encoder(words, mask)
        return self.span(states), self.window(states[:, 0])


class VerifierNetwork(nn.Module):
    """EncoderNetwork with the verifier's heads for a claim and a text, on the <s> token: see `HEADS`."""

    def __init__(self, pack: Pack, frozen: int = 0) -> None:
        super().__init__()
        self.encoder = EncoderNetwork(pack, frozen)
        self.claim = nn.Linear(pack.shape.width, sum(map(len, HEADS.values())))
        nn.init.normal_(self.claim.weight, std=0.02)
        nn.init.zeros_(self.claim.bias)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """Logits (batch, labels of all heads)."""
        scores: Tensor = self.claim(self.encoder(words, mask)[:, 0])
        return scores


class EmbedderNetwork(nn.Module):
    """EncoderNetwork with the mean of its states: the vector of a text, not yet of unit length."""

    def __init__(self, pack: Pack) -> None:
        super().__init__()
        self.encoder = EncoderNetwork(pack)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        """Vectors (batch, width)."""
        states = self.encoder(words, mask)
        weight = mask[..., None].to(states.dtype)
        mean: Tensor = (states * weight).sum(1) / weight.sum(1)
        return mean


def _fill(layer: nn.Module, pack: Pack, number: int) -> None:
    width, inner = pack.shape.width, pack.shape.inner
    shapes = {"ao": (width, width), "fi": (inner, width), "fo": (width, inner), "aln": (), "oln": ()}
    state = {
        "qkv.weight": torch.cat([_weights(pack, f"l{number}.{part}.w", width, width) for part in "qkv"]),
        "qkv.bias": torch.cat([_weights(pack, f"l{number}.{part}.b") for part in "qkv"]),
    }
    for short, name in PARTS.items():
        state[f"{name}.weight"] = _weights(pack, f"l{number}.{short}.w", *shapes[short])
        state[f"{name}.bias"] = _weights(pack, f"l{number}.{short}.b")
    layer.load_state_dict(state)


def _weights(pack: Pack, name: str, *shape: int) -> Tensor:
    return torch.from_numpy(np.array(pack.tensor(name, *shape)))
