"""Every finding: well on a good set-up, and with the way out on a broken one."""

from __future__ import annotations

import os
import socket
import sqlite3
from datetime import UTC, datetime

import numpy as np
import pytest
from fake_model import WordEmbedder
from fake_reader import FakeReader
from fakes import serving
from openai_server import OpenAIServer, refusal

import rag.doctor
import rag.reports
from rag import Reports, Settings
from rag.doctor import Check, examine, repair
from rag.encoder.embedding import open_embedder
from rag.retrieval.means import LanguageMeans
from rag.store import Catalog
from ui.conversations import Conversations

pytestmark = pytest.mark.usefixtures("clean_environment")


@pytest.fixture(autouse=True)
def quick_embedder(monkeypatch):
    monkeypatch.setattr(rag.doctor, "open_embedder", lambda settings: WordEmbedder())
    monkeypatch.setattr(rag.reports, "open_reader", lambda settings: FakeReader({}))


@pytest.fixture
def indexed(folder, tmp_path, by_chroma):
    home = tmp_path / "home"
    held = {"embedder": WordEmbedder(), "reader": FakeReader({})}
    with Reports.open(folder, home=home, main=True, settings=Settings(llm="none"), **held) as reports:
        reports.retrieve("votes")
    return home


def found(home, **settings) -> dict[str, Check]:
    return {finding.what: finding for finding in examine(Settings(**{"llm": "none", **settings}), home)}


def state(home) -> list[tuple[str, bytes]]:
    return sorted((str(p), p.read_bytes()) for p in home.rglob("*") if p.is_file() and "sqlite3-" not in p.name)


def test_all_is_well_where_it_is(indexed):
    before = state(indexed)
    findings = found(indexed)
    assert all(finding.well for finding in findings.values())
    assert "3 reports" in findings["catalogue"].says and "fake/words-512" in findings["catalogue"].says
    assert "512 dimensions" in findings["embedder"].says
    assert "ready" in findings["vector index"].says
    assert "askreports" in findings["python"].says
    assert state(indexed) == before  # it changes nothing


def test_a_small_collection_has_no_vector_index_and_says_why(folder, tmp_path):
    home = tmp_path / "home"
    held = {"embedder": WordEmbedder(), "reader": FakeReader({})}
    with Reports.open(folder, home=home, main=True, settings=Settings(llm="none"), **held) as reports:
        assert reports.retrieve("votes")
    assert not (home / "chroma").exists()
    finding = found(home)["vector index"]
    assert finding.well and "passages are compared with directly, as up to 200,000 are" in finding.says
    # One that was of use before is not, and goes with the next change.
    (home / "chroma").mkdir()
    assert "is not used, and the next update deletes it" in found(home)["vector index"].says
    with Reports.open(home=home, settings=Settings(llm="none"), **held) as reports:
        reports.update()
    assert not (home / "chroma").exists()


def test_nothing_indexed_yet_is_well_and_makes_nothing(tmp_path):
    findings = found(tmp_path / "none")
    assert all(finding.well for finding in findings.values())
    assert "nothing indexed yet" in findings["catalogue"].says
    assert not (tmp_path / "none").exists()


def test_the_bundled_embedder_is_tried_out(tmp_path, monkeypatch):
    monkeypatch.setattr(rag.doctor, "open_embedder", open_embedder)
    finding = found(tmp_path / "none", cache=tmp_path / "cache")["embedder"]
    assert finding.well
    assert "384 dimensions; weights intact, cosine of a reference text 1.0000" in finding.says
    (file,) = (tmp_path / "cache").glob("*/encoder.bin")
    state = file.stat()
    with file.open("r+b") as weights:
        weights.seek(-4096, 2)
        weights.write(b"x" * 512)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    finding = found(tmp_path / "none", cache=tmp_path / "cache")["embedder"]
    assert not finding.well and "delete it, and it will be created again" in finding.says


def test_no_model_is_told_with_the_way_to_one(indexed):
    says = found(indexed)["language model"].says
    assert "quotes only" in says and "ASKREPORTS_LLM" in says


def test_garbage_for_a_catalogue(indexed):
    for path in indexed.glob("catalog.sqlite3*"):
        path.write_bytes(b"garbage " * 1000)
    findings = found(indexed)
    assert not findings["catalogue"].well and "index again" in findings["catalogue"].says
    assert not findings["vector index"].well
    assert findings["embedder"].well  # one that fails keeps no other from being examined


def test_a_catalogue_with_a_damaged_page(indexed):
    path = indexed / "catalog.sqlite3"
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 8192))
    assert not found(indexed)["catalogue"].well


def test_a_model_file_that_is_not_there(indexed, tmp_path):
    finding = found(indexed, llm=str(tmp_path / "gone.gguf"))["language model"]
    assert not finding.well
    assert "gone.gguf" in finding.says and "check the path" in finding.says


