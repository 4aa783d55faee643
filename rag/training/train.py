"""Examples -> weights: the loop, its schedule by time, checkpoints to go on from, a log of the loss."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from rag.encoder.pack import Pack
from rag.training.batches import Batch, batch, plan
from rag.training.examples import Example
from rag.training.network import MASKED, Reader

CHECKPOINT, WEIGHTS, LOG = "checkpoint.pt", "reader.pt", "log.jsonl"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How weights are made. `minutes` is when the rate of learning reaches its end; earlier where the examples end."""

    minutes: float = 85.0
    tokens: int = 2048
    rate: float = 1.2e-4
    least_rate: float = 2e-6
    warm_steps: int = 150
    decay: float = 0.01
    frozen: int = 3
    # How much "something else was asked" counts beside start and end.
    other: float = 0.2
    passes: int = 2
    seed: int = 7
    checkpoint_steps: int = 150
    check_steps: int = 500


def train(
    examples: Sequence[Example],
    pack: Pack,
    folder: Path,
    recipe: Recipe,
    first: dict[str, Tensor] | None = None,
    check: Callable[[Reader], dict[str, float]] | None = None,
) -> Reader:
    """Train into `folder`, going on from its checkpoint if there is one, from the weights `first` else.

    Writes `reader.pt` at the end and `log.jsonl` on the way: step, loss, minutes, tokens a second, and what `check`
    says of the reader every `check_steps`.
    """
    torch.manual_seed(recipe.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    reader = Reader(pack, recipe.frozen).to(device)
    if first is not None:
        reader.load_state_dict(first)
    optimizer = _optimizer(reader, recipe)
    done, before = _resume(folder / CHECKPOINT, reader, optimizer, device)
    order = [rows for turn in range(recipe.passes) for rows in plan(examples, recipe.tokens, recipe.seed + turn)]
    begun, seen, running = time.monotonic(), 0, None
    reader.train()
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"recipe": asdict(recipe), "examples": len(examples), "from_step": done}) + "\n")
        for step in range(done, len(order)):
            minutes = before + (time.monotonic() - begun) / 60
            share = max(minutes / recipe.minutes, step / len(order))
            if share >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = max(recipe.least_rate, recipe.rate * min(1, (step + 1) / recipe.warm_steps) * (1 - share))
            held = batch([examples[row] for row in order[step]], pack)
            loss = _loss(reader, held, device, recipe.other)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            seen += held.mask.size
            running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
            told = {}
            if check and step % recipe.check_steps == recipe.check_steps - 1:
                told = check(reader)
                reader.train()
            if told or step % 25 == 0:
                speed = seen / (time.monotonic() - begun)
                line = {"step": step, "loss": round(running, 4), "minutes": round(minutes, 2), "speed": round(speed)}
                log.write(json.dumps(line | told) + "\n")
                log.flush()
            if step % recipe.checkpoint_steps == recipe.checkpoint_steps - 1:
                _save(folder / CHECKPOINT, reader, optimizer, step + 1, before + (time.monotonic() - begun) / 60)
    torch.save(reader.state_dict(), folder / WEIGHTS)
    return reader


def _loss(reader: Reader, held: Batch, device: torch.device, weight: float) -> Tensor:
    words, mask, window = (torch.from_numpy(part).to(device) for part in (held.words, held.mask, held.window))
    start, end, other = (torch.from_numpy(part).to(device) for part in (held.start, held.end, held.other))
    spans, windows = reader(words, mask)
    # The first mark stands for "none"; what is not of the window cannot be an answer.
    allowed = window.clone()
    allowed[:, 0] = True
    losses = []
    for column, target in ((0, start), (1, end)):
        scores = spans[..., column].masked_fill(~allowed, MASKED)
        scores = torch.cat([windows[:, :1], scores[:, 1:]], dim=1)
        losses.append(functional.cross_entropy(scores, target))
    known = other >= 0
    asked = functional.binary_cross_entropy_with_logits(windows[known, 1], other[known]) if known.any() else 0.0
    total: Tensor = (losses[0] + losses[1]) / 2 + weight * asked
    return total


def _optimizer(reader: Reader, recipe: Recipe) -> torch.optim.Optimizer:
    trained = [weights for weights in reader.parameters() if weights.requires_grad]
    groups = [
        {"params": [weights for weights in trained if weights.ndim > 1], "weight_decay": recipe.decay},
        {"params": [weights for weights in trained if weights.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), fused=True)


def _resume(path: Path, reader: Reader, optimizer: torch.optim.Optimizer, device: torch.device) -> tuple[int, float]:
    """Steps and minutes that are done."""
    if not path.exists():
        return 0, 0.0
    held = torch.load(path, map_location=device)
    reader.load_state_dict(held["reader"])
    optimizer.load_state_dict(held["optimizer"])
    return held["step"], held["minutes"]


def _save(path: Path, reader: Reader, optimizer: torch.optim.Optimizer, step: int, minutes: float) -> None:
    new = path.with_suffix(".new")
    held = {"reader": reader.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "minutes": minutes}
    torch.save(held, new)
    new.replace(path)
