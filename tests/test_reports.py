"""A collection from the outside: the five reports with the bundled embedder and a fake reader, and small folders."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from fake_model import FakeModel, WordEmbedder
from fake_reader import DOUBTED, FakeReader, pin
from filelock import FileLock
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata, MockLLM
from places import ROOT, SEEDS, TESTS

import rag.updating
from rag import Reports, Settings
from rag.answering.chain import declined
from rag.encoder.embedding import BundledEmbedder
from rag.errors import InputError, ModelError, NeedError, QuestionError, StoreError
from rag.models import Answer, AnswerReady, EvidenceFound, Filtered, Filters, ShortFound, TextDelta, Turn
from rag.store import Catalog

pytestmark = pytest.mark.usefixtures("clean_environment")

KIM_BANG = "How many skilled mass-mobilization models did Kim Bang report?"
MS, TR, ES, DE, PL = (path.stem for path in sorted(SEEDS.glob("*.txt")))
MODELS = "109 modeli"
QUESTIONS = (
    (KIM_BANG, MODELS, PL),
    ("Wie viele Modelle der geschickten Massenmobilisierung meldete Kim Bang?", MODELS, PL),
    ("¿Cuántos modelos de movilización de masas registró Kim Bang?", MODELS, PL),
    ("Kim Bang kaç nitelikli kitle seferberliği modeli bildirdi?", MODELS, PL),
    ("Ile modeli wykwalifikowanej mobilizacji masowej wdrożono w Kim Bang?", MODELS, PL),
    ("Berapakah bilangan model mobilisasi massa mahir yang dilaporkan oleh Kim Bang?", MODELS, PL),
    ("Huyện Kim Bảng đã báo cáo bao nhiêu mô hình dân vận khéo?", MODELS, PL),
    ("Combien de modèles de mobilisation de masse Kim Bang a-t-il signalés ?", MODELS, PL),
    ("How many models did Ninh Son register?", "29 Modellen", DE),
    ("When did Thai Binh hold its mass mobilization conference?", "21 Aralık", TR),
    ("Who chaired the mass mobilization conference of Ninh Binh?", "Do Viet Anh", ES),
    ("Which project of July 2023 does Thai Binh carry out?", "08-DA/TU", TR),
    ("How many registered tasks were completed in Ninh Binh?", "8/33 tugas", MS),
)


@pytest.fixture(autouse=True)
def pinned(monkeypatch):
    pin(monkeypatch.setattr)


@pytest.fixture
def opened(seeds_home: Path, embedder: BundledEmbedder):
    """Opens the shared index of the five reports, to be read only, with a reader that finds words and a model."""
    held: list[Reports] = []

    def open_with(finds=MODELS, model=None) -> Reports:
        reader = finds if isinstance(finds, FakeReader) else FakeReader({"": finds})
        settings = Settings(llm="none")
        held.append(Reports.open(None, home=seeds_home, settings=settings, llm=model, embedder=embedder, reader=reader))
        return held[-1]

    yield open_with
    for reports in held:
        reports.close()


def tiny(folder: Path | None, home: Path, **more: object) -> Reports:
    """A home's main collection; with `folder` it is made that one."""
    more = {"embedder": WordEmbedder(), "reader": FakeReader({"Lund": "12 votes"}), "main": folder is not None, **more}
    return Reports.open(folder, home=home, settings=Settings(llm="none"), **more)


def same(answer: Answer) -> dict[str, object]:
    """The answer without what two runs may differ in; scores to six figures, as an index may add in another order."""
    told = answer.to_dict()
    del told["timings"]
    for hit in told["hits"]:
        hit["score"] = round(hit["score"], 6)
    return told


def holds(reports: Reports, answer: Answer) -> None:
    texts = {article.id: article.text for article in reports.articles()}
    assert all(texts[c.article_id][c.start : c.end] == c.quote for c in answer.citations)
    assert all(texts[h.passage.article_id][h.passage.start : h.passage.end] == h.passage.text for h in answer.hits)
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    used = [n for claim in answer.claims for n in claim.citations] + [other.citation for other in answer.others]
    assert set(used) == {c.number for c in answer.citations}
    assert answer.answered == bool(answer.citations)
    if answer.answered:
        assert answer.text == " ".join(
            claim.text + "".join(f" [{n}]" for n in claim.citations) for claim in answer.claims
        )


