"""Marked questions -> every reading with its features: `python tests/benchmarks/readings.py FILE OUT [--absent N]`.

OUT is what `calibrate.py` reads. FILE as `askreports evaluate` takes it; each of its collections is asked with the
bundled models, without a language model. Every third question is asked a second time with the reports that answer it
left out (0 for none): few sets hold questions without an answer.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rag import Reports, Settings
from rag.answering.chain import HITS
from rag.answering.confidence import features_of
from rag.answering.question import understand
from rag.evaluation import Case, CaseSet, Subset
from rag.evaluation.marked_answers import load_marked
from rag.evaluation.overlap import f1
from rag.evaluation.scoring import OVERLAP
from rag.reading import Reader, open_reader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--languages", default="", help="only texts in these, divided by commas")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--absent", type=int, default=3)
    options = parser.parse_args()
    languages = tuple(filter(None, options.languages.split(",")))
    settings = Settings(llm="none")
    reader = open_reader(settings)
    with options.out.open("w", encoding="utf-8") as file:
        for held in load_marked(options.file, Subset(languages, options.every)):
            for line in lines(held, reader, settings, options.absent):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"{held.part}: {len(held.cases)} questions", flush=True)


def lines(held: CaseSet, reader: Reader, settings: Settings, absent: int) -> Iterator[dict[str, Any]]:
    """What is known of each reading of each question."""
    with tempfile.TemporaryDirectory() as place:
        reports_place = Path(place) / "reports"
        reports_place.mkdir()
        for stem, text in held.passages:
            (reports_place / f"{stem}.txt").write_text(text, encoding="utf-8")
        with Reports.open(reports_place, home=Path(place) / "index", settings=settings, reader=reader) as reports:
            languages = {article.id: article.language for article in reports.articles()}
            for at, case in enumerate(held.cases):
                yield from _lines(case, reports, reader, held.part, languages, ())
                if absent and at % absent == 0 and case.answerable:
                    others = [id for id in languages if id not in case.articles]
                    if others:
                        yield from _lines(case, reports, reader, held.part, languages, others)


def _lines(
    case: Case, reports: Reports, reader: Reader, part: str, languages: Mapping[str, str], among: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """`among`: the only reports that may answer; empty for all."""
    settings = reports.settings
    question = understand(case.question, limit=settings.max_question_chars, languages=sorted(set(languages.values())))
    hits = reports.retrieve(case.question, limit=HITS, articles=among)[: settings.reading_windows]
    readings = reader.read(question.text, hits)
    for reading in readings:
        right = reading.article.id in case.articles and f1(reading.words, case.answers) >= OVERLAP
        yield {
            "question": f"{part}:{case.id}{':absent' * bool(among)}",
            "language": case.text_language,
            "answerable": case.answerable and not among,
            "right": right and not among,
            "features": features_of(question, reading, readings),
        }


if __name__ == "__main__":
    main()
