import os
import unicodedata
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from fakes import REPORTS, FakeEmbedder, serving, write_reports

from rag.encoder.embedding import BATCH
from rag.errors import InputError, ModelError, StoreError
from rag.language.terms import tokens
from rag.settings import Settings
from rag.sources.passages import embedding_text
from rag.store.catalog import Catalog
from rag.store.indexing import Indexer


class Collection:
    """A folder of reports, its catalogue, and an embedder that counts."""

    def __init__(self, home):
        self.folder = home / "reports"
        self.folder.mkdir()
        self.embedder = FakeEmbedder()
        self.settings = Settings()
        self.catalog = Catalog(home / "home" / "catalog.sqlite3")

    @property
    def indexer(self):
        return Indexer(self.catalog, self.embedder, self.settings)

    def update(self, *sources, removed=(), **more):
        declared = {str(source): "declared" for source in sources or [self.folder]}
        return self.indexer.update(declared | {str(location): "removed" for location in removed}, **more)

    def write(self, name, text, **where):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def ids(self):
        return [article.id for article in self.catalog.heads()]

    def embedded(self):
        """What was embedded since this was asked last."""
        texts, self.embedder.texts = self.embedder.texts, []
        return texts

    def whole(self):
        """Every passage has its vector and stands in its report; every window can be searched."""
        for article in self.catalog.articles():
            for kind in ("window", "sentence"):
                held = self.catalog.passages(article.id, kind)
                assert held
                assert len(self.catalog.vectors([s.input_hash for s in held], self.embedder.name)) == len(held)
                for stored in held:
                    assert article.text[stored.passage.start : stored.passage.end] == stored.passage.text
            for stored in self.catalog.passages(article.id, "window"):
                found = tokens(stored.passage.text, article.language)
                assert self.catalog.terms([stored.number]) == {
                    stored.number: (" ".join(found.words), " ".join(found.names))
                }


@pytest.fixture
def collection(tmp_path):
    made = Collection(tmp_path)
    yield made
    made.catalog.close()


@pytest.fixture
def three(collection):
    write_reports(collection.folder, ["pl", "de", "tr"])
    collection.update()
    collection.embedded()
    return collection


# Files come, stay, change and go


def test_the_first_update_takes_in_every_report(collection):
    write_reports(collection.folder)
    update = collection.update()
    assert update.added == ("de", "en", "es", "ms", "pl", "tr", "vi")
    assert (update.changed, update.removed, update.skipped) == ((), (), ())
    assert [article.language for article in collection.catalog.heads()] == collection.ids()
    assert {article.text for article in collection.catalog.articles()} == set(REPORTS.values())
    collection.whole()
    assert collection.catalog.meta("embedder") == "fake"


def test_names_that_differ_in_their_unicode_form_alone_are_two_reports(collection):
    for form, text in (("NFC", REPORTS["vi"]), ("NFD", REPORTS["en"])):
        collection.write(unicodedata.normalize(form, "Hội nghị.txt"), text)
    update = collection.update()
    assert len(update.added) == 2 and not update.skipped
    assert {article.text for article in collection.catalog.articles()} == {REPORTS["vi"], REPORTS["en"]}
    collection.whole()


def test_a_file_that_nothing_can_be_read_from_stops_no_other(collection):
    collection.write("pl.txt", REPORTS["pl"])
    collection.write("day.txt", "Title: A tram\nDate: 5 March 1709639430000 10:00\n\nThe council met.")
    collection.write("marks.txt", "***\n")
    collection.write(
        "mail.eml", "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/x\n"
    )
    collection.write("page.html", f"<p>{REPORTS['de']}<table><tr><td>a<td>b<tr><td colspan={'9' * 5_000}>c</table>")
    update = collection.update()
    assert update.added == ("day", "page", "pl")
    assert [os.path.basename(one.location) for one in update.skipped] == ["mail.eml", "marks.txt"]
    collection.whole()


@pytest.mark.parametrize("year", [1900, 2262, 2400])
def test_a_file_of_any_time_is_taken_in_and_recognised(collection, year):
    path = collection.write("pl.txt", REPORTS["pl"])
    seconds = int((year - 1970) * 31_556_952)
    os.utime(path, (seconds, seconds))
    assert collection.update().added == ("pl",)
    collection.embedded()
    assert collection.update().changed == () and collection.embedded() == []


def test_what_is_embedded_carries_place_and_date(three):
    three.write("tr.txt", "LUND, 3 March 2024 - The council met. It kept the library open.")
    three.update()
    article = three.catalog.article("tr")
    *_, stored = three.catalog.passages("tr", "sentence")
    assert embedding_text(article, stored.passage) == "Lund, 2024-03-03. It kept the library open."
    assert "Lund, 2024-03-03. It kept the library open." in three.embedded()