def test_a_row_of_a_table_is_cited_with_the_row_of_its_headings(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    table = "| crop | 2022 | 2023 |\n| --- | --- | --- |\n| Wheat | 1 250 | 1 410 |\n| Rye | 88 | 102 |"
    (folder / "harvest.txt").write_text(f"Harvest of Lund, in tonnes\n\n{table}\n\nThe chamber made it.", "utf-8")
    with tiny(folder, tmp_path / "home", reader=FakeReader({"": "102"})) as reports:
        answer = reports.ask("How much rye was harvested in 2023?")
        holds(reports, answer)
        assert [citation.quote for citation in answer.citations] == ["| Rye | 88 | 102 |", "| crop | 2022 | 2023 |"]
        assert (answer.short, answer.claims[0].citations) == ("102", (1, 2))


def test_a_quote_over_wrapped_lines_stands_as_it_is_in_the_file(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    text = "Ferry\n\nLUND, 3 May 2024 - The council of Lund said on Tuesday that the fer-\nry carried 1,350 people."
    (folder / "ferry.txt").write_text(text, "utf-8")
    with tiny(folder, tmp_path / "home", reader=FakeReader({"": "1,350"})) as reports:
        answer = reports.ask("How many people did the ferry of Lund carry?")
        holds(reports, answer)
        assert answer.citations[0].quote == text[text.index("LUND") :]
        assert answer.hits[0].passage.reads.endswith("that the ferry carried 1,350 people.")


def test_what_a_person_sets_is_kept_and_told(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.txt").write_text("The council of Lund counted 12 votes.", "utf-8")
    with tiny(folder, tmp_path / "home") as reports:
        assert reports.set("a", {"date": "2021-03-05"}).changed == ("a",)
        (held,) = reports.articles()
        assert held.published.isoformat() == "2021-03-05" and ("published", "hand") in held.origins
        for id, values in (("b", {"date": "2021-03-05"}), ("a", {"colour": "red"}), ("a", {"date": "yesterday"})):
            with pytest.raises(InputError):
                reports.set(id, values)


# Answers over the five reports

# The passage leaves out what its report is about, and others that speak of the same stand nearer to the question.
NOT_READ = pytest.mark.xfail(strict=True, reason="the passage does not say which report it is of")
NAMELESS = ("When did Thai Binh hold its", "How many registered tasks")


@pytest.mark.parametrize(
    ("question", "words", "article"),
    [pytest.param(*case, id=case[0], marks=[NOT_READ] if case[0].startswith(NAMELESS) else []) for case in QUESTIONS],
)
def test_the_proving_passage_is_read_and_cited_in_every_language(opened, question, words, article):
    reports = opened(words)
    answer = reports.ask(question)
    holds(reports, answer)
    assert answer.answered
    (citation,) = answer.citations
    assert citation.article_id == article and words in citation.quote
    assert answer.models == {
        "embedder": reports.models["embedder"],
        "reader": "fake",
        "verifier": "bundled",
        "llm": "none",
    }
    assert answer.settings_hash == reports.settings.hash


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What is the population of Kim Bang district?"),
        ("de", "Wie viele Einwohner hat der Bezirk Kim Bang?"),
        ("pl", "Ilu mieszkańców ma dystrykt Kim Bang?"),
        ("ms", "Berapakah bilangan penduduk daerah Kim Bang?"),
        ("fr", "Combien d'habitants compte le district de Kim Bang ?"),
    ],
)
def test_what_the_reports_do_not_say_is_declined_in_the_questions_language(opened, language, question):
    answer = opened((MODELS, DOUBTED)).ask(question)
    assert (answer.answered, answer.citations, answer.claims) == (False, (), ())
    assert (answer.language, answer.text) == (language, declined(language))
    assert answer.hits  # what was looked at can still be shown


@pytest.mark.parametrize(
    "said", ["Kim Bang reported 109 models, 5,000 in all.", "Kim Bang reported 109 models in Hai Phong."]
)
def test_what_a_model_invents_is_never_told(opened, said):
    answer = opened(model=FakeModel(said)).ask(KIM_BANG)
    assert (answer.text, answer.models["llm"]) == ("109 [1]", "fake")


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("skilled mass mobilization", "skilled mass mobilization"),
        ("rainy weather", "“wykwalifikowanej mobilizacji masowej” (Polish)"),
    ],
)
def test_a_translation_must_be_near_what_it_translates(opened, said, short):
    """By the real vectors."""
    reports = opened("wykwalifikowanej mobilizacji masowej", FakeModel(translated=said))
    assert reports.ask("What are the models of Kim Bang about?").short == short


def test_stream_tells_evidence_first_then_the_short_answer_then_the_text(opened):
    reader, model = FakeReader({"": MODELS}), FakeModel("Kim Bang reported 109 models.")
    events = opened(reader, model).stream(KIM_BANG)
    first = next(events)
    assert isinstance(first, EvidenceFound) and first.hits[0].article.id == PL
    assert reader.asked == model.prompts == []  # before anything is read
    short = next(events)
    assert isinstance(short, ShortFound) and short.short == "109"
    assert model.prompts == []  # before any word of the model
    *deltas, last = events
    assert isinstance(last, AnswerReady) and deltas and all(isinstance(event, TextDelta) for event in deltas)
    assert "".join(event.text for event in deltas) == last.answer.text == "Kim Bang reported 109 models. [1]"
    assert last.answer.hits == first.hits and set(last.answer.timings) == {"evidence", "short", "total"}


async def test_the_four_ways_of_asking_agree(opened):
    reports = opened()
    asked = reports.ask(KIM_BANG, languages=["pl"])
    *_, streamed = reports.stream(KIM_BANG, languages=["pl"])
    events = [event async for event in reports.astream(KIM_BANG, languages=["pl"])]
    assert [type(event) for event in events[:3]] == [EvidenceFound, ShortFound, TextDelta]
    awaited = await reports.aask(KIM_BANG, languages=["pl"])
    assert same(asked) == same(streamed.answer) == same(events[-1].answer) == same(awaited)
    assert {hit.article.language for hit in awaited.hits} == {"pl"}


async def test_asking_does_not_block_the_event_loop(opened):
    gate = threading.Event()

    def waits(question):
        assert gate.wait(30), "the loop never got its turn"
        return ()

    reports = opened(FakeReader(waits))
    asking = asyncio.create_task(reports.aask(KIM_BANG))
    streaming = asyncio.create_task(anext_all(reports.astream(KIM_BANG)))
    await asyncio.sleep(0)
    gate.set()  # reached only if both calls gave the loop back
    assert not (await asking).answered
    assert isinstance((await streaming)[-1], AnswerReady)


async def anext_all(events) -> list[object]:
    return [event async for event in events]


@pytest.mark.parametrize(
    ("model", "standalone"),
    [
        (None, f"{KIM_BANG} And in Ninh Son?"),
        (
            FakeModel(rewritten="How many models did Ninh Son register?", small=False),
            "How many models did Ninh Son register?",
        ),
    ],
    ids=["leaning", "rewritten"],
)
def test_follow_up_is_understood_from_the_history(opened, model, standalone):
    reader = FakeReader({"Ninh Son": "29 Modellen"})
    history = [Turn(KIM_BANG, "Kim Bang reported 109 models. [1]")]
    answer = opened(reader, model).ask("And in Ninh Son?", history=history)
    assert (answer.question, answer.standalone_question) == ("And in Ninh Son?", standalone)
    assert answer.citations[0].article_id == DE


