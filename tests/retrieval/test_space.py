import threading

import numpy as np
import pytest
from fakes import FakeEmbedder, write_parallel, write_reports

from rag.retrieval.means import LanguageMeans, compute_means
from rag.retrieval.space import VectorSpace
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer


@pytest.fixture
def embedder():
    return FakeEmbedder()


@pytest.fixture
def means(tmp_path, embedder):
    return compute_means(embedder, write_parallel(tmp_path / "parallel"))


@pytest.fixture
def catalog(tmp_path, embedder):
    made = Catalog(tmp_path / "catalog.sqlite3")
    folder = write_reports(tmp_path / "reports")
    Indexer(made, embedder, Settings()).update({str(folder): "declared"})
    yield made
    made.close()


def test_vectors_are_freed_of_their_reports_language(catalog, embedder, means):
    stored = catalog.passages("pl", "sentence") + catalog.passages("vi", "sentence")
    plain = VectorSpace(catalog, embedder, None).matrix(stored)
    freed = VectorSpace(catalog, embedder, means).matrix(stored)
    np.testing.assert_allclose(freed, means.passages(plain, ["pl"] * 3 + ["vi"] * 3), atol=1e-6)
    assert not np.allclose(freed, plain, atol=0.1)
    assert VectorSpace(catalog, embedder, means).matrix([]).shape[0] == 0


def test_questions_are_freed_of_their_language_and_embedded_once(catalog, embedder, means):
    space = VectorSpace(catalog, embedder, means)
    embedder.asked.clear()
    vector = space.question("ile modeli", "pl")
    np.testing.assert_array_equal(space.question("ile modeli", "pl"), vector)
    assert embedder.asked == ["ile modeli"]
    both = embedder.queries(["ile modeli"]), embedder.passages(["ile modeli"])
    np.testing.assert_allclose(vector, means.questions(*both, ["pl"])[0], atol=1e-6)
    assert not np.allclose(space.question("ile modeli", "de"), vector, atol=0.1)
    plain = VectorSpace(catalog, embedder, None).question("ile modeli", "pl")
    np.testing.assert_allclose(plain, embedder.queries(["ile modeli"])[0], atol=1e-6)


def test_texts_outside_the_catalogue_lie_in_the_same_space(catalog, embedder, means):
    stored = catalog.passages("pl", "sentence")
    texts = tuple(passage.passage.text for passage in stored)
    for held in (None, means):
        space = VectorSpace(catalog, embedder, held)
        found = space.stretches(texts, "pl")
        plain = embedder.passages(list(texts))
        np.testing.assert_allclose(found, held.passages(plain, ["pl"] * 3) if held else plain, atol=1e-6)
        embedder.texts.clear()
        np.testing.assert_array_equal(space.stretches(texts, "pl"), found)
        assert embedder.texts == []  # remembered


def test_texts_that_mean_the_same_are_alike_across_languages(catalog, embedder, means):
    space = VectorSpace(catalog, embedder, means)
    same = space.likeness("school", "en", "szkoła", "pl")
    assert 1.001 >= same > 0.5 > space.likeness("school", "en", "most", "pl")
    assert space.likeness("szkoła", "pl", "school", "en") == pytest.approx(same, abs=1e-5)
    embedder.texts.clear()
    assert space.likeness("school", "en", "szkoła", "pl") == same
    assert embedder.texts == []  # texts are remembered
    # As the embedder gives them a language's own share makes everything in it alike.
    plain = VectorSpace(catalog, embedder, None)
    assert plain.likeness("most", "pl", "szkoła", "pl") > plain.likeness("school", "en", "szkoła", "pl")


def test_similarity_to_other_languages_is_raised(catalog, embedder, means):
    alike = np.where(np.eye(len(means.languages), dtype=bool), 1, 0.25)
    raised = LanguageMeans("fake", means.languages, *[np.zeros((len(alike), 1))] * 2, np.zeros((2, 1)), alike)
    space = VectorSpace(catalog, embedder, raised)
    np.testing.assert_allclose(space.nearness("pl", ["pl", "vi", "pl-PL", "vi"]), [1, 2, 1, 2], rtol=1e-6)
    np.testing.assert_array_equal(VectorSpace(catalog, embedder, None).nearness("pl", ["pl", "vi"]), [1, 1])


