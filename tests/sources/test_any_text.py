"""What holds for any text and any bytes: readers, sentences, windows, and the reading view."""

import html
import unicodedata

import invariants as hold
import pytest
from hypothesis import given
from hypothesis import strategies as draw
from odd_texts import articles, languages, texts

from rag.errors import ArticleError
from rag.sources import make_article
from rag.sources.content import LONGEST, Content, Metadata
from rag.sources.files import make_draft
from rag.sources.formats import Mail, PlainText, WebPage

READERS = (PlainText(), WebPage(), Mail())
HEADS = (
    b"", b"\xef\xbb\xbf", b"\xff\xfe", b"<!DOCTYPE html><html>", b"<?xml version='1.0'?>",
    b"From: a@b.example\nSubject: x\n", b"Content-Type: multipart/mixed; boundary=b\nSubject: x\n\n--b\n",
    b"---\ntitle: ", b'---\ntitle: "\\ud800\\0"\n---\n', b"WEBVTT\n\n", b"a;b;c\n", b"Subject: =?utf-8?b?",
    b"From: =?x?q?=\nDate: ",
)  # fmt: skip
# Control characters that a text may hold; the readers leave out the others.
_READ = ("\t", "\n", "\r", "\v", "\f", "\x85")


@given(articles())
def test_sentences_windows_and_views_hold_the_body_exactly(article):
    hold.check_article(article)


@given(draw.sampled_from(READERS), draw.sampled_from(HEADS), draw.one_of(draw.binary(max_size=400), texts()))
def test_any_bytes_are_a_report_or_are_refused_by_name(reader, head, rest):
    hold.check_read(reader, head + (rest.encode() if isinstance(rest, str) else rest))


@given(texts(), draw.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_text_is_read_as_it_was_written(text, encoding):
    plain = "".join(char for char in text if unicodedata.category(char) != "Cc" or char in _READ).lstrip("\ufeff")
    try:
        read = PlainText().read(f"Zürich: {plain}".encode(encoding), "x")
    except ArticleError:
        return
    assert read.text == f"Zürich: {plain}"


@given(draw.lists(draw.text("abcdeé<>&\"' .12橋א\u0301", min_size=1, max_size=40), min_size=1, max_size=5))
def test_a_page_gives_the_words_of_its_paragraphs(paragraphs):
    said = [" ".join(part.split()) for part in paragraphs]
    said = [part for part in said if any(map(str.isalnum, part))]
    body = "".join(f"<p>{html.escape(part)}</p>" for part in said)
    page = f"<!DOCTYPE html><html><body><article>{body}</article></body></html>"
    if not said:
        return
    read = WebPage().read(page.encode(), "x").text
    # Which paragraphs are the report is trafilatura's to say; what is read is written in the page.
    assert all(line in said for line in read.split("\n\n"))


@given(texts(most=12), texts(most=30))
def test_a_mail_gives_the_words_of_its_text(subject, body):
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"] = " ".join(subject.split()) or "x"
    mail["From"] = "Ana <ana@example.org>"
    plain = "".join(char for char in body if unicodedata.category(char) != "Cc" or char == "\n")
    mail.set_content(f"Zürich {plain}", cte="base64")
    read = Mail().read(bytes(mail), "x")
    assert read.text.split() == f"Zürich {plain}".split() and read.metadata.authors == ("Ana",)


@given(texts(storable=False), texts(storable=False), languages)
def test_what_a_file_says_of_itself_can_be_stored_whatever_it_says(one, other, language):
    said = Metadata(title=one, authors=(other, one), language=language, source_url=other)
    for text in (said.title, *said.authors, said.source_url):
        text.encode("utf-8")
        assert len(text) <= LONGEST and len(text.splitlines()) <= 1 and "\x1b" not in text
    article = make_article(make_draft(Content("The ferry sank.", said), "x"), id="x", given={"place": one})
    assert all(place.encode("utf-8") for place in article.places)


@pytest.mark.parametrize(
    ("reader", "data", "words"),
    [
        # What the fuzzers have found: the libraries' own faults.
        (Mail(), b"Subject: Ferry\nFrom:om: A <a@exipart/alternative; boundary=\n\nIt sank.", "sank"),
        (Mail(), b"Subject: Ferry\nFrom: a:b:;;c@d\nTo: \xff\n\nIt sank.", "sank"),
        (Mail(), b"Subject: Ferry\nContent-Type: text/plain; charset=\"a\0b\"\n\nIt s\xe4nk and sank.", "sank"),
        (Mail(), b"Subject: Ferry\nContent-Type: text/plain; charset=unicode_escape\n\n\\ud800 s\xe4nk sank.", "sank"),
        (Mail(), b"Subject: Ferry\nContent-Type: text/plain; charset=utf-7\n\nIt +2AA- sank.", "sank"),
        (WebPage(), "<title>x</title><h1>The \ufffe ferry \x0c sank</h1>".encode(), "sank"),
        (WebPage(), b"<h1>The ferry &#11;sank</h1><p title='&#1;'>At noon</p>", "sank"),
        (WebPage(), b'<p>Ferry</p><script type="application/ld+json">{"headline": "\\ud800\\0"}</script>', "Ferry"),
        (PlainText(), b'---\ntitle: "\\ud800 \\0 x"\nplace: "\\udfff"\n---\nThe ferry sank.', "sank"),
    ],
)  # fmt: skip
def test_files_that_broke_a_library_are_read(reader, data, words):
    article = hold.check_read(reader, data)
    assert article is not None and words in article.text


def test_what_stands_a_page_apart_is_in_no_window():
    text = "Ferry\n" + "\n" * 50_000 + "It sank at noon.\n" + " \n" * 20_000 + "Nobody was hurt."
    article = make_article(make_draft(Content(text), "x"), id="x")
    hold.check_article(article)
