"""Questions over a small collection in seven languages: by the fake embedder, and twice by the bundled one."""

import threading
from datetime import date
from itertools import product

import numpy as np
import pytest
from fakes import ASKED, CONCEPTS, LANGUAGES, REPORTS, FakeEmbedder, write_parallel, write_reports

from rag.models import Filters
from rag.retrieval.means import compute_means, means_for
from rag.retrieval.retriever import ACROSS_WEIGHT, WITHIN_WEIGHT, Retriever, _bonus
from rag.retrieval.space import VectorSpace
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer
from rag.store.vectors import VectorIndex

# Which report holds the sentence about it.
HOLDS = {"bridge": "ms", "hospital": "tr", "school": "es", "harvest": "de", "model": "pl", "flood": "vi"}


class Collection:
    def __init__(self, home, embedder, means, *, window_chars=120, chroma=True):
        self.folder = home / "reports"
        self.catalog = Catalog(home / "catalog.sqlite3")
        self.indexer = Indexer(self.catalog, embedder, Settings(window_chars=window_chars))
        self.space = VectorSpace(self.catalog, embedder, means)
        self.index = VectorIndex(home / "chroma", self.catalog, self.space)
        self.retriever = Retriever(self.catalog, self.space, self.index, by_index=True)
        if not chroma:
            self.break_chroma()

    def break_chroma(self):
        self.index.nearest = lambda *asked: None

    def update(self):
        self.indexer.update({str(self.folder): "declared"})

    def ask(self, question, language, *, limit=20, **filters):
        return self.retriever.retrieve(question, language, limit=limit, filters=Filters(**filters))

    def owners(self, question, language, **more):
        return [hit.article.id for hit in self.ask(question, language, **more)]

    def close(self):
        self.index.close()
        self.catalog.close()


@pytest.fixture(scope="module")
def means(tmp_path_factory):
    return compute_means(FakeEmbedder(), write_parallel(tmp_path_factory.mktemp("parallel")))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory, means):
    """The seven reports, by the fake embedder and its means."""
    home = tmp_path_factory.mktemp("mixed")
    write_reports(home / "reports")
    made = Collection(home, FakeEmbedder(), means)
    made.update()
    yield made
    made.close()


@pytest.fixture(scope="module")
def bundled(tmp_path_factory, embedder):
    """The seven reports, by the model that people have."""
    home = tmp_path_factory.mktemp("bundled")
    write_reports(home / "reports")
    made = Collection(home, embedder, means_for(embedder, None), chroma=False)
    made.update()
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path, means):
    made = Collection(tmp_path, FakeEmbedder(), means)
    yield made
    made.close()


def word(concept, language):
    return CONCEPTS[concept].split()[LANGUAGES.index(language)]


# What is found


def test_every_language_finds_the_report_in_any_language(mixed):
    wrong = []
    for concept, language in product(HOLDS, LANGUAGES):
        first = mixed.ask(word(concept, language), language)[0]
        if first.article.id != HOLDS[concept] or first.sentence.text not in REPORTS[HOLDS[concept]]:
            wrong.append((concept, language, first.article.id))
    assert wrong == []


def test_without_means_the_questions_own_language_is_preferred(mixed, tmp_path):
    """What the means are for; this fails where they would do nothing."""
    bare = Retriever(mixed.catalog, VectorSpace(mixed.catalog, FakeEmbedder(), None), mixed.index)
    mixed_nearest, mixed.index.nearest = mixed.index.nearest, lambda *asked: None
    try:
        first = bare.retrieve(f"{word('bridge', 'pl')} {ASKED['pl']}", "pl", limit=1)[0]
    finally:
        mixed.index.nearest = mixed_nearest
    assert first.article.id == "pl"


@pytest.mark.parametrize("name", ["Kim Bảng", "Kim Bang", "kim bang", "KIM BẢNG"])
@pytest.mark.parametrize(
    ("question", "language"), [("Where is {}?", "en"), ("Wo liegt {}?", "de"), ("¿Dónde {}?", "es")]
)
def test_names_find_reports_with_and_without_marks(mixed, name, question, language):
    hits = mixed.ask(question.format(name), language)
    found = {hit.article.id for hit in hits if hit.lexical_rank}
    assert found == {"pl", "vi"}


