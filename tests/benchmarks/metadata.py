"""Titles, days and authors that are found in the reports of collections, by kind of source: right, wrong, not found.

`python tests/benchmarks/metadata.py fifth [HALF ...] [--wrong]`: compares with `reports.jsonl` of each collection
(`tests/cases/collections`); a title counts if it is the expected one, authors if all are named and nobody else.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from rag.sources import make_article, read_file

FOLDER = Path(__file__).parents[1] / "cases/collections"
FIELDS = ("title", "date", "authors")
MAX_BYTES = 10_000_000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("halves", nargs="+")
    parser.add_argument("--wrong", action="store_true", help="also list what was expected and what was found instead")
    asked = parser.parse_args()
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for half in asked.halves:
        for folder in sorted((FOLDER / half).iterdir()):
            for line in (folder / "reports.jsonl").read_text("utf-8").splitlines():
                held = json.loads(line)
                found = found_in(folder / "reports" / held["file"])
                for field in FIELDS:
                    wanted = tuple(held[field]) if field == "authors" else held[field]
                    if field == "title" and wanted is None:
                        continue  # subtitles have none; what stands for it is not judged
                    told = judged(found[field], wanted)
                    counted[held["source"], field][told] += 1
                    if asked.wrong and told != "right":
                        print(f"{half}/{folder.name}/{held['file']} {field}: {wanted!r}, found {found[field]!r}")
    print(
        "| | " + " | ".join(f"{field}: right, wrong, not found" for field in FIELDS) + " |\n| --- | --- | --- | --- |"
    )
    for source in sorted({source for source, _ in counted}):
        cells = (
            ", ".join(str(counted[source, field][told]) for told in ("right", "wrong", "none")) for field in FIELDS
        )
        print(f"| {source} | {' | '.join(cells)} |")


def found_in(file: Path) -> dict[str, Any]:
    """What is found in one file."""
    article = make_article(read_file(file, max_bytes=MAX_BYTES, any_suffix=True), id=file.stem)
    origins = dict(article.origins)
    return {
        "title": article.title if "title" in origins else None,
        "date": article.published.isoformat() if article.published else None,
        "authors": article.authors,
    }


def judged(found: Any, wanted: Any) -> str:
    """Whether it is as expected; nothing is right where nothing is told."""
    if isinstance(wanted, tuple):
        found, wanted = set(found), set(wanted)
    return "right" if found == wanted else "wrong" if found else "none"


if __name__ == "__main__":
    main()
