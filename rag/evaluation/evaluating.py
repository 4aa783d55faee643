"""Cases -> answers -> `Run`: asks the same `Reports` that users get, one question at a time, and saves each at once.

A run that was stopped resumes where it was. Independent of tables, charts or comparisons.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import shutil
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from rag.errors import InputError, QuestionError
from rag.evaluation.datasets import load_any
from rag.evaluation.llm_judge import judge as judge_answer
from rag.evaluation.loading import Case, CaseSet
from rag.evaluation.runs import Row, Run, RunFile, Stamp, agree
from rag.evaluation.scoring import score
from rag.llm import LanguageModel
from rag.models import Answer, Article, Hit, Progress, Turn
from rag.settings import Settings

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM

    from rag.encoder import Embedder
    from rag.reading import Reader
    from rag.reports import Locations, Reports

# Windows requested in retrieval-only runs: enough for ten reports, even if many windows of one come first.
HITS = 100
PACKAGE = Path(__file__).parents[1]
# Parts of the package that cannot change an answer.
_UNRUN = {"evaluation", "training", "commands", "__main__.py", "__pycache__"}
# Settings outside the configuration, or secret: those that `Settings.hash` leaves out.
_UNTOLD = {
    "home", "cache", "llm_key", "embedder_key", "threads", "device", "auth", "max_upload_mb", "max_upload_files",
}  # fmt: skip


def evaluate(
    cases: str | Path | CaseSet,
    *,
    out: str | Path | None = None,
    reports: Reports | Locations | None = None,
    settings: Settings | None = None,
    passages: str | Path | None = None,
    only_retrieval: bool = False,
    judge: LanguageModel | None = None,
    llm: LLM | LanguageModel | None = None,
    embedder: BaseEmbedding | Embedder | None = None,
    reader: Reader | None = None,
    name: str = "",
    progress: Progress | None = None,
) -> Run:
    """Ask every question of `cases` and score the answers; the run is kept in the folder `out`.

    `cases`: our JSON lines, contexts with annotated answers (all languages in one collection), SQuAD-style JSON (with
    `passages`, its translation, for the reports) or a BEIR folder. `reports`: an open `Reports`, or locations; None
    uses the collection that the cases name, else the five sample reports. `only_retrieval` needs no language model.
    `judge` also judges each answer. Called again with the same `out`, it asks only what is not answered yet. Raises
    InputError for invalid cases before anything is asked, and whatever `Reports.ask` raises.
    """
    held = cases if isinstance(cases, CaseSet) else load_any(Path(cases), None if passages is None else Path(passages))
    only_retrieval = only_retrieval or held.only_retrieval
    chosen = reports.settings if _is_open(reports) else settings or Settings()
    if only_retrieval and not _is_open(reports):
        chosen = chosen.model_copy(update={"llm": "none"})
    program = program_hash()
    folder = Path(out) if out is not None else Path("out") / f"{held.name}-{chosen.hash}-{program[:6]}" / held.part
    stamp = Stamp(
        settings_hash=chosen.hash,
        settings=_told(chosen),
        models={},
        program=program,
        collection="",
        only_retrieval=only_retrieval,
    )
    agree(folder, stamp)  # before the folder's own index is touched
    if _is_open(reports):
        opened: AbstractContextManager[Reports] = nullcontext(reports)
    else:
        options = {"settings": chosen, "llm": llm, "embedder": embedder, "reader": reader, "progress": progress}
        locations = _collection(held, folder) if reports is None else cast("Locations", reports)
        opened = _open(locations, folder / "index", options)
    with opened as asked:
        collection = _Collection.of(asked)
        collection.check(held)
        stamp = replace(stamp, models=asked.models, collection=collection.hash)
        titles = {id: article.title for id, article in collection.articles.items()}
        with RunFile(folder, stamp, name=name or folder.name, cases=held.name, reports=titles) as file:
            if not only_retrieval and any(_answered(case, file) is None for case in held.cases):
                asked.warm()
            for done, case in enumerate(held.cases, 1):
                try:
                    _one(case, file, asked, collection, only_retrieval, judge)
                except QuestionError as error:
                    raise InputError(f"{held.places.get(case.id, case.id)}: {error}") from error
                if progress:
                    progress("asking", done, len(held.cases))
            return file.finish(held.cases)


def _is_open(reports: Reports | Locations | None) -> TypeGuard[Reports]:
    """Whether it is an open `Reports` rather than locations."""
    return hasattr(reports, "ask")


def _open(locations: Locations, home: Path, options: Mapping[str, Any]) -> Reports:
    from rag.reports import Reports

    return Reports.open(locations, home=home, main=True, **options)


def _told(settings: Settings) -> dict[str, Any]:
    """The settings of the configuration, without secrets and without credentials in addresses."""
    held = settings.model_dump(mode="json", exclude=_UNTOLD)
    return {
        name: re.sub(r"//[^/@]*@", "//", value) if isinstance(value, str) else value for name, value in held.items()
    }


def program_hash() -> str:
    """Twelve hex digits over the code, tables, weights and prompts used to answer; not those of evaluation."""
    files = [path for path in PACKAGE.rglob("*") if not _UNRUN & set(path.relative_to(PACKAGE).parts)]
    files += (PACKAGE.parent / "prompts").glob("*.md")
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file() and path.name != "judge.md"):
        name = path.relative_to(PACKAGE.parent).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Collection:
    """The reports that are asked; `alias` maps a file's stem to the report with the same text."""

    articles: Mapping[str, Article]
    texts: Mapping[str, str]
    alias: Mapping[str, str]
    skipped: Mapping[str, str]

    @classmethod
    def of(cls, reports: Reports) -> _Collection:
        articles = {article.id: article for article in reports.articles()}
        also = {Path(place).stem: article.id for article in articles.values() for place in article.also}
        skipped = {Path(one.location).stem: one.reason for one in reports.updated.skipped}
        texts = {id: article.text for id, article in articles.items()}
        return cls(articles, texts, {**also, **{id: id for id in articles}}, skipped)

    @property
    def hash(self) -> str:
        told = "\n".join(f"{id} {self.articles[id].sha256}" for id in sorted(self.articles))
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    def check(self, held: CaseSet) -> None:
        """Raise InputError for a case that names a report, quotes a sentence or marks a span that does not exist."""
        for case in held.cases:
            where = held.places.get(case.id, case.id)
            for id in case.articles:
                if id not in self.alias:
                    raise InputError(f"{where}: {self._missing(id)}")
            for quote in case.quotes:
                plain = unicodedata.normalize("NFC", quote)
                if not any(plain in self.texts[self.alias[id]] for id in case.articles):
                    raise InputError(f"{where}: the quote {quote!r:.80} is in none of its articles; copy it exactly")
            for id, start, end in case.spans:
                if not 0 <= start < end <= len(self.texts[self.alias[id]]):
                    raise InputError(f"{where}: the span {start} to {end} is outside {id}; correct it")

    def canonical(self, case: Case) -> Case:
        """The case with its reports' ids as in the collection."""
        return replace(
            case,
            articles=tuple(self.alias[id] for id in case.articles),
            quotes=tuple(unicodedata.normalize("NFC", quote) for quote in case.quotes),
            spans=tuple((self.alias[id], start, end) for id, start, end in case.spans),
        )

    def _missing(self, id: str) -> str:
        if id in self.skipped:
            return f"the article {id} was skipped, it {self.skipped[id]}"
        near = difflib.get_close_matches(id, self.alias, n=1)
        hint = f"did you mean {near[0]}?" if near else "correct it, or name its reports (the header, or --reports)"
        return f"the article {id} is not in the collection of {len(self.articles)} reports; {hint}"