@pytest.mark.parametrize("name", ["Đỗ Việt Anh", "Do Viet Anh", "do viet anh"])
def test_a_persons_name_finds_both_reports_that_hold_it(mixed, name):
    hits = mixed.ask(f"Who is {name}?", "en")
    assert {hit.article.id for hit in hits if hit.lexical_rank} == {"es", "vi"}


@pytest.mark.parametrize(
    ("code", "owner"), [("43-NQ/TW", "es"), ("08-da/tu", "tr"), ("1,234", "ms"), ("1234", "ms"), ("109", "pl")]
)
def test_codes_and_numbers_find_their_report_in_another_language(mixed, code, owner):
    hits = mixed.ask(f"What is {code}?", "en")
    (first,) = [hit for hit in hits if hit.lexical_rank == 1]
    assert first.article.id == owner
    assert code.lower().replace(",", ".") in first.passage.text.lower().replace("1.234", "1234 1.234")
    assert first.score > next(hit.score for hit in hits if hit.dense_rank > first.dense_rank)


@pytest.mark.parametrize(
    ("question", "language"),
    [("¿Qué es de la de la el en?", "es"), ("Was ist in der die das von?", "de"), ("What of the in the?", "en")],
)
def test_small_words_do_not_pull_in_reports_by_their_looks(mixed, question, language):
    """They count within their language only, and there for next to nothing."""
    hits = mixed.ask(question, language)
    assert hits
    for hit in hits:
        assert hit.lexical_rank is None or hit.article.language == language


@pytest.mark.parametrize(
    ("question", "language", "owner"),
    [
        ("¿Cuántas familias de la provincia reciben agua de la red?", "es", "ms"),
        ("Wie viele Modelle hat der Bezirk Kim Bang in der Mobilisierung?", "de", "pl"),
        ("How many doctors did the new hospital of the province hire?", "en", "tr"),
        ("Ngôi trường của làng đã nhận được sách mới cho học sinh chưa?", "vi", "es"),
    ],
)
def test_the_bundled_model_finds_the_proving_sentence_in_another_language(bundled, question, language, owner):
    """Though the question's own language has a report full of the question's small words."""
    assert language in bundled.catalog.windows_by_language()
    assert bundled.owners(question, language)[0] == owner


def test_the_bundled_model_finds_names_with_and_without_marks(bundled):
    for name in ("Kim Bảng", "Kim Bang"):
        owners = dict.fromkeys(bundled.owners(f"What happened in {name}?", "en"))
        assert set(list(owners)[:2]) == {"pl", "vi"}


def test_words_within_the_questions_language_count(mixed):
    hits = mixed.ask("directors cost plans", "en")
    assert [hit.article.id for hit in hits if hit.lexical_rank == 1] == ["en"]
    assert all(hit.lexical_rank is None for hit in hits if hit.article.language != "en")
    # In another language the same letters are no words.
    assert all(hit.lexical_rank is None for hit in mixed.ask("cost", "pl"))


# What a hit says


def test_a_hit_is_a_window_with_its_best_sentence(mixed):
    hits = mixed.ask("How many models?", "en")
    assert hits
    for hit in hits:
        article = mixed.catalog.article(hit.article.id)
        assert hit.article == article
        assert (hit.passage.kind, hit.sentence.kind) == ("window", "sentence")
        assert article.text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert article.text[hit.sentence.start : hit.sentence.end] == hit.sentence.text
        assert hit.passage.start <= hit.sentence.start < hit.sentence.end <= hit.passage.end


def test_the_sentence_is_the_one_nearest_to_the_question(mixed):
    vector = mixed.space.question("bridge", "en")
    hits = mixed.ask("bridge", "en")
    for hit in hits:
        inside = mixed.catalog.within_many([hit.passage])[0]
        nearest = inside[int(np.argmax(mixed.space.matrix(inside) @ vector))]
        assert hit.sentence == nearest.passage
    assert hits[0].sentence.text.startswith("Jambatan baharu")


def dense(collection, question, language, hit):
    """What the vectors alone give a hit."""
    held = collection.catalog.passages(hit.article.id, "window")
    (window,) = [one for one in held if one.passage == hit.passage]
    inside = collection.catalog.within_many([hit.passage])[0]
    similar = collection.space.matrix([window, *inside]) @ collection.space.question(question, language)
    similar *= collection.space.nearness(language, [hit.article.language])
    return float(similar[0] + similar[1:].max())


