"""What a disk, a clock, a signal and other processes can do: each change is whole or not made, and the way out is told.

Disks, locks, signals and processes are real; the networks are fakes where the command runs in this process.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fake_model import WordEmbedder
from fake_reader import FakeReader, pin
from kills import SENTENCES, wrong_with
from places import ROOT, TESTS
from typer.testing import CliRunner

import rag.reports
from rag import Reports, Settings
from rag.commands import app
from rag.errors import AskReportsError, StoreError

pytestmark = pytest.mark.usefixtures("clean_environment")
QUIET = Settings(llm="none")
MEGABYTE = 1 << 20


def write_some(folder: Path, numbers: range) -> Path:
    """Reports of a few scripts, 2 to 4 kB each, no two alike."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        chance = random.Random(number)
        lines = []
        for line in range(30):
            # Words of its own, so that sentences differ as those of real reports do.
            words = " ".join("".join(chance.choices("abdegiklmnoprstuvz", k=6)) for _ in range(8))
            lines.append(f"{chance.choice(SENTENCES).format(80_000_000 + number * 100 + line)[:-1]} {words}.")
        (folder / f"r{number}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder


def opened(home: Path, paths: object = None, **more: object) -> Reports:
    held = {"embedder": WordEmbedder(), "reader": FakeReader({"Lund": "12 votes"}), "settings": QUIET}
    return Reports.open(paths, home=home, **{**held, **more})


def whole(home: Path, count: int | None = None) -> set[str]:
    """The ids of the reports, after everything of them was looked at."""
    with opened(home) as reports:
        assert wrong_with(reports) == []
        ids = {article.id for article in reports.articles()}
    assert count is None or len(ids) == count
    return ids


@pytest.fixture
def cli(monkeypatch):
    """Runs the command in this process: (exit code, standard output, standard error)."""
    pin(monkeypatch.setattr)
    monkeypatch.setattr(rag.reports, "open_reader", lambda settings: FakeReader({"Lund": "12 votes"}))
    monkeypatch.setattr(rag.reports, "open_embedder", lambda settings: WordEmbedder())
    monkeypatch.setenv("ASKREPORTS_LLM", "none")

    def run(*arguments: object) -> tuple[int, str, str]:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if isinstance(result.exception, AskReportsError):
            return result.exception.exit_code, result.stdout, f"{result.stderr}askreports: {result.exception}\n"
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return run


# The disk


class Disk:
    """A small disk of its own, mounted in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mount(self, options: str) -> None:
        folder = str(self.folder)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")

    def again(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path):
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    made = Disk(tmp_path / "disk")
    made.folder.mkdir()
    made.mount("size=64m")
    yield made
    subprocess.run(["umount", "-l", str(made.folder)], check=True)


def test_a_full_disk_is_told_and_the_same_command_goes_on_when_there_is_room(cli, disk, tmp_path):
    home = disk.folder / "home"
    folder = write_some(tmp_path / "reports", range(4))
    assert cli("index", folder, "--home", home)[0] == 0
    whole(home, 4)
    write_some(folder, range(4, 60))
    used = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    disk.again(f"size={used + 2 * MEGABYTE}")
    code, told, remarks = cli("index", "--home", home)
    assert (code, told) == (3, "")
    assert "the disk is full; nothing that was stored is lost: free some room" in remarks.splitlines()[-1]
    disk.again("size=64m")
    assert whole(home) >= {f"r{number}" for number in range(4)}
    assert "60 reports: " in cli("index", "--home", home)[1]
    whole(home, 60)


def test_a_disk_without_room_for_the_vector_index_costs_no_report_and_no_answer(
    by_chroma, cli, disk, tmp_path, monkeypatch
):
    home = disk.folder / "home"
    folder = write_some(tmp_path / "reports", range(6))
    from rag.store.chroma import Store

    fill = Store.fill

    def filling(self, kind, items, total):
        """The disk is full once Chroma begins to write."""
        ballast = disk.folder / "ballast"
        if not ballast.exists():
            with ballast.open("wb") as file, pytest.raises(OSError, match="No space"):
                while True:
                    os.write(file.fileno(), b"x" * 65536)
        yield from fill(self, kind, items, total)

    monkeypatch.setattr(Store, "fill", filling)
    code, told, remarks = cli("index", folder, "--home", home)
    assert code == 0 and told.startswith("6 reports: 6 added")
    assert "the vector index could not be built" in remarks and "questions take longer" in remarks
    assert list((home / "chroma").iterdir()) == []
    (disk.folder / "ballast").unlink()
    monkeypatch.setattr(Store, "fill", fill)
    whole(home, 6)
    assert len(list((home / "chroma").iterdir())) == 1


@pytest.mark.parametrize(
    "command", [("index",), ("ask", "Lund?"), ("remove", "r1"), ("articles", "set", "r1", "title=x")]
)
def test_a_disk_that_is_mounted_to_be_read_is_told(cli, disk, tmp_path, command):
    home = disk.folder / "home"
    folder = write_some(tmp_path / "reports", range(2))
    assert cli("index", folder, "--home", home)[0] == 0
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    disk.again("ro")
    code, told, remarks = cli(*command, "--home", home)
    assert (code, told) == (3, "")
    assert (
        remarks.splitlines()[-1].startswith("askreports: ")
        and "permissions" in remarks
        and "ASKREPORTS_HOME" in remarks
    )
    disk.again("rw")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    whole(home, 2)


def test_a_vector_index_that_may_not_be_written_costs_no_answer(tmp_path, monkeypatch):
    """As root may write everything, the question whether it may is answered as for another user."""
    folder = write_some(tmp_path / "reports", range(3))
    with opened(tmp_path / "home", folder, main=True) as reports:
        assert wrong_with(reports) == []
    monkeypatch.setattr("rag.store.vectors.os.access", lambda path, mode: False)
    with opened(tmp_path / "home") as reports:
        assert wrong_with(reports) == [] and reports._index.problem == ""
        assert reports._index._collections == {}


# Versions


def test_a_newer_schema_is_refused_by_every_command_with_the_way_out(cli, tmp_path):
    home = tmp_path / "home"
    folder = write_some(tmp_path / "reports", range(2))
    assert cli("index", folder, "--home", home)[0] == 0
    with sqlite3.connect(home / "catalog.sqlite3") as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        db.execute("PRAGMA user_version = 99")
    db.close()
    for command in (("index",), ("ask", "Lund?"), ("articles",), ("remove", "r1"), ("search", "votes")):
        code, told, remarks = cli(*command, "--home", home)
        assert (code, told) == (3, ""), command
        assert "made by another version of askreports (schema 99, this one reads" in remarks
        assert "ASKREPORTS_HOME" in remarks
    with sqlite3.connect(home / "catalog.sqlite3") as db:
        db.execute(f"PRAGMA user_version = {version}")
    db.close()
    whole(home, 2)


# Other processes

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
db.execute("UPDATE meta SET value = value WHERE key = 'revision'")
print(1, flush=True)
input()
"""


def test_a_catalogue_that_another_process_has_locked(cli, tmp_path, monkeypatch):
    """Who reads does not wait; who writes waits a bounded time and is told."""
    home = tmp_path / "home"
    folder = write_some(tmp_path / "reports", range(3))
    assert cli("index", folder, "--home", home)[0] == 0
    monkeypatch.setattr("rag.store.connections.WAIT_SECONDS", 0.2)
    write_some(folder, range(3, 4))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home / "catalog.sqlite3")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"1\n"
        assert cli("search", "80000000", "--home", home)[0] == 3  # there is a file to take in
        (folder / "r3.txt").rename(tmp_path / "r3.txt")
        assert cli("search", "80000000", "--home", home)[0] == 0
        (tmp_path / "r3.txt").rename(folder / "r3.txt")
        code, told, remarks = cli("index", "--home", home)
        assert (code, told) == (3, "") and "another process is writing it" in remarks
        holder.communicate(b"\n")
    assert cli("index", "--home", home)[1].startswith("4 reports: 1 added")
    whole(home, 4)


