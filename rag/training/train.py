"""Batches -> weights: the loop, its schedule by time, checkpoints to resume from, a log of the loss.

Does not depend on what a network is trained for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from rag.training import int8

Network = TypeVar("Network", bound=nn.Module)

CHECKPOINT, WEIGHTS, LOG = "checkpoint.pt", "weights.pt", "log.jsonl"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hyperparameters. `minutes` is when the learning rate reaches its end; earlier if the examples run out."""

    minutes: float = 85.0
    tokens: int = 2048
    rate: float = 1.2e-4
    least_rate: float = 2e-6
    warm_steps: int = 150
    decay: float = 0.01
    frozen: int = 3
    passes: int = 2
    seed: int = 7
    # 8-bit products (`int8`).
    bits8: bool = False
    checkpoint_steps: int = 150
    check_steps: int = 500


def train(
    network: Network,
    loss: Callable[[Network, Sequence[int]], Tensor],
    order: Sequence[Sequence[int]],
    folder: Path,
    recipe: Recipe,
    first: Mapping[str, Tensor] | None = None,
    check: Callable[[Network], Mapping[str, float]] | None = None,
) -> Network:
    """Train into `folder`, resuming from its checkpoint if there is one, else from the weights `first`.

    `order` lists the examples of each batch, and `loss` is the network's loss on them. Writes `weights.pt` at the end
    and `log.jsonl` on the way: step, loss, minutes, tokens per second, and the results of `check` every `check_steps`.
    """
    torch.manual_seed(recipe.seed)
    if first is not None:
        network.load_state_dict(first)
    int8.keep_memory()
    if recipe.bits8:
        int8.use(network)
    optimizer = _optimizer(network, recipe)
    done, before = _resume(folder / CHECKPOINT, network, optimizer)
    begun, running = time.monotonic(), None
    network.train()
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"recipe": asdict(recipe), "batches": len(order), "from_step": done}) + "\n")
        for step in range(done, len(order)):
            minutes = before + (time.monotonic() - begun) / 60
            share = max(minutes / recipe.minutes, step / len(order))
            if share >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = max(recipe.least_rate, recipe.rate * min(1, (step + 1) / recipe.warm_steps) * (1 - share))
            lost = loss(network, order[step])
            lost.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            running = lost.item() if running is None else 0.98 * running + 0.02 * lost.item()
            told: dict[str, float] = {}
            if check and step % recipe.check_steps == recipe.check_steps - 1:
                told = dict(check(network))
                network.train()
            if told or step % 25 == 0:
                speed = (step + 1 - done) * recipe.tokens / (time.monotonic() - begun)
                line = {"step": step, "loss": round(running, 4), "minutes": round(minutes, 2), "speed": round(speed)}
                log.write(json.dumps(line | told) + "\n")
                log.flush()
            if step % recipe.checkpoint_steps == recipe.checkpoint_steps - 1:
                _save(folder / CHECKPOINT, network, optimizer, step + 1, before + (time.monotonic() - begun) / 60)
    torch.save(network.state_dict(), folder / WEIGHTS)
    return network


def _optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    trained = [weights for weights in network.parameters() if weights.requires_grad]
    groups = [
        {"params": [weights for weights in trained if weights.ndim > 1], "weight_decay": recipe.decay},
        {"params": [weights for weights in trained if weights.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), fused=True)


def _resume(path: Path, network: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[int, float]:
    """Steps and minutes already done."""
    if not path.exists():
        return 0, 0.0
    held = torch.load(path, map_location=next(network.parameters()).device)
    network.load_state_dict(held["network"])
    optimizer.load_state_dict(held["optimizer"])
    return held["step"], held["minutes"]


def _save(path: Path, network: nn.Module, optimizer: torch.optim.Optimizer, step: int, minutes: float) -> None:
    new = path.with_suffix(".new")
    held = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "minutes": minutes}
    torch.save(held, new)
    new.replace(path)
