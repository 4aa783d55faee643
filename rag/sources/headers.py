"""The header of a text -> `Metadata`: front matter, fields, an address.

Supported are YAML between two lines of "---", lines such as "title: ...", "# date = 2021-03-05" or "Subject: ...", and
an address alone on a line. A field whose value is only a date is the report's date, whatever its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr, parsedate_to_datetime

from rag.language import find_dates
from rag.sources.content import URL, Metadata, one_line

# Where fields may stand, in lines and in code points.
LINES, CHARS = 30, 4_000
# Names of fields, as front matter, Dublin Core and mail call them.
NAMES = {
    "title": ("title", "headline", "subject", "dc.title", "og:title"),
    "date": ("date", "published", "publication_date", "pubdate", "created", "dc.date", "datetime"),
    "authors": ("author", "authors", "by", "byline", "creator", "dc.creator", "from"),
    "url": ("url", "source", "source_url", "link", "canonical", "address"),
    "language": ("language", "lang", "dc.language"),
    "place": ("place", "location", "dateline", "city"),
}
_FIELD = re.compile(r"\s*(?:#+\s*|//\s*|\*\*)?([^\W\d_][\w .-]{0,24}?)(?:\*\*)?\s*[:=](?:\*\*)?\s+(\S.*)")
_REPLIES = re.compile(r"(?:(?:re|aw|sv|fw|fwd|wg|tr|odp)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """The parsed header. `lines`: the stripped lines that are fields, rules or addresses, not part of the report."""

    metadata: Metadata
    place: str = ""
    lines: frozenset[str] = frozenset()


def find_header(text: str, language: str) -> Header:
    """Read the header of a text; `language` (BCP 47) is that of its dates."""
    lines = [line.strip() for line in text[:CHARS].splitlines()][:LINES]
    told: dict[str, str] = {}
    taken: set[str] = set()
    at = 0
    if lines and lines[0] == "---" and "---" in lines[1:]:
        end = lines.index("---", 1)
        told |= _front_matter(lines[1:end])
        taken.update(lines[: end + 1])
        at = end + 1
    # Lines like a field whose name says nothing: "Report number: 12", or a headline. The fields around them decide.
    unnamed: set[str] = set()
    for line in lines[at:]:
        if not line:
            if unnamed:
                break
            continue
        if URL.fullmatch(line):
            told.setdefault("url", line)
        elif (match := _FIELD.fullmatch(line)) and (name := _name_of(match[1], match[2], language)):
            told.setdefault(name, match[2].strip(" \"'"))
        elif match:
            unnamed.add(line)
            continue
        else:
            break
        taken.add(line)
    if "title" in told:
        taken |= unnamed
    return Header(_metadata(told, language), one_line(told.get("place", "")), frozenset(taken))


def _front_matter(lines: Sequence[str]) -> dict[str, str]:
    import yaml  # late: a question needs none of it

    source = "\n".join(lines)
    try:
        # Ten lists of ten aliases each to the one before it hold 10^10 values.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(source, yaml.BaseLoader)):
            raise yaml.YAMLError
        # All values as they are written: otherwise "no" is False, and 2021-43-05 an error.
        held = yaml.load(source, yaml.BaseLoader)  # noqa: S506, it makes strings, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError):
        held = {match[1]: match[2] for line in lines if (match := _FIELD.fullmatch(line))}
    if not isinstance(held, dict):
        return {}
    told: dict[str, str] = {}
    for key, value in held.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values):
            continue
        said = "; ".join(values)
        if (name := _name_of(str(key), said, "und")) and said.strip():
            told.setdefault(name, said.strip())
    return told


def _name_of(key: str, value: str, language: str) -> str:
    """Which field it is; "other" for one that says nothing here, empty for no field at all."""
    plain = key.strip().lower().replace(" ", "_")
    for name, keys in NAMES.items():
        if plain in keys:
            return name
    if _only_date(value, language):
        return "date"
    # Only a machine writes "release_kind"; "Kreis Halvik: ..." is a headline.
    return "other" if "_" in key or plain in ("to", "cc", "tags", "id", "type", "message-id", "reply-to") else ""


def _metadata(told: dict[str, str], language: str) -> Metadata:
    url = URL.search(told.get("url", ""))
    return Metadata(
        title=_REPLIES.sub("", told.get("title", "")).strip(),
        published=_date(told.get("date", ""), language),
        authors=_people(told.get("authors", "")),
        language=told.get("language", ""),
        source_url=url.group().rstrip(").,;") if url else "",
    )


def _date(value: str, language: str) -> date | None:
    try:
        return parsedate_to_datetime(value).date()
    except (ValueError, TypeError, OverflowError):
        pass
    found = [day for day in find_dates(value, language) if day.full]
    return found[0].full if found else None


def _only_date(value: str, language: str) -> bool:
    found = [day for day in find_dates(value, language) if day.full]
    rest = value[: found[0].start] + value[found[0].end :] if len(found) == 1 else value
    return not re.search(r"[^\W\d_]{4}", rest) and len(found) == 1


def _people(value: str) -> tuple[str, ...]:
    """Names; of "Petr Novotny <p@example.org>" the name, and of a bare address none."""
    parts = [parseaddr(part)[0] if "@" in part else part for part in re.split(r"\s*;\s*|\s*,\s*(?=\D)", value)]
    return tuple(part.strip() for part in parts if part.strip() and "@" not in part)