def test_what_a_person_sets_stays_with_the_file(three):
    location = three.catalog.article("tr").location
    three.catalog.set_given(location, {"date": "2020-02-01", "place": "Lund"})
    update = three.update()
    assert update.changed == ("tr",)
    held = three.catalog.article("tr")
    assert (held.published.isoformat(), held.places) == ("2020-02-01", ("Lund",))
    assert dict(held.origins)["published"] == "hand"
    three.write("tr.txt", "The council of Malmo met on 5 May 2024 and kept it open.")
    three.update()
    assert three.catalog.article("tr").published.isoformat() == "2020-02-01"
    three.catalog.set_given(location, {"date": "", "place": ""})
    three.update()
    assert (three.catalog.article("tr").published.isoformat(), three.catalog.article("tr").places) == ("2024-05-05", ())


def test_a_second_update_does_nothing(three):
    revision = three.catalog.revision
    update = three.update()
    assert (update.added, update.changed, update.removed, update.skipped) == ((), (), (), ())
    assert three.catalog.revision == revision
    assert three.embedded() == []


def test_a_new_file_is_added_and_nothing_else_is_read(three, monkeypatch):
    import rag.store.indexing

    read, seen = rag.store.indexing.read_file, []

    def counting(path, **more):
        seen.append(path.name)
        return read(path, **more)

    monkeypatch.setattr(rag.store.indexing, "read_file", counting)
    write = three.write("vi.txt", REPORTS["vi"])
    update = three.update()
    assert (update.added, update.changed, update.removed) == (("vi",), (), ())
    assert seen == [write.name]
    three.whole()


def test_an_edited_file_changes_its_report_alone(three):
    three.write("pl.txt", REPORTS["pl"].replace("109", "110"))
    update = three.update()
    assert (update.added, update.changed, update.removed) == ((), ("pl",), ())
    assert "110 modeli" in three.catalog.article("pl").text
    assert three.catalog.windows_with("names", ["109", "110"]) == {"110": 1}
    texts = three.embedded()
    assert all("110" in text for text in texts)
    assert len(texts) == 2
    three.whole()


def test_a_deleted_file_takes_its_report_along(three):
    (three.folder / "de.txt").unlink()
    update = three.update()
    assert (update.added, update.changed, update.removed) == ((), (), ("de",))
    assert three.ids() == ["pl", "tr"]
    assert three.embedded() == []
    three.whole()


def test_a_renamed_file_gets_a_new_id_and_is_not_embedded_again(three):
    (three.folder / "de.txt").rename(three.folder / "ernte.txt")
    update = three.update()
    assert (update.added, update.changed, update.removed) == (("ernte",), (), ("de",))
    assert three.ids() == ["ernte", "pl", "tr"]
    assert three.catalog.article("ernte").location == str(three.folder / "ernte.txt")
    assert three.embedded() == []
    three.whole()


def test_nothing_is_kept_of_a_deleted_report_so_that_it_is_embedded_again_when_it_comes_back(three):
    (three.folder / "de.txt").unlink()
    three.update()
    three.write("de.txt", REPORTS["de"])
    assert three.update().added == ("de",)
    assert three.embedded() != []
    three.whole()


def test_a_touched_file_with_the_same_text_changes_nothing(three):
    keys = three.catalog.keys("window")
    os.utime(three.folder / "de.txt", ns=(1, 1))
    update = three.update()
    assert (update.added, update.changed, update.removed) == ((), (), ())
    assert three.embedded() == []
    assert three.catalog.keys("window") == keys
    revision = three.catalog.revision
    three.update()
    assert three.catalog.revision == revision


def test_the_order_of_files_does_not_matter(three, tmp_path):
    (tmp_path / "second").mkdir()
    other = Collection(tmp_path / "second")
    for language in ("tr", "pl", "de"):
        write_reports(other.folder, [language])
        other.update()
    assert other.catalog.keys("window") == three.catalog.keys("window")
    assert other.catalog.keys("sentence") == three.catalog.keys("sentence")
    other.catalog.close()


# The same text, the same stem


def test_two_files_with_the_same_text_are_one_report(collection):
    collection.write("b.txt", REPORTS["pl"])
    collection.write("a.txt", REPORTS["pl"])
    assert collection.update().added == ("a",)
    (article,) = collection.catalog.heads()
    assert article.location == str(collection.folder / "a.txt")
    assert article.also == (str(collection.folder / "b.txt"),)
    collection.embedded()
    (collection.folder / "a.txt").unlink()
    update = collection.update()
    assert (update.added, update.removed) == (("b",), ("a",))
    (article,) = collection.catalog.heads()
    assert (article.id, article.location, article.also) == ("b", str(collection.folder / "b.txt"), ())
    assert collection.embedded() == []
    collection.whole()


