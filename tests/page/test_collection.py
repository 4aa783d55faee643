"""Uploading, removing and re-reading over a real collection: what is taken, what is skipped and why, what stays."""

from __future__ import annotations

import html
import os
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import LANGUAGES, REPORTS, FakeEmbedder, write_reports
from html_reader import Reader

from rag.errors import InputError, ModelError, StoreError
from rag.reports import Reports
from rag.settings import Settings
from ui import list_view as lists
from ui.collection import CollectionActions, Job, Outcome, Refusal, UpdateStep, Upload
from ui.strings import ENGLISH
from ui.strings import LANGUAGES as INTERFACE

pytestmark = pytest.mark.usefixtures("clean_environment")
NAMES = {
    "ms": "Jambatan baharu.txt",
    "tr": "Işıklı sokaklar.txt",
    "es": "¿Año nuevo?.txt",
    "de": "Über die Höfe.txt",
    "pl": "Żółć i źdźbło.txt",
    "en": "The museum's hall.txt",
    "vi": "Trận lụt ở Kim Bảng.txt",
}


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


@pytest.fixture
def reports(tmp_path: Path, embedder: FakeEmbedder) -> Iterator[Reports]:
    """A collection that holds the Polish report, from a folder of its own."""
    folder = write_reports(tmp_path / "reports", ["pl"])
    with Reports.open(folder, home=tmp_path / "home", settings=Settings(llm="none"), embedder=embedder) as opened:
        yield opened


@pytest.fixture
def collection(reports: Reports) -> Iterator[CollectionActions]:
    made = CollectionActions(reports, max_mb=1, max_files=20)
    yield made
    made.close()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def sent(inbox: Path, name: str, content: str | bytes) -> Upload:
    """A file as Gradio hands it over: under a plain name in a folder of its own."""
    place = inbox / f"{len(list(inbox.iterdir()))}" / f"upload{Path(name).suffix}"
    place.parent.mkdir()
    place.write_bytes(content.encode() if isinstance(content, str) else content)
    return Upload(name, place)


def held(reports: Reports) -> list[str]:
    return [article.id for article in reports.articles()]


def uploads(reports: Reports) -> list[str]:
    return sorted(path.name for path in (reports.home / "uploads").iterdir())


def test_uploaded_reports_can_be_asked_in_every_language(collection, reports, inbox):
    job = collection.upload([sent(inbox, NAMES[tag], REPORTS[tag]) for tag in LANGUAGES if tag != "pl"])
    steps = list(job)
    outcome = job.result(60)
    assert outcome.skipped == () and len(outcome.added) == 6 and outcome.removed == outcome.changed == ()
    assert steps[0] == UpdateStep("taking files", 0, 6) and UpdateStep("taking files", 6, 6) in steps
    assert steps[-1].label == "embedding passages" and steps[-1].done == steps[-1].total
    assert set(held(reports)) == {*outcome.added, "pl"}
    assert "Trận lụt ở Kim Bảng" in outcome.added and "Año nuevo" not in outcome.added and "¿Año nuevo" in outcome.added
    answer = reports.ask("When was the harvest?")
    assert any("Die Ernte" in hit.passage.text for hit in answer.hits)
    shutil.rmtree(inbox)
    assert reports.update().removed == (), "the browser's copies are no longer needed"


ELF = b"\x7fELF" + bytes(range(256)) * 40
EXE = b"MZ\x90\x00\x03" + bytes(5000)


@pytest.mark.parametrize(
    ("name", "content", "why", "detail"),
    [
        ("program.txt", ELF, "unread", "is a program, not text"),
        ("setup.exe.txt", EXE, "unread", "is a program, not text"),
        ("setup.exe", EXE, "format", ""),
        ("noise.txt", bytes(range(1, 256)) * 50, "unread", ""),
        ("archive.zip", b"PK\x03\x04", "format", ""),
        ("zip.txt", b"PK\x03\x04" + bytes(200), "unread", "is a ZIP archive"),
        ("page.php", "<?php echo 1;", "format", ""),
        ("none", b"\x89PNG\r\n\x1a\n" + bytes(20), "unread", "is a PNG picture"),
        ("app.html", "<!doctype html><div id=root></div>", "unread", "is a page without visible text"),
        ("empty.txt", "", "empty", ""),
        ("blank.txt", " \n\t\n ", "empty", ""),
        ("big.txt", "ż" * 500_001, "large", "1"),
        ("again.txt", REPORTS["pl"], "known", "pl"),
    ],
)
def test_a_file_that_is_no_new_report_is_skipped_and_told_why(collection, reports, inbox, name, content, why, detail):
    before = reports.articles()
    outcome = collection.upload([sent(inbox, name, content)]).result(60)
    (refusal,) = outcome.skipped
    assert (refusal.name, refusal.why) == (name, why)
    assert refusal.detail.startswith(detail) and outcome.added == ()
    assert reports.articles() == before and uploads(reports) == []
    for strings in INTERFACE.values():
        assert refusal.reason(strings) and "{" not in refusal.reason(strings)


