"""Advertising in a page's report: blocks whose class or first words say in any language what they are."""

from __future__ import annotations

import re

from rag.language import fold
from rag.sources.furniture import labels
from rag.sources.page_text import BLOCKS
from rag.sources.page_tree import Element, drop

# What authors of pages in any language call such blocks besides; as a label, "Sponsor: Acme" is a report's.
_CLASSES = frozenset("ad ads adv advert adverts promo sponsor sponsored".split())
# A name with one of these tells of a block beside an advertisement: "after-ad", "has-ads".
_BESIDE = frozenset("after before free has hide no non with without".split())
# Letters of one block, of the whole part's: a longer one with such a name is the report, or holds it.
_MOST = 0.2
# Blocks in a box that begins with a label: more are the report.
_MOST_BLOCKS = 3
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# There such words name what is counted.
_COUNTED = frozenset(("table", "ul", "ol", "dl"))
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")
_LABEL_EDGE = " \t\r\n[](){}-–—*:："
# After the label of an advertisement that goes on in the same line.
_COLON = re.compile(r"\s*[:：]")


def drop_advertising(part: Element) -> None:
    """Drop the advertisements between the paragraphs of a page's report, each with its label."""
    most = _MOST * len(part.text_content())
    for block in list(part.iter(*BLOCKS, "ins")):
        if block is part or part not in block.iterancestors() or _is_kept(block):
            continue
        if len(block.text_content()) <= most and (_is_named(block) or _is_labelled(block)):
            drop(block)


def _is_kept(block: Element) -> bool:
    """Whether it is the headline, or holds it, or is a part of a table or list."""
    within = {str(block.tag), *(str(above.tag) for above in block.iterancestors())}
    return not within.isdisjoint(_COUNTED) or block.tag == "h1" or block.find(".//h1") is not None


def _is_named(block: Element) -> bool:
    for name in f"{block.get('class') or ''} {block.get('id') or ''}".split():
        words = [fold(word) for word in _WORD.findall(_CAMEL.sub(" ", name))]
        edges = {" ".join(words[:1]), " ".join(words[:2]), " ".join(words[-1:]), " ".join(words[-2:])}
        if not edges.isdisjoint(_CLASSES | labels("advertising")) and _BESIDE.isdisjoint(words):
            return True
    return False


def _is_labelled(block: Element) -> bool:
    """Whether it begins with a label, as a text of its own or before a colon."""
    if block.tag in _HEADINGS:
        return False
    blocks = [inner for inner in block.iterdescendants(*BLOCKS) if inner.tag != "br"]
    first = next((text for text in block.itertext() if text.strip()), "")
    if blocks and first != block.text and not _is_box(block, blocks, first):
        return False
    label = fold(first)
    return label.strip(_LABEL_EDGE) in labels("advertising") or (
        len(parts := _COLON.split(label, maxsplit=1)) > 1 and parts[0].strip() in labels("advertising")
    )


def _is_box(block: Element, blocks: list[Element], first: str) -> bool:
    """Whether the first of a few blocks is `first` alone, or it stands before them."""
    before = blocks[0].text_content()
    return len(blocks) <= _MOST_BLOCKS and (before.strip() == first.strip() or first not in before)