def test_a_copy_that_comes_and_goes_is_named_while_it_is_there(three):
    copy = three.write("z.txt", REPORTS["pl"])
    update = three.update()
    assert (update.added, update.changed, update.removed) == ((), (), ())
    assert three.catalog.article("pl").also == (str(copy),)
    copy.unlink()
    three.update()
    assert three.catalog.article("pl").also == ()
    assert three.embedded() == []
    three.whole()


@pytest.mark.parametrize("order", [("x/report.txt", "y/report.txt"), ("y/report.txt", "x/report.txt")])
def test_two_files_with_the_same_stem_are_told_apart_by_their_path(collection, order):
    texts = {"x/report.txt": REPORTS["pl"], "y/report.txt": REPORTS["de"]}
    for name in order:
        collection.write(name, texts[name])
        collection.update()
    assert collection.ids() == ["x/report", "y/report"]
    assert collection.catalog.article("x/report").language == "pl"
    collection.whole()


def test_a_file_without_a_report_takes_no_id_from_one_with_it_later(collection):
    collection.write("x/report.txt", REPORTS["pl"])
    collection.write("y/report.txt", "Źródło: https://example.org/a.html\n")
    collection.update()
    ids, revision = collection.ids(), collection.catalog.revision
    assert len(collection.update().skipped) == 1
    assert (collection.ids(), collection.catalog.revision) == (ids, revision)


# What cannot be read


@pytest.mark.parametrize("name", [None, ".hidden.txt"])
def test_an_empty_folder_is_an_input_error(collection, name):
    if name:
        collection.write(name, REPORTS["pl"])
    said = r"no readable report there \(no file in it\); put files in it that end in .*\.txt.*\.html"
    with pytest.raises(InputError, match=said):
        collection.update(required=[str(collection.folder)])
    assert collection.catalog.sources() == {}


def test_a_folder_with_only_unreadable_files_is_an_input_error_that_names_them(collection):
    collection.write("empty.txt", "")
    collection.write("photo.txt", b"\x89PNG\r\n\x1a\n" + bytes(50))
    with pytest.raises(InputError) as caught:
        collection.update(required=[str(collection.folder)])
    assert "empty.txt" in str(caught.value)
    assert "photo.txt is a PNG picture" in str(caught.value)
    assert caught.value.exit_code == 2
    assert collection.catalog.files() == {}


def test_good_reports_are_taken_and_bad_files_are_told(collection):
    write_reports(collection.folder, ["pl", "vi"])
    bad = {
        "binary.txt": bytes(range(256)) * 20,
        "broken.txt": b"\xff\xfe" + b"\x00\xd8" * 99,
        "empty.txt": b"",
        "furniture.txt": "Źródło: https://example.org/a.html\n".encode(),
        "photo.jpg": b"\xff\xd8\xff",
    }
    for name, data in bad.items():
        collection.write(name, data)
    update = collection.update(required=[str(collection.folder)])
    assert update.added == ("pl", "vi")
    assert [os.path.basename(skipped.location) for skipped in update.skipped] == sorted(bad)
    assert all(skipped.reason for skipped in update.skipped)
    collection.whole()
    # They are told again, and cost nothing.
    collection.embedded()
    revision = collection.catalog.revision
    assert collection.update().skipped == update.skipped
    assert collection.embedded() == []
    assert collection.catalog.revision == revision


def test_a_file_over_the_limit_is_told_and_comes_in_when_the_limit_is_raised(three):
    three.write("ms.txt", REPORTS["ms"] * 40)
    three.settings = Settings(max_file_mb=0.001)
    (skipped,) = three.update().skipped
    assert skipped.location.endswith("ms.txt")
    assert three.ids() == ["de", "pl", "tr"]
    three.settings = Settings()
    assert three.update().added == ("ms",)


def test_a_file_that_could_not_be_opened_comes_in_when_it_can(three, monkeypatch):
    """Permission changes leave size and time as they are."""
    import rag.store.indexing
    from rag.errors import ArticleError

    read = rag.store.indexing.read_file

    def refused(path, **more):
        raise ArticleError(str(path), "cannot be opened: permission denied")

    three.write("ms.txt", REPORTS["ms"])
    monkeypatch.setattr(rag.store.indexing, "read_file", refused)
    (skipped,) = three.update().skipped
    assert skipped.reason == "cannot be opened: permission denied"
    monkeypatch.setattr(rag.store.indexing, "read_file", read)
    update = three.update()
    assert (update.added, update.skipped) == (("ms",), ())