def test_another_embedder_other_means_and_another_catalogue_are_other_spaces(catalog, embedder, means, tmp_path):
    other = Catalog(tmp_path / "other.sqlite3")
    spaces = {
        VectorSpace(catalog, embedder, None).space,
        VectorSpace(catalog, embedder, means).space,
        VectorSpace(catalog, FakeEmbedder("other"), None).space,
        VectorSpace(other, embedder, None).space,
    }
    other.close()
    assert len(spaces) == 4
    assert all(space.replace("-", "").isalnum() for space in spaces)
    assert VectorSpace(catalog, embedder, means).space in spaces


def test_the_revision_follows_the_collection(catalog, embedder):
    space = VectorSpace(catalog, embedder, None)
    before = space.revision
    catalog.replace(remove=["pl"], add={}, files=[], sources={}, meta={})
    assert space.revision != before


def test_items_are_the_vectors_of_the_keys_asked_for(catalog, embedder, means):
    space = VectorSpace(catalog, embedder, means)
    stored = catalog.passages("de", "sentence")
    items = list(space.items("sentence", {stored[0].key, stored[2].key, "unknown"}))
    assert [(item.key, item.article_id) for item in items] == [(stored[0].key, "de"), (stored[2].key, "de")]
    np.testing.assert_allclose(np.stack([item.vector for item in items]), space.matrix([stored[0], stored[2]]))
    assert len(list(space.items("window", set(space.keys("window"))))) == 7
    assert list(space.items("window", set())) == []


def test_a_scan_gives_the_nearest_in_order(catalog, embedder, means, monkeypatch):
    space = VectorSpace(catalog, embedder, means)
    vector = space.question("How many models?", "en")
    stored = [passage for head in catalog.heads() for passage in catalog.passages(head.id, "sentence")]
    scores = space.matrix(stored) @ vector
    expected = [stored[row].key for row in np.argsort(-scores)]
    assert space.scan("sentence", vector, 99, None) == expected
    monkeypatch.setattr("rag.retrieval.codes.BLOCK", 4)
    assert space.scan("sentence", vector, 5, None) == expected[:5]
    only = [key for key in expected if key.startswith(("de:", "vi:"))]
    assert space.scan("sentence", vector, 99, ["vi", "de", "unknown"]) == only
    assert space.scan("sentence", vector, 99, []) == []


def test_a_scan_finds_reports_in_other_languages_first_by_meaning(catalog, embedder, means):
    space = VectorSpace(catalog, embedder, means)
    for question, language, owner in (
        ("bridge", "en", "ms"),
        ("hospital", "en", "tr"),
        ("powódź", "pl", "vi"),
        ("hasat", "tr", "de"),
        ("trường", "vi", "es"),
    ):
        assert space.scan("sentence", space.question(question, language), 1, None)[0].startswith(f"{owner}:")


def test_reading_while_another_thread_changes_the_collection(catalog, embedder, means, tmp_path):
    """Reports come and go; a scan meets only whole states, never a key without its language or vector."""
    folder = tmp_path / "reports"
    space = VectorSpace(catalog, embedder, means)
    vector = space.question("bridge", "en")
    stop, wrong = threading.Event(), []

    def read():
        while not stop.is_set():
            try:
                if len(space.scan("sentence", vector, 99, None)) not in (18, 21):
                    wrong.append("part of a report")
                if len(list(space.items("window", set(space.keys("window"))))) not in (6, 7):
                    wrong.append("part of a report")
            except Exception as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    indexer = Indexer(catalog, embedder, Settings())
    for turn in range(30):
        if turn % 2:
            write_reports(folder, ["pl"])
        else:
            (folder / "pl.txt").unlink()
        indexer.update({str(folder): "declared"})
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_vectors_are_read_once_and_as_many_as_memory_holds(catalog, embedder, means, monkeypatch):
    space = VectorSpace(catalog, embedder, means)
    stored = [passage for head in catalog.heads() for passage in catalog.passages(head.id, "sentence")]
    fresh = VectorSpace(catalog, embedder, means).matrix(stored)
    read = []
    vectors = catalog.vectors
    monkeypatch.setattr(catalog, "vectors", lambda hashes, name: read.append(len(hashes)) or vectors(hashes, name))
    np.testing.assert_array_equal(space.matrix(stored[:2]), fresh[:2])
    np.testing.assert_array_equal(space.matrix([*stored[:5], stored[0]]), fresh[[0, 1, 2, 3, 4, 0]])
    np.testing.assert_array_equal(space.matrix(stored[:5]), fresh[:5])
    assert read == [2, 3]
    monkeypatch.setattr("rag.retrieval.space.HELD", 6)
    np.testing.assert_array_equal(space.matrix(stored), fresh)
    np.testing.assert_array_equal(space.matrix(stored[3:8]), fresh[3:8])
    assert read == [2, 3, len(stored) - 5, 5]
