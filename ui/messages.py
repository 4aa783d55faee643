"""Questions and answers -> the escaped HTML of the conversation. Knows nothing of Gradio or of the panel beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.models import Answer, Citation
from ui.markup import button, escape, note
from ui.strings import Strings

_MARKER = re.compile(r"\[(\d{1,3})\]")


def question_html(question: str, turn: int, strings: Strings, *, editable: bool = False) -> str:
    """What the person asked, as it was typed."""
    edit = (
        f'<div class="acts">{button("act do-edit", f"edit-{turn}", strings.edit, sign="✎")}</div>' if editable else ""
    )
    return f'<div class="question" id="question-{turn}" dir="auto">{escape(question)}</div>{edit}'


def status_html(text: str) -> str:
    """What is being done, until the first word comes."""
    return f'<div class="status">{escape(text)}</div>'


def words_html(text: str) -> str:
    """The answer so far; its markers are no links yet, for their citations are not known."""
    return f'<div class="answer writing" dir="auto">{_with_markers(text, {}, 0, None)}</div>'


def problem_html(message: str, written: str, turn: int, strings: Strings) -> str:
    """Why there is no (whole) answer, after the words that had come, and the way to try again."""
    again = button("act do-retry wide", f"retry-{turn}", strings.retry)
    told = note("problem", "!", strings.problem, message)
    return f"{words_html(written) if written else ''}{told}{_acts(again)}"


def stopped_html(written: str, turn: int, strings: Strings, *, why: str = "") -> str:
    """The words that had come when the answer was stopped, by the person or by the end of the program (`why`)."""
    again = button("act do-retry wide", f"retry-{turn}", strings.retry)
    told = note("halted", "■", why or strings.stopped)
    return f"{words_html(written) if written else ''}{told}{_acts(again)}"


def answer_html(
    answer: Answer, turn: int, strings: Strings, *, rating: str = "", copied: str = "", last: bool = False
) -> str:
    """The whole answer, each marker a link to its sentence, how far it is proven, and what can be done with it.

    `turn` counts the questions of the conversation, so that ids stay apart. `rating` is "up", "down" or "", `copied`
    the text that copying takes.
    """
    lang = escape(answer.language)
    if answer.answered:
        known = {citation.number: citation for citation in answer.citations}
        words = "".join(_claims(answer, known, turn, strings))
        body = f'<div class="answer" lang="{lang}" dir="auto">{words}</div>{_verdict(answer, strings)}'
    else:
        label = note("verdict", "∅", strings.declined)
        body = (
            f'<div class="answer declined" lang="{lang}" dir="auto">{label}{escape(answer.text)}</div>'
            f'<p class="nearby">{escape(strings.declined_note)}</p>'
        )
    acts = [button("act do-copy", f"copy-{turn}", strings.copy, sign="⧉")]
    for way, sign, text in (("up", "👍", strings.thumbs_up), ("down", "👎", strings.thumbs_down)):
        chosen = " pressed" if rating == way else ""
        acts.append(button(f"act do-rate toggle{chosen}", f"rate-{turn}-{way}", text, sign=sign))
    if last:
        acts.append(button("act do-retry", f"retry-{turn}", strings.retry, sign="↻"))
    plain = f'<div class="words" id="plain-{turn}">{escape(copied)}</div>' if copied else ""
    return f"{body}{_acts(*acts)}{plain}"


def _acts(*buttons: str) -> str:
    return f'<div class="acts">{"".join(buttons)}</div>'


def _verdict(answer: Answer, strings: Strings) -> str:
    if any(claim.support == "weak" for claim in answer.claims):
        return note("verdict weak", "≈", strings.weak)
    return note("verdict", "✓", strings.count(strings.proven, len(answer.citations)))


def _claims(answer: Answer, known: Mapping[int, Citation], turn: int, strings: Strings) -> Sequence[str]:
    """The text cut where its claims stand, so that a weak one can look weak; whole where they cannot be found in it."""
    parts: list[str] = []
    at = 0
    for claim in answer.claims:
        start = answer.text.find(claim.text, at)
        if claim.support != "weak" or start < 0:
            continue
        end = start + len(claim.text)
        parts.append(_with_markers(answer.text[at:start], known, turn, strings))
        inside = _with_markers(answer.text[start:end], known, turn, strings)
        parts.append(f'<span class="doubtful">{inside}<span class="sr"> ({escape(strings.claim_weak)})</span></span>')
        at = end
    return [*parts, _with_markers(answer.text[at:], known, turn, strings)]


def _with_markers(text: str, known: Mapping[int, Citation], turn: int, strings: Strings | None) -> str:
    parts: list[str] = []
    at = 0
    for found in _MARKER.finditer(text):
        parts.append(escape(text[at : found.start()]))
        citation = known.get(int(found[1]))
        parts.append(_marker(citation, turn, strings) if citation and strings else escape(found[0]))
        at = found.end()
    parts.append(escape(text[at:]))
    return "".join(parts).replace("&#10;", "<br>")


def _marker(citation: Citation, turn: int, strings: Strings) -> str:
    """A link to the sentence, and beside it, unseen, what the script shows while it is hovered or has the focus."""
    place = f"{turn}-{citation.number}"
    told = " · ".join(
        (
            citation.title or strings.untitled,
            strings.language(citation.language),
            strings.day(citation.published),
        )
    )
    gloss = f'<span class="tip-gloss">{escape(citation.gloss)}</span>' if citation.gloss else ""
    return (
        f'<a class="marker" id="marker-{place}" href="#citation-{place}">'
        f'<span class="sr">{escape(strings.show_source)} </span>{citation.number}</a>'
        f'<span class="tip" id="tip-{place}"><span class="tip-quote" lang="{escape(citation.language)}" dir="auto">'
        f'{escape(citation.quote)}</span>{gloss}<span class="tip-from" dir="auto">{escape(told)}</span></span>'
    )
