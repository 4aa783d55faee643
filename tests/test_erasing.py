"""A removed report leaves nothing on disk: no word in any encoding, no vector, in no file under the home."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from fake_model import FakeModel
from fake_reader import FakeReader, pin
from fakes import FakeEmbedder, write_reports

from rag import Reports, Settings
from rag.models import Turn
from rag.updating import QUOTED, Updating
from ui.conversations import FILE, Conversations, user_of
from ui.exchanges import Exchange, Feedback

pytestmark = pytest.mark.usefixtures("clean_environment")

# Report -> its words that stand nowhere else, in several scripts.
SECRET = {
    "hidden": ("Xylotriban", "The council of Xylotriban counted 4711 votes. Quorzel spoke of it yesterday."),
    "скрытый": ("Жлобогрыз", "Совет города Жлобогрыз насчитал 5822 голоса. Мост закрыли."),
    "gizli": ("Şığırtmaç", "Şığırtmaç meclisi 6933 oy saydı. Köprü kapandı."),
    "kin": ("鑫鑫寳邨", "鑫鑫寳邨的議會數了7044張票。橋關閉了。"),
}
KEPT = {
    "lund": "The council met in Lund on 3 March 2021. It counted 12 votes for the old bridge.",
    "lyon": "Der Rat von Lyon tagte am 4. Mai 2022. Er zählte 29 Stimmen für die neue Schule.",
}
FIGURES = {"hidden": "4711", "скрытый": "5822", "gizli": "6933", "kin": "7044"}


@pytest.fixture(autouse=True)
def pinned(monkeypatch):
    pin(monkeypatch.setattr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "reports"
    made.mkdir()
    for id, text in {**KEPT, **{id: text for id, (_, text) in SECRET.items()}}.items():
        (made / f"{id}.txt").write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def reports(folder: Path, tmp_path: Path) -> Iterator[Reports]:
    reader = FakeReader({**{one: one for one in FIGURES.values()}, "Lund": "12 votes"})
    settings = Settings(llm="none")
    with Reports.open(
        folder, main=True, home=tmp_path / "home", settings=settings, embedder=FakeEmbedder(), reader=reader, llm=None
    ) as opened:
        yield opened


def found_in(home: Path, patterns: dict[str, bytes]) -> list[tuple[str, str]]:
    """(file, pattern) of every hit; files are read as they lie on the disk."""
    files = [path for path in sorted(home.rglob("*")) if path.is_file()]
    assert files
    return [
        (str(path.relative_to(home)), name)
        for path in files
        for name, pattern in patterns.items()
        if pattern in path.read_bytes()
    ]


def written(words: list[str]) -> dict[str, bytes]:
    forms = {}
    for word in words:
        for form in {word, word.lower(), word.casefold()}:
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                forms[f"{form} {encoding}"] = form.encode(encoding)
            # JSON with escapes
            forms[f"{form} escaped"] = form.encode("ascii", "backslashreplace")
    return forms


def vector_bytes(reports: Reports, ids: list[str]) -> dict[str, bytes]:
    """Eight numbers of each vector as float32, as they come and with the language's mean removed."""
    catalog, space = reports._catalog, reports._space
    forms = {}
    for id in ids:
        for kind in ("window", "sentence"):
            stored = catalog.passages(id, kind)
            plain = catalog.vectors([one.input_hash for one in stored], reports._embedder.name)
            for one, centred in zip(stored, space.matrix(stored), strict=True):
                for name, vector in (("plain", plain[one.input_hash]), ("centred", centred)):
                    forms[f"{one.key} {name}"] = np.asarray(vector, np.float32)[:8].tobytes()
    return forms


