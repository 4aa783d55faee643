"""A follow-up question made to stand alone by rules, so that a small model need not.

"And in Ninh Son?" takes the earlier question with the place changed; "Who chaired it?" takes the earlier question's
place along and its words as context for retrieval; a question that names its own place is a subject of its own.
Knows nothing of answers, reports or language models.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

from rag.languages import fold
from rag.questions import Question

# A question of at most so many words may lean on the one before it.
SHORT = 5
_LEAD = "¿¡\"'„“« "
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def standalone(earlier: Question, now: Question) -> tuple[str, str]:
    """The follow-up's text as it stands alone, and words of the earlier question that retrieval should know of.

    Both are unchanged and empty where it is a subject of its own. `earlier` stands alone already.
    """
    lead = now.text.lstrip(_LEAD)
    # A few words are easily taken for another language.
    joined = _starts("joins", now.language, lead) or _starts("joins", earlier.language, lead)
    rest = lead[joined.end() :].strip(" ,") if joined else lead
    short = len(rest.split()) <= SHORT
    bare = now.kind in ("other", "yesno")
    if now.names or now.strangers or now.codes:
        if joined and short and bare:
            return _renamed(earlier, now), now.text
        return now.text, ""
    if joined and short and bare:
        if now.years and earlier.years:
            return _YEAR.sub(str(now.years[0]), earlier.text), now.text
        return f"{earlier.text.rstrip(' ?.')}, {rest.rstrip(' ?.')}?", now.text
    if joined or short or _holds("refers", now.language, lead):
        names = ", ".join(_written(earlier, name) for name in earlier.names)
        text = f"{now.text.rstrip(' ?.')} ({names})?" if names else now.text
        return text, " ".join((earlier.context, earlier.text)).strip()
    return now.text, ""


def _renamed(earlier: Question, now: Question) -> str:
    """The earlier question with its place or name changed for the new one."""
    fresh = _written(now, (now.names or now.strangers or now.codes)[0])
    for old in earlier.names or earlier.strangers or earlier.codes:
        at = fold(earlier.text).find(fold(old))
        if at >= 0:
            return earlier.text[:at] + fresh + earlier.text[at + len(old) :]
    return f"{earlier.text.rstrip(' ?.')} ({fresh})?"


def _written(question: Question, name: str) -> str:
    at = fold(question.text).find(fold(name))
    return question.text[at : at + len(name)] if at >= 0 else name


def _starts(kind: str, language: str, text: str) -> re.Match[str] | None:
    words = _words()[kind].get(language.split("-")[0])
    return re.match(rf"(?:{words})\b", text, re.IGNORECASE) if words else None


def _holds(kind: str, language: str, text: str) -> bool:
    words = _words()[kind].get(language.split("-")[0])
    return bool(words and re.search(rf"\b(?:{words})\b", text, re.IGNORECASE))


@cache
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads(
        (resources.files("rag") / "data" / "followup_words.json").read_text(encoding="utf-8")
    )
    return loaded