@pytest.mark.parametrize("tag", INTERFACE)
def test_where_files_are_dropped_stands_what_can_be(tag):
    shown = Reader(lists.dropzone_html(25, 20, INTERFACE[tag])).text
    assert {".txt", ".html", ".eml", ".srt", ".csv"} <= set(re.findall(r"\.\w+", shown))
    assert "25 MB" in shown and "20" in shown


def test_pages_mails_and_files_without_a_suffix_are_taken(collection, reports, inbox):
    page = f"<!doctype html><nav>Start</nav><article><p>{REPORTS['de']}</p></article>"
    mail = f"From: A B <a@b.example>\nSubject: Haber\nContent-Type: text/plain; charset=utf-8\n\n{REPORTS['tr']}"
    files = [("seite.html", page), ("haber.eml", mail), ("notes", REPORTS["vi"])]
    outcome = collection.upload([sent(inbox, name, content) for name, content in files]).result(60)
    assert outcome.skipped == () and sorted(outcome.added) == ["haber", "notes", "seite"]
    texts = {article.id: article.text for article in reports.articles()}
    assert "Start" not in texts["seite"] and "From:" not in texts["haber"]


def test_a_real_zip_archive_of_reports_is_told_as_no_text(collection, reports, inbox, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("vi.txt", REPORTS["vi"])
    content = (tmp_path / "all.zip").read_bytes()
    outcome = collection.upload([sent(inbox, "all.zip", content), sent(inbox, "all.txt", content)]).result(60)
    assert [refusal.why for refusal in outcome.skipped] == ["format", "unread"]


def test_a_file_of_two_hundred_megabytes_is_not_even_copied(collection, reports, inbox):
    huge = sent(inbox, "huge.txt", "")
    with huge.path.open("wb") as file:
        file.truncate(200_000_000)
    assert collection.upload([huge]).result(60).skipped == (Refusal("huge.txt", "large", "1"),)
    assert ENGLISH.skip_large.format(mb="1") == Refusal("huge.txt", "large", "1").reason(ENGLISH)


def test_of_five_hundred_files_the_first_ones_are_taken_and_the_rest_named(collection, reports, inbox):
    files = [sent(inbox, f"báo cáo {n}.txt", f"{REPORTS['vi']}\nBáo cáo số {n} của huyện.") for n in range(500)]
    outcome = collection.upload(files).result(300)
    assert len(outcome.added) == 20 and len(outcome.skipped) == 480
    assert {refusal.why for refusal in outcome.skipped} == {"many"}
    assert outcome.skipped[0].name == "báo cáo 20.txt" and outcome.skipped[-1].name == "báo cáo 499.txt"
    assert len(held(reports)) == 21


def test_markup_and_scripts_are_taken_as_the_text_they_are(collection, reports, inbox):
    text = "<script>alert(1)</script> <img src=x onerror=alert(1)> The council of Ninh Son met on 3 May 2024."
    outcome = collection.upload([sent(inbox, "<script>alert(1)</script>.txt", text)]).result(60)
    (id,) = outcome.added
    article = reports.article(id)
    assert article and article.text == text
    assert "<" not in id and "/" not in id


def test_good_and_bad_files_together(collection, reports, inbox):
    files = [
        sent(inbox, "bad.txt", ELF),
        sent(inbox, "gut.txt", REPORTS["de"]),
        sent(inbox, "same.txt", REPORTS["de"]),
        sent(inbox, "dobry.txt", REPORTS["pl"]),
    ]
    outcome = collection.upload(files).result(60)
    assert outcome.added == ("gut",)
    assert [(refusal.name, refusal.why, refusal.detail) for refusal in outcome.skipped][1:] == [
        ("same.txt", "known", "gut.txt"),
        ("dobry.txt", "known", "pl"),
    ]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("../../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Żółć\\raport.TXT", "raport.txt"),
        ("/etc/cron.d/x.txt", "x.txt"),
        (".hidden.txt", "hidden.txt"),
        ("con.txt", "_con.txt"),
        ("a\x00b\nc.txt", "a b c.txt"),
        ("\u202egnp.txt", "gnp.txt"),
        ("???.txt", "report.txt"),
        ("PL.txt", "PL-2.txt"),
        ("Trâ\u0323n lu\u0323t.txt", "Trận lụt.txt"),
    ],
)
def test_names_are_made_safe_and_unique(collection, reports, inbox, name, file):
    outcome = collection.upload([sent(inbox, name, REPORTS["vi"])]).result(60)
    assert uploads(reports) == [file] and outcome.added == (Path(file).stem,)
    assert "pl" in held(reports), "no report changes its id for an upload"