def saved(home: Path, reports: Reports, *figures: str) -> str:
    """A saved conversation that asks for these figures; its id."""
    kept = Conversations(home / FILE, now=lambda: datetime(2024, 7, 5, tzinfo=UTC))
    talk = kept.create(user_of())
    for number, figure in enumerate(figures):
        answer = reports.ask(f"How many votes: {figure}?")
        assert answer.answered, figure
        exchange = Exchange(answer.question, hits=answer.hits, written=answer.text, answer=answer)
        kept.append(user_of(), talk.id, exchange, version=number)
    kept.close()
    return talk.id


def test_nothing_of_a_removed_report_is_left_on_the_disk(by_chroma, reports, tmp_path):
    home = tmp_path / "home"
    reports.set("hidden", {"author": "Vorbunzel Ekk", "title": "Zzyxian votes"})
    user = user_of()
    kept = Conversations(home / FILE, now=lambda: datetime(2024, 7, 5, tzinfo=UTC))
    talk = kept.create(user)
    asked = []
    for figure in (*FIGURES.values(), "Lund"):
        answer = reports.ask(f"How many votes: {figure}?", history=[Turn("?", "!")])
        assert answer.answered, figure
        exchange = Exchange(answer.question, hits=answer.hits, written=answer.text, answer=answer)
        asked.append(exchange)
        kept.append(user, talk.id, exchange, version=len(asked) - 1)
    kept.append(user, talk.id, Exchange("stopped?", hits=asked[0].hits, written="Quorzel", stopped=True), version=5)
    kept.rate(user, talk.id, asked[0].id, Feedback(False, "Quorzel, surely"))
    kept.rate(user, talk.id, asked[4].id, Feedback(True, "well read"))
    for id, (_, text) in SECRET.items():
        reports._catalog.keep_gloss(reports.article(id), f"hash of {id}", "en", "model", f"gloss: {text}")
    reports.retrieve("votes")
    more = ["Quorzel", "насчитал", "meclisi", "Vorbunzel", "Zzyxian"]
    words = [*(word for word, _ in SECRET.values()), *FIGURES.values(), *more]
    own = [*FIGURES.values()]  # figures stand in the questions, which are the user's own words
    patterns = written([word for word in words if word not in own])
    vectors = vector_bytes(reports, list(SECRET))
    before = found_in(home, patterns | vectors)
    assert {"catalog.sqlite3", FILE} <= {name.removesuffix("-wal") for name, _ in before}
    assert any(name.startswith("chroma") for name, _ in before), "the test knows Chroma's bytes"
    talked = {pattern for name, pattern in before if name.startswith(FILE)}
    assert {"Vorbunzel utf-8", "Zzyxian utf-8"} <= talked, "answers name author and title"

    reports.remove(list(SECRET))
    assert found_in(home, patterns | vectors) == []
    talk = kept.open(user, talk.id)
    kept.close()
    reports.close()
    assert found_in(home, patterns | vectors) == []

    erased, lund, stopped = talk.exchanges[0], talk.exchanges[4], talk.exchanges[5]
    assert erased.erased and erased.question == "How many votes: 4711?" and erased.answer.text == ""
    assert erased.feedback == Feedback(False, "")
    assert lund.answer.text == asked[4].answer.text and lund.feedback.comment == "well read" and not lund.erased
    assert {hit.article.id for hit in lund.hits} == {"lund", "lyon"}
    assert stopped.erased and stopped.written == ""
    assert Exchange.from_dict(erased.to_dict()) == replace(erased, feedback=None)


def test_what_is_left_is_found_as_before(reports, folder):
    reports.remove(list(SECRET))
    assert [one.id for one in reports.articles()] == ["lund", "lyon"]
    assert {hit.article.id for hit in reports.retrieve("bridge in Lund")} == {"lund", "lyon"}
    assert reports.ask("Lund?").citations[0].article_id == "lund"
    assert (folder / "hidden.txt").exists(), "files elsewhere are not touched"
    assert reports.update().added == ()


