"""Recall@1 on parallel passages: `python tests/benchmarks/recall.py DATA [--every N] [--only NAME] [--half choosing]`.

DATA holds `passages.jsonl` (id, lang, text, group) and `questions.jsonl` (id, lang, text, positive_passage_ids). Every
passage becomes a report of its own. One-language collections, and a mixed one in which each group stands in one of the
languages, drawn by the SHA-256 of its name. Beside `Reports.retrieve`: plain dense vectors, and BM25 alone (FTS5).

Retrieval was tuned on the choosing half of the questions, every other run of five groups; the confirming half is the
rest, which was looked at but not tuned on. The collections are whole in both. The last column is the median of seconds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from rag import Reports, Settings
from rag.encoder.embedding import BATCH, BundledEmbedder

# Groups that stand together in the data are paragraphs of one article.
ARTICLE = 5
HALVES = ("choosing", "confirming")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every n-th question of each pair")
    parser.add_argument("--only", help="only this collection: a language, or mixed")
    parser.add_argument("--half", choices=HALVES, help="only the questions of this half; both, apart, if not given")
    options = parser.parse_args()
    passages = read(options.data / "passages.jsonl")
    questions = read(options.data / "questions.jsonl")
    group_of = {passage["id"]: passage["group"] for passage in passages}
    groups = sorted(set(group_of.values()))
    half_of = {group: HALVES[row // ARTICLE % 2] for row, group in enumerate(groups)}
    languages = sorted({passage["lang"] for passage in passages})
    drawn = {group: languages[int(hashlib.sha256(group.encode()).hexdigest(), 16) % len(languages)] for group in groups}
    collections = {"mixed": [p for p in passages if p["lang"] == drawn[p["group"]]]}
    collections |= {language: [p for p in passages if p["lang"] == language] for language in languages}
    asked: dict[str, dict[str, str]] = {}
    for question in questions:
        asked.setdefault(question["lang"], {})[question["text"]] = group_of[question["positive_passage_ids"][0]]
    embedder = BundledEmbedder()
    print(f"{'':14} {'half':10} {'n':>5} {'dense':>7} {'BM25':>7} {'ours':>7} {'seconds':>8}")
    for name, held in collections.items():
        if options.only not in (None, name):
            continue
        vectors = embed(embedder.passages, [p["text"] for p in held])
        search = lexical(held)
        with tempfile.TemporaryDirectory() as folder:
            for passage in held:
                (Path(folder) / f"{passage['id']}.txt").write_text(passage["text"], encoding="utf-8")
            with (
                tempfile.TemporaryDirectory() as home,
                Reports.open(folder, home=home, settings=Settings(llm="none")) as reports,
            ):
                reports.warm()
                for language, texts in asked.items():
                    sample = list(texts.items())[:: options.every]
                    near = embed(embedder.queries, [text for text, _ in sample]) @ vectors.T
                    found: dict[str, list[tuple[bool, ...]]] = {half: [] for half in HALVES}
                    seconds: dict[str, list[float]] = {half: [] for half in HALVES}
                    for row, (text, group) in enumerate(sample):
                        half = half_of[group]
                        if options.half not in (None, half):
                            continue
                        begun = time.monotonic()
                        hits = reports.retrieve(text, limit=1)
                        seconds[half].append(time.monotonic() - begun)
                        bests = (held[int(near[row].argmax())]["id"], search(text), hits[0].article.id if hits else "")
                        found[half].append(tuple(group_of.get(best) == group for best in bests))
                    for half in HALVES:
                        if rows := found[half]:
                            shares = " ".join(f"{sum(leg) / len(rows):7.3f}" for leg in zip(*rows, strict=True))
                            took = statistics.median(seconds[half])
                            print(
                                f"{language + ' -> ' + name:14} {half:10} {len(rows):5} {shares} {took:8.3f}",
                                flush=True,
                            )


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def embed(encode: Any, texts: list[str]) -> Any:
    return np.concatenate([encode(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)])


def lexical(passages: list[dict[str, Any]]) -> Any:
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE VIRTUAL TABLE held USING fts5 (id UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2')"
    )
    base.executemany("INSERT INTO held VALUES (?, ?)", [(p["id"], p["text"]) for p in passages])

    def best(question: str) -> str:
        query = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        row = base.execute("SELECT id FROM held WHERE held MATCH ? ORDER BY rank LIMIT 1", (query,)).fetchone()
        return row[0] if row else ""

    return best


if __name__ == "__main__":
    main()