def test_a_report_that_became_unreadable_leaves_and_the_others_stay(three):
    three.write("de.txt", bytes(range(256)))
    update = three.update()
    assert update.removed == ("de",)
    assert len(update.skipped) == 1
    assert three.ids() == ["pl", "tr"]
    three.write("de.txt", REPORTS["de"])
    assert three.update().added == ("de",)
    three.whole()


def test_a_path_that_is_not_there_is_an_input_error_and_nothing_changes(three):
    before = (three.catalog.revision, three.catalog.sources(), three.catalog.files())
    gone = three.folder.parent / "gone"
    (three.folder / "de.txt").unlink()
    with pytest.raises(InputError, match=r"gone: there is no such file or folder"):
        three.update(three.folder, gone, required=[str(gone)])
    assert (three.catalog.revision, three.catalog.sources(), three.catalog.files()) == before
    assert three.ids() == ["de", "pl", "tr"]


def test_a_folder_that_is_gone_keeps_its_reports_until_they_are_removed(three, tmp_path):
    """As when a disk is not mounted."""
    away = tmp_path / "away"
    three.folder.rename(away)
    update = three.update()
    assert update.removed == ()
    assert three.ids() == ["de", "pl", "tr"]
    # Not even other settings lose them: their text is in the catalogue.
    three.settings = Settings(window_chars=120)
    three.update()
    assert three.ids() == ["de", "pl", "tr"]
    three.whole()
    update = three.update(removed=[three.folder / "de.txt"])
    assert update.removed == ("de",)
    away.rename(three.folder)
    assert three.update(removed=[three.folder / "de.txt"]).added == ()
    assert three.ids() == ["pl", "tr"]


def test_a_single_file_that_is_gone_takes_its_report_along(three):
    one = three.folder / "de.txt"
    other = three.folder / "pl.txt"
    three.update(one, other)
    one.unlink()
    assert three.update(one, other).removed == ("de",)


def failing(monkeypatch, where, times=99, error=None):
    """What a disk with errors does: the folder cannot be listed, the file cannot be read, so many times."""
    real_scandir, real_open, left = os.scandir, Path.open, [times]

    def failed(path):
        if Path(path) == where and left[0] > 0:
            left[0] -= 1
            raise error or OSError(5, "Input/output error")

    monkeypatch.setattr("os.scandir", lambda path: (failed(path), real_scandir(path))[1])
    monkeypatch.setattr(Path, "open", lambda self, *given, **more: (failed(self), real_open(self, *given, **more))[1])


@pytest.mark.parametrize("inside", ["", "sub"])
def test_a_folder_that_cannot_be_opened_keeps_its_reports(three, monkeypatch, inside):
    three.write("sub/vi.txt", REPORTS["vi"])
    three.update()
    folder = three.folder / inside
    with monkeypatch.context() as patch:
        failing(patch, folder)
        update = three.update()
        assert update.removed == () and three.ids() == ["de", "pl", "tr", "vi"]
        (skipped,) = update.skipped
        assert skipped.location == str(folder)
        assert skipped.reason == "cannot be opened: input/output error; what was read of it before is kept"
        # Told once; not even other settings lose them, and one of them can be removed.
        assert three.update().newly_skipped == ()
        three.settings = Settings(window_chars=120)
        assert three.update().removed == ()
        three.whole()
        assert three.update(removed=[folder / "vi.txt"], again=True).removed == (("vi",) if inside else ())
        three.update()
    three.embedded()
    update = three.update()
    assert (update.removed, update.skipped) == ((), ()) and set(three.ids()) == {"de", "pl", "tr", "vi"}
    three.whole()


def test_a_folder_that_cannot_be_listed_for_a_moment_keeps_its_reports(three, monkeypatch):
    failing(monkeypatch, three.folder, times=1)
    update = three.update()
    assert (update.removed, len(update.skipped), three.ids()) == ((), 1, ["de", "pl", "tr"])
    assert "could not be listed" in update.skipped[0].reason
    update = three.update()
    assert (update.added, update.removed, update.skipped) == ((), (), ()) and three.embedded() == []