@pytest.mark.parametrize(
    ("filters", "articles"),
    [
        ({"languages": ["pl"]}, {PL}),
        ({"languages": ["pl", "de-DE"]}, {PL, DE}),
        ({"languages": ["pol", "deu"]}, {PL, DE}),  # ISO 639-2
        ({"articles": [ES]}, {ES}),
        ({"since": date(2024, 1, 19)}, {ES, MS}),
        ({"until": date(2024, 1, 18)}, {TR}),
        ({"until": "2024-01-18"}, {TR}),
        ({"since": date(2024, 1, 19), "until": date(2024, 1, 19)}, {ES}),
        ({"languages": ["ms"], "until": date(2024, 1, 1)}, set()),
        ({"languages": ["fr"]}, set()),
    ],
)
def test_filters_say_which_reports_may_answer(opened, filters, articles):
    reports = opened()
    question = "What was decided about mass mobilization?"
    assert {hit.article.id for hit in reports.retrieve(question, **filters)} == articles
    assert {hit.article.id for hit in reports.ask(question, **filters).hits} == articles


@pytest.mark.parametrize(
    ("filters", "admitted", "without"),
    [
        ({"languages": ["pl"]}, 1, 0),
        ({"since": date(2024, 1, 19)}, 2, 2),
        ({"since": date(2024, 1, 19), "languages": ["pl", "ms"]}, 1, 1),
        ({"languages": ["pl"], "until": date(2030, 1, 1)}, 0, 1),
        ({"languages": ["fr"]}, 0, 0),
    ],
)
def test_an_answer_says_what_the_filters_left(opened, filters, admitted, without):
    reader = FakeReader({"": MODELS})
    answer = opened(reader).ask(KIM_BANG, **filters)
    assert answer.filtered == Filtered(admitted, 5, without)
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))).filtered == answer.filtered
    if not admitted:
        assert reader.asked == [] and answer.hits == answer.citations == ()
        assert (answer.answered, answer.text) == (False, "No report fits the filters (0/5).")


def test_where_filters_leave_nothing_the_language_of_the_answer_is_the_chosen_one(opened):
    nothing = {"since": date(2099, 1, 1)}
    german = opened().ask(KIM_BANG, answer_language="de", **nothing)
    assert (german.language, german.text) == ("de", "Kein Bericht passt zu den Filtern (0/5).")
    assert opened().ask("109?", default_language="de", **nothing).language == "de"
    earlier = [Turn("Wie viele Modelle meldete Kim Bang?", "109")]
    assert opened().ask("Und 2023?", history=earlier, **nothing).language == "de"


def test_a_report_that_changed_meanwhile_has_no_sentences_at_the_old_places(folder, tmp_path):
    with tiny(folder, tmp_path / "home") as reports:
        before = reports.article("lund")
        held = reports._chain(Filters()).collection
        assert held.sentences(before, 0, 5)
        (folder / "lund.txt").write_text("Gone. " + before.text, encoding="utf-8")
        reports.update()
        assert held.sentences(before, 0, 5) == [] and held.sentences(reports.article("lund"), 0, 5)
        reports.remove(["lund"])
        assert held.sentences(before, 0, 5) == []


def test_a_text_that_is_no_day_is_named(opened):
    with pytest.raises(InputError, match="'May 2024': write the day as year-month-day"):
        opened().ask(KIM_BANG, since="May 2024")


def test_without_filters_nothing_is_said_of_them(opened):
    assert opened().ask(KIM_BANG).filtered is None


def test_nothing_left_is_said_in_the_questions_language_as_a_stream(opened):
    question = "Ile modeli wykwalifikowanej mobilizacji masowej wdrożono w Kim Bang?"
    first, *deltas, last = opened().stream(question, languages=["fr"])
    assert first == EvidenceFound(())
    assert "".join(event.text for event in deltas) == last.answer.text == "Żaden raport nie pasuje do filtrów (0/5)."


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"languages": ["german"]}, r"'german' is not a language tag; the reports are in .*de \(German\)"),
        ({"languages": ["pl", ""]}, "'' is not a language tag"),
        ({"since": date(2024, 5, 2), "until": date(2024, 5, 1)}, "since 2024-05-02 is after until 2024-05-01"),
    ],
)
def test_filters_that_cannot_be_meant_are_refused(opened, filters, words):
    reports = opened()
    for call in (reports.ask, reports.retrieve, reports.search):
        with pytest.raises(InputError, match=words):
            call(KIM_BANG, **filters)


def test_a_language_to_answer_in_that_is_none_is_refused(opened):
    with pytest.raises(InputError, match=r"'klingonisch' is not a language tag; write the language to answer in as en"):
        opened().ask(KIM_BANG, answer_language="klingonisch")
    assert opened().ask(KIM_BANG, answer_language="pl").language == "pl"


def test_a_phrase_is_searched_with_filters(opened):
    reports = opened()
    (found, *_) = reports.search("109 MODELI", languages=["pl"])
    assert found.article.id == PL and found.article.text[found.start : found.end] == MODELS
    assert reports.search(MODELS, languages=["de"]) == []


def test_a_text_alone_is_one_language_or_one_report(opened):
    reports = opened()
    for filters in ({"languages": "pl"}, {"articles": PL}, {"languages": "pl", "articles": PL}):
        assert {found.article.id for found in reports.search("109 MODELI", **filters)} == {PL}
    assert reports.search("109 MODELI", languages="", articles="")
    with pytest.raises(InputError, match="nowhere: no report has this id"):
        reports.remove("nowhere")


def test_an_unknown_report_in_a_filter_is_named(opened):
    reports = opened()
    for call in (reports.ask, reports.retrieve):
        with pytest.raises(InputError, match="nowhere: no report has this id"):
            call(KIM_BANG, articles=[PL, "nowhere"])