def test_a_very_long_name_is_cut(collection, reports, inbox):
    collection.upload([sent(inbox, "ż" * 3000 + ".txt", REPORTS["de"])]).result(60)
    (name,) = uploads(reports)
    assert len(name.encode()) < 200 and name.endswith("ż.txt")


def test_two_different_reports_of_one_name_are_both_kept(collection, reports, inbox):
    both = [sent(inbox, "rapor.txt", REPORTS["tr"]), sent(inbox, "RAPOR.txt", REPORTS["de"])]
    assert collection.upload(both).result(60).added == ("RAPOR-2", "rapor")
    assert collection.upload([sent(inbox, "rapor.txt", REPORTS["vi"])]).result(60).added == ("rapor-3",)
    assert {a.text for a in reports.articles()} == {REPORTS[tag] for tag in ("pl", "tr", "de", "vi")}


def test_a_file_that_only_the_indexer_refuses_is_told_and_does_not_stay(collection, reports, inbox, monkeypatch):
    furniture = "Sumber: https://example.org/berita\nKomen (0)\n"
    alone = collection.upload([sent(inbox, "furniture.txt", furniture)]).result(60)
    assert [(r.name, r.why) for r in alone.skipped] == [("furniture.txt", "unread")] and uploads(reports) == []
    both = [sent(inbox, "furniture.txt", furniture), sent(inbox, "gut.txt", REPORTS["de"])]
    outcome = collection.upload(both).result(60)
    assert outcome.added == ("gut",) and uploads(reports) == ["gut.txt"]
    assert outcome.skipped == (Refusal("furniture.txt", "unread", "contains only page furniture, no report"),)


def test_an_embedder_that_goes_away_changes_nothing_and_a_second_try_works(collection, reports, inbox, embedder):
    embedder.fail_after = 0
    job = collection.upload([sent(inbox, "gut.txt", REPORTS["de"])])
    with pytest.raises(ModelError, match="went away"):
        job.result(60)
    assert list(job)[-1].label == "embedding passages", "who waits for the steps is let go"
    assert held(reports) == ["pl"] and uploads(reports) == []
    embedder.fail_after = None
    assert collection.upload([sent(inbox, "gut.txt", REPORTS["de"])]).result(60).added == ("gut",)


def test_what_was_ready_when_the_embedder_went_away_stays_with_its_file(
    collection, reports, inbox, embedder, monkeypatch
):
    monkeypatch.setattr("rag.store.indexing.BATCH", 2)
    embedder.fail_after = 3
    both = [sent(inbox, "a.txt", REPORTS["de"]), sent(inbox, "b.txt", REPORTS["vi"])]
    with pytest.raises(ModelError, match="went away"):
        collection.upload(both).result(60)
    assert held(reports) == ["a", "pl"] and uploads(reports) == ["a.txt"]
    embedder.fail_after = None
    again = collection.upload(both).result(60)
    assert again.added == ("b",) and [refused.why for refused in again.skipped] == ["known"]
    assert uploads(reports) == ["a.txt", "b.txt"]


