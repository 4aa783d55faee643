"""`Reports`: a collection of reports to ask. The only module that connects all stages."""

from __future__ import annotations

import asyncio
import gc
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, Unpack, runtime_checkable

from rag.answering import Chain, candidates, spoken, translate, understand
from rag.encoder import Embedder, LlamaIndexEmbedder, open_ahead, open_embedder
from rag.errors import InputError, ModelError, StoreError
from rag.filtered import FilteredCollection
from rag.homes import FILE, discard_unused, is_indexed, not_indexed, others, place_of, still_held
from rag.language import is_tag, language_of, primary_tag
from rag.language import name as language_name
from rag.llm import LanguageModel, from_llama_index, open_llm, warm
from rag.models import (
    Answer,
    AnswerReady,
    Article,
    AskOptions,
    Candidate,
    Event,
    EvidenceFound,
    Filtered,
    FilterOptions,
    Filters,
    Hit,
    Passage,
    PhraseMatch,
    Progress,
    TextDelta,
    Update,
    several,
)
from rag.reading import Reader, open_reader
from rag.retrieval import PhraseSearch, Retriever, VectorSpace, means_for
from rag.settings import Settings
from rag.sources import check_given, location_of, one_line
from rag.store import Catalog, Indexer, VectorIndex, is_url
from rag.updating import Updating
from rag.verification import Statement, Verifier, open_verifier

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.llms import LLM
    from llama_index.core.query_engine import BaseQueryEngine
    from llama_index.core.retrievers import BaseRetriever
    from typing_extensions import TypeIs

SEEDS = Path(__file__).parents[1] / "seeds"

Locations = str | Path | Iterable[str | Path]


