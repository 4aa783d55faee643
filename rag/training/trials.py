"""Question sets in languages held out of training -> the questions on which confidence is fitted.

Half of the questions are in another language than the text, from the set's other languages; in some, what they name is
replaced, so that the text does not answer (`tempting`). The format is that of the sets themselves.
"""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rag.training.questions import read
from rag.training.tempting import Swaps

SET = "xquad_part"
LANGUAGES = ("el", "ro", "th")
# Languages of questions besides the text's own; English is most frequent.
FOREIGN = ("en", "en", "de", "ar", "zh")
ACROSS, SWAPPED = 0.5, 0.15


def write(data: Path, out: Path, every: int, seed: int) -> list[Path]:
    """One file per language in `out`, with every `every`th question; returns the files. Raises InputError."""
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for language in LANGUAGES:
        path = out / f"trials.{language}.jsonl.xz"
        with lzma.open(path, "wt", encoding="utf-8") as file:
            for row in _rows(data, language, every, random.Random(f"{seed} {language}")):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        made.append(path)
    return made


def _rows(data: Path, language: str, every: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    contexts = list(read(data / f"{SET}.{language}.jsonl.xz"))
    foreign = {
        code: {one.id: one.question for context in read(data / f"{SET}.{code}.jsonl.xz") for one in context.asked}
        for code in sorted(set(FOREIGN))
    }
    swaps = Swaps(contexts)
    seen = 0
    for context in contexts:
        asked: list[dict[str, Any]] = []
        for one in context.asked:
            seen += 1
            if one.answer is None or seen % every:
                continue
            chosen = rng.choice(FOREIGN) if rng.random() < ACROSS else language
            row: dict[str, Any] = {"id": one.id, "question": one.question, "impossible": False}
            if chosen != language and one.id in foreign[chosen]:
                row |= {"question": foreign[chosen][one.id], "qlang": chosen}
            swapped = swaps.swap(one, context, rng) if chosen == language and rng.random() < SWAPPED / ACROSS else None
            answers = [{"text": one.answer[0], "start": one.answer[1]}]
            row |= {"question": swapped, "impossible": True, "answers": []} if swapped else {"answers": answers}
            asked.append(row)
        yield {"lang": language, "title": "", "context": context.text, "source": SET, "qas": asked}
