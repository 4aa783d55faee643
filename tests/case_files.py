"""The shipped case files with the texts of the reports that each is asked of."""

import unicodedata
from functools import cache
from pathlib import Path

from places import SEEDS

from rag.evaluation.loading import CaseSet, load_case_set

FOLDER = Path(__file__).parent / "cases"
FILES = sorted(FOLDER.glob("*.jsonl"))


@cache
def load(path: Path) -> CaseSet:
    return load_case_set(path)


@cache
def texts(path: Path) -> dict[str, str]:
    """The reports that a file is asked of, by id; the five of `seeds/` where its header names none."""
    folders = [Path(place) for place in load(path).reports or [SEEDS]]
    files = [file for folder in folders for file in folder.glob("*.txt")]
    assert len({file.stem for file in files}) == len(files), "two reports have one id"
    return {file.stem: unicodedata.normalize("NFC", file.read_text("utf-8")) for file in files}