def test_a_deleted_file_and_an_edited_one_leave_the_index_too(reports, folder, tmp_path):
    reports.retrieve("votes")
    vectors = vector_bytes(reports, ["hidden"])
    (folder / "hidden.txt").unlink()
    (folder / "gizli.txt").write_text("Köprü açıldı. Herkes geldi.", encoding="utf-8")
    update = reports.update()
    assert (update.removed, update.changed) == (("hidden",), ("gizli",))
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel", "Şığırtmaç"]) | vectors) == []


def test_an_erasing_that_could_not_be_done_is_done_by_the_next_change(by_chroma, reports, tmp_path, monkeypatch):
    monkeypatch.setattr(reports._index, "refresh", lambda progress=None, anew=False: False)
    monkeypatch.setattr(reports._index, "erase", lambda: False)
    with pytest.raises(Exception, match="not erased from the disk yet"):
        reports.remove(["hidden"])
    assert "hidden" not in [one.id for one in reports.articles()]
    monkeypatch.undo()
    reports.update()
    assert not reports._catalog.unerased
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel"])) == []


def test_a_renamed_file_has_the_index_built_anew_once(by_chroma, reports, folder, monkeypatch):
    asked = []
    real = type(reports._index).refresh

    def refresh(self, progress=None, *, anew=False):
        asked.append(anew)
        return real(self, progress, anew=anew)

    monkeypatch.setattr(type(reports._index), "refresh", refresh)
    (folder / "скрытый.txt").rename(folder / "открытый.txt")
    update = reports.update()
    assert (update.added, update.removed) == (("открытый",), ("скрытый",))
    reports.update()
    assert asked == [True, False]


def test_an_erasing_that_was_killed_is_done_by_the_next_change(reports, tmp_path, monkeypatch):
    """Killed after the report has left the catalogue, before anything else is done about it."""

    def killed(self, update, progress):
        raise KeyboardInterrupt

    reports.retrieve("votes")
    vectors = vector_bytes(reports, ["hidden"])
    with monkeypatch.context() as patch:
        patch.setattr(Updating, "_indexed", killed)
        with pytest.raises(KeyboardInterrupt):
            reports.remove(["hidden"])
    assert found_in(tmp_path / "home", vectors) != []
    reports.update()
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel"]) | vectors) == []


def test_a_stopped_edit_is_erased_though_what_came_with_it_is_gone_again(reports, folder, tmp_path, monkeypatch):
    """The edit is stored, the new file is not: later nothing is to be changed, but what is left is to be erased."""
    article = reports.article("hidden")
    vectors = vector_bytes(reports, ["hidden"])
    reports._catalog.keep_gloss(article, "hash", "de", "model", "Quorzel sprach gestern.")
    monkeypatch.setattr("rag.store.indexing.BATCH", 1)
    (folder / "hidden.txt").write_text("The council counted 4711 votes.", encoding="utf-8")
    (folder / "zulu.txt").write_text("The bridge of Zadar was painted.", encoding="utf-8")
    embed = reports._embedder.passages

    def stopped(texts):
        if any("Zadar" in text for text in texts):
            raise KeyboardInterrupt
        return embed(texts)

    with monkeypatch.context() as patch:
        patch.setattr(reports._embedder, "passages", stopped)
        with pytest.raises(KeyboardInterrupt):
            reports.update()
    assert reports.article("hidden").text == "The council counted 4711 votes." and reports._catalog.unerased
    (folder / "zulu.txt").unlink()
    reports.update()
    assert not reports._catalog.unerased
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel"]) | vectors) == []


