"""Files of questions with marked answers: which sets are trained on, how much of each, and which are held out.

A file NAME.LANG.jsonl.xz has one context per line: `lang, title, context, source, qas`, each of these `id, question,
answers` (`text`, `start` in code points), `impossible`, and `qlang` if the question is not in the context's language.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError

# Languages held out of training and model selection: three to calibrate on, three to report on.
HELD_BACK = {"el", "ro", "th", "kk", "te", "bn"}
# Articles that the questions for model selection and for the confidence are about; nothing else about them is
# trained on.
CHOOSING_TITLES = {
    "Warsaw",
    "French_and_Indian_War",
    "1973_oil_crisis",
    "Ctenophora",
    "Fresno,_California",
    "Fresno, California",
    "Fresno (California)",
}
# Sets left out: a licence that would bind the weights (GPL), no licence at all, or used for model selection.
LEFT_OUT = {"persianqa_test", "multispanqa", "idk_mrc_valid", "dev"}
# Maximum number of questions of large, uniform sets: short questions on single sentences, tales, one topic, one
# language.
MOST = {
    "qamr_wikinews.en": 7000,
    "qamr_wikipedia.en": 2000,
    "qasrl_gs_wikinews.en": 400,
    "fairytaleqa.en": 1000,
    "covid_qa.en": 200,
    "timeqa_human.en": 1500,
    "qed_nq_dev.en": 900,
    "squadshifts_new_wiki.en": 5500,
    "tydiqa_goldp.en": 3000,
    "tydiqa_goldp.sw": 2000,
    "tydiqa_goldp.ko": 1800,
    "tquad.tr": 4000,
    "thquad.tr": 2500,
    "jaquad.ja": 4000,
    "cmrc2018.zh": 3000,
    "idk_mrc.id": 7500,
    "facqa_news.id": 2500,
}
# Sets with contexts in several languages under the same question ids: questions of one go with texts of another.
PARALLEL = ("mlqa", "xquad_part")


@dataclass(frozen=True, slots=True)
class MarkedQuestion:
    """A question about a text. `answer` is the first accepted answer and its offset in code points, or None."""

    id: str
    question: str
    language: str
    answer: tuple[str, int] | None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A text with the questions about it; `source` is the set's name."""

    text: str
    title: str
    language: str
    source: str
    asked: tuple[MarkedQuestion, ...]


def read(path: Path) -> Iterator[Context]:
    """The contexts of one file. Raises InputError for a file in another format."""
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield _context(json.loads(line))
    except (OSError, lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a file of questions ({error!r}); one context a line is needed") from error


def teaching(folder: Path) -> dict[str, list[Context]]:
    """The training sets, by NAME.LANG. Raises InputError for a folder without any."""
    sets: dict[str, list[Context]] = {}
    titles = parallel_titles(folder)
    for path in sorted(folder.glob("*.jsonl.xz")):
        name = path.name.removesuffix(".jsonl.xz")
        source, _, language = name.rpartition(".")
        if not source or source in LEFT_OUT or language in HELD_BACK:
            continue
        kept = []
        for context in read(path):
            title = titles.get(context.asked[0].id, context.title) if context.asked else context.title
            if title not in CHOOSING_TITLES:
                kept.append(context)
        if kept:
            sets[name] = kept
    if not sets:
        raise InputError(f"{folder}: no NAME.LANG.jsonl.xz with questions in it")
    return sets


def parallel_titles(folder: Path) -> dict[str, str]:
    """Question id -> article of `xquad_part`, whose translations do not name it."""
    path = folder / "xquad_part.en.jsonl.xz"
    if not path.exists():
        return {}
    return {asked.id: context.title for context in read(path) for asked in context.asked}


def _context(row: dict[str, Any]) -> Context:
    asked = []
    for one in row["qas"]:
        answers = [] if one["impossible"] else one["answers"]
        asked.append(
            MarkedQuestion(
                id=one["id"],
                question=one["question"],
                language=one.get("qlang") or row["lang"],
                answer=(answers[0]["text"], answers[0]["start"]) if answers else None,
                accepted=tuple(answer["text"] for answer in answers),
            )
        )
    return Context(row["context"], row.get("title") or "", row["lang"], row["source"], tuple(asked))