def test_a_model_file_that_is_no_model(indexed, tmp_path):
    (tmp_path / "page.gguf").write_text("<html>")
    finding = found(indexed, llm=str(tmp_path / "page.gguf"))["language model"]
    assert not finding.well and "download it again" in finding.says


def test_a_value_of_no_known_kind(indexed):
    finding = found(indexed, llm="gpt")["language model"]
    assert not finding.well and "bundled, none" in finding.says


def test_means_of_another_embedder(indexed, tmp_path):
    table = np.zeros((1, 512), dtype=np.float32)
    LanguageMeans("another", ["en"], table, table, np.zeros((2, 512)), np.ones((1, 1))).save(tmp_path / "means.npz")
    finding = found(indexed, means=tmp_path / "means.npz")["language means"]
    assert not finding.well
    assert "made for another" in finding.says and "askreports means" in finding.says


def test_means_that_are_not_there_or_none(indexed, tmp_path):
    (tmp_path / "means.npz").write_bytes(b"garbage")
    for path in (tmp_path / "means.npz", tmp_path / "gone.npz"):
        finding = found(indexed, means=path)["language means"]
        assert not finding.well and "askreports means" in finding.says
    without = found(indexed)["language means"]
    assert without.well and "ASKREPORTS_MEANS" in without.says


def test_means_that_fit(indexed, tmp_path):
    table = np.zeros((2, 512), dtype=np.float32)
    LanguageMeans("fake/words-512", ["en", "de"], table, table, np.zeros((2, 512)), np.ones((2, 2))).save(
        tmp_path / "means.npz"
    )
    finding = found(indexed, means=tmp_path / "means.npz")["language means"]
    assert finding.well and "2 languages" in finding.says


# What is repaired


def repaired(home, **settings) -> Check:
    (finding,) = repair(Settings(**{"llm": "none", **settings}), home)
    return finding


def test_there_may_be_nothing_to_repair(indexed):
    before = found(indexed)
    assert repaired(indexed) == Check(f"repair {indexed}", True, "nothing to repair")
    assert found(indexed) == before and all(finding.well for finding in before.values())


@pytest.mark.parametrize("harm", ["gone", "changed", "silent", "left"])
def test_a_vector_store_that_was_touched_is_built_again(indexed, harm):
    root = next((indexed / "chroma").iterdir())
    if harm == "left":
        (indexed / "chroma" / "0123456789ab").mkdir()
    for path in root.rglob("*.bin" if harm in ("changed", "silent") else "*"):
        seen = path.stat()
        if not path.is_file() or harm == "left" or not seen.st_size:
            continue
        if harm == "silent":
            # As a failing disk has it: size and times say nothing.
            path.write_bytes(bytes(seen.st_size))
            os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
        elif harm == "changed":
            path.write_bytes(b"x")
        else:
            path.unlink()
    finding = found(indexed)["vector index"]
    assert not finding.well and "askreports doctor --repair" in finding.says
    done = repaired(indexed)
    assert done.well and ("the vector index" in done.says or harm == "left")
    assert found(indexed)["vector index"].well


HARMS = {
    "DELETE FROM terms WHERE rowid = (SELECT MIN(rowid) FROM terms)": "the full-text index does not hold its words",
    "UPDATE terms SET names = 'x'": "the full-text index does not hold its words",
    "DELETE FROM vectors WHERE input_hash > '8'": "passages have no vector",
    "UPDATE vectors SET vector = x'00' WHERE input_hash = (SELECT MAX(input_hash) FROM vectors)": "have no vector",
    "DELETE FROM passages WHERE kind = 'sentence' AND article_id = 'lund'": "no passage of kind sentence",
    "UPDATE passages SET end = 99999 WHERE article_id = 'lyon' AND kind = 'window'": "lies outside of the text",
    "INSERT INTO passages SELECT number + 1000, 'x', kind, start, end, input_hash FROM passages": "belong to no report",
    "INSERT INTO terms (rowid, words) VALUES (9999, 'x')": "1 rows belong to no report",
    "UPDATE articles SET text = replace(text, '109', '901') WHERE id = 'oslo'": "oslo: the text is not what was read",
}


@pytest.mark.parametrize("statement", HARMS)
def test_a_catalogue_that_is_not_whole_is_told_and_repaired(indexed, statement):
    held = Catalog(indexed / "catalog.sqlite3")
    texts = {article.id: article.text for article in held.articles()}
    held.close()
    with sqlite3.connect(indexed / "catalog.sqlite3") as db:
        assert db.execute(statement).rowcount > 0
    db.close()
    finding = found(indexed)["catalogue"]
    assert not finding.well and HARMS[statement] in finding.says and "doctor --repair" in finding.says
    done = repaired(indexed)
    assert done.well and HARMS[statement] in done.says
    assert all(finding.well for finding in found(indexed).values())
    held = Catalog(indexed / "catalog.sqlite3")
    assert {article.id: article.text for article in held.articles()} == texts
    held.close()


