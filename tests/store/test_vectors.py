"""The Chroma store against an exact comparison, and against everything that can happen to its folder."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, write_reports
from places import ROOT, TESTS

from rag.retrieval.space import VectorSpace
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer
from rag.store.vectors import Item, VectorIndex

DIMENSION = 8


class Memory:
    """What the catalogue remembers, in a dict."""

    def __init__(self):
        self.held = {}

    def meta(self, key):
        return self.held.get(key)

    def set_meta(self, key, value):
        self.held[key] = value


class Vectors:
    """A source: `hold` and `drop` change it. Vectors are random, of length one."""

    def __init__(self, name="space-1"):
        self.space = name
        self.changes = 0
        self.asked = []
        self._held = {"window": {}, "sentence": {}}
        self._random = np.random.default_rng(7)

    @property
    def revision(self):
        return f"{self.space}:{self.changes}"

    def hold(self, count, *, kind="window", article="a"):
        self.changes += 1
        for _ in range(count):
            vector = self._random.standard_normal(DIMENSION).astype(np.float32)
            key = f"{article}:{len(self._held[kind])}-{self.changes}:w:ż"
            self._held[kind][key] = Item(key, article, vector / np.linalg.norm(vector))
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

    def exact(self, vector, limit, articles=None, kind="window"):
        held = [item for item in self._held[kind].values() if articles is None or item.article_id in articles]
        return [item.key for item in sorted(held, key=lambda item: -float(item.vector @ vector))][:limit]


@pytest.fixture
def source():
    return Vectors().hold(30).hold(10, article="b").hold(5, kind="sentence")


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def opened():
    """Makes indexes that are closed at the end."""
    made = []

    def make(folder, memory, source, **more):
        made.append(VectorIndex(folder, memory, source, **more))
        return made[-1]

    yield make
    for index in made:
        index.close()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "chroma"


@pytest.fixture
def index(opened, folder, memory, source):
    return opened(folder, memory, source)


@pytest.fixture
def fills(monkeypatch):
    """Counts how often any index compared its store with its source, and how often one was built anew."""
    counted = {"fill": 0, "wipe": 0}
    fill, wipe = VectorIndex._fill, VectorIndex._wipe

    def counting_fill(self):
        counted["fill"] += 1
        return fill(self)

    def counting_wipe(self):
        counted["wipe"] += 1
        return wipe(self)

    monkeypatch.setattr(VectorIndex, "_fill", counting_fill)
    monkeypatch.setattr(VectorIndex, "_wipe", counting_wipe)
    return counted


def some_vector(seed=1):
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


def check(index, source, *, seed=1, kind="window"):
    """The index gives what comparing with every vector gives."""
    vector = some_vector(seed)
    found = index.nearest(kind, vector, 5, None)
    assert index.problem == ""
    assert found == source.exact(vector, 5, kind=kind)


def test_while_the_store_is_being_built_others_do_not_wait_for_it(index, monkeypatch):
    monkeypatch.setattr("rag.store.vectors.BUSY_SECONDS", 0.05)
    building, built = threading.Event(), threading.Event()
    fill = index._fill

    def slowly():
        building.set()
        assert built.wait(20)
        fill()

    monkeypatch.setattr(index, "_fill", slowly)
    question = np.ones(DIMENSION, dtype=np.float32)
    first: list[object] = []
    thread = threading.Thread(target=lambda: first.append(index.nearest("window", question, 3, None)))
    thread.start()
    assert building.wait(20)
    assert index.nearest("window", question, 3, None) is None and "being built" in index.problem
    built.set()
    thread.join(20)
    assert len(first[0]) == 3 == len(index.nearest("window", question, 3, None))


def test_an_erased_store_is_gone_from_the_disk_and_comes_back(index, source, folder):
    check(index, source)
    assert any(path.is_file() for path in folder.rglob("*"))
    assert index.erase() and not folder.exists()
    check(index, source)


def place(memory):
    return json.loads(memory.meta("vector_store"))["place"]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


# What it finds


def test_nearest_is_what_an_exact_comparison_gives(index, source):
    for seed in range(5):
        check(index, source, seed=seed)
        check(index, source, seed=seed, kind="sentence")


def test_only_the_reports_asked_for_are_found(index, source):
    vector = some_vector()
    assert index.nearest("window", vector, 20, ["b"]) == source.exact(vector, 20, ["b"])
    assert len(index.nearest("window", vector, 99, ["b", "a", "unknown"])) == 40
    assert index.nearest("window", vector, 20, ["unknown"]) == []


def test_an_empty_collection_has_nothing_near(opened, folder, memory):
    index = opened(folder, memory, Vectors())
    assert index.nearest("window", some_vector(), 5, None) == []
    assert index.problem == ""


def test_keys_and_places_are_the_sources(index, source, folder):
    import chromadb

    index.nearest("window", some_vector(), 5, None)
    held = index._collections["window"].get(include=["metadatas"])
    assert sorted(held["ids"]) == sorted(source.keys("window"))
    assert {m["article_id"] for m in held["metadatas"]} == {"a", "b"}
    assert chromadb is sys.modules["chromadb"]


def test_more_than_one_batch_is_filled_and_caught_up(opened, folder, memory, monkeypatch):
    monkeypatch.setattr("rag.store.vectors.BATCH", 7)
    source = Vectors().hold(30)
    index = opened(folder, memory, source)
    check(index, source)
    assert len(source.asked) == 30
    source.drop(*source.keys("window")[:16])
    check(index, source)
    assert len(index.nearest("window", some_vector(), 99, None)) == 14
    assert len(source.asked) == 30


# Catching up


def test_a_change_is_caught_up_without_reading_the_rest_again(index, source, memory, fills):
    check(index, source)
    first = place(memory)
    source.asked.clear()
    gone = source.exact(some_vector(), 2)
    source.drop(*gone)
    source.hold(3, article="c")
    check(index, source)
    assert len(source.asked) == 3
    assert not set(gone) & set(index.nearest("window", some_vector(), 99, None))
    assert len(index.nearest("window", some_vector(), 99, ["c"])) == 3
    assert place(memory) == first
    assert fills["wipe"] == 1


def test_thirty_questions_open_the_store_once(index, source, memory, fills):
    for seed in range(30):
        check(index, source, seed=seed)
    assert fills == {"fill": 1, "wipe": 1}
    assert "ready" in index.state()


def test_a_store_that_is_opened_again_is_not_built_again(index, opened, folder, memory, source, fills):
    check(index, source)
    first = place(memory)
    index.close()
    again = opened(folder, memory, source)
    assert "ready" in again.state()
    source.asked.clear()
    check(again, source)
    assert place(memory) == first
    assert source.asked == []


def test_two_instances_on_one_folder_do_not_chase_each_other(index, opened, folder, memory, source, fills):
    other = opened(folder, memory, source)
    for seed in range(10):
        check(index, source, seed=seed)
        check(other, source, seed=seed)
    assert fills["wipe"] == 1
    assert fills["fill"] <= 4
    source.hold(2)
    for seed in range(10):
        check(other, source, seed=seed)
        check(index, source, seed=seed)
    assert fills["wipe"] == 1
    assert fills["fill"] <= 8


def test_threads_share_one_index(index, source, fills):
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
    assert fills["wipe"] == 1


def test_the_state_is_told_in_words(index, source, folder):
    assert "missing or changed by another program" in index.state()
    check(index, source)
    assert "ready" in index.state()
    source.hold(1)
    assert "out of date" in index.state()
    shutil.rmtree(folder)
    assert "missing or changed by another program" in index.state()


# What can happen to the folder


def rebuilt(index, source, memory, before):
    check(index, source, seed=2)
    check(index, source, seed=3, kind="sentence")
    assert place(memory) != before


def test_a_folder_that_was_deleted_comes_back(index, source, memory, folder):
    check(index, source)
    before = place(memory)
    shutil.rmtree(folder)
    rebuilt(index, source, memory, before)


def test_a_folder_that_was_emptied_comes_back(index, source, memory, folder):
    check(index, source)
    before = place(memory)
    for path in files(folder):
        path.unlink()
    rebuilt(index, source, memory, before)


def test_a_folder_that_became_a_file_comes_back(index, source, memory, folder):
    check(index, source)
    before = place(memory)
    shutil.rmtree(folder)
    folder.write_text("Kim Bang")
    rebuilt(index, source, memory, before)


def test_a_folder_that_became_a_link_leaves_what_it_leads_to(index, source, memory, folder, tmp_path):
    check(index, source)
    before = place(memory)
    shutil.rmtree(folder)
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "report.txt").write_text("Kim Bang")
    folder.symlink_to(kept, target_is_directory=True)
    rebuilt(index, source, memory, before)
    assert [path.name for path in kept.iterdir()] == ["report.txt"]


def test_any_file_may_become_garbage_while_the_store_is_open(opened, folder, memory):
    """Enough vectors that Chroma writes the segment's own files too."""
    source = Vectors().hold(1100)
    index = opened(folder, memory, source)
    check(index, source)
    names = [re.sub(r"[0-9a-f-]{12,}", "*", str(path.relative_to(folder))) for path in files(folder)]
    assert len(names) >= 5
    for row in range(len(names)):
        before = place(memory)
        path = files(folder)[row]
        # Of the same length, as a failing disk leaves it.
        path.write_bytes((b"garbage " * (path.stat().st_size // 8 + 1))[: path.stat().st_size])
        rebuilt(index, source, memory, before)


@pytest.mark.parametrize("garbage", [b"", b"garbage " * 4000])
def test_the_database_may_become_garbage_between_two_openings(index, opened, folder, memory, source, garbage):
    check(index, source)
    before = place(memory)
    index.close()
    (path,) = folder.rglob("chroma.sqlite3")
    path.write_bytes(garbage)
    rebuilt(opened(folder, memory, source), source, memory, before)


def test_garbage_beside_the_files_is_swept_out(index, source, memory, folder):
    check(index, source)
    before = place(memory)
    (folder / before / "more.bin").write_bytes(b"x")
    rebuilt(index, source, memory, before)
    assert not list(folder.rglob("more.bin"))


def test_the_store_of_another_catalogue_is_not_taken(opened, folder, memory, source, tmp_path):
    other_memory, other_source = Memory(), Vectors("space-2").hold(9)
    other = opened(tmp_path / "other", other_memory, other_source)
    check(other, other_source)
    other.close()
    index = opened(folder, memory, source)
    check(index, source)
    before = place(memory)
    index.close()
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "other", folder)
    rebuilt(opened(folder, memory, source), source, memory, before)
    # The same under the place that is remembered.
    before = place(memory)
    shutil.rmtree(folder / before)
    shutil.copytree(tmp_path / "other" / place(other_memory), folder / before)
    rebuilt(opened(folder, memory, source), source, memory, before)


def test_a_space_of_another_kind_gets_its_own_collections(index, opened, folder, memory, source):
    check(index, source)
    index.close()
    other = Vectors("space-2").hold(12)
    check(opened(folder, memory, other), other)


def test_an_error_of_the_store_costs_one_rebuild_and_no_answer(index, source, memory, monkeypatch):
    check(index, source)
    before = place(memory)
    query, failures = VectorIndex._query, iter([RuntimeError("hnsw is gone")])

    def failing(self, *asked):
        for error in failures:
            raise error
        return query(self, *asked)

    monkeypatch.setattr(VectorIndex, "_query", failing)
    rebuilt(index, source, memory, before)


def test_a_store_that_cannot_serve_says_so(index, monkeypatch):
    def broken(self):
        raise OSError("no space left on device")

    monkeypatch.setattr(VectorIndex, "_open", broken)
    assert index.nearest("window", some_vector(), 5, None) is None
    assert index.problem == "OSError: no space left on device"


def test_a_stop_by_the_keyboard_is_not_swallowed(index, monkeypatch):
    def stopped(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(VectorIndex, "_open", stopped)
    with pytest.raises(KeyboardInterrupt):
        index.nearest("window", some_vector(), 5, None)


# Other processes

HOLD = "import sys; from filelock import FileLock\nwith FileLock(sys.argv[1]): print(1, flush=True); input()"


def test_while_another_process_writes_there_is_no_answer_and_then_there_is(index, source, folder, monkeypatch):
    monkeypatch.setattr("rag.store.vectors.LOCK_SECONDS", 0.1)
    lock = f"{folder}.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "1\n"
        assert index.nearest("window", some_vector(), 5, None) is None
        assert index.problem == "another process is writing the vector store"
        holder.communicate("\n")
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
    found = index.nearest("sentence", space.question("ile modeli", "pl"), 99, None)
    print(len(found or []), index._place, index.problem, sep="|", flush=True)
"""


def collection(home):
    """Everything between a folder of reports and its vectors."""
    embedder = FakeEmbedder()
    catalog = Catalog(home / "catalog.sqlite3")
    indexer = Indexer(catalog, embedder, Settings())
    space = VectorSpace(catalog, embedder, None)
    return catalog, indexer, space, VectorIndex(home / "chroma", catalog, space)


def test_two_processes_share_a_store_and_see_each_others_changes(tmp_path, fills):
    write_reports(tmp_path / "reports", ["pl", "de"])
    catalog, indexer, space, index = collection(tmp_path)
    indexer.update({str(tmp_path / "reports"): "declared"})

    def here():
        vector = space.question("ile modeli", "pl")
        found = index.nearest("sentence", vector, 99, None)
        assert found == space.scan("sentence", vector, 99, None)
        return len(found), index._place

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
        # Neither makes the other build the store again.
        first = here()
        assert first[0] == 6
        assert [there(), here(), there(), here()] == [first] * 4
        settled = fills["fill"]
        assert [x for _ in range(5) for x in (there(), here())] == [first] * 10
        assert fills["fill"] == settled
        # What the other put in and caught up is seen here, and the other way round.
        write_reports(tmp_path / "reports", ["tr"])
        assert there("update")[0] == 9
        assert here()[0] == 9
        (tmp_path / "reports" / "de.txt").unlink()
        indexer.update({str(tmp_path / "reports"): "declared"})
        assert here()[0] == 6
        assert there()[0] == 6
        assert fills["wipe"] == 1
        # Garbage that one finds is mended for both.
        (database,) = (tmp_path / "chroma").rglob("chroma.sqlite3")
        database.write_bytes(b"garbage " * 4000)
        assert there()[0] == 6
        assert here() == there()
        # A process that ends leaves the store as it is.
        process.stdin.close()
        process.wait()
        settled = dict(fills)
        assert here()[0] == 6
        assert fills == settled
    index.close()
    catalog.close()


# A server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1", "--port", str(port)]
    with (
        (home / "log").open("w") as log,
        subprocess.Popen([*command, "--path", str(home / "data")], stdout=log, stderr=log) as process,
    ):
        for _ in range(100):
            with socket.socket() as probe:
                probe.settimeout(1)
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            threading.Event().wait(0.1)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_server_serves_the_same(opened, server, folder, memory, source, fills):
    index = opened(folder, memory, source, url=server)
    for seed in range(3):
        check(index, source, seed=seed)
    assert fills["fill"] == 1
    assert server in index.state()
    assert "ready" in index.state()
    assert index.nearest("window", some_vector(), 20, ["b"]) == source.exact(some_vector(), 20, ["b"])
    source.drop(*source.exact(some_vector(), 2))
    source.hold(2)
    check(index, source)
    assert not folder.exists()
    # A collection that somebody deleted on the server comes back.
    name = index._collections["window"].name
    index._client.delete_collection(name)
    check(index, source)


def test_from_a_server_to_a_folder_and_back(opened, server, folder, memory, source):
    check(opened(folder, memory, source, url=server), source)
    check(opened(folder, memory, source), source)
    assert [path.name for path in folder.iterdir()] == [place(memory)]
    assert re.fullmatch(r"[0-9a-f]{12}", place(memory))
    check(opened(folder, memory, source, url=server), source)


def test_a_server_that_is_gone_gives_no_answer_but_a_problem(opened, folder, memory, source):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    index = opened(folder, memory, source, url=url)
    assert index.nearest("window", some_vector(), 5, None) is None
    assert index.problem


def test_an_address_that_is_none_says_what_to_give(opened, folder, memory, source):
    index = opened(folder, memory, source, url="chroma:8000")
    assert index.nearest("window", some_vector(), 5, None) is None
    assert "ASKREPORTS_CHROMA=chroma:8000: use a server's URL" in index.problem
