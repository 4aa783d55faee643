"""A page's tree -> the same without the text that nobody sees, by the page's own styles.

Whole elements: not displayed, transparent, clipped away, outside of the page, without size. Text alone, which inner
elements can show again: invisible, without height, in the colour of what is behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tinycss2.color3 import RGBA, parse_color

from rag.sources.page_styles import Declarations, Styles, short_numbers, walk

# CSS pixels beyond the page's edge: authors write -9999px or -100em.
AWAY = 300.0
# Contrast by WCAG 2.2 below which text is not there for a reader; light grey on white, #eee, has 1.16.
LEAST_CONTRAST = 1.1
# Opacity and text height, in CSS pixels, at which nobody reads.
FAINT, TINY = 0.03, 2.0
_PIXELS = {"px": 1.0, "em": 16.0, "rem": 16.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "ex": 8.0,
           "ch": 8.0, "vw": 12.8, "vh": 8.0, "vmin": 8.0, "vmax": 12.8, "%": 12.8, "": 1.0}  # fmt: skip
_LENGTH = re.compile(
    r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(px|r?em|pt|pc|in|cm|mm|ex|ch|v[wh]|vmin|vmax|%|)(?![\w.])"
)
_NUMBER = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(%?)$")
_MOVED = re.compile(r"translate(?:x|y|3d)?\(\s*(-?[\d.]+[a-z%]*)\s*(?:,\s*(-?[\d.]+[a-z%]*))?")
_SCALED = re.compile(r"scale(?:x|y|3d)?\(\s*0*\.?0*\s*[,)]")
_CUT = re.compile(r"inset\(\s*(?:[5-9]\d|100)(?:\.\d+)?%|circle\(\s*0(?:px|%)?\b")
_SIDE = r"(\d+(?:\.\d*)?|\.\d+)"
_RECT = re.compile(rf"rect\(\s*{_SIDE}[a-z]*[\s,]+{_SIDE}[a-z]*[\s,]+{_SIDE}[a-z]*[\s,]+{_SIDE}")
_WHITE, _BLACK = RGBA(1.0, 1.0, 1.0, 1.0), RGBA(0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element's text inherits; the colour behind it is None where it is not known."""

    visible: bool = True
    height: float = 16.0
    colour: RGBA = _BLACK
    behind: RGBA | None = _WHITE

    @property
    def seen(self) -> bool:
        if not self.visible or self.height < TINY or self.colour.alpha <= FAINT:
            return False
        return self.behind is None or _contrast(self.colour, self.behind) >= LEAST_CONTRAST


def drop_unseen(tree: Any, drop: Callable[[Any], None]) -> None:
    """Remove the unseen text from the tree, an lxml element; `drop` takes out one element and keeps what follows it."""
    styles = Styles(tree)
    if not styles.any and tree.find(".//*[@style]") is None and tree.find(".//font") is None:
        return
    # Style sheets elsewhere may colour what is behind.
    known = not any("stylesheet" in (link.get("rel") or "").lower() for link in tree.iter("link"))
    looks: dict[Any, _Look] = {}
    gone: set[Any] = set()
    unseen: list[tuple[Any, bool]] = []
    for element in walk(styles):
        own = element.etree_element
        if element.parent is not None and element.parent.etree_element in gone:
            gone.add(own)
            continue
        told = styles.of(element)
        above = looks[element.parent.etree_element] if element.parent is not None else _Look()
        if element.parent is None and not known:
            above = replace(above, behind=None)
        outer = own.tag in ("html", "body")
        if not outer and _is_gone(told):
            gone.add(own)
            unseen.append((own, True))
            continue
        looks[own] = look = _look(told, above, own)
        # Pages hide their body until a script has run, and show it then.
        if not look.seen and not (outer and not look.visible):
            unseen.append((own, False))
        elif outer:
            looks[own] = replace(look, visible=True)
    for own in tree.iter("*"):
        own.attrib.pop("style", None)  # in which trafilatura looks for words such as "hidden", as in "overflow: hidden"
    for own, whole in unseen:
        if whole:
            drop(own)
            continue
        own.text = None
        for child in own:
            child.tail = " " if child.tail else None