def test_a_file_that_the_browser_took_away_meanwhile_is_told(collection, inbox):
    gone = sent(inbox, "weg.txt", REPORTS["de"])
    gone.path.unlink()
    folder = Upload("folder.txt", inbox)
    assert [r.why for r in collection.upload([gone, folder]).result(60).skipped] == ["unread", "unread"]


def test_a_pipe_is_not_waited_for(collection, inbox):
    os.mkfifo(inbox / "pipe.txt")
    assert collection.upload([Upload("pipe.txt", inbox / "pipe.txt")]).result(60).skipped[0].why == "unread"


# Removing and reading anew


def test_what_was_uploaded_is_deleted_when_it_is_removed_and_can_come_again(collection, reports, inbox):
    collection.upload([sent(inbox, NAMES["vi"], REPORTS["vi"]), sent(inbox, "gut.txt", REPORTS["de"])]).result(60)
    outcome = collection.remove(["Trận lụt ở Kim Bảng"]).result(60)
    assert outcome == Outcome(removed=("Trận lụt ở Kim Bảng",))
    assert uploads(reports) == ["gut.txt"] and held(reports) == ["gut", "pl"]
    collection.upload([sent(inbox, "pl-new.txt", REPORTS["tr"])]).result(60)
    assert held(reports) == ["gut", "pl", "pl-new"], "what was removed does not come back by itself"
    assert collection.upload([sent(inbox, NAMES["vi"], REPORTS["vi"])]).result(60).added == ("Trận lụt ở Kim Bảng",)


def test_a_removed_report_that_another_collection_of_the_home_holds_is_told(collection, reports, embedder, tmp_path):
    other = write_reports(tmp_path / "others", ["pl", "de"])
    with Reports.open(other, home=tmp_path / "home", settings=Settings(llm="none"), embedder=embedder) as opened:
        assert "pl" in held(opened)
    outcome = collection.remove(["pl"]).result(60)
    assert [Path(one.location).name for one in outcome.warned] == ["pl.txt"]
    assert "askreports remove pl -r" in html.unescape(lists.outcome_html(outcome, ENGLISH))


def test_files_from_elsewhere_stay_where_they_are(collection, reports, tmp_path):
    assert collection.remove(["pl"]).result(60).removed == ("pl",)
    assert (tmp_path / "reports" / "pl.txt").exists() and held(reports) == []


def test_an_unknown_id_removes_nothing(collection, reports, inbox):
    collection.upload([sent(inbox, "gut.txt", REPORTS["de"])]).result(60)
    with pytest.raises(InputError, match="nowhere"):
        collection.remove(["gut", "nowhere"]).result(60)
    assert held(reports) == ["gut", "pl"] and uploads(reports) == ["gut.txt"]
    assert reports.update().removed == ()


@pytest.mark.parametrize("made", [True, False])
def test_a_removal_that_failed_leaves_the_files_of_what_is_still_there(collection, reports, inbox, monkeypatch, made):
    """Where it failed after the report had left, its file would bring it back."""
    collection.upload([sent(inbox, "gut.txt", REPORTS["de"]), sent(inbox, "vi.txt", REPORTS["vi"])]).result(60)
    with monkeypatch.context() as patch:
        if made:
            patch.setattr(type(reports._catalog), "erase", lambda self: False)
        else:
            patch.setattr(type(reports._catalog), "replace", lambda *_, **__: 1 / 0)
        with pytest.raises((StoreError, ZeroDivisionError)):
            collection.remove(["gut"]).result(60)
    left = ["vi.txt"] if made else ["gut.txt", "vi.txt"]
    assert uploads(reports) == left
    update = reports.update()
    assert (update.added, update.removed) == ((), ()) and uploads(reports) == left
    assert held(reports) == (["pl", "vi"] if made else ["gut", "pl", "vi"])


def test_changed_files_are_looked_for_on_request(collection, reports, tmp_path):
    (tmp_path / "reports" / "pl.txt").write_text(REPORTS["pl"] + "Dodano zdanie.\n", encoding="utf-8")
    (tmp_path / "reports" / "tr.txt").write_text(REPORTS["tr"], encoding="utf-8")
    (tmp_path / "reports" / "x.txt").write_bytes(ELF)
    outcome = collection.refresh().result(60)
    assert (outcome.added, outcome.changed) == (("tr",), ("pl",))
    assert [Path(refusal.name).name for refusal in outcome.skipped] == ["x.txt"]
    assert collection.refresh().result(60).changed == ()