def test_a_stopped_removal_removes_nothing_and_can_be_made_again(reports, folder, tmp_path, monkeypatch):
    """A new file that comes with it is stored first; then it is stopped."""
    reports.set("hidden", {"author": "Vorbunzel Ekk"})
    saved(tmp_path / "home", reports, "4711")
    (folder / "adana.txt").write_text("Adana meclisi toplandı.", encoding="utf-8")
    replaced = type(reports._catalog).replace

    def stopped(self, *, last=True, **more):
        if last:
            raise KeyboardInterrupt
        replaced(self, last=last, **more)

    with monkeypatch.context() as patch:
        patch.setattr(type(reports._catalog), "replace", stopped)
        with pytest.raises(KeyboardInterrupt):
            reports.remove(["hidden"])
    assert reports.article("adana")
    assert reports.update().removed == ()
    assert reports.article("hidden").authors == ("Vorbunzel Ekk",)
    assert reports.remove(["hidden"]).removed == ("hidden",)
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel", "Vorbunzel"])) == []


def test_a_removal_in_which_the_page_was_killed_is_made_by_the_next_update(reports, tmp_path):
    """The page had hidden the upload, and no more."""
    uploads = tmp_path / "home" / "uploads"
    uploads.mkdir()
    for name, (_, text) in SECRET.items():
        (uploads / f"up-{name}.txt").write_text(f"{text} Nobody else said so.", encoding="utf-8")
    reports.remove(list(SECRET))
    reports.add(uploads)
    reports.set("up-hidden", {"author": "Vorbunzel Ekk"})
    saved(tmp_path / "home", reports, "4711")
    (uploads / "up-hidden.txt").rename(uploads / ".gone-up-hidden.txt")
    (uploads / ".gone-up-kin.txt").write_text("left of a file that has come again", encoding="utf-8")
    assert reports.update().removed == ("up-hidden",)
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel", "Vorbunzel", "up-hidden"])) == []
    assert sorted(path.name for path in uploads.iterdir()) == ["up-gizli.txt", "up-kin.txt", "up-скрытый.txt"]


def without_hashes(home: Path) -> None:
    """Make the saved hits what an earlier version saved: without the hash of the text that they are from."""
    with closing(sqlite3.connect(home / FILE)) as db, db:
        for id, body in db.execute("SELECT id, body FROM exchanges").fetchall():
            held = json.loads(body)
            for hit in held["answer"]["hits"]:
                del hit["article"]["sha256"]
            db.execute("UPDATE exchanges SET body = ? WHERE id = ?", (json.dumps(held, ensure_ascii=False), id))


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize("edited", [False, True])
def test_answers_saved_under_an_earlier_id_are_erased_too(reports, folder, tmp_path, earlier, edited):
    """The report was only shown beside the second answer, not cited."""
    talk = saved(tmp_path / "home", reports, "4711", "Lund")
    if earlier:
        without_hashes(tmp_path / "home")
    if edited:
        (folder / "hidden.txt").write_text(f"{SECRET['hidden'][1]} More is not known.", encoding="utf-8")
        reports.update()
    (folder / "hidden.txt").rename(folder / "found.txt")
    reports.update()
    reports.remove(["found"])
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel"])) == []
    kept = Conversations(tmp_path / "home" / FILE)
    assert [exchange.erased for exchange in kept.open(user_of(), talk).exchanges] == [True, False]
    kept.close()


def test_answers_from_a_report_whose_id_another_one_has_now_stay(reports, folder, tmp_path):
    talk = saved(tmp_path / "home", reports, "4711")
    (folder / "hidden.txt").rename(folder / "found.txt")
    (folder / "hidden.txt").write_text("Nobody met in Oslo.", encoding="utf-8")
    reports.update()
    kept = Conversations(tmp_path / "home" / FILE)
    before = kept.open(user_of(), talk)
    reports.remove(["hidden"])
    assert kept.open(user_of(), talk) == before
    kept.close()