@pytest.mark.parametrize("question", ["", "  ", "🎉🎉", "\0", "a" * 10_000])
def test_questions_that_cannot_be_read(opened, question):
    reports = opened()
    for call in (reports.ask, reports.retrieve, lambda text: list(reports.stream(text))):
        with pytest.raises(QuestionError):
            call(question)


def test_retrieve_gives_at_most_what_was_asked_for_best_first(opened):
    hits = opened().retrieve(KIM_BANG, limit=3)
    assert len(hits) == 3 and hits[0].article.id == PL
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_folder_without_a_readers_weights_is_refused_with_the_way_out(seeds_home, embedder, tmp_path):
    settings = Settings(llm="none", reader=str(tmp_path))
    with pytest.raises(NeedError, match="ASKREPORTS_READER"):
        Reports.open(None, home=seeds_home, settings=settings, embedder=embedder)


@pytest.mark.parametrize("wanted", [True, False])
def test_the_embedder_is_opened_while_the_collection_is(folder, tmp_path, wanted):
    begun = threading.Event()

    class Loading(WordEmbedder):
        def load(self) -> None:
            begun.set()
            raise NeedError("told to who needs it")

    with tiny(folder, tmp_path / "home", embedder=Loading(), load=wanted) as reports:
        assert begun.wait(timeout=10 if wanted else 0) is wanted
        assert reports.ask("How many votes did Lund count?").answered


def test_warming_reads_once_and_loads_the_model(opened):
    reader, model = FakeReader({}), FakeModel()
    opened(reader, model).warm()
    assert len(reader.asked) == 1 and model.prompts == []


# Translations of what is cited


def test_no_translation_is_not_kept_as_one(folder, tmp_path):
    model = FakeModel(translated="")
    with tiny(folder, tmp_path / "home", llm=model) as reports:
        for _ in range(2):
            with pytest.raises(ModelError, match="did not translate"):
                reports.gloss("oslo", 0, 20, "en")
        assert len(model.asked("translate")) == 2


def test_a_translation_is_made_once_for_a_language_and_kept(folder, tmp_path):
    model = FakeModel(translated=" The council met \n in Oslo. ")
    with tiny(folder, tmp_path / "home", llm=model) as reports:
        text = reports.article("oslo").text
        end = text.index(".") + 1
        assert reports.gloss("oslo", 0, end, "en") == "The council met in Oslo."
        assert reports.gloss("oslo", 0, end, "en") == "The council met in Oslo."
        (prompt,) = model.asked("translate")
        assert text[:end] in prompt.user and "Polish" in prompt.user and "English" in prompt.user
        reports.gloss("oslo", 0, end, "de")
        assert len(model.prompts) == 2 and "German" in model.prompts[1].user
    fresh = FakeModel(translated="never")
    with tiny(None, tmp_path / "home", llm=fresh) as reports:
        assert reports.gloss("oslo", 0, end, "en") == "The council met in Oslo."
        assert fresh.prompts == []


def test_a_translation_of_nothing_or_by_nobody_says_so(folder, tmp_path):
    with tiny(folder, tmp_path / "home", llm=FakeModel()) as reports:
        for start, end in ((5, 5), (10_000, 10_010), (9, 3)):
            with pytest.raises(InputError, match="contain no text"):
                reports.gloss("oslo", start, end, "en")
        with pytest.raises(InputError, match="nowhere"):
            reports.gloss("nowhere", 0, 5, "en")
    with tiny(None, tmp_path / "home") as reports, pytest.raises(ModelError, match="ASKREPORTS_LLM"):
        reports.gloss("oslo", 0, 5, "en")


def test_a_translation_that_fails_is_not_kept(folder, tmp_path):
    failing = FakeModel(translated=ModelError("gone; start it again"))
    with tiny(folder, tmp_path / "home", llm=failing) as reports, pytest.raises(ModelError, match="start it again"):
        reports.gloss("oslo", 0, 10, "en")
    with tiny(None, tmp_path / "home", llm=FakeModel(translated="The council")) as reports:
        assert reports.gloss("oslo", 0, 10, "en") == "The council"


# Objects of llama-index


class Scripted(CustomLLM):
    """A llama-index model that puts the short answer of its prompt into a sentence."""

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted")

    def complete(self, prompt: str, formatted: bool = False, **more: object) -> CompletionResponse:
        assert "Short answer: 109" in prompt
        return CompletionResponse(text="Kim Bang reported 109 models.")

    def stream_complete(self, prompt: str, formatted: bool = False, **more: object):
        yield self.complete(prompt)


def test_a_llama_index_model_answers(opened):
    reports = opened(model=Scripted())
    answer = reports.ask(KIM_BANG)
    holds(reports, answer)
    assert answer.text == "Kim Bang reported 109 models. [1]"
    assert (answer.citations[0].article_id, answer.models["llm"]) == (PL, "scripted")


def test_a_model_that_echoes_its_prompt_says_nothing_unproven(opened):
    reports = opened(model=MockLLM())
    answer = reports.ask(KIM_BANG)
    holds(reports, answer)
    assert "short answer" not in answer.text.lower() and "109" in answer.text


def test_a_llama_index_embedding_indexes_and_stamps_the_index(folder, tmp_path):
    with tiny(folder, tmp_path / "home", embedder=MockEmbedding(embed_dim=8)) as reports:
        assert len(reports.retrieve("votes in Lund")) == 3
        answer = reports.ask("How many votes did the council of Lund count?")
        assert "MockEmbedding" in answer.models["embedder"]
    with pytest.raises(StoreError, match="made with the embedder .*MockEmbedding.*askreports index --again"):
        tiny(None, tmp_path / "home")
    with tiny(None, tmp_path / "home", again=True) as reports:
        assert reports.retrieve("How many votes did the council of Lund count?")[0].article.id == "lund"


