"""A real Chroma server: killed and restarted in mid-use, emptied, and shared by several processes on one catalogue."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from fakes import FakeEmbedder, write_reports
from places import ROOT, TESTS

from rag.retrieval.space import VectorSpace
from rag.settings import Settings
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer
from rag.store.vectors import VectorIndex


class Server:
    """`chroma run` on a port of its own, over a folder; it can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1"]
        command += ["--port", str(self._port), "--path", str(self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            with socket.socket() as probe:
                probe.settimeout(1)
                if not probe.connect_ex(("127.0.0.1", self._port)):
                    return
            threading.Event().wait(0.1)
        raise AssertionError("the Chroma server did not start")

    def kill(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.kill()


@contextmanager
def collection(home: Path, url: str):
    """Everything between a folder of reports and its vectors on a server."""
    catalog = Catalog(home / "catalog.sqlite3")
    embedder = FakeEmbedder()
    space = VectorSpace(catalog, embedder, None)
    index = VectorIndex(home / "chroma", catalog, space, url=url)
    try:
        yield Indexer(catalog, embedder, Settings()), space, index
    finally:
        index.close()
        catalog.close()


def find(space, index):
    """How many sentences the server finds, all that are there; None without it. Removed ones may be among them."""
    vector = space.question("ile modeli", "pl")
    found, there = index.nearest("sentence", vector, 99, None), set(space.scan("sentence", vector, 99, None))
    assert found is None or there <= set(found)
    return found if found is None else len(there)


def test_a_server_killed_in_mid_use_costs_answers_from_chroma_only_until_it_is_back(server, tmp_path):
    write_reports(tmp_path / "reports", ["pl", "de"])
    with collection(tmp_path, server.url) as (indexer, space, index):
        indexer.update({str(tmp_path / "reports"): "declared"})
        index.refresh()
        assert find(space, index) == 6
        server.kill()
        assert find(space, index) is None and index.problem
        # What is indexed meanwhile is not lost.
        write_reports(tmp_path / "reports", ["tr"])
        indexer.update({str(tmp_path / "reports"): "declared"})
        index.refresh()
        assert find(space, index) is None
        server.start()
        assert find(space, index) == 9
        assert index.problem == "" and not (tmp_path / "chroma").exists()


def test_a_server_that_lost_its_disk_is_filled_again(server, tmp_path):
    write_reports(tmp_path / "reports", ["pl", "de"])
    with collection(tmp_path, server.url) as (indexer, space, index):
        indexer.update({str(tmp_path / "reports"): "declared"})
        assert index.refresh()
        assert find(space, index) == 6
        server.kill()
        shutil.rmtree(server.folder)
        server.start()
        # Meanwhile the catalogue's vectors are compared.
        assert find(space, index) == 6
        index._mending.join(30)
        assert find(space, index) == 6
        assert index._collections["sentence"].count() == 6


READER = """
import sys
from pathlib import Path
from test_chroma_server import collection, find
with collection(Path(sys.argv[1]), sys.argv[2]) as (indexer, space, index):
    print("ready", flush=True)
    for line in sys.stdin:
        print(find(space, index), flush=True)
"""


def test_several_processes_read_one_catalogue_behind_one_server(server, tmp_path):
    write_reports(tmp_path / "reports", ["pl", "de"])
    sources = {str(tmp_path / "reports"): "declared"}
    paths = os.pathsep.join(map(str, (ROOT, TESTS, Path(__file__).parent)))
    command = [sys.executable, "-c", READER, str(tmp_path), server.url]
    with collection(tmp_path, server.url) as (indexer, _, index), ExitStack() as stack:
        indexer.update(sources)
        index.refresh()
        readers = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "PYTHONPATH": paths},
                )
            )
            for _ in range(3)
        ]
        assert [reader.stdout.readline() for reader in readers] == ["ready\n"] * 3

        def asked():
            """What each finds, all asked at once."""
            for reader in readers:
                reader.stdin.write("ask\n")
                reader.stdin.flush()
            return [reader.stdout.readline().strip() for reader in readers]

        def settled(count):
            """All find as many, once one has brought the server up to date, and then every time."""
            for _ in range(60):
                if (found := asked()) == [count] * 3:
                    break
                # Meanwhile the others compare with every vector.
                assert set(found) <= {count, "None"}
            assert [asked(), asked()] == [[count] * 3] * 2

        settled("6")
        write_reports(tmp_path / "reports", ["tr"])
        indexer.update(sources)
        index.refresh()
        settled("9")
        (tmp_path / "reports" / "de.txt").unlink()
        indexer.update(sources)
        index.refresh()
        settled("6")
        server.kill()
        assert asked() == ["None"] * 3
        server.start()
        settled("6")
        for reader in readers:
            reader.stdin.close()
            reader.wait(20)