def test_everything_is_read_anew_on_request(collection, reports, embedder):
    count = len(embedder.texts)
    job = collection.refresh(again=True)
    assert job.result(60).changed == ("pl",) and held(reports) == ["pl"]
    assert len(embedder.texts) == count, "the vectors are known"


# Meanwhile


def test_questions_are_answered_while_files_are_being_read(collection, reports, inbox, embedder, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    embed = embedder.passages

    def slow(texts):
        begun.set()
        assert go_on.wait(60)
        return embed(texts)

    monkeypatch.setattr(embedder, "passages", slow)
    job = collection.upload([sent(inbox, "gut.txt", REPORTS["de"])])
    later = collection.remove(["pl"])
    assert begun.wait(60)
    answer = reports.ask("Ile modeli wdrożono?")
    assert answer.answered and answer.citations[0].article_id == "pl"
    assert held(reports) == ["pl"]
    go_on.set()
    assert job.result(60).added == ("gut",) and later.result(60).removed == ("pl",)
    assert held(reports) == ["gut"]


def test_uploads_from_many_windows_lose_nothing(collection, reports, inbox):
    files = {tag: sent(inbox, "same name.txt", REPORTS[tag]) for tag in LANGUAGES if tag != "pl"}
    jobs: list[Job] = []
    threads = [threading.Thread(target=lambda f=f: jobs.append(collection.upload([f]))) for f in files.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(job.result(60).added) for job in jobs) == 6
    assert {article.text for article in reports.articles()} == set(REPORTS.values())


def test_a_server_killed_after_copying_reads_the_file_when_it_starts_again(reports, collection, inbox, embedder):
    collection.upload([sent(inbox, "gut.txt", REPORTS["de"])]).result(60)
    folder = reports.home / "uploads"
    (folder / "copied.txt").write_text(REPORTS["vi"], encoding="utf-8")
    (folder / ".part-0.txt").write_text(REPORTS["tr"][:50], encoding="utf-8")
    (folder / ".gone-x.txt").write_text(REPORTS["es"], encoding="utf-8")
    with Reports.open(None, home=reports.home, settings=Settings(llm="none"), embedder=embedder) as again:
        assert held(again) == ["copied", "gut", "pl"]
        CollectionActions(again, max_mb=1, max_files=20).close()
    assert uploads(reports) == ["copied.txt", "gut.txt"]


def test_closing_lets_go_of_those_who_wait(collection, reports, inbox, embedder, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    embed = embedder.passages
    monkeypatch.setattr(embedder, "passages", lambda texts: (begun.set(), go_on.wait(60), embed(texts))[2])
    first = collection.upload([sent(inbox, "gut.txt", REPORTS["de"])])
    second = collection.upload([sent(inbox, "vi.txt", REPORTS["vi"])])
    assert begun.wait(60)
    closing = threading.Thread(target=collection.close)
    closing.start()
    assert list(second) == []
    with pytest.raises(StoreError, match="closing"):
        second.result(60)
    go_on.set()
    closing.join()
    assert first.result(60).added == ("gut",) and held(reports) == ["gut", "pl"]


def test_a_removed_upload_leaves_neither_words_nor_name_nor_copy(collection, reports, inbox):
    name = "Wtajemniczony Świadek"
    secret = sent(inbox, f"{name}.txt", "Wójt Żółtobrody zeznał 5 lipca 2023 r. Zapłacono 4711 zł.")
    (id,) = collection.upload([secret]).result(60).added
    reports.retrieve("Żółtobrody")
    words = [word.encode(code) for word in (name, "Żółtobrody", "zeznał") for code in ("utf-8", "utf-16-le")]

    def left():
        files = [path for path in reports.home.rglob("*") if path.is_file()]
        return [path.name for path in files if any(word in path.read_bytes() for word in words)]

    assert left() and uploads(reports)
    gone: list[str] = []
    job = collection.remove([id])
    job.afterwards(lambda: gone.append(id))
    assert job.result(60).removed == (id,)
    assert left() == [] == uploads(reports)
    assert gone == [id], "what is to be done afterwards is done"
    assert collection.refresh().result(60) == Outcome()
