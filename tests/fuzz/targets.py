"""What is fuzzed: a target takes bytes, and raises where one of the checks in `invariants` does not hold."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date

import invariants as hold
from odd_texts import NUMBER_WORDS
from places import SEEDS, TESTS

from rag.errors import ArticleError
from rag.models import Answer, Article, Citation, Claim
from rag.sources import Draft, make_article
from rag.sources.content import Content
from rag.sources.files import make_draft
from rag.sources.formats import FORMATS, Mail, PlainText, WebPage
from ui.exchanges import Exchange
from ui.export import to_html, to_json, to_markdown
from ui.strings import ENGLISH

LANGUAGES = ("en", "de", "tr", "pl", "ja", "zh", "ar", "hi", "th", "ko", "vi", "es", "und", "tlh")
MARKUP = "<p>Ten</p><br><table><tr><td colspan=2>1<th>x</table><style>.a{display:none}</style><p class=a>no<sup>2</sup>"


def text_of(data: bytes) -> tuple[str, str]:
    """A language and a text, with lone halves of characters where the bytes are no UTF-8."""
    language = LANGUAGES[data[0] % len(LANGUAGES)] if data else "en"
    return data[1:].decode("utf-8", "surrogateescape"), language


def storable(data: bytes) -> tuple[str, str]:
    """The same without lone halves, which no file can hold."""
    text, language = text_of(data)
    return text.encode("utf-8", "replace").decode(), language


def plain(data: bytes) -> None:
    hold.check_read(PlainText(), data)


def page(data: bytes) -> None:
    hold.check_read(WebPage(), data)


def mail(data: bytes) -> None:
    hold.check_read(Mail(), data)


def passages(data: bytes) -> None:
    if article := _article(data):
        hold.check_article(article)


def values(data: bytes) -> None:
    text, language = text_of(data)
    hold.check_values(text, language)


def verified(data: bytes) -> None:
    if article := _article(data):
        hold.check_verified(article)


def phrases(data: bytes) -> None:
    if article := _article(data):
        start = sum(data) % len(article.text)
        hold.check_phrases(article, start, start + 1 + len(data) % 40)


def shown(data: bytes) -> None:
    text, language = text_of(data)
    hold.check_written(text)
    if not text.strip():
        return
    article = Article("x" + text[:20], text, text[:90], language, None, (text[:10],), (), text, "0" * 64, len(text))
    third = max(1, len(text) // 3)
    hold.check_shown(article, [(0, third), (third // 2, third + 1)])
    _export(article, text)


def _export(article: Article, text: str) -> None:
    cited = Citation(1, article.id, article.title, article.language, date(2024, 7, 5), text, 0, len(text), text)
    answer = Answer(
        text, text, article.language, True, f"{text} [1]", (Claim(text, (1,), "supported", 0.97),), (cited,), (),
        confidence=0.97, short=text,
    )  # fmt: skip
    exchange = Exchange(text, answer=answer)
    today = date(2024, 8, 1)
    for made in (to_markdown(text, [exchange], ENGLISH, today), to_html(text, [exchange], ENGLISH, today)):
        made.encode("utf-8")
    hold.check_json(to_json([exchange]))


def _article(data: bytes) -> Article | None:
    text, language = storable(data)
    try:
        draft: Draft = make_draft(Content(text), "reports/x")
        return make_article(draft, id="x", given={} if language == "und" else {"language": language})
    except ArticleError:
        return None


TARGETS: dict[str, Callable[[bytes], None]] = {
    held.__name__: held for held in (plain, page, mail, passages, values, verified, phrases, shown)
}


def seeds(target: str) -> Iterable[bytes]:
    """Small files to begin with; those of the tests, and their parts."""
    draw = random.Random(target)
    if target == "page":
        yield from (path.read_bytes()[:4000] for path in sorted((TESTS / "data" / "pages").glob("*.html")))
        yield MARKUP.encode()
        return
    if target == "mail":
        body = "From: A <a@example.org>\nSubject: =?utf-8?q?Br=C3=BCcke?=\nDate: Fri, 5 Jul 2024 10:00:00 +0200\n"
        html = "Content-Type: text/html; charset=iso-8859-9\nContent-Transfer-Encoding: quoted-printable\n\n"
        parts = 'Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\nTen.\n--b--\n'
        yield from (f"{body}{rest}".encode() for rest in ("\nTen votes.\n", html + MARKUP, parts))
        return
    first = b"\x02" if target not in ("plain",) else b""
    if target == "plain":
        yield b"title: Bridge\ndate: 2021-03-05\n\nTen votes."
        yield b"---\ntitle: Bridge\ndate: 2021-03-05\nauthor: [A, B]\n---\nTen votes were counted."
        yield b"year;votes;share\n2023;1.250;12%\n2024;1.410;13%\n"
        yield b"1\n00:00:01,000 --> 00:00:03,000\nTen votes\n\n2\n00:00:03,500 --> 00:00:05,000\nwere counted.\n"
        yield "Zürich, 3. März 2021 – Zehn Stimmen.\n> zitiert\n- Punkt\n| a | b |\n| - | - |\n| 1 | 2 |".encode(
            "utf-16"
        )
    for path in sorted(SEEDS.glob("*.txt")):
        text = path.read_text("utf-8")
        for _ in range(3):
            at = draw.randrange(max(1, len(text) - 300))
            yield first + text[at : at + 300].encode()
    for path in sorted((TESTS / "cases" / "made").glob("*.txt"))[::6]:
        yield first + path.read_bytes()[:600]
    for number in range(len(LANGUAGES)):
        yield bytes([number]) + " ".join(NUMBER_WORDS).encode()
        yield bytes([number]) + "".join(draw.sample(NUMBER_WORDS, len(NUMBER_WORDS))).encode()
    lines = (TESTS / "data" / "dates.jsonl").read_text("utf-8").splitlines()
    for line in lines[::7]:
        yield first + line.encode()


assert {type(one) for one in FORMATS} == {PlainText, WebPage, Mail}, "a format without a target"
