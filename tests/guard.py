"""The guard: a sample of questions in six languages, held one by one against what was right when it was last written.

`python tests/guard.py --write` answers the sample (the real embedder and reader, no language model; two minutes on two
cores) and keeps in `tests/guard.json` which questions came out right; the difference in the file is then to be defended
like any other. Without `--write` it compares and says what fell, as `tests/test_guard.py` does.

The same questions are asked before and after, so only those that changed count. A language fell where more than three
more were lost than gained; with twenty questions a language, that is every fall that chance would bring about less than
once in twenty (the exact form of McNemar's test). All together fell where chance would seldom do it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rag import Settings
from rag.evaluation import CaseSet, Run, Subset, evaluate
from rag.evaluation.marked_answers import load_marked, only_asked
from rag.evaluation.summary import verdict
from rag.evaluation.uncertainty import sign_test

TESTS = Path(__file__).parent
KEPT = TESTS / "guard.json"
QUESTIONS = TESTS / "data" / "reading_dev.jsonl.xz"
# Languages of question and text: six scripts or families, one across, and one whose questions often have no answer.
PAIRS = (("ar", "ar"), ("de", "en"), ("en", "en"), ("id", "id"), ("pl", "pl"), ("zh", "zh"))
EACH = 20
# More lost than gained than this in one language, or less often by chance than this in all together, fails.
MOST, CHANCE = 3, 0.05
ALL = "all"

# By pair of languages, what each question came to.
Outcomes = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class Fall:
    """A language that fell: the questions that were right and are not, how many became right, and by what chance."""

    group: str
    lost: tuple[str, ...]
    gained: int
    chance: float

    def __str__(self) -> str:
        told = f"{self.group} fell: {len(self.lost)} lost, {self.gained} gained (by chance {self.chance:.3f})"
        return "\n".join([told, *(f"  {id}" for id in self.lost)])


def sample() -> CaseSet:
    """The questions, in one collection of the reports that they were written about."""
    languages = tuple(sorted({text for _, text in PAIRS}))
    cases = []
    for held in load_marked(QUESTIONS, Subset(languages=languages, limit=EACH))[:-1]:
        cases += [(case, held) for case in held.cases if (case.language, case.text_language) in PAIRS]
    passages = dict(one for _, held in cases for one in held.passages)
    return only_asked(CaseSet("guard", tuple(case for case, _ in cases), passages=tuple(passages.items())))


def answered(held: CaseSet, folder: Path) -> Run:
    """The questions asked of the bundled models, without a language model."""
    return evaluate(held, out=folder, settings=Settings(llm="none"))


def outcomes(run: Run) -> dict[str, dict[str, bool]]:
    """Whether each question was answered right, or declined rightly where no report answers it."""
    found: dict[str, dict[str, bool]] = {}
    for row in run.rows:
        group = f"{row.case.language}-{row.case.text_language}"
        found.setdefault(group, {})[row.case.id] = verdict(row) == 1.0
    return found


def falls(kept: Outcomes, now: Outcomes) -> list[Fall]:
    """The languages that fell, and all questions together where they did."""
    found = [_fall(group, kept[group], now[group]) for group in kept]
    fell = [one for one in found if len(one.lost) - one.gained > MOST]
    lost = tuple(id for one in found for id in one.lost)
    whole = sum(one.gained for one in found)
    together = Fall(ALL, lost, whole, sign_test(len(lost), whole))
    return [*fell, together] if together.chance < CHANCE else fell


def differing(kept: Outcomes, now: Outcomes) -> list[str]:
    """Questions that stand in one of both only."""
    return sorted(_ids(kept) ^ _ids(now))


def misquoted(run: Run) -> list[str]:
    """Questions with a quote that does not stand where its citation says."""
    return [row.case.id for row in run.rows if row.scores.citation_exactness not in (None, 1.0)]


def told(now: Outcomes) -> str:
    """What the questions come to, a line a pair."""
    return "\n".join(f"{group}: {sum(one.values())} of {len(one)} right" for group, one in now.items())


def written(now: Outcomes) -> str:
    """The file: a line a question, so that a change of one is a change of one line."""
    groups = []
    for group, one in now.items():
        lines = ",\n".join(f"  {json.dumps(id)}: {json.dumps(right)}" for id, right in one.items())
        groups.append(f" {json.dumps(group)}: {{\n{lines}}}")
    return "{\n" + ",\n".join(groups) + "}\n"


def _fall(group: str, kept: Mapping[str, bool], now: Mapping[str, bool]) -> Fall:
    lost = tuple(id for id, right in kept.items() if right and not now[id])
    gained = sum(now[id] and not right for id, right in kept.items())
    return Fall(group, lost, gained, sign_test(len(lost), gained))


def _ids(held: Outcomes) -> set[str]:
    return {id for group in held.values() for id in group}


def with_questions(lines: Iterable[Fall], held: CaseSet) -> list[str]:
    """The falls in words, each question with what it asks."""
    asked = {case.id: case for case in held.cases}
    return [
        str(replace(one, lost=tuple(f"{id} {asked[id].question} {asked[id].answers[:1]}" for id in one.lost)))
        for one in lines
    ]


def main() -> int:
    """Compare, or write; 1 where something fell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep what the questions come to now")
    options = parser.parse_args()
    held = sample()
    with tempfile.TemporaryDirectory() as folder:
        run = answered(held, Path(folder))
    now = outcomes(run)
    sys.stdout.write(told(now) + "\n")
    if options.write:
        KEPT.write_text(written(now), encoding="utf-8")
        sys.stdout.write(f"{KEPT}: written\n")
        return 0
    kept = json.loads(KEPT.read_text("utf-8"))
    if apart := differing(kept, now):
        sys.stdout.write(f"{len(apart)} questions are not those that were kept; write it anew: {apart[:3]}\n")
        return 1
    fell = [*with_questions(falls(kept, now), held), *(f"{id}: an inexact quote" for id in misquoted(run))]
    sys.stdout.write("".join(line + "\n" for line in fell))
    return int(bool(fell))


if __name__ == "__main__":
    sys.exit(main())
