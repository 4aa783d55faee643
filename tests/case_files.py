"""The shipped case files with the reports that each is asked of, as the tests of cases need them."""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import rag.evaluation.cases

Case = dict[str, Any]

ROOT = Path(__file__).parents[1]
FOLDER = Path(rag.evaluation.cases.__file__).parent
SEED_LANGUAGE = {
    "000_5fe3b321a3d238dd": "ms",
    "001_6a72a35fca063047": "tr",
    "002_081d26a8072a2b6b": "es",
    "003_1d8f1abbb1195809": "de",
    "004_1ac8f92e85ca3eff": "pl",
}
LANGUAGES = {"en", "pl", "de", "es", "tr", "ms"}
FACTS = {f"fact:{name}" for name in ("number", "date", "person", "place", "code", "thing")}
KINDS = FACTS | {"yesno", "several", "unanswerable"}
HOSTILE = {"hostile:unmoved", "hostile:quoted"}

FILES = (
    "unseen",
    "held_out",
    "held_out_more",
    "held_out_third",
    "held_out_fourth",
    "held_out_fifth",
    "comparisons",
    "reports",
    "tuning",
    "tuning_more",
    "tuning_yes_no",
    "lookalikes",
    "tuning_lookalikes",
    "hostile",
)
REPORTED, TUNED = ("reports", "lookalikes"), ("tuning", "tuning_lookalikes")


def load(name: str) -> tuple[list[str] | None, list[Case]]:
    """The folders that a file's header names, and its cases."""
    held = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return (held[0]["reports"], held[1:]) if "reports" in held[0] else (None, held)


def collection(folders: list[str] | None) -> dict[str, str]:
    """Id to text. Raises FileNotFoundError for a folder that is not there."""
    paths = [FOLDER / folder for folder in folders] if folders else [ROOT / "seeds"]
    files = [file for path in paths for file in path.resolve(strict=True).glob("*.txt")]
    assert len({file.stem for file in files}) == len(files), "two reports have one id"
    return {file.stem: unicodedata.normalize("NFC", file.read_text("utf-8")) for file in files}


LOADED = {name: load(name) for name in FILES}
REPORTS = {name: collection(folders) for name, (folders, _) in LOADED.items()}
SETS = {name: cases for name, (_, cases) in LOADED.items()}


def words(text: str) -> str:
    """The question as a comparer sees it: no case, marks or punctuation."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare))


def asked(case: Case) -> str:
    return case.get("standalone", case["question"])


def report_language(article: str) -> str:
    return SEED_LANGUAGE.get(article) or article[-2:]
