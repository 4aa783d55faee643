"""Text -> escaped HTML, and the small elements used throughout the page.

Report text, questions, answers and names of conversations are untrusted: each reaches the page through `escape` only.
The result is one line, without a blank one, because it passes through Markdown renderers whose sanitiser keeps `class`,
`id`, `lang`, `title` and `tabindex` and drops `data-*` and `aria-*`; texts for screen readers are therefore spans, and
the script derives states from classes. Independent of Gradio.
"""

from __future__ import annotations

import re

from rag.models import Article, Citation
from ui.links import link_to
from ui.strings import Strings

_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")  # all ASCII punctuation: HTML, Markdown, autolinks and TeX need some of it

_UNSAID = re.compile("[\0\ud800-\udfff]")  # halves of characters: no response can hold them


def escape(text: str) -> str:
    """Text with nothing that HTML or Markdown could interpret; line ends become `&#10;`."""
    plain = _UNSAID.sub("\N{REPLACEMENT CHARACTER}", text).replace("\r", "")
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", plain).replace("\n", "&#10;").replace("\t", "&#9;")


# A title that ends in one of these needs no colon behind it.
STOPS = (".", "!", "?", "…", "。")


def note(kind: str, sign: str, title: str, text: str = "") -> str:
    """A status on one line: a sign, a title in bold, and more."""
    rest = f"{'' if title.endswith(STOPS) else ':'} {escape(text)}" if text else ""
    return f'<div class="note {kind}"><span class="sign">{sign}</span> <strong>{escape(title)}</strong>{rest}</div>'


def chip(text: str) -> str:
    """A short fact in a small box."""
    return f'<span class="chip">{escape(text)}</span>'


def button(kind: str, id: str, text: str, *, sign: str = "", number: str = "") -> str:
    """A button that `static/page.js` handles by its class `kind`; with a `sign`, the text is for screen readers.

    `number` distinguishes buttons with the same text.
    """
    words = f'<span class="sign">{sign}</span><span class="sr">{escape(text)}</span>' if sign else escape(text)
    if number:
        words = f'<span class="number">{escape(number)}</span> {words}'
    title = f' title="{escape(text)}"' if sign else ""
    return f'<button type="button" class="{kind}" id="{escape(id)}"{title}>{words}</button>'


def copy_link(place: str, article_id: str, start: int, end: int, quote: str, strings: Strings) -> str:
    """A button that copies the link to a sentence; the script reads it from the hidden text beside."""
    address = escape(link_to(article_id, start, end, quote))
    copy = button("act do-link", f"link-{place}", strings.copy_link, sign="⛓")
    return f'{copy}<span class="words" id="address-{place}">{address}</span>'


def section(kind: str, anchor: str, title: str, hint: str, body: str) -> str:
    """One of the panel's views, of which the script shows one at a time."""
    name = f' id="{anchor}"' if anchor else ""
    told = f'<p class="hint" dir="auto">{escape(hint)}</p>' if hint else ""
    return f'<section class="sources {kind}"{name}><h2>{escape(title)}</h2>{told}{body}</section>'


def heading(report: Article | Citation, strings: Strings, numbers: tuple[int, ...] = ()) -> str:
    """Title, language, date, place and authors of a report; `numbers` are those of the sentences cited from it."""
    badges = "".join(f'<span class="badge">{number}</span>' for number in numbers)
    badges = f'<div class="badges">{badges}</div>' if numbers else ""
    meta = "".join(chip(fact) for fact in facts(report, strings))
    title = escape(report.title or strings.untitled)
    lang, direction = escape(report.language), strings.direction(report.language)
    return (
        f'<div class="head">{badges}<h3 lang="{lang}" dir="{direction}">{title}</h3><p class="chips">{meta}</p></div>'
    )


def facts(report: Article | Citation, strings: Strings) -> list[str]:
    """Language, date, place and authors, each if known; without a date it says so."""
    place = ", ".join(report.places[:2]) if isinstance(report, Article) else ""
    told = (strings.language(report.language), strings.day(report.published), place, strings.authors(report.authors))
    return [fact for fact in told if fact]


def source_link(address: str | None, strings: Strings) -> str:
    """A link to the report's source; empty unless the address is http or https."""
    if not address or not address.startswith(("https://", "http://")):
        return ""
    label = f'{escape(strings.open_source)} ↗<span class="sr"> ({escape(strings.opens_new_tab)})</span>'
    return f'<a class="origin" href="{escape(address)}" target="_blank" rel="noopener noreferrer">{label}</a>'
