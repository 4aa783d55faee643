"""Questions and answers -> the escaped HTML of the conversation. Independent of Gradio and of the sources panel."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.models import Answer, Citation
from ui import confidence_words
from ui.filter_words import left_words
from ui.markup import button, escape, facts, note
from ui.strings import Strings

INSTALL = "pip install -e '.[local]'"  # what brings a language model

_MARKER = re.compile(r"\[(\d{1,3})\]")
_QUOTED = re.compile("“[^”]+”")  # the report's own words


def question_html(question: str, turn: int, strings: Strings, *, editable: bool = False) -> str:
    """The user's question, as it was typed."""
    edit = (
        f'<div class="acts">{button("act do-edit", f"edit-{turn}", strings.edit, sign="✎")}</div>' if editable else ""
    )
    return f'<div class="question" id="question-{turn}" dir="auto">{escape(question)}</div>{edit}'


def status_html(text: str) -> str:
    """What is being done, until the first text comes."""
    return f'<div class="status">{escape(text)}</div>'


def lead_html(short: str, likely: float, strings: Strings) -> str:
    """The short answer and its probability, before the text comes; "" while it is not known yet."""
    if not short:
        return ""
    return f'{_short(short)}<span class="odds">{escape(confidence_words.probably(likely, strings))}</span> '


def words_html(text: str, lead: str = "") -> str:
    """The answer so far, after `lead`; its markers are not links yet, since their citations are not known."""
    return f'<div class="answer writing" dir="auto">{lead}{_with_markers(text, {})}</div>'


def problem_html(message: str, written: str, turn: int, strings: Strings, *, lead: str = "", again: bool = True) -> str:
    """Why there is no (whole) answer, after its text so far, and a button to try `again`."""
    told = note("problem", "!", strings.problem, message)
    return f"{words_html(written, lead) if written or lead else ''}{told}{_retry(turn, strings) if again else ''}"


def stopped_html(
    written: str, turn: int, strings: Strings, *, lead: str = "", why: str = "", again: bool = True
) -> str:
    """The text so far of an answer that was stopped, by the user or by the end of the program (`why`)."""
    told = note("halted", "■", why or strings.stopped)
    return f"{words_html(written, lead) if written or lead else ''}{told}{_retry(turn, strings) if again else ''}"


def _retry(turn: int, strings: Strings) -> str:
    return _acts(button("act do-retry wide", f"retry-{turn}", strings.retry))


def answer_html(
    answer: Answer,
    turn: int,
    strings: Strings,
    *,
    rating: str = "",
    copied: str = "",
    last: bool = False,
    install: bool = True,
    stale: str = "",
    again: bool = True,
) -> str:
    """The whole answer, each marker a link to its sentence, its confidence, and what can be done with it.

    `turn` counts the questions of the conversation, so that ids are unique. `rating` is "up", "down" or "", `copied`
    the text for the clipboard. `install` says, below untranslated words, what would translate them. `stale` is what
    has become of the cited reports; `again`, whether a follow-up can be asked as typed.
    """
    lang, direction = escape(answer.language), strings.direction(answer.language)
    if answer.kind == "talk":
        body = f'<div class="answer" lang="{lang}" dir="{direction}">{_with_markers(answer.text, {})}</div>'
    elif answer.answered:
        markers = _markers(answer, turn, strings)
        words = "".join(_claims(answer, markers, strings))
        short = _short(confidence_words.headline(answer))
        body = (
            f'<div class="answer" lang="{lang}" dir="{direction}">{short}{words}</div>{_verdict(answer, strings)}'
            f"{_others(answer, markers, strings)}{_own_words(answer, strings, install=install)}{_left(answer, strings)}"
        )
    elif answer.filtered and not answer.filtered.admitted:
        # Nothing was read, so nothing can be said of the reports.
        label = note("verdict", "▽", strings.no_match)
        body = f'<div class="answer declined">{label}{escape(left_words(answer.filtered, strings))}</div>'
    else:
        label = note("verdict", "∅", strings.declined)
        body = (
            f'<div class="answer declined" lang="{lang}" dir="{direction}">{label}{escape(answer.text)}</div>'
            f'<p class="nearby">{escape(strings.declined_note)}</p>{_left(answer, strings)}'
        )
    acts = [button("act do-copy", f"copy-{turn}", strings.copy, sign="⧉")]
    for way, sign, text in (("up", "👍", strings.thumbs_up), ("down", "👎", strings.thumbs_down)):
        chosen = " pressed" if rating == way else ""
        acts.append(button(f"act do-rate toggle{chosen}", f"rate-{turn}-{way}", text, sign=sign))
    if last:
        acts.append(button("act do-retry", f"retry-{turn}", strings.retry, sign="↻"))
    plain = f'<div class="words" id="plain-{turn}">{escape(copied)}</div>' if copied else ""
    told = note("stale", "⚠", stale) if stale else ""
    return f"{_follows(answer, turn, strings, again=again)}{body}{told}{_acts(*acts)}{plain}"


def erased_html(strings: Strings) -> str:
    """In place of an answer that was erased together with a report that it quoted."""
    return note("halted", "■", strings.erased)