READER = """
import sys
from test_adversity import *
with opened(Path(sys.argv[1])) as reports:
    print("ready", flush=True)
    for line in sys.stdin:
        hits = reports.retrieve(line.strip(), limit=3)
        print(len(reports.articles()), hits[0].article.id, sep="|", flush=True)
"""


def test_readers_in_other_processes_see_each_change_of_the_writer(tmp_path):
    home = tmp_path / "home"
    folder = write_some(tmp_path / "reports", range(5))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, TESTS, Path(__file__).parent)))}
    with opened(home, folder, main=True) as writer:
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", READER, str(home)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for _ in range(2)
        ]
        try:
            assert [reader.stdout.readline() for reader in readers] == ["ready\n", "ready\n"]

            def asked(number: int) -> set[str]:
                for reader in readers:
                    reader.stdin.write(f"{80_000_000 + number * 100 + 7}\n")
                    reader.stdin.flush()
                return {reader.stdout.readline().strip() for reader in readers}

            assert asked(3) == {"5|r3"}
            more = write_some(tmp_path / "more", range(5, 7))
            writer.add(more)
            assert asked(6) == {"7|r6"}
            writer.remove(["r6"])
            (told,) = asked(6)
            assert told.startswith("6|") and not told.endswith("r6")
            assert writer._index.refresh(anew=True)
            assert asked(5) == {"6|r5"}
        finally:
            for reader in readers:
                reader.communicate()
    whole(home, 6)


