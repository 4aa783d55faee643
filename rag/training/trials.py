"""Question sets in languages held out of training -> the questions on which confidence is fitted.

Only about articles of which nothing is trained on in any language, and each language has questions of its own. Half of
them are in another language than the text, from the set's other languages. In some, what they name is
replaced, so that the text does not answer (`tempting`). A third of the texts lose the sentence with one of the answers:
most questions that a collection does not answer are about something that it tells of. Written reports in those
languages (`written`) become files of their own. The format is that of the sets themselves.
"""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.training import written
from rag.training.questions import CHOOSING_TITLES, Context, MarkedQuestion, parallel_titles, read
from rag.training.tempting import Swaps, removed, sentence_spans
from rag.training.written import WrittenReport

SET = "xquad_part"
LANGUAGES = ("el", "ro", "th")
# Languages of questions besides the text's own; English is most frequent.
ASKED_IN = ("en", "en", "de", "ar", "zh")
ACROSS, SWAPPED, REMOVED = 0.5, 0.15, 0.3


def write(data: Path, out: Path, seed: int) -> list[Path]:
    """One file per language in `out`; returns the files. Raises InputError."""
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for language in LANGUAGES:
        path = out / f"trials.{language}.jsonl.xz"
        with lzma.open(path, "wt", encoding="utf-8") as file:
            for row in _rows(data, language, random.Random(f"{seed} {language}")):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        made.append(path)
    return made


def write_news(news: Path, out: Path) -> list[Path]:
    """One file FOLDER.LANG.jsonl.xz per LANG.txt of written reports, without their names; returns the files.

    Raises InputError for a folder without any.
    """
    out.mkdir(parents=True, exist_ok=True)
    made = []
    for source in written.files(news):
        path = out / f"{news.resolve().name}.{source.stem}.jsonl.xz"
        with lzma.open(path, "wt", encoding="utf-8") as file:
            for report in written.read(source):
                file.write(json.dumps(_news_row(report), ensure_ascii=False) + "\n")
        made.append(path)
    return made


def _news_row(report: WrittenReport) -> dict[str, Any]:
    asked = [
        {"id": one.id, "question": one.question, "qlang": one.language, "impossible": one.answer is None}
        | {"answers": [{"text": one.answer[0], "start": one.answer[1]}] if one.answer else []}
        for one in report.asked
    ]
    article = report.article
    return {"lang": article.language, "title": "", "context": article.text, "source": "news", "qas": asked}


def _rows(data: Path, language: str, rng: random.Random) -> Iterator[dict[str, Any]]:
    titles = parallel_titles(data)
    held = read(data / f"{SET}.{language}.jsonl.xz")
    contexts = [one for one in held if one.asked and titles.get(one.asked[0].id) in CHOOSING_TITLES]
    foreign = {
        code: {one.id: one.question for context in read(data / f"{SET}.{code}.jsonl.xz") for one in context.asked}
        for code in sorted(set(ASKED_IN))
    }
    swaps = Swaps(contexts)
    seen = 0
    for context in contexts:
        picked = []
        for one in context.asked:
            seen += 1
            if one.answer is not None and seen % len(LANGUAGES) == LANGUAGES.index(language):
                picked.append(one)
        text = context.text
        if rng.random() < REMOVED:
            text, picked = _shortened(context, picked, rng)
        asked: list[dict[str, Any]] = []
        for one in picked:
            chosen = rng.choice(ASKED_IN) if rng.random() < ACROSS else language
            row: dict[str, Any] = {"id": one.id, "question": one.question, "impossible": one.answer is None}
            if chosen != language and one.id in foreign[chosen]:
                row |= {"question": foreign[chosen][one.id], "qlang": chosen}
            swapped = None
            if one.answer and chosen == language and rng.random() < SWAPPED / (1 - ACROSS):
                swapped = swaps.swap(one, context, rng)
            answers = [{"text": one.answer[0], "start": one.answer[1]}] if one.answer else []
            row |= {"question": swapped, "impossible": True, "answers": []} if swapped else {"answers": answers}
            asked.append(row)
        yield {"lang": language, "title": "", "context": text, "source": SET, "qas": asked}


def _shortened(
    context: Context, picked: Sequence[MarkedQuestion], rng: random.Random
) -> tuple[str, list[MarkedQuestion]]:
    """The text without the sentence that answers one of the questions, and the questions with their new answers.

    Left out are questions whose answer is cut, or is removed but occurs in the rest of the text too.
    """
    answers = [one.answer for one in picked if one.answer]
    gap = removed(context, sentence_spans(context), rng.choice(answers)) if answers else None
    if gap is None:
        return context.text, list(picked)
    start, end = gap
    text = context.text[:start] + context.text[end:]
    kept = []
    for one in picked:
        words, at = one.answer or ("", 0)
        if at + len(words) <= start:
            kept.append(one)
        elif at >= end:
            kept.append(replace(one, answer=(words, at - (end - start))))
        elif start <= at and at + len(words) <= end and words.casefold() not in text.casefold():
            kept.append(replace(one, answer=None))
    return text, kept
