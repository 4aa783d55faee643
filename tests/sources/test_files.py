import os
import re
import shutil
import time
import unicodedata
from pathlib import Path

import pytest

from rag.errors import ArticleError
from rag.sources.articles import make_article
from rag.sources.content import Content
from rag.sources.files import assign_ids, list_files, read_file, readable
from rag.sources.formats import FORMATS

LIMIT = 100_000_000

TURKISH = "Konferansta İl Parti Komitesi üyeleri, yoldaşların başarılı çalışmalarını değerlendirdi ve ödüllendirdi.\n"
POLISH = "Działalność religijna w dystrykcie była zasadniczo stabilna, a życie mieszkańców uległo poprawie w źródle.\n"
SPANISH = "La conferencia presentó el programa del año: aconsejar al comité, mejorar la difusión y la formación.\n"
GERMAN = "Der Ständige Ausschuss führte die Maßnahmen für die Bevölkerung ländlicher Gebiete über das Jahr fort.\n"


def write(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# --- reading files ---


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TURKISH, "cp1254"),
        (TURKISH, "iso8859-9"),
        (POLISH, "iso8859-2"),
        (POLISH, "cp1250"),
        (SPANISH, "cp1252"),
        (GERMAN, "iso8859-1"),
        (TURKISH, "utf-8-sig"),
        (POLISH, "utf-16"),
        (SPANISH, "utf-8"),
    ],
)
def test_encodings_are_told_apart(tmp_path, text, encoding):
    path = write(tmp_path, "report.txt", (text * 3).encode(encoding))
    assert read_file(path, max_bytes=LIMIT).text == text * 3


def test_a_long_plain_beginning_does_not_hide_the_encoding(tmp_path):
    text = "A plain line of English.\n" * 20_000 + POLISH * 5
    path = write(tmp_path, "report.txt", text.encode("iso8859-2"))
    assert read_file(path, max_bytes=LIMIT).text == text


def test_text_is_nfc_with_its_line_ends_and_hash(tmp_path):
    plain = "Hội nghị ở Kim Bảng.\r\nHết.\r\n"
    composed = write(tmp_path, "a.txt", unicodedata.normalize("NFC", plain).encode())
    decomposed = write(tmp_path, "b.txt", unicodedata.normalize("NFD", plain).encode())
    drafts = [read_file(path, max_bytes=LIMIT) for path in (composed, decomposed)]
    assert [draft.text for draft in drafts] == [unicodedata.normalize("NFC", plain)] * 2
    assert drafts[0].sha256 == drafts[1].sha256 and drafts[0].location == str(composed)