def test_a_second_writer_waits_or_is_told(tmp_path, monkeypatch):
    home = tmp_path / "home"
    folder = write_some(tmp_path / "reports", range(2))
    opened(home, folder, main=True).close()
    writing, go = threading.Event(), threading.Event()

    class Slow(WordEmbedder):
        def passages(self, texts):
            writing.set()
            assert go.wait(30)
            return super().passages(texts)

    one, two = write_some(tmp_path / "one", range(2, 3)), write_some(tmp_path / "two", range(3, 4))
    with opened(home, embedder=Slow()) as first, opened(home) as second:
        thread = threading.Thread(target=lambda: first.add(one))
        thread.start()
        assert writing.wait(30)
        monkeypatch.setattr("rag.updating.LOCK_SECONDS", 0.1)
        with pytest.raises(StoreError, match="another process is changing this collection; wait until it is done"):
            second.add(two)
        # With patience it comes after the other.
        monkeypatch.setattr("rag.updating.LOCK_SECONDS", 30.0)
        waiting = threading.Thread(target=lambda: second.add(two))
        waiting.start()
        go.set()
        thread.join(60)
        waiting.join(60)
        assert {article.id for article in first.articles()} == {"r0", "r1", "r2", "r3"}
    whole(home, 4)


# Stopping by hand


def test_control_c_ends_with_what_is_done_and_the_same_command_goes_on(tmp_path):
    """A real process with the real embedder."""
    home = tmp_path / "home"
    folder = write_some(tmp_path / "reports", range(400))
    command = [sys.executable, "-m", "rag", "index", str(folder), "--home", str(home)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests run in the background, a shell lets them and their children ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        while process.poll() is None and not _stored(home):
            threading.Event().wait(0.02)
        process.send_signal(signal.SIGINT)
        told, remarks = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, ""), remarks
    assert "the same command resumes from there" in remarks and "Traceback" not in remarks
    done = _stored(home)
    assert 0 < done < 400 and f"{done} reports are indexed" in remarks
    assert not (home / "chroma").exists()


def _stored(home: Path) -> int:
    try:
        with sqlite3.connect(f"{(home / 'catalog.sqlite3').as_uri()}?mode=ro", uri=True) as db:
            (count,) = db.execute("SELECT COUNT(*) FROM articles").fetchone()
        db.close()
    except sqlite3.Error:
        return 0
    return int(count)
