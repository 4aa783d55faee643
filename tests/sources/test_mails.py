"""Saved mails: text, subject, day, sender, attachments, and what only looks like one."""

from datetime import date
from email.message import EmailMessage

import pytest

from rag.errors import ArticleError
from rag.sources.mails import read_mail

TEXT = "Совет решил закрыть мост на девять месяцев. Ремонт обойдётся в 96 млн рублей.\n"


def mail(**headers):
    made = EmailMessage()
    for name, value in {
        "From": "Lê Thu Hà <ha@a.example>",
        "Date": "Tue, 18 Feb 2025 23:30:00 +0100",
        **headers,
    }.items():
        made[name.replace("_", "-")] = value
    return made


def test_a_mails_headers_become_metadata():
    made = mail(Subject="Мост\u00a0закрыт: подробности " + "и ещё " * 20)
    made.set_content(TEXT, charset="koi8-r")
    made["Content-Language"] = "ru, en"
    found = read_mail(made.as_bytes(), "x")
    assert found.text == TEXT and found.warnings == ()
    assert found.metadata.title.startswith("Мост закрыт: подробности и ещё")
    assert found.metadata.published == date(2025, 2, 18)
    assert (found.metadata.authors, found.metadata.language) == (("Lê Thu Hà",), "ru")


def test_the_text_part_comes_before_the_page_and_attachments_are_told():
    made = mail(Subject="x")
    made.set_content(TEXT)
    made.add_alternative("<p>other</p>", subtype="html")
    made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Przetarg źródła.pdf")
    found = read_mail(made.as_bytes(), "x")
    assert found.text == TEXT and found.warnings == ("attachments left out: Przetarg źródła.pdf",)


def test_a_mail_of_html_only_is_read_as_a_page():
    made = mail(Subject="x")
    made.set_content(f"<html><head><title>no</title></head><body><p>{TEXT}</p><script>1</script></body></html>", "html")
    found = read_mail(made.as_bytes(), "x")
    assert found.text == TEXT.strip() and found.metadata.title == "x"


def test_a_wrong_charset_and_a_bad_date_do_not_stop_it():
    head = b"From: press@a.example\nSubject: =?utf-8?b?broken\nDate: someday\n"
    head += b"Content-Type: text/plain; charset=us-ascii\n\n"
    found = read_mail(head + TEXT.encode(), "x")
    assert found.text == TEXT and found.metadata.published is None
    assert found.metadata.authors == ("press@a.example",)


@pytest.mark.parametrize("blank", ["", "\n \n", "\u00a0\n"])
def test_a_blank_text_part_is_passed_over_for_the_page(blank):
    made = mail(Subject="x")
    made.set_content(blank)
    made.add_alternative(f"<p>{TEXT}</p>", subtype="html")
    assert read_mail(made.as_bytes(), "x").text == TEXT.strip()


def test_a_mail_with_nothing_but_blanks_is_refused_by_name():
    made = mail(Subject="x")
    made.set_content(" \n\n")
    with pytest.raises(ArticleError, match="is an e-mail without text; save its attachment"):
        read_mail(made.as_bytes(), "x")


def test_a_mail_that_breaks_the_library_is_refused_by_name():
    head = b"Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    inner = b"--b\nContent-Type: multipart/related\n\nThe council met.\n--b--\n"
    with pytest.raises(ArticleError, match="a.eml: is a damaged e-mail; save its text as a file") as caught:
        read_mail(head + inner, "a.eml")
    assert caught.value.location == "a.eml"


def test_a_mail_without_text_is_refused_by_name():
    made = mail(Subject="x")
    made.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="a.jpg")
    with pytest.raises(ArticleError, match="is an e-mail without text; save its attachment"):
        read_mail(made.as_bytes(), "x")


def test_what_has_no_headers_is_no_mail():
    assert read_mail(TEXT.encode(), "x") is None
    assert read_mail(b"Note: the council met.\n\nMore.", "x") is None
