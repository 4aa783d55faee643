"""A page's own style sheets -> which element has which declarations: the cascade of CSS, for hiding alone.

Inline styles and `<style>` elements count, as a browser of a desk's width shows them on a screen. Style sheets at other
addresses are not fetched. Rules that depend on what a person does (`:hover`) or that use `:has()` do not apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cssselect2
import tinycss2
from cssselect2.compiler import CompiledSelector
from cssselect2.parser import SelectorError
from cssselect2.parser import parse as parse_selectors

# What can hide text or show it again.
PROPERTIES = frozenset(
    "display visibility opacity content-visibility filter scale transform font-size font color background "
    "background-color -webkit-text-fill-color position left right top bottom text-indent clip clip-path width height "
    "max-width max-height overflow overflow-x overflow-y margin-left margin-right margin-top".split()
)
# CSS pixels of a screen on a desk.
WIDE = 1280
# Steps of matching that a page may ask for, some ten seconds: a selector of six blanks over a thousand nested elements
# asks for 10^15.
STEPS = 20_000_000
# Code points of a value; a variable can stand for two of itself.
LONGEST = 1_000
# Steps that one selector costs an element.
_TEST = 10
_INTERESTING = re.compile("|".join(map(re.escape, sorted(PROPERTIES))), re.IGNORECASE)
_OTHERWISE = re.compile(
    r"prefers-color-scheme\s*:\s*dark|prefers-reduced-motion\s*:\s*reduce|prefers-contrast|forced-colors|"
    r"hover\s*:\s*none|pointer\s*:\s*coarse|orientation\s*:\s*portrait|scripting\s*:\s*none"
)
_WIDTH = re.compile(r"(min|max)-width\s*:\s*([\d.]+)\s*(px|em|rem)|width\s*(<=?|>=?)\s*([\d.]+)\s*(px|em|rem)")
_VAR = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_EM = 16
# Python makes no integer of more than 4,300 digits; the first 300 are more than any length has.
_DIGITS = re.compile(r"(\d{300})\d+")

Declarations = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Rule:
    """Values of properties, with whether each is `!important`."""

    values: Mapping[str, tuple[str, bool]]


class IntricateError(Exception):
    """What a page's styles hide cannot be told within `STEPS`."""