def test_a_window_is_scored_by_itself_and_by_its_best_sentence(mixed):
    hits = mixed.ask("bridge", "en")
    assert hits
    for hit in hits:
        assert hit.lexical_rank is None
        assert hit.score == pytest.approx(dense(mixed, "bridge", "en", hit), abs=1e-5)


def test_names_and_numbers_that_are_held_add_to_the_score(mixed):
    question = "How many models did Kim Bang report?"
    foreign = [hit for hit in mixed.ask(question, "en") if hit.article.language != "en"]
    gains = {True: [], False: []}
    for hit in foreign:
        gains[hit.lexical_rank is not None].append(hit.score - dense(mixed, question, "en", hit))
    assert min(gains[True]) > 0.01
    assert max(map(abs, gains[False])) < 1e-5


def test_in_the_questions_language_a_share_counts_by_how_far_it_stands_out():
    shares = np.array([0.9, 0.5, 0.4, 0.3, 0.0, 0.9, 0.0])
    own = np.array([True] * 5 + [False] * 2)
    found = _bonus(shares, own)
    np.testing.assert_allclose(found[:5], WITHIN_WEIGHT * (shares[:5] - 0.4), atol=1e-12)
    np.testing.assert_allclose(found[5:], ACROSS_WEIGHT * shares[5:])
    # As high a share everywhere tells nothing, nor does that of a lone window.
    np.testing.assert_allclose(_bonus(np.full(4, 0.6), np.full(4, True)), 0, atol=1e-12)
    np.testing.assert_allclose(_bonus(np.array([0.6, 0.6]), np.array([True, False])), [0, 0.6 * ACROSS_WEIGHT])
    np.testing.assert_allclose(_bonus(np.array([0.6, 0.2]), np.full(2, True)), [0.4 * WITHIN_WEIGHT, 0], atol=1e-12)