def test_a_folder_that_cannot_be_opened_is_an_input_error_where_it_is_named_alone(three, monkeypatch, tmp_path):
    before = (three.catalog.revision, three.catalog.sources(), three.catalog.files())
    failing(monkeypatch, three.folder)
    for again in (False, True):
        with pytest.raises(InputError, match="no readable report there .*cannot be opened: input/output error"):
            three.update(required=[str(three.folder)], again=again)
        assert (three.catalog.revision, three.catalog.sources(), three.catalog.files()) == before
    other = write_reports(tmp_path / "other", ["vi"])
    assert three.update(three.folder, other, required=[str(three.folder), str(other)]).removed == ()
    assert three.ids() == ["de", "pl", "tr", "vi"]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_file_that_cannot_be_opened_any_more_keeps_its_report(three, monkeypatch, error):
    path = three.write("pl.txt", REPORTS["pl"].replace("109", "110"))
    with monkeypatch.context() as patch:
        failing(patch, path, error=error)
        for again in (False, True, False):
            update = three.update(again=again)
            assert update.removed == () and three.catalog.article("pl").text == REPORTS["pl"]
            (skipped,) = update.skipped
            assert skipped.reason == f"cannot be opened: {error.strerror.lower()}; the earlier version is kept"
        three.whole()
    assert (three.update().changed, three.update().skipped) == (("pl",), ())
    assert "110" in three.catalog.article("pl").text


def test_a_file_is_read_that_is_named_in_a_folder_that_cannot_be_opened(three, monkeypatch):
    path = three.write("pl.txt", REPORTS["pl"].replace("109", "110"))
    failing(monkeypatch, three.folder)
    update = three.update(three.folder, path, required=[str(path)])
    assert (update.changed, update.removed, three.ids()) == (("pl",), (), ["de", "pl", "tr"])
    assert three.update(three.folder, path, required=[str(path)]).removed == ()


@pytest.mark.parametrize("name", ["", "de.txt"])
def test_a_source_that_cannot_even_be_looked_at_keeps_its_reports(three, monkeypatch, name):
    """As on a network disk whose server is gone."""
    source = three.folder / name
    three.update(source)
    held, real = three.ids(), os.stat

    def stale(path, *given, **more):
        if not isinstance(path, int) and Path(path).is_relative_to(three.folder):
            raise OSError(116, "Stale file handle")
        return real(path, *given, **more)

    monkeypatch.setattr("os.stat", stale)
    update = three.update(source)
    assert update.removed == () and three.ids() == held
    assert "cannot be opened: stale file handle" in update.skipped[0].reason
    with pytest.raises(InputError, match="cannot be opened: stale file handle"):
        three.update(source, required=[str(source)])


# Which sources


def test_reports_of_a_source_that_is_no_longer_named_leave(three, tmp_path):
    other = write_reports(tmp_path / "other", ["vi"])
    update = three.update(other)
    assert (update.added, update.removed) == (("vi",), ("de", "pl", "tr"))
    assert three.catalog.sources() == {str(other): "declared"}


def test_removed_reports_stay_out_and_come_back_when_no_longer_removed(three):
    gone = three.folder / "de.txt"
    assert three.update(removed=[gone]).removed == ("de",)
    assert three.catalog.sources() == {str(three.folder): "declared", str(gone): "removed"}
    three.write("de.txt", REPORTS["de"] + "Zusatz.\n")
    assert three.update(removed=[gone]).added == ()
    assert three.update().added == ("de",)


def test_a_file_inside_a_folder_may_be_named_too(three):
    """The folder brings it in first; what was named is there all the same, the first time and later."""
    inside = three.write("sub/vi.txt", REPORTS["vi"])
    update = three.update(three.folder, inside, required=[str(inside)])
    assert update.added == ("vi",)
    assert three.catalog.files()[str(inside)].source == str(three.folder)
    revision = three.catalog.revision
    three.update(three.folder, inside, inside.parent, required=[str(inside.parent)])
    second = three.catalog.revision
    three.update(three.folder, inside, inside.parent, required=[str(inside)])
    assert three.catalog.revision == second != revision
    assert three.ids() == ["de", "pl", "tr", "vi"]


def test_a_named_file_that_holds_no_report_is_an_input_error_beside_a_good_folder(three):
    bad = three.write("sub/empty.txt", "")
    with pytest.raises(InputError, match=r"empty\.txt: no readable report there"):
        three.update(three.folder, bad, required=[str(bad)])


# Interrupted and made again


def test_a_run_that_was_killed_resumes_where_it_was(collection, monkeypatch):
    monkeypatch.setattr("rag.store.indexing.BATCH", 4)
    write_reports(collection.folder)
    collection.embedder.fail_after = 3
    with pytest.raises(ModelError):
        collection.update()
    done = collection.embedded()
    assert len(done) == 12
    # What was ready can be asked, and an update without new names goes on with the rest.
    assert collection.ids() == ["de", "en", "es"]
    assert collection.catalog.sources() == {str(collection.folder): "declared"}
    collection.whole()
    collection.embedder.fail_after = None
    assert collection.update().added == ("ms", "pl", "tr", "vi")
    rest = collection.embedded()
    assert not set(done) & set(rest)
    assert len(set(rest)) == len(rest)
    collection.whole()