def test_a_removal_whose_quotes_an_earlier_version_was_to_erase_is_finished(reports, tmp_path, monkeypatch):
    """Such a one noted the id alone."""
    talk = saved(tmp_path / "home", reports, "4711", "Lund")
    with monkeypatch.context() as patch:
        patch.setattr(Updating, "_erase", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reports.remove(["hidden"])
    reports._catalog.set_meta(QUOTED, '["hidden"]')
    reports.update()
    assert found_in(tmp_path / "home", written(["Xylotriban", "Quorzel"])) == []
    kept = Conversations(tmp_path / "home" / FILE)
    assert [exchange.erased for exchange in kept.open(user_of(), talk).exchanges] == [True, False]
    kept.close()


@pytest.mark.parametrize("before", [False, True])
def test_damaged_conversations_that_are_moved_aside_are_told(reports, tmp_path, before):
    path = tmp_path / "home" / FILE
    saved(tmp_path / "home", reports, "4711")
    path.write_bytes(b"Quorzel spoke. " * 1000)
    if before:
        Conversations(path).close()
    update = reports.remove(["hidden"])
    (aside,) = path.parent.glob(f"{FILE}.damaged-*")
    assert [(one.location, one.warning.rpartition("; ")[2]) for one in update.warned] == [(str(aside), "delete it")]
    aside.unlink()
    assert reports.remove(["lund"]).warned == ()


def test_a_translation_is_not_kept_for_a_removed_report(folder, tmp_path):
    with Reports.open(
        folder,
        main=True,
        home=tmp_path / "home",
        settings=Settings(llm="none"),
        embedder=FakeEmbedder(),
        reader=FakeReader({"": "4711"}),
        llm=FakeModel(translated="Xylotriban zählte."),
    ) as reports:
        text = reports.article("hidden").text
        assert reports.gloss("hidden", 0, len(text), "de")
        reports.remove(["hidden"])
        assert found_in(tmp_path / "home", written(["Xylotriban"])) == []


def test_a_translation_of_a_report_that_is_removed_meanwhile_is_not_kept(folder, tmp_path):
    held = []

    def slow(asked):
        held[0].remove(["hidden"])
        return "Xylotriban zählte."

    with Reports.open(
        folder,
        main=True,
        home=tmp_path / "home",
        settings=Settings(llm="none"),
        embedder=FakeEmbedder(),
        reader=FakeReader({"": "4711"}),
        llm=FakeModel(translated=slow),
    ) as reports:
        held.append(reports)
        assert reports.gloss("hidden", 0, 30, "de") == "Xylotriban zählte."
        assert found_in(tmp_path / "home", written(["Xylotriban"])) == []


def test_a_removal_that_fails_forgets_nothing_that_was_set_by_hand(reports, monkeypatch):
    reports.set("hidden", {"author": "Vorbunzel Ekk"})
    monkeypatch.setattr(type(reports._catalog), "replace", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reports.remove(["hidden"])
    assert [given["author"] for given in reports._catalog.given().values()] == ["Vorbunzel Ekk"]


def test_what_was_set_by_hand_goes_with_its_report(reports, folder):
    (before,) = (article for article in reports.articles() if article.id == "hidden")
    reports.set("hidden", {"author": "Vorbunzel Ekk"})
    reports.remove(["hidden"])
    reports.add(folder)
    (back,) = (article for article in reports.articles() if article.id == "hidden")
    assert back.authors == before.authors


def test_a_report_that_is_kept_for_a_folder_that_cannot_be_opened_can_be_removed(tmp_path, monkeypatch):
    folder = write_reports(tmp_path / "reports", ["pl"])
    write_reports(folder / "sub", ["vi"])
    with Reports.open(
        folder, home=tmp_path / "home", settings=Settings(llm="none"), embedder=FakeEmbedder()
    ) as reports:
        real = Path.stat

        def stat(path, **more):
            if path.parent == folder / "sub":
                raise PermissionError(13, "Permission denied")
            return real(path, **more)

        monkeypatch.setattr(Path, "stat", stat)
        assert reports.remove(["vi"]).removed == ("vi",)
        assert [article.id for article in reports.articles()] == ["pl"]
        monkeypatch.undo()
        assert reports.update().added == (), "it stays out when the folder can be opened again"
