"""A page's tree -> metadata of its report: title, date, authors, language, address.

Taken from JSON-LD and meta tags; if they lack a value, from trafilatura's rules about page layouts.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date
from typing import Any
from urllib.parse import urljoin, urlsplit

import regex
from lxml import etree, html

from rag.sources.content import Metadata
from rag.sources.page_tree import Element

# Between a headline and the name of its site. A hyphen or colon needs a blank beside it.
_BETWEEN = re.compile(r"\s*[|｜·•»«_]\s*|\s+[-–—]\s+|\s*::\s*|:\s+")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
# What Internet Explorer, Chrome and the extension SingleFile write into a page that they save.
_SAVED_FROM = re.compile(r"(?:saved from url=\(\d+\)|^\s*url:\s*)(https?://\S+)", re.MULTILINE)
_AUTHOR_NAMES = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "citation_author")
_HEADINGS = ("h1", "h2", "h3")
_MAX_HEADLINE = 300
_MAX_NAME_WORDS = 6


def read_metadata(tree: Element, address: str = "") -> Metadata:
    """The page's metadata. `address`: where the page was read, to resolve relative addresses."""
    from trafilatura.metadata import extract_author, extract_title

    metas = _metas(tree)
    articles = list(_articles(tree))
    url = next(filter(None, (_address(found, address) for found in _addresses(tree, metas, articles))), "")
    site = metas.get("og:site_name", [""])[0]
    return Metadata(
        title=_clean(_title(tree, metas, articles, extract_title(tree) or "", site)),
        published=_date(tree),
        authors=_authors(metas, articles, extract_author(tree) or "", site),
        language=_language(tree, metas, articles),
        source_url=url,
    )


def _metas(tree: Element) -> dict[str, list[str]]:
    """Name of a meta tag, in lower case, to what it says, in the page's order."""
    found: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        key = (meta.get("property") or meta.get("name") or meta.get("http-equiv") or "").strip().lower()
        if key and (said := _clean(meta.get("content", ""))):
            found.setdefault(key, []).append(said)
    return found


def _articles(tree: Element) -> Iterator[dict[str, Any]]:
    """The JSON-LD objects that describe an article."""
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", ""):
            continue
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            held = waiting.pop(0)
            if isinstance(held, list):
                waiting += held
            elif isinstance(held, dict):
                waiting += [held.get("@graph"), held.get("mainEntity")]
                if "headline" in held or "Article" in str(held.get("@type")) or "Posting" in str(held.get("@type")):
                    yield held


def _title(tree: Element, metas: dict[str, list[str]], articles: list[dict[str, Any]], guess: str, site: str) -> str:
    """The headline without the site's name, which is what of the title stands in the page as a heading."""
    for told in (*(str(article.get("headline") or "") for article in articles), *metas.get("og:title", [])):
        if told := _clean(told):
            return _without_site(told, tree, site)
    whole = _clean("".join(tree.xpath("string(//title)")))
    title = _without_site(whole, tree, site) if whole else guess
    headlines = [_clean(heading.text_content()) for heading in tree.iter("h1") if not _leads_home(heading)]
    # "The Paper :: Sports" names the site alone; the page's one headline says more.
    named = _BETWEEN.search(whole) and title not in _headings(tree) | _short_texts(tree)
    if len(headlines) == 1 and headlines[0] and named:
        return headlines[0]
    return title


def _headings(tree: Element) -> set[str]:
    return {_clean(element.text_content()) for element in tree.iter(*_HEADINGS) if not _leads_home(element)}


def _without_site(title: str, tree: Element, site: str) -> str:
    # Of n parts there are n² runs.
    title = title[:_MAX_HEADLINE].rstrip()
    parts = [part for part in _BETWEEN.split(title) if part.strip()]
    if len(parts) < 2:
        return title
    headings = _headings(tree)
    if title in headings:
        return title
    # A part, or several with what is between them: "Elections: the count - The Paper".
    cuts = [0, *(at for match in _BETWEEN.finditer(title) for at in match.span()), len(title)]
    spans = [(start, end) for start in cuts[::2] for end in cuts[1::2] if 0 < end - start < len(title)]
    runs = sorted((title[start:end] for start, end in spans), key=len, reverse=True)
    for said in (headings, _short_texts(tree)):
        if found := next((run for run in runs if run in said and run != site), ""):
            return found
    for run in runs:
        if site and site in (title[len(run) :].strip(" |｜·•»«-–—:"), title[: -len(run)].strip(" |｜·•»«-–—:")):
            return run
    return title