def test_ranks_count_from_one_and_order_follows_the_score(mixed):
    hits = mixed.ask("How many models did Kim Bang report?", "en")
    assert len(hits) == mixed.catalog.count("window")
    assert sorted(hit.dense_rank for hit in hits) == list(range(1, len(hits) + 1))
    lexical = sorted(hit.lexical_rank for hit in hits if hit.lexical_rank)
    assert lexical == list(range(1, len(lexical) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    plain = mixed.ask("models", "en")
    assert [hit.dense_rank for hit in plain] == list(range(1, len(hits) + 1))


def test_a_limit_cuts_the_end(mixed):
    hits = mixed.ask("How many models?", "en")
    assert mixed.ask("How many models?", "en", limit=3) == hits[:3]


def test_the_same_question_gives_the_same_hits(mixed, tmp_path, means):
    question = "How many models did Kim Bang report in the year?"
    hits = mixed.ask(question, "en")
    assert mixed.ask(question, "en") == hits
    # A collection that was put together in another order too.
    other = Collection(tmp_path, FakeEmbedder(), means)
    for language in reversed(LANGUAGES):
        write_reports(other.folder, [language])
        other.update()
    again = [
        (hit.passage, hit.score, hit.dense_rank, hit.lexical_rank, hit.sentence) for hit in other.ask(question, "en")
    ]
    other.close()
    assert again == [(hit.passage, hit.score, hit.dense_rank, hit.lexical_rank, hit.sentence) for hit in hits]


@pytest.mark.parametrize("filters", [{}, {"languages": ("pl", "vi", "de")}, {"since": date(2024, 1, 1)}])
def test_without_chroma_the_hits_are_the_same(mixed, monkeypatch, filters):
    questions = [("How many models did Kim Bang report?", "en"), ("¿La escuela?", "es"), ("Ernte", "de")]
    hits = [mixed.ask(*question, **filters) for question in questions]
    assert mixed.index.problem == ""
    monkeypatch.setattr(mixed.index, "nearest", lambda *asked: None)
    assert [mixed.ask(*question, **filters) for question in questions] == hits


def test_the_order_in_which_candidates_come_does_not_show(mixed, monkeypatch):
    """Two reports hold the name alike, so that their lexical ranks are decided by nothing else."""
    hits = mixed.ask("Kim Bang", "en")
    assert len({hit.article.id for hit in hits if hit.lexical_rank}) == 2

    def backwards(kind, vector, limit, articles):
        assert articles is None
        return mixed.space.scan(kind, vector, limit, articles)[::-1]

    monkeypatch.setattr(mixed.index, "nearest", backwards)
    assert mixed.ask("Kim Bang", "en") == hits


# Filters


def test_only_reports_in_the_languages_asked_for(mixed):
    assert set(mixed.owners("bridge", "en", languages=("pl",))) == {"pl"}
    assert set(mixed.owners("bridge", "en", languages=("pl", "de-AT"))) == {"pl", "de"}
    assert mixed.owners("bridge", "en", languages=("fr",)) == []


def test_only_reports_of_the_days_asked_for(mixed):
    assert set(mixed.owners("bridge", "en", since=date(2024, 7, 5))) == {"ms", "vi"}
    assert set(mixed.owners("bridge", "en", since=date(2024, 7, 5), until=date(2024, 7, 5))) == {"ms"}
    assert set(mixed.owners("model", "en", until=date(2024, 1, 19))) == {"tr", "es"}


def test_only_the_reports_asked_for(mixed):
    assert set(mixed.owners("bridge", "en", articles=("de", "vi"))) == {"de", "vi"}
    assert mixed.owners("bridge", "en", articles=("unknown",)) == []
    # Full text keeps to them too.
    assert set(mixed.owners("Kim Bang 109", "en", articles=("vi",))) == {"vi"}


def test_the_index_is_asked_where_there_is_more_to_compare_with_than_pays(mixed, monkeypatch):
    asked = []
    nearest = mixed.index.nearest
    monkeypatch.setattr(mixed.index, "nearest", lambda *more: asked.append(more[0]) or nearest(*more))
    retriever = Retriever(mixed.catalog, mixed.space, mixed.index)
    hits = retriever.retrieve("bridge", "en", limit=9)
    assert asked == []
    monkeypatch.setattr("rag.retrieval.space.COMPARED", mixed.catalog.count() - 1)
    assert retriever.retrieve("bridge", "en", limit=9) == hits
    assert asked == ["window", "sentence"]
    # With a filter it would take longer than to compare with what the filter leaves.
    assert retriever.retrieve("bridge", "en", limit=9, filters=Filters(languages=("pl",)))
    assert asked == ["window", "sentence"]


# Odd collections and questions


def test_an_empty_collection_gives_nothing(empty):
    assert empty.ask("How many?", "en") == []
    assert empty.ask("How many?", "en", languages=("pl",)) == []
    empty.break_chroma()
    assert empty.ask("How many?", "en") == []


@pytest.mark.parametrize(
    "question",
    [
        "?",
        '"',
        "' OR 1=1 --",
        "words : de",
        "NEAR(a b)",
        "a* ^b -c (",
        "AND OR NOT",
        "43-NQ/",
        "½ ² ①",
        "🎉",
        "a\0b",
        "ʼ ̈",
    ],
)
def test_no_question_breaks_the_full_text_query(mixed, question):
    assert mixed.ask(question, "und")


def test_a_question_of_many_words_is_answered(mixed):
    assert mixed.ask(" ".join(f"w{number}" for number in range(3000)) + " Kim Bang", "en")


def test_questions_while_the_collection_changes(tmp_path, means):
    """A report comes and goes: no question fails, and no hit is cut from another text."""
    write_reports(tmp_path / "reports", ["pl", "vi", "de"])
    made = Collection(tmp_path, FakeEmbedder(), means, chroma=False)
    made.update()
    stop, wrong = threading.Event(), []
    full = made.catalog.count("window")
    part = full - len(made.catalog.passages("pl", "window"))

    def ask():
        while not stop.is_set():
            try:
                hits = made.ask("How many models did Kim Bang report?", "en")
                wrong.extend(h for h in hits if h.article.text[h.passage.start : h.passage.end] != h.passage.text)
                if not part <= len(hits) <= full:
                    wrong.append(len(hits))
            except Exception as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(30):
        if turn % 2:
            write_reports(made.folder, ["pl"])
        else:
            (made.folder / "pl.txt").unlink()
        made.update()
    stop.set()
    for reader in readers:
        reader.join()
    made.close()
    assert wrong == []