def _look(told: Declarations, above: _Look, own: Any) -> _Look:
    visible = above.visible
    if (said := told.get("visibility", "")) in ("hidden", "collapse", "visible"):
        visible = said == "visible"
    height = _height(told, above.height)
    colour = _colour(
        told.get("-webkit-text-fill-color") or told.get("color") or _named(own.get("color", "")), above.colour
    )
    painted = told.get("background-color") or told.get("background") or _named(own.get("bgcolor", ""))
    behind = None if own.get("background") else above.behind
    if painted and painted not in ("none", "inherit", "initial", "unset"):
        behind = _painted(painted, above.behind)
    return _Look(visible, height, colour, behind)


def _is_gone(told: Declarations) -> bool:
    if told.get("display") == "none" or told.get("content-visibility") == "hidden":
        return True
    if _part(told.get("opacity", "")) <= FAINT or told.get("scale") == "0":
        return True
    if re.search(r"opacity\(\s*0*\.?0*%?\s*\)", told.get("filter", "")) or _SCALED.search(told.get("transform", "")):
        return True
    edges = (told.get(edge, "") for edge in ("left", "right", "top", "bottom"))
    if told.get("position") in ("absolute", "fixed") and (_is_cut(told) or any(_pixels(e) <= -AWAY for e in edges)):
        return True
    if _CUT.search(told.get("clip-path", "")):
        return True
    shifts = [told.get(name, "") for name in ("text-indent", "margin-left", "margin-top", "margin-right")]
    shifts += [shift for match in _MOVED.finditer(told.get("transform", "")) for shift in match.groups() if shift]
    if any(_pixels(shift) <= -AWAY for shift in shifts if not shift.endswith("%")):
        return True
    clipped = any(
        told.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y")
    )
    sizes = [told[name] for name in ("width", "height", "max-width", "max-height") if _LENGTH.match(told.get(name, ""))]
    return clipped and any(_pixels(size) <= 1 for size in sizes)


def _is_cut(told: Declarations) -> bool:
    match = _RECT.search(told.get("clip", ""))
    if match is None:
        return False
    top, right, bottom, left = map(float, match.groups())
    return bottom - top <= 1 or right - left <= 1


def _height(told: Declarations, above: float) -> float:
    said = told.get("font-size", "")
    if not said and (font := told.get("font", "")):
        sizes = (word.partition("/")[0] for word in font.split() if "/" in word or not word.isdigit() or word == "0")
        said = next(filter(_LENGTH.match, sizes), "")
    match = _LENGTH.match(said)
    if match is None:
        return 16.0 if said in ("initial", "medium", "small", "large", "x-large", "smaller", "larger") else above
    value, unit = float(match[1]), match[2]
    return value * above if unit == "em" else value * above / 100 if unit == "%" else value * _PIXELS[unit]


def _colour(said: str, above: RGBA) -> RGBA:
    found = parse_color(said) if said else None
    return found if isinstance(found, RGBA) else above


def _painted(said: str, above: RGBA | None) -> RGBA | None:
    """The colour of a background; None for a picture, and where what is below is not known."""
    if "url(" in said or "gradient(" in said or "image" in said:
        return None
    words = re.findall(r"[a-z-]+\([^()]*\)|#[0-9a-f]+|[a-z]+", said)
    found = next((colour for word in words if isinstance(colour := parse_color(word), RGBA)), None)
    if found is None or found.alpha <= FAINT:
        return above
    if found.alpha < 1:
        return None if above is None else _mixed(found, above)
    return found


def _mixed(front: RGBA, back: RGBA) -> RGBA:
    red, green, blue = (f * front.alpha + b * (1 - front.alpha) for f, b in zip(front[:3], back[:3], strict=True))
    return RGBA(red, green, blue, 1.0)


def _contrast(one: RGBA, other: RGBA) -> float:
    low, high = sorted((_light(_mixed(one, other)), _light(other)))
    return (high + 0.05) / (low + 0.05)


def _light(colour: RGBA) -> float:
    red, green, blue = map(_linear, colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    part = max(0.0, min(1.0, part))
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _named(said: str) -> str:
    """The colour of an old attribute, in which the # of "#ffffff" may be missing."""
    said = short_numbers(said.strip().lower())
    return f"#{said}" if re.fullmatch(r"[0-9a-f]{6}", said) else said


def _part(said: str) -> float:
    match = _NUMBER.match(said)
    return float(match[1]) / (100 if match[2] else 1) if match else 1.0


def _pixels(said: str) -> float:
    match = _LENGTH.match(said)
    return float(match[1]) * _PIXELS[match[2]] if match else 0.0