def test_a_change_that_was_killed_leaves_the_old_state_whole(three, monkeypatch):
    revision = three.catalog.revision
    three.write("pl.txt", REPORTS["pl"].replace("109", "110"))
    (three.folder / "de.txt").unlink()
    three.embedder.fail_after = 0
    with pytest.raises(ModelError):
        three.update()
    assert three.catalog.revision == revision
    assert "109" in three.catalog.article("pl").text
    assert three.ids() == ["de", "pl", "tr"]
    three.whole()


def test_reports_can_be_asked_while_the_others_are_read(collection, monkeypatch):
    monkeypatch.setattr("rag.store.indexing.BATCH", 4)
    write_reports(collection.folder)
    there = []
    passages = collection.embedder.passages

    def looking(texts):
        collection.whole()
        there.append(collection.ids())
        return passages(texts)

    collection.embedder.passages = looking
    collection.update()
    assert there[0] == [] and ["de"] in there and there[-1] == ["de", "en", "es", "ms", "pl", "tr"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ModelError("gone")])
def test_a_stopped_change_removes_nothing_before_everything_new_is_there(three, monkeypatch, stop):
    monkeypatch.setattr("rag.store.indexing.BATCH", 4)
    (three.folder / "de.txt").unlink()
    write_reports(three.folder, ["en", "vi"])
    passages, calls = three.embedder.passages, []

    def stopping(texts):
        calls.append(len(texts))
        if len(calls) == 2:
            raise stop
        return passages(texts)

    three.embedder.passages = stopping
    with pytest.raises((KeyboardInterrupt, ModelError)):
        three.update()
    assert three.ids() == ["de", "en", "pl", "tr"]
    three.whole()
    three.embedder.passages = passages
    update = three.update()
    assert (update.added, update.removed) == (("vi",), ("de",))
    assert three.ids() == ["en", "pl", "tr", "vi"]
    three.whole()


def test_a_report_that_takes_the_id_of_another_loses_no_text(three, monkeypatch):
    """Stopped in between, the older text is still there, though its disk is gone by then."""
    monkeypatch.setattr("rag.store.indexing.BATCH", 1)
    three.write("a/pl.txt", REPORTS["pl"] + "Dodatek.")
    three.embedder.fail_after = 0
    with pytest.raises(ModelError):
        three.update()
    assert REPORTS["pl"] in {article.text for article in three.catalog.articles()}
    three.whole()
    three.embedder.fail_after = None
    three.update()
    assert three.ids() == ["a/pl", "de", "pl", "tr"]
    three.whole()


def test_ids_do_not_depend_on_where_a_run_was_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.store.indexing.BATCH", 2)
    texts = {"x/report.txt": REPORTS["pl"], "y/report.txt": REPORTS["de"], "vi.txt": REPORTS["vi"]}
    keys = []
    for stopped in (None, 0, 1, 2, 3, 4):
        (tmp_path / str(stopped)).mkdir()
        made = Collection(tmp_path / str(stopped))
        for name, text in texts.items():
            made.write(name, text)
        if stopped is not None:
            made.embedder.fail_after = stopped
            with pytest.raises(ModelError):
                made.update()
            made.embedder.fail_after = None
        made.update()
        made.whole()
        keys.append(made.catalog.keys("sentence"))
        made.catalog.close()
    assert all(held == keys[0] for held in keys)


def test_another_collections_vectors_are_used(three, tmp_path):
    (tmp_path / "second").mkdir()
    other = Collection(tmp_path / "second")
    write_reports(other.folder, ["pl", "vi"])
    lenders = [three.catalog.path, tmp_path / "none.sqlite3", other.folder / "pl.txt"]
    Indexer(other.catalog, other.embedder, other.settings, lenders=lenders).update({str(other.folder): "declared"})
    other.whole()
    assert set(other.embedded()) == {
        embedding_text(other.catalog.article("vi"), stored.passage)
        for kind in ("window", "sentence")
        for stored in other.catalog.passages("vi", kind)
    }
    other.catalog.close()


def test_a_skipped_file_is_new_once_and_when_the_reason_changes(three):
    three.write("odd.txt", "")
    first = three.update()
    assert [one.reason for one in first.newly_skipped] == ["is empty"]
    second = three.update()
    assert (len(second.skipped), second.newly_skipped) == (1, ())
    three.write("odd.txt", b"%PDF-1.4")
    (changed,) = three.update().newly_skipped
    assert "PDF" in changed.reason