class Reports:
    """Created by `Reports.open`. Thread-safe; close it, or use it as a context manager.

    `home` is the folder of this collection's index.
    """

    def __init__(
        self,
        home: Path,
        settings: Settings,
        embedder: Embedder,
        reader: Reader,
        verifier: Verifier,
        model: LanguageModel | None,
        progress: Progress | None,
        lenders: Sequence[Path] = (),
    ) -> None:
        self.settings = settings
        self.home = home
        self._progress = progress
        self._model = model
        self._reader = reader
        self._verifier = verifier
        self._embedder = embedder
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{home}: cannot be created ({error}); give another folder with ASKREPORTS_HOME"
            ) from error
        self._catalog = Catalog(home / FILE)
        self.means = means_for(embedder, settings.means)
        self._space = VectorSpace(self._catalog, embedder, self.means)
        self._index = VectorIndex(home / "chroma", self._catalog, self._space, url=settings.chroma_url)
        self._retriever = Retriever(self._catalog, self._space, self._index, by_index=bool(settings.chroma))
        self._phrases = PhraseSearch(self._catalog)
        self._indexer = Indexer(self._catalog, embedder, settings, lenders=lenders)
        self._updating = Updating(
            home, self._catalog, self._space, self._index, self._indexer, lambda: self._retriever.asks_index, progress
        )

    @classmethod
    def open(
        cls,
        paths: Locations | None = None,
        *,
        home: str | Path | None = None,
        settings: Settings | None = None,
        llm: LLM | LanguageModel | None = None,
        embedder: BaseEmbedding | Embedder | None = None,
        reader: Reader | None = None,
        verifier: Verifier | None = None,
        main: bool = False,
        again: bool = False,
        wait: bool = True,
        load: bool = True,
        progress: Progress | None = None,
    ) -> Self:
        """Open a collection and bring its index up to date.

        `paths` (a folder, files or http addresses) identify the collection, which also has the reports added by `add`;
        None opens the home's main collection. `home` is the folder of the indexes, one per collection; the default is
        the setting's, `.askreports`. `main` makes `paths` the home's main collection, replacing the previous one; with
        `paths` None, it updates the main collection, or creates an empty one. `llm` and `embedder` (also llama-index
        objects), `reader` and `verifier` replace those named in the settings. `again` rereads everything; existing
        vectors of this embedder are reused. With `wait` False it returns as soon as one report can be asked; the others
        are added in the background, and `updated` is set when they are done. The embedder is opened meanwhile, for a
        question that comes soon; with `load` False by the first that needs it.

        While another process changes the collection, the part indexed so far is opened and `busy` is True; with `main`
        or `again`, or if no report is indexed yet, that is a StoreError. Raises InputError if `paths` contain no report
        or nothing is indexed in the home, SettingsError or NeedError for a model that cannot be opened,
        StoreError if the index cannot be used.
        """
        settings = settings or Settings()
        place = Path(home) if home is not None else settings.home
        declared = None if paths is None else _locations(paths)
        if place.exists() and not place.is_dir():
            raise InputError(f"{place}: is a file, not an index folder; give another with --home")
        if not main and declared is None and not is_indexed(place):
            raise InputError(not_indexed(place, home is not None or "home" in settings.model_fields_set))
        at = place if main or declared is None else place_of(place, declared)
        if at == place and not main:
            # Asked by its paths it is the main collection as it is: only `main` names removed reports again.
            declared = None
        model = open_llm(settings, progress=progress) if llm is None else _as_model(llm)
        chosen = open_embedder(settings) if embedder is None else _as_embedder(embedder)
        reading = reader or open_reader(settings)
        judging = verifier or open_verifier(settings)
        if load and isinstance(chosen, _Loads):
            open_ahead(chosen.load)
        reports = cls(at, settings, chosen, reading, judging, model, progress, lenders=others(place, at))
        try:
            try:
                reports._indexer.check()
            except StoreError:
                # A named collection is made of its locations alone: with another embedder it is embedded again.
                if at == place and not again:
                    raise
                again = True
            lenient = not (main or again)
            if wait:
                reports._updating.bring_up_to_date(declared, again=again, lenient=lenient)
            else:
                reports._updating.begin(declared, again=again, lenient=lenient)
        except BaseException:
            reports.close()
            if at != place:
                discard_unused(at)
            raise
        return reports

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop an update in the background, release the index and the language model's memory."""
        self._updating.stop()
        self._index.stop()
        self._updating.join()
        self._index.close()
        self._catalog.close()
        if self._model is not None:
            self._model.close()

    @property
    def indexing(self) -> bool:
        """Whether an update runs in the background; reports are added while it does."""
        return self._updating.running

    @property
    def updated(self) -> Update:
        """What changed when the collection was opened; empty while that goes on in the background."""
        return self._updating.updated

    @property
    def busy(self) -> bool:
        """Whether another process was changing the collection when it was opened."""
        return self._updating.busy

    @property
    def embedder(self) -> Embedder:
        """What makes the vectors."""
        return self._embedder

    @property
    def models(self) -> dict[str, str]:
        """Names of the models in use: `embedder`, `reader`, `verifier`, `llm`."""
        llm = self._model.name if self._model else "none"
        names = {"embedder": self._embedder.name, "reader": self._reader.name, "verifier": self._verifier.name}
        return names | {"llm": llm}

    # The collection

    def articles(self) -> list[Article]:
        """The reports, sorted by id."""
        return self._catalog.articles()

    @property
    def languages(self) -> dict[str, int]:
        """Language (BCP 47) -> number of reports, most frequent first."""
        return dict(Counter(head.language for head in self._catalog.heads()).most_common())

    def article(self, article_id: str) -> Article | None:
        """One report, None for an unknown id."""
        return self._catalog.article(article_id)

    def add(self, paths: Locations, *, progress: Progress | None = None) -> Update:
        """Add folders, files or addresses to the collection; they stay in it until removed. Errors as for `open`."""
        return self._updating.change(added=_locations(paths), progress=progress)

    def remove(self, article_ids: Iterable[str]) -> Update:
        """Remove reports from the collection and erase their data from `home`; their files are not touched.

        This erases texts, vectors, full-text entries, translations, what was set by hand, and quotes in the page's
        conversations. Raises InputError for an unknown id, StoreError if something could not be erased yet; the next
        change of the collection tries again. `warned` names other collections of the home that have the same report,
        and damaged conversations that may quote it.
        """
        ids = list(dict.fromkeys(several(article_ids)))
        held = {article.id: article for article in self._catalog.heads()}
        if unknown := [id for id in ids if id not in held]:
            raise InputError(f"{unknown[0]}: no report has this id; `askreports articles` lists the ids")
        update = self._updating.change(removed=ids)
        return replace(update, warned=(*update.warned, *still_held(self.home, [held[id] for id in ids])))

    def set(self, article_id: str, values: Mapping[str, str]) -> Update:
        """Correct fields of a report by hand: `title`, `date` (ISO), `place`, `author`, `language`.

        Several authors are separated by ";"; an empty value restores what the text says. Values are kept for the
        report's file or address. Raises InputError for an unknown id or field, or an invalid date.
        """
        article = self._catalog.article(article_id)
        if article is None:
            raise InputError(f"{article_id}: no report has this id; `askreports articles` lists the ids")
        check_given(values)
        return self._updating.change(
            given={article.location: {name: one_line(value) for name, value in values.items()}}
        )

    def update(self, *, again: bool = False, progress: Progress | None = None) -> Update:
        """Bring the collection up to date with its folders and files; `again` rereads all, addresses included."""
        return self._updating.change(again=again, progress=progress)

    def context(self, article_id: str, start: int, end: int, *, sentences: int = 1) -> Passage:
        """`article.text[start:end]` extended to whole sentences, with `sentences` more before and after.

        Raises InputError for an unknown report, or a span outside its text.
        """
        self._know([article_id])
        article = self._catalog.article(article_id)
        if article is None or not 0 <= start < end <= len(article.text):
            raise InputError(f"{article_id}: characters {start} to {end} contain no text")
        held = [stored.passage for stored in self._catalog.sentences_of([article_id]).get(article_id, ())]
        before = [one for one in held if one.end <= start]
        after = [one for one in held if one.start >= end]
        inside = [(one.start, one.end) for one in held if one.start < end and start < one.end]
        around = [(one.start, one.end) for one in (*before[max(0, len(before) - sentences) :], *after[:sentences])]
        spans = [(start, end), *inside, *(around if sentences > 0 else [])]
        low, high = min(span[0] for span in spans), max(span[1] for span in spans)
        return Passage(article_id, low, high, article.text[low:high])

    def ask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """Answer a question in its own language, from the reports that match the filters.

        `options`: `history` (turns, oldest first), `alone` (asks a follow-up as typed), `answer_language` (BCP 47, wins
        over the question's), `default_language` (for a question too short to show one), and as filters `languages`
        (BCP 47 tags), `since` and `until` (days, both inclusive), `articles` (ids).

        Raises QuestionError for an invalid question, InputError for an unknown id, an invalid language tag or an
        empty collection, and ModelError if the language model fails.
        """
        answer: Answer | None = None
        for event in self.stream(question, **options):
            if isinstance(event, AnswerReady):
                answer = event.answer
        assert answer is not None
        return answer

    def stream(self, question: str, **options: Unpack[AskOptions]) -> Iterator[Event]:
        """Yield `EvidenceFound`, `ShortFound` if there is an answer, `TextDelta` ..., `AnswerReady`. See `ask`."""
        filters = self._checked(options)
        if (tag := options.get("answer_language", "")) and not is_tag(tag):
            raise InputError(f"{tag!r} is not a language tag; write the language to answer in as en, de or zh-Hant")
        self._hold_some()
        filtered = filters.over(self._catalog.heads())
        if filtered and not filtered.admitted:
            yield from self._nothing_left(question, filtered, options)
            return
        events = self._chain(filters).events(
            question,
            options.get("history", ()),
            alone=options.get("alone", False),
            answer_language=options.get("answer_language", ""),
            default_language=options.get("default_language", ""),
        )
        for event in events:
            if filtered and isinstance(event, AnswerReady):
                yield AnswerReady(replace(event.answer, filtered=filtered))
            else:
                yield event

    async def aask(self, question: str, **options: Unpack[AskOptions]) -> Answer:
        """`ask` without blocking the event loop; the same options."""
        return await asyncio.to_thread(self.ask, question, **options)

    async def astream(self, question: str, **options: Unpack[AskOptions]) -> AsyncIterator[Event]:
        """`stream` without blocking the event loop; the same options."""
        events = self.stream(question, **options)
        while (event := await asyncio.to_thread(next, events, None)) is not None:
            yield event

    def retrieve(self, question: str, *, limit: int = 20, **options: Unpack[FilterOptions]) -> list[Hit]:
        """At most `limit` windows nearest to the question, best first; no language model. Raises QuestionError."""
        filters = self._checked(options)
        languages_held = list(self._catalog.windows_by_language())
        asked = understand(question, limit=self.settings.max_question_chars, languages=languages_held)
        return self._retriever.retrieve(asked.text, asked.language, limit=limit, filters=filters)

    def search(self, phrase: str, limit: int = 20, **options: Unpack[FilterOptions]) -> list[PhraseMatch]:
        """At most `limit` occurrences of the phrase, by report and offset, each with its sentence.

        Case, diacritics, white space and line breaks are ignored. Raises QuestionError for a phrase without letter or
        digit, InputError for an unknown id, an invalid language tag or an empty collection.
        """
        self._hold_some()
        return self._phrases.find(phrase, limit=limit, filters=self._checked(options))

    def reading(self, question: str) -> tuple[Passage, float] | None:
        """The passage in which the reader finds the answer to a single-fact question, and its probability.

        Uses no language model. None if nothing is found or the question is of another kind. Raises QuestionError.
        """
        return self._chain(Filters()).reading(question)

    def candidates(self, limit: int) -> list[Candidate]:
        """At most `limit` spans that simple questions may ask for, alternating between report languages."""
        heads = self._catalog.heads()
        turns: Counter[str] = Counter()
        order: list[tuple[int, str]] = []
        for head in heads:
            order.append((turns[head.language], head.id))
            turns[head.language] += 1
        found: list[Candidate] = []
        for _, id in sorted(order)[:limit]:
            if len(found) < limit and (article := self._catalog.article(id)):
                held = self._catalog.sentences_of([id]).get(id, ())
                found += candidates(article, [stored.passage for stored in held])
        return found[:limit]

    def gloss(self, article_id: str, start: int, end: int, language: str) -> str:
        """A machine translation of `article.text[start:end]` into the language (BCP 47), cached.

        Raises InputError for an unknown report or an empty span, ModelError without a language model or if it gives no
        translation.
        """
        self._know([article_id])
        article = self._catalog.article(article_id)
        text = " ".join(article.text[start:end].split()) if article else ""
        if not article or not text:
            raise InputError(f"{article_id}: characters {start} to {end} contain no text")
        if self._model is None:
            raise ModelError("a translation needs a language model; set ASKREPORTS_LLM")
        key = hashlib.sha256(text.encode()).hexdigest()
        held = self._catalog.gloss(key, language, self._model.name)
        if held is None:
            held = translate(self._model, text, article.language, language)
            if not held:
                raise ModelError("the language model did not translate it; a stronger one is set with ASKREPORTS_LLM")
            self._catalog.keep_gloss(article, key, language, self._model.name, held)
        return held

    def load(self) -> None:
        """Begin to open the models, each in a thread of its own, and return at once: for a question that comes soon."""
        # Only a sentence of the language model is put to the verifier.
        models = (self._embedder, self._reader, self._verifier) if self._model else (self._embedder, self._reader)
        open_ahead(*(model.load for model in models if isinstance(model, _Loads)))

    def mend_index(self) -> tuple[str, str]:
        """Read the vector index whole, and build it again if something is wrong: what was wrong, and what still is."""
        if not self._retriever.asks_index or not (wrong := self._index.examine()):
            return "", ""
        self._index.refresh(self._progress, anew=True)
        return f"the vector index: {wrong}", self._index.examine()

    def warm(self) -> None:
        """Load the models and open the vector index ahead of the first question."""
        hits = self._retriever.retrieve("?", "en", limit=1) if self._catalog.count() else []
        if hits:
            self._reader.read("?", hits)
        if self._model is not None:
            for hit in hits:
                self._verifier.carries([Statement("?", hit.article, hit.passage, hit.passage.start, hit.passage.end)])
            warm(self._model)
        # Modules, models and the list of reports stay: a full collection looks at all of them, which takes 40 ms with
        # 4,000 reports, in the midst of a question. What is frozen it leaves alone.
        gc.collect()
        gc.freeze()

    # For the llama-index ecosystem

    def as_retriever(self, *, limit: int = 8) -> BaseRetriever:
        """A llama-index retriever over this collection; node metadata: report, offsets and language."""
        from rag.llama_index import ReportsRetriever

        return ReportsRetriever(self, limit)

    def as_query_engine(self) -> BaseQueryEngine:
        """A llama-index query engine; its response has the answer's text, and its citations as source nodes."""
        from rag.llama_index import ReportsQueryEngine

        return ReportsQueryEngine(self)

    # Internals

    def _checked(self, options: FilterOptions) -> Filters:
        """The filters of a call. Raises InputError for an unknown report, language or order of days."""
        filters = Filters.of(options)
        # "deu" and "de" are one language; reports have the short tag.
        filters = replace(filters, languages=tuple(map(primary_tag, filters.languages)))
        self._know(filters.articles)
        for tag in filters.languages:
            if not is_tag(tag) and tag not in map(primary_tag, self.languages):
                raise InputError(f"{tag!r} is not a language tag; {told_languages(self.languages)}")
        if filters.since and filters.until and filters.since > filters.until:
            raise InputError(f"since {filters.since} is after until {filters.until}; swap them")
        return filters

    def _hold_some(self) -> None:
        if not self._catalog.heads():
            raise InputError(f"{self.home}: this collection has no reports; add some with: askreports index FOLDER")

    def _nothing_left(self, question: str, filtered: Filtered, options: AskOptions) -> Iterator[Event]:
        """The answer where the filters leave no report: nothing is read."""
        held = list(self.languages)
        asked = understand(
            question,
            limit=self.settings.max_question_chars,
            languages=held,
            likely=spoken([turn.question for turn in options.get("history", ())], held)
            or options.get("default_language", ""),
            answer=options.get("answer_language", ""),
        )
        text = (language_of(asked.told_in).filtered or language_of("en").filtered).format(of=filtered.of)
        yield EvidenceFound(())
        yield TextDelta(text)
        yield AnswerReady(
            Answer(
                question=asked.text,
                standalone_question=asked.text,
                language=asked.told_in,
                answered=False,
                text=text,
                claims=(),
                citations=(),
                hits=(),
                timings={"evidence": 0.0, "short": 0.0, "total": 0.0},
                models=self.models,
                settings_hash=self.settings.hash,
                filtered=filtered,
            )
        )

    def _chain(self, filters: Filters) -> Chain:
        return Chain(
            collection=FilteredCollection(self._catalog, self._space, self._retriever, filters),
            reader=self._reader,
            verifier=self._verifier,
            model=self._model,
            passages=self.settings.reading_windows,
            question_limit=self.settings.max_question_chars,
            models=self.models,
            settings_hash=self.settings.hash,
        )

    def _know(self, ids: Sequence[str]) -> None:
        held = {head.id for head in self._catalog.heads()} if ids else set()
        for id in ids:
            if id not in held:
                raise InputError(f"{id}: no report has this id; `askreports articles` lists the ids")


@runtime_checkable
class _Loads(Protocol):
    """A model that can be opened ahead of its first use."""

    def load(self) -> None: ...


def told_languages(held: Mapping[str, int]) -> str:
    """The languages of the reports in words: "the reports are in de (German), pl (Polish)"."""
    return f"the reports are in {', '.join(f'{tag} ({language_name(tag)})' for tag in held) or 'no language yet'}"


def _locations(paths: Locations) -> list[str]:
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    said = [location_of(path) for path in given]
    return [path if is_url(path) else location_of(Path(path).expanduser().resolve()) for path in said]


def _as_model(llm: LLM | LanguageModel) -> LanguageModel:
    return from_llama_index(llm) if _is_llama_index(llm) else llm


def _as_embedder(embedder: BaseEmbedding | Embedder) -> Embedder:
    return LlamaIndexEmbedder(embedder) if _is_llama_index_embedding(embedder) else embedder


# Duck-typed: llama-index takes a second to load.
def _is_llama_index(llm: LLM | LanguageModel) -> TypeIs[LLM]:
    return hasattr(llm, "metadata")


def _is_llama_index_embedding(embedder: BaseEmbedding | Embedder) -> TypeIs[BaseEmbedding]:
    return hasattr(embedder, "get_text_embedding")
