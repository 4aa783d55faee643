"""Advertising in a page's report: blocks whose class or first words say in any language what they are."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from rag.language import fold
from rag.sources.furniture import labels
from rag.sources.page_text import BLOCKS
from rag.sources.page_tree import Element, drop

# What authors of pages in any language call such blocks besides; as a label, "Sponsor: Acme" is a report's.
_CLASSES = frozenset("ad ads adv advert adverts promo sponsor sponsored".split())
# Of a paragraph that is its lead.
_LEADS = frozenset(("promo",))
# A name with one of these tells of a block beside an advertisement: "after-ad", "has-ads".
_BESIDE = frozenset("after before free has hide no non with without".split())
# Letters of one block, and of all, of the whole part's: a longer one with such a name is the report, or holds it, and a
# page with more of them is one of small ads. Chosen, not measured.
_MOST, _ALL = 0.2, 0.33
# Blocks below a label: more are the report. Chosen, not measured.
_MOST_BLOCKS = 3
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# There such words name what is counted.
_COUNTED = frozenset(("table", "ul", "ol", "dl"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
_LABEL_EDGE = " \t\r\n[](){}-–—*:："


def drop_advertising(part: Element) -> None:
    """Drop the advertisements between the paragraphs of a page's report, each with its label."""
    whole = len(part.text_content())
    found: dict[Element, None] = {}
    for block in part.iter(*BLOCKS, "ins"):
        above = list(block.iterancestors())
        if part not in above or _is_kept(block) or any(one in found for one in above):
            continue
        if len(block.text_content()) <= _MOST * whole and (_is_named(block) or _is_labelled(block)):
            found[block] = None
    if sum(len(block.text_content()) for block in found) <= _ALL * whole:
        for block in found:
            drop(block)


def _is_kept(block: Element) -> bool:
    """Whether it is the headline, or holds it, or is a part of a table or list."""
    within = {str(block.tag), *(str(above.tag) for above in block.iterancestors())}
    return not within.isdisjoint(_COUNTED) or block.tag == "h1" or block.find(".//h1") is not None


def _is_named(block: Element) -> bool:
    known = (_CLASSES - _LEADS if block.tag == "p" else _CLASSES) | labels("advertising")
    for name in f"{block.get('class') or ''} {block.get('id') or ''}".split():
        words = [fold(word) for word in _WORD.findall(_CAMEL.sub(" ", name))]
        edges = {" ".join(words[:1]), " ".join(words[:2]), " ".join(words[-1:]), " ".join(words[-2:])}
        if not edges.isdisjoint(known) and _BESIDE.isdisjoint(words):
            return True
    return False


def _is_labelled(block: Element) -> bool:
    """Whether it begins with a label that stands alone, or in capitals before a colon; no sentence goes on."""
    below = (one for one in block.iterdescendants(*BLOCKS) if one.tag != "br")
    inner = list(islice(below, _MOST_BLOCKS + 1))
    if block.tag in _HEADINGS or len(inner) > _MOST_BLOCKS:
        return False
    first = next((text for text in block.xpath(".//text()") if text.strip()), None)
    if first is None or _is_linked(first, block):
        return False
    said, colon, rest = first.partition(":")
    if colon and rest.strip():
        return not inner and said.isupper() and _is_label(said)
    if not inner:
        more = block.text_content().strip()[len(first.strip()) :].lstrip(_LABEL_EDGE)
        return _is_label(first) and (not more or more[0].isupper())
    before = inner[0].text_content()
    return _is_label(first) and (before.strip() == first.strip() or first not in before)


def _is_label(text: str) -> bool:
    return fold(text).strip(_LABEL_EDGE) in labels("advertising")


def _is_linked(text: Any, block: Element) -> bool:
    """Whether a text of the block is a link's: a topic, or the subject of its sentence."""
    place = text.getparent() if text.is_text else text.getparent().getparent()
    while place is not block:
        if place.tag == "a" and place.get("href"):
            return True
        place = place.getparent()
    return False