def test_a_file_that_changes_while_it_is_read_is_read_again(collection, monkeypatch):
    import rag.store.indexing

    read = rag.store.indexing.read_file
    file = collection.write("pl.txt", REPORTS["pl"])

    def changing(path, **more):
        draft = read(path, **more)
        path.write_text(REPORTS["pl"].replace("109", "1100"))
        return draft

    monkeypatch.setattr(rag.store.indexing, "read_file", changing)
    collection.update()
    assert "109" in collection.catalog.article("pl").text
    monkeypatch.setattr(rag.store.indexing, "read_file", read)
    assert collection.update().changed == ("pl",)
    assert collection.catalog.article("pl").text == file.read_text()
    collection.whole()


def test_texts_go_to_the_embedder_in_bounded_batches_with_progress(collection):
    sizes, seen = [], []
    passages = collection.embedder.passages
    collection.embedder.passages = lambda texts: (sizes.append(len(texts)), passages(texts))[1]
    text = "\n".join(f"Gmina numer {n} zgłosiła {n} modeli mobilizacji mieszkańców w tym roku." for n in range(90))
    collection.write("long.txt", text)
    collection.update(progress=lambda label, done, total: seen.append((label, done, total)))
    assert max(sizes) == BATCH
    assert sum(sizes) > BATCH
    assert seen[-1] == ("embedding passages", sum(sizes), sum(sizes))


def test_another_window_size_makes_windows_anew_and_loses_nothing(three):
    articles = three.catalog.articles()
    sentences = three.catalog.keys("sentence")
    before = three.catalog.count("window")
    three.settings = Settings(window_chars=120)
    update = three.update()
    assert update.removed == ()
    assert three.catalog.articles() == articles
    assert three.catalog.keys("sentence") == sentences
    assert three.catalog.count("window") > before
    three.whole()
    three.embedded()
    three.update()
    assert three.embedded() == []


def test_another_embedder_is_refused_with_the_way_out(three):
    three.indexer.check()
    three.embedder = FakeEmbedder("other")
    with pytest.raises(StoreError, match=r"with the embedder fake, .*name other.*askreports index --again"):
        three.indexer.check()


def test_again_embeds_with_the_embedder_at_hand(three):
    keys = three.catalog.keys("window")
    three.embedder = FakeEmbedder("other")
    update = three.update(again=True)
    assert update.changed == ("de", "pl", "tr")
    assert three.catalog.keys("window") == keys
    assert three.embedded()
    three.indexer.check()
    three.whole()


@pytest.mark.parametrize("years", [-50, -1, 0, 30])
def test_a_change_is_noticed_whatever_the_clock_says(three, years):
    """Of the same size, with the time as it was, or as a clock that went back or ahead has it."""
    path = three.folder / "pl.txt"
    for text in ("110", "111"):
        before = path.stat().st_mtime_ns
        path.write_text(REPORTS["pl"].replace("109", text))
        at = before + years * 365 * 86_400 * 10**9
        os.utime(path, ns=(at, at))
        assert three.update().changed == ("pl",)
        assert text in three.catalog.article("pl").text
    assert three.update().changed == ()


def test_again_reads_every_file_though_none_seems_changed(three, monkeypatch):
    monkeypatch.setattr("rag.store.indexing._stamp", lambda stat: 1)
    path = three.write("pl.txt", REPORTS["pl"].replace("109", "110"))
    three.update()
    path.write_text(REPORTS["pl"].replace("109", "111"))
    three.update()
    assert "110" in three.catalog.article("pl").text
    three.update(again=True)
    assert "111" in three.catalog.article("pl").text


def test_a_file_is_read_whatever_its_suffix_where_it_is_named(three):
    path = three.write("agency.dispatch", REPORTS["vi"])
    three.write("notes", REPORTS["ms"])
    update = three.update()
    assert update.added == ("notes",)
    assert [(skip.location, skip.reason.partition(";")[0]) for skip in update.skipped] == [
        (str(path), "has an unsupported format")
    ]
    update = three.update(three.folder, path, required=[str(path)])
    assert (update.added, update.skipped) == (("agency",), ())
    assert three.update(three.folder, path, again=True).skipped == ()
    three.whole()


def test_what_was_damaged_or_guessed_is_told(three):
    cut = three.write("vi.txt", REPORTS["vi"].encode()[:-1] + b"\xe1")
    guessed = three.write("tr2.txt", (REPORTS["tr"] + "Yeni satır.").encode("cp1254"))
    told = {warned.location: warned.warning for warned in three.update().warned}
    assert "cut off in the middle" in told[str(cut)]
    assert "read as windows-1254, Turkish" in told[str(guessed)]


# Addresses