def _follows(answer: Answer, turn: int, strings: Strings, *, again: bool) -> str:
    """The question that a follow-up was read with, and a button to ask it as typed."""
    if not answer.follows:
        return ""
    told = escape(strings.follows.format(question=answer.follows))
    ask = button("act wide do-alone", f"alone-{turn}", strings.as_typed) if again else ""
    return f'<p class="follows" dir="auto">{told} {ask}</p>'


def _left(answer: Answer, strings: Strings) -> str:
    told = left_words(answer.filtered, strings)
    return f'<p class="own">{escape(told)}</p>' if told else ""


def untranslated(answer: Answer) -> tuple[str, ...]:
    """The languages of the reports quoted in their own words because there is no model to translate them."""
    if not answer.answered or answer.models.get("llm") != "none":
        return ()
    quoted = {number for claim in answer.claims if _QUOTED.search(claim.text) for number in claim.citations}
    spoken = (citation.language for citation in answer.citations if citation.number in quoted)
    return tuple(dict.fromkeys(tag for tag in spoken if _primary(tag) != _primary(answer.language)))


def _primary(tag: str) -> str:
    return tag.split("-")[0].lower()


def _acts(*buttons: str) -> str:
    return f'<div class="acts">{"".join(buttons)}</div>'


def _short(text: str) -> str:
    return f'<strong class="short" dir="auto">{escape(text)}</strong>' if text else ""


def _verdict(answer: Answer, strings: Strings) -> str:
    found = confidence_words.verdict(answer, strings)
    if found is None:
        return ""
    return note("verdict", "✓", found.text) if found.proven else note("verdict weak", "≈", found.text)


def _others(answer: Answer, markers: Mapping[int, str], strings: Strings) -> str:
    """The other readings that may be right, each with its marker."""
    # Isolated by `dir`, right-to-left text leaves the figures after it in place.
    told = [
        f'<span lang="{escape(answer.language)}" dir="auto">{escape(one.short)}</span> '
        f"{_with_markers(one.rest, markers)}"
        for one in confidence_words.others(answer, strings)
    ]
    return f'<p class="others">{escape(strings.may_be)} {"; ".join(told)}</p>' if told else ""


def _own_words(answer: Answer, strings: Strings, *, install: bool) -> str:
    tags = untranslated(answer)
    if not tags:
        return ""
    told = escape(strings.own_words.format(languages=strings.list_languages(tags)))
    if install:
        command = escape(INSTALL)
        way = escape(strings.translator.format(command=INSTALL))
        told += " " + way.replace(command, f"<code>{command}</code>")
    return f'<p class="own">{told}</p>'


def _claims(answer: Answer, markers: Mapping[int, str], strings: Strings) -> Sequence[str]:
    """The text cut at its claims, so that a weak one can look weak; whole if they cannot be found in it."""
    parts: list[str] = []
    at = 0
    # For a single claim, the verdict already shows how likely it is.
    kind = "odds" if len(answer.claims) > 1 else "sr"
    for claim in answer.claims:
        start = answer.text.find(claim.text, at)
        if claim.support != "weak" or start < 0:
            continue
        end = start + len(claim.text)
        parts.append(_with_markers(answer.text[at:start], markers))
        inside = _with_markers(answer.text[start:end], markers)
        said = escape(confidence_words.probably(claim.probability, strings))
        parts.append(f'<span class="doubtful">{inside}<span class="{kind}"> · {said}</span></span>')
        at = end
    return [*parts, _with_markers(answer.text[at:], markers)]


def _with_markers(text: str, markers: Mapping[int, str]) -> str:
    """Escaped text, with its known markers as links."""
    parts: list[str] = []
    at = 0
    for found in _MARKER.finditer(text):
        parts.append(escape(text[at : found.start()]))
        parts.append(markers.get(int(found[1])) or escape(found[0]))
        at = found.end()
    parts.append(escape(text[at:]))
    return "".join(parts).replace("&#10;", "<br>")


def _markers(answer: Answer, turn: int, strings: Strings) -> dict[int, str]:
    said = confidence_words.beside_quotes(answer, strings)
    return {one.number: _marker(one, said.get(one.number, ""), turn, strings) for one in answer.citations}


def _marker(citation: Citation, said: str, turn: int, strings: Strings) -> str:
    """A link to the sentence, and a hidden tip beside it, which the script shows on hover or focus."""
    place = f"{turn}-{citation.number}"
    told = " · ".join((citation.title or strings.untitled, *facts(citation, strings)))
    gloss = f'<span class="tip-gloss">{escape(citation.gloss)}</span>' if citation.gloss else ""
    odds = f'<span class="tip-odds" dir="auto">{escape(said)}</span>' if said else ""
    return (
        f'<a class="marker" id="marker-{place}" href="#citation-{place}">'
        f'<span class="sr">{escape(strings.show_source)} </span>{citation.number}</a>'
        f'<span class="tip" id="tip-{place}"><span class="tip-quote" lang="{escape(citation.language)}" dir="auto">'
        f'{escape(citation.quote)}</span>{gloss}{odds}<span class="tip-from" dir="auto">{escape(told)}</span></span>'
    )
