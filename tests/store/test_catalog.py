import sqlite3
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rag.errors import StoreError
from rag.models import Article, Passage
from rag.store.catalog import Catalog
from rag.store.connections import KEPT
from rag.store.records import Entry, Listing, PackRow

POLISH = "Kim Bảng zgłosił 109 modeli. Wójt podziękował."
TURKISH = "Işıklı İl Meclisi toplandı. Karar okundu."

# The schema of version 1.
FIRST_VERSION = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (location TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
    location TEXT PRIMARY KEY, source TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT, reason TEXT
) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, text TEXT NOT NULL, title TEXT NOT NULL, language TEXT NOT NULL, published TEXT,
    places TEXT NOT NULL, authors TEXT NOT NULL, source_url TEXT, sha256 TEXT NOT NULL, body_end INTEGER NOT NULL,
    location TEXT NOT NULL, also TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE passages (
    number INTEGER PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, input_hash TEXT NOT NULL
);
CREATE INDEX passages_of_article ON passages (article_id, kind, start);
CREATE TABLE vectors (
    input_hash TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (input_hash, embedder)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE terms USING fts5 (
    words, names, proper, tokenize = "unicode61 remove_diacritics 0 tokenchars '-_/.'"
);
CREATE VIRTUAL TABLE terms_seen USING fts5vocab (terms, col);
"""


@pytest.fixture
def catalog(tmp_path):
    made = Catalog(tmp_path / "home" / "catalog.sqlite3")
    yield made
    made.close()


def report(id="pl", text=POLISH, language="pl", **more):
    fields = {
        "title": text[:8],
        "published": date(2023, 12, 31),
        "places": ("Kim Bảng",),
        "authors": ("Łukasz Ż.", "Đỗ"),
        "source_url": "http://host/ż?a=1",
        "sha256": id,
        "body_end": len(text),
        "location": f"/reports/{id}.txt",
        "also": (f"/reports/{id}-2.txt",),
    }
    return Article(id=id, text=text, language=language, **{**fields, **more})


def entries(article):
    """One window over the whole text, and its two sentences."""
    text, cut = article.text, article.text.index(". ") + 1
    words = " ".join(f"{article.language}_{word.lower()}" for word in text.replace(".", "").split())
    window = Entry(Passage(article.id, 0, len(text), text), f"{article.sha256}-w", words, "kim bang 109", "kim bang")
    spans = ((0, cut), (cut + 1, len(text)))
    held = [Passage(article.id, start, end, text[start:end], "sentence") for start, end in spans]
    return [window, *(Entry(passage, f"{article.sha256}-{passage.start}") for passage in held)]


def put(catalog, *articles, remove=(), files=(), sources=None, meta=None, last=True):
    catalog.replace(
        remove=remove,
        add={article: entries(article) for article in articles},
        files=files,
        sources=sources or {},
        meta=meta or {},
        last=last,
    )


def state(catalog):
    """Everything that the collection consists of."""
    return (
        catalog.revision,
        catalog.articles(),
        catalog.keys("window"),
        catalog.keys("sentence"),
        catalog.files(),
        catalog.sources(),
        catalog.windows_with("names", ["109"]),
        catalog.meta("embedder"),
    )


def test_a_report_comes_back_as_it_went_in(catalog):
    whole, bare = report(), report("tr", TURKISH, "tr", published=None, source_url=None, places=(), authors=(), also=())
    put(catalog, whole, bare)
    assert catalog.articles() == [whole, bare]
    assert catalog.article("tr") == bare
    assert catalog.article("de") is None
    assert catalog.articles_of(["tr", "de"]) == {"tr": bare}
    assert catalog.heads() == [replace(whole, text=""), replace(bare, text="")]


def test_passages_are_cut_from_the_report_by_code_points(catalog):
    put(catalog, report(), report("tr", TURKISH, "tr"))
    for id, text in (("pl", POLISH), ("tr", TURKISH)):
        for kind in ("window", "sentence"):
            for stored in catalog.passages(id, kind):
                assert stored.passage.text == text[stored.passage.start : stored.passage.end]
    assert [stored.passage.text for stored in catalog.passages("tr", "sentence")] == [
        "Işıklı İl Meclisi toplandı.",
        "Karar okundu.",
    ]
    assert (catalog.count(), catalog.count("window"), catalog.count("sentence")) == (6, 2, 4)
    assert catalog.windows_by_language() == {"pl": 1, "tr": 1}


def test_windows_and_their_sentences_find_each_other(catalog):
    put(catalog, report(), report("tr", TURKISH, "tr"))
    (window,) = catalog.passages("pl", "window")
    sentences = catalog.passages("pl", "sentence")
    assert catalog.within_many([window.passage])[0] == sentences
    (other,) = catalog.passages("tr", "window")
    assert catalog.within_many([other.passage, window.passage]) == [catalog.passages("tr", "sentence"), sentences]
    assert catalog.within_many([]) == []
    outside = replace(window.passage, article_id="xx")
    assert catalog.within_many([outside, window.passage]) == [[], sentences]
    assert catalog.sentences_of(["tr", "pl", "xx"]) == {"pl": sentences, "tr": catalog.passages("tr", "sentence")}


@pytest.mark.parametrize("id", ["a:b-c:1-2:w", "127.0.0.1:8080-ab12", "năm/ü-1", "Kim Bảng (2)", "100%", "a'b\"c", "-"])
def test_any_id_makes_keys_that_find_their_passage(catalog, id):
    put(catalog, report(id, sha256="0f"), report("other"))
    for kind in ("window", "sentence"):
        held = {stored.key: stored for stored in catalog.passages(id, kind)}
        assert set(held) <= set(catalog.keys(kind))
        assert catalog.find(held) == held
    put(catalog, remove=[id])
    assert catalog.heads() == [replace(report("other"), text="")]


def test_keys_that_are_unknown_or_of_another_input_are_left_out(catalog):
    put(catalog, report())
    (window,) = catalog.passages("pl", "window")
    assert catalog.find(["pl:0-1:w:abc", "xx:0-46:w:pl-w", window.passage.id + ":other"]) == {}


def test_a_change_is_all_or_nothing(catalog):
    put(catalog, report(), sources={"/reports": "declared"}, meta={"embedder": "one"})
    before = state(catalog)
    broken = report("xx")

    class Broken(dict):
        def items(self):
            yield broken, entries(broken)
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        catalog.replace(remove=["pl"], add=Broken(), files=[], sources={}, meta={"embedder": "two"})
    assert state(catalog) == before
    # The same where SQLite itself refuses, after all reports went in.
    with pytest.raises((StoreError, sqlite3.Error)):
        put(catalog, report("yy"), remove=["pl"], meta={"embedder": None})
    assert state(catalog) == before
    put(catalog, report("zz"))
    assert [head.id for head in catalog.heads()] == ["pl", "zz"]


def test_a_removed_report_leaves_nothing_to_be_found(catalog):
    put(catalog, report(), report("tr", TURKISH, "tr"))
    put(catalog, remove=["pl"])
    assert catalog.keys("window") == [stored.key for stored in catalog.passages("tr", "window")]
    assert catalog.windows_with("words", ["pl_modeli", "tr_karar"]) == {"tr_karar": 1}
    assert [id for _, id in catalog.match('names : "109"', 9, None)] == ["tr"]


def test_reports_are_not_all_looked_at_for_one_that_comes(catalog):
    told = []
    catalog._db.set_trace_callback(told.append)
    put(catalog, report())
    put(catalog, report("tr", TURKISH, "tr"))
    put(catalog, report("tr", TURKISH, "tr"), remove=["tr"])
    assert "SELECT sha256 FROM articles" not in told and not catalog.unerased
    # A text that stays under another id is not removed.
    put(catalog, report("pl2", sha256="pl"), remove=["pl"])
    assert not catalog.unerased
    put(catalog, remove=["tr"])
    assert catalog.unerased


def test_reports_are_looked_at_once_for_many_edits(catalog):
    """Each group of an update is a transaction, and the first one already says what the others would."""
    ids = ("a", "b", "c")
    put(catalog, *(report(id) for id in ids))
    told = []
    catalog._db.set_trace_callback(told.append)
    for id in ids:
        put(catalog, report(id, TURKISH, "tr", sha256=f"{id}2"), remove=[id], last=False)
    assert catalog.unerased and told.count("SELECT sha256 FROM articles") == 1


def test_the_revision_changes_with_each_change_and_differs_between_catalogues(catalog, tmp_path):
    seen = [catalog.revision]
    put(catalog, report())
    seen.append(catalog.revision)
    put(catalog, remove=["pl"])
    seen.append(catalog.revision)
    catalog.set_meta("x", "y")
    catalog.keep_vectors("e", {"h": np.ones(2)})
    assert catalog.revision == seen[-1]
    other = Catalog(tmp_path / "other.sqlite3")
    seen.append(other.revision)
    other.close()
    assert len(set(seen)) == 4


def test_vectors_go_with_the_last_passage_that_has_their_text(catalog):
    put(catalog, report(), report("tr", TURKISH, "tr"))
    keys = [stored.input_hash for stored in catalog.passages("pl", "sentence")]
    others = [stored.input_hash for stored in catalog.passages("tr", "sentence")]
    catalog.keep_vectors("e", {key: np.array([row, 0.5]) for row, key in enumerate([*keys, *others])})
    put(catalog, replace(report(), title="Another"), remove=["pl"])
    assert not catalog.unerased, "the text is still there"
    assert set(catalog.vectors([*keys, *others], "e")) == {*keys, *others}
    put(catalog, remove=["pl"])
    assert catalog.unerased and set(catalog.vectors([*keys, *others], "e")) == set(others)
    assert catalog.erase() and not catalog.unerased


def test_a_reader_of_an_older_state_puts_the_erasing_off(catalog, monkeypatch):
    put(catalog, report(), report("tr", TURKISH, "tr"))
    other = sqlite3.connect(catalog.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM articles").fetchall()
    put(catalog, remove=["pl"])
    catalog._db.execute("PRAGMA busy_timeout = 10")
    assert not catalog.erase() and catalog.unerased
    other.execute("ROLLBACK")
    other.close()
    assert catalog.erase() and not catalog.unerased


def test_vectors_are_found_by_hash_and_embedder(catalog):
    put(catalog, report())
    keys = [stored.input_hash for stored in catalog.passages("pl", "sentence")]
    catalog.keep_vectors("e", {key: np.array([row, 0.5]) for row, key in enumerate(keys)})
    held = catalog.vectors([*keys, "unknown"], "e")
    assert set(held) == set(keys)
    np.testing.assert_array_equal(held[keys[1]], np.array([1, 0.5], dtype=np.float32))
    assert catalog.vectors(keys, "another embedder") == {}


def test_what_was_kept_is_there_when_opened_again(catalog):
    listing = Listing("/reports/ż.txt", "/reports", 10, 2**62, None, "is empty")
    put(catalog, report(), files=[listing], sources={"/reports": "declared", "/b": "removed"}, meta={"embedder": "e"})
    catalog.keep_vectors("e", {"h": np.ones(2)})
    before = state(catalog)
    catalog.close()
    again = Catalog(catalog.path)
    assert state(again) == before
    assert again.files() == {"/reports/ż.txt": listing}
    assert again.sources() == {"/b": "removed", "/reports": "declared"}
    assert set(again.vectors(["h"], "e")) == {"h"}
    again.close()


def test_full_text_search_ranks_and_filters(catalog):
    both = report("both", "Kim Bang gmina. Kim Bang wójt.", "pl")
    put(catalog, report(), report("tr", TURKISH, "tr"), both)
    query = 'words : "pl_modeli" OR names : "109"'
    found = catalog.match(query, 9, None)
    assert found[0] == (catalog.passages("pl", "window")[0].number, "pl")
    assert {id for _, id in found} == {"pl", "tr", "both"}
    assert catalog.match(query, 1, None) == found[:1]
    assert [id for _, id in catalog.match(query, 9, ["tr"])] == ["tr"]
    assert catalog.match(query, 9, []) == []
    assert catalog.match('words : "109"', 9, None) == []


def test_codes_and_tagged_words_are_single_terms(catalog):
    article = report(text="Kararı 43-NQ/TW okundu. Kim.")
    (window, *rest) = entries(article)
    held = replace(window, words="tr_karar es_de", names="43-nq/tw 1234 56.2 08-da/tu")
    catalog.replace(remove=[], add={article: [held, *rest]}, files=[], sources={}, meta={})
    assert catalog.windows_with("names", ["43-nq/tw", "1234", "56.2", "43", "tw"]) == {
        "43-nq/tw": 1,
        "1234": 1,
        "56.2": 1,
    }
    assert catalog.windows_with("words", ["de", "es_de", "karar"]) == {"es_de": 1}
    (number,) = [stored.number for stored in catalog.passages("pl", "window")]
    assert catalog.terms([number, 999]) == {number: ("tr_karar es_de", "43-nq/tw 1234 56.2 08-da/tu")}


def test_packs_are_kept_for_one_space_and_go_with_their_report(catalog):
    put(catalog, report(), report("tr", TURKISH, "tr"))
    pack = PackRow("pl", b"places", b"codes", b"terms", b"reads", b"rest")
    assert catalog.unpacked("space") == ["pl", "tr"]
    catalog.keep_packs("space", [pack, replace(pack, article_id="gone")])
    assert catalog.packs(["pl", "tr", "gone"], "space") == {"pl": pack}
    assert list(catalog.codes("space")) == [("pl", b"places", b"codes")]
    assert catalog.unpacked("space") == ["tr"]
    assert (catalog.packs(["pl"], "other"), list(catalog.codes("other")), catalog.unpacked("other")) == (
        {},
        [],
        ["pl", "tr"],
    )
    put(catalog, report(text="Inny tekst. Drugi."), remove=["pl"])
    assert catalog.packs(["pl"], "space") == {}
    catalog.keep_packs("space", [pack])
    put(catalog, remove=["pl"])
    assert (catalog.packs(["pl"], "space"), list(catalog.codes("space"))) == ({}, [])


def test_readers_in_threads_see_whole_states_while_another_writes(catalog):
    """Two texts take turns under one id: no reader may see a passage of one cut from the other, or none at all."""
    texts = ("Krótki tekst. Drugi.", "Dużo dłuższy tekst o gminie Kim Bảng, z którego wycięto zdanie. Koniec.")
    put(catalog, report(text=texts[0]))
    stop, wrong, rounds = threading.Event(), [], [0]

    def read():
        allowed = {entry.passage.text for text in texts for entry in entries(report(text=text))}
        try:
            while not stop.is_set():
                for kind in ("window", "sentence"):
                    wrong.extend(s.passage.text for s in catalog.passages("pl", kind) if s.passage.text not in allowed)
                wrong.extend(id for _, id in catalog.match('names : "109"', 9, None) if id != "pl")
                with catalog.snapshot():
                    keys = catalog.keys("sentence")
                    held = catalog.find(keys)
                    if set(held) != set(keys) or len(keys) not in (0, 2):
                        wrong.append((keys, held))
                rounds[0] += 1
        except Exception as error:
            wrong.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(60):
        put(catalog, report(text=texts[turn % 2], sha256=str(turn)), remove=["pl"])
        put(catalog, remove=["pl"])
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert rounds[0] > 3


def test_within_a_snapshot_nothing_changes(catalog):
    put(catalog, report())
    with catalog.snapshot():
        before = state(catalog)
        writer = threading.Thread(target=put, args=(catalog, report("tr", TURKISH, "tr")))
        writer.start()
        writer.join()
        assert state(catalog) == before
        with catalog.snapshot():
            assert state(catalog) == before
    assert [head.id for head in catalog.heads()] == ["pl", "tr"]


def test_a_catalogue_of_the_first_version_is_brought_up_to_date(tmp_path):
    path = tmp_path / "catalog.sqlite3"
    with sqlite3.connect(path) as db:
        for statement in FIRST_VERSION.split(";\n"):
            db.execute(statement)
        db.execute("INSERT INTO meta VALUES ('id', 'x'), ('revision', '0')")
        db.execute(
            "INSERT INTO articles "
            "VALUES ('pl', 'Tekst.', 'Tekst', 'pl', NULL, '[]', '[]', NULL, 'x', 6, '/a.txt', '[]')"
        )
        db.execute("INSERT INTO files VALUES ('/a.txt', '/', 1, 2, 'x', NULL)")
        db.execute("PRAGMA user_version = 1")
    db.close()
    for _ in range(2):
        catalog = Catalog(path)
        (held,) = catalog.articles()
        assert (held.text, held.origins, catalog.files()["/a.txt"].metadata) == ("Tekst.", (), "")
        catalog.set_given("/a.txt", {"date": "2021-03-05", "title": ""})
        assert catalog.given() == {"/a.txt": {"date": "2021-03-05"}}
        catalog.close()


def test_another_version_is_refused_with_the_way_out(catalog):
    catalog.close()
    with sqlite3.connect(catalog.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match=r"schema 99, this one reads 5.*delete it and index again.*ASKREPORTS_HOME"):
        Catalog(catalog.path)


def test_a_file_that_is_no_database_is_refused_with_the_way_out(tmp_path):
    path = tmp_path / "catalog.sqlite3"
    path.write_bytes(b"Kim Bang " * 500)
    with pytest.raises(StoreError, match=r"catalog\.sqlite3: .*ASKREPORTS_HOME.*delete the file and index again"):
        Catalog(path)
    assert path.read_bytes().startswith(b"Kim Bang")


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("x")
    with pytest.raises(StoreError, match="ASKREPORTS_HOME"):
        Catalog(tmp_path / "home" / "catalog.sqlite3")


def test_a_sound_file_is_verified(catalog):
    put(catalog, report())
    catalog.verify()


def damage(catalog):
    """Every page but the first, as a failing disk would have it."""
    with sqlite3.connect(catalog.path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    catalog.close()
    data = bytearray(catalog.path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    catalog.path.write_bytes(bytes(data))


@pytest.mark.parametrize("use", ["verify", "articles", "heads", "keep", "replace", "find"])
def test_a_damaged_file_is_told_with_the_way_out(catalog, use):
    put(catalog, report())
    (key,) = catalog.keys("window")
    damage(catalog)
    with pytest.raises(StoreError, match=r"catalog\.sqlite3: (.|\n)*delete (it|the file) and index again"):  # noqa: PT012
        again = Catalog(catalog.path)
        try:
            {
                "verify": again.verify,
                "articles": again.articles,
                "heads": again.heads,
                "keep": lambda: again.keep_vectors("e", {"h": np.ones(2)}),
                "replace": lambda: put(again, report("tr", TURKISH, "tr")),
                "find": lambda: again.find([key]),
            }[use]()
        finally:
            again.close()


def test_a_catalogue_that_another_process_writes_is_read_all_the_same(catalog, monkeypatch):
    monkeypatch.setattr("rag.store.connections.WAIT_SECONDS", 0.05)
    put(catalog, report())
    holder = sqlite3.connect(catalog.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("DELETE FROM articles")
    other = Catalog(catalog.path)
    assert other.articles() == [report()]
    for wait in (None, 0.01):
        with pytest.raises(StoreError, match="another process is writing it"):
            other.set_meta("a", "b", wait=wait)
    holder.execute("ROLLBACK")
    holder.close()
    other.set_meta("a", "b", wait=0.01)
    assert other.meta("a") == "b"
    other.close()


def test_a_kept_translation_is_known_by_text_language_and_model(catalog):
    catalog.keep_gloss(report(), "hash", "en", "one", "Not of this collection.")
    assert catalog.gloss("hash", "en", "one") is None
    put(catalog, report())
    catalog.keep_gloss(report(), "hash", "en", "one", "The mayor gave thanks.")
    catalog.keep_gloss(report(), "hash", "de", "one", "Der Vorsteher dankte.")
    catalog.keep_gloss(report(), "hash", "en", "two", "The head said thanks.")
    assert catalog.gloss("hash", "en", "one") == "The mayor gave thanks."
    assert catalog.gloss("hash", "de", "one") == "Der Vorsteher dankte."
    assert catalog.gloss("hash", "en", "two") == "The head said thanks."
    assert catalog.gloss("hash", "de", "two") is None and catalog.gloss("other", "en", "one") is None
    catalog.keep_gloss(report(), "hash", "en", "one", "The mayor thanked all.")
    assert catalog.gloss("hash", "en", "one") == "The mayor thanked all."


def test_kept_translations_outlast_closing_and_change_nothing_of_the_collection(tmp_path):
    path = tmp_path / "catalog.sqlite3"
    first = Catalog(path)
    put(first, report())
    before = state(first)
    first.keep_gloss(report(), "hash", "en", "one", "Thanks.")
    assert state(first) == before
    first.close()
    again = Catalog(path)
    try:
        assert again.gloss("hash", "en", "one") == "Thanks." and state(again) == before
    finally:
        again.close()


def test_words_with_marks_are_found_whole_also_after_a_migration(tmp_path):
    path = tmp_path / "catalog.sqlite3"
    made = Catalog(path)
    put(made, report())
    made.close()
    with sqlite3.connect(path) as db:
        (number,) = db.execute("SELECT rowid FROM terms").fetchone()
        db.execute("DROP TABLE terms_seen")
        db.execute("DROP TABLE terms")
        db.execute("CREATE VIRTUAL TABLE terms USING fts5 (words, names, proper)")
        db.execute("INSERT INTO terms (rowid, words) VALUES (?, 'hi_कारण')", (number,))
        db.execute("CREATE VIRTUAL TABLE terms_seen USING fts5vocab (terms, col)")
        db.execute("PRAGMA user_version = 3")
    db.close()
    again = Catalog(path)
    try:
        assert again.match('words : "hi_कारण"', 5, None) == [(number, report().id)]
        assert again.match('words : "hi_क"', 5, None) == []
        assert again.windows_with("words", ["hi_कारण"]) == {"hi_कारण": 1}
    finally:
        again.close()


@pytest.mark.parametrize("lacking", [["packs"], ["packs", "glosses"]])
def test_a_catalogue_made_before_there_were_packs_or_translations_is_as_good(tmp_path, lacking):
    path = tmp_path / "catalog.sqlite3"
    made = Catalog(path)
    put(made, report())
    made.close()
    with sqlite3.connect(path) as db:
        for table in lacking:
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 2")
    db.close()
    again = Catalog(path)
    try:
        assert again.articles() == [report()]
        assert again.unpacked("any space") == [report().id]
        again.keep_gloss(report(), "hash", "en", "one", "Thanks.")
        assert again.gloss("hash", "en", "one") == "Thanks."
    finally:
        again.close()


def test_vectors_of_an_older_version_are_kept_and_take_less_room(tmp_path):
    path = tmp_path / "catalog.sqlite3"
    made = Catalog(path)
    vectors = {f"{number:032}": np.full(384, number, np.float32) for number in range(100)}
    empty = pages_of(path)
    made.keep_vectors("e", vectors)
    made.close()
    new = pages_of(path)
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE vectors RENAME TO new_vectors")
        db.execute(
            "CREATE TABLE vectors (input_hash TEXT NOT NULL, embedder TEXT NOT NULL, vector BLOB NOT NULL, "
            "PRIMARY KEY (input_hash, embedder)) WITHOUT ROWID"
        )
        db.execute("INSERT INTO vectors SELECT * FROM new_vectors")
        db.execute("DROP TABLE new_vectors")
        db.execute("PRAGMA user_version = 4")
    db.close()
    assert pages_of(path) - empty > 1.8 * (new - empty)
    again = Catalog(path)
    try:
        held = again.vectors(list(vectors), "e")
        assert all(np.array_equal(held[key], vector) for key, vector in vectors.items())
    finally:
        again.close()
    assert pages_of(path) == new


def pages_of(path):
    """Pages that are in use."""
    with sqlite3.connect(path) as db:
        (held,), (free,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count"))
    db.close()
    return held - free


def test_what_is_remembered_of_a_state_is_not_given_for_another(catalog, monkeypatch):
    """Heads, sizes and texts are read once a state."""
    monkeypatch.setattr("rag.store.reading.TEXTS_HELD", 10)
    put(catalog, report())
    assert (len(catalog.heads()), catalog.windows_by_language()) == (1, {"pl": 1})
    put(catalog, report("tr", TURKISH, "tr"))
    assert (len(catalog.heads()), catalog.windows_by_language()) == (2, {"pl": 1, "tr": 1})
    put(catalog, report(text="Inny tekst. Nowy."), remove=["pl"])
    assert [stored.passage.text for stored in catalog.passages("pl", "sentence")] == ["Inny tekst.", "Nowy."]
    catalog.heads().clear()
    assert len(catalog.heads()) == 2


def test_a_home_that_may_not_be_written_says_so(tmp_path, monkeypatch):
    """As root may write everything, the file is opened as a disk that is mounted to be read would be."""

    path = tmp_path / "catalog.sqlite3"
    Catalog(path).close()
    connect = sqlite3.connect
    monkeypatch.setattr(
        "rag.store.connections.sqlite3.connect", lambda at, **more: connect(f"file:{at}?mode=ro", uri=True, **more)
    )
    catalog = Catalog(path)
    with pytest.raises(StoreError, match=r"cannot be written .*change its permissions, or give another folder"):
        catalog.set_meta("a", "b")
    catalog.close()


def test_a_thread_that_ends_leaves_no_connection_behind(catalog):
    put(catalog, report())
    files = Path("/proc/self/fd")
    opened = len(list(files.iterdir())) if files.exists() else 0
    for _ in range(40):
        thread = threading.Thread(target=catalog.heads)
        thread.start()
        thread.join()
    assert len(catalog._open) == 2
    assert not files.exists() or len(list(files.iterdir())) <= opened + 3


def test_no_more_connections_are_kept_than_are_of_use(catalog):
    put(catalog, report())
    together = threading.Barrier(20)

    def ask():
        catalog.heads()
        together.wait()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalog._open) == 1 + KEPT
    assert [head.id for head in catalog.heads()] == [report().id]


class Ending:
    """A connection whose thread ends, and gives it back, while it is being closed."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog, self.closed = catalog, False

    @property
    def in_transaction(self) -> bool:
        if self.closed:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
        return False

    def close(self) -> None:
        self.closed = True
        self.catalog._given_back(self)


def test_a_thread_may_end_while_all_connections_are_closed(tmp_path):
    catalog = Catalog(tmp_path / "catalog.sqlite3")
    ending = Ending(catalog)
    catalog._open.append(ending)
    catalog.close()
    assert ending.closed and catalog._free == []