def _one(
    case: Case,
    file: RunFile,
    reports: Reports,
    collection: _Collection,
    only_retrieval: bool,
    judge: LanguageModel | None,
) -> None:
    """Answer a case unless answered, judge it unless judged, and score it again, since metrics may have changed."""
    before = _answered(case, file)
    if before is not None:
        answer, retrieved, judgement = before.answer, before.retrieved, before.judgement
    elif only_retrieval:
        answer, retrieved, judgement = None, _ranked(reports.retrieve(case.question, limit=HITS)), None
    else:
        answer, judgement = _asked(case, reports), None
        retrieved = _ranked(answer.hits)
    if judge and answer and (judgement is None or judgement.judge != judge.name):
        judgement = judge_answer(judge, case, answer)
    known = collection.canonical(case)
    languages = dict.fromkeys(
        [case.text_language] if case.text_language else [collection.articles[id].language for id in known.articles]
    )
    scores = score(known, answer, retrieved, collection.texts)
    row = Row(case, answer, retrieved, tuple(languages), scores, judgement, known.articles)
    if row != before:
        file.append(row)


def _answered(case: Case, file: RunFile) -> Row | None:
    """The folder's row for the case, None if there is none or the case has changed since."""
    row = file.rows.get(case.id)
    return row if row is not None and row.case == case else None


def _asked(case: Case, reports: Reports) -> Answer:
    """The answer to the case's question, after asking its earlier turns in order."""
    history: list[Turn] = []
    for turn in case.turns:
        history.append(Turn(turn, reports.ask(turn, history=history).text))
    return reports.ask(case.question, history=history)


def _ranked(hits: Iterable[Hit]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.article.id for hit in hits))


def _collection(held: CaseSet, folder: Path) -> list[str]:
    if held.passages:
        return [str(_written(held.passages, folder / "reports"))]
    if held.reports is not None:
        return list(held.reports)
    from rag.reports import SEEDS

    return [str(SEEDS)]


def _written(passages: Iterable[tuple[str, str]], place: Path) -> Path:
    """The passages as a folder of files, written whole or not at all; an identical one is left alone."""
    wanted = {f"{stem}.txt": text for stem, text in passages}
    if place.is_dir():
        if {path.name: path.read_bytes() for path in place.iterdir()} == {n: t.encode() for n, t in wanted.items()}:
            return place
        shutil.rmtree(place)
    beside = place.with_name(place.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name, text in wanted.items():
        (beside / name).write_bytes(text.encode())
    return beside.rename(place)
