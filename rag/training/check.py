"""A reader's quality: F1 by language with the passage given, over overlapping windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.encoder.pack import Pack
from rag.encoder.spans import best_spans
from rag.encoder.tokenizer import Tokenizer
from rag.evaluation import f1
from rag.training.batches import batch
from rag.training.examples import Example
from rag.training.questions import read

# Tokens per window, and the overlap of two neighbours.
WINDOW, SHARED = 200, 64
AT_ONCE = 16

# Scores of tokens (batch, tokens, 2) and of windows (batch, 2).
Scores = tuple[NDArray[np.float32], NDArray[np.float32]]
Run = Callable[[NDArray[np.float32], NDArray[np.bool_]], Scores]


@dataclass(frozen=True, slots=True)
class Checked:
    """One question on its text: the set, both languages, the accepted answers, and what was found."""

    source: str
    asked_in: str
    language: str
    accepted: tuple[str, ...]
    found: str
    margin: float
    other: float

    @property
    def f1(self) -> float:
        """F1 with "none" allowed: 1 for declining a question without an answer."""
        if not self.accepted:
            return float(self.margin <= 0)
        return self.forced if self.margin > 0 else 0.0

    @property
    def forced(self) -> float:
        """F1 of the best span, whatever "none" scores."""
        return f1(self.found, self.accepted)


def check(run: Run, pack: Pack, tokenizer: Tokenizer, paths: Iterable[Path], every: int = 1) -> list[Checked]:
    """Read every `every`th question of the files on its own text. Raises InputError for an invalid file."""
    asked = [(context, one) for path in paths for context in read(path) for one in context.asked][::every]
    jobs: list[tuple[int, Example, list[tuple[int, int]]]] = []
    for number, (context, one) in enumerate(asked):
        question = tokenizer.tokens(one.question).ids
        title = "" if ":" in context.title else context.title.replace("_", " ")
        header = tokenizer.tokens(title).ids if title else []
        tokens = tokenizer.tokens(context.text)
        at = 0
        while True:
            cut = slice(at, at + WINDOW)
            jobs.append((number, Example(question[:48], header[:32], tokens.ids[cut], -1, -1, -1), tokens.offsets[cut]))
            if at + WINDOW >= len(tokens.ids):
                break
            at += WINDOW - SHARED
    best: dict[int, tuple[float, str, float]] = {}
    jobs.sort(key=lambda job: len(job[1]))
    for at in range(0, len(jobs), AT_ONCE):
        part = jobs[at : at + AT_ONCE]
        held = batch([example for _, example, _ in part], pack)
        spans, windows = run(held.words, held.mask)
        for row, (number, example, offsets) in enumerate(part):
            first = int(held.window[row].argmax())
            scores = spans[row, first : first + len(example.window)]
            found = best_spans(scores[:, 0], scores[:, 1], 2 * float(windows[row, 0]))
            if found and (number not in best or found[0].margin > best[number][0]):
                text = asked[number][0].text[offsets[found[0].first][0] : offsets[found[0].last][1]]
                best[number] = (found[0].margin, text, float(windows[row, 1]))
    checked = []
    for number, (context, one) in enumerate(asked):
        margin, text, other = best.get(number, (-1e9, "", 0.0))
        checked.append(Checked(context.source, one.language, context.language, one.accepted, text, margin, other))
    return checked


def by_language(checked: Sequence[Checked]) -> dict[str, list[float]]:
    """Answerable questions by language, or language pair "en-de": F1, F1 forced, how many."""
    groups: dict[str, list[Checked]] = defaultdict(list)
    for one in checked:
        if one.accepted:
            groups[one.language if one.asked_in == one.language else f"{one.asked_in}-{one.language}"].append(one)
    return {
        key: [round(float(np.mean([getattr(one, name) for one in held])), 3) for name in ("f1", "forced")] + [len(held)]
        for key, held in sorted(groups.items())
    }


def summary(checked: Sequence[Checked]) -> dict[str, float]:
    """Means over languages, same and across, F1 and forced; the worst; unanswerable declined, and the margin's AUC."""
    same: dict[str, list[Checked]] = defaultdict(list)
    across: dict[str, list[Checked]] = defaultdict(list)
    for one in checked:
        if one.accepted:
            key = one.language if one.asked_in == one.language else f"{one.asked_in}-{one.language}"
            (same if one.asked_in == one.language else across)[key].append(one)
    told: dict[str, float] = {}
    for name, groups in (("same", same), ("across", across)):
        if groups:
            by = {key: float(np.mean([one.f1 for one in held])) for key, held in groups.items()}
            told[name] = round(float(np.mean(list(by.values()))), 4)
            forced = [float(np.mean([one.forced for one in held])) for held in groups.values()]
            told[f"{name}_forced"] = round(float(np.mean(forced)), 4)
            told[f"{name}_worst"] = round(min(by.values()), 4)
    none = [one for one in checked if not one.accepted]
    if none:
        told["declined"] = round(float(np.mean([one.margin <= 0 for one in none])), 4)
        answered = [one.margin for one in checked if one.accepted]
        pairs = [float(np.mean(np.array(answered) > one.margin)) for one in none]
        told["auc"] = round(float(np.mean(pairs)), 4)
    return told