def _leads_home(heading: Element) -> bool:
    """Whether the heading is a link to the front page: the site's name."""
    links = (link.get("href", "") for link in heading.iter("a"))
    return any(href.startswith(("/", "http")) and not _address(href, "http://site.example/") for href in links)


def _short_texts(tree: Element) -> set[str]:
    """Texts of elements that may be a headline without being marked as one."""
    found = (_clean(element.text) for element in tree.iter("b", "strong", "font", "div", "p", "span") if element.text)
    return {text for text in found if len(text) <= _MAX_HEADLINE}


def _authors(metas: dict[str, list[str]], articles: list[dict[str, Any]], guess: str, site: str) -> tuple[str, ...]:
    named = [name for article in articles for name in _names(article.get("author"))]
    named = named or [said for key in _AUTHOR_NAMES for said in metas.get(key, [])]
    parts = (part for said in named for part in said.split(";"))
    return _people(parts, site) or _people(guess.split(";"), site)


def _names(author: object) -> Iterator[str]:
    if isinstance(author, str):
        yield author
    elif isinstance(author, dict):
        yield from _names(author.get("name"))
    elif isinstance(author, list):
        for one in author:
            yield from _names(one)


def _people(said: Iterable[str], site: str) -> tuple[str, ...]:
    # Vowel signs at a name's end belong to it.
    names = (regex.sub(r"^[\W_]+|[^\w\p{M}.)]+$", "", _clean(name)) for name in said)
    kept = (
        name
        for name in names
        if name and name != site and "@" not in name and "/" not in name and len(name.split()) <= _MAX_NAME_WORDS
    )
    return tuple(dict.fromkeys(kept))


def _language(tree: Element, metas: dict[str, list[str]], articles: list[dict[str, Any]]) -> str:
    root = tree.getroottree().getroot()
    said = [root.get("lang", ""), root.get("xml:lang", "")]
    said += [str(article.get("inLanguage") or "") for article in articles]
    said += [*metas.get("content-language", []), *metas.get("og:locale", [])]
    return next((tag.strip().replace("_", "-") for tag in said if _TAG.fullmatch(tag.strip())), "")


def _addresses(tree: Element, metas: dict[str, list[str]], articles: list[dict[str, Any]]) -> Iterator[str]:
    yield from (link.get("href", "") for link in tree.iter("link") if link.get("rel", "").lower() == "canonical")
    yield from metas.get("og:url", [])
    for article in articles:
        for held in (article.get("url"), article.get("mainEntityOfPage")):
            yield str(held.get("@id", "") if isinstance(held, dict) else held or "")
    before = tree.getroottree().getroot().itersiblings(preceding=True)
    for comment in (*before, *tree.iter(etree.Comment)):
        if saved := _SAVED_FROM.search(comment.text or ""):
            yield saved[1]


def _address(found: str, base: str) -> str:
    """The address in full; nothing for what is none, and for a site's front page, which pages name by mistake."""
    try:
        whole = urljoin(base, found.strip()) if found else ""
        parts = urlsplit(whole)
    except ValueError:
        return ""
    own = parts.scheme in ("http", "https") and parts.netloc and (parts.path.strip("/") or parts.query)
    return whole if own else ""


def _date(tree: Element) -> date | None:
    """The day from the page's head, JSON-LD and marked times; never from its text, which tells of other days too."""
    from htmldate import find_date

    marks = html.Element("html")
    head, body = html.Element("head"), html.Element("body")
    marks.extend([head, body])
    for element in tree.iter("meta", "title", "link", "script", "time"):
        if element.tag == "time":
            if next(element.iterancestors("aside", "footer", "nav"), None) is None:
                body.append(_alone(element))
        elif element.tag != "script" or "ld+json" in element.get("type", ""):
            head.append(_alone(element))
    # Newspapers are older than the Web, where the library's own limit lies.
    said = find_date(marks, extensive_search=False, original_date=True, min_date="1800-01-01")
    return date.fromisoformat(said) if said else None


def _alone(element: Element) -> Element:
    copy = deepcopy(element)
    copy.tail = None
    return copy


def _clean(text: str | None) -> str:
    return unicodedata.normalize("NFC", " ".join((text or "").split()))