class Site:
    """Reports by path; a path that is not there answers 404."""

    def __init__(self):
        self.pages = {}
        self.asked = []

    def __call__(self, path, headers, body):
        if path == "/robots.txt":
            return 404, "text/plain", b""
        self.asked.append(path)
        text = self.pages.get(unquote(path))
        if text is None:
            return 404, "text/plain", b"gone"
        return 200, "text/plain; charset=utf-8", text.encode()


@pytest.fixture
def site(three, monkeypatch):
    monkeypatch.setattr("rag.sources.addresses.HOST_SECONDS", 0.0)
    three.settings = Settings(local_addresses=True)
    made = Site()
    with serving(made) as url:
        made.url = url
        yield made


def test_an_address_is_read_once(three, site):
    site.pages["/news/vi.txt"] = REPORTS["vi"]
    url = f"{site.url}/news/vi.txt"
    assert three.update(three.folder, url, required=[url]).added == ("vi",)
    article = three.catalog.article("vi")
    assert (article.location, article.source_url, article.text) == (url, url, REPORTS["vi"])
    revision = three.catalog.revision
    three.update(three.folder, url)
    assert site.asked == ["/news/vi.txt"]
    assert three.catalog.revision == revision
    site.pages["/news/vi.txt"] = REPORTS["vi"].replace("10 tháng 9", "11 tháng 9")
    assert "vi" in three.update(three.folder, url, again=True).changed
    assert "11 tháng 9" in three.catalog.article("vi").text
    three.whole()


def test_an_address_in_the_own_network_needs_a_setting(three, site):
    url = f"{site.url}/vi.txt"
    site.pages["/vi.txt"] = REPORTS["vi"]
    three.settings = Settings()
    (skipped,) = three.update(three.folder, url).skipped
    assert "ASKREPORTS_LOCAL_ADDRESSES=true" in skipped.reason and site.asked == []


def test_addresses_with_one_stem_or_none_get_ids_of_their_own(three, site):
    site.pages |= {"/a/pl.txt": REPORTS["en"], "/": REPORTS["es"], "/?page=2": REPORTS["vi"], "/b/b.txt": REPORTS["ms"]}
    three.update(three.folder, *(site.url + path for path in site.pages))
    host = site.url.removeprefix("http://")
    ids = three.ids()
    assert len(ids) == 7
    assert {"pl", host, "b"} <= set(ids)
    assert sum(id.startswith("pl-") for id in ids) == 1
    assert sum(id.startswith(f"{host}-") for id in ids) == 1
    three.whole()


def test_an_address_that_gives_nothing_is_told_and_tried_again(three, site):
    url = f"{site.url}/vi.txt"
    (skipped,) = three.update(three.folder, url).skipped
    assert skipped.location == url
    assert "404" in skipped.reason
    assert three.ids() == ["de", "pl", "tr"]
    with pytest.raises(InputError, match="404"):
        three.update(url, required=[url])
    site.pages["/vi.txt"] = REPORTS["vi"]
    update = three.update(three.folder, url)
    assert (update.added, update.skipped) == (("vi",), ())


def test_an_address_that_went_away_keeps_its_report(three, site):
    """Reading everything anew must not lose what can no longer be fetched; it is told."""
    url = f"{site.url}/vi.txt"
    site.pages["/vi.txt"] = REPORTS["vi"]
    three.update(three.folder, url)
    del site.pages["/vi.txt"]
    update = three.update(three.folder, url, again=True)
    assert update.removed == ()
    (skipped,) = update.skipped
    assert skipped.location == url
    assert "404" in skipped.reason
    assert three.catalog.article("vi").text == REPORTS["vi"]
    three.whole()
    # Tried again, and told again, at each update; once it is back all is as before.
    assert three.update(three.folder, url).skipped == (skipped,)
    site.pages["/vi.txt"] = REPORTS["vi"]
    assert three.update(three.folder, url).skipped == ()
    assert three.update(three.folder).removed == ("vi",)


def test_an_address_with_the_text_of_a_file_outlives_the_file(three, site):
    url = f"{site.url}/news.txt"
    site.pages["/news.txt"] = REPORTS["pl"]
    three.update(three.folder, url)
    assert three.catalog.article("pl").also == (url,)
    (three.folder / "pl.txt").unlink()
    del site.pages["/news.txt"]
    update = three.update(three.folder, url)
    assert (update.added, update.removed) == (("news",), ("pl",))
    assert replace(three.catalog.article("news"), text="").location == url
    three.whole()


def test_a_removed_address_leaves(three, site):
    url = f"{site.url}/vi.txt"
    site.pages["/vi.txt"] = REPORTS["vi"]
    three.update(three.folder, url)
    assert three.update(three.folder, removed=[url]).removed == ("vi",)
    assert three.catalog.sources()[url] == "removed"