# Errors leave everything usable


def test_a_model_that_fails_midway_harms_nothing(opened):
    model = FakeModel(ModelError("went away; start it again"))
    reports = opened(model=model)
    events = reports.stream(KIM_BANG)
    assert [type(next(events)) for _ in range(2)] == [EvidenceFound, ShortFound]
    with pytest.raises(ModelError, match="start it again"):
        next(events)
    assert reports.retrieve(KIM_BANG)[0].article.id == PL
    assert not opened((), model).ask(KIM_BANG).answered


def test_a_stream_that_is_left_early_harms_nothing(opened):
    reports = opened()
    events = reports.stream(KIM_BANG)
    next(events)
    events.close()
    assert reports.ask(KIM_BANG).answered


def test_context_manager_closes_the_model_even_on_an_error(seeds_home, embedder):
    model, settings = FakeModel(), Settings(llm="none")
    held = {"llm": model, "embedder": embedder, "reader": FakeReader({})}
    with pytest.raises(KeyError), Reports.open(None, home=seeds_home, settings=settings, **held) as reports:
        assert isinstance(reports, Reports) and len(reports.articles()) == 5
        raise KeyError
    assert model.closed


def test_questions_from_many_threads(opened):
    reports = opened()
    wanted = same(reports.ask(KIM_BANG))
    found: list[dict[str, object]] = []
    threads = [threading.Thread(target=lambda: found.append(same(reports.ask(KIM_BANG)))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 6


# The collection


def ids(reports: Reports) -> list[str]:
    return [article.id for article in reports.articles()]


def write_rome(folder: Path) -> Path:
    path = folder / "rome.txt"
    path.write_text("El alcalde de Roma habló. Hubo 7 votos.", encoding="utf-8")
    return path


def test_open_reads_a_folder_and_open_without_paths_takes_what_was_there(folder, tmp_path):
    home = tmp_path / "home"
    with tiny(folder, home) as reports:
        assert reports.updated.added == ("lund", "lyon", "oslo")
        assert [article.language for article in reports.articles()] == ["en", "de", "pl"]
        assert reports.article("lund").text.startswith("The council") and reports.article("nowhere") is None
    second = WordEmbedder()
    with tiny(None, home, embedder=second) as reports:
        assert reports.updated == type(reports.updated)() and ids(reports) == ["lund", "lyon", "oslo"]
        assert second.embedded == 0  # nothing is embedded twice
        (folder / "lyon.txt").unlink()
        (folder / "oslo.txt").write_text("Rada miasta Oslo zebrała się 6 lipca 2023 r.", encoding="utf-8")
        (folder / "rome.txt").write_text("El alcalde de Roma habló. Hubo 7 votos.", encoding="utf-8")
        update = reports.update()
        assert (update.added, update.changed, update.removed) == (("rome",), ("oslo",), ("lyon",))
        assert {hit.article.id for hit in reports.retrieve("votes for the school")} == {"lund", "oslo", "rome"}
    with tiny(None, home) as reports:
        assert ids(reports) == ["lund", "oslo", "rome"]


def test_an_empty_collection_never_answers(folder, tmp_path):
    with tiny(None, tmp_path / "home", main=True) as reports:
        assert reports.articles() == [] and reports.retrieve("What was decided?") == []
        with pytest.raises(InputError, match="has no reports; add some"):
            reports.ask("What was decided?")
        reports.add(folder)
        reports.remove(ids(reports))
        with pytest.raises(InputError, match="has no reports"):
            reports.ask("What was decided?")


def test_a_home_without_an_index_is_told_and_not_made(folder, tmp_path, monkeypatch):
    home = tmp_path / "hoem"
    with pytest.raises(InputError, match=r"hoem: nothing is indexed there; check the path, .*--home"):
        tiny(None, home)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="nothing is indexed there; name reports"):
        Reports.open(settings=Settings(llm="none"))
    assert not home.exists() and not (tmp_path / ".askreports").exists()
    # A collection of its own is no main one.
    tiny(folder, home, main=False).close()
    with pytest.raises(InputError, match="nothing is indexed"):
        tiny(None, home)
    (tmp_path / "file").write_text("x")
    for paths in (None, folder):
        with pytest.raises(InputError, match="is a file"):
            tiny(paths, tmp_path / "file")


def test_named_reports_are_a_collection_of_their_own(folder, tmp_path):
    home, other = tmp_path / "home", tmp_path / "other"
    other.mkdir()
    (other / "rome.txt").write_text("El alcalde de Roma habló. Hubo 7 votos.", encoding="utf-8")
    (other / "copy.txt").write_bytes((folder / "lund.txt").read_bytes())
    tiny(folder, home).close()
    before = (home / "catalog.sqlite3").read_bytes()
    embedder = WordEmbedder()
    with tiny(other, home, main=False, embedder=embedder) as reports:
        assert ids(reports) == ["copy", "rome"]
        assert embedder.embedded == 3  # those of Rome: one window, two sentences
        assert {hit.article.id for hit in reports.ask("How many votes?").hits} == {"copy", "rome"}
        assert reports.home.is_relative_to(home) and reports.home != home
        reports.remove(["copy"])
        reports.add(folder / "oslo.txt")
    with tiny(None, home) as reports:
        assert ids(reports) == ["lund", "lyon", "oslo"]
    assert (home / "catalog.sqlite3").read_bytes() == before
    with tiny([other / "rome.txt"], home, main=False) as reports:
        assert ids(reports) == ["rome"]
    with tiny([str(other)], home, main=False) as reports:  # named again, a removed report is back; what was added stays
        assert ids(reports) == ["copy", "oslo", "rome"]


def test_the_main_collection_by_its_name_is_the_main_one(folder, tmp_path):
    home = tmp_path / "home"
    tiny(folder, home).close()
    with tiny(folder, home, main=False) as reports:
        assert reports.home == home and ids(reports) == ["lund", "lyon", "oslo"]
        reports.add(write_rome(tmp_path))
        reports.remove(["oslo"])
    # What came and went since does not make it another one, and to ask it undoes no removal.
    for paths in (folder, None):
        with tiny(paths, home, main=False) as reports:
            assert reports.home == home and ids(reports) == ["lund", "lyon", "rome"]
    with tiny([folder, tmp_path / "rome.txt"], home, main=False) as reports:
        assert reports.home != home


def test_a_collection_that_no_command_reaches_any_more_is_told_with_its_folder(folder, tmp_path):
    home = tmp_path / "home"
    with tiny(folder, home, main=False) as reports:
        place = reports.home
    with tiny(folder, home) as reports:
        (warned,) = reports.remove(["oslo"]).warned
    assert warned.warning.endswith(f"delete that folder: {place}")


def test_with_another_embedder_named_reports_are_embedded_again_and_the_main_collection_is_refused(folder, tmp_path):
    home, other = tmp_path / "home", WordEmbedder()
    other.name = "other"
    tiny(folder, home).close()
    with tiny(folder / "lund.txt", home, main=False) as reports:
        assert ids(reports) == ["lund"]
    with tiny(folder / "lund.txt", home, main=False, embedder=other) as reports:
        assert reports.updated.changed == ("lund",) and other.embedded == 3
        assert reports.retrieve("How many votes did the council of Lund count?")[0].article.id == "lund"
    with pytest.raises(StoreError, match="index --again"):
        tiny(None, home, embedder=other)


def test_a_broken_main_collection_does_not_keep_others_from_being_asked(folder, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "catalog.sqlite3").write_bytes(b"garbage " * 1000)
    with tiny(folder, tmp_path / "home", main=False) as reports:
        assert ids(reports) == ["lund", "lyon", "oslo"]
    with pytest.raises(StoreError):
        tiny(None, tmp_path / "home")


def test_a_failed_opening_leaves_no_collection(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty"):
        tiny(tmp_path / "empty", tmp_path / "home", main=False)
    assert not list((tmp_path / "home").rglob("catalog*")) and not list((tmp_path / "home").glob("collections/*"))


def test_a_failed_opening_deletes_nothing_that_another_process_is_making(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(rag.updating, "LOCK_SECONDS", 0.01)
    failed = []

    class Crossed(WordEmbedder):
        def passages(self, texts):
            with pytest.raises(StoreError, match="another process is changing this collection") as caught:
                tiny(folder, tmp_path / "home", main=False)
            failed.append(caught)
            return super().passages(texts)

    with tiny(folder, tmp_path / "home", main=False, embedder=Crossed()) as reports:
        assert failed and (reports.home / "catalog.sqlite3").exists()
    again = WordEmbedder()
    with tiny(folder, tmp_path / "home", main=False, embedder=again) as reports:
        assert ids(reports) == ["lund", "lyon", "oslo"] and again.embedded == 0


def test_a_failed_opening_deletes_nothing_that_another_process_waits_for(folder, tmp_path):
    waiting = []

    class Failing(WordEmbedder):
        def passages(self, texts):
            (file,) = (tmp_path / "home").rglob("catalog.sqlite3")
            waiting.append(Catalog(file))
            raise ModelError("gone")

    with pytest.raises(ModelError):
        tiny(folder, tmp_path / "home", main=False, embedder=Failing())
    assert waiting[0].path.exists()
    waiting[0].close()


@pytest.mark.parametrize("made", ["missing", "empty"])
def test_open_of_a_folder_without_reports_says_so_and_changes_nothing(folder, tmp_path, made):
    home, other = tmp_path / "home", tmp_path / made
    tiny(folder, home).close()
    if made == "empty":
        other.mkdir()
    with pytest.raises(InputError, match=made):
        tiny(other, home)
    with tiny(None, home) as reports:
        assert ids(reports) == ["lund", "lyon", "oslo"]


def test_a_quote_is_shown_with_the_sentences_around_it(tmp_path):
    folder = tmp_path / "reports"
    folder.mkdir()
    text = "Bir köprü açıldı. İkincisi kapandı. Üçüncüsü yıkıldı.\n\nDördüncüsü yeni."
    (folder / "tr.txt").write_text(text, encoding="utf-8")
    with tiny(folder, tmp_path / "home") as reports:
        at = text.index("kapandı")

        def around(sentences, start=at, end=at + 3):
            passage = reports.context("tr", start, end, sentences=sentences)
            assert text[passage.start : passage.end] == passage.text
            return passage.text

        assert around(0) == "İkincisi kapandı."
        assert around(1) == text[: text.index("\n")]
        assert around(9) == text
        assert around(2) == text  # one before it, two after
        assert around(1, 0, 3) == "Bir köprü açıldı. İkincisi kapandı."
        assert around(0, 4, at + 2) == "Bir köprü açıldı. İkincisi kapandı."
        for wrong in ((-1, 4), (4, 4), (0, len(text) + 1)):
            with pytest.raises(InputError, match="tr: characters"):
                reports.context("tr", *wrong)
        with pytest.raises(InputError, match="no report has this id"):
            reports.context("pl", 0, 4)


def test_a_removed_report_stays_out_until_it_is_added_again(folder, tmp_path):
    home = tmp_path / "home"
    with tiny(folder, home) as reports:
        assert reports.remove(["oslo"]).removed == ("oslo",)
        assert ids(reports) == ["lund", "lyon"] and (folder / "oslo.txt").exists()
        assert {hit.article.id for hit in reports.retrieve("109 głosów w Oslo")} == {"lund", "lyon"}
        assert reports.update().added == ()
        with pytest.raises(InputError, match="oslo: no report has this id"):
            reports.remove(["lund", "oslo"])
        assert ids(reports) == ["lund", "lyon"]  # all of them or none
    with tiny(None, home) as reports:
        assert ids(reports) == ["lund", "lyon"]
        assert reports.add(folder / "oslo.txt").added == ("oslo",)
    with tiny(None, home) as reports:
        assert ids(reports) == ["lund", "lyon", "oslo"]
        assert reports.retrieve("109 głosów w Oslo")[0].article.id == "oslo"


def test_added_files_stay_when_the_folder_is_opened_again(folder, tmp_path):
    home, more = tmp_path / "home", tmp_path / "more.txt"
    more.write_text("El alcalde de Roma habló. Hubo 7 votos.", encoding="utf-8")
    with tiny(folder, home) as reports:
        assert reports.add([more]).added == ("more",)
        with pytest.raises(InputError, match=r"gone\.txt"):
            reports.add(tmp_path / "gone.txt")
    with tiny(folder, home) as reports:
        assert ids(reports) == ["lund", "lyon", "more", "oslo"]


def test_bad_files_beside_good_ones_are_named_and_cost_nothing(folder, tmp_path):
    (folder / "empty.txt").write_bytes(b"")
    (folder / "blank.txt").write_text(" \n\n", encoding="utf-8")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "copy.txt").write_bytes((folder / "lund.txt").read_bytes())
    (folder / "sub").mkdir()
    (folder / "sub" / "lyon.txt").write_text("El alcalde de Lyon habló. Hubo 7 votos.", encoding="utf-8")
    (folder / "large.txt").write_text("Rada miasta. " * 5000, encoding="utf-8")
    with tiny(folder, tmp_path / "home") as reports:
        assert {Path(skipped.location).name for skipped in reports.updated.skipped} >= {
            "empty.txt",
            "blank.txt",
            "binary.txt",
        }
        assert all(skipped.reason for skipped in reports.updated.skipped)
        texts = {article.text: article for article in reports.articles()}
        assert len(texts) == len(reports.articles()) == 5
        double = texts[(folder / "lund.txt").read_text("utf-8")]
        assert {Path(place).name for place in (double.location, *double.also)} == {"lund.txt", "copy.txt"}
        assert len({article.id for article in texts.values() if "lyon" in article.id}) == 2
    settings = Settings(llm="none", max_file_mb=0.01)
    held = {"embedder": WordEmbedder(), "reader": FakeReader({})}
    with Reports.open(folder, home=tmp_path / "other", settings=settings, **held) as reports:
        assert "large.txt" in {Path(skipped.location).name for skipped in reports.updated.skipped}
        assert len(reports.articles()) == 4


def test_a_big_report_is_read_whole(tmp_path):
    lines = [f"Report {number} of the council of Lund counted {number} votes." for number in range(1500)]
    file = tmp_path / "big.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    with tiny(file, tmp_path / "home") as reports:
        (article,) = reports.articles()
        assert article.text == "\n".join(lines)
        hits = reports.retrieve("How many votes did report 1477 count?", limit=100)
        assert any("Report 1477 " in hit.passage.text for hit in hits)
        holds(reports, reports.ask("How many votes did report 1477 count?"))


# One home, several openers


def test_the_same_home_opened_twice_in_one_process(folder, tmp_path):
    home = tmp_path / "home"
    with tiny(folder, home) as one, tiny(None, home) as two:
        question = "How many votes did the council of Lund count?"
        assert same(one.ask(question)) == same(two.ask(question))
        two.remove(["lund"])
        assert "lund" not in {hit.article.id for hit in one.ask(question).hits}
        one.add(folder / "lund.txt")
        assert same(one.ask(question)) == same(two.ask(question))
        assert two.retrieve(question)[0].article.id == "lund"


def test_what_is_there_is_asked_while_another_process_indexes(folder, tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setattr(rag.updating, "LOCK_SECONDS", 0.01)
    monkeypatch.setattr(rag.updating, "BUSY_SECONDS", 0.01)
    with tiny(folder, home) as reports:
        assert not reports.busy
    with FileLock(home / "writing.lock"):
        with tiny(None, home) as reports:
            assert reports.busy and len(reports.ask("How many votes did the council of Lund count?").hits) == 3
        for more in ({"main": True}, {"again": True}):
            with pytest.raises(StoreError, match="another process"):
                tiny(None, home, **more)
        with pytest.raises(InputError, match="nothing is indexed"):
            tiny(None, tmp_path / "empty")


class Gated(WordEmbedder):
    """Waits before the last of the three reports until the gate is opened."""

    def __init__(self):
        super().__init__()
        self.gate = threading.Event()

    def passages(self, texts):
        if any("Oslo" in text for text in texts):
            assert self.gate.wait(30)
        return super().passages(texts)


def test_without_waiting_the_first_reports_are_asked_while_the_others_come(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.store.indexing.BATCH", 2)
    monkeypatch.setattr(rag.updating, "EARLY_SECONDS", 0.01)
    embedder = Gated()
    with tiny(folder, tmp_path / "home", main=False, wait=False, embedder=embedder) as reports:
        assert "oslo" not in ids(reports) and reports.updated.added == ()
        assert reports.ask("How many votes did the council of Lund count?").answered
        embedder.gate.set()
        reports._updating._behind.join(30)
        assert ids(reports) == ["lund", "lyon", "oslo"] and reports.updated.added == ("lund", "lyon", "oslo")


def test_closing_stops_an_update_in_the_background_and_the_next_goes_on(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.store.indexing.BATCH", 2)
    monkeypatch.setattr(rag.updating, "EARLY_SECONDS", 0.01)
    embedder = Gated()
    reports = tiny(folder, tmp_path / "home", main=False, wait=False, embedder=embedder)
    closing = threading.Thread(target=reports.close)
    closing.start()
    stopped = reports._updating._closing.wait(10)
    embedder.gate.set()
    closing.join(30)
    assert stopped and not reports._updating._behind.is_alive()
    stored = Catalog(reports._catalog.path)
    assert "oslo" not in {article.id for article in stored.heads()}
    stored.close()
    with tiny(folder, tmp_path / "home", main=False) as reports:
        assert ids(reports) == ["lund", "lyon", "oslo"]


def test_an_early_error_of_the_background_is_raised(tmp_path):
    with pytest.raises(InputError, match="gone: there is no such file"):
        tiny(tmp_path / "gone", tmp_path / "home", main=False, wait=False)


def test_a_home_that_is_being_changed_says_so(folder, tmp_path, monkeypatch):
    home = tmp_path / "home"
    with tiny(folder, home) as reports:
        monkeypatch.setattr(rag.updating, "LOCK_SECONDS", 0.01)
        with FileLock(home / "writing.lock"), pytest.raises(StoreError, match="another process.*ASKREPORTS_HOME"):
            reports.remove(["lund"])
        with FileLock(home / "writing.lock"):
            assert len(reports.ask("How many votes did the council of Lund count?").hits) == 3  # needs no lock
        assert reports.remove(["lund"]).removed == ("lund",)


def test_a_home_without_the_right_to_write_says_so(folder, tmp_path, monkeypatch):
    def refused(self, **more):
        raise PermissionError(13, "Permission denied")

    tiny(folder, tmp_path / "home").close()
    monkeypatch.setattr(FileLock, "acquire", refused)
    with pytest.raises(StoreError, match=r"cannot be written \(Permission denied\); change its permissions, or"):
        tiny(None, tmp_path / "home")


def test_two_files_of_one_text_are_one_report_and_both_are_named(folder, tmp_path):
    (folder / "copy.txt").write_bytes((folder / "oslo.txt").read_bytes())
    with tiny(folder, tmp_path / "home", main=False) as reports:
        (found,) = reports.search("109 głosów")
        assert {Path(place).name for place in (found.article.location, *found.article.also)} == {"copy.txt", "oslo.txt"}
        assert reports.remove([found.article.id]).removed == (found.article.id,)
        assert reports.search("109 głosów") == []


OTHER_PROCESS = """
import json, sys
sys.path.insert(0, {tests!r})
import pytest
from fake_model import WordEmbedder
from fake_reader import FakeReader, pin
from rag import Reports, Settings
pin(pytest.MonkeyPatch().setattr)
held = dict(embedder=WordEmbedder(), reader=FakeReader(dict(Lund="12 votes")))
with Reports.open(None, home={home!r}, settings=Settings(llm="none"), **held) as reports:
    for line in sys.stdin:
        kind, value = json.loads(line)
        if kind == "ask":
            told = reports.ask(value).to_dict()
        elif kind == "add":
            told = reports.add(value).added
        else:
            told = reports.remove([value]).removed
        print(json.dumps(told), flush=True)
"""


class OtherProcess:
    """A second process with the same home open."""

    def __init__(self, home: Path) -> None:
        code = OTHER_PROCESS.format(tests=str(TESTS), home=str(home))
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> OtherProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(30) == 0

    def __call__(self, kind: str, value: str):
        self._process.stdin.write(json.dumps([kind, value]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def test_two_processes_share_a_home(folder, tmp_path):
    question = "How many votes did the council of Lund count?"
    more = tmp_path / "more.txt"
    more.write_text("The council of Rome counted 7 votes.", encoding="utf-8")
    with tiny(folder, tmp_path / "home") as here, OtherProcess(tmp_path / "home") as there:
        assert same(Answer.from_dict(there("ask", question))) == same(Answer.from_dict(here.ask(question).to_dict()))
        assert there("add", str(more)) == ["more"]
        assert here.retrieve("How many votes did the council of Rome count?")[0].article.id == "more"
        here.remove(["lund"])
        told = there("ask", question)
        assert "lund" not in {hit["passage"]["article_id"] for hit in told["hits"]}
        assert same(Answer.from_dict(told)) == same(Answer.from_dict(here.ask(question).to_dict()))


# The vector store may vanish or rot at any moment


def vanish(store: Path) -> None:
    shutil.rmtree(store)


def rot(store: Path) -> None:
    files = [path for path in store.rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(b"\x00\xffgarbage\n" * 700)


def becomes_a_file(store: Path) -> None:
    shutil.rmtree(store)
    store.write_bytes(b"garbage")


def is_emptied(store: Path) -> None:
    for path in store.rglob("*"):
        if path.is_file():
            path.write_bytes(b"")


@pytest.mark.parametrize("harm", [vanish, rot, becomes_a_file, is_emptied])
def test_harm_to_the_vector_store_changes_no_answer(home, embedder, harm, by_chroma):
    def opened() -> Reports:
        reader = FakeReader({"Kim Bang": MODELS, "Ninh Binh": "Do Viet Anh"})
        return Reports.open(None, home=home, settings=Settings(llm="none"), embedder=embedder, reader=reader)

    def answers(reports: Reports) -> list[dict[str, object]]:
        return [same(reports.ask(question)) for question in asked]

    asked: Sequence[str] = (KIM_BANG, "Who chaired the conference of Ninh Binh?")
    with opened() as reports:
        wanted = answers(reports)
        assert all(answer["answered"] for answer in wanted)
        harm(home / "chroma")
        assert answers(reports) == wanted
        assert (home / "chroma").is_dir()  # it came back
    harm(home / "chroma")
    with opened() as reports:
        assert answers(reports) == wanted


def test_harm_between_two_processes_changes_no_answer(folder, tmp_path, by_chroma):
    question = "How many votes did the council of Lund count?"
    with tiny(folder, tmp_path / "home") as reports:
        wanted = same(reports.ask(question))
    rot(tmp_path / "home" / "chroma")
    with OtherProcess(tmp_path / "home") as there:
        assert same(Answer.from_dict(there("ask", question))) == wanted
        rot(tmp_path / "home" / "chroma")
        assert same(Answer.from_dict(there("ask", question))) == wanted
