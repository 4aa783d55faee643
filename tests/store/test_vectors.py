"""The Chroma store against an exact comparison, and against everything that can happen to its folder."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, write_reports
from places import ROOT, TESTS
from test_chroma_server import Server

from rag.models import Passage
from rag.retrieval.space import VectorSpace
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.chroma import Item, Store
from rag.store.generations import loaded
from rag.store.indexing import Indexer
from rag.store.probing import damage
from rag.store.records import Stored
from rag.store.vectors import VectorIndex

DIMENSION = 8


class Vectors:
    """A source and the catalogue that remembers: `hold` and `drop` change it. Vectors are random, of length one."""

    def __init__(self, name="catalogue-space1"):
        self.space = name
        self.changes = 0
        self.asked = []
        self.metas = {}
        self.numbered = 0
        self._held = {"window": {}, "sentence": {}}
        self._numbers = {}
        self._random = np.random.default_rng(7)

    @property
    def revision(self):
        return f"{self.space}:{self.changes}"

    def hold(self, count, *, kind="window", article="a"):
        self.changes += 1
        for at in range(count):
            vector = self._random.standard_normal(DIMENSION).astype(np.float32)
            passage = Passage(article, self.changes * 10_000 + at, self.changes * 10_000 + at + 1, "", kind)
            self.numbered += 1
            stored = Stored(self.numbered, passage, "ż" * 12)
            self._held[kind][stored.key] = Item(stored.key, article, vector / np.linalg.norm(vector))
            self._numbers[stored.key] = stored
        return self

    def drop(self, *keys):
        self.changes += 1
        for key in keys:
            del self._held["window"][key]

    def keys(self, kind):
        return list(self._held[kind])

    def items(self, kind, keys):
        for key, item in list(self._held[kind].items()):
            if key in keys:
                self.asked.append(key)
                yield item

    def matrix(self, stored):
        held = self._held["window"] | self._held["sentence"]
        return np.stack([held[one.key].vector for one in stored]) if stored else np.zeros((0, 1), dtype=np.float32)

    def exact(self, vector, limit, articles=None, kind="window"):
        held = [item for item in self._held[kind].values() if articles is None or item.article_id in articles]
        return [item.key for item in sorted(held, key=lambda item: -float(item.vector @ vector))][:limit]

    # What the catalogue remembers

    snapshot = staticmethod(nullcontext)

    def meta(self, key):
        return self.metas.get(key)

    def set_meta(self, key, value, wait=None):
        self.metas[key] = value

    def since(self, kind, number):
        return [self._numbers[key] for key in self._held[kind] if self._numbers[key].number > number]

    def tally(self, kind, number):
        newer = len(self.since(kind, number))
        return len(self._held[kind]) - newer, newer


@pytest.fixture
def source():
    return Vectors().hold(30).hold(10, article="b").hold(5, kind="sentence")


@pytest.fixture
def opened():
    """Makes indexes that are closed at the end."""
    made = []

    def make(folder, source, **more):
        made.append(VectorIndex(folder, source, source, **more))
        return made[-1]

    yield make
    for index in made:
        index.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "chroma"


@pytest.fixture
def index(opened, folder, source):
    made = opened(folder, source)
    assert made.refresh()
    return made


@pytest.fixture
def built(monkeypatch):
    """The folders of the generations that any index built."""
    places = []
    build = VectorIndex._built

    def counting(self, progress):
        places.append(build(self, progress).place)
        return loaded(self._memory.meta("vector_store"))

    monkeypatch.setattr(VectorIndex, "_built", counting)
    return places


@pytest.fixture
def checked(monkeypatch):
    """What the checks in a child process found."""
    told = []

    def checking(*asked):
        told.append(damage(*asked))
        return told[-1]

    monkeypatch.setattr("rag.store.vectors.damage", checking)
    return told


def some_vector(seed=1):
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def check(index, source, *, seed=1, kind="window", articles=None):
    """Among what the index gives is what comparing with every vector gives."""
    vector = some_vector(seed)
    found = index.nearest(kind, vector, 5, articles)
    assert index.problem == ""
    exact = source.exact(vector, 99_999, articles, kind=kind)
    assert [key for key in exact if key in found][:5] == exact[:5]
    assert len(set(found)) == len(found)


def place(source):
    return loaded(source.meta("vector_store")).place


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def settled(index):
    """Wait for what a question has begun in the background."""
    index._mending.join(30)
    assert not index._mending.is_alive()


# What it finds


def test_nearest_is_what_an_exact_comparison_gives(index, source):
    for seed in range(5):
        vector = some_vector(seed)
        assert index.nearest("window", vector, 5, None) == source.exact(vector, 5)
        assert index.nearest("sentence", vector, 5, None) == source.exact(vector, 5, kind="sentence")


def test_only_the_reports_asked_for_are_found(index, source):
    vector = some_vector()
    assert index.nearest("window", vector, 20, ["b"]) == source.exact(vector, 20, ["b"])
    assert len(index.nearest("window", vector, 99, ["b", "a", "unknown"])) == 40
    assert index.nearest("window", vector, 20, ["unknown"]) == []


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_collection_may_be_as_small_as_it_likes(opened, folder, count):
    source = Vectors().hold(count)
    index = opened(folder, source)
    assert index.refresh()
    for again in (index, opened(folder, source)):
        assert again.nearest("window", some_vector(), 5, None) == source.exact(some_vector(), 5)
        assert again.nearest("sentence", some_vector(), 5, None) == []
        assert again.problem == ""


def test_many_equal_sentences_are_stored(opened, folder):
    """As the same line under every report."""
    source = Vectors().hold(1500)
    equal = source._held["window"][source.keys("window")[0]].vector
    source._held["window"] = {key: Item(key, "a", equal) for key in source.keys("window")}
    index = opened(folder, source)
    assert index.refresh()
    assert len(set(index.nearest("window", equal, 100, None))) == 100


def test_keys_and_places_are_the_sources(index, source):
    index.nearest("window", some_vector(), 5, None)
    held = index._collections["window"].get(include=["metadatas"])
    assert sorted(held["ids"]) == sorted(source.keys("window"))
    assert {m["article_id"] for m in held["metadatas"]} == {"a", "b"}


def test_more_than_one_batch_is_filled(opened, folder, monkeypatch):
    monkeypatch.setattr("rag.store.chroma.BATCH", 7)
    source = Vectors().hold(30)
    index = opened(folder, source)
    told = []
    assert index.refresh(lambda *step: told.append(step))
    check(index, source)
    assert len(source.asked) == 30
    assert told[-1] == ("building the vector index", 30, 30) and len(told) == 5


def test_what_chroma_leaves_unused_holds_nothing_of_the_memory(index, folder):
    """It writes room for 100 vectors, and whatever lay there before."""
    headers = list(folder.rglob("header.bin"))
    assert len(headers) == 2
    for header in headers:
        data = header.with_name("data_level0.bin").read_bytes()
        size = len(data) // 100
        count = int.from_bytes(header.read_bytes()[20:28], "little")
        assert count in (40, 5) and any(data[: count * size]) and not any(data[count * size :])
        assert not any(header.with_name("length.bin").read_bytes()[count * 4 :])


# What came since


def test_what_came_since_is_found_and_nothing_is_built(index, source, folder, built):
    check(index, source)
    before, first = place(source), files(folder)
    source.asked.clear()
    for article in ("c", "d"):
        source.hold(3, article=article)
        for seed in range(4):
            check(index, source, seed=seed)
        check(index, source, articles=[article])
        assert len(index.nearest("window", some_vector(), 99, [article])) == 3
        assert index.refresh()
    assert (place(source), files(folder), source.asked, built) == (before, first, [], [])
    assert "6 newer ones" in index.state()


def test_what_is_gone_takes_no_place_from_what_is_there(index, source, built):
    check(index, source)
    source.drop(*source.exact(some_vector(), 30))
    check(index, source)
    assert index.refresh() and built == []
    # What came and went again after it was built
    source.hold(20, article="c")
    check(index, source)
    source.drop(*source.exact(some_vector(), 20, ["c"])[:15])
    source.hold(15, article="c")
    check(index, source)


def test_a_number_that_was_free_again_is_not_given_twice(tmp_path):
    """The newest report is removed and another comes: the new one is newer than a generation that held the first."""
    folder = write_reports(tmp_path / "reports", ["pl", "de", "tr"])
    catalog, indexer, space, index = collection(tmp_path)
    indexer.update({str(folder): "declared"})
    assert index.refresh()
    (folder / "tr.txt").unlink()
    indexer.update({str(folder): "declared"})
    write_reports(folder, ["vi"])
    indexer.update({str(folder): "declared"})
    vector = space.question("lũ lụt", "vi")
    assert set(space.scan("sentence", vector, 99, None)) <= set(index.nearest("sentence", vector, 99, None))
    assert {"vi"} <= {key.partition(":")[0] for key in index.nearest("sentence", vector, 99, None)}
    index.close()
    catalog.close()


@pytest.mark.parametrize("change", ["fresh", "gone"])
def test_when_too_much_changed_a_new_generation_is_built(index, source, folder, built, monkeypatch, change):
    monkeypatch.setattr("rag.store.vectors.FRESH", 4)
    monkeypatch.setattr("rag.store.vectors.GONE", 4)
    check(index, source)
    before = place(source)
    if change == "fresh":
        source.hold(5)
    else:
        source.drop(*source.keys("window")[:5])
    check(index, source)
    assert index.refresh() and built == [place(source)] != [before]
    check(index, source)
    assert [path.name for path in folder.iterdir()] == built
    assert "newer" not in index.state()


def test_thirty_questions_open_the_store_once(index, source, monkeypatch):
    opened = []
    monkeypatch.setattr(Store, "open", lambda self, real=Store.open: (opened.append(1), real(self)))
    for seed in range(30):
        check(index, source, seed=seed)
    assert opened == [1]
    assert "ready" in index.state()


def test_a_store_that_is_opened_again_is_neither_built_nor_checked_again(index, opened, folder, source, built, checked):
    for _ in range(3):
        check(index, source)
        index.close()
        index = opened(folder, source)
        assert "ready" in index.state()
    assert (built, checked) == ([], [])


def test_two_instances_on_one_folder_do_not_chase_each_other(index, opened, folder, source, built, checked):
    other = opened(folder, source)
    for seed in range(10):
        check(index, source, seed=seed)
        check(other, source, seed=seed)
    assert (built, checked) == ([], [])
    source.hold(2)
    assert other.refresh(anew=True)
    for seed in range(10):
        check(other, source, seed=seed)
        check(index, source, seed=seed)
    assert len(built) == 1 and checked == []


def test_threads_share_one_index(index, source):
    # It is open: nobody waits for that, and gives up.
    check(index, source)
    wrong = []

    def ask(first):
        for seed in range(first, first + 5):
            found = index.nearest("window", some_vector(seed), 5, None)
            if found != source.exact(some_vector(seed), 5):
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(10 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_old_generation_serves_while_a_new_one_is_built(index, source, folder, monkeypatch):
    building, go = threading.Event(), threading.Event()
    probe = Store.probe

    def slowly(self):
        if threading.current_thread().name == "builder":
            building.set()
            assert go.wait(20)
        return probe(self)

    check(index, source)
    before = place(source)
    source.hold(4, article="c")
    monkeypatch.setattr(Store, "probe", slowly)
    thread = threading.Thread(target=lambda: index.refresh(anew=True), name="builder")
    thread.start()
    assert building.wait(20)
    for seed in range(5):
        check(index, source, seed=seed)
    assert place(source) == before and len(list(folder.iterdir())) == 2
    go.set()
    thread.join(20)
    assert place(source) != before
    check(index, source)
    assert [path.name for path in folder.iterdir()] == [place(source)]


def test_a_building_that_is_stopped_leaves_the_old_one(opened, folder, source, monkeypatch):
    index = opened(folder, source)
    assert index.refresh()
    check(index, source)
    before = place(source)
    assert not index.refresh(lambda *step: index.stop(), anew=True)
    monkeypatch.setattr("rag.store.chroma.BATCH", 7)
    assert not index.refresh(anew=True)
    assert (place(source), [path.name for path in folder.iterdir()]) == (before, [before])


def test_an_erased_store_is_gone_from_the_disk_and_comes_back(index, source, folder):
    check(index, source)
    assert any(path.is_file() for path in folder.rglob("*"))
    assert index.erase() and not folder.exists()
    assert index.refresh()
    check(index, source)


def test_the_state_is_told_in_words(index, source, folder):
    assert "ready, 45 vectors" in index.state()
    shutil.rmtree(folder)
    assert "missing or changed by another program" in index.state()


# What can happen to the folder


def harm_deleted(root):
    shutil.rmtree(root)


def harm_emptied(root):
    for path in files(root):
        path.unlink()


def harm_truncated(root):
    for path in files(root):
        os.truncate(path, path.stat().st_size // 2)


def harm_garbage(root):
    for path in files(root):
        path.write_bytes(b"garbage " * 4000)


def harm_database(root):
    (root / "chroma.sqlite3").write_bytes(b"garbage " * 4000)


def harm_rows(root):
    """A database that is well, with other keys."""
    with sqlite3.connect(root / "chroma.sqlite3") as db:
        assert db.execute("UPDATE embeddings SET embedding_id = 'x' || embedding_id").rowcount
    db.close()


def harm_swapped(root):
    one, two = sorted(path for path in files(root) if path.name == "data_level0.bin")[:2]
    held = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(held)


def harm_byte(root):
    """One byte of one vector, in a file of the same size and time."""
    path = next(path for path in files(root) if path.name == "data_level0.bin")
    seen = path.stat()
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1))


def harm_extra(root):
    (root / "more.bin").write_bytes(b"x")


HARMS = [value for name, value in list(globals().items()) if name.startswith("harm_")]


@pytest.mark.parametrize("harm", HARMS, ids=[harm.__name__[5:] for harm in HARMS])
@pytest.mark.parametrize("when", ["open", "closed"])
def test_a_damaged_generation_is_noticed_and_replaced(index, opened, folder, source, built, harm, when):
    check(index, source)
    before = place(source)
    if when == "closed":
        index.close()
        index = opened(folder, source)
    harm(folder / before)
    assert index.refresh()
    assert built == [place(source)] != [before]
    assert "the vector index was damaged: " in index.damage
    check(index, source, seed=2)
    check(index, source, seed=3, kind="sentence")
    assert [path.name for path in folder.iterdir()] == built
    assert index.refresh() and index.damage == ""


@pytest.mark.parametrize("harm", [harm_deleted, harm_database, harm_swapped])
def test_a_question_notices_too_and_is_answered(index, folder, source, built, harm):
    check(index, source)
    harm(folder / place(source))
    check(index, source, seed=2)
    settled(index)
    check(index, source, seed=3)
    assert built == [place(source)] and index._collections


def test_a_store_that_crashes_the_process_costs_a_child_only(index, folder, source, built, checked):
    """The crash is a library's: the child's chromadb is one that kills the process when it is loaded."""
    crash = folder.parent / "crash"
    crash.mkdir()
    (crash / "chromadb").mkdir()
    (crash / "chromadb" / "__init__.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    os.utime(folder / place(source) / "chroma.sqlite3", ns=(1, 1))
    path = os.environ.get("PYTHONPATH", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(crash), path])))
        assert index.refresh()
    assert checked == ["opening it crashes the process (SIGSEGV)"]
    assert "SIGSEGV" in index.damage and built == [place(source)]
    check(index, source)


def test_a_store_that_was_only_copied_is_checked_and_kept(index, opened, folder, source, built, checked):
    check(index, source)
    index.close()
    shutil.copytree(folder, folder.with_name("copy"))
    shutil.rmtree(folder)
    folder.with_name("copy").rename(folder)
    again = opened(folder, source)
    for seed in range(3):
        check(again, source, seed=seed)
    assert again.refresh()
    assert (built, checked, again.damage) == ([], [""], "")


def test_a_folder_that_became_a_file_comes_back(index, source, folder):
    shutil.rmtree(folder)
    folder.write_text("Kim Bang")
    assert index.refresh()
    check(index, source)


def test_a_folder_that_became_a_link_leaves_what_it_leads_to(index, source, folder, tmp_path):
    shutil.rmtree(folder)
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "report.txt").write_text("Kim Bang")
    folder.symlink_to(kept, target_is_directory=True)
    assert index.refresh()
    check(index, source)
    assert [path.name for path in kept.iterdir()] == ["report.txt"]


def test_the_store_of_another_catalogue_is_not_taken(opened, folder, source, tmp_path, built):
    other_source = Vectors("catalogue-space2").hold(9)
    other = opened(tmp_path / "other", other_source)
    assert other.refresh()
    other.close()
    index = opened(folder, source)
    assert index.refresh()
    index.close()
    # Under the place that is remembered
    shutil.rmtree(folder / place(source))
    shutil.copytree(tmp_path / "other" / place(other_source), folder / place(source))
    again = opened(folder, source)
    assert again.refresh() and len(built) == 3
    check(again, source)


def test_another_space_gets_its_own_generation(index, opened, folder, source):
    check(index, source)
    before = place(source)
    index.close()
    other = Vectors("catalogue-space2").hold(12)
    other.metas = source.metas
    again = opened(folder, other)
    check(again, other)
    settled(again)
    check(again, other)
    assert place(other) != before and again._collections


def test_an_error_of_the_store_costs_no_answer(index, source, monkeypatch, built, checked):
    check(index, source)
    query, failures = VectorIndex._query, iter([RuntimeError("hnsw is gone")])

    def failing(self, *asked):
        for error in failures:
            raise error
        return query(self, *asked)

    monkeypatch.setattr(VectorIndex, "_query", failing)
    check(index, source)
    assert (built, checked) == ([], [""])


def test_an_error_that_stays_leads_to_a_new_generation(index, source, monkeypatch, built):
    check(index, source)
    query = VectorIndex._query

    def failing(self, *asked):
        raise RuntimeError("hnsw is gone")

    monkeypatch.setattr(VectorIndex, "_query", failing)
    check(index, source)
    monkeypatch.setattr(VectorIndex, "_query", query)
    settled(index)
    assert built == [place(source)]


def test_a_store_that_cannot_be_built_says_so_and_leaves_nothing(opened, folder, source, monkeypatch):
    def broken(self):
        raise OSError("no space left on device")

    index = opened(folder, source)
    monkeypatch.setattr(Store, "probe", broken)
    assert not index.refresh()
    assert index.problem == "OSError: no space left on device"
    assert files(folder) == []
    # The catalogue's vectors are compared.
    check(index, source)


def test_a_large_collection_without_a_store_is_compared_by_who_asks(opened, folder, source, monkeypatch):
    monkeypatch.setattr("rag.store.vectors.MOST_FRESH", 40)
    index = opened(folder, source)
    assert index.nearest("window", some_vector(), 5, None) is None
    assert index.problem == "there is no vector index yet"
    settled(index)
    check(index, source)


def test_a_stop_by_the_keyboard_is_not_swallowed(index, monkeypatch):
    def stopped(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "open", stopped)
    with pytest.raises(KeyboardInterrupt):
        index.nearest("window", some_vector(), 5, None)


# Other processes

HOLD = "import sys; from filelock import FileLock\nwith FileLock(sys.argv[1]): print(1, flush=True); input()"


@pytest.mark.parametrize("lock", ["lock", "building.lock"])
def test_while_another_process_has_the_store_nothing_is_lost(index, source, folder, monkeypatch, lock):
    monkeypatch.setattr("rag.store.vectors.LOCK_SECONDS", 0.1)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, f"{folder}.{lock}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "1\n"
        if lock == "lock":
            assert index.nearest("window", some_vector(), 5, None) is None
            assert index.problem == "another process is opening the vector index"
        else:
            check(index, source)
        assert not index.refresh(anew=True) and "another process" in index.problem
        holder.communicate("\n")
    check(index, source)
    assert index.refresh(anew=True)
    check(index, source)


OTHER = """
import sys
from pathlib import Path
from test_vectors import collection
home = Path(sys.argv[1])
catalog, indexer, space, index = collection(home)
print("ready", flush=True)
for line in sys.stdin:
    if line.strip() == "update":
        indexer.update({str(home / "reports"): "declared"})
    if line.strip() in ("update", "anew"):
        assert index.refresh(anew=line.strip() == "anew")
    found = index.nearest("sentence", space.question("ile modeli", "pl"), 99, None)
    held = [key for key in found if key in catalog.keys("sentence")]
    print(len(held), index._place, index.problem, sep="|", flush=True)