def test_nul_characters_do_not_survive(tmp_path):
    path = write(tmp_path, "report.txt", "The council\0 met.".encode("utf-16"))
    assert read_file(path, max_bytes=LIMIT).text == "The council met."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        ("\ufeff\n".encode(), "is empty"),
        (b"PK\x03\x04" + bytes(range(256)), "ZIP archive or an office document"),
        (b"%PDF-1.7\n%text", "PDF document"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"MZ\x90\0\x03\0", "a program"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
        (b"\0\x01\0\x02\0\x03 and more" * 9, "binary data"),
        (b"\x01\x02\x03\x04\x05 text" * 20, "binary data"),
        (b"\xff\xfe\x00\xd8\x41", "is damaged: it is marked as utf-16"),
        (bytes((at * 89 + at // 7 * 31) % 255 + 1 for at in range(4000)), "unknown encoding|binary data"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path, data, reason):
    path = write(tmp_path, "report.txt", data)
    with pytest.raises(ArticleError, match=reason) as caught:
        read_file(path, max_bytes=LIMIT)
    assert caught.value.location == str(path) and str(path) in str(caught.value)


def test_other_ways_to_have_no_report(tmp_path):
    with pytest.raises(ArticleError, match="cannot be opened: no such file"):
        read_file(tmp_path / "absent.txt", max_bytes=LIMIT)
    with pytest.raises(ArticleError, match=r"unsupported format; supported: \.txt, \.text, \.md"):
        read_file(write(tmp_path, "report.docx", b"x"), max_bytes=LIMIT)
    with pytest.raises(ArticleError, match="is a folder"):
        read_file(tmp_path, max_bytes=LIMIT)


def test_a_fifo_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "report.txt")
    with pytest.raises(ArticleError, match="not a regular file"):
        read_file(tmp_path / "report.txt", max_bytes=LIMIT)


def test_fifty_megabytes_are_read_and_refused_over_a_smaller_limit(tmp_path):
    block = (TURKISH + POLISH + SPANISH).encode()
    data = block * (50_000_000 // len(block) + 1) + b"Quelle\nKommentar (0)"
    path = write(tmp_path, "report.txt", data)
    made = make_article(read_file(path, max_bytes=LIMIT), id="report")
    assert len(made.text) == len(data.decode()) and made.text[made.body_end :] == "\nQuelle\nKommentar (0)"
    with pytest.raises(ArticleError, match=r"is 50\.0 MB, more than the 1\.5 MB allowed.*ASKREPORTS_MAX_FILE_MB"):
        read_file(path, max_bytes=1_500_000)


def test_a_file_that_is_named_is_read_as_text_whatever_its_suffix(tmp_path):
    path = write(tmp_path, "agency.dispatch", SPANISH.encode("cp1252") * 3)
    assert read_file(path, max_bytes=LIMIT, any_suffix=True).text == SPANISH * 3
    with pytest.raises(ArticleError, match="is a PDF document, not text"):
        read_file(write(tmp_path, "report.pdf", b"%PDF-1.7\n%text"), max_bytes=LIMIT, any_suffix=True)


@pytest.mark.parametrize(
    "name", ["a.txt", "a.TEXT", "a.md", "a.markdown", "a.csv", "a.tsv", "a.srt", "a.vtt", "README"]
)
def test_texts_of_all_suffixes_are_kept_as_they_are(tmp_path, name):
    text = f"# Rada\n\nmiasto,tony\nŁódź,1 250\n{POLISH}"
    assert read_file(write(tmp_path, name, text.encode()), max_bytes=LIMIT).text == text
    assert readable(tmp_path / name)


PAGE = (
    "<!DOCTYPE html>\n<html lang=tr><title>Konferans - Haber</title><nav><a>Ana sayfa</a></nav>"
    f"<h1>Konferans</h1><p>{TURKISH * 3}</html>"
)


@pytest.mark.parametrize("name", ["page.html", "page.HTM", "page.xhtml", "page.txt", "page.md", "page"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1254", "utf-16"])
def test_a_page_is_read_as_one_whatever_its_suffix(tmp_path, name, encoding):
    draft = read_file(write(tmp_path, name, PAGE.encode(encoding)), max_bytes=LIMIT)
    assert TURKISH.strip() in draft.text and "<" not in draft.text and "Ana sayfa" not in draft.text
    assert (draft.metadata.title, draft.metadata.language) == ("Konferans", "tr")


def test_a_page_may_name_its_encoding(tmp_path):
    page = '<html><meta charset="windows-1250"><p>Źle.</p></html>'
    assert read_file(write(tmp_path, "a.html", page.encode("cp1250")), max_bytes=LIMIT).text == "Źle."


def test_a_page_without_text_is_refused_with_the_way_out(tmp_path):
    page = b"<!doctype html><title>App</title><div id=root></div><script src=app.js></script>"
    with pytest.raises(ArticleError, match="page without visible text; .* save the page from a browser"):
        read_file(write(tmp_path, "app.html", page), max_bytes=LIMIT)


def test_a_text_under_the_name_of_a_page_is_a_text(tmp_path):
    assert (
        read_file(write(tmp_path, "a.html", b"3 < 5, said\nthe mayor."), max_bytes=LIMIT).text
        == "3 < 5, said\nthe mayor."
    )


def test_a_mail_is_read_with_its_subject(tmp_path):
    mail = f"From: A B <a@b.example>\nSubject: Rada\nDate: Mon, 3 Mar 2025 10:00:00 +0100\n\n{POLISH}"
    draft = read_file(write(tmp_path, "a.eml", mail.encode()), max_bytes=LIMIT)
    assert (draft.text, draft.metadata.title, draft.metadata.authors) == (POLISH, "Rada", ("A B",))
    assert read_file(write(tmp_path, "b.eml", POLISH.encode()), max_bytes=LIMIT).text == POLISH


def test_damage_is_told_with_the_draft(tmp_path):
    data = POLISH.encode()[:40] + b"\xff" + POLISH.encode()[40:]
    draft = read_file(write(tmp_path, "a.txt", data), max_bytes=LIMIT)
    assert "\ufffd" in draft.text and "1 damaged place" in draft.warnings[0]


def test_a_line_of_ten_megabytes_is_read_quickly(tmp_path):
    line = TURKISH.strip() + " "
    text = line * (10_000_000 // len(line.encode()) + 1)
    started = time.monotonic()
    assert read_file(write(tmp_path, "a.txt", text.encode()), max_bytes=LIMIT).text == text
    assert read_file(write(tmp_path, "b.txt", text.encode("cp1254")), max_bytes=LIMIT).text == text
    assert time.monotonic() - started < 20


def test_a_file_that_vanishes_or_grows_while_it_is_read_is_told(tmp_path, monkeypatch):
    path = write(tmp_path, "a.txt", b"short")
    real = Path.open

    def grown(self, *given, **options):
        with open(path, "wb") as file:
            file.write(b"x" * 2000)
        return real(self, *given, **options)

    monkeypatch.setattr(Path, "open", grown)
    with pytest.raises(ArticleError, match=r"MB, more than the 0\.001 MB allowed"):
        read_file(path, max_bytes=1000)

    def gone(self, *given, **options):
        path.unlink()
        return real(self, *given, **options)

    monkeypatch.setattr(Path, "open", gone)
    with pytest.raises(ArticleError, match="cannot be opened: no such file"):
        read_file(path, max_bytes=LIMIT)


def test_two_files_of_one_text_have_one_hash(tmp_path):
    files = [("a.txt", POLISH.encode()), ("b.md", POLISH.encode("utf-16")), ("c.txt", (POLISH * 2).encode())]
    drafts = [read_file(write(tmp_path, name, data), max_bytes=LIMIT) for name, data in files]
    assert drafts[0].sha256 == drafts[1].sha256 != drafts[2].sha256


def test_a_reader_is_all_that_a_format_needs(tmp_path, monkeypatch):
    class Shout:
        suffixes = (".shout",)
        media_types = ("text/shout",)

        def read(self, data, location):
            return Content(data.decode().upper())

    monkeypatch.setattr("rag.sources.formats.FORMATS", (*FORMATS, Shout()))
    path = write(tmp_path, "a.SHOUT", b"the council met")
    assert readable(path) and read_file(path, max_bytes=LIMIT).text == "THE COUNCIL MET"


# --- folders and ids ---


def test_lists_all_but_hidden_files_sorted(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/y.pdf", ".hidden.txt", ".git/x.txt", "c/.d/e.txt"):
        write(tmp_path, name, b"x")
    assert [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)] == ["a/y.pdf", "a/z.txt", "b.txt"]
    assert [readable(path) for path in list_files(tmp_path)] == [False, True, True]
    assert readable(Path("REPORT.TXT")) and readable(Path("x.text"))
    assert not readable(Path("x.docx"))


def test_links_are_followed_once_and_loops_end(tmp_path):
    write(tmp_path, "b/report.txt", b"x")
    outside = write(tmp_path.parent, f"{tmp_path.name}-outside/far.txt", b"x").parent
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "out").symlink_to(outside)
    (tmp_path / "gone.txt").symlink_to(tmp_path / "absent")
    names = [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)]
    assert names == ["b/report.txt", "out/far.txt"]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_link_that_leads_nowhere_one_may_look_is_listed_and_told(tmp_path, monkeypatch, error):
    write(tmp_path, "a.txt", b"x")
    link = tmp_path / "отчёт.txt"
    link.symlink_to(tmp_path / "closed" / "report.txt")
    real = Path.is_dir

    def closed(self):
        if self == link:
            raise error
        return real(self)

    monkeypatch.setattr(Path, "is_dir", closed)
    assert list_files(tmp_path) == [tmp_path / "a.txt", link]
    with pytest.raises(ArticleError, match=f"cannot be opened: {error.strerror.lower()}"):
        read_file(link, max_bytes=LIMIT)


def test_a_folder_that_is_deleted_meanwhile_is_listed_and_told(tmp_path, monkeypatch):
    write(tmp_path, "a.txt", b"x")
    folder = write(tmp_path, "b/c.txt", b"x").parent
    real = os.scandir

    def gone(path):
        if path == folder:
            shutil.rmtree(folder)
        return real(path)

    monkeypatch.setattr("rag.sources.files.os.scandir", gone)
    assert list_files(tmp_path) == [tmp_path / "a.txt", folder]
    with pytest.raises(ArticleError, match="cannot be opened: no such file"):
        read_file(folder, max_bytes=LIMIT)


def test_ten_thousand_files_are_listed_quickly(tmp_path):
    for number in range(10_000):
        (tmp_path / f"{number:05}.txt").touch()
    started = time.monotonic()
    found = list_files(tmp_path)
    assert len(assign_ids(found)) == 10_000 and found[0].name == "00000.txt"
    assert time.monotonic() - started < 10


def test_an_empty_folder_lists_nothing(tmp_path):
    assert list_files(tmp_path) == []


@pytest.mark.parametrize("turn", [1, -1])
def test_ids_are_stems_until_they_collide(tmp_path, turn):
    names = ["one.txt", "a/report.txt", "b/report.txt", "c/same.txt", "c/same.text", "d/same.txt", "two.v2.txt"]
    paths = [tmp_path / name for name in names][::turn]
    ids = assign_ids(paths)
    assert [ids[tmp_path / name] for name in names] == [
        "one", "a/report", "b/report", "c/same.txt", "c/same.text", "d/same", "two.v2",
    ]  # fmt: skip


@pytest.mark.parametrize("turn", [1, -1])
def test_names_that_differ_in_their_unicode_form_alone_have_two_ids(tmp_path, turn):
    names = [unicodedata.normalize(form, "Hội nghị.txt") for form in ("NFC", "NFD")]
    paths = [tmp_path / name for name in (*names, "café.txt")]
    ids = assign_ids(paths[::turn])
    assert len(set(ids.values())) == 3 and ids[paths[2]] == "café"
    assert all(re.fullmatch(r".*/Hội nghị\.txt-[0-9a-f]{8}", ids[path]) for path in paths[:2])
    assert ids[paths[0]] == assign_ids(paths[:2])[paths[0]]


def test_ids_of_the_same_name_begin_at_the_common_folder(tmp_path):
    paths = [tmp_path / "x" / "report.txt", tmp_path / "y" / "report.txt"]
    assert list(assign_ids(paths).values()) == ["x/report", "y/report"]
    assert assign_ids([]) == {}