class Styles:
    """The style sheets of a page's tree, an lxml element; `of` tells what holds for one of its elements.

    All of it raises `IntricateError` and RecursionError for style sheets made to take for ever.
    """

    def __init__(self, tree: Any) -> None:
        self._left = STEPS
        spend = self._spend

        class Counted(cssselect2.ElementWrapper):  # type: ignore[misc]
            """An element whose kin are counted each time a selector looks at them."""

            @property
            def ancestors(self) -> Any:
                found = super().ancestors
                spend(len(found))
                return found

            @property
            def previous_siblings(self) -> Any:
                spend(self.index)
                return super().previous_siblings

            def iter_siblings(self) -> Iterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
                spend(len(self.parent.etree_element) if self.parent else 1)
                return super().iter_siblings()  # type: ignore[no-any-return]

        class Matcher(cssselect2.Matcher):  # type: ignore[misc]
            """A matcher whose tests are counted."""

            def add_relevant_selectors(  # pyright: ignore[reportIncompatibleMethodOverride]
                self, element: Any, selectors: Any, relevant_selectors: Any
            ) -> None:
                spend(len(selectors) * _TEST)
                super().add_relevant_selectors(element, selectors, relevant_selectors)

        self.root = Counted.from_html_root(tree)
        self._matcher = Matcher()
        self._variables: dict[str, str] = {}
        self.any = False
        for style in tree.iter("style"):
            named = (style.get("type") or "text/css").strip().lower()
            if named == "text/css" and next(style.iterancestors("noscript"), None) is None:
                if _applies(style.get("media") or ""):
                    self._add(tinycss2.parse_stylesheet(short_numbers(style.text or ""), True, True))

    def of(self, element: Any) -> Declarations:
        """Property -> value in lower case, of a wrapped element of `root`."""
        found: dict[str, tuple[tuple[Any, ...], str]] = {}
        rules = [(specificity, order, rule) for specificity, order, _, rule in self._matcher.match(element)]
        if inline := element.etree_element.get("style"):
            held = tinycss2.parse_blocks_contents(short_numbers(inline), True, True)
            rules.append(((1_000, 0, 0), 0, _rule(held)))
        for specificity, order, rule in rules:
            for name, (value, important) in rule.values.items():
                weight = (important, specificity, order)
                if name not in found or weight >= found[name][0]:
                    found[name] = weight, value
        return {name: self._told(value) for name, (_, value) in found.items()}

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise IntricateError

    def _told(self, value: str) -> str:
        for _ in range(4):
            if "var(" not in value:
                break
            value = _VAR.sub(lambda match: self._variables.get(match[1], match[2] or ""), value)[:LONGEST]
        return value.strip()

    def _add(self, rules: Sequence[Any]) -> None:
        for rule in rules:
            if rule.type == "at-rule" and rule.content is not None:
                name = rule.lower_at_keyword
                if name in ("supports", "layer") or (name == "media" and _applies(tinycss2.serialize(rule.prelude))):
                    self._add(tinycss2.parse_rule_list(rule.content, True, True))
            elif rule.type == "qualified-rule":
                self._add_rule(rule)

    def _add_rule(self, rule: Any) -> None:
        body = tinycss2.serialize(rule.content)
        if "--" in body:
            for held in tinycss2.parse_blocks_contents(rule.content, True, True):
                if held.type == "declaration" and held.name.startswith("--"):
                    self._variables[held.name] = tinycss2.serialize(held.value).strip().lower()
        if not _INTERESTING.search(body) or ":has(" in tinycss2.serialize(rule.prelude):
            return
        made = _rule(tinycss2.parse_blocks_contents(rule.content, True, True))
        if not made.values:
            return
        try:
            selectors = list(parse_selectors(rule.prelude))
        except SelectorError:
            return
        for selector in selectors:
            if selector.pseudo_element is not None:
                continue
            try:
                self._matcher.add_selector(CompiledSelector(selector), made)
            except (SelectorError, NotImplementedError):
                continue
            self.any = True


def short_numbers(said: str) -> str:
    """The same without numbers that are too long to be read."""
    return _DIGITS.sub(r"\1", said)


def _rule(held: Sequence[Any]) -> _Rule:
    return _Rule(
        {
            one.lower_name: (tinycss2.serialize(one.value).strip().lower(), one.important)
            for one in held
            if one.type == "declaration" and one.lower_name in PROPERTIES
        }
    )


def _applies(media: str) -> bool:
    """Whether a media query holds on the screen of a desk."""
    queries = [query.strip().lower() for query in media.split(",")]
    return not media.strip() or any(map(_holds, queries))


def _holds(query: str) -> bool:
    wide = all(_is_wide(*match.groups("")) for match in _WIDTH.finditer(query))
    kind = next(iter(re.findall(r"^(?:only\s+|not\s+)?([a-z]+)", query)), "all")
    held = wide and kind in ("all", "screen", "not", "only", "and") and not _OTHERWISE.search(query)
    return not held if query.startswith("not ") else held


def _is_wide(edge: str, size: str, unit: str, sign: str, other: str, own: str) -> bool:
    try:
        pixels = float(size or other) * (1 if (unit or own) == "px" else _EM)
    except ValueError:  # "1..2px": a query that is not well formed holds nowhere
        return False
    return WIDE >= pixels if edge == "min" or sign.startswith(">") else pixels >= WIDE


def walk(styles: Styles) -> Iterator[Any]:
    """The wrapped elements of the page, parents first."""
    return iter(styles.root.iter_subtree())
