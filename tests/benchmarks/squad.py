"""Development data -> SQuAD-style files: `python tests/benchmarks/squad.py DATA OUT [--every N]`.

DATA as `recall.py` reads it. OUT gets a file for each language of the questions and each collection, `en-mixed.json`,
with the same collections and the same questions as `recall.py`, so that

    askreports evaluate OUT/en-mixed.json --retrieval --out runs/en-mixed

gives as recall@1 the figure that `recall.py` prints for "en -> mixed" in its last column.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from recall import read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every n-th question of each pair")
    options = parser.parse_args()
    passages, questions = read(options.data / "passages.jsonl"), read(options.data / "questions.jsonl")
    group_of = {passage["id"]: passage["group"] for passage in passages}
    languages = sorted({passage["lang"] for passage in passages})
    drawn = {
        group: languages[int(hashlib.sha256(group.encode()).hexdigest(), 16) % len(languages)]
        for group in set(group_of.values())
    }
    collections = {language: [p for p in passages if p["lang"] == language] for language in languages}
    collections["mixed"] = [p for p in passages if p["lang"] == drawn[p["group"]]]
    asked: dict[str, dict[str, str]] = {}
    for question in questions:
        asked.setdefault(question["lang"], {})[question["text"]] = group_of[question["positive_passage_ids"][0]]
    answers = {(question["lang"], question["text"]): question["answers"] for question in questions}
    options.out.mkdir(parents=True, exist_ok=True)
    for name, held in collections.items():
        for language, texts in asked.items():
            sample = list(texts.items())[:: options.every]
            paragraphs = [paragraph(passage, language, sample, answers) for passage in held]
            made = {"version": "2.0", "data": [{"title": name, "paragraphs": paragraphs}]}
            path = options.out / f"{language}-{name}.json"
            path.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
            print(f"{path}: {len(sample)} questions, {len(held)} paragraphs")


def paragraph(passage: dict[str, Any], language: str, sample: list[tuple[str, str]], answers: Any) -> dict[str, Any]:
    qas = [
        {
            "id": f"{language}-{at}",
            "question": text,
            "answers": [{"text": answer, "answer_start": 0} for answer in answers[language, text]],
        }
        for at, (text, group) in enumerate(sample)
        if group == passage["group"]
    ]
    return {"context": passage["text"], "qas": qas}


if __name__ == "__main__":
    main()