def test_a_text_that_was_changed_and_whose_file_is_gone_is_told(indexed, folder):
    with sqlite3.connect(indexed / "catalog.sqlite3") as db:
        db.execute("UPDATE articles SET text = replace(text, '109', '901') WHERE id = 'oslo'")
    db.close()
    folder.rename(folder.with_name("away"))
    done = repaired(indexed)
    assert not done.well and "oslo: the text is not what was read" in done.says and "askreports restore" in done.says


def test_conversations_are_checked(indexed):
    assert found(indexed)["conversations"].says == "none kept"
    Conversations(indexed / "conversations.sqlite3", now=lambda: datetime(2024, 7, 5, tzinfo=UTC)).close()
    assert found(indexed)["conversations"].well
    (indexed / "conversations.sqlite3").write_bytes(b"garbage " * 4000)
    finding = found(indexed)["conversations"]
    assert not finding.well and "askreports restore" in finding.says


def test_a_disk_that_is_nearly_full_is_told(indexed, monkeypatch):
    assert found(indexed)["disk"].well
    monkeypatch.setattr(rag.doctor, "LEAST_FREE", 10**18)
    assert not found(indexed)["disk"].well and "free some room" in found(indexed)["disk"].says


def test_what_is_left_of_a_restore_is_told(indexed):
    indexed.with_name("home.restoring-12345678").mkdir()
    assert "left of a restore" in found(indexed)["disk"].says


@pytest.mark.parametrize(
    "name", ["home.report-2024.zip", "home.restored-12345678", "home.replaced-1234567", "xhome.replaced-12345678"]
)
def test_a_neighbour_with_a_like_name_is_not_to_be_deleted(indexed, name):
    indexed.with_name(name).write_text("x")
    assert found(indexed)["disk"].well


def test_an_index_of_another_embedder(folder, tmp_path):
    other = WordEmbedder()
    other.name = "other"
    held = {"embedder": other, "reader": FakeReader({})}
    Reports.open(folder, home=tmp_path / "home", main=True, settings=Settings(llm="none"), **held).close()
    findings = found(tmp_path / "home")
    assert findings["catalogue"].well and "other" in findings["catalogue"].says
    assert not findings["vector index"].well and "index --again" in findings["vector index"].says


# Addresses


@pytest.fixture
def dead():
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_a_dead_endpoint_of_a_model_is_dead_though_it_names_its_model(indexed, dead):
    finding = found(indexed, llm=f"{dead}/v1", llm_model="qwen")["language model"]
    assert not finding.well and "cannot be reached" in finding.says and "ASKREPORTS_LLM" in finding.says


def test_an_endpoint_that_answers_is_well_and_one_that_refuses_is_not(indexed):
    with OpenAIServer().running() as server:
        assert found(indexed, llm=f"{server.url}/v1", llm_model="qwen")["language model"] == Check(
            "language model", True, "qwen"
        )
        server.script(refusal(401, "bad key"))
        refused = found(indexed, llm=f"{server.url}/v1", llm_model="qwen")["language model"]
        assert not refused.well and "ASKREPORTS_LLM_KEY" in refused.says


def test_a_chroma_server_is_dead_or_alive(indexed, dead):
    finding = found(indexed, chroma=dead)["Chroma server"]
    assert not finding.well and "is not reachable" in finding.says and "ASKREPORTS_CHROMA" in finding.says
    with serving(lambda path, headers, body: (200, "application/json", b"{}")) as url:
        assert found(indexed, chroma=url)["Chroma server"].well
    assert "Chroma server" not in found(indexed)


def test_each_address_of_the_collection_is_dead_or_alive(folder, tmp_path, dead):
    gone = set()

    def page(path, headers, body):
        return (404, "text/plain", b"gone") if path in gone else (200, "text/plain", b"The council met in Lund in May.")

    held = {"embedder": WordEmbedder(), "reader": FakeReader({}), "settings": Settings(llm="none")}
    home = tmp_path / "home"
    with serving(page) as url:
        Reports.open([folder, f"{url}/a.txt", f"{dead}/b.txt"], home=home, main=True, **held).close()
        findings = found(home)
        assert findings[f"address {url}/a.txt"].well
        assert (
            not findings[f"address {dead}/b.txt"].well and "is not reachable" in findings[f"address {dead}/b.txt"].says
        )
        gone.add("/a.txt")
        finding = found(home)[f"address {url}/a.txt"]
        assert not finding.well and "404" in finding.says and "the stored report is kept" in finding.says