"""


def collection(home):
    """Everything between a folder of reports and its vectors."""
    embedder = FakeEmbedder()
    catalog = Catalog(home / "catalog.sqlite3")
    indexer = Indexer(catalog, embedder, Settings())
    space = VectorSpace(catalog, embedder, None)
    return catalog, indexer, space, VectorIndex(home / "chroma", catalog, space)


def test_two_processes_share_a_store_and_see_each_others_changes(tmp_path, built, checked):
    write_reports(tmp_path / "reports", ["pl", "de"])
    catalog, indexer, space, index = collection(tmp_path)
    indexer.update({str(tmp_path / "reports"): "declared"})
    assert index.refresh()

    def here():
        vector = space.question("ile modeli", "pl")
        found = index.nearest("sentence", vector, 99, None)
        held = [key for key in found if key in catalog.keys("sentence")]
        assert set(held) == set(space.scan("sentence", vector, 99, None))
        return len(held), index._place

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, TESTS, Path(__file__).parent)))}
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:

        def there(order="ask"):
            process.stdin.write(order + "\n")
            process.stdin.flush()
            count, where, problem = process.stdout.readline().strip().split("|")
            assert problem == ""
            return int(count), where

        assert process.stdout.readline() == "ready\n"
        first = here()
        assert first[0] == 6
        assert [x for _ in range(5) for x in (there(), here())] == [first] * 10
        # What the other put in is seen here at once, and the other way round.
        write_reports(tmp_path / "reports", ["tr"])
        assert there("update") == (9, first[1])
        assert here() == (9, first[1])
        (tmp_path / "reports" / "de.txt").unlink()
        indexer.update({str(tmp_path / "reports"): "declared"})
        assert here()[0] == 6 == there()[0]
        # Both go over to a new generation, whoever builds it.
        assert there("anew")[1] != first[1]
        assert here() == there()
        assert index.refresh(anew=True)
        assert there() == here() == (6, built[-1])
        # Garbage that one finds is mended for both.
        (database,) = (tmp_path / "chroma").rglob("chroma.sqlite3")
        database.write_bytes(b"garbage " * 4000)
        assert there("update")[0] == 6
        assert here() == there()
        process.stdin.close()
        process.wait()
        assert here()[0] == 6
        assert len(built) == 2 and checked == []
    index.close()
    catalog.close()


# A server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running.url
    running.kill()


def test_a_server_serves_the_same(opened, server, folder, source, built):
    index = opened(folder, source, url=server)
    assert index.refresh()
    for seed in range(3):
        check(index, source, seed=seed)
    assert server in index.state()
    assert "ready" in index.state()
    assert index.nearest("window", some_vector(), 20, ["b"]) == source.exact(some_vector(), 20, ["b"])
    source.drop(*source.exact(some_vector(), 2))
    source.hold(2)
    check(index, source)
    assert index.refresh(anew=True)
    check(index, source)
    assert len(index._store._client.list_collections()) == 2
    assert not folder.exists() and len(built) == 2
    # A collection that somebody deleted on the server comes back.
    index._store._client.delete_collection(index._collections["window"].name)
    check(index, source)
    settled(index)
    check(index, source)
    assert index._place == built[-1] and len(built) == 3


def test_records_that_a_server_lost_come_back(opened, server, folder, source, built):
    index = opened(folder, source, url=server)
    assert index.refresh()
    check(index, source)
    index._collections["window"].delete(ids=source.keys("window")[:3])
    index.close()
    again = opened(folder, source, url=server)
    assert again.refresh() and len(built) == 2 and "were stored" in again.damage
    check(again, source)


def test_from_a_server_to_a_folder_and_back(opened, server, folder, source):
    for url in (server, "", server, ""):
        index = opened(folder, source, url=url)
        assert index.refresh()
        check(index, source)
    assert [path.name for path in folder.iterdir()] == [place(source)]
    assert re.fullmatch(r"[0-9a-f]{12}", place(source))


def test_a_server_that_is_gone_costs_no_answer(opened, folder, source):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    index = opened(folder, source, url=url)
    assert not index.refresh()
    assert index.problem
    check(index, source)


def test_an_address_that_is_none_says_what_to_give(opened, folder, source):
    index = opened(folder, source, url="chroma:8000")
    assert not index.refresh()
    assert "ASKREPORTS_CHROMA=chroma:8000: use embedded, a server's URL" in index.problem


# What a failure or another setting would leave behind


@pytest.mark.parametrize(
    "at", ["building.Store", "building.blank_unused", "building.to_disk", "building.digests_of", "recording"]
)
def test_a_generation_that_could_not_be_finished_leaves_no_vector(opened, folder, source, monkeypatch, at):
    """Each further attempt would leave another one, with what was removed in between."""

    def broken(*asked, **more):
        if isinstance(asked[0], Path):
            asked[0].mkdir(parents=True, exist_ok=True)
            (asked[0] / "begun").write_bytes(b"vectors")
        raise OSError("no space left on device")

    index = opened(folder, source)
    if at == "recording":
        monkeypatch.setattr(source, "set_meta", broken)
    else:
        monkeypatch.setattr(f"rag.store.{at}", broken)
    for _ in range(2):
        assert not index.refresh()
        assert index.problem == "OSError: no space left on device"
        assert files(folder) == []
    monkeypatch.undo()
    assert index.refresh()
    check(index, source)


def test_a_server_leaves_no_vectors_of_an_earlier_folder(opened, server, folder, source):
    assert opened(folder, source).refresh()
    index = opened(folder, source, url=server)
    assert files(folder) != []
    assert index.refresh() and files(folder) == []
    check(index, source)
    # As from a backup of the disk
    (folder / "back").write_bytes(b"vectors")
    assert index.refresh() and files(folder) == []
    (folder / "back").write_bytes(b"vectors")
    assert index.erase() and not folder.exists()


def test_a_server_that_is_gone_keeps_no_folder_from_being_erased(opened, folder, source):
    assert opened(folder, source).refresh()
    index = opened(folder, source, url="http://127.0.0.1:9")
    assert not index.erase() and not folder.exists()


def test_a_link_in_place_of_the_folder_is_left_alone_beside_a_server(opened, server, folder, source, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_bytes(b"mine")
    folder.symlink_to(elsewhere)
    index = opened(folder, source, url=server)
    assert index.refresh() and index.erase()
    assert folder.is_symlink() and [path.name for path in elsewhere.iterdir()] == ["mine"]
