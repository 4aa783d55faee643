"""8-bit matrix products in training: four times as fast on a processor with VNNI but without bf16.

Both factors of each product are rounded to 8 bits, with one scale per row or column, and summed exactly in 32; weights,
their gradients' sums and the optimizer stay in 32 bits. After SwitchBack (Wortsman et al. 2023, arXiv:2304.13013),
which keeps the gradient of the weights in full precision; here it is rounded too, block by block.
"""

from __future__ import annotations

import ctypes
import shutil
import sys
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

# Number of blocks of tokens rounded separately for the gradient of the weights: a few of a batch's tokens have nearly
# all of the gradient. The least cosine of a matrix's gradient with the exact one is .94 to .97 in 4 blocks, .89 to .94
# in one, at 2,890 and 3,060 tokens per second (two Intel cores with VNNI, 2026-11-27; 1,820 in 32 bits).
BLOCKS = 4
LEVELS = 127
NARROW = 64
# For glibc's mallopt: blocks of memory up to this size are kept for the next step, not returned.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, KEPT = -1, -3, 1 << 30


def of_use() -> bool:
    """Whether this machine benefits: a processor with VNNI, no GPU, and a compiler to fuse the rounding's steps."""
    vnni = torch.cpu.get_capabilities().get("avx512_vnni", False)
    return bool(vnni) and not torch.cuda.is_available() and shutil.which("g++") is not None


def use(network: nn.Module) -> None:
    """Switch a network's products with large matrices to 8 bits; heads are small, and stay exact."""
    for part in network.modules():
        if type(part) is nn.Linear and min(part.in_features, part.out_features) >= NARROW:
            part.__class__ = Linear8


def keep_memory() -> None:
    """Keep freed memory for the next step: otherwise a tenth of a step's time is lost (Linux only)."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, KEPT)
        libc.mallopt(M_TRIM_THRESHOLD, KEPT)


class Linear8(nn.Linear):
    """A linear layer with 8-bit products, forward and backward."""

    def forward(self, input: Tensor) -> Tensor:
        """As `nn.Linear`: (..., in) -> (..., out)."""
        out: Tensor = _Product.apply(input, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return out


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        # Detached: for a parameter the compiler would make one program per shape.
        out, rounded, scale = _programs()[0](states.reshape(-1, states.shape[-1]), weight.detach(), bias.detach())
        ctx.save_for_backward(rounded, scale, weight.detach())
        ctx.shape = states.shape
        return out.view(*states.shape[:-1], -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, Tensor, Tensor]:
        (gradient,) = gradients
        of_states, of_weight, of_bias = _programs()[1](
            gradient.reshape(-1, gradient.shape[-1]).contiguous(), *ctx.saved_tensors
        )
        return of_states.view(ctx.shape), of_weight, of_bias


@cache
def _programs() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Forward and backward, compiled: otherwise a rounding takes five passes over the numbers."""
    with warnings.catch_warnings():
        # torch's compiler uses deprecated parts of torch.
        warnings.simplefilter("ignore")
        return torch.compile(_forward, dynamic=True), torch.compile(_backward, dynamic=True)


def _round(matrix: Tensor, along: int) -> tuple[Tensor, Tensor]:
    """The matrix in 8 bits and the scale of each row (`along` 1) or column (0)."""
    scale = (matrix.abs().amax(along, keepdim=True) * (1 / LEVELS)).clamp_min(1e-20)
    return (matrix * (1 / scale)).round().to(torch.int8), scale


def _forward(states: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    rounded, scale = _round(states, 1)
    weight8, of_weight = _round(weight, 1)
    return torch._int_mm(rounded, weight8.t()).float() * scale * of_weight.t() + bias, rounded, scale  # pyright: ignore[reportPrivateImportUsage]


def _backward(gradient: Tensor, states8: Tensor, scale: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    gradient8, of_gradient = _round(gradient, 1)
    weight8, of_weight = _round(weight, 0)
    of_states = torch._int_mm(gradient8, weight8).float() * of_gradient * of_weight  # pyright: ignore[reportPrivateImportUsage]
    # The scales of the states differ by token: they are applied to the gradient before it is rounded.
    scaled = gradient * scale
    size = -(-len(scaled) // BLOCKS)
    parts = []
    for at in range(0, len(scaled), size):
        scaled8, of_block = _round(scaled[at : at + size], 0)
        parts.append(torch._int_mm(scaled8.t(), states8[at : at + size]).float() * of_block.t())  # pyright: ignore[reportPrivateImportUsage]
    return of_states, torch.stack(parts).sum(0), gradient.sum(0)
