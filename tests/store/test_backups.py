"""A home as one file, and back: everything is there, nothing half, and no file is trusted."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime

import pytest
from filelock import FileLock
from places import ROOT
from test_adversity import disk, opened, whole, write_some

from rag.backups import MANIFEST, backup, restore
from rag.errors import InputError, StoreError
from ui.conversations import FILE, Conversations, user_of

pytestmark = pytest.mark.usefixtures("clean_environment")
__all__ = ["disk"]


@pytest.fixture
def home(tmp_path):
    """A main collection, another one beside it, a conversation and an upload."""
    made = tmp_path / "home"
    folder = write_some(tmp_path / "reports", range(4))
    opened(made, folder, main=True).close()
    opened(made, write_some(tmp_path / "others", range(4, 6))).close()
    kept = Conversations(made / FILE, now=lambda: datetime(2024, 7, 5, tzinfo=UTC))
    kept.create(user_of())
    kept.close()
    (made / "uploads").mkdir()
    (made / "uploads" / "Żółć 報告.txt").write_text("Rada miasta Oslo.", encoding="utf-8")
    return made


def content(home):
    """Every file but caches and databases; of databases every row."""
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.suffix == ".sqlite3" and "chroma" not in name:
            with sqlite3.connect(path) as db:
                tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'")]
                for table in tables:
                    rows = db.execute(f"SELECT * FROM {table}").fetchall()
                    found[name, table] = sorted(map(repr, rows if table != "meta" else []))
            db.close()
        elif path.is_file() and "chroma" not in name and not name.endswith((".lock", "-wal", "-shm")):
            found[name] = path.read_bytes()
    return found


def test_a_restored_home_is_the_saved_one(home, tmp_path):
    saved = backup(home, tmp_path / "deep" / "saved.zip")
    assert saved.reports == 4 and saved.size == (tmp_path / "deep" / "saved.zip").stat().st_size
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["saved.zip"]
    with zipfile.ZipFile(tmp_path / "deep" / "saved.zip") as archive:
        assert not any("chroma/" in name or name.endswith(".lock") for name in archive.namelist())
    again = tmp_path / "again"
    assert restore(tmp_path / "deep" / "saved.zip", again).reports == 4
    assert content(again) == content(home) and len(content(home)) > 10
    assert whole(again, 4) == whole(home, 4)
    with opened(again, tmp_path / "others") as reports:
        assert len(reports.articles()) == 2


def test_an_upload_is_saved_whatever_its_name_ends_in(home, tmp_path):
    names = ("daily-journal", "Ngày-wal", "αρχείο-shm")
    for name in names:
        (home / "uploads" / name).write_text(f"Rada miasta {name}.", encoding="utf-8")
    (home / f"{FILE}-journal").write_bytes(b"SQLite's")
    backup(home, tmp_path / "saved.zip")
    with zipfile.ZipFile(tmp_path / "saved.zip") as archive:
        assert {f"uploads/{name}" for name in names} <= set(archive.namelist())
        assert not any(name.endswith(("sqlite3-journal", "sqlite3-wal", "sqlite3-shm")) for name in archive.namelist())
    restore(tmp_path / "saved.zip", tmp_path / "again")
    for name in names:
        assert (tmp_path / "again" / "uploads" / name).read_text("utf-8") == f"Rada miasta {name}."


def test_a_home_is_saved_while_others_read_and_write(home, tmp_path):
    stop, written, failed = threading.Event(), threading.Event(), []

    def write():
        try:
            with opened(home) as reports:
                for number in range(10, 40):
                    if stop.is_set():
                        return
                    reports.add(write_some(tmp_path / f"more{number}", range(number, number + 1)))
                    written.set()
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    assert written.wait(60), failed
    for number in range(4):
        file = tmp_path / f"saved{number}.zip"
        saved = backup(home, file)
        restore(file, tmp_path / f"again{number}")
        assert len(whole(tmp_path / f"again{number}")) == saved.reports > 4
    stop.set()
    thread.join()
    assert failed == []


def test_nothing_is_replaced_unless_it_is_said(home, tmp_path):
    file = tmp_path / "saved.zip"
    backup(home, file)
    before = file.read_bytes()
    with pytest.raises(InputError, match=r"exists already.*--force"):
        backup(home, file)
    assert file.read_bytes() == before
    backup(home, file, force=True)
    with opened(home) as reports:
        reports.remove(["r1"])
    held = content(home)
    with pytest.raises(InputError, match=r"is not empty.*--force"):
        restore(file, home)
    assert content(home) == held
    assert restore(file, home, force=True).reports == 4
    assert whole(home, 4) == {"r0", "r1", "r2", "r3"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "others", "reports", "saved.zip"]


def test_a_home_without_an_index_has_nothing_to_save(tmp_path):
    with pytest.raises(InputError, match="nothing is indexed there"):
        backup(tmp_path / "none", tmp_path / "saved.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_into_its_own_home_does_not_hold_itself(home):
    for _ in range(2):
        backup(home, home / "saved.zip", force=True)
    with zipfile.ZipFile(home / "saved.zip") as archive:
        assert "saved.zip" not in archive.namelist()


def changed(file, to, *, entries=None, manifest=None, leave=()):
    """A copy of a backup with other entries, or another manifest."""
    with zipfile.ZipFile(file) as read, zipfile.ZipFile(to, "w") as write:
        held = json.loads(read.read(MANIFEST))
        for name in read.namelist():
            if name not in (MANIFEST, *leave):
                write.writestr(name, (entries or {}).get(name, read.read(name)))
        for name, data in (entries or {}).items():
            if name not in read.namelist():
                write.writestr(name, data)
        write.writestr(MANIFEST, json.dumps(manifest(held) if manifest else held))
    return to


def with_file(name):
    def change(held):
        held["files"][name] = {"size": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
        return held

    return change


WAYS_OUT = [
    "../out.txt",
    "{}/out.txt",
    "a/../../out.txt",
    "..\\out.txt",
    "C:out.txt",
    "a//out.txt",
    "a/./out.txt",
]


@pytest.mark.parametrize("name", WAYS_OUT)
def test_no_entry_leaves_the_home(home, tmp_path, name):
    file = tmp_path / "saved.zip"
    backup(home, file)
    entry = name.format(tmp_path)  # an absolute path must be one that only this test can write
    bad = changed(file, tmp_path / "bad.zip", entries={entry: b"x"}, manifest=with_file(entry))
    with pytest.raises(InputError):
        restore(bad, tmp_path / "again")
    assert not list(tmp_path.rglob("out.txt"))
    assert not (tmp_path / "again").exists() and not list(tmp_path.glob("again.*"))


def test_a_link_in_the_archive_becomes_no_link(home, tmp_path):
    file = tmp_path / "saved.zip"
    backup(home, file)
    with zipfile.ZipFile(file, "a") as archive:
        entry = zipfile.ZipInfo("uploads/link")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc")
    with pytest.raises(InputError, match="manifest"):
        restore(file, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_byte_that_is_wrong_anywhere_in_the_packed_catalogue_is_told(home, tmp_path):
    """A packed stream fails in several ways, by where it is damaged."""
    file, bad = tmp_path / "saved.zip", tmp_path / "bad.zip"
    backup(home, file)
    data = file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        entry = archive.getinfo("catalog.sqlite3")
    begin = entry.header_offset + 100
    for at in range(begin, begin + entry.compress_size - 100, max(1, entry.compress_size // 60)):
        bad.write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
        with pytest.raises(InputError, match="damaged"):
            restore(bad, tmp_path / "again")
        assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    "harm", ["empty", "text", "half", "byte", "entry", "missing", "newer", "format", "bomb", "json"]
)
def test_a_damaged_or_foreign_file_changes_nothing(home, tmp_path, harm):
    file, bad = tmp_path / "saved.zip", tmp_path / "bad.zip"
    backup(home, file)
    data = file.read_bytes()
    if harm == "empty":
        bad.write_bytes(b"")
    elif harm == "text":
        bad.write_text("Kim Bang " * 1000)
    elif harm == "half":
        bad.write_bytes(data[: len(data) // 2])
    elif harm == "byte":
        at = data.index(b"catalog.sqlite3") + 500
        bad.write_bytes(data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :])
    elif harm == "entry":
        changed(file, bad, entries={"catalog.sqlite3": b"garbage " * 1000})
    elif harm == "missing":
        changed(file, bad, leave=("catalog.sqlite3",))
    elif harm == "newer":
        changed(file, bad, manifest=lambda held: held | {"schema": 99, "askreports": "9.9"})
    elif harm == "format":
        changed(file, bad, manifest=lambda held: [1])
    elif harm == "bomb":
        # More bytes than it says
        changed(file, bad, entries={"uploads/Żółć 報告.txt": b"0" * 100_000_000})
    else:
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr(MANIFEST, "{")
    held = content(home)
    with pytest.raises(InputError, match=r"bad\.zip"):
        restore(bad, home, force=True)
    assert content(home) == held
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip", "home", "others", "reports", "saved.zip"]


def test_a_home_that_another_process_changes_is_not_replaced(home, tmp_path, monkeypatch):
    monkeypatch.setattr("rag.backups.LOCK_SECONDS", 0.1)
    backup(home, tmp_path / "saved.zip")
    held = content(home)
    with FileLock(home / "writing.lock"), pytest.raises(StoreError, match="another process is changing it"):
        restore(tmp_path / "saved.zip", home, force=True)
    assert content(home) == held


def test_a_full_disk_leaves_no_half_of_a_file_or_home(home, tmp_path, disk):
    backup(home, tmp_path / "saved.zip")
    disk.again("size=64k")
    with pytest.raises(StoreError, match="disk with room|cannot be copied"):
        backup(home, disk.folder / "saved.zip")
    with pytest.raises(InputError, match="free some room"):
        restore(tmp_path / "saved.zip", disk.folder / "home")
    assert list(disk.folder.iterdir()) == []


def test_the_commands(home, tmp_path):
    def run(*arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASKREPORTS_LLM": "none"}
        return subprocess.run(
            [sys.executable, "-m", "rag", *map(str, arguments)], env=environment, capture_output=True, text=True
        )

    file, again = tmp_path / "saved.zip", tmp_path / "again"
    done = run("backup", file, "--home", home)
    assert done.returncode == 0 and done.stdout.startswith(f"{file}: 4 reports, ")
    assert "askreports restore" in done.stderr
    assert run("backup", file, "--home", home).returncode == 2
    done = run("restore", file, "--home", again)
    assert (done.returncode, done.stdout.split(",")[0]) == (0, f"{again}: 4 reports")
    done = run("restore", file, "--home", again)
    assert done.returncode == 2 and done.stderr.startswith("askreports: ") and "--force" in done.stderr
    assert run("restore", file, "--home", again, "--force").returncode == 0
    assert run("restore", tmp_path / "none.zip", "--home", tmp_path / "x").returncode == 2
    whole(again, 4)
