"""The visible page -> the part that is the report.

trafilatura selects the report's paragraphs; the smallest part of the page that contains them all is kept whole, so that
headings, times, tables and lists between them are preserved. Page furniture inside it is removed by trafilatura's
expressions for class names, and by the share of links in a block.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from copy import deepcopy
from itertools import islice, takewhile

from rag.sources.advertising import drop_advertising
from rag.sources.page_text import BLOCKS
from rag.sources.page_tree import Element, drop

# Shorter blocks, in letters and digits, stand in menus as well.
_TELLING = 12
# Of a block's letters; above it stand menus, tags and lists of other reports.
_LINKED = 0.8
# In a long text, lines alone are compared: looking for each block in all of it would take minutes.
_SEARCHED, _COMPARED = 100_000, 500
_COVERED = 0.9
# Elements; 20,000 take five seconds.
_MANY = 20_000
# Letters above a headline, of the whole part's: a lead has more.
_ABOVE = 0.2
_LEGAL, _LEGAL_LINE = re.compile(r"©|\(c\)\s*(?:19|20)\d\d", re.IGNORECASE), 300
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_FURNITURE = ("nav", "aside", "footer", "form", "menu", "fieldset", "label", "legend")


def main_part(seen: Element, title: str = "") -> Element | None:
    """A copy of the report's part of the visible page, without furniture; None if it cannot be identified.

    It begins with the headline (the page's first heading, or the one that equals its `title`) if that is above it.
    """
    import trafilatura
    from trafilatura.htmlprocessing import prune_unwanted_nodes
    from trafilatura.xpaths import OVERALL_DISCARD_XPATH, RAW_TREE_PRUNE_XPATH, REMOVE_COMMENTS_XPATH

    # What it cannot tell, it logs as a warning; here that is None.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        # Its comparison with other extractors takes time by the square of a page's length.
        fast = next(islice(seen.iter(), _MANY, None), None) is not None
        found = trafilatura.extract(seen, fast=fast, include_comments=False, include_tables=True, deduplicate=False)
    except (RecursionError, ValueError):
        found = None
    if not found:
        return None
    part = deepcopy(seen)
    for element in list(part.iter(*_FURNITURE)):
        drop(element)
    for expressions in (RAW_TREE_PRUNE_XPATH, OVERALL_DISCARD_XPATH, REMOVE_COMMENTS_XPATH):
        # With its guard against expressions that take away most of a page.
        part = prune_unwanted_nodes(part, expressions, with_backup=True)
    # Where all is short, what is left of the page is the report.
    chosen = _common(part, found)
    chosen = part if chosen is None else _with_headline(part, chosen, title)
    _begin_at_headline(chosen)
    drop_advertising(chosen)
    _drop_cards(chosen)
    _drop_links(chosen)
    _drop_link_runs(chosen)
    _drop_legal(chosen)
    return chosen


def _with_headline(part: Element, chosen: Element, title: str) -> Element:
    """What reaches from the headline to the chosen part's end: leads, days and names stand between the two."""
    before: list[Element] = []
    for element in part.iter():
        if element is chosen:
            break
        if element.tag == "h1" or (element.tag in _HEADINGS and " ".join(element.text_content().split()) == title):
            before.append(element)
    own = {chosen, *chosen.iterancestors()}
    headline = next((element for element in reversed(before) if element not in own), None)
    if headline is None or chosen.find(".//h1") is not None:
        return chosen
    above = next((element for element in headline.iterancestors() if element in own), None)
    if above is None:
        return chosen
    for edge, after in ((headline, False), (chosen, True)):
        while edge is not above:
            for sibling in list(edge.itersiblings(preceding=not after)):
                drop(sibling)
            up = edge.getparent()
            if up is None:
                break
            if after:
                edge.tail = None
            else:
                up.text = None
            edge = up
    return above


def _begin_at_headline(part: Element) -> None:
    """Drop what is above the page's one headline, if it is short: menus, the site's name, a topic."""
    headlines = [heading for heading in part.iter("h1") if _plain(heading.text_content())]
    if len(headlines) != 1 or headlines[0] is part:
        return
    path = [headlines[0], *takewhile(lambda element: element is not part, headlines[0].iterancestors())]
    above = [sibling for element in path for sibling in element.itersiblings(preceding=True)]
    texts = [_plain(sibling.text_content()) for sibling in above]
    if sum(map(len, texts)) > _ABOVE * len(_plain(part.text_content())):
        return
    for sibling in above:
        sibling.tail = None
        drop(sibling)
    for element in (*path[1:], part):
        element.text = None


def _drop_legal(part: Element) -> None:
    """Drop the line of a page's foot that says whose it is: "© 2025 The Paper. All rights reserved."."""
    for block in list(_leaves(part)):
        text = block.text_content().strip()
        if block is not part and _LEGAL.match(text) and len(text) <= _LEGAL_LINE:
            drop(block)


def _drop_cards(part: Element) -> None:
    """Drop teasers of other reports: several articles under headings that are links, next to a longer text."""
    cards = [card for card in part.iter("article") if card is not part and _is_card(card)]
    inside = sum(len(_plain(card.text_content())) for card in cards)
    # An index of reports is cards for the greater part: there they stay.
    if len(cards) > 1 and inside * 3 <= len(_plain(part.text_content())) * 2:
        for card in cards:
            drop(card)


def _is_card(card: Element) -> bool:
    heading = next(card.iter(*_HEADINGS), None)
    return heading is not None and heading.tag != "h1" and _linked(heading) >= _LINKED


def _common(part: Element, found: str) -> Element | None:
    """The smallest element that holds all blocks whose text trafilatura took."""
    lines = dict.fromkeys(map(_plain, found.split("\n")))
    whole = _plain(found)[:_SEARCHED]
    holders = [_holder(block) for block in _leaves(part) if _is_told(block, lines, whole)]
    if not holders:
        return None
    path = [holders[0], *holders[0].iterancestors()]
    for block in holders[1:]:
        above = {block, *block.iterancestors()}
        while path and path[0] not in above:
            path.pop(0)
    # What is short, such as a table's cells, was not looked for: most of it has to be in the part as well.
    while len(path) > 1 and _covered(path[0], lines) < _COVERED:
        path.pop(0)
    return path[0] if path else None


def _covered(part: Element, lines: Collection[str]) -> float:
    """Share of the letters of trafilatura's lines that the part holds."""
    held = _plain(part.text_content())[:_SEARCHED]
    seen = list(islice(lines, _COMPARED))
    return sum(len(line) for line in seen if line in held) / max(1, sum(map(len, seen)))


def _is_told(block: Element, lines: Collection[str], whole: str) -> bool:
    own = _plain(block.text_content())
    # Its fallback breaks lines at every tag, so that a block can be several of its lines.
    return len(own) >= _TELLING and _linked(block) < _LINKED and (own in lines or own in whole)


def _holder(block: Element) -> Element:
    """What the block, or the outermost list or table that it is in, stands in."""
    whole = next(reversed(list(block.iterancestors("table", "ul", "ol", "dl"))), block)
    parent = whole.getparent()
    return whole if parent is None else parent


def _leaves(part: Element) -> Iterator[Element]:
    """Blocks with text of their own."""
    for block in part.iter(*BLOCKS, "td", "th"):
        inner = next(block.iterdescendants(*BLOCKS), None)
        if inner is None or (block.text or "").strip() or any((child.tail or "").strip() for child in block):
            yield block


def _drop_links(part: Element) -> None:
    """Drop blocks that are links only, and the headings above them."""
    for block in list(part.iter("p", "ul", "ol", "div", "section", "dl")):
        if block is part or block.getparent() is None or _linked(block) < _LINKED or _is_in_table(block):
            continue
        heading = block.getprevious()
        drop(block)
        if heading is not None and heading.tag in _HEADINGS[1:] and not (heading.tail or "").strip():
            after = heading.getnext()
            if after is None or after.tag in _HEADINGS:
                drop(heading)


def _drop_link_runs(part: Element) -> None:
    """Drop links that stand between blocks without one of their own, with their label: "Read also", line by line."""
    for parent in list(part.iter()):
        # From the parent's begin, or the end of a block, to the next block: text, and elements with text behind them.
        runs: list[list[Element]] = [[]]
        before: list[Element | None] = [None]
        for child in parent:
            if child.tag in BLOCKS and child.tag != "br":
                runs.append([])
                before.append(child)
            elif isinstance(child.tag, str):
                runs[-1].append(child)
        if len(runs) == 1:
            continue
        for block, run in zip(before, runs, strict=True):
            label = (parent.text if block is None else block.tail) or ""
            letters = len(_plain(label)) + sum(len(_plain(one.text_content() + (one.tail or ""))) for one in run)
            links = [link for one in run for link in one.iter("a") if link.get("href")]
            if len(links) < 2 or sum(len(_plain(link.text_content())) for link in links) < _LINKED * letters:
                continue
            if block is None:
                parent.text = None
            else:
                block.tail = None
            for one in run:
                one.tail = None
                drop(one)


def _is_in_table(block: Element) -> bool:
    return next(block.iterancestors("table"), None) is not None


def _linked(block: Element) -> float:
    """Share of the block's letters that are links."""
    whole = len(_plain(block.text_content()))
    links = sum(len(_plain(link.text_content())) for link in block.iter("a") if link.get("href"))
    return links / whole if whole else 0.0


def _plain(text: str) -> str:
    """Letters and digits only: what is between them, the two renderings write differently."""
    return "".join(filter(str.isalnum, text))
